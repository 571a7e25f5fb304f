"""Six digits before anything personal: hashed, ten minutes, five tries, not too many."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.errors import RuleViolation
from matchsvc.messages import codes
from matchsvc.messages.models import LinkCode, MessageState, OutboxMessage, Via
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


def by_mail(opened):
    return codes.choose_way(codes.ways_to(opened.contact.email, None, has_texts=True), Via.EMAIL)


def by_text(opened):
    ways = codes.ways_to(opened.contact.email, opened.contact.phone, has_texts=True)
    return codes.choose_way(ways, Via.TEXT)


def wrong(code):
    return "000000" if code != "000000" else "111111"


def test_the_code_goes_to_the_registered_address_and_is_kept_hashed(session, opened):
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    code, letter = sent_code(session)
    assert letter.recipient == "petra@example.org"
    row = session.scalar(select(LinkCode))
    assert code not in row.code_hash
    assert len(row.code_hash) == 64


def test_the_right_code_opens_for_half_an_hour_and_once(session, opened):
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    code, _letter = sent_code(session)
    key = codes.try_code(session, opened.signed, f"{code[:3]} {code[3:]}", now=NOW)
    assert codes.has_shown_code(session, opened.signed, key, now=NOW)
    assert not codes.has_shown_code(session, opened.signed, key, now=NOW + timedelta(minutes=31))
    assert codes.try_code(session, opened.signed, code, now=NOW) is None


def test_a_code_is_old_after_ten_minutes(session, opened):
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    code, _letter = sent_code(session)
    assert codes.try_code(session, opened.signed, code, now=NOW + timedelta(minutes=10)) is None


def test_five_wrong_tries_wear_it_out(session, opened):
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    code, _letter = sent_code(session)
    for _ in range(5):
        assert codes.try_code(session, opened.signed, wrong(code), now=NOW) is None
    assert codes.try_code(session, opened.signed, code, now=NOW) is None


def test_a_new_code_stops_the_one_before(session, opened):
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    first, _letter = sent_code(session)
    later = NOW + timedelta(minutes=1)
    codes.send_code(session, opened.signed, by_mail(opened), now=later)
    second, _letter = sent_code(session)
    if first != second:
        assert codes.try_code(session, opened.signed, first, now=later) is None
    assert codes.try_code(session, opened.signed, second, now=later)


def test_not_more_than_three_an_hour(session, opened):
    for _ in range(3):
        codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    with pytest.raises(RuleViolation) as refused:
        codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    assert refused.value.code == "too_many_codes"
    codes.send_code(
        session, opened.signed, by_mail(opened), now=NOW + timedelta(hours=1, minutes=1)
    )


def test_without_an_address_nothing_is_sent(session, there, opened):
    there.contact.email = None
    session.flush()
    with pytest.raises(RuleViolation) as refused:
        codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    assert refused.value.code == "no_address"


PHONE = "+46701740605"


@pytest.mark.parametrize(
    ("email", "phone", "prefers", "has_texts", "ways"),
    [
        ("a@example.org", None, False, True, ["email"]),
        (None, PHONE, False, True, ["text"]),
        ("a@example.org", PHONE, False, True, ["email", "text"]),
        ("a@example.org", PHONE, True, True, ["text", "email"]),
        ("a@example.org", "+46841500101", True, True, ["email"]),  # no mobile telephone
        (None, PHONE, False, False, []),  # no gateway
        (" ", None, False, True, []),
    ],
)
def test_a_code_goes_where_something_is_registered_and_the_chosen_way_is_first(
    email, phone, prefers, has_texts, ways
):
    found = codes.ways_to(email, phone, prefers_text=prefers, has_texts=has_texts)
    assert [each.via.value for each in found] == ways


@pytest.mark.parametrize(
    ("way", "shown"),
    [
        (codes.Way(Via.TEXT, PHONE), "070-… 05"),
        (codes.Way(Via.TEXT, "+4791234567"), "+47 … 67"),
        (codes.Way(Via.EMAIL, "petra.holm@example.org"), "p…@example.org"),
    ],
)
def test_the_page_shows_so_much_of_an_address_that_its_owner_knows_it(way, shown):
    assert way.masked == shown


def test_a_code_as_a_text_message_says_nothing_else_and_opens_as_one_by_mail(session, opened):
    opened.contact.phone = PHONE
    codes.send_code(session, opened.signed, by_text(opened), now=NOW)
    code, text = sent_code(session)
    assert (text.channel, text.recipient) == (Via.TEXT, PHONE)
    assert text.body == (
        f"Koden är {code}. Den gäller i tio minuter. In English: your code, for ten minutes."
    )
    assert len(text.body) <= 160
    assert text.not_after == NOW + codes.LASTS
    key = codes.try_code(session, opened.signed, code, now=NOW)
    assert codes.has_shown_code(session, opened.signed, key, now=NOW)


def test_the_ways_share_the_limit_and_a_code_by_one_stops_that_by_the_other(session, opened):
    opened.contact.phone = PHONE
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    first, letter = sent_code(session)
    codes.send_code(session, opened.signed, by_text(opened), now=NOW)
    session.refresh(letter)
    assert letter.state is MessageState.CANCELLED
    second, _text = sent_code(session)
    if first != second:
        assert codes.try_code(session, opened.signed, first, now=NOW) is None
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
    with pytest.raises(RuleViolation) as refused:
        codes.send_code(session, opened.signed, by_text(opened), now=NOW)
    assert refused.value.code == "too_many_codes"


def test_a_session_is_good_for_its_own_link_alone(session, there, link, opened):
    codes.send_code(session, opened.signed, by_mail(opened), now=NOW)
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
