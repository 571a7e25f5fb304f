"""Whom the employer may call today: who is away is shown with who stands in (EMP-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import User
from matchsvc.placements.models import Placement
from matchsvc.swedish import format_phone
from matchsvc.workday.rules import managers_of
from matchsvc.workday.substitute_models import Substitute


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody of ours, and who answers instead today.

    Attributes:
        role: liaison, case_worker or supervisor.
        user: who.
        stand_in: the colleague who answers while she is away, or None.
        away_until: the last day away.
    """

    role: str
    user: User
    stand_in: User | None = None
    away_until: date | None = None

    @property
    def answers(self) -> User:
        """Who answers today."""
        return self.stand_in or self.user

    @property
    def shown_phone(self) -> str | None:
        """The number to call today as people read it."""
        return format_phone(self.answers.phone) if self.answers.phone else None


def reachable(session: Session, placement: Placement, *, today: date) -> list[Reached]:
    """Whom to call about a placement, the liaison first, each person once. Two queries."""
    wanted = (
        ("liaison", placement.liaison_id),
        ("case_worker", placement.case_worker_id),
        ("supervisor", placement.supervisor_id),
    )
    ids = [user_id for _role, user_id in wanted if user_id is not None]
    away = {
        row.user_id: row
        for row in session.scalars(
            select(Substitute)
            .where(
                Substitute.user_id.in_(ids),
                Substitute.first_day <= today,
                Substitute.last_day >= today,
            )
            .order_by(Substitute.first_day, Substitute.id)
        )
    }
    needed = {*ids, *(row.substitute_id for row in away.values())}
    users = {
        user.id: user
        for user in session.scalars(select(User).where(User.id.in_(needed), User.is_active))
    }
    listed: list[Reached] = []
    for role, user_id in wanted:
        if user_id not in users or any(each.user.id == user_id for each in listed):
            continue
        absence = away.get(user_id)
        stand_in = users.get(absence.substitute_id) if absence else None
        until = absence.last_day if absence and stand_in else None
        listed.append(Reached(role, users[user_id], stand_in, until))
    return listed


def who_answers(session: Session, placement: Placement, *, today: date) -> User | None:
    """Who gets what the employer asks today: the first to call, or the unit's manager."""
    listed = reachable(session, placement, today=today)
    if listed:
        return listed[0].answers
    managers: list[UUID] = managers_of(session, placement.unit_id)
    return session.get(User, managers[0]) if managers else None
