"""The outbox against a real mail server: nothing lost, nothing sent twice by a machine."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

from sqlalchemy import func, select

from matchsvc import db
from matchsvc.messages.mail import Verdict
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.messages.outbox import (
    MAX_ATTEMPTS,
    STUCK_AFTER,
    claim_next,
    deliver_due,
    queue_message,
    settle,
    supersede,
)
from tests.factories import TODAY


def later(**delta):
    return lambda: db.utcnow() + timedelta(**delta)


def test_a_queued_message_reaches_its_recipient_and_its_text_is_wiped(outbox, inbox, served, row):
    (message_id,) = outbox(subject="Hur gick det?\r\nBcc: someone@example.org", body="Å, ä, ö.")

    assert deliver_due(served, TODAY) == 1

    (mail,) = inbox.received
    message = row(message_id)
    assert inbox.recipients == ["petra@example.org"]
    assert mail["Subject"] == "Hur gick det? Bcc: someone@example.org"
    assert mail["Bcc"] is None
    assert mail["From"] == "enheten@example.org"
    assert mail["Message-ID"] == message.message_id
    assert mail.get_content().strip() == "Å, ä, ö."
    assert message.state is MessageState.SENT
    assert message.sent_at is not None
    assert message.body is None


def test_delivering_again_sends_nothing(outbox, inbox, served):
    outbox(3)

    assert deliver_due(served, TODAY) == 3
    assert deliver_due(served, TODAY) == 0
    assert len(inbox.received) == 3


def test_two_deliverers_at_once_send_every_message_exactly_once(outbox, inbox, served):
    outbox(24)
    barrier = threading.Barrier(3)
    counts, faults = [], []

    def deliver():
        try:
            barrier.wait()
            counts.append(deliver_due(served, TODAY))
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert faults == []
    assert sum(counts) == 24
    sent = [mail["Message-ID"] for mail in inbox.received]
    assert len(sent) == len(set(sent)) == 24


def test_without_a_mail_server_messages_stay_queued_with_their_text(outbox, served, row):
    (message_id,) = outbox()

    assert deliver_due(dataclasses.replace(served, smtp_url=None), TODAY) == 0

    assert row(message_id).state is MessageState.QUEUED
    assert row(message_id).body is not None


def test_a_message_waits_for_its_time(outbox, inbox, served):
    outbox(not_before=db.utcnow() + timedelta(hours=1))

    assert deliver_due(served, TODAY) == 0
    assert deliver_due(served, TODAY, clock=later(hours=2)) == 1


def test_a_temporary_refusal_is_tried_again_later_with_the_same_message_id(
    outbox, inbox, served, row
):
    (message_id,) = outbox()
    first = row(message_id).message_id
    inbox.answer["rcpt"] = "451 try later"

    assert deliver_due(served, TODAY) == 0
    waiting = row(message_id)
    assert (waiting.state, waiting.attempts, waiting.last_error) == (MessageState.QUEUED, 1, "451")
    assert waiting.not_before > db.utcnow()

    inbox.answer["rcpt"] = "250 OK"
    assert deliver_due(served, TODAY) == 0  # not before its time
    assert deliver_due(served, TODAY, clock=later(minutes=2)) == 1
    assert inbox.received[0]["Message-ID"] == first


def test_a_refusal_of_the_text_counts_like_any_other(outbox, inbox, served, row):
    (temporary,) = outbox()
    inbox.answer["data"] = "452 no room"
    deliver_due(served, TODAY)
    assert row(temporary).state is MessageState.QUEUED

    (permanent,) = outbox()
    inbox.answer["data"] = "554 no"
    deliver_due(served, TODAY)
    assert row(permanent).state is MessageState.FAILED
    assert row(permanent).last_error == "554"


def test_a_permanent_refusal_fails_at_once_and_keeps_its_text_for_another_try(
    outbox, inbox, served, row
):
    (message_id,) = outbox()
    inbox.answer["rcpt"] = "550 no such user petra@example.org"

    assert deliver_due(served, TODAY) == 0

    failed = row(message_id)
    assert (failed.state, failed.last_error) == (MessageState.FAILED, "550")
    assert failed.body is not None
    inbox.answer["rcpt"] = "250 OK"
    assert deliver_due(served, TODAY, clock=later(days=2)) == 0


def test_a_mail_server_that_is_down_loses_nothing(outbox, served, row):
    (message_id,) = outbox()
    nobody = dataclasses.replace(served, smtp_url="smtp://127.0.0.1:9")

    assert deliver_due(nobody, TODAY) == 0

    assert row(message_id).state is MessageState.QUEUED
    assert row(message_id).last_error == "ConnectionRefusedError"


def test_a_message_is_given_up_after_many_attempts_but_never_sooner(outbox, inbox, served, row):
    (message_id,) = outbox()
    inbox.answer["rcpt"] = "450 busy"

    for attempt in range(MAX_ATTEMPTS):
        assert row(message_id).state is MessageState.QUEUED
        deliver_due(served, TODAY, clock=later(days=attempt))

    assert row(message_id).state is MessageState.FAILED


def test_a_line_that_breaks_after_the_text_was_handed_over_leaves_it_uncertain(
    outbox, inbox, served, row
):
    (message_id,) = outbox()
    inbox.answer["data"] = "hang up"

    assert deliver_due(served, TODAY) == 0
    assert row(message_id).state is MessageState.UNCERTAIN

    inbox.answer["data"] = "250 OK"
    assert deliver_due(served, TODAY, clock=later(days=1)) == 0
    assert inbox.received == []


def test_a_line_that_breaks_before_the_text_is_tried_again(outbox, inbox, served, row):
    (message_id,) = outbox()
    inbox.answer["rcpt"] = "421 closing"

    deliver_due(served, TODAY)

    assert row(message_id).state is MessageState.QUEUED


def test_an_address_that_cannot_be_written_fails_without_stopping_the_others(
    outbox, inbox, served, row
):
    (bad,) = outbox(recipient="petra@example.org\nRCPT TO:<eve@example.org>")
    (worse,) = outbox(recipient="åsa@example.org")
    outbox()

    assert deliver_due(served, TODAY) == 1
    assert row(bad).state is MessageState.FAILED
    assert row(worse).state is MessageState.FAILED
    assert inbox.recipients == ["petra@example.org"]


def test_a_process_killed_while_sending_leaves_it_to_a_person(
    outbox, inbox, served, row, database_url
):
    (message_id,) = outbox()
    inbox.may_answer.clear()
    script = (
        "import os; from datetime import date; from matchsvc import db, jobs, secrecy;"
        "from matchsvc.config import Config; from matchsvc.messages.outbox import deliver_due;"
        "config = Config.from_environ(os.environ); secrecy.use(config.keys);"
        "db.connect(config.database_url); deliver_due(config, date(2026, 11, 23))"
    )
    settings = {"DATABASE_URL": database_url, "SMTP_URL": inbox.url}
    with subprocess.Popen([sys.executable, "-c", script], env=os.environ | settings) as deliverer:
        assert inbox.got_text.wait(60)
        deliverer.send_signal(signal.SIGKILL)
    inbox.may_answer.set()
    inbox.received.clear()  # whatever the server made of the half conversation

    assert row(message_id).state is MessageState.SENDING
    assert deliver_due(served, TODAY, clock=later(minutes=9)) == 0
    assert row(message_id).state is MessageState.SENDING
    assert deliver_due(served, TODAY, clock=later(minutes=11)) == 0
    assert row(message_id).state is MessageState.UNCERTAIN
    assert deliver_due(served, TODAY, clock=later(days=30)) == 0
    assert inbox.received == []


def test_uncertainty_is_told_even_when_the_mail_server_was_taken_away(outbox, served, row):
    (message_id,) = outbox()
    with db.begin() as session:
        claim_next(session, now=db.utcnow())

    without = dataclasses.replace(served, smtp_url=None)
    deliver_due(without, TODAY, clock=later(minutes=11))

    assert row(message_id).state is MessageState.UNCERTAIN


def test_a_slow_conversation_may_still_say_how_it_ended(outbox, row):
    (message_id,) = outbox()
    with db.begin() as session:
        claim = claim_next(session, now=db.utcnow() - STUCK_AFTER * 2)
    with db.begin() as session:
        session.get(OutboxMessage, message_id).state = MessageState.UNCERTAIN

    with db.begin() as session:
        settle(session, claim, Verdict("sent", "250"), now=db.utcnow())

    assert row(message_id).state is MessageState.SENT


def test_an_old_conversation_never_overrides_a_persons_word(outbox, row):
    (message_id,) = outbox()
    with db.begin() as session:
        claim = claim_next(session, now=db.utcnow())
    with db.begin() as session:
        message = session.get(OutboxMessage, message_id)
        message.state, message.sending_at = MessageState.QUEUED, None

    with db.begin() as session:
        settle(session, claim, Verdict("failed", "550"), now=db.utcnow())

    assert row(message_id).state is MessageState.QUEUED


def test_a_message_is_undone_with_its_cause(session, make):
    with session.begin_nested() as cause:
        queue_message(
            session,
            unit_id=make.unit().id,
            kind="employer_survey",
            recipient="petra@example.org",
            subject="Enkät",
            body="...",
        )
        cause.rollback()

    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_address_and_text_are_not_readable_in_the_database(outbox, engine):
    outbox(body="https://example.org/l/secret-token")

    with engine.connect() as connection:
        stored = connection.exec_driver_sql("select recipient, body from outbox_message").one()

    assert "petra" not in stored[0]
    assert "secret-token" not in stored[1]


def test_an_invitation_goes_as_a_calendar_part_with_its_method(outbox, inbox, served):
    text = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
    outbox(calendar=text)

    assert deliver_due(served, TODAY) == 1

    (mail,) = inbox.received
    calendar = (
        mail.get_body(("plain",)),
        [part for part in mail.walk() if part.get_content_type() == "text/calendar"],
    )
    assert calendar[0].get_content().startswith("Öppna")
    assert calendar[1][0].get_param("method") == "CANCEL"
    assert "METHOD:CANCEL" in calendar[1][0].get_content()


def test_two_deliverers_never_send_an_old_and_a_new_word_out_of_order(outbox, inbox, served):
    """The second waits while the first is on its way, whoever asks for work."""
    outbox(thread="meeting:1", body="Den gamla tiden.")
    inbox.may_answer.clear()
    slow = threading.Thread(target=deliver_due, args=(served, TODAY))
    slow.start()
    assert inbox.got_text.wait(20)
    with db.begin() as session:
        assert supersede(session, "meeting:1")
    outbox(thread="meeting:1", body="Den nya tiden.")

    assert deliver_due(served, TODAY) == 0
    inbox.may_answer.set()
    slow.join(20)
    deliver_due(served, TODAY)

    texts = [mail.get_content().strip() for mail in inbox.received]
    assert texts == ["Den gamla tiden.", "Den nya tiden."]


def test_a_letter_carries_the_units_own_sender_and_where_to_answer(
    outbox, inbox, served, said_by_the_unit
):
    outbox()
    said_by_the_unit(sender_name="Arbetsmarknad Åby", reply_to="arbete@example.org")
    assert deliver_due(served, TODAY) == 1
    (letter,) = inbox.received
    assert letter["From"].addresses[0].display_name == "Arbetsmarknad Åby"
    assert letter["From"].addresses[0].addr_spec == "enheten@example.org"
    assert letter["Reply-To"] == "arbete@example.org"
