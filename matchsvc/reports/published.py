"""The published tables of a unit, put together from what has been published and nothing else.

Everything here is a sum of published blocks (``published_blocks.py``): a figure that would need a
part of a block is None. Pages, files and the API show the same tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import NotFound
from matchsvc.reports.figures import percent, wilson
from matchsvc.reports.outcomes import READERS, SHARES
from matchsvc.reports.published_blocks import Kind
from matchsvc.reports.published_counts import COUNTED, quarter_end
from matchsvc.reports.published_models import QUARTERS, Part, PublishedReport
from matchsvc.reports.published_tables import (
    AGE_BANDS,
    FUNNEL_STEPS,
    KINDS,
    POPULATIONS,
    RESULT_NAMES,
    TABLES,
    PublishedTable,
    kinds_of,
)

CUMULATIVE = "cumulative"
#: Whole numbers, percent, ends of intervals; None where hidden, "" where there is nothing to say.
Cell = int | float | None | str
SHARED = ("placements", "hires", "started")


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication as it was kept."""

    year: int
    part: Part
    recorded_until: datetime
    checksum: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """What can be chosen: ``2025-q3``, ``2025`` or ``cumulative``."""

    name: str
    kind: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: whom or what it is about, and its cells."""

    about: Mapping[str, str]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the list, filled in for a period.

    Attributes:
        listed: which table of the list.
        columns: names of the columns, one for each cell of a line.
        lines: its rows.
    """

    listed: PublishedTable
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """All that is published of a unit for a period.

    Attributes:
        period: None when nothing has been published yet.
        periods: all that there are, the newest first.
        tables: in the order of the list.
        fewest: the smallest number that is shown.
        publications: what it was made from, the oldest first.
    """

    period: Period | None
    periods: tuple[Period, ...]
    tables: tuple[Table, ...]
    fewest: int
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class _Sum:
    """People in blocks: kinds, values of a further dimension (None: all), how many."""

    kinds: frozenset[Kind]
    values: frozenset[str] | None
    persons: int


def read_published(session: Session, actor: Actor, name: str | None = None) -> Published:
    """What is published for a period of the actor's unit. One query; logged.

    Args:
        session: to read with.
        actor: somebody who reads reports in a unit.
        name: a period's name; None is the newest whole year, else the newest quarter.

    Raises:
        Refused: the actor's role reads no reports.
        NotFound: nothing has been published for that period.
    """
    actor.require_role(*READERS)
    made = publications_of(session, actor.unit_id)
    audit.record(session, actor, "read", "report_published", fields=[name or "newest"])
    return published_of(made, name)


def publications_of(session: Session, unit_id: UUID | None) -> list[Publication]:
    """A unit's publications, the oldest first. One query."""
    rows = session.scalars(select(PublishedReport).where(PublishedReport.unit_id == unit_id))
    found = [
        Publication(row.year, row.part, row.recorded_until, row.checksum, json.loads(row.content))
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.year, list(Part).index(each.part)))


def published_of(made: Sequence[Publication], name: str | None = None) -> Published:
    """The tables of a period, from what has been published. Pure."""
    periods = _periods(made)
    if not made:
        if name is not None:
            raise NotFound("published_period")
        return Published(None, (), (), 0, ())
    chosen = next((each for each in periods if each.name == name), None)
    if name is None:
        years = [each for each in periods if each.kind == "year"]
        chosen = (years or periods)[0]
    if chosen is None:
        raise NotFound("published_period")
    used = [each for each in made if _is_in(each, chosen)]
    reader = _Reader(made, chosen)
    tables = tuple(
        reader.table(listed) for listed in TABLES.values() if chosen.kind in listed.periods
    )
    fewest = max(each.content["fewest"] for each in used)
    return Published(
        chosen, tuple(periods), tuple(each for each in tables if each.lines), fewest, tuple(used)
    )


def _periods(made: Sequence[Publication]) -> list[Period]:
    found = []
    for each in made:
        if each.part in QUARTERS:
            number = QUARTERS.index(each.part)
            first = date(each.year, 3 * number + 1, 1)
            last = quarter_end(each.year, number)
            found.append(Period(f"{each.year}-{each.part}", "quarter", first, last))
        elif each.part is Part.YEAR:
            first, last = date(each.year, 1, 1), date(each.year, 12, 31)
            found.append(Period(str(each.year), "year", first, last))
    if found:
        first = min(each.first_on for each in found)
        last = max(each.last_on for each in found)
        found.append(Period(CUMULATIVE, "cumulative", first, last))
    return found[::-1]


