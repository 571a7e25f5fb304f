"""Where a placement stands: derived from its days, its decision and its form, never stored."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_
from sqlalchemy.orm import Session

from matchsvc.placements.calendar import latest_end
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import DecisionAuthority, Placement, PlacementForm
from matchsvc.swedish import add_months


class Stage(enum.StrEnum):
    """What has become of a placement."""

    PLANNED = "planned"
    STOPPED = "stopped"  # its day has come, and something missing keeps it from beginning
    RUNNING = "running"
    BEYOND = "beyond"  # it runs after the last day that its decision or its form permits
    ENDED = "ended"
    CALLED_OFF = "called_off"


def last_permitted_day(placement: Placement, form: PlacementForm) -> date | None:
    """The last day that both the decision and the form permit; None without a limit (2.3).

    A decision that was withdrawn has its last day before the withdrawal. The form's maximum is
    counted from the first day of the training, also when it moved to another workplace.
    """
    first = placement.counts_from or placement.start_date
    limits = [latest_end(form, first, extended=placement.extended)]
    if form.decision_authority is not DecisionAuthority.NONE:
        limits.append(placement.decision_to)
    known = [day for day in limits if day is not None]
    return min(known, default=None)


def stage_of(placement: Placement, form: PlacementForm, *, today: date) -> Stage:
    """Where a placement stands today."""
    if placement.called_off_on is not None:
        return Stage.CALLED_OFF
    if placement.end_date is not None:
        return Stage.ENDED
    if placement.begun_on is None:
        return Stage.PLANNED if placement.start_date > today else Stage.STOPPED
    last = last_permitted_day(placement, form)
    return Stage.BEYOND if last is not None and today > last else Stage.RUNNING


def find_stage(session: Session, placement: Placement, *, today: date) -> Stage:
    """The same, for whoever has no form at hand. At most one query."""
    return stage_of(placement, get_form(session, placement.form), today=today)


def is_beyond(forms: Iterable[PlacementForm], *, today: date) -> ColumnElement[bool]:
    """The condition that a placement that has begun and not ended is beyond its decision."""
    return or_(false(), *(_beyond(form, today) for form in forms))


def _beyond(form: PlacementForm, today: date) -> ColumnElement[bool]:
    first = func.coalesce(Placement.counts_from, Placement.start_date)
    ways: list[ColumnElement[bool]] = []
    if form.decision_authority is not DecisionAuthority.NONE:
        ways.append(Placement.decision_to < today)
    if form.max_months is not None:
        longer = form.max_months_extended or form.max_months
        ways.append(
            or_(
                and_(Placement.extended.is_(False), first <= _last_start(form.max_months, today)),
                first <= _last_start(longer, today),
            )
        )
    return and_(Placement.form == form.code, or_(false(), *ways))


def _last_start(months: int, today: date) -> date:
    """The latest first day whose period of so many months is over before today."""
    day = add_months(today, -months)
    while add_months(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    return day
