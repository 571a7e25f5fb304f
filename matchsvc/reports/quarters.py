"""Calendar quarters: what they are called in addresses, and which ones there are."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext as _

from matchsvc.reports.counts import Period
from matchsvc.reports.trend import quarters_until
from matchsvc.swedish import add_months, last_day_of_period

QUARTERS_BACK = 16
_CODE = re.compile(r"((?:19|20|21)\d\d)-([1-4])")


def quarter_of(year: int, number: int) -> Period:
    """A calendar quarter; ``number`` is 1 to 4."""
    start = date(year, 3 * number - 2, 1)
    return Period(start, last_day_of_period(start, 3))


def quarter_from(code: str) -> Period | None:
    """``2026-3`` as a quarter; None when it is none."""
    found = _CODE.fullmatch(code)
    return quarter_of(int(found[1]), int(found[2])) if found else None


def number_of(day: date) -> int:
    """The quarter that a day is in, 1 to 4."""
    return (day.month + 2) // 3


def code_of(day: date) -> str:
    """``2026-3``: the quarter that a day is in, as addresses have it."""
    return f"{day.year}-{number_of(day)}"


def words_of(day: date) -> str:
    """``Kvartal 3 2026``, in the reader's language."""
    return str(_("Kvartal %(number)s %(year)s", number=number_of(day), year=day.year))


def months_earlier(quarter: Period, months: int) -> Period:
    """The quarter so many months before."""
    start = add_months(quarter.start_date, -months)
    return Period(start, last_day_of_period(start, 3))


def ended_quarters(today: date, count: int = QUARTERS_BACK) -> list[Period]:
    """The quarters that have ended, the newest first."""
    return quarters_until(today, count + 1)[-2::-1]


def quarters_in(period: Period) -> list[Period]:
    """The quarters of a period, the oldest first; of other periods, the period itself."""
    first, newest = (
        quarter_of(day.year, number_of(day)).start_date
        for day in (period.start_date, period.end_date)
    )
    if period.start_date != first or period.end_date != last_day_of_period(newest, 3):
        return [period]
    months = 12 * (newest.year - first.year) + newest.month - first.month
    return [
        Period(start, last_day_of_period(start, 3))
        for start in (add_months(first, back) for back in range(0, months + 1, 3))
    ]