def _is_in(made: Publication, period: Period) -> bool:
    if period.kind == "quarter":
        return f"{made.year}-{made.part}" == period.name
    return period.kind == "cumulative" or str(made.year) == period.name


class _Reader:
    """Adds up blocks for one period."""

    def __init__(self, made: Sequence[Publication], period: Period) -> None:
        self.period = period
        self.content = {(each.year, each.part): each.content for each in made}
        self.years = sorted({each.year for each in made})
        self.denominator = max(each.content["denominator"] for each in made)
        if period.kind == "year":
            self.years = [int(period.name)]

    def table(self, listed: PublishedTable) -> Table:
        """A table of the list."""
        if listed.name == "shares":
            return self._shares(listed)
        if listed.name == "groups":
            return self._groups(listed)
        if listed.name == "results":
            return self._results(listed)
        if listed.name == "funnel":
            return self._funnel(listed)
        return self._by(listed)

    def persons(self, measure: str, kinds: frozenset[Kind]) -> int | None:
        """How many of these kinds a measure counts; None when that is hidden."""
        if self.period.kind == "quarter":
            year, _, part = self.period.name.partition("-")
            return self._of_quarter(int(year), Part(part), measure, kinds)
        sums = [self._of_year(year, measure, kinds) for year in self.years]
        return None if None in sums else sum(each for each in sums if each is not None)

    def _of_quarter(
        self, year: int, part: Part, measure: str, kinds: frozenset[Kind]
    ) -> int | None:
        told = self.content[year, part]["measures"][measure]
        return None if told is None else _amount(_sums(told), kinds)

    def _of_year(self, year: int, measure: str, kinds: frozenset[Kind]) -> int | None:
        if (year, Part.YEAR) in self.content:
            told = self.content[year, Part.YEAR]["measures"][measure]["blocks"]
            found = _amount(_sums(told), kinds)
            if found is not None:
                return found
        # The sum of the quarters, where all are shown; a quarter of too few counts with the next.
        parts = [part for part in QUARTERS if (year, part) in self.content]
        counted = [
            self._of_quarter(year, part, measure, kinds)
            for part in parts
            if self.content[year, part]["measures"][measure] is not None
        ]
        return None if None in counted else sum(each for each in counted if each is not None)

    def inside(
        self, measure: str, name: str, kinds: frozenset[Kind], values: frozenset[str]
    ) -> int | None:
        """How many of these kinds with one of these values of a further dimension."""
        found = []
        for year, told in self._told_inside(measure, name):
            blocks = self.content[year, Part.YEAR]["measures"][measure]["blocks"]
            found.append(None if told is None else _amount(_sums(blocks, told), kinds, values))
        return None if None in found else sum(each for each in found if each is not None)

    def _told_inside(self, measure: str, name: str) -> list[tuple[int, Any]]:
        if name in {"furthest", "result"}:
            return [
                (year, self.content[year, Part.COHORT]["by"][name])
                for year in self.years
                if (year, Part.COHORT) in self.content
            ]
        return [
            (year, self.content[year, Part.YEAR]["measures"][measure]["by"].get(name))
            for year in self.years
            if (year, Part.YEAR) in self.content
        ]

    def _shares(self, listed: PublishedTable) -> Table:
        lines = []
        for name, (who, among) in SHARES.items():
            for measure in SHARED:
                n = self.persons(measure, POPULATIONS[who])
                of = self.persons(measure, POPULATIONS[among])
                about = {"share": name, "measure": measure}
                lines.append(Line(about, (n, of, *self.rate(n, of))))
        return Table(listed, ("n", "of", "percent", "low", "high"), tuple(lines))

    def rate(self, n: int | None, of: int | None) -> tuple[Cell, Cell, Cell]:
        """Whole percent with Wilson's interval; hidden when either is, or of too few."""
        if n is None or of is None or 0 < of < self.denominator:
            return (None, None, None)
        interval = wilson(n, of)
        if interval is None:
            return ("", "", "")
        return (percent(n, of), round(interval.low, 1), round(interval.high, 1))

    def _groups(self, listed: PublishedTable) -> Table:
        measures = tuple(COUNTED)
        lines = [
            Line(about, tuple(self.persons(measure, kinds) for measure in measures))
            for about, kinds in _whom()
        ]
        return Table(listed, measures, _told(lines))

    def _results(self, listed: PublishedTable) -> Table:
        everything = frozenset({"to_work", "studies", "neither"})
        lines = []
        for about, kinds in _whom() if self._told_inside("started", "result") else ():
            of = self.inside("started", "result", kinds, everything)
            cells: list[Cell] = [of]
            for result in RESULT_NAMES:
                n = self.inside("started", "result", kinds, frozenset({result}))
                cells += [n, self.rate(n, of)[0]]
            lines.append(Line(about, tuple(cells)))
        columns = ("started", "to_work", "to_work_percent", "studies", "studies_percent")
        return Table(listed, columns, _told(lines))

    def _funnel(self, listed: PublishedTable) -> Table:
        lines = []
        for place, step in enumerate(
            FUNNEL_STEPS if self._told_inside("started", "furthest") else ()
        ):
            reached = frozenset(FUNNEL_STEPS[place:])
            cells: list[Cell] = []
            for kinds in POPULATIONS.values():
                of = self.inside("started", "furthest", kinds, frozenset(FUNNEL_STEPS))
                n = self.inside("started", "furthest", kinds, reached)
                cells += [n, self.rate(n, of)[0]]
            lines.append(Line({"step": step}, tuple(cells)))
        columns = tuple(column for name in POPULATIONS for column in (name, f"{name}_percent"))
        return Table(listed, columns, tuple(lines))

    def _by(self, listed: PublishedTable) -> Table:
        name = listed.by[-1]
        measures = [measure for measure in COUNTED if f"published_{measure}" in listed.measures]
        values = self._values(measures, name)
        lines = [
            Line(
                {**about, name: value},
                tuple(self.inside(m, name, kinds, frozenset({value})) for m in measures),
            )
            for about, kinds in _whom()
            for value in values
        ]
        # Of single kinds only what there is to see: most would be rows of nothing but "hidden".
        seen = [line for line in lines if "population" in line.about or any(line.cells)]
        return Table(listed, tuple(measures), _told(seen))

    def _values(self, measures: Iterable[str], name: str) -> list[str]:
        found = {
            value
            for measure in measures
            for _, told in self._told_inside(measure, name)
            for _, values, _ in told or ()
            for value in values
        }
        order = AGE_BANDS if name == "age_band" else ()
        return sorted(found, key=lambda v: (order.index(v) if v in order else 0, v))


