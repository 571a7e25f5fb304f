"""Text messages: a real gateway over HTTP, the few words they may hold, and who is asked first."""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from matchsvc import db
from matchsvc.messages import texts
from matchsvc.messages.models import MessageState, RecipientKind, Via
from matchsvc.messages.outbox import deliver_due
from matchsvc.messages.short import Receiver, queue_code, queue_notice, queue_time, when
from tests.factories import TODAY

PHONE = "+46701740615"


@pytest.fixture
def text(outbox):
    def queue(**values):
        return outbox(**{"channel": Via.TEXT, "recipient": PHONE, "body": "Du har"} | values)[0]

    return queue


def test_a_text_message_is_one_post_with_a_key_that_stays(text, phones, served, row):
    message_id = text()
    assert deliver_due(served, TODAY) == 1
    (said,), ((path, headers),) = phones.taken, phones.asked
    key = row(message_id).message_id.strip("<>").partition("@")[0]
    assert said == {"id": key, "to": PHONE, "from": "Enheten", "text": "Du har"}
    assert path == "/send"
    assert headers["Idempotency-Key"] == key
    assert base64.b64decode(headers["Authorization"].split()[1]) == b"enheten:hem@ligt"
    assert row(message_id).state is MessageState.SENT
    assert row(message_id).body is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (201, MessageState.SENT),
        (302, MessageState.QUEUED),
        (401, MessageState.QUEUED),
        (429, MessageState.QUEUED),
        (503, MessageState.QUEUED),
        (400, MessageState.FAILED),
        (422, MessageState.FAILED),
        (500, MessageState.UNCERTAIN),
        (504, MessageState.UNCERTAIN),
    ],
)
def test_what_the_gateway_answers_decides_what_becomes_of_it(
    text, phones, served, row, status, state
):
    phones.answer = status
    message_id = text()
    deliver_due(served, TODAY)
    assert row(message_id).state is state
    assert row(message_id).last_error == str(status)


def test_a_gateway_that_hangs_up_or_is_silent_leaves_it_uncertain_and_it_is_not_tried_again(
    text, phones, served, row, monkeypatch
):
    phones.hangs_up = True
    hung_up = text()
    deliver_due(served, TODAY)
    phones.hangs_up, phones.pause = False, 0.6
    monkeypatch.setattr(texts, "TIMEOUT_SECONDS", 0.2)
    silent = text()
    deliver_due(served, TODAY)
    phones.pause = 0
    deliver_due(served, TODAY, clock=lambda: db.utcnow() + timedelta(days=1))
    assert row(hung_up).state is row(silent).state is MessageState.UNCERTAIN
    assert len(phones.taken) == 2


def test_a_gateway_that_is_away_is_tried_later_and_the_mail_goes_meanwhile(
    text, outbox, inbox, served, row
):
    message_id = text()
    (letter,) = outbox()
    away = dataclasses.replace(served, sms_url="http://127.0.0.1:9/")
    assert deliver_due(away, TODAY) == 1
    assert row(message_id).state is MessageState.QUEUED
    assert row(message_id).last_error == "ConnectionRefusedError"
    assert row(letter).state is MessageState.SENT


def test_without_a_gateway_text_messages_stay(text, served, row):
    message_id = text()
    assert deliver_due(dataclasses.replace(served, sms_url=None), TODAY) == 0
    assert row(message_id).state is MessageState.QUEUED


def test_a_notice_says_that_there_is_a_message_and_where_and_never_goes_to_a_participant(
    session, make
):
    receiver = Receiver(RecipientKind.CONTACT, uuid4(), PHONE)
    unit_id = make.unit().id
    address = "https://x.example/l/abc"
    made = queue_notice(session, receiver, unit_id=unit_id, kind="digest", address=address)
    assert made.body == "Du har ett meddelande: https://x.example/l/abc"
    her = dataclasses.replace(receiver, kind=RecipientKind.PARTICIPANT)
    with pytest.raises(ValueError, match="not for participants"):
        queue_notice(session, her, unit_id=unit_id, kind="digest", address=address)


def test_a_time_says_day_hour_and_the_units_phone_alone(session, make):
    made = queue_time(
        session,
        Receiver(RecipientKind.PARTICIPANT, uuid4(), PHONE),
        unit_id=make.unit().id,
        kind="meeting_reminder",
        starts_at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
        unit_phone="+4647012345",
    )
    assert made.body == ("Påminnelse: du har en tid tis 24/11 kl. 09.00. Frågor? Ring 0470-123 45.")
    assert made.is_reminder
    assert made.not_after == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_times_are_those_of_clocks_in_stockholm_on_both_sides_of_a_change():
    assert when(datetime(2027, 3, 26, 8, 0, tzinfo=UTC)) == "fre 26/3 kl. 09.00"
    assert when(datetime(2027, 3, 29, 8, 0, tzinfo=UTC)) == "mån 29/3 kl. 10.00"
    assert when(datetime(2026, 10, 23, 8, 0, tzinfo=UTC)) == "fre 23/10 kl. 10.00"
    assert when(datetime(2026, 10, 26, 8, 0, tzinfo=UTC)) == "mån 26/10 kl. 09.00"


def test_who_is_written_to_by_reference_is_asked_for_again_and_in_doubt_gets_nothing(
    outbox, inbox, served, row
):
    who = uuid4()
    (asked,) = outbox(to=(RecipientKind.PARTICIPANT, who))
    assert deliver_due(served, TODAY) == 0  # nobody answers for participants here
    assert row(asked).state is MessageState.QUEUED

    def says_no(_session, _message):
        return "protected"

    assert deliver_due(served, TODAY, gates={RecipientKind.PARTICIPANT: says_no}) == 0
    stopped = row(asked)
    assert (stopped.state, stopped.last_error) == (MessageState.CANCELLED, "withheld:protected")
    assert stopped.body is None
    assert inbox.received == []


def test_a_message_goes_to_the_address_that_holds_when_it_leaves(outbox, inbox, served):
    outbox(to=(RecipientKind.CONTACT, uuid4()))

    def corrects(_session, message):
        message.recipient = "petra.ny@example.org"

    assert deliver_due(served, TODAY, gates={RecipientKind.CONTACT: corrects}) == 1
    assert inbox.recipients == ["petra.ny@example.org"]


def test_what_is_of_no_use_any_more_is_taken_back(text, phones, served, row):
    late = text(not_after=db.utcnow() - timedelta(minutes=1))
    assert deliver_due(served, TODAY) == 0
    assert row(late).last_error == "withheld:too_late"
    assert phones.taken == []


def queued_code(unit_of, until):
    with db.begin() as session:
        return queue_code(
            session, PHONE, unit_id=unit_of, kind="link_code", code="012345", not_after=until
        ).id


def test_a_code_is_sent_also_at_night_and_never_after_its_ten_minutes(
    text, phones, served, row, said_by_the_unit
):
    said_by_the_unit(quiet_from="19", quiet_until="7", quiet_days_off="1")
    night = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)  # a Sunday
    unit_id = row(text(is_reminder=True)).unit_id  # a reminder waits for Monday
    ten_minutes = night + timedelta(minutes=10)
    code = queued_code(unit_id, ten_minutes)
    assert deliver_due(served, TODAY, clock=lambda: night) == 1
    (said,) = phones.taken
    assert said["text"].startswith("Koden är 012345.")
    assert row(code).body is None  # nobody reads it afterwards
    late = queued_code(unit_id, ten_minutes)
    assert deliver_due(served, TODAY, clock=lambda: ten_minutes) == 0
    assert row(late).last_error == "withheld:too_late"
    assert row(late).body is None
