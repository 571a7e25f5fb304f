"""What is taken away while somebody outside reads: her next request shows nothing of it.

The contact at the workplace has opened her link, written the six digits and read the name that a
consent lets her read; then something changes in another transaction.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.messages.models import OutboxMessage
from matchsvc.participants import protection
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    Party,
    RevokedHow,
)
from matchsvc.participants.consents import Answer, answer_consent, revoke_consent
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome
from matchsvc.rights.models import RestrictionGround
from matchsvc.rights.restriction import Restricted, restrict
from matchsvc.support import links
from tests.factories import TODAY
from tests.placements.factories import NOW, URL
from tests.support.conftest import CLOCK

NAME = "Samira"
PAGES = ("", "/schedule", "/schedule.ics", "/how", "/personal")


@pytest.fixture
def reading(session, there, token, visitor):
    """The contact's browser, which shows the name; and the path of her page."""
    answer = Answer(
        ConsentAnswer.GIVEN,
        frozenset({(Party.EMPLOYER, Category.CONTACT)}),
        valid_until=TODAY + timedelta(days=60),
    )
    answer_consent(session, there.actor, there.participant.id, answer, **CLOCK)
    session.commit()
    path = f"/l/{token}"
    visitor.post(f"{path}/code/send")
    session.expire_all()
    letter = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "link_code")).one()
    code = re.search(r"\d{6}", letter.body)[0]
    visitor.post(f"{path}/code", data={"code": code})
    assert NAME in visitor.get(f"{path}/personal").get_data(as_text=True)
    return visitor, path


def shown(reading):
    """Status and text of each page of the link."""
    client, path = reading
    answers = {page: client.get(f"{path}{page}") for page in PAGES}
    return {page: (one.status_code, one.get_data(as_text=True)) for page, one in answers.items()}


def test_a_consent_that_is_taken_back_takes_the_name_and_nothing_else(session, there, reading):
    consent = session.scalars(select(Consent)).one()
    revoke_consent(
        session, there.actor, there.participant.id, consent.id, how=RevokedHow.BY_PHONE, **CLOCK
    )
    session.commit()
    found = shown(reading)
    assert not any(NAME in text for _status, text in found.values())
    assert {status for status, _text in found.values()} == {200}


def test_a_consent_whose_last_day_has_passed_takes_the_name(session, there, reading, clock):
    """Not before: on the last day itself it stands."""
    consent = session.scalars(select(Consent)).one()
    consent.valid_from, consent.valid_until = TODAY - timedelta(days=9), TODAY
    session.commit()
    assert NAME in shown(reading)["/personal"][1]
    consent.valid_until = TODAY - timedelta(days=1)
    session.commit()
    assert not any(NAME in text for _status, text in shown(reading).values())


def stop_link(session, there, token):
    row = links.open_link(session, token, now=NOW).row
    links.revoke(session, there.maja, there.placement.id, row.id, **CLOCK)


def replace_link(session, there, token):
    links.make_link(
        session, there.maja, there.placement.id, there.contact.id, base_url=URL, **CLOCK
    )


def mark_protected(session, there, token):
    protection.protect(session, there.actor, there.participant.id, today=TODAY)


def restrict_her(session, there, token):
    why = Restricted(RestrictionGround.ACCURACY, "Personen säger att uppgifterna är fel.")
    restrict(session, there.actor, there.participant.id, why, today=TODAY)


def archive_her(session, there, token):
    there.participant.archived_at = NOW
    there.participant.archived_by_id = there.worker.id
    there.participant.archived_reason = "Inläst två gånger."


def contact_leaves(session, there, token):
    there.contact.is_active = False


@pytest.mark.parametrize(
    "change",
    [stop_link, replace_link, mark_protected, restrict_her, archive_her, contact_leaves],
)
def test_an_open_session_of_a_link_opens_nothing_once_the_link_is_gone(
    session, there, token, reading, change
):
    change(session, there, token)
    session.commit()
    found = shown(reading)
    assert not any(NAME in text for _status, text in found.values())
    assert 200 not in {status for status, _text in found.values()}, found.keys()


def test_a_placement_that_has_ended_shuts_the_link_thirty_days_later_not_before(
    session, there, reading, clock
):
    end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, **CLOCK,
    )  # fmt: skip
    session.commit()
    assert shown(reading)[""][0] == 200
    clock.shift(timedelta(days=31))
    assert 200 not in {status for status, _text in shown(reading).values()}
