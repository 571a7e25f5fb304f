"""Whose tasks somebody sees and changes: own, those stood in for, the unit's.

It lives above what tasks are about, because a task about somebody who does not exist for the reader
does not exist either. When a person becomes protected, her tasks stand on her handlers' lists,
whoever owned them: derived here, so that nothing has to be moved and nothing is left behind.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import actor_of
from matchsvc.errors import N_, Invalid
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.placements.disturbance_models import DISTURBANCE_TASK, Disturbance
from matchsvc.placements.models import Placement
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen, is_colleague, open_tasks, reassign_tasks
from matchsvc.workday.substitutes import stood_in_for

PAGE_SIZE = 50
#: Who sees and moves everybody's tasks of the unit.
LEADS = (Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)
_ABOUT_PEOPLE = ("participant", "placement")


class Span(enum.StrEnum):
    """The groups of the list."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of open tasks, the earliest due first; pages count from 1."""

    tasks: Sequence[Task]
    page: int
    pages: int
    total: int

    def grouped(self, today: date) -> dict[Span, list[Task]]:
        """The tasks by when they are due; empty groups are left out."""
        found: dict[Span, list[Task]] = {}
        for task in self.tasks:
            found.setdefault(span_of(task.due_on, today), []).append(task)
        return found


def span_of(due_on: date, today: date) -> Span:
    """Which group a day belongs to."""
    if due_on < today:
        return Span.OVERDUE
    if due_on == today:
        return Span.TODAY
    return Span.WEEK if due_on <= today + timedelta(days=6) else Span.LATER


def my_tasks(session: Session, actor: Actor, *, today: date) -> Select[Task]:
    """Open tasks on the actor's list: own, stood in for, and of protected people she handles."""
    return open_tasks().where(_is_mine(session, actor, today), _exists(session, actor, today))


def unit_tasks(session: Session, actor: Actor, *, today: date) -> Select[Task]:
    """Open tasks of the unit that the actor may see: all for leads, else one's own."""
    if not actor.has_role(*LEADS):
        return my_tasks(session, actor, today=today)
    return open_tasks().where(Task.unit_id == actor.unit_id, _exists(session, actor, today))


def changeable_tasks(session: Session, actor: Actor, *, today: date) -> Select[Task]:
    """Every task, open or closed, that the actor may change."""
    mine = _is_mine(session, actor, today)
    if actor.has_role(*LEADS):
        mine = or_(mine, Task.unit_id == actor.unit_id)
    return select(Task).where(mine, _exists(session, actor, today))


def list_tasks(session: Session, actor: Actor, found: Select[Task], *, page: int = 1) -> TaskPage:
    """A page of some tasks; logged with their ids. Two queries."""
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    tasks = session.scalars(
        found.order_by(Task.due_on, Task.id).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    ).all()
    audit.record(session, actor, "list", "task", subjects=[task.id for task in tasks])
    return TaskPage(tasks, page, pages, total)


def give_tasks(
    session: Session,
    actor: Actor,
    chosen: Chosen,
    *,
    owner_id: UUID,
    reason: str | None = None,
    today: date,
) -> list[Task]:
    """Give tasks to a colleague who may see whom they are about: else nobody would see them.

    What went wrong at a placement goes with the task about it.

    Raises:
        NotFound: one is not the actor's to give.
        Conflict: one was saved since the page was shown.
        Invalid: not an active user of the unit, or somebody who may not see.
    """
    if is_colleague(session, owner_id, actor.unit_id) and not _sees_all(
        session, owner_id, chosen, today
    ):
        raise Invalid(
            {
                "owner_id": N_(
                    "Kollegan får inte se den som uppgiften gäller. "
                    "Lämna över ärendet först, eller välj en annan."
                )
            }
        )
    went_wrong = session.execute(
        chosen.reach.where(
            Task.id.in_(chosen.versions), Task.kind == DISTURBANCE_TASK
        ).with_only_columns(Task.about_id, Task.owner_id)
    ).all()
    tasks = reassign_tasks(session, actor, chosen, owner_id=owner_id, reason=reason)
    for placement_id, former_id in went_wrong:
        session.execute(
            update(Disturbance)
            .where(
                Disturbance.placement_id == placement_id,
                Disturbance.owner_id == former_id,
                Disturbance.closed_on.is_(None),
            )
            .values(owner_id=owner_id)
        )
    return tasks


def _sees_all(session: Session, owner_id: UUID, chosen: Chosen, today: date) -> bool:
    receiver = actor_of(session, owner_id)
    within = chosen.reach.where(Task.id.in_(chosen.versions)).with_only_columns(Task.id)
    unseen = within.where(~_exists(session, receiver, today)).limit(1)
    return session.scalar(unseen) is None


def _is_mine(session: Session, actor: Actor, today: date) -> ColumnElement[bool]:
    if actor.user_id is None:
        return false()
    owners = [actor.user_id, *stood_in_for(session, actor.user_id, today=today)]
    handled = select(Involvement.participant_id).where(
        Involvement.user_id == actor.user_id,
        Involvement.capacity == Capacity.PROTECTED_HANDLER,
        or_(Involvement.until.is_(None), Involvement.until >= today),
    )
    protected = (
        visible_participants(session, actor, today=today)
        .where(Participant.protected.is_(True), Participant.id.in_(handled))
        .with_only_columns(Participant.id)
    )
    return or_(Task.owner_id.in_(owners), _about(protected))


def _about(people: Select[UUID]) -> ColumnElement[bool]:
    placements = select(Placement.id).where(Placement.participant_id.in_(people))
    return or_(
        and_(Task.about_type == "participant", Task.about_id.in_(people)),
        and_(Task.about_type == "placement", Task.about_id.in_(placements)),
    )


def _exists(session: Session, actor: Actor, today: date) -> ColumnElement[bool]:
    """Whether what a task is about exists for the actor."""
    people = visible_participants(session, actor, today=today).with_only_columns(Participant.id)
    return or_(Task.about_type.not_in(_ABOUT_PEOPLE), _about(people))
