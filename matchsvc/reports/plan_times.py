"""How long it took until the plan was agreed (PRO-10; effect measure of S1 section 6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.settings import number
from matchsvc.participants.models import Case
from matchsvc.participants.plan_models import Plan
from matchsvc.reports.counts import Period
from matchsvc.reports.hiding import shown_share, shown_times
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import READERS, Share
from matchsvc.reports.suppression import Limits


@dataclass(frozen=True, slots=True)
class PlanTimes:
    """Days from enrolment until everybody had signed the first plan.

    Attributes:
        plans: how many first plans were agreed in the period; None where so few are hidden.
        quartiles: days that a quarter, half and three quarters of them took at most, or None.
        limit: the last day that the unit has set, counted from enrolment.
        within: how many kept it; hidden where either part would be of too few.
    """

    plans: int | None
    quartiles: tuple[int, int, int] | None
    limit: int
    within: Share


def plan_times(
    session: Session, actor: Actor, period: Period, limits: Limits | None = None
) -> PlanTimes:
    """The times of plans first agreed in a period, in the actor's unit or all. Two queries.

    Of people whose records are gone nothing is counted: the times are read from the plans.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    first = func.min(Plan.signed_on)
    asked = (
        select(Case.enrolled_on, first)
        .join(Plan, Plan.case_id == Case.id)
        .where(Plan.signed_on.is_not(None))
        .group_by(Case.id, Case.enrolled_on)
        .having(first.between(period.start_date, period.end_date))
    )
    if actor.unit_id is not None:
        asked = asked.where(Case.unit_id == actor.unit_id)
    found = session.execute(asked)
    days = sorted((signed - enrolled).days for enrolled, signed in found if signed is not None)
    audit.record(session, actor, "read", "report_plan_times")
    limit = number(session, actor.unit_id, "plan_within_days")
    return summary_of(days, limit, limits or limits_of(session, actor.unit_id))


def summary_of(days: Sequence[int], limit: int, limits: Limits) -> PlanTimes:
    """Number, quartiles and share within the limit of times in days, sorted from the shortest."""
    times = shown_times(days, limits)
    within = shown_share(sum(each <= limit for each in days), len(days), limits)
    return PlanTimes(times.n, times.quartiles, limit, within)


def plan_times_data(times: PlanTimes) -> dict[str, Any]:
    """As the API gives it."""
    lower, median, upper = times.quartiles or (None, None, None)
    return {
        "plans": times.plans,
        "days_lower_quartile": lower,
        "days_median": median,
        "days_upper_quartile": upper,
        "limit_days": times.limit,
        "within_limit": times.within.n,
    }
