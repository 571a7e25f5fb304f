"""Tasks: made by rules or people, done or dropped with a reason. No HTTP, no commit, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.models import Task
from matchsvc.workday.undo import require_undoable

#: Why a rule closed a task whose cause was gone, as it stands in the row.
WITHDRAWN = "Behövs inte längre."


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


def settle_tasks(
    session: Session, actor: Actor, kinds: Collection[str], about_id: UUID, *, now: datetime
) -> None:
    """Mark open tasks as done when a rule has seen it done elsewhere than in the list."""
    for task in _about(session, kinds, about_id):
        task.done_at, task.closed_by_id = now, actor.user_id
        audit.record(session, actor, "change", "task", task.id, fields=["done_at"])
    session.flush()


def withdraw_tasks(session: Session, actor: Actor, kinds: Collection[str], about_id: UUID) -> None:
    """Close open tasks whose cause is gone."""
    for task in _about(session, kinds, about_id):
        task.dropped_reason, task.closed_by_id = WITHDRAWN, actor.user_id
        audit.record(session, actor, "change", "task", task.id, fields=["dropped_reason"])
    session.flush()


def _about(session: Session, kinds: Collection[str], about_id: UUID) -> Sequence[Task]:
    found = open_tasks().where(Task.kind.in_(kinds), Task.about_id == about_id)
    return session.scalars(found.with_for_update(of=Task)).all()


def pass_tasks_on(
    session: Session, actor: Actor, kinds: Collection[str], about_id: UUID, owner_id: UUID
) -> None:
    """Let open tasks that go with a responsibility follow it to whoever has it now."""
    for task in _about(session, kinds, about_id):
        if task.owner_id != owner_id:
            task.owner_id = owner_id
            audit.record(session, actor, "change", "task", task.id, fields=["owner_id"])
    session.flush()


def managers_of(session: Session, unit_id: UUID) -> list[UUID]:
    """Ids of the unit's active managers, to whom a rule may escalate."""
    return holders_of(session, unit_id, Role.UNIT_MANAGER)


def holders_of(session: Session, unit_id: UUID, role: Role) -> list[UUID]:
    """Ids of the unit's active users who hold a role."""
    return list(
        session.scalars(
            select(User.id)
            .join(UserRole, UserRole.user_id == User.id)
            .where(User.unit_id == unit_id, User.is_active, UserRole.role == role)
            .order_by(User.sort_key, User.id)
        )
    )


def open_tasks() -> Select[Task]:
    """Tasks that are neither done nor dropped; to be narrowed by who may see them."""
    return select(Task).where(Task.done_at.is_(None), Task.dropped_reason.is_(None))


def write_task(
    session: Session,
    actor: Actor,
    *,
    unit_id: UUID,
    owner_id: UUID,
    own_words: str,
    about_type: str,
    about_id: UUID,
    due_on: date,
    today: date,
) -> Task:
    """Make a task by hand.

    Raises:
        Invalid: no words, an identity number in them, a day that has been, or an owner who is
            not an active user of the unit.
    """
    text = own_words.strip()
    errors = {}
    if not text:
        errors["own_words"] = N_("Skriv vad som ska göras.")
    elif contains_identity_number(text, today=today):
        errors["own_words"] = N_("Ta bort personnumret ur texten. Det har ett eget fält.")
    if due_on < today:
        errors["due_on"] = N_("Den dagen har redan varit.")
    if not is_colleague(session, owner_id, unit_id):
        errors["owner_id"] = N_("Välj någon i enheten.")
    if errors:
        raise Invalid(errors)
    task = Task(
        unit_id=unit_id,
        owner_id=owner_id,
        kind="own",
        words={},
        own_words=text,
        about_type=about_type,
        about_id=about_id,
        due_on=due_on,
        origin=actor.label,
    )
    session.add(task)
    session.flush()
    audit.record(session, actor, "create", "task", task.id)
    return task


