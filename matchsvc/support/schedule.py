"""The schedule of support, made from the placement itself; as a list and as a calendar (EMP-05).

Nothing in it names anybody or says why: what an employer's own calendar holds, others there read.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.employers.models import Contact, Site
from matchsvc.placements.models import FollowUp, Placement
from matchsvc.support.models import PreMeeting
from matchsvc.swedish import local_date, working_day_on_or_after
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party

_PRODUCT = "-//matchsvc//support//SV"
#: Meetings that are held at the workplace whoever is invited.
_AT_WORK = ("follow_up", "adaptation_visit", "language_support_visit")
#: A booked follow-up stands for the due one that is this near.
_NEAR = timedelta(days=10)


class ItemKind(enum.StrEnum):
    """What happens; what it is called stands in wording.py."""

    PRE_MEETING = "pre_meeting"
    START = "start"
    FOLLOW_UP = "follow_up"
    THREE_PARTY = "three_party"
    VISIT = "visit"
    END_SURVEY = "end_survey"
    END = "end"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that happens in the placement.

    Attributes:
        uid: stable name in calendars.
        kind: what.
        day: when; for what has no time yet, the last day.
        starts_at, ends_at: of what is booked.
        sequence: counts up with every change of a booked time.
        is_done: it has happened.
    """

    uid: str
    kind: ItemKind
    day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    sequence: int = 0
    is_done: bool = False


def schedule_of(session: Session, placement: Placement, *, today: date) -> list[Item]:
    """Everything in a placement's schedule of support, in order. Three queries. Asks no right."""
    key = placement.id
    items = [Item(f"{key}-start@matchsvc", ItemKind.START, placement.start_date)]
    meetings = _meetings(session, placement)
    items += [_of_meeting(meeting, kind, today) for meeting, kind in meetings]
    booked = [local_date(m.starts_at) for m, kind in meetings if kind is ItemKind.FOLLOW_UP]
    for row in session.scalars(
        select(FollowUp).where(FollowUp.placement_id == key, FollowUp.cancelled_on.is_(None))
    ):
        day = row.held_on or row.due_on
        if any(abs(day - other) <= _NEAR for other in booked):
            continue  # the time that was booked says more
        items.append(
            Item(f"{row.id}@matchsvc", ItemKind.FOLLOW_UP, day, is_done=row.held_on is not None)
        )
    end = placement.end_date or placement.planned_end_date
    if end is not None:
        items.append(Item(f"{key}-end@matchsvc", ItemKind.END, end, is_done=end < today))
        survey = working_day_on_or_after(end + timedelta(days=1))
        items.append(Item(f"{key}-survey@matchsvc", ItemKind.END_SURVEY, survey))
    order = list(ItemKind)
    return sorted(
        (_done(item, today) for item in items), key=lambda item: (item.day, order.index(item.kind))
    )


def _done(item: Item, today: date) -> Item:
    if item.kind is ItemKind.START and item.day <= today:
        return Item(item.uid, item.kind, item.day, is_done=True)
    return item


def _meetings(session: Session, placement: Placement) -> list[tuple[Meeting, ItemKind]]:
    """Booked meetings of this placement to which the employer is invited, or that are at work."""
    own = select(PreMeeting.meeting_id).where(PreMeeting.placement_id == placement.id)
    with_person = select(MeetingPerson.meeting_id).where(
        MeetingPerson.party == Party.PARTICIPANT,
        MeetingPerson.ref_id == placement.participant_id,
    )
    found = session.scalars(
        select(Meeting)
        .where(
            Meeting.cancelled_at.is_(None),
            Meeting.unit_id == placement.unit_id,
            or_(Meeting.id.in_(own), Meeting.id.in_(with_person)),
        )
        .options(selectinload(Meeting.people))
    ).all()
    own_ids = set(session.scalars(own))
    theirs = set(session.scalars(_contacts_of(placement)))
    last = placement.end_date or placement.planned_end_date or date.max
    listed = []
    for meeting in found:
        if meeting.id in own_ids:
            listed.append((meeting, ItemKind.PRE_MEETING))
            continue
        if not placement.start_date <= local_date(meeting.starts_at) <= last:
            continue
        is_invited = any(p.party is Party.EMPLOYER and p.ref_id in theirs for p in meeting.people)
        if meeting.kind == "follow_up":
            listed.append((meeting, ItemKind.FOLLOW_UP))
        elif meeting.kind in _AT_WORK:
            listed.append((meeting, ItemKind.VISIT))
        elif is_invited:
            is_talk = meeting.kind in ("three_party", "multi_party")
            listed.append((meeting, ItemKind.THREE_PARTY if is_talk else ItemKind.VISIT))
    return listed


def _contacts_of(placement: Placement) -> Select[UUID]:
    site = select(Site.employer_id).where(Site.id == placement.site_id).scalar_subquery()
    return select(Contact.id).where(Contact.employer_id == site)


def _of_meeting(meeting: Meeting, kind: ItemKind, today: date) -> Item:
    day = local_date(meeting.starts_at)
    return Item(
        f"{meeting.id}@matchsvc",
        kind,
        day,
        meeting.starts_at,
        meeting.ends_at,
        meeting.sequence,
        is_done=meeting.closed_at is not None or day < today,
    )


def next_of(items: Sequence[Item], *, today: date) -> Item | None:
    """What happens next."""
    return next((item for item in items if item.day >= today and not item.is_done), None)


def calendar_of(
    items: Sequence[Item], *, title: Callable[[Item], str], name: str, now: datetime
) -> str:
    """The schedule as iCalendar text (RFC 5545). Whole days for what has no time yet.

    Args:
        items: what stands in it.
        title: what an entry is called, in the reader's language; names nobody.
        name: of the calendar.
        now: when it was written.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for item in items:
        event = Event()
        event.add("uid", item.uid)
        event.add("dtstamp", now)
        event.add("sequence", item.sequence)
        event.add("summary", title(item))
        if item.starts_at is not None and item.ends_at is not None:
            event.add("dtstart", item.starts_at)
            event.add("dtend", item.ends_at)
        else:
            event.add("dtstart", item.day)
            event.add("dtend", item.day + timedelta(days=1))
            event.add("transp", "TRANSPARENT")  # a day to remember, not a busy one
        calendar.add_component(event)
    return str(calendar.to_ical().decode("utf-8"))