def _sums(blocks: Sequence[Any], told: Sequence[Any] | None = None) -> list[_Sum]:
    if told is None:
        return [_Sum(kinds_of(block), None, block[1]) for block in blocks]
    return [
        _Sum(
            frozenset().union(*(kinds_of(blocks[number]) for number in numbers)),
            frozenset(values),
            persons,
        )
        for numbers, values, persons in told
    ]


def _amount(
    sums: Iterable[_Sum], kinds: frozenset[Kind], values: frozenset[str] | None = None
) -> int | None:
    """Add up the blocks inside; None when one is only partly inside. Kinds in none are empty."""
    total = 0
    is_split = False
    by_kinds: dict[frozenset[Kind], list[_Sum]] = {}
    for each in sums:
        by_kinds.setdefault(each.kinds, []).append(each)
    for block, parts in by_kinds.items():
        if not block & kinds:
            continue
        chosen = [each for each in parts if _touches(each, values)]
        if not chosen:
            continue  # nobody in the block has such a value
        if not block <= kinds or any(not _is_inside(each, values) for each in chosen):
            is_split = True
        total += sum(each.persons for each in chosen)
    return None if is_split else total


def _touches(part: _Sum, values: frozenset[str] | None) -> bool:
    return values is None or part.values is None or bool(part.values & values)


def _is_inside(part: _Sum, values: frozenset[str] | None) -> bool:
    return values is None or (part.values is not None and part.values <= values)


def _whom() -> list[tuple[dict[str, str], frozenset[Kind]]]:
    """Every group that has a row: populations first, then sex and region of birth together."""
    return [({"population": name}, kinds) for name, kinds in POPULATIONS.items()] + [
        ({"sex": kind[0], "birth_region": kind[1]}, frozenset({kind})) for kind in KINDS
    ]


def _told(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with anybody in them; populations always have a line."""
    return tuple(line for line in lines if any(line.cells) or None in line.cells or _is_whole(line))


def _is_whole(line: Line) -> bool:
    return set(line.about) == {"population"}
