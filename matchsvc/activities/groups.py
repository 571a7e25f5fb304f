"""Groups of an activity and the times they meet: begun, changed, moved, called off (GRP-01 to 05).

A group with somebody protected is led by one of her handlers; nobody else knows that she is there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.activities.catalogue import READERS, get_activity, refuse_ended, unit_of
from matchsvc.activities.kinds import USUAL, ask_why, unusual
from matchsvc.activities.leading import still_meets
from matchsvc.activities.models import Activity, ActivityGroup, GroupMember, GroupSession
from matchsvc.activities.places import count_places, fill_places
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.access import guarded_from
from matchsvc.participants.own import plain_text
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import ChangeReason
from matchsvc.workday.meeting_plans import days_of_series, instant
from matchsvc.workday.rules import is_colleague

#: Who begins groups; these and the group's leader change them.
PLANNERS = (Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER)
MOST_SESSIONS = 80


@dataclass(frozen=True, slots=True)
class GroupInput:
    """What a group is, as a form sends it; None takes what is usual for the activity."""

    name: str
    leader_id: UUID
    capacity: int | None = None
    languages: Sequence[str] = ()
    interpreter: bool = False
    limit_reason: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesInput:
    """When a group meets: the first day, how often, how many times."""

    day: date
    at: time
    minutes: int | None = None
    times: int | None = None
    every_weeks: int = 1
    room: str | None = None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group in a list.

    Attributes:
        group: with its activity and sessions.
        taken: places that somebody has.
        waiting: how many wait for one.
        next: its next session that stands, if any.
    """

    group: ActivityGroup
    taken: int
    waiting: int
    next: GroupSession | None

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return max(0, self.group.capacity - self.taken)


def list_groups(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    activity_ids: Collection[UUID] | None = None,
    over: bool = False,
) -> list[GroupLine]:
    """The unit's groups that still meet, the next session first; or those that are over.

    Three queries, however many groups there are.
    """
    actor.require_role(*READERS)
    found = select(ActivityGroup).where(ActivityGroup.unit_id == unit_of(actor))
    if activity_ids is not None:
        found = found.where(ActivityGroup.activity_id.in_(activity_ids))
    found = found.where(~still_meets(now) if over else still_meets(now))
    groups = session.scalars(_with_all(found)).all()
    taken = count_places(session, [each.id for each in groups])
    lines = [
        GroupLine(each, *taken.get(each.id, (0, 0)), next_session(each, now=now)) for each in groups
    ]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(
        lines, key=lambda line: (line.next.starts_at if line.next else far, line.group.name)
    )


def next_session(group: ActivityGroup, *, now: datetime) -> GroupSession | None:
    """The next session that stands and is not over; its sessions are loaded."""
    return next(
        (each for each in group.sessions if each.cancelled_at is None and each.ends_at >= now),
        None,
    )


def _with_all(found: Select[ActivityGroup]) -> Select[ActivityGroup]:
    return found.options(
        joinedload(ActivityGroup.activity), selectinload(ActivityGroup.sessions)
    ).execution_options(populate_existing=True)


def get_group(
    session: Session, actor: Actor, group_id: UUID, *, for_update: bool = False
) -> ActivityGroup:
    """One group of the unit with its activity and sessions.

    Raises:
        NotFound: unknown, or another unit's.
    """
    actor.require_role(*READERS)
    if for_update:  # a lock reaches no further than the row itself
        session.execute(
            select(ActivityGroup.id).where(ActivityGroup.id == group_id).with_for_update()
        ).all()
    found = select(ActivityGroup).where(
        ActivityGroup.id == group_id, ActivityGroup.unit_id == unit_of(actor)
    )
    group = session.scalar(_with_all(found))
    if group is None:
        raise NotFound("activity_group")
    return group


def line_of(session: Session, group: ActivityGroup, *, now: datetime) -> GroupLine:
    """A group with its places."""
    counts = count_places(session, [group.id]).get(group.id, (0, 0))
    return GroupLine(group, *counts, next_session(group, now=now))


def may_change(actor: Actor, group: ActivityGroup) -> bool:
    """Whether the actor may change the group: a planner, or whoever leads it."""
    return actor.is_system or actor.has_role(*PLANNERS) or actor.user_id == group.leader_id


