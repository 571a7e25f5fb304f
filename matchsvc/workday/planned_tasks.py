"""Tasks that follow from days elsewhere: made in time, never twice, withdrawn when the day is gone.

What is to come stands in no row until its task is made. A rule says every day which tasks there
should be; what is missing is made, and an open one that no day stands for any longer falls.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.workday.models import Task
from matchsvc.workday.rules import WITHDRAWN, add_task, open_tasks

#: A day that passed longer ago makes no task: what came by a file may be old.
FRESH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task that there should be.

    Attributes:
        kind, about_type, about_id, due_on: which.
        owner_id, unit_id: whose.
        words: what its sentence names.
        origin: the row of domain.md.
    """

    kind: str
    about_type: str
    about_id: UUID
    due_on: date
    owner_id: UUID
    unit_id: UUID
    words: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def key(self) -> tuple[str, UUID, date]:
        """What tells it from others."""
        return self.kind, self.about_id, self.due_on


def keep_planned(
    session: Session,
    actor: Actor,
    kinds: Collection[str],
    wanted: Collection[PlannedTask],
    *,
    today: date,
) -> int:
    """Make the tasks that are missing and withdraw those that are no longer planned.

    Args:
        session: a writing transaction.
        actor: the job.
        kinds: the kinds that the caller answers for, all of them.
        wanted: every task of these kinds that there should be, the passed and undone among them.
        today: the day.

    Returns:
        How many were made. The same day again gives 0.
    """
    keys = {each.key for each in wanted}
    for task in session.scalars(open_tasks().where(Task.kind.in_(kinds))):
        if (task.kind, task.about_id, task.first_due_on or task.due_on) not in keys:
            task.dropped_reason, task.closed_by_id = WITHDRAWN, actor.user_id
            audit.record(session, actor, "change", "task", task.id, fields=["dropped_reason"])
    session.flush()
    rows = session.execute(
        select(Task.kind, Task.about_id, Task.due_on, Task.first_due_on).where(
            Task.kind.in_(kinds),
            Task.about_id.in_({each.about_id for each in wanted}),
            or_(Task.dropped_reason.is_(None), Task.dropped_reason != WITHDRAWN),
        )
    )
    made = {(kind, about, first or due) for kind, about, due, first in rows}
    count = 0
    for each in sorted(wanted, key=lambda each: (each.due_on, each.kind, str(each.about_id))):
        if each.key in made or each.due_on < today - FRESH:
            continue
        task = add_task(
            session,
            actor,
            owner_id=each.owner_id,
            unit_id=each.unit_id,
            kind=each.kind,
            about_type=each.about_type,
            about_id=each.about_id,
            due_on=each.due_on,
            words=each.words,
            origin=each.origin,
        )
        count += task.due_on == each.due_on  # an earlier one, still open, stands for both
    return count
