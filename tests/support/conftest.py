"""A placement with two contacts at the workplace, a link, and a clock set to the rules' day."""

from __future__ import annotations

import pytest
import time_machine

from matchsvc.accounts.models import Role
from matchsvc.support import links
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started, world

CLOCK = {"today": TODAY, "now": NOW}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def there(session, make):
    """Samira Haddad at Kvarnköket, with Petra and Olle there, and Maja as the liaison."""
    place = world(make, given_name="Samira", family_name="Haddad")
    place.olle = make.contact(
        place.employer, name="Olle Berg", sort_key="berg olle", email="olle@example.org"
    )
    started(session, make, there=place)
    place.maja = make.actor(user=place.liaison)
    place.manager = make.actor(Role.UNIT_MANAGER)
    return place


@pytest.fixture
def link(session, there):
    """``link(contact)``: a new link's token, made by the liaison."""

    def make_one(contact=None, **clock):
        token, _row = links.make_link(
            session,
            there.maja,
            there.placement.id,
            (contact or there.contact).id,
            base_url=URL,
            **(CLOCK | clock),
        )
        return token

    return make_one


@pytest.fixture
def token(link):
    return link()


@pytest.fixture
def opened(session, token):
    return links.open_link(session, token, now=NOW)


@pytest.fixture
def visitor(app):
    """Somebody without an account."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True
