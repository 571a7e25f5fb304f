"""What has been published of a unit, as the figures of pictures and of the quarterly report.

Whatever is told by sex or region of birth outside the internal views comes from here, so that no
picture and no frozen report tells more than the published tables do together (decision 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.reports.counts import Period
from matchsvc.reports.figures import Ratio, rate_ratio
from matchsvc.reports.outcomes import READERS, Share
from matchsvc.reports.published import Cell, Publication, Table, publications_of, published_of
from matchsvc.reports.published_models import QUARTERS, Part
from matchsvc.reports.trend import SHOWN, QuarterPoint, quarters_until

OURS, OTHERS = "foreign_born_women", "others_than_foreign_born_women"


@dataclass(frozen=True, slots=True)
class PublishedFunnel:
    """The funnel of those who were enrolled in a year, as it was published.

    Attributes:
        period: of enrolment.
        until: the last day that counts.
        steps: name, and the shares of those enrolled among foreign-born women and all others.
        gap: the step where the ways part most for certain; None when none does.
        can_compare: whether any step has enough people to say so.
    """

    period: Period
    until: date
    steps: tuple[tuple[str, Share, Share], ...]
    gap: str | None
    can_compare: bool


class Figures:
    """What has been published, and the tables of it that were asked for: each is made once."""

    def __init__(self, made: Sequence[Publication]) -> None:
        self._made = made
        self._tables: dict[str, dict[str, Table]] = {}

    def holds(self, quarter: Period) -> bool:
        """Whether a quarter has been published."""
        return _name_of(quarter) in {f"{each.year}-{each.part}" for each in self._made}

    def share(self, quarter: Period, measure: str, share: str) -> Share:
        """One of the published shares in a quarter; hidden where that, or the quarter, is."""
        if self.holds(quarter):
            for line in self._table(_name_of(quarter), "shares").lines:
                if line.about == {"share": share, "measure": measure}:
                    return _as_share(*line.cells[:3])
        return Share(None, None)

    def everybody(self, quarter: Period, measure: str) -> int | None:
        """How many a measure counts in a quarter; None where that, or the quarter, is hidden."""
        if self.holds(quarter):
            table = self._table(_name_of(quarter), "groups")
            for line in table.lines:
                if line.about == {"population": "all"}:
                    count = line.cells[table.columns.index(measure)]
                    return count if isinstance(count, int) else None
        return None

    def points(self, last: date) -> list[QuarterPoint]:
        """Foreign-born women's shares in the eight quarters up to the one that holds a day."""
        return [
            QuarterPoint(
                quarter, {measure: self.share(quarter, measure, OURS) for measure in SHOWN}
            )
            for quarter in quarters_until(last)
        ]

    def groups(self, last: date) -> tuple[Period, list[tuple[str, str, Share]]] | None:
        """To work, of those enrolled in the newest year that has been followed, by group.

        Returns:
            The year, and sex, region and share of each group; None when there is no such year.
        """
        year = self._followed(last)
        if year is None:
            return None
        return _year(year), [
            (
                line.about["sex"],
                line.about["birth_region"],
                _as_share(line.cells[1], line.cells[0], line.cells[2]),
            )
            for line in self._table(str(year), "results").lines
            if "sex" in line.about
        ]

    def funnel(self, last: date) -> PublishedFunnel | None:
        """The funnel of the newest year that has been followed; None when there is none."""
        year = self._followed(last)
        if year is None:
            return None
        table = self._table(str(year), "funnel")
        lines = [
            (line.about["step"], dict(zip(table.columns, line.cells, strict=True)))
            for line in table.lines
        ]
        enrolled = lines[0][1]
        steps = tuple(
            (name, _reached(cells, enrolled, OURS), _reached(cells, enrolled, OTHERS))
            for name, cells in lines
        )
        ratios = {
            name: ratio
            for (_before, before), (name, after) in pairwise(lines)
            if (ratio := _ratio(before, after)) is not None
        }
        lower = {name: each.value for name, each in ratios.items() if each.interval.high < 1}
        gap = min(lower, key=lower.__getitem__) if lower else None
        until = date(year + 1, 12, 31)
        return PublishedFunnel(_year(year), until, steps, gap, can_compare=bool(ratios))

    def _followed(self, last: date) -> int | None:
        """The newest year, before a day's, of which it is published how far people had come."""
        years = [e.year for e in self._made if e.part is Part.COHORT and e.year < last.year]
        return max(years, default=None)

    def _table(self, period: str, name: str) -> Table:
        if period not in self._tables:
            tables = published_of(self._made, period).tables
            self._tables[period] = {each.listed.name: each for each in tables}
        return self._tables[period][name]


def read_figures(session: Session, actor: Actor) -> Figures:
    """What the unit has published. One query; logged.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    audit.record(session, actor, "read", "report_published", fields=["figures"])
    return Figures(publications_of(session, actor.unit_id))


def _as_share(n: Any, of: Any, percent: Cell) -> Share:
    """A share as it is published: where its percent is hidden, so is what it is a percent of."""
    return Share(None if percent is None else n, of)


def _reached(cells: dict[str, Any], enrolled: dict[str, Any], who: str) -> Share:
    return _as_share(cells[who], enrolled[who], cells[f"{who}_percent"])


def _ratio(before: dict[str, Any], after: dict[str, Any]) -> Ratio | None:
    """How the shares that went on compare; what is published is nobody, or five and more."""
    four = (after[OURS], before[OURS], after[OTHERS], before[OTHERS])
    return None if None in four else rate_ratio(*four)


def _name_of(quarter: Period) -> str:
    return f"{quarter.start_date.year}-{QUARTERS[(quarter.start_date.month - 1) // 3]}"


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))
