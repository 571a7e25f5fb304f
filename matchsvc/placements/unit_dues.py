"""What waits in the unit for its manager today: counts only, each leading to its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import number
from matchsvc.placements.access import only_visible
from matchsvc.placements.models import FollowUp, Placement
from matchsvc.placements.overview import State, count_placements
from matchsvc.placements.task_list import unit_tasks
from matchsvc.workday.models import Task

#: Who answers for the whole unit.
MANAGERS = (Role.UNIT_MANAGER,)


@dataclass(frozen=True, slots=True)
class UnitDues:
    """How much waits in the unit.

    Attributes:
        follow_ups: monthly follow-ups that are later than the unit's days of grace.
        stopped: placements whose day has come and that may not begin.
        beyond: placements that go on past their end or outside their decision.
        tasks: overdue tasks of anybody in the unit.
    """

    follow_ups: int
    stopped: int
    beyond: int
    tasks: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.follow_ups or self.stopped or self.beyond or self.tasks)


def unit_dues(session: Session, actor: Actor, *, today: date) -> UnitDues | None:
    """What waits in the unit, of what the actor may see; None for whoever does not lead it.

    Nobody is named or listed, so nothing is logged here; the lists that it leads to are.
    """
    if not actor.has_role(*MANAGERS):
        return None
    grace = number(session, actor.unit_id, "follow_up_grace_days")
    late = only_visible(
        select(FollowUp.id).join_from(Placement, FollowUp, FollowUp.placement_id == Placement.id),
        actor,
        today=today,
    ).where(
        FollowUp.held_on.is_(None),
        FollowUp.cancelled_on.is_(None),
        FollowUp.due_on < today - timedelta(days=grace),
        Placement.is_history.is_(False),
        Placement.called_off_on.is_(None),
    )
    tasks = unit_tasks(session, actor, today=today).where(Task.due_on < today)
    return UnitDues(
        _count(session, late),
        count_placements(session, actor, State.STOPPED, today=today),
        count_placements(session, actor, State.BEYOND, today=today),
        _count(session, tasks.with_only_columns(Task.id)),
    )


def _count(session: Session, found: Select[*tuple[object, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
