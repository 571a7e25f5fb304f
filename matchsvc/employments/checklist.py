"""What is gone through with the person before a job begins (EMPL-02)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employments.access import note_change, open_to_change
from matchsvc.employments.models import EmploymentCheck
from matchsvc.errors import NotFound
from matchsvc.placements.models import Employment, EmploymentKind

#: Rules of the employment, and who speaks of the union and the unemployment fund.
CHECKS = ("illness", "care_of_child", "holiday", "smoke_free", "union_and_fund")


def lay_out(session: Session, employment: Employment) -> None:
    """Lay out what is to be gone through when the municipality itself employs."""
    if employment.kind is not EmploymentKind.RESOURCE:
        return
    session.add_all(
        EmploymentCheck(employment_id=employment.id, code=code, position=number)
        for number, code in enumerate(CHECKS)
    )
    session.flush()


def checks_of(session: Session, employment_id: UUID) -> Sequence[EmploymentCheck]:
    """What is to be gone through, in order. Asks no right."""
    return session.scalars(
        select(EmploymentCheck)
        .where(EmploymentCheck.employment_id == employment_id)
        .order_by(EmploymentCheck.position)
    ).all()


def tick(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    code: str,
    *,
    done: bool,
    version: int | None,
    today: date,
) -> EmploymentCheck:
    """Note that something was gone through, or that it was not after all.

    Raises:
        NotFound: no such job for the actor, or no such thing.
        Refused, RuleViolation, Conflict: as everywhere.
    """
    opened = open_to_change(session, actor, employment_id, today=today)
    found = {each.code: each for each in checks_of(session, employment_id)}
    if code not in found:
        raise NotFound("employment_check")
    row = found[code]
    check_version(row, version)
    row.done_on, row.done_by_id = (today, actor.user_id) if done else (None, None)
    note_change(session, actor, opened, "checks")
    return row
