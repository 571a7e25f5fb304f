"""When things fall due: plain functions of dates, without clock or database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

from matchsvc.placements.models import Part, PlacementForm
from matchsvc.swedish import add_months, last_day_of_period, working_day_on_or_before

#: How many follow-ups are planned at a time for support without an end date.
OPEN_ENDED_AHEAD = 6
#: Days before the start by which a part of the support package should be done (EMP-05).
_DAYS_BEFORE_START = {
    Part.PRE_MEETING: 7,
    Part.INFORMATION: 7,
    Part.QUESTIONS: 3,
    Part.KEY_CONTACTS: 1,
    Part.FOLLOW_UP_SCHEDULE: 1,
}


def follow_up_due_dates(start: date, end: date | None) -> list[date]:
    """The days on which a placement's follow-ups are due (DESIGN section 3, PLA-05).

    Number n falls n calendar months after the start, moved back to the nearest earlier Swedish
    working day, while that is before the end; the last falls on the last working day of the
    period. There is always at least one: a period without any working day has it on its last day.

    Args:
        start: first day of the placement.
        end: last day, inclusive; None plans OPEN_ENDED_AHEAD months.

    Returns:
        Days in order, each once. 2026-01-30 to 2026-04-24 gives 2026-02-27, 2026-03-30 and
        2026-04-24.
    """
    if end is None:
        return [due_date_of(start, number) for number in range(1, OPEN_ENDED_AHEAD + 1)]
    last = working_day_on_or_before(end)
    if last < start:
        last = end
    return [*_monthly_before(start, last), last]


def due_date_of(start: date, number: int) -> date:
    """Due day of follow-up ``number`` (from 1), leaving the end out of account."""
    return working_day_on_or_before(add_months(start, number))


def _monthly_before(start: date, last: date) -> Iterator[date]:
    for number in count(1):
        due = due_date_of(start, number)
        if due >= last:
            return
        yield due


def latest_end(form: PlacementForm, start: date, *, extended: bool = False) -> date | None:
    """The last day that the form allows (domain.md 2.3, ACC-5), or None without a limit.

    Args:
        form: the placement's form.
        start: first day.
        extended: the person has 450 compensated days in the programme.
    """
    months = form.max_months
    if extended and form.max_months_extended is not None:
        months = form.max_months_extended
    return None if months is None else last_day_of_period(start, months)


def package_due_dates(start: date, end: date | None, *, today: date) -> dict[Part, date | None]:
    """When each part of the support package should be done: before the start, the survey last.

    A part that can no longer be done in time is due today, or on the start day if that has passed.
    """
    earliest = min(today, start)
    due: dict[Part, date | None] = {
        part: max(working_day_on_or_before(start - timedelta(days=days)), earliest)
        for part, days in _DAYS_BEFORE_START.items()
    }
    due[Part.END_SURVEY] = end
    return due


def periods_overlap(
    start: date, end: date | None, other_start: date, other_end: date | None
) -> bool:
    """Whether two inclusive periods share a day; no end means for ever."""
    return start <= (other_end or date.max) and other_start <= (end or date.max)


def lies_within_season(start: date, end: date, season_start: str, season_end: str) -> bool:
    """Whether a period lies wholly inside one season.

    Args:
        start: first day.
        end: last day.
        season_start: ``"04-01"``.
        season_end: ``"10-15"``; earlier in the year than the start when it passes New Year.
    """
    for year in (start.year - 1, start.year):
        opens = _in_year(season_start, year)
        closes = _in_year(season_end, year if season_end >= season_start else year + 1)
        if opens <= start and end <= closes:
            return True
    return False


def _in_year(month_and_day: str, year: int) -> date:
    month, day = (int(part) for part in month_and_day.split("-"))
    if (month, day) == (2, 29):
        return add_months(date(year, 1, 31), 1)
    return date(year, month, day)
