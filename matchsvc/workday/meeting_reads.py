"""What is in the calendars: by person, room and time. Raw rows: ``diary`` decides what is seen."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.errors import NotFound
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Meeting, MeetingPerson, Room
from matchsvc.workday.meeting_plans import Plan, staff_on
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import slot_times
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task, managers_of

OWNERLESS_TASK = "ownerless_meetings"
_LOADED = (selectinload(Meeting.people), selectinload(Meeting.interpreters))


def get_meeting(
    session: Session, unit_id: UUID | None, meeting_id: UUID, *, for_update: bool = False
) -> Meeting:
    """One meeting of a unit with everybody on it.

    Raises:
        NotFound: there is none.
    """
    found = select(Meeting).where(Meeting.id == meeting_id, Meeting.unit_id == unit_id)
    if for_update:
        found = found.with_for_update(of=Meeting).execution_options(populate_existing=True)
    meeting = session.scalar(found.options(*_LOADED))
    if meeting is None:
        raise NotFound("meeting")
    return meeting


def _involves(user_ids: Collection[UUID]) -> ColumnElement[bool]:
    on_it = select(MeetingPerson.meeting_id).where(
        MeetingPerson.party == Party.STAFF, MeetingPerson.ref_id.in_(user_ids)
    )
    return or_(Meeting.owner_id.in_(user_ids), Meeting.id.in_(on_it))


def _between(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(Meeting.starts_at < end, Meeting.ends_at > start, Meeting.cancelled_at.is_(None))


def meetings_between(
    session: Session,
    unit_id: UUID,
    start: datetime,
    end: datetime,
    *,
    user_id: UUID | None = None,
    also_with: Select[UUID] | None = None,
    cancelled: bool = False,
) -> list[Meeting]:
    """A unit's meetings in a time, or one user's, in order.

    Args:
        session: to read with.
        unit_id: whose.
        start: those that end after it ...
        end: ... and begin before it.
        user_id: only those this user takes part in ...
        also_with: ... or in which one of these participants has a slot of her own.
        cancelled: whether those called off are among them.
    """
    found = select(Meeting).where(
        Meeting.unit_id == unit_id, Meeting.starts_at < end, Meeting.ends_at > start
    )
    if not cancelled:
        found = found.where(Meeting.cancelled_at.is_(None))
    if user_id is not None:
        mine = _involves([user_id])
        if also_with is not None:
            has_slot = and_(
                MeetingPerson.party == Party.PARTICIPANT,
                MeetingPerson.slot.is_not(None),
                MeetingPerson.ref_id.in_(also_with),
            )
            mine = or_(mine, Meeting.people.any(has_slot))
        found = found.where(mine)
    return list(session.scalars(_in_order(found)))


def _in_order(found: Select[Meeting]) -> Select[Meeting]:
    return found.options(*_LOADED).order_by(Meeting.starts_at, Meeting.id)


def meetings_of(session: Session, user_id: UUID, *, now: datetime) -> list[Meeting]:
    """What a user answers for from now on: what a hand-over has to move."""
    found = select(Meeting).where(
        Meeting.owner_id == user_id, Meeting.ends_at > now, Meeting.cancelled_at.is_(None)
    )
    return list(session.scalars(_in_order(found)))


def to_close(session: Session, user_id: UUID, *, now: datetime) -> list[Meeting]:
    """The user's meetings of the last two weeks of which nobody has written how they went."""
    found = select(Meeting).where(
        Meeting.owner_id == user_id,
        Meeting.ends_at.between(now - timedelta(days=14), now),
        Meeting.cancelled_at.is_(None),
        Meeting.closed_at.is_(None),
        Meeting.people.any(MeetingPerson.party == Party.PARTICIPANT),
    )
    return list(session.scalars(_in_order(found)))


