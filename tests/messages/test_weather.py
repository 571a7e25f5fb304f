"""Mail servers on bad days: down for a day, slow, full, choosy. And quiet hours."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest

from matchsvc import db
from matchsvc.messages import mail
from matchsvc.messages.models import MessageState
from matchsvc.messages.outbox import deliver_due
from matchsvc.messages.quiet import Quiet, first_open
from tests.factories import TODAY

NIGHT = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)  # ten in the evening


def at(instant):
    return lambda: instant


def test_a_server_that_is_down_for_a_day_loses_nothing_and_nobody_need_do_anything(
    outbox, inbox, served, row
):
    made = outbox(5)
    nobody = dataclasses.replace(served, smtp_url="smtp://127.0.0.1:9")
    start = db.utcnow()
    for half_hours in range(48):
        deliver_due(nobody, TODAY, clock=at(start + timedelta(minutes=30 * half_hours)))
    assert {row(each).state for each in made} == {MessageState.QUEUED}

    up_again = start + timedelta(days=1)
    for hours in range(5):  # the last wait is four hours
        deliver_due(served, TODAY, clock=at(up_again + timedelta(hours=hours)))
    assert {row(each).state for each in made} == {MessageState.SENT}
    assert len(inbox.received) == 5


def test_while_nobody_answers_one_message_a_round_is_tried_and_not_all(outbox, served, row):
    made = outbox(5)
    deliver_due(dataclasses.replace(served, smtp_url="smtp://127.0.0.1:9"), TODAY)
    assert sum(row(each).attempts for each in made) == 1


def test_a_server_too_slow_to_answer_the_text_leaves_it_uncertain(
    outbox, inbox, served, row, monkeypatch
):
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.3)
    (message_id,) = outbox()
    inbox.may_answer.clear()
    deliver_due(served, TODAY)
    inbox.may_answer.set()
    assert row(message_id).state is MessageState.UNCERTAIN
    assert deliver_due(served, TODAY, clock=at(db.utcnow() + timedelta(days=1))) == 0


def test_a_server_too_slow_to_greet_is_tried_again(outbox, served, row, monkeypatch):
    import socket

    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.3)
    (message_id,) = outbox()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        deliver_due(dataclasses.replace(served, smtp_url=url), TODAY)
    assert row(message_id).state is MessageState.QUEUED
    assert row(message_id).attempts == 1


def test_one_recipient_that_is_refused_keeps_nobody_else_waiting(outbox, inbox, served, row):
    (bad,) = outbox(recipient="gone@example.org")
    good = outbox(3)
    refuse = inbox.handle_RCPT

    async def choosy(server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 no such user"
        return await refuse(server, session, envelope, address, options)

    inbox.handle_RCPT = choosy
    assert deliver_due(served, TODAY) == 3
    assert row(bad).state is MessageState.FAILED
    assert {row(each).state for each in good} == {MessageState.SENT}


@pytest.mark.parametrize("code", ["421 busy", "450 later", "452 full"])
def test_a_temporary_no_and_then_a_yes_sends_it_once(outbox, inbox, served, row, code):
    (message_id,) = outbox()
    inbox.answer["data"] = code
    deliver_due(served, TODAY)
    inbox.answer["data"] = "250 OK"
    assert deliver_due(served, TODAY, clock=at(db.utcnow() + timedelta(minutes=5))) == 1
    assert len(inbox.received) == 1
    assert row(message_id).attempts == 2


def test_two_processes_at_the_moment_the_server_comes_back_send_everything_once(
    outbox, inbox, served
):
    outbox(20)
    barrier, counts = threading.Barrier(2), []

    def deliver():
        barrier.wait()
        counts.append(deliver_due(served, TODAY))

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == len(inbox.received) == 20


def test_a_reminder_waits_for_the_morning_and_an_answer_does_not(outbox, inbox, served, row):
    (reminder,) = outbox(is_reminder=True)
    (answer,) = outbox()
    assert deliver_due(served, TODAY, clock=at(NIGHT)) == 1
    assert row(answer).state is MessageState.SENT
    assert row(reminder).state is MessageState.QUEUED
    assert row(reminder).attempts == 0
    assert row(reminder).not_before == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert deliver_due(served, TODAY, clock=at(NIGHT + timedelta(hours=9, minutes=1))) == 1


def test_a_reminder_that_would_wait_past_its_time_is_taken_back(outbox, served, row):
    (reminder,) = outbox(is_reminder=True, not_after=NIGHT + timedelta(hours=9))
    deliver_due(served, TODAY, clock=at(NIGHT))
    assert row(reminder).last_error == "withheld:too_late"


def test_the_unit_says_when_it_is_quiet(outbox, inbox, served, said_by_the_unit):
    said_by_the_unit(quiet_from="22", quiet_days_off="0")
    outbox(is_reminder=True)
    assert deliver_due(served, TODAY, clock=at(NIGHT - timedelta(minutes=1))) == 1


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-11-25T10:00+01:00", "2026-11-25T10:00+01:00"),
        ("2026-11-25T06:59+01:00", "2026-11-25T07:00+01:00"),
        ("2026-11-25T19:00+01:00", "2026-11-26T07:00+01:00"),
        ("2026-11-27T19:00+01:00", "2026-11-30T07:00+01:00"),  # Friday evening
        ("2026-10-24T20:00+02:00", "2026-10-26T07:00+01:00"),  # over the end of summer time
        ("2027-03-28T01:30+01:00", "2027-03-30T07:00+02:00"),  # Easter, and its beginning
        ("2026-12-23T20:00+01:00", "2026-12-28T07:00+01:00"),  # Christmas
    ],
)
def test_the_first_open_instant(instant, opens):
    found = first_open(datetime.fromisoformat(instant), Quiet())
    assert found == datetime.fromisoformat(opens)


def test_on_days_off_only_the_night_is_quiet_when_the_unit_says_so():
    saturday = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
    assert first_open(saturday, Quiet(days_off=False)) == datetime(2026, 11, 28, 6, tzinfo=UTC)
