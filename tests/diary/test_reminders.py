"""Reminders of meetings by text message: whom, when, and what happens when the time changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from matchsvc.diary import changing, people, reminders
from matchsvc.messages.models import MessageState, OutboxMessage, Via
from matchsvc.placements.undelivered import GATES
from matchsvc.workday.meeting_models import ChangeReason
from tests.diary.conftest import NOW, plan
from tests.factories import TODAY

PHONE = "+46701740615"


@pytest.fixture
def willing(session, unit, make):
    """Samira has said yes, and the unit has a phone."""
    unit.samira.phone, unit.samira.text_agreed_on = PHONE, TODAY
    make.unit().phone = "+4647012345"
    session.flush()
    return unit.samira


@pytest.fixture
def texts(session):
    def read(**wanted):
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.channel == Via.TEXT)
            .order_by(OutboxMessage.created_at, OutboxMessage.id)
            .execution_options(populate_existing=True)
        )
        return [r for r in rows if all(getattr(r, k) == v for k, v in wanted.items())]

    return read


def move(session, unit, meeting, **values):
    defaults = {"day": date(2026, 11, 24), "at": time(13), "reason": ChangeReason.PARTICIPANT}
    defaults |= {"today": TODAY, "now": NOW}
    changing.move(session, unit.actor["lena"], meeting.id, **defaults | values)


def cancel(session, unit, meeting):
    changing.cancel(
        session, unit.actor["lena"], meeting.id, reason=ChangeReason.MISTAKE, today=TODAY, now=NOW
    )


def gate(session, message):
    return GATES[message.recipient_kind](session, message)


def test_the_day_before_who_agreed_gets_the_time_and_nothing_else(
    session, unit, willing, book, texts
):
    book("lena", plan("mapping_talk", willing, place="Biblioteket", agenda="Hemligt"))
    assert reminders.remind(session, today=TODAY) == 1
    (text,) = texts()
    assert text.recipient == PHONE
    assert text.body == "Påminnelse: du har en tid tis 24/11 kl. 10.00. Frågor? Ring 0470-123 45."
    for secret in ("Samira", "Haddad", willing.alias, "Kartläggning", "Biblioteket", "Hemligt"):
        assert secret not in text.body + text.subject
    assert gate(session, text) is None


def test_the_same_day_again_reminds_nobody_twice(session, willing, book, texts):
    book("lena", plan("mapping_talk", willing))
    assert reminders.remind(session, today=TODAY) == 1
    assert reminders.remind(session, today=TODAY) == 0
    texts()[0].state = MessageState.SENT
    session.flush()
    assert reminders.remind(session, today=TODAY) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"text_agreed_on": None},
        {"no_messages": True},
        {"phone": None},
        {"protected": True},
    ],
)
def test_who_has_not_agreed_or_is_protected_gets_none(session, willing, book, change):
    book("lena", plan("mapping_talk", willing))
    for name, value in change.items():
        setattr(willing, name, value)
    session.flush()
    assert reminders.remind(session, today=TODAY) == 0


def test_with_somebody_protected_on_the_meeting_nobody_gets_one(session, unit, willing, book, make):
    book("lena", plan("job_search", willing, unit.hidden))
    assert reminders.remind(session, today=TODAY) == 0


def test_without_a_phone_of_the_unit_there_is_nothing_to_say(session, willing, book, make):
    make.unit().phone = None
    session.flush()
    book("lena", plan("mapping_talk", willing))
    assert reminders.remind(session, today=TODAY) == 0


def test_before_a_weekend_monday_is_reminded_of_and_a_day_off_reminds_of_nothing(
    session, willing, book
):
    book("lena", plan("mapping_talk", willing, day=date(2026, 11, 30)))
    assert reminders.remind(session, today=date(2026, 11, 26)) == 0
    assert reminders.remind(session, today=date(2026, 11, 28)) == 0
    assert reminders.remind(session, today=date(2026, 11, 29)) == 0
    assert reminders.remind(session, today=date(2026, 11, 27)) == 1


def test_a_reminder_that_has_not_left_is_taken_back_when_the_time_changes(
    session, unit, willing, book, texts
):
    meeting = book("lena", plan("mapping_talk", willing))
    reminders.remind(session, today=TODAY)
    move(session, unit, meeting)
    assert [text.state for text in texts()] == [MessageState.CANCELLED]
    assert reminders.remind(session, today=TODAY) == 1
    assert "kl. 13.00" in texts()[-1].body


def test_who_has_got_one_hears_that_the_time_is_another(session, unit, willing, book, texts):
    meeting = book("lena", plan("mapping_talk", willing))
    reminders.remind(session, today=TODAY)
    texts()[0].state = MessageState.SENT
    session.flush()
    move(session, unit, meeting)
    changed = texts()[-1]
    assert changed.body.startswith("Tiden är ändrad. Nu gäller tis 24/11 kl. 13.00.")
    assert not changed.is_reminder  # it does not wait for the morning
    cancel(session, unit, meeting)
    assert [text.kind for text in texts(state=MessageState.QUEUED)] == ["meeting_reminder_off"]
    assert "är inställd" in texts()[-1].body


def test_who_has_got_none_hears_nothing_when_it_is_called_off(session, unit, willing, book, texts):
    meeting = book("lena", plan("mapping_talk", willing))
    cancel(session, unit, meeting)
    assert texts() == []


def test_who_no_longer_takes_part_is_told_if_she_was_reminded(
    session, unit, willing, book, texts, make
):
    meeting = book("lena", plan("job_search", willing, make.participant(unit.lena)))
    reminders.remind(session, today=TODAY)
    texts()[0].state = MessageState.SENT
    session.flush()
    (row,) = [each for each in meeting.people if each.ref_id == willing.id]
    people.remove_person(session, unit.actor["lena"], meeting.id, row.id, today=TODAY, now=NOW)
    assert texts()[-1].kind == "meeting_reminder_off"


@pytest.mark.parametrize("what", ["moved", "off", "gone", "protected"])
def test_a_reminder_whose_time_no_longer_holds_is_stopped_as_it_leaves(
    session, unit, willing, book, texts, what
):
    """Whichever way the meeting was changed: the last moment looks at the meeting itself."""
    meeting = book("lena", plan("mapping_talk", willing))
    reminders.remind(session, today=TODAY)
    (text,) = texts()
    if what == "moved":
        meeting.starts_at += timedelta(minutes=30)
        meeting.ends_at += timedelta(minutes=30)
    elif what == "off":
        meeting.cancelled_at = NOW
    elif what == "gone":
        meeting.people = []
    else:
        willing.protected = True
    session.flush()
    assert gate(session, text) == ("protected" if what == "protected" else "changed")


def test_times_are_right_in_the_weeks_in_which_clocks_change(session, willing, book, texts):
    book("lena", plan("mapping_talk", willing, day=date(2027, 3, 30), at=time(9)),
         today=date(2027, 3, 1), now=datetime(2027, 3, 1, 8, tzinfo=UTC))  # fmt: skip
    assert reminders.remind(session, today=date(2027, 3, 25)) == 1  # before Easter
    assert texts()[-1].not_after == datetime(2027, 3, 30, 7, 0, tzinfo=UTC)
    assert "tis 30/3 kl. 09.00" in texts()[-1].body


def test_the_letters_are_shown_word_for_word_before_anything_is_booked(session, client_as, unit):
    """The preview books, reads and takes back: nothing stays of it."""
    unit.samira.email = "hon@example.org"
    session.flush()
    client = client_as(unit.lena)
    said = {
        "kind": "mapping_talk",
        "participants": unit.samira.alias,
        "day": "2030-01-08",
        "at": "10:00",
        "invite": "1",
    }
    before = client.post("/meetings/new", data=said | {"preview": "1"})
    assert before.status_code == 200
    assert "Inget är bokat eller skickat än." in before.text
    assert "Till hon@example.org" in before.text
    assert "Hej! Du är inbjuden till ett möte." in before.text
    assert unit.samira.alias in before.text  # what was typed is kept
    assert session.scalars(select(OutboxMessage)).all() == []
    assert client.post("/meetings/new", data=said).status_code == 303
    (letter,) = session.scalars(select(OutboxMessage))
    assert letter.body.splitlines()[0] in before.text


def test_a_booking_that_is_refused_is_refused_in_the_preview_too(session, client_as, unit):
    client = client_as(unit.lena)
    wrong = client.post("/meetings/new", data={"kind": "mapping_talk", "preview": "1"})
    assert wrong.status_code == 422
    assert session.scalars(select(OutboxMessage)).all() == []