def start_group(
    session: Session,
    actor: Actor,
    activity_id: UUID,
    said: GroupInput,
    series: SeriesInput,
    *,
    today: date,
) -> ActivityGroup:
    """Begin a group with its series of sessions.

    Args:
        session: a writing transaction.
        actor: a planner.
        activity_id: of the catalogue; what is not said is as usual there.
        said: name, leader, places.
        series: when it meets; a day off gives the next working day.
        today: the day.

    Raises:
        Refused: the role begins no groups.
        NotFound: unknown, or another unit's.
        Invalid: the leader is no colleague; too many times; an identity number in a text.
        RuleViolation: the activity is archived; unusual for its kind without a reason.
    """
    actor.require_role(*PLANNERS)
    activity = get_activity(session, actor, activity_id)
    refuse_ended(activity)
    capacity = said.capacity or activity.size or USUAL[activity.kind].size or 1
    minutes = series.minutes or activity.minutes
    times = series.times or activity.sessions
    found = unusual(activity.kind, minutes=minutes, sessions=times, people=capacity)
    ask_why(found, said.limit_reason)
    group = ActivityGroup(unit_id=activity.unit_id, activity_id=activity.id, capacity=capacity)
    _write(session, group, said, today=today)
    room = plain_text("room", series.room, today=today)
    session.add(group)
    session.flush()
    for day in days_of_series(series.day, every_weeks=series.every_weeks, times=times):
        _add(session, group, instant(day, series.at), minutes, room)
    session.flush()
    audit.record(session, actor, "create", "activity_group", group.id)
    return get_group(session, actor, group.id)


def _add(
    session: Session, group: ActivityGroup, starts_at: datetime, minutes: int, room: str | None
) -> GroupSession:
    row = GroupSession(
        group_id=group.id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        room=room,
    )
    session.add(row)
    return row


def _write(session: Session, group: ActivityGroup, said: GroupInput, *, today: date) -> None:
    if not is_colleague(session, said.leader_id, group.unit_id):
        raise Invalid({"leader_id": N_("Kollegan finns inte längre. Välj igen.")})
    name = plain_text("name", said.name, today=today)
    if name is None:
        raise Invalid({"name": N_("Skriv vad gruppen kallas, till exempel Tisdagar.")})
    group.name = name
    group.leader_id = said.leader_id
    group.languages = sorted(set(said.languages))
    group.interpreter = said.interpreter
    group.limit_reason = plain_text("limit_reason", said.limit_reason, today=today)


def change_group(
    session: Session,
    actor: Actor,
    group_id: UUID,
    said: GroupInput,
    *,
    version: int | None,
    today: date,
) -> ActivityGroup:
    """Change who leads the group, its places and languages. More places go to those who wait.

    Raises:
        NotFound: unknown, or another unit's.
        Refused: neither a planner nor its leader.
        Invalid: the leader is no colleague; an identity number in a text.
        RuleViolation: fewer places than people; unusual without a reason; the new leader cannot
            lead everybody in it.
        Conflict: it was saved since.
    """
    group = _changeable(session, actor, group_id)
    check_version(group, version)
    capacity = said.capacity or group.capacity
    found = unusual(group.activity.kind, minutes=None, sessions=None, people=capacity)
    ask_why(found, said.limit_reason)
    taken, _waiting = count_places(session, [group.id]).get(group.id, (0, 0))
    if capacity < taken:
        said_so = N_("Fler än så har plats i gruppen. Någon behöver lämna den först.")
        raise RuleViolation("too_few_places", said_so, fields={"capacity": said_so})
    if said.leader_id != group.leader_id:
        there = session.scalars(
            select(GroupMember.participant_id).where(
                GroupMember.group_id == group.id, GroupMember.left_on.is_(None)
            )
        ).all()
        if guarded_from(session, said.leader_id, there):
            cannot = N_("Den du valde kan inte leda den här gruppen. Välj en annan.")
            raise RuleViolation("cannot_lead", cannot, fields={"leader_id": cannot})
    _write(session, group, said, today=today)
    group.capacity = capacity
    session.flush()
    audit.record(session, actor, "change", "activity_group", group.id)
    fill_places(session, actor, group, today=today)
    return group


def _changeable(session: Session, actor: Actor, group_id: UUID) -> ActivityGroup:
    group = get_group(session, actor, group_id, for_update=True)
    if not may_change(actor, group):
        raise Refused
    return group


