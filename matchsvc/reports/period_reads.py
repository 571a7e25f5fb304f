"""Small parts of the questions that several reports ask of a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, distinct, func

from matchsvc.reports.counts import Period
from matchsvc.swedish import STOCKHOLM, last_day_of_period


def of_unit(asked: Any, column: Any, unit_id: UUID | None) -> Any:
    """Narrow a question to a unit; None is all."""
    return asked if unit_id is None else asked.where(column == unit_id)


def within(column: Any, period: Period) -> ColumnElement[bool]:
    """Whether a day lies in a period."""
    return column.between(period.start_date, period.end_date)  # type: ignore[no-any-return]


def entered(column: Any, period: Period) -> ColumnElement[bool]:
    """Whether an instant lies in a period of Swedish days."""
    first = datetime.combine(period.start_date, time(), STOCKHOLM)
    after = datetime.combine(period.end_date + timedelta(days=1), time(), STOCKHOLM)
    return and_(column >= first, column < after)


def number_of(condition: Any, key: Any = None) -> ColumnElement[int]:
    """How many rows, or different keys, a condition holds for."""
    if key is None:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
    return func.count(distinct(case((condition, key))))


def year_or_quarter(asked: Mapping[str, Any], today: date) -> Period:
    """The calendar year asked for, this one without, or one of its quarters."""
    year, quarter = asked.get("year") or today.year, asked.get("quarter")
    if quarter is None:
        return Period(date(year, 1, 1), date(year, 12, 31))
    first = date(year, 3 * quarter - 2, 1)
    return Period(first, last_day_of_period(first, 3))