def ownerless(session: Session, unit_id: UUID, *, now: datetime) -> list[Meeting]:
    """The unit's coming meetings whose owner's account has ended."""
    found = (
        select(Meeting)
        .join(User, User.id == Meeting.owner_id)
        .where(
            Meeting.unit_id == unit_id,
            Meeting.ends_at > now,
            Meeting.cancelled_at.is_(None),
            User.is_active.is_(False),
        )
    )
    return list(session.scalars(_in_order(found)))


def tell_managers_of_ownerless(
    session: Session, actor: Actor, *, now: datetime, unit_id: UUID | None = None
) -> int:
    """Give the managers a task for each ended account that still has meetings; how many there are.

    Whoever ends an account calls it at once; the scheduler does so every minute.
    """
    found = (
        select(Meeting.unit_id, Meeting.owner_id, User.name, Meeting.starts_at)
        .join(User, User.id == Meeting.owner_id)
        .where(Meeting.ends_at > now, Meeting.cancelled_at.is_(None), User.is_active.is_(False))
        .order_by(Meeting.starts_at.desc())
    )
    if unit_id is not None:
        found = found.where(Meeting.unit_id == unit_id)
    # The earliest of each owner comes last and stays.
    ended = {(row.unit_id, row.owner_id): row for row in session.execute(found)}
    asked = select(Task.owner_id, Task.about_id).where(Task.kind == OWNERLESS_TASK)
    told = {(row.owner_id, row.about_id) for row in session.execute(asked)}
    for row in ended.values():
        for manager_id in managers_of(session, row.unit_id):
            if (manager_id, row.owner_id) in told:
                continue  # also when the task was done or dropped: the list on the page remains
            add_task(
                session,
                actor,
                owner_id=manager_id,
                unit_id=row.unit_id,
                kind=OWNERLESS_TASK,
                about_type="meetings",
                about_id=row.owner_id,
                due_on=max(local_date(row.starts_at), local_date(now)),
                words={"colleague": row.name},
                origin="rule:ownerless_meetings",
            )
    return len(ended)


def next_with(session: Session, participant_id: UUID, *, now: datetime) -> Meeting | None:
    """The participant's next meeting. Whether its reader may know of it is the caller's to know."""
    return next(iter(coming_with(session, participant_id, now=now, limit=1)), None)


def coming_with(
    session: Session, participant_id: UUID, *, now: datetime, limit: int
) -> list[Meeting]:
    """The participant's next meetings, in order; asks no right, as :func:`next_with`."""
    found = select(Meeting).where(
        Meeting.people.any(
            and_(MeetingPerson.party == Party.PARTICIPANT, MeetingPerson.ref_id == participant_id)
        ),
        Meeting.ends_at > now,
        Meeting.cancelled_at.is_(None),
    )
    return list(session.scalars(_in_order(found).limit(limit)))


def met_between(
    session: Session, participant_ids: Collection[UUID], start: datetime, end: datetime
) -> set[UUID]:
    """Those of some participants who have a meeting in a time. One query; asks no right."""
    found = (
        select(MeetingPerson.ref_id)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(
            MeetingPerson.party == Party.PARTICIPANT,
            MeetingPerson.ref_id.in_(participant_ids),
            _between(start, end),
        )
    )
    return {ref_id for ref_id in session.scalars(found) if ref_id is not None}


def count_with(session: Session, participant_id: UUID, kind: str, *, before: datetime) -> int:
    """How many meetings of a kind a participant had or has before an instant: the next is n + 1."""
    found = select(Meeting.id).where(
        Meeting.kind == kind,
        Meeting.cancelled_at.is_(None),
        Meeting.starts_at < before,
        Meeting.people.any(
            and_(MeetingPerson.party == Party.PARTICIPANT, MeetingPerson.ref_id == participant_id)
        ),
    )
    return len(session.scalars(found).all())


