"""Six digits before anything personal: hashed, ten minutes, five tries, not too many."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.errors import RuleViolation
from matchsvc.messages import codes
from matchsvc.messages.models import LinkCode, MessageState, OutboxMessage
from matchsvc.participants.consent_models import Category, Consent, ConsentAnswer, ConsentScope
from matchsvc.participants.consent_models import Party as ConsentParty
from matchsvc.support import links
from matchsvc.support.overview import read_personal
from tests.factories import TODAY
from tests.placements.factories import NOW


def sent_code(session):
    found = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.kind == "link_code", OutboxMessage.state == MessageState.QUEUED)
        .order_by(OutboxMessage.created_at.desc())
    ).first()
    return re.search(r"Koden är (\d{6})", found.body)[1], found


def wrong(code):
    return "000000" if code != "000000" else "111111"


def test_the_code_goes_to_the_registered_address_and_is_kept_hashed(session, opened):
    codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    code, letter = sent_code(session)
    assert letter.recipient == "petra@example.org"
    row = session.scalar(select(LinkCode))
    assert code not in row.code_hash
    assert len(row.code_hash) == 64


def test_the_right_code_opens_for_half_an_hour_and_once(session, opened):
    codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    code, _letter = sent_code(session)
    key = codes.try_code(session, opened.signed, f"{code[:3]} {code[3:]}", now=NOW)
    assert codes.has_shown_code(session, opened.signed, key, now=NOW)
    assert not codes.has_shown_code(session, opened.signed, key, now=NOW + timedelta(minutes=31))
    assert codes.try_code(session, opened.signed, code, now=NOW) is None


def test_a_code_is_old_after_ten_minutes(session, opened):
    codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    code, _letter = sent_code(session)
    assert codes.try_code(session, opened.signed, code, now=NOW + timedelta(minutes=10)) is None


def test_five_wrong_tries_wear_it_out(session, opened):
    codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    code, _letter = sent_code(session)
    for _ in range(5):
        assert codes.try_code(session, opened.signed, wrong(code), now=NOW) is None
    assert codes.try_code(session, opened.signed, code, now=NOW) is None


def test_a_new_code_stops_the_one_before(session, opened):
    codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    first, _letter = sent_code(session)
    later = NOW + timedelta(minutes=1)
    codes.send_code(session, opened.signed, opened.contact.email, now=later)
    second, _letter = sent_code(session)
    if first != second:
        assert codes.try_code(session, opened.signed, first, now=later) is None
    assert codes.try_code(session, opened.signed, second, now=later)


def test_not_more_than_three_an_hour(session, opened):
    for _ in range(3):
        codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    with pytest.raises(RuleViolation) as refused:
        codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    assert refused.value.code == "too_many_codes"
    codes.send_code(
        session, opened.signed, opened.contact.email, now=NOW + timedelta(hours=1, minutes=1)
    )


def test_without_an_address_nothing_is_sent(session, there, opened):
    there.contact.email = None
    session.flush()
    with pytest.raises(RuleViolation):
        codes.send_code(session, opened.signed, opened.contact.email, now=NOW)


def test_a_session_is_good_for_its_own_link_alone(session, there, link, opened):
    codes.send_code(session, opened.signed, opened.contact.email, now=NOW)
    code, _letter = sent_code(session)
    key = codes.try_code(session, opened.signed, code, now=NOW)
    other = links.open_link(session, link(there.olle), now=NOW)
    assert not codes.has_shown_code(session, other.signed, key, now=NOW)
    links.revoke(session, there.maja, there.placement.id, opened.row.id, today=TODAY, now=NOW)
    assert not codes.has_shown_code(session, opened.signed, key, now=NOW)


def test_the_name_is_told_only_while_a_consent_stands(session, make, there, opened):
    assert read_personal(session, opened, today=TODAY).name is None
    consent = Consent(
        participant_id=there.participant.id,
        unit_id=there.participant.unit_id,
        answer=ConsentAnswer.GIVEN,
        valid_from=TODAY,
        valid_until=TODAY + timedelta(days=60),
        text_version="1",
        text_language="sv",
        content_hash="x",
        recorded_by_id=there.worker.id,
    )
    make.save(consent)
    make.save(
        ConsentScope(consent_id=consent.id, party=ConsentParty.EMPLOYER, category=Category.CONTACT)
    )
    assert read_personal(session, opened, today=TODAY).name == "Samira Haddad"
    assert read_personal(session, opened, today=TODAY + timedelta(days=61)).name is None
