"""Tasks: made by rules or people, done or dropped with a reason. No HTTP, no commit, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.workday.models import Task


def add_task(
    session: Session,
    actor: Actor,
    *,
    owner_id: UUID,
    unit_id: UUID,
    kind: str,
    about_type: str,
    about_id: UUID,
    due_on: date,
    words: Mapping[str, str] | None = None,
    origin: str | None = None,
) -> Task:
    """Give somebody something to do. The same open task again gives the one there is.

    Args:
        session: the transaction of what caused it.
        actor: who or what made it.
        owner_id: the user who shall do it.
        unit_id: the unit it belongs to.
        kind: a code of :data:`matchsvc.workday.words.TASK_WORDS`.
        about_type: ``employer``, ``placement``, ``participant`` ...
        about_id: its id.
        due_on: the last day to do it.
        words: what the sentence names: aliases and employers, never names of participants.
        origin: the rule that made it; None means the actor did.
    """
    known = session.scalar(
        select(Task).where(
            Task.owner_id == owner_id,
            Task.kind == kind,
            Task.about_id == about_id,
            Task.done_at.is_(None),
            Task.dropped_reason.is_(None),
        )
    )
    if known is not None:
        return known
    task = Task(
        unit_id=unit_id,
        owner_id=owner_id,
        kind=kind,
        words=dict(words or {}),
        about_type=about_type,
        about_id=about_id,
        due_on=due_on,
        origin=origin or actor.label,
    )
    session.add(task)
    session.flush()
    audit.record(session, actor, "create", "task", task.id)
    return task


def managers_of(session: Session, unit_id: UUID) -> list[UUID]:
    """Ids of the unit's active managers, to whom a rule may escalate."""
    return list(
        session.scalars(
            select(User.id)
            .join(UserRole, UserRole.user_id == User.id)
            .where(
                User.unit_id == unit_id,
                User.is_active,
                UserRole.role == Role.UNIT_MANAGER,
            )
            .order_by(User.sort_key, User.id)
        )
    )


def list_open_tasks(session: Session, actor: Actor, *, until: date) -> list[Task]:
    """The user's own tasks that are neither done nor dropped, due on or before a day."""
    return list(
        session.scalars(
            select(Task)
            .where(
                Task.owner_id == actor.require_user(),
                Task.done_at.is_(None),
                Task.dropped_reason.is_(None),
                Task.due_on <= until,
            )
            .order_by(Task.due_on, Task.id)
        )
    )


def get_own_task(session: Session, actor: Actor, task_id: UUID) -> Task:
    """One of the user's own tasks.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    task = session.scalar(
        select(Task).where(Task.id == task_id, Task.owner_id == actor.require_user())
    )
    if task is None:
        raise NotFound("task")
    return task


def finish_task(session: Session, actor: Actor, task_id: UUID, *, now: datetime) -> Task:
    """Mark a task as done; a second time changes nothing.

    Raises:
        NotFound: it is not the user's.
    """
    task = get_own_task(session, actor, task_id)
    if task.done_at is None:
        task.done_at = now
        audit.record(session, actor, "change", "task", task.id, fields=["done_at"])
    return task


def drop_task(session: Session, actor: Actor, task_id: UUID, *, reason: str) -> Task:
    """Put a task away undone, saying why.

    Raises:
        NotFound: it is not the user's.
        Invalid: there is no reason.
    """
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför uppgiften inte ska göras.")})
    task = get_own_task(session, actor, task_id)
    task.dropped_reason = reason.strip()
    audit.record(session, actor, "change", "task", task.id, fields=["dropped_reason"])
    return task