def visits_with(
    session: Session,
    participant_id: UUID,
    kinds: Collection[str],
    *,
    start: datetime,
    end: datetime | None,
) -> list[Meeting]:
    """A participant's meetings of some kinds in a period, planned and held, in order.

    Asks no right, as :func:`next_with`.
    """
    found = select(Meeting).where(
        Meeting.kind.in_(kinds),
        Meeting.cancelled_at.is_(None),
        Meeting.starts_at >= start,
        Meeting.people.any(
            and_(MeetingPerson.party == Party.PARTICIPANT, MeetingPerson.ref_id == participant_id)
        ),
    )
    if end is not None:
        found = found.where(Meeting.starts_at < end)
    return list(session.scalars(_in_order(found)))


def following(session: Session, meeting: Meeting) -> list[Meeting]:
    """This meeting and those after it in its series that still stand; this alone without one."""
    if meeting.series_id is None:
        return [meeting]
    found = select(Meeting).where(
        Meeting.series_id == meeting.series_id,
        Meeting.unit_id == meeting.unit_id,
        Meeting.starts_at > meeting.starts_at,
        Meeting.cancelled_at.is_(None),
        Meeting.closed_at.is_(None),
    )
    return [meeting, *session.scalars(_in_order(found).with_for_update(of=Meeting))]


def list_rooms(session: Session, unit_id: UUID | None) -> list[Room]:
    """The rooms that the unit can book."""
    found = select(Room).where(Room.unit_id == unit_id, Room.is_active)
    return list(session.scalars(found.order_by(Room.sort_key)))


class Busy(enum.StrEnum):
    """What is taken already."""

    PARTICIPANT = "participant"
    STAFF = "staff"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Clash:
    """Something is taken at a time. It never says by what.

    Attributes:
        what: person, colleague or room.
        ref_id: which.
        starts_at, ends_at: taken from when to when.
    """

    what: Busy
    ref_id: UUID
    starts_at: datetime
    ends_at: datetime


def find_clashes(
    session: Session,
    plans: Collection[Plan],
    *,
    unit_id: UUID,
    owner_id: UUID,
    apart_from: Collection[UUID] = (),
) -> list[Clash]:
    """What is taken already at the times of some plans. One question, however many there are.

    Args:
        session: to read with.
        plans: what is wanted.
        unit_id: in this unit.
        owner_id: whose time is needed too.
        apart_from: the meetings that are being moved.
    """
    if not plans:
        return []
    start, end = min(p.starts_at for p in plans), max(p.ends_at for p in plans)
    found = select(Meeting).where(
        Meeting.unit_id == unit_id, _between(start, end), Meeting.id.not_in(apart_from)
    )
    held = list(session.scalars(_in_order(found)))
    clashes = []
    for plan in plans:
        wanted = {(Busy.STAFF, owner_id)}
        for guest in plan.guests:
            if guest.ref_id and guest.party in {Party.STAFF, Party.PARTICIPANT}:
                wanted.add((Busy(guest.party.value), guest.ref_id))
        if plan.room_id:
            wanted.add((Busy.ROOM, plan.room_id))
        for meeting in held:
            if meeting.starts_at < plan.ends_at and meeting.ends_at > plan.starts_at:
                clashes += [
                    Clash(what, ref_id, meeting.starts_at, meeting.ends_at)
                    for what, ref_id in sorted(wanted & _taken(meeting, plan), key=str)
                ]
    return list(dict.fromkeys(clashes))


def _taken(meeting: Meeting, plan: Plan) -> set[tuple[Busy, UUID]]:
    taken = {(Busy.STAFF, user_id) for user_id in staff_on(meeting)}
    slots = slot_times(meeting)
    for person in meeting.people:
        if person.party is not Party.PARTICIPANT or person.ref_id is None:
            continue
        # Who has a slot is taken for those minutes only.
        start, end = meeting.starts_at, meeting.ends_at
        if person.slot is not None and person.slot <= len(slots):
            start, end = slots[person.slot - 1]
        if start < plan.ends_at and end > plan.starts_at:
            taken.add((Busy.PARTICIPANT, person.ref_id))
    if meeting.room_id:
        taken.add((Busy.ROOM, meeting.room_id))
    return taken