def is_colleague(session: Session, user_id: UUID, unit_id: UUID | None) -> bool:
    """Whether somebody is an active user of a unit."""
    found = select(User.id).where(User.id == user_id, User.unit_id == unit_id, User.is_active)
    return session.scalar(found) is not None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Tasks that are acted on together, each by the version that stood on the page.

    Attributes:
        versions: by task id; None when the caller does not know it.
        reach: the tasks that the actor may change.
    """

    versions: Mapping[UUID, int | None]
    reach: Select[Task]


def _locked(session: Session, chosen: Chosen) -> list[Task]:
    """The chosen tasks, locked.

    Raises:
        NotFound: one of them does not exist for the actor.
        Conflict: one was saved since the page was shown.
    """
    tasks = session.scalars(
        chosen.reach.where(Task.id.in_(chosen.versions)).order_by(Task.id).with_for_update(of=Task)
    ).all()
    if len(tasks) != len(chosen.versions):
        raise NotFound("task")
    for task in tasks:
        check_version(task, chosen.versions[task.id])
    return list(tasks)


def finish_tasks(session: Session, actor: Actor, chosen: Chosen, *, now: datetime) -> list[Task]:
    """Mark tasks as done; what is done or dropped already stays as it is.

    Raises:
        NotFound: one is not the actor's to finish.
        Conflict: one was saved since the page was shown.
    """
    tasks = _locked(session, chosen)
    for task in tasks:
        if task.done_at is None and task.dropped_reason is None:
            task.done_at, task.closed_by_id = now, actor.user_id
            audit.record(session, actor, "change", "task", task.id, fields=["done_at"])
    session.flush()
    return tasks


def drop_tasks(
    session: Session, actor: Actor, chosen: Chosen, *, reason: str, now: datetime
) -> list[Task]:
    """Put tasks away undone, saying why.

    Raises:
        NotFound: one is not the actor's to drop.
        Conflict: one was saved since the page was shown.
        Invalid: there is no reason.
    """
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför uppgiften inte ska göras.")})
    tasks = _locked(session, chosen)
    for task in tasks:
        if task.done_at is None and task.dropped_reason is None:
            task.dropped_reason, task.dropped_at = reason.strip(), now
            task.closed_by_id = actor.user_id
            audit.record(session, actor, "change", "task", task.id, fields=["dropped_reason"])
    session.flush()
    return tasks


def snooze_tasks(
    session: Session, actor: Actor, chosen: Chosen, *, to: date, today: date
) -> list[Task]:
    """Put tasks off to a day; the first day they were due is kept.

    Raises:
        NotFound: one is not the actor's.
        Conflict: one was saved since the page was shown.
        Invalid: the day is not one to come.
    """
    if to <= today:
        raise Invalid({"to": N_("Välj en dag som kommer.")})
    tasks = _locked(session, chosen)
    for task in tasks:
        if task.due_on != to:
            task.first_due_on = task.first_due_on or task.due_on
            task.due_on = to
            audit.record(session, actor, "change", "task", task.id, fields=["due_on"])
    session.flush()
    return tasks


def reassign_tasks(
    session: Session, actor: Actor, chosen: Chosen, *, owner_id: UUID, reason: str | None = None
) -> list[Task]:
    """Give tasks to a colleague.

    Raises:
        NotFound: one is not the actor's to give.
        Conflict: one was saved since the page was shown.
        Invalid: the new owner is not an active user of the unit.
    """
    tasks = _locked(session, chosen)
    if any(not is_colleague(session, owner_id, task.unit_id) for task in tasks):
        raise Invalid({"owner_id": N_("Välj någon i enheten.")})
    for task in tasks:
        if task.owner_id != owner_id:
            task.owner_id = owner_id
            audit.record(
                session, actor, "change", "task", task.id, fields=["owner_id"], reason=reason
            )
    session.flush()
    return tasks


def reopen_task(
    session: Session, actor: Actor, task_id: UUID, *, reach: Select[Task], now: datetime
) -> Task:
    """Take back one's own done or dropped of the last ten minutes.

    Raises:
        NotFound: it is not the actor's.
        RuleViolation: it is too long ago, or somebody else closed it.
    """
    (task,) = _locked(session, Chosen({task_id: None}, reach))
    closed_at = task.done_at or task.dropped_at
    require_undoable(closed_at if task.closed_by_id == actor.user_id else None, now=now)
    task.done_at = task.dropped_at = task.dropped_reason = task.closed_by_id = None
    session.flush()
    audit.record(session, actor, "restore", "task", task.id)
    return task
