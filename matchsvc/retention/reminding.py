"""Telling managers that records are due: a task, never a deletion."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.retention.due import find_due
from matchsvc.retention.models import PlanState, RetentionPlan
from matchsvc.workday.rules import add_task, managers_of

TASK = "records_due"


def tell_managers(session: Session, actor: Actor, *, today: date) -> int:
    """Give each unit's managers a task when somebody's records may go; in how many units.

    Nobody is named. Of people with a protected identity nothing is said: their handlers see them on
    the page. While a list waits or runs nothing more is said.
    """
    told = 0
    waiting = select(RetentionPlan.unit_id).where(
        RetentionPlan.state.in_((PlanState.PROPOSED, PlanState.APPROVED))
    )
    for unit in session.scalars(select(Unit).where(Unit.id.not_in(waiting))).all():
        found = [due for due in find_due(session, actor, today=today, unit=unit.id) if due.may_go]
        if not found:
            continue
        told += 1
        for manager_id in managers_of(session, unit.id):
            add_task(
                session,
                actor,
                owner_id=manager_id,
                unit_id=unit.id,
                kind=TASK,
                about_type="retention",
                about_id=unit.id,
                due_on=max(today, min(due.finish_by for due in found)),
                origin="rule:tell_of_due",
            )
    return told
