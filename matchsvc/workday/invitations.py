"""Invitations to meetings (iCalendar, RFC 5545): stable UID, SEQUENCE, REQUEST and CANCEL.

No participant's name or alias stands in anything sent. What somebody outside gets says only that
there is a meeting with the unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress
from sqlalchemy.orm import Session

from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import shown_name
from matchsvc.messages.models import RecipientKind
from matchsvc.messages.outbox import queue_message, supersede
from matchsvc.swedish import STOCKHOLM, format_phone
from matchsvc.workday.meeting_models import Meeting, Room
from matchsvc.workday.meeting_types import MEETING_TYPES

_PRODUCT = "-//matchsvc//meetings//SV"
_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody to be invited.

    Attributes:
        key: id of the person in the meeting, or of the user; the thread of their messages.
        email: where to.
        is_staff: a colleague, who may read what sort of meeting it is.
        to: who it is, when it is somebody we know; asked for again before a letter leaves.
    """

    key: UUID
    email: str
    is_staff: bool
    to: tuple[RecipientKind, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry of a calendar says.

    Attributes:
        meeting: times, id and sequence.
        summary: its title.
        location: where, or None.
        times: from when to when, if it is only a part of the meeting.
    """

    meeting: Meeting
    summary: str
    location: str | None
    times: tuple[datetime, datetime] | None = None


def send_invitations(
    session: Session, meeting: Meeting, guests: Iterable[Guest], *, quiet: bool, now: datetime
) -> int:
    """Tell everybody the time that holds now, or that the meeting is called off; how many told.

    What is still in the outbox is taken back first, so that nobody gets an old time last.

    Args:
        session: the transaction of the change.
        meeting: as it is now.
        guests: who is to be told.
        quiet: somebody protected takes part: neither the sort of meeting nor its place travels.
        now: stands in the invitation.
    """
    return sum(
        _send(session, meeting, guest, quiet=quiet, now=now, off=meeting.cancelled_at is not None)
        for guest in guests
    )


def uninvite(
    session: Session, meeting: Meeting, guests: Iterable[Guest], *, quiet: bool, now: datetime
) -> int:
    """Tell people that they no longer take part; those who never heard of it hear nothing."""
    return sum(_send(session, meeting, g, quiet=quiet, now=now, off=True) for g in guests)


def thread_of(meeting_id: UUID, key: UUID) -> str:
    """The thread of messages about one meeting to one person."""
    return f"meeting:{meeting_id}:{key}"


def _send(
    session: Session, meeting: Meeting, guest: Guest, *, quiet: bool, now: datetime, off: bool
) -> bool:
    thread = thread_of(meeting.id, guest.key)
    has_heard = supersede(session, thread)
    if off and not has_heard:
        return False
    unit = session.get_one(Unit, meeting.unit_id)
    name = shown_name(session, unit)
    owner = session.get_one(User, meeting.owner_id)
    entry = _entry(session, meeting, name, guest, quiet=quiet)
    method = "CANCEL" if off else "REQUEST"
    title = f"Inställt: {entry.summary}" if off else entry.summary
    queue_message(
        session,
        unit_id=meeting.unit_id,
        kind="meeting_cancelled" if off else "meeting_invitation",
        recipient=guest.email,
        subject=f"{title}, {_when(meeting)}",
        body=_body(entry, (name, unit.phone), owner, off=off, is_news=has_heard),
        cause_id=meeting.id,
        calendar=calendar_text([entry], method=method, now=now, organizer=owner, guest=guest),
        thread=thread,
        to=guest.to,
    )
    return True


def _entry(session: Session, meeting: Meeting, name: str, guest: Guest, *, quiet: bool) -> Entry:
    summary = f"Möte med {name}"
    if guest.is_staff:
        summary = "Möte" if quiet else MEETING_TYPES[meeting.kind].words
    return Entry(meeting, summary, None if quiet else place_of(session, meeting))


def place_of(session: Session, meeting: Meeting) -> str | None:
    """Room and place in words."""
    room = session.get(Room, meeting.room_id) if meeting.room_id else None
    return ", ".join(filter(None, (room.name if room else None, meeting.place))) or None


def _when(meeting: Meeting) -> str:
    start, end = (at.astimezone(STOCKHOLM) for at in (meeting.starts_at, meeting.ends_at))
    return f"{_WEEKDAYS[start.weekday()]} {start:%Y-%m-%d} kl. {start:%H.%M}-{end:%H.%M}"


def _body(
    entry: Entry, unit: tuple[str, str | None], owner: User, *, off: bool, is_news: bool
) -> str:
    """The letter; ``unit`` is its name and its phone."""
    first = "Hej! Du är inbjuden till ett möte."
    if off:
        first = "Hej! Mötet blir inte av."
    elif is_news:
        first = "Hej! Mötet är ändrat. Det här gäller nu."
    name, phone_of_unit = unit
    phone = owner.phone or phone_of_unit
    lines = [
        first,
        "",
        _when(entry.meeting),
        *([f"Plats: {entry.location}"] if entry.location and not off else []),
        "",
        f"{owner.name}, {name}" + (f", {format_phone(phone)}" if phone else ""),
    ]
    return "\n".join(lines) + "\n"


def calendar_text(
    entries: Iterable[Entry],
    *,
    now: datetime,
    method: str | None = None,
    organizer: User | None = None,
    guest: Guest | None = None,
) -> str:
    """Entries as iCalendar text.

    Args:
        entries: what stands in it.
        now: when it was written.
        method: ``REQUEST`` or ``CANCEL`` for an invitation; None for a calendar to keep.
        organizer: who invites.
        guest: who is invited.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    for entry in entries:
        event, meeting = Event(), entry.meeting
        event.add("uid", f"{meeting.id}@matchsvc")
        event.add("dtstamp", now)
        event.add("sequence", meeting.sequence)
        start, end = entry.times or (meeting.starts_at, meeting.ends_at)
        event.add("dtstart", start)
        event.add("dtend", end)
        event.add("summary", entry.summary)
        event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
        event.add("class", "PRIVATE")
        if entry.location:
            event.add("location", entry.location)
        if organizer is not None:
            address = vCalAddress(f"mailto:{organizer.email}")
            address.params["CN"] = organizer.name
            event.add("organizer", address)
        if guest is not None:
            event.add("attendee", vCalAddress(f"mailto:{guest.email}"))
        calendar.add_component(event)
    return str(calendar.to_ical().decode("utf-8"))
