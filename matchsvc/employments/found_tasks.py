"""What somebody does best at a workplace, found together with it (EMPL-05)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employments.access import note_change, open_to_change
from matchsvc.employments.models import FoundTask
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.swedish import contains_identity_number

MOST = 40


def found_tasks_of(session: Session, employment_id: UUID) -> Sequence[FoundTask]:
    """The tasks of a job in the order they were agreed. Asks no right."""
    return session.scalars(
        select(FoundTask)
        .where(FoundTask.employment_id == employment_id)
        .order_by(FoundTask.agreed_on, FoundTask.created_at, FoundTask.id)
    ).all()


def add_found_task(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    *,
    text: str,
    agreed_by: str,
    agreed_on: date,
    today: date,
) -> FoundTask:
    """Write a task that was agreed with managers and staff of the workplace.

    Raises:
        NotFound, Refused: as everywhere.
        Invalid: an identity number, or a day to come.
        RuleViolation: the job has ended, or there are too many.
    """
    opened = open_to_change(session, actor, employment_id, today=today)
    wrong = {
        name: N_("Ta bort personnumret ur texten. Det har ett eget fält.")
        for name, said in (("text", text), ("agreed_by", agreed_by))
        if contains_identity_number(said, today=today)
    }
    if agreed_on > today:
        wrong["agreed_on"] = N_("Dagen kan inte ligga i framtiden.")
    if wrong:
        raise Invalid(wrong)
    if len(found_tasks_of(session, employment_id)) >= MOST:
        raise RuleViolation(
            "too_many_tasks", N_("Det är redan många uppgifter. Ta bort någon först.")
        )
    row = FoundTask(
        employment_id=employment_id, text=text, agreed_by=agreed_by, agreed_on=agreed_on
    )
    session.add(row)
    note_change(session, actor, opened, "found_tasks")
    return row


def remove_found_task(
    session: Session, actor: Actor, employment_id: UUID, task_id: UUID, *, today: date
) -> None:
    """Take away a task that is no longer the person's.

    Raises:
        NotFound, Refused, RuleViolation: as everywhere.
    """
    opened = open_to_change(session, actor, employment_id, today=today)
    row = session.get(FoundTask, task_id)
    if row is None or row.employment_id != employment_id:
        raise NotFound("found_task")
    session.delete(row)
    note_change(session, actor, opened, "found_tasks")
