"""Shares quarter by quarter, hidden so that quarters and years together give nobody away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.reports.counts import Group, Period, Tally, count_by_quarter
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import POPULATIONS, READERS, Share
from matchsvc.reports.suppression import LEAST, Cell, Limits, hide
from matchsvc.swedish import add_months, last_day_of_period

QUARTERS = 8
SHOWN = ("placements", "hires")


@dataclass(frozen=True, slots=True)
class QuarterPoint:
    """One quarter: foreign-born women's share of each measure."""

    period: Period
    shares: dict[str, Share]

    @property
    def number(self) -> int:
        """1 to 4."""
        return (self.period.start_date.month + 2) // 3


def quarters_until(last: date, count: int = QUARTERS) -> list[Period]:
    """The calendar quarters up to the one that holds a day, oldest first."""
    first_month = last.month - (last.month - 1) % 3
    newest = date(last.year, first_month, 1)
    starts = [add_months(newest, -3 * back) for back in range(count - 1, -1, -1)]
    return [Period(start, last_day_of_period(start, 3)) for start in starts]


def quarterly_shares(
    session: Session, actor: Actor, period: Period, *, population: str = "foreign_born_women"
) -> list[QuarterPoint]:
    """A population's share of placements and of hires in the eight quarters up to a period's end.

    The years they lie in, and the period itself when it is made of whole quarters, are taken to
    be shown elsewhere: no hidden quarter can be worked out from them. Two queries.
    """
    actor.require_role(*READERS)
    quarters = quarters_until(period.end_date)
    counted = count_by_quarter(session, quarters, unit_id=actor.unit_id)
    test = POPULATIONS[population]
    series: dict[str, list[Share]] = {}
    limits = limits_of(session, actor.unit_id)
    for measure in SHOWN:
        people = counted[measure]
        whole = [_persons(people, place, lambda _: True) for place in range(len(quarters))]
        part = [_persons(people, place, test) for place in range(len(quarters))]
        series[measure] = _shown(quarters, period, part, whole, limits)
    return [
        QuarterPoint(quarter, {measure: series[measure][place] for measure in SHOWN})
        for place, quarter in enumerate(quarters)
    ]


def _persons(people: dict[Group, Tally], place: int, test: Callable[[Any], bool]) -> int:
    return sum(
        tally.persons
        for (quarter, *kind), tally in people.items()
        if quarter == place and test(tuple(kind))
    )


def _shown(
    quarters: Sequence[Period],
    period: Period,
    part: Sequence[int],
    whole: Sequence[int],
    limits: Limits = LEAST,
) -> list[Share]:
    rows = [
        Cell(n, frozenset({place}), of)
        for place, (n, of) in enumerate(zip(part, whole, strict=True))
    ]
    totals = [
        Cell(sum(part[k] for k in places), frozenset(places), sum(whole[k] for k in places))
        for places in _shown_elsewhere(quarters, period)
    ]
    hidden = hide(rows, totals, limits)
    # A year's figure stands in another report and cannot be hidden from here.
    hide_all = bool(hidden.totals)
    return [
        Share(None, None)
        if hide_all or k in hidden.rows or not limits.may_show_rate(of)
        else Share(n, of)
        for k, (n, of) in enumerate(zip(part, whole, strict=True))
    ]


def _shown_elsewhere(quarters: Sequence[Period], period: Period) -> list[list[int]]:
    years = sorted({quarter.start_date.year for quarter in quarters})
    sets = [
        [k for k, quarter in enumerate(quarters) if quarter.start_date.year == year]
        for year in years
    ]
    starts = {quarter.start_date for quarter in quarters}
    ends = {quarter.end_date for quarter in quarters}
    if period.start_date in starts and period.end_date in ends:
        sets.append(
            [
                k
                for k, quarter in enumerate(quarters)
                if period.start_date <= quarter.start_date and quarter.end_date <= period.end_date
            ]
        )
    return [places for k, places in enumerate(sets) if places not in sets[:k]]
