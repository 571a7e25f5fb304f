"""Invitations read by two programs that know nothing of each other or of us (RFC 5545, 5546)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import vobject
from icalendar import Calendar
from sqlalchemy import select

from matchsvc.diary import changing
from matchsvc.messages.models import OutboxMessage
from matchsvc.workday.meeting_models import ChangeReason
from matchsvc.workday.meeting_types import Party
from tests.diary.conftest import AF, NOW, plan
from tests.factories import TODAY


def told(session):
    rows = session.scalars(
        select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)
    )
    return [row.calendar for row in rows if row.recipient == "af@example.org" and row.calendar]


def by_icalendar(text):
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return {
        "method": str(calendar["method"]),
        "uid": str(event["uid"]),
        "sequence": int(event["sequence"]),
        "status": str(event["status"]),
        "start": event.decoded("dtstart"),
        "end": event.decoded("dtend"),
        "organizer": str(event["organizer"]).lower(),
        "attendee": str(event["attendee"]).lower(),
        "summary": str(event["summary"]),
        "stamped": "dtstamp" in event,
    }


def by_vobject(text):
    calendar = vobject.readOne(text, validate=True)
    event = calendar.vevent
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "status": event.status.value,
        "start": event.dtstart.value,
        "end": event.dtend.value,
        "organizer": event.organizer.value.lower(),
        "attendee": event.attendee.value.lower(),
        "summary": event.summary.value,
        "stamped": hasattr(event, "dtstamp"),
    }


def read_by_both(text):
    one, other = by_icalendar(text), by_vobject(text)
    assert one == other
    again = vobject.readOne(text).serialize()  # written anew by one, read by the other
    assert by_icalendar(again) == one
    assert by_vobject(Calendar.from_ical(text).to_ical().decode()) == one
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= 75  # RFC 5545 3.1
    assert text.endswith("END:VCALENDAR\r\n")
    return one


@pytest.fixture
def booked(session, unit, book, agree):
    agree(unit.samira, Party.AF)
    return book("lena", plan("three_party", unit.samira, guests=[AF], place="Biblioteket; sal 2"))


def test_invited_moved_and_called_off_keeps_the_uid_and_counts_up(session, unit, booked):
    lena = unit.actor["lena"]
    texts = told(session)
    for sent in session.scalars(select(OutboxMessage)):
        sent.state = "sent"  # it has arrived; what follows is news
    session.flush()
    changing.move(
        session, lena, booked.id, day=date(2026, 11, 25), at=time(13),
        reason=ChangeReason.PARTICIPANT, place="Å, ä och ö", today=TODAY, now=NOW,
    )  # fmt: skip
    texts.append(told(session)[-1])
    for sent in session.scalars(select(OutboxMessage)):
        sent.state = "sent"
    session.flush()
    changing.cancel(session, lena, booked.id, reason=ChangeReason.MISTAKE, today=TODAY, now=NOW)
    texts.append(told(session)[-1])

    first, moved, off = (read_by_both(text) for text in texts)
    assert {each["uid"] for each in (first, moved, off)} == {f"{booked.id}@matchsvc"}
    assert [each["sequence"] for each in (first, moved, off)] == [0, 1, 2]
    assert [each["method"] for each in (first, moved, off)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert off["status"] == "CANCELLED"
    assert moved["start"] == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert first["organizer"] == "mailto:lena@example.org"
    assert first["attendee"] == "mailto:af@example.org"
    assert first["stamped"]


@pytest.mark.parametrize(
    ("day", "hour_utc"),
    [
        (date(2026, 10, 23), 7),  # Friday, summer time
        (date(2026, 10, 26), 8),  # Monday, after clocks went back
        (date(2027, 3, 26 - 2), 8),  # before clocks go forward
        (date(2027, 3, 30), 7),  # after
    ],
)
def test_nine_oclock_is_nine_oclock_on_both_sides_of_a_clock_change(
    session, unit, book, agree, day, hour_utc
):
    agree(unit.samira, Party.AF, valid_until=date(2027, 6, 1))
    now = datetime(2026, 10, 1, 8, tzinfo=UTC) if day.year == 2026 else NOW
    today = now.date()
    consent_from(session, today)
    meeting = book(
        "lena", plan("three_party", unit.samira, guests=[AF], day=day, at=time(9)),
        today=today, now=now,
    )  # fmt: skip
    read = read_by_both(told(session)[-1])
    assert read["start"] == datetime(day.year, day.month, day.day, hour_utc, tzinfo=UTC)
    assert read["end"] - read["start"] == timedelta(minutes=60)
    assert meeting.starts_at == read["start"]


def consent_from(session, today):
    from matchsvc.participants.consent_models import Consent

    for row in session.scalars(select(Consent)):
        row.valid_from = min(row.valid_from, today)
    session.flush()


def test_a_series_over_the_end_of_summer_time_keeps_its_hour(session, unit, book):
    meetings = book(
        "lena", plan("mapping_talk", unit.samira, day=date(2026, 10, 20), at=time(10)),
        every_weeks=1, times=2, today=date(2026, 10, 1), now=datetime(2026, 10, 1, tzinfo=UTC),
    )  # fmt: skip
    assert [each.starts_at.astimezone(UTC).hour for each in meetings] == [8, 9]