def get_session(
    session: Session, actor: Actor, session_id: UUID, *, for_update: bool = False
) -> GroupSession:
    """One session with its group and activity.

    Raises:
        NotFound: unknown, or another unit's.
    """
    actor.require_role(*READERS)
    if for_update:  # a lock reaches no further than the row itself
        session.scalars(
            select(GroupSession)
            .where(GroupSession.id == session_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    row = session.scalar(
        select(GroupSession)
        .join(ActivityGroup, ActivityGroup.id == GroupSession.group_id)
        .where(GroupSession.id == session_id, ActivityGroup.unit_id == unit_of(actor))
        .options(joinedload(GroupSession.group).joinedload(ActivityGroup.activity))
    )
    if row is None:
        raise NotFound("activity_session")
    return row


def add_sessions(
    session: Session, actor: Actor, group_id: UUID, series: SeriesInput, *, today: date
) -> list[GroupSession]:
    """Let the group meet more times.

    Raises:
        NotFound, Refused: as :func:`change_group`.
        Invalid: too many times; an identity number in the room.
        RuleViolation: the group has all the sessions that fit.
    """
    group = _changeable(session, actor, group_id)
    times = series.times or 1
    if len(group.sessions) + times > MOST_SESSIONS:
        raise RuleViolation("too_many", N_("Gruppen har för många tillfällen. Börja en ny grupp."))
    room = plain_text("room", series.room, today=today)
    minutes = series.minutes or group.activity.minutes
    days = days_of_series(series.day, every_weeks=series.every_weeks, times=times)
    rows = [_add(session, group, instant(day, series.at), minutes, room) for day in days]
    session.flush()
    audit.record(session, actor, "change", "activity_group", group.id, fields=["sessions"])
    return rows


def move_session(
    session: Session,
    actor: Actor,
    session_id: UUID,
    series: SeriesInput,
    *,
    reason: ChangeReason,
    version: int | None,
    today: date,
) -> GroupSession:
    """Another time or room for one session; ``minutes`` None keeps its length.

    Raises:
        NotFound: unknown, or another unit's.
        Refused: neither a planner nor its leader.
        RuleViolation: it is called off, or somebody has written who came.
        Conflict: it was saved since.
    """
    row = _settle(session, actor, session_id, version)
    length = timedelta(minutes=series.minutes) if series.minutes else row.ends_at - row.starts_at
    row.starts_at = instant(series.day, series.at)
    row.ends_at = row.starts_at + length
    row.room = plain_text("room", series.room, today=today)
    row.moved_reason = reason
    session.flush()
    audit.record(session, actor, "move", "activity_session", row.id)
    return row


def cancel_session(
    session: Session,
    actor: Actor,
    session_id: UUID,
    *,
    reason: ChangeReason,
    version: int | None,
    now: datetime,
) -> GroupSession:
    """Call one session off.

    Raises:
        NotFound, Refused, RuleViolation, Conflict: as :func:`move_session`.
    """
    row = _settle(session, actor, session_id, version)
    row.cancelled_at, row.cancel_reason = now, reason
    session.flush()
    audit.record(session, actor, "cancel", "activity_session", row.id)
    return row


def _settle(session: Session, actor: Actor, session_id: UUID, version: int | None) -> GroupSession:
    row = get_session(session, actor, session_id, for_update=True)
    if not may_change(actor, row.group):
        raise Refused
    check_version(row, version)
    if row.cancelled_at is not None:
        raise RuleViolation("cancelled", N_("Tillfället är inställt."))
    if row.marked_at is not None:
        raise RuleViolation(
            "marked", N_("Närvaron är redan skriven. Tillfället har hållits och ändras inte.")
        )
    return row


def sessions_led(session: Session, user_id: UUID, first: date, last: date) -> list[GroupSession]:
    """The sessions that somebody leads from one day to another that stand, in order.

    They hold nobody's name. One query.
    """
    start, end = instant(first, time(0)), instant(last + timedelta(days=1), time(0))
    found = (
        select(GroupSession)
        .join(ActivityGroup, ActivityGroup.id == GroupSession.group_id)
        .where(
            ActivityGroup.leader_id == user_id,
            GroupSession.cancelled_at.is_(None),
            GroupSession.starts_at >= start,
            GroupSession.starts_at < end,
        )
        .options(joinedload(GroupSession.group).joinedload(ActivityGroup.activity))
        .order_by(GroupSession.starts_at, GroupSession.id)
    )
    return list(session.scalars(found))


def sessions_on(session: Session, actor: Actor, day: date) -> list[GroupSession]:
    """The unit's sessions of a day that stand, in order."""
    actor.require_role(*READERS)
    start, end = instant(day, time(0)), instant(day + timedelta(days=1), time(0))
    found = (
        select(GroupSession)
        .join(ActivityGroup, ActivityGroup.id == GroupSession.group_id)
        .join(Activity, Activity.id == ActivityGroup.activity_id)
        .where(
            ActivityGroup.unit_id == unit_of(actor),
            GroupSession.cancelled_at.is_(None),
            GroupSession.starts_at >= start,
            GroupSession.starts_at < end,
        )
        .options(joinedload(GroupSession.group).joinedload(ActivityGroup.activity))
        .order_by(GroupSession.starts_at, GroupSession.id)
    )
    return list(session.scalars(found))


def is_over(group: ActivityGroup, *, today: date) -> bool:
    """Whether the last session that stands was before today; its sessions are loaded."""
    days = [local_date(each.starts_at) for each in group.sessions if each.cancelled_at is None]
    return not days or max(days) < today
