from __future__ import annotations

import pytest

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.demo.town import make_town
from tests.demo.factories import BASE_URL, COMMAND, NOW, TODAY


@pytest.fixture(scope="module")
def town(engine):
    """The default town, made once a module and rolled back after it."""
    with engine.connect() as connection:
        transaction = connection.begin()
        db.bind_to_connection(connection)
        with db._write() as session:
            make_town(session, COMMAND, base_url=BASE_URL, today=TODAY, now=NOW)
            session.commit()
            session.expunge_all()
            yield session
        transaction.rollback()
        db.bind(engine)


@pytest.fixture
def staff(town):
    """A member of the town's staff as an actor: ``staff("johan.ekdal")``."""

    def actor(name):
        user = accounts.find_user_by_email(town, f"{name}@lindvalla.example")
        return accounts.actor_of(town, user.id)

    return actor
