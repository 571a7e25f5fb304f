"""The cube (REP-01): what came of it, for whom, by any dimensions; an internal view.

Free periods of whole months and any dimensions, so nothing of it is for publication: small counts
and what would give them away are hidden within the one table (docs/decisions/0003), but another
table of another period could be held beside it. Reading is logged with what was asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.reports.counts import Counts, Group, Period, Tally
from matchsvc.reports.cube_counts import (
    DIMENSIONS,
    FLOWS,
    OF_WAYS,
    PARTS,
    PERSONAL,
    RESULTS,
    Asked,
    Spans,
    count_cube,
    flags,
    regrouped,
)
from matchsvc.reports.funnel import MOST_MONTHS
from matchsvc.reports.limits import limits_of
from matchsvc.reports.measures import DEFINITIONS_VERSION
from matchsvc.reports.outcomes import UNSEEN, Count, is_a_quarter_at_least
from matchsvc.reports.suppression import Cell, Kinds, Limits, hide
from matchsvc.swedish import add_months, last_day_of_period, sort_key

READERS = (Role.UNIT_MANAGER, Role.AUDITOR)
MOST_DIMENSIONS = 4
MOST_ROWS = 200
KINDS_OF = ("sex", "birth_region")
#: All counts, in the order they are shown.
MEASURES = (*OF_WAYS[:2], *FLOWS, *RESULTS)


@dataclass(frozen=True, slots=True)
class Quartiles:
    """A lead time of a group, in days from enrolment.

    Attributes:
        n: how many got there; None where hidden.
        days: that a quarter, half and three quarters of them took at most; None where hidden or
            of fewer than the smallest count.
    """

    n: int | None
    days: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class CubeRow:
    """One group.

    Attributes:
        group: value by dimension: a code, an id, the position of a part, or None.
        counts: by measure; measures that the group cannot be told apart in are left out.
        leads: by lead time.
    """

    group: dict[str, Any]
    counts: dict[str, Count]
    leads: dict[str, Quartiles]


@dataclass(frozen=True, slots=True)
class Cube:
    """What the page and the API show.

    Attributes:
        asked: as it was asked.
        parts: what the period is divided into.
        rows: one a group that has anybody, in order.
        total: everybody.
        names: what ids are called, by dimension.
    """

    asked: Asked
    parts: list[Period]
    rows: list[CubeRow]
    total: CubeRow
    names: dict[str, dict[Any, str]]


def cube(session: Session, actor: Actor, asked: Asked) -> Cube:
    """Count, and hide what would point somebody out. A fixed number of queries.

    Args:
        session: to read with.
        actor: a user's cube covers her unit, a command's all units.
        asked: what.

    Raises:
        Refused: neither a unit manager nor an auditor.
        Invalid: unknown, doubled or too many dimensions, a period that is not whole months or ends
            before it begins, a cohort of no or too many months.
        RuleViolation: region of birth for less than a quarter (LAW-12); more groups than a table
            can be looked over with.
    """
    actor.require_role(*READERS)
    check_asked(asked)
    parts = parts_of(asked)
    whole = replace(asked, by=KINDS_OF)
    cells, cell_spans = count_cube(session, whole, [asked.period], unit_id=actor.unit_id)
    if set(asked.by) <= set(PERSONAL):
        counts, spans = regrouped(cells, cell_spans, asked)
    else:
        counts, spans = count_cube(session, asked, parts, unit_id=actor.unit_id)
    if not asked.counts_enrolments:
        cells = {name: cells[name] for name in FLOWS}
        cell_spans = {}
    names = _names(session, asked, counts)
    groups = _ordered(asked, counts, names)
    if len(groups) > MOST_ROWS:
        raise RuleViolation(
            "too_many_groups",
            N_("Det blir för många grupper för en tabell. Välj färre indelningar."),
        )
    limits = limits_of(session, actor.unit_id)
    # What was asked is logged: who can ask anything could look for somebody (LAW-12).
    audit.record(session, actor, "read", "report_cube", fields=described(asked))
    hidden = _Hiding(asked, groups, counts, cells, limits)
    rows = [CubeRow(dict(zip(asked.by, group, strict=True)), {}, {}) for group in groups]
    total = CubeRow({}, {}, {})
    for measure in MEASURES:
        if measure in counts:
            hidden.put_counts(measure, rows, total)
    for name in spans:
        hidden.put_leads(name, spans, cell_spans, rows, total)
    return Cube(asked, parts, rows, total, names)


def check_asked(asked: Asked) -> None:
    """Refuse what no cube can be made of.

    Raises:
        Invalid, RuleViolation: as :func:`cube`.
    """
    wrong: dict[str, str] = {}
    by = asked.by
    if len(set(by)) != len(by) or not set(by) <= set(DIMENSIONS):
        wrong["by"] = N_("Indelningen finns inte, eller är vald två gånger. Välj en ur listan.")
    elif len(by) > MOST_DIMENSIONS or len(set(by) & set(PARTS)) > 1:
        wrong["by"] = N_("Välj högst fyra indelningar, och en av månad, kvartal och år.")
    start, end = asked.period.start_date, asked.period.end_date
    if end < start:
        wrong["to"] = N_("Perioden slutar innan den börjar. Byt plats på dagarna.")
    elif start.day != 1 or end != last_day_of_period(end.replace(day=1), 1):
        wrong["to"] = N_("Välj hela månader, från den första dagen till den sista.")
    if asked.months is not None and not 1 <= asked.months <= MOST_MONTHS:
        wrong["months"] = N_("Följ gruppen 1 till 60 månader.")
    if wrong:
        raise Invalid(wrong)
    if set(by) & set(PERSONAL) - {"sex"} and not all(map(is_a_quarter_at_least, parts_of(asked))):
        raise RuleViolation(
            "period_too_short",
            N_("Födelseregion visas bara för minst tre månader i taget. Välj en längre period."),
        )


def parts_of(asked: Asked) -> list[Period]:
    """What the period is divided into: calendar months, quarters or years, cut at its ends."""
    if asked.part is None:
        return [asked.period]
    size, parts = PARTS[asked.part], []
    day = asked.period.start_date
    while day <= asked.period.end_date:
        first = date(day.year, day.month - (day.month - 1) % size, 1)
        last = min(last_day_of_period(first, size), asked.period.end_date)
        parts.append(Period(day, last))
        day = add_months(first, size)
    return parts


def described(asked: Asked) -> list[str]:
    """What was asked, for the log."""
    told = [f"by:{name}" for name in asked.by]
    told += [f"from:{asked.period.start_date:%Y-%m}", f"to:{asked.period.end_date:%Y-%m}"]
    told += [] if asked.months is None else [f"months:{asked.months}"]
    return told + ([] if asked.as_of is None else [f"as_of:{asked.as_of:%Y-%m-%d}"])


class _Hiding:
    """Puts figures in place, None where they would point somebody out."""

    def __init__(
        self,
        asked: Asked,
        groups: Sequence[Group],
        counts: Counts,
        cells: Counts,
        limits: Limits,
    ) -> None:
        self.asked, self.groups, self.limits = asked, groups, limits
        self.counts, self.cells = counts, cells

    def put_counts(self, measure: str, rows: Sequence[CubeRow], total: CubeRow) -> None:
        """One measure, of every group and of all."""
        counted, cells = self.counts[measure], self.cells[measure]
        whole = "inflow" if measure in RESULTS else None
        hidden = self._hidden(
            {group: tally.persons for group, tally in counted.items()},
            {kind: tally.persons for kind, tally in cells.items()},
            whole,
        )
        for k, (group, row) in enumerate(zip(self.groups, rows, strict=True)):
            row.counts[measure] = (
                UNSEEN if k in hidden[0] else _count(counted.get(group, Tally(0, 0)))
            )
        every = Tally(
            sum(tally.persons for tally in cells.values()),
            sum(tally.events for tally in cells.values()),
        )
        total.counts[measure] = UNSEEN if hidden[1] else _count(every)

    def put_leads(
        self, name: str, spans: Spans, cell_spans: Spans, rows: Sequence[CubeRow], total: CubeRow
    ) -> None:
        """One lead time; who got there is a part of who came."""
        counted = {group: sum(days.values()) for group, days in spans[name].items()}
        cells = {kind: sum(days.values()) for kind, days in cell_spans[name].items()}
        hidden = self._hidden(counted, cells, "inflow")
        for k, (group, row) in enumerate(zip(self.groups, rows, strict=True)):
            row.leads[name] = self._quartiles(spans[name].get(group, {}), is_hidden=k in hidden[0])
        every: dict[int, int] = {}
        for days in cell_spans[name].values():
            for day, persons in days.items():
                every[day] = every.get(day, 0) + persons
        total.leads[name] = self._quartiles(every, is_hidden=hidden[1])

    def _quartiles(self, days: Mapping[int, int], *, is_hidden: bool) -> Quartiles:
        if is_hidden:
            return Quartiles(None)
        n = sum(days.values())
        return Quartiles(n, quartiles(days) if n >= self.limits.count else None)

    def _hidden(
        self, counted: Mapping[Group, int], cells: Mapping[Group, int], whole: str | None
    ) -> tuple[frozenset[int], bool]:
        """Which rows are hidden, and whether the total is."""
        wholes = self.counts[whole] if whole else {}
        whole_cells = self.cells[whole] if whole else {}
        present = frozenset(kind for of in (cells, whole_cells) for kind in of)
        within = {group: tally.persons for group, tally in wholes.items()}
        rows = [
            Cell(
                counted.get(group, 0),
                self._kinds(group, present),
                within.get(group, 0) if whole else None,
            )
            for group in (self.groups if self.asked.by else [])
        ]
        everybody = sum(tally.persons for tally in whole_cells.values()) if whole else None
        total = Cell(sum(cells.values()), present, everybody)
        found = hide(rows, [total], self.limits)
        return found.rows, bool(found.totals)

    def _kinds(self, group: Group, present: Kinds) -> Kinds:
        """The kinds of people that a group can hold: its own where its dimensions say so."""
        fixed = {
            name: value
            for name, value in zip(self.asked.by, group, strict=True)
            if name in PERSONAL
        }
        held = frozenset(
            kind
            for kind in present
            if isinstance(kind, tuple) and fixed.items() <= flags(*kind).items()
        )
        # A group whose people are counted as another kind elsewhere stands apart from the total.
        return held or frozenset({("apart", *group)})


def _count(tally: Tally) -> Count:
    return Count(tally.persons, tally.events)


def quartiles(days: Mapping[int, int]) -> tuple[int, int, int]:
    """Days that a quarter, half and three quarters took at most, from how many took how long."""
    n, seen = sum(days.values()), 0
    places = [math.ceil(n * part / 4) for part in (1, 2, 3)]
    found: list[int] = []
    for day in sorted(days):
        seen += days[day]
        while len(found) < len(places) and seen >= places[len(found)]:
            found.append(day)
    return found[0], found[1], found[2]


def _names(session: Session, asked: Asked, counts: Counts) -> dict[str, dict[Any, str]]:
    """What the ids of units, employers and sites are called."""
    names: dict[str, dict[Any, str]] = {}
    for name, model in (("unit", Unit), ("employer", Employer), ("site", Site)):
        if name not in asked.by:
            continue
        place = asked.by.index(name)
        used = {group[place] for counted in counts.values() for group in counted}
        rows = session.execute(select(model.id, model.name))
        names[name] = {key: called for key, called in rows if key in used}
    return names


_FIRST = {
    "sex": ("woman", "man", "unknown"),
    "birth_region": ("outside_europe", "europe", "sweden", "unknown"),
    "foreign_born": ("yes", "no", "unknown"),
    "outside_europe": ("yes", "no", "unknown"),
    "age_band": ("-24", "25-34", "35-44", "45-54", "55-64", "65-", "-44", "45-", "unknown"),
}


def _ordered(asked: Asked, counts: Counts, names: Mapping[str, Mapping[Any, str]]) -> list[Group]:
    """Every group that has anybody in any measure, in the order that people expect."""

    def place(name: str, value: Any) -> tuple[bool, int, str, str]:
        if value is None:
            return (True, 0, "", "")
        if name in PARTS:
            return (False, value, "", "")
        order = _FIRST.get(name, ())
        if value in order:
            return (False, order.index(value), "", "")
        called = names.get(name, {}).get(value, str(value))
        return (False, len(order), sort_key(called), str(value))

    if not asked.by:
        return [()]
    every = {group for counted in counts.values() for group in counted}
    return sorted(
        every,
        key=lambda group: [place(name, value) for name, value in zip(asked.by, group, strict=True)],
    )


def cube_data(made: Cube) -> dict[str, Any]:
    """As the API gives it."""
    return {
        "definitions": DEFINITIONS_VERSION,
        "is_internal": True,
        "start": made.asked.period.start_date.isoformat(),
        "end": made.asked.period.end_date.isoformat(),
        "by": list(made.asked.by),
        "until": made.asked.until.isoformat(),
        "months": made.asked.months,
        "as_of": _instant(made.asked.as_of),
        "rows": [_row_data(made, row) for row in made.rows] if made.asked.by else [],
        "total": _row_data(made, made.total),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _row_data(made: Cube, row: CubeRow) -> dict[str, Any]:
    return {
        "group": {name: _value(made, name, value) for name, value in row.group.items()},
        "counts": {
            name: {"persons": count.persons, "events": count.events}
            for name, count in row.counts.items()
        },
        "lead_times": {
            name: {
                "persons": each.n,
                "days": None if each.days is None else list(each.days),
            }
            for name, each in row.leads.items()
        },
    }


def _value(made: Cube, name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in PARTS:
        first: date = made.parts[value].start_date
        return first.isoformat()
    return str(made.names.get(name, {}).get(value, value))
