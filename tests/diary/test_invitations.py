"""Invitations: what they say, to whom, and that the last to arrive is what holds."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from matchsvc import db
from matchsvc.diary import changing
from matchsvc.messages.mail import Verdict
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.messages.outbox import (
    STUCK_AFTER,
    claim_next,
    mark_stuck_uncertain,
    settle,
)
from matchsvc.workday.meeting_models import ChangeReason
from matchsvc.workday.meeting_plans import Guest
from matchsvc.workday.meeting_types import Party
from tests.diary.conftest import AF, NOW, plan
from tests.factories import TODAY


@pytest.fixture
def mails(session):
    """All messages in the outbox, in the order in which they were written."""

    def read(**wanted):
        found = select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)
        rows = list(session.scalars(found.execution_options(populate_existing=True)))
        return [r for r in rows if all(getattr(r, k) == v for k, v in wanted.items())]

    return read


@pytest.fixture
def invited(unit, book, agree):
    agree(unit.samira, Party.AF)
    return book(
        "lena",
        plan("three_party", unit.samira, guests=[AF, Guest(Party.STAFF, unit.johan.id)],
             place="Biblioteket", agenda="Planen framåt"),
    )  # fmt: skip


@pytest.fixture
def only_af(unit, book, agree):
    agree(unit.samira, Party.AF)
    return book("lena", plan("three_party", unit.samira, guests=[AF]))


def move(session, unit, meeting, **values):
    defaults = {"day": date(2026, 11, 25), "at": time(13), "reason": ChangeReason.PARTICIPANT}
    defaults |= {"place": "Biblioteket", "today": TODAY, "now": NOW}
    return changing.move(session, unit.actor["lena"], meeting.id, **defaults | values)


def cancel(session, unit, meeting):
    changing.cancel(
        session, unit.actor["lena"], meeting.id, reason=ChangeReason.MISTAKE, today=TODAY, now=NOW
    )


def event(message):
    (found,) = Calendar.from_ical(message.calendar).walk("VEVENT")
    return found


def test_an_invitation_names_no_participant_and_outsiders_learn_no_more_than_the_time(
    unit, invited, mails
):
    by_recipient = {mail.recipient: mail for mail in mails()}
    assert by_recipient.keys() == {"af@example.org", "johan@example.org"}
    for mail in by_recipient.values():
        everything = f"{mail.subject} {mail.body} {mail.calendar}"
        for secret in ("Samira", "Haddad", unit.samira.alias, "Planen framåt"):
            assert secret not in everything
    assert "Trepart" in by_recipient["johan@example.org"].subject
    outside = by_recipient["af@example.org"]
    assert "Trepart" not in outside.subject + outside.body + outside.calendar
    made = event(outside)
    assert str(made["uid"]) == f"{invited.id}@matchsvc"
    assert made["sequence"] == 0
    assert made.decoded("dtstart") == invited.starts_at


def test_about_a_protected_person_a_colleagues_invitation_says_only_meeting(
    session, unit, book, make, mails
):
    from matchsvc.participants.models import Capacity

    make.involve(unit.hidden, unit.johan, Capacity.PROTECTED_HANDLER)
    book(
        "lena",
        plan("individual_talk", unit.hidden, place="Biblioteket",
             guests=[Guest(Party.STAFF, unit.johan.id)]),
    )  # fmt: skip
    (mail,) = mails()
    everything = f"{mail.subject} {mail.body} {mail.calendar}"
    assert mail.recipient == "johan@example.org"
    assert "Enskilt" not in everything
    assert "Biblioteket" not in everything


def test_the_participant_gets_the_time_unless_all_messages_are_stopped(unit, book, mails):
    unit.samira.email = "hon@example.org"
    book("lena", plan("mapping_talk", unit.samira))
    assert [mail.recipient for mail in mails()] == ["hon@example.org"]
    unit.samira.no_messages = True
    book("lena", plan("mapping_talk", unit.samira, at=time(15)))
    assert len(mails()) == 1


def test_a_move_before_anything_has_left_sends_the_new_time_alone(session, unit, invited, mails):
    move(session, unit, invited)
    waiting = mails(state=MessageState.QUEUED)
    assert sorted(mail.recipient for mail in waiting) == ["af@example.org", "johan@example.org"]
    assert {event(mail)["sequence"] for mail in waiting} == {1}
    assert all(mail.calendar is None for mail in mails(state=MessageState.CANCELLED))


def test_who_has_heard_of_it_hears_that_it_is_called_off_and_nobody_else(
    session, unit, invited, mails
):
    (af,) = mails(recipient="af@example.org")
    af.state = MessageState.SENT
    session.flush()
    cancel(session, unit, invited)
    (told,) = mails(state=MessageState.QUEUED)
    assert told.recipient == "af@example.org"
    assert "METHOD:CANCEL" in told.calendar
    assert str(event(told)["uid"]) == f"{invited.id}@matchsvc"
    assert event(told)["sequence"] == 1
    assert event(told)["status"] == "CANCELLED"


@pytest.mark.parametrize("verdict", ["sent", "later", "uncertain", "failed"])
def test_moved_while_its_invitation_is_being_sent_the_new_time_arrives_last(
    session, unit, only_af, mails, verdict
):
    """Whatever became of the first, it is never tried again, and the second waits for it."""
    now = db.utcnow() + timedelta(minutes=1)
    first = claim_next(session, now=now)

    move(session, unit, only_af)

    assert claim_next(session, now=now) is None  # the first is on its way
    settle(session, first, Verdict(verdict), now=now)
    second = claim_next(session, now=now)
    assert "SEQUENCE:1" in second.mail.calendar
    settle(session, second, Verdict("sent"), now=now)
    assert claim_next(session, now=now + timedelta(days=2)) is None
    states = sorted(mail.state for mail in mails())
    assert states == sorted(["sent", "sent" if verdict == "sent" else "cancelled"])


def test_a_process_that_died_while_sending_an_old_time_holds_nothing_up(
    session, unit, only_af, mails
):
    now = db.utcnow() + timedelta(minutes=1)
    claim_next(session, now=now)
    move(session, unit, only_af)
    later = now + STUCK_AFTER + timedelta(minutes=1)
    mark_stuck_uncertain(session, now=later)
    assert "SEQUENCE:1" in claim_next(session, now=later).mail.calendar
    # It may have arrived: who is invited hears of a cancellation, and nobody is asked to decide.
    assert mails(state=MessageState.UNCERTAIN) == []
    cancel(session, unit, only_af)
    assert any("METHOD:CANCEL" in (m.calendar or "") for m in mails(state=MessageState.QUEUED))


def test_a_colleague_who_hands_over_is_told_that_the_time_is_free(session, unit, book, mails):
    meeting = book("johan", plan("job_search"), owner_id=unit.lena.id)
    for mail in mails():
        mail.state = MessageState.SENT
    session.flush()
    changing.move_meetings(
        session, unit.actor["mona"], [meeting.id], unit.johan.id, today=TODAY, now=NOW
    )
    told = {m.recipient: m.calendar for m in mails(state=MessageState.QUEUED)}
    assert "METHOD:CANCEL" in told["lena@example.org"]
    assert "METHOD:REQUEST" in told["johan@example.org"]


def test_nothing_is_sent_about_what_is_over(unit, book, mails):
    book(
        "lena",
        plan("job_search", day=date(2026, 11, 20), guests=[Guest(Party.STAFF, unit.johan.id)]),
    )
    assert mails() == []
