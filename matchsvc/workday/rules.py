"""Tasks: what somebody has to do by a day. They know nothing of what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.workday.models import Task


def add_task(
    session: Session,
    actor: Actor,
    *,
    unit_id: UUID,
    owner_id: UUID,
    kind: str,
    about_type: str,
    about_id: UUID,
    due_on: date,
    words: Mapping[str, object] | None = None,
    origin: str | None = None,
) -> Task:
    """Ask somebody to do something; the same thing asked again while open gives the task there is.

    Args:
        session: a writing transaction.
        actor: who asks.
        unit_id: the unit that the task belongs to.
        owner_id: who is to do it.
        kind: a code with words in ``workday/words.py``.
        about_type: ``participant``, ``placement``, ``employer`` ...
        about_id: the id of what it is about.
        due_on: the day it should be done by.
        words: what stands in the ``%(name)s`` places; aliases, never names of participants.
        origin: the rule that made it; the actor when left out.
    """
    known = session.scalar(
        select(Task).where(
            Task.owner_id == owner_id,
            Task.kind == kind,
            Task.about_id == about_id,
            Task.done_at.is_(None),
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
    return task


def list_my_tasks(session: Session, actor: Actor, *, until: date | None = None) -> list[Task]:
    """The actor's open tasks, the oldest due first; with ``until`` those due by then."""
    if actor.user_id is None:
        return []
    found = select(Task).where(Task.owner_id == actor.user_id, Task.done_at.is_(None))
    if until is not None:
        found = found.where(Task.due_on <= until)
    return list(session.scalars(found.order_by(Task.due_on, Task.created_at, Task.id)))


def complete_task(
    session: Session, actor: Actor, task_id: UUID, *, now: datetime, version: int | None = None
) -> Task:
    """Note that the actor's own task is done. Done twice is done once.

    Raises:
        NotFound: there is none, or it is somebody else's.
        Conflict: it was saved since the page was shown.
    """
    task = get_own_task(session, actor, task_id)
    if task.done_at is None:
        check_version(task, version)
        task.done_at = now
        session.flush()
        audit.record(session, actor, "change", "task", task.id, fields=["done_at"])
    return task


def drop_task(
    session: Session,
    actor: Actor,
    task_id: UUID,
    *,
    reason: str,
    now: datetime,
    version: int | None = None,
) -> Task:
    """Close the actor's own task without doing it, with the reason.

    Raises:
        NotFound: there is none, or it is somebody else's.
        RuleViolation: no reason was given.
        Conflict: it was saved since the page was shown.
    """
    task = get_own_task(session, actor, task_id)
    check_version(task, version)
    words = reason.strip()
    if not words:
        message = N_("Skriv varför uppgiften inte behövs.")
        raise RuleViolation("reason_missing", message, fields={"reason": message})
    task.done_at, task.dropped_reason = now, words
    session.flush()
    audit.record(session, actor, "change", "task", task.id, fields=["dropped_reason"])
    return task


def get_own_task(session: Session, actor: Actor, task_id: UUID) -> Task:
    """One task of the actor's own.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    task = session.scalar(
        select(Task).where(Task.id == task_id, Task.owner_id == actor.require_user())
    )
    if task is None:
        raise NotFound("task")
    return task
