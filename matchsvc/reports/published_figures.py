"""What has been published of a unit, as the figures of pictures and of the quarterly report.

Whatever is told by sex or region of birth outside the internal views comes from here, so that no
picture and no frozen report tells more than the published tables do together (decision 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.reports.counts import Period
from matchsvc.reports.figures import rate_ratio
from matchsvc.reports.outcomes import READERS, Share
from matchsvc.reports.published import Publication, Table, publications_of, published_of
from matchsvc.reports.published_models import QUARTERS, Part
from matchsvc.reports.trend import SHOWN, QuarterPoint, quarters_until

OURS, OTHERS = "foreign_born_women", "others_than_foreign_born_women"
NOTHING = Share(None, None)
#: Fewer than these in any of the four counts of a ratio, and it says nothing.
_FEWEST = 5


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


def read_figures(session: Session, actor: Actor) -> list[Publication]:
    """What the figures below are taken from. One query.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    return publications_of(session, actor.unit_id)


def is_published(made: Sequence[Publication], quarter: Period) -> bool:
    """Whether a quarter has been published."""
    return _name_of(quarter) in {f"{each.year}-{each.part}" for each in made}


def share_of_quarter(
    made: Sequence[Publication], quarter: Period, measure: str, share: str
) -> Share:
    """One of SHARES among those whom a measure counts in a quarter; hidden when not published."""
    if not is_published(made, quarter):
        return NOTHING
    for line in _table(made, _name_of(quarter), "shares").lines:
        if line.about == {"share": share, "measure": measure}:
            n, of, percent = line.cells[:3]
            # A rate that may not be told has no numerator either.
            return Share(n if percent != "" or of == 0 else None, of)  # type: ignore[arg-type]
    return NOTHING


def points(made: Sequence[Publication], last: date) -> list[QuarterPoint]:
    """Foreign-born women's shares in the eight quarters up to the one that holds a day."""
    return [
        QuarterPoint(
            quarter, {measure: share_of_quarter(made, quarter, measure, OURS) for measure in SHOWN}
        )
        for quarter in quarters_until(last)
    ]


def groups(
    made: Sequence[Publication], last: date
) -> tuple[Period, list[tuple[str, str, Share]]] | None:
    """To work, of those enrolled in the newest year that is published, by sex and region.

    Returns:
        The year, and sex, region and share of each group; None when no year has been followed.
    """
    year = _followed(made, last)
    if year is None:
        return None
    lines = _table(made, str(year), "results").lines
    return _year(year), [
        (line.about["sex"], line.about["birth_region"], Share(line.cells[1], line.cells[0]))  # type: ignore[arg-type]
        for line in lines
        if "sex" in line.about
    ]


def funnel(made: Sequence[Publication], last: date) -> PublishedFunnel | None:
    """The funnel of the newest year that has been followed; None when there is none."""
    year = _followed(made, last)
    if year is None:
        return None
    table = _table(made, str(year), "funnel")
    place = {name: number for number, name in enumerate(table.columns)}
    counts = [
        (line.about["step"], line.cells[place[OURS]], line.cells[place[OTHERS]])
        for line in table.lines
    ]
    first = counts[0] if counts else ("", None, None)
    steps = tuple(
        (name, Share(ours, first[1]), Share(others, first[2]))  # type: ignore[arg-type]
        for name, ours, others in counts
    )
    ratios = {}
    for (_b, ours_before, others_before), (name, ours, others) in pairwise(counts):
        four = (ours, ours_before, others, others_before)
        if all(isinstance(each, int) and each >= _FEWEST for each in four):
            ratios[name] = rate_ratio(*four)  # type: ignore[arg-type]
    lower = {
        name: ratio.value for name, ratio in ratios.items() if ratio and ratio.interval.high < 1
    }
    gap = min(lower, key=lower.__getitem__) if lower else None
    until = date(year + 1, 12, 31)
    return PublishedFunnel(_year(year), until, steps, gap, can_compare=bool(ratios))


def _followed(made: Sequence[Publication], last: date) -> int | None:
    """The newest year, followed by the day, of which it is published where people had come."""
    years = [each.year for each in made if each.part is Part.COHORT and each.year < last.year]
    return max(years, default=None)


def _table(made: Sequence[Publication], period: str, name: str) -> Table:
    tables = published_of(made, period).tables
    return next(each for each in tables if each.listed.name == name)


def _name_of(quarter: Period) -> str:
    return f"{quarter.start_date.year}-{QUARTERS[(quarter.start_date.month - 1) // 3]}"


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))
