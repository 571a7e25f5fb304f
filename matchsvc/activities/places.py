"""Who holds a place: those in an open case; what is freed goes to the longest wait, who is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.accounts.models import User
from matchsvc.activities.leading import still_meets
from matchsvc.activities.models import ActivityGroup, GroupMember
from matchsvc.participants.models import Case, Participant
from matchsvc.workday.meeting_plans import instant
from matchsvc.workday.rules import add_task, managers_of

#: Days within which somebody is told of the place.
_TELL_WITHIN = timedelta(days=3)


def in_case(day: date | None = None) -> ColumnElement[bool]:
    """Whether a member has an open case, or one that had not ended before a day."""
    still: ColumnElement[bool] = Case.ended_on.is_(None)
    if day is not None:
        still = or_(still, Case.ended_on >= day)
    return GroupMember.participant_id.in_(select(Case.participant_id).where(still))


def holds() -> ColumnElement[bool]:
    """Whether a member has a place or waits for one: has not left, and the case is open."""
    return GroupMember.left_on.is_(None) & in_case()


def count_places(session: Session, group_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many have a place in each of some groups, and how many wait. One query."""
    rows = session.execute(
        select(
            GroupMember.group_id,
            func.count(GroupMember.joined_on),
            func.count() - func.count(GroupMember.joined_on),
        )
        .where(GroupMember.group_id.in_(group_ids), holds())
        .group_by(GroupMember.group_id)
    )
    return {key: (joined, waiting) for key, joined, waiting in rows}


def fill_places(
    session: Session,
    actor: Actor,
    group: ActivityGroup,
    *,
    today: date,
    asking: UUID | None = None,
) -> int:
    """Give free places to those who have waited longest; how many got one. Asks no right.

    The case worker of each gets a task, so that it is said whoever looks at the page.

    Args:
        session: a writing transaction.
        actor: who or what freed the place.
        group: with its activity.
        today: the day.
        asking: a participant who asks right now, whose worker sees the answer and needs no task.
    """
    taken, _waiting = count_places(session, [group.id]).get(group.id, (0, 0))
    waiting = session.scalars(
        select(GroupMember)
        .where(GroupMember.group_id == group.id, GroupMember.joined_on.is_(None), holds())
        .order_by(GroupMember.asked_at, GroupMember.id)
        .limit(max(0, group.capacity - taken))
    ).all()
    for member in waiting:
        member.joined_on = today
        audit.record(
            session, actor, "join", "activity_group", group.id, subjects=[member.participant_id]
        )
    session.flush()
    for member in waiting:
        if member.participant_id != asking:
            _tell(session, actor, group, member.participant_id, today=today)
    return len(waiting)


def _tell(
    session: Session, actor: Actor, group: ActivityGroup, participant_id: UUID, *, today: date
) -> None:
    row = session.execute(
        select(Case, Participant.number, Participant.protected)
        .join(Participant, Participant.id == Case.participant_id)
        .where(Case.participant_id == participant_id, Case.ended_on.is_(None))
    ).first()
    if row is None:
        return
    case, number, protected = row
    worker = session.get(User, case.case_worker_id) if case.case_worker_id else None
    owner_id = worker.id if worker is not None and worker.is_active else None
    if owner_id is None and not protected:  # a manager does not know of protected people
        owner_id = next(iter(managers_of(session, case.unit_id)), None)
    if owner_id is None:
        return
    name = f"{group.activity.name}, {group.name}"
    task = add_task(
        session,
        actor,
        owner_id=owner_id,
        unit_id=case.unit_id,
        kind="got_place",
        about_type="participant",
        about_id=participant_id,
        due_on=today + _TELL_WITHIN,
        words={"alias": f"D-{number}", "group": name},
        origin="GRP-06",
    )
    known: Mapping[str, str] = task.words
    if name not in known["group"]:  # a task still open tells of another group: it tells of both
        task.words = {**known, "group": f"{known['group']}; {name}"}
        session.flush()


def free_places(session: Session, *, today: date) -> int:
    """Let those whose case has ended leave groups that still meet, on its last day.

    A job of the day; the same day again changes nothing. One transaction: all of it or nothing.

    Returns:
        How many left a group or its waiting list.
    """
    actor = job_actor("free_places")
    groups = session.scalars(
        select(ActivityGroup)
        .where(still_meets(instant(today, time(0))))
        .options(joinedload(ActivityGroup.activity))
        .order_by(ActivityGroup.id)
        .with_for_update(of=ActivityGroup)
    ).all()
    last = (
        select(func.max(Case.ended_on))
        .where(Case.participant_id == GroupMember.participant_id)
        .scalar_subquery()
    )
    gone = session.execute(
        select(GroupMember, last).where(
            GroupMember.group_id.in_([each.id for each in groups]),
            GroupMember.left_on.is_(None),
            ~in_case(),
        )
    ).all()
    for member, ended_on in gone:
        member.left_on = ended_on or today
        audit.record(
            session, actor, "leave", "activity_group", member.group_id,
            subjects=[member.participant_id],
        )  # fmt: skip
    session.flush()
    for group in groups:
        fill_places(session, actor, group, today=today)
    return len(gone)
