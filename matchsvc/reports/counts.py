"""Counting persons and events in the database: a fixed number of queries, whatever the amount.

Everything is computed from the outcome events that stand (neither corrected nor taken back).
A person is counted once for each measure and group. Where her events disagree about sex or region
of birth, what is known goes before "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from matchsvc.employers.models import Agreement
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events

UNKNOWN = "unknown"
#: Exit destinations that are work on the regular labour market (REP-07): municipal
#: labour-market employment is none.
WORK_DESTINATIONS = ("unsubsidised_job", "subsidised_job")
STUDIES = "studies"

#: Events that are counted as they happen, and what the report calls them.
FLOWS = {
    OutcomeKind.PLACEMENT_STARTED: "placements",
    OutcomeKind.EMPLOYMENT_STARTED: "hires",
    OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED: "municipal_employment",
}
DIMENSIONS: dict[str, InstrumentedAttribute[Any]] = {
    "sex": OutcomeEvent.sex,
    "birth_region": OutcomeEvent.birth_region,
    "employer": OutcomeEvent.employer_id,
    "agreement": OutcomeEvent.agreement,
    "unit": OutcomeEvent.unit_id,
}
PERSONAL = ("sex", "birth_region")

Group = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """A period of days; both are inclusive."""

    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True)
class Tally:
    """Persons, and the events that made them count."""

    persons: int
    events: int


#: measure -> group (values in the order asked for) -> how many
Counts = dict[str, dict[Group, Tally]]


def count_measures(
    session: Session, period: Period, by: Sequence[str], *, unit_id: UUID | None
) -> Counts:
    """Count every measure of the outcome report.

    Args:
        session: to read with.
        period: what happened in it.
        by: names of DIMENSIONS, in the order that the groups are to have.
        unit_id: only this unit; None is all.

    Returns:
        ``placements``, ``hires``, ``municipal_employment``: started in the period. ``started``:
        enrolled in the period; ``to_work``, ``studies``: those of them who got there by its end.
        ``enrolled``: enrolled at any time in the period; ``to_work_or_studies``: those of them who
        got there in the period. Groups without anybody are left out.
    """
    # PostgreSQL sums to decimals: hence int().
    counts: Counts = {name: {} for name in FLOWS.values()}
    people = _people(_flows(period, unit_id), by, OutcomeEvent.kind)
    for row in _summed(session, people, ["kind", *by], func.sum(people.c.events)):
        counts[FLOWS[row[0]]][tuple(row[1:-2])] = Tally(row[-2], int(row[-1]))
    counts |= _started(session, period, by, unit_id)
    counts |= _enrolled(session, period, by, unit_id)
    return counts


def count_by_quarter(
    session: Session, quarters: Sequence[Period], *, unit_id: UUID | None
) -> dict[str, dict[Group, Tally]]:
    """Count placements and hires by (quarter's position, sex, region of birth). One query."""
    span = Period(quarters[0].start_date, quarters[-1].end_date)
    number = case(
        *(
            (
                # Written out: PostgreSQL must see that what is shown is what is grouped by.
                OutcomeEvent.occurred_on <= literal(quarter.end_date, literal_execute=True),
                literal(position, literal_execute=True),
            )
            for position, quarter in enumerate(quarters)
        )
    ).label("quarter")
    people = _people(_flows(span, unit_id), PERSONAL, OutcomeEvent.kind, number)
    counts: Counts = {name: {} for name in FLOWS.values()}
    dims = ["kind", "quarter", *PERSONAL]
    for row in _summed(session, people, dims, func.sum(people.c.events)):
        counts[FLOWS[row[0]]][tuple(row[1:-2])] = Tally(row[-2], int(row[-1]))
    return counts


def count_national(session: Session, period: Period, *, unit_id: UUID | None) -> Counts:
    """Placements and hires through national agreements, by sex and region of birth. One query."""
    through = exists().where(
        Agreement.unit_id == OutcomeEvent.unit_id,
        Agreement.code == OutcomeEvent.agreement,
        Agreement.is_national,
    )
    people = _people(_flows(period, unit_id).where(through), PERSONAL, OutcomeEvent.kind)
    counts: Counts = {name: {} for name in FLOWS.values()}
    for row in _summed(session, people, ["kind", *PERSONAL], func.sum(people.c.events)):
        counts[FLOWS[row[0]]][tuple(row[1:-2])] = Tally(row[-2], int(row[-1]))
    return counts


def _events(unit_id: UUID | None, *conditions: ColumnElement[bool]) -> Select[Any]:
    found = standing_events().where(*conditions)
    return found if unit_id is None else found.where(OutcomeEvent.unit_id == unit_id)


def _flows(period: Period, unit_id: UUID | None) -> Select[Any]:
    return _events(
        unit_id,
        OutcomeEvent.kind.in_(list(FLOWS)),
        OutcomeEvent.occurred_on.between(period.start_date, period.end_date),
    )


def known_group(column: Any) -> ColumnElement[Any]:
    """Of a person's events: what is known of her sex or region, before "unknown"."""
    return func.coalesce(func.max(func.nullif(column, UNKNOWN)), UNKNOWN).label(column.key)


def _people(events: Select[Any], by: Iterable[str], *more: Any) -> Subquery:
    """One row a person and impersonal group: her known sex and region, and how many events."""
    impersonal = [DIMENSIONS[name].label(name) for name in by if name not in PERSONAL]
    keys = [*more, *impersonal, OutcomeEvent.person_key]
    columns = [*keys, known_group(OutcomeEvent.sex), known_group(OutcomeEvent.birth_region)]
    columns.append(func.count().label("events"))
    grouped = [getattr(key, "element", key) for key in keys]
    return events.with_only_columns(*columns).group_by(*grouped).subquery()


def _summed(
    session: Session, people: Subquery, by: Sequence[str], *sums: ColumnElement[Any]
) -> list[Any]:
    groups = [people.c[name] for name in by]
    counted = select(*groups, func.count(), *sums).group_by(*groups)
    return list(session.execute(counted))


def _ways(
    events: Select[Any],
    by: Sequence[str],
    *,
    enrolled: ColumnElement[bool],
    reached: ColumnElement[bool],
    gone: ColumnElement[bool] | None = None,
) -> Subquery:
    """One row a person and impersonal group: enrolments, the first, and where she last got to.

    One pass over the events, and no join: a database without statistics would otherwise go
    through everything once for each person.

    Args:
        events: that may matter.
        by: as in :func:`count_measures`.
        enrolled: what an enrolment must fulfil to count.
        reached: what counts as getting to work or to studies, beside its kind.
        gone: an exit after which the case's enrolment no longer counts.
    """
    exited = OutcomeEvent.kind == OutcomeKind.EXITED
    at_work = or_(
        OutcomeEvent.kind == OutcomeKind.EMPLOYMENT_STARTED,
        and_(exited, OutcomeEvent.detail.in_(WORK_DESTINATIONS)),
    )
    studying = and_(exited, OutcomeEvent.detail == STUDIES)
    impersonal = [name for name in by if name not in PERSONAL]
    counts = and_(OutcomeEvent.kind == OutcomeKind.ENROLLED, enrolled)
    left = func.max(case((and_(exited, gone), 1))) if gone is not None else None
    told = events.with_only_columns(
        OutcomeEvent.person_key,
        *(DIMENSIONS[name].label(name) for name in [*PERSONAL, *impersonal]),
        case((counts, OutcomeEvent.occurred_on)).label("enrolled_on"),
        case((and_(at_work, reached), OutcomeEvent.occurred_on)).label("work_on"),
        case((and_(studying, reached), OutcomeEvent.occurred_on)).label("studies_on"),
        (literal(None) if left is None else left.over(partition_by=OutcomeEvent.case_key)).label(
            "left"
        ),
    ).subquery()
    enrolled_on = case((told.c.left.is_(None), told.c.enrolled_on))
    keys = [*(told.c[name] for name in impersonal), told.c.person_key]
    known = [
        func.coalesce(
            func.max(case((enrolled_on.is_not(None), func.nullif(told.c[name], UNKNOWN)))), UNKNOWN
        ).label(name)
        for name in PERSONAL
    ]
    return (
        select(
            *keys,
            *known,
            func.count(enrolled_on).label("events"),
            func.min(enrolled_on).label("first_on"),
            *(
                # Wherever she got to work, it counts for each of her groups.
                func.max(func.max(told.c[name])).over(partition_by=told.c.person_key).label(name)
                for name in ("work_on", "studies_on")
            ),
        )
        .group_by(*keys)
        .subquery()
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _started(session: Session, period: Period, by: Sequence[str], unit_id: UUID | None) -> Counts:
    """Those who were enrolled in the period, and where they had got to by its end."""
    people = _ways(
        _way_events(unit_id, period),
        by,
        enrolled=OutcomeEvent.occurred_on >= period.start_date,
        reached=true(),
    )
    groups = [people.c[name] for name in by]
    rows = session.execute(
        select(
            *groups,
            func.count(),
            func.sum(people.c.events),
            _number(people.c.work_on >= people.c.first_on),
            _number(people.c.studies_on >= people.c.first_on),
        )
        .where(people.c.events > 0)
        .group_by(*groups)
    )
    counts: Counts = {"started": {}, "to_work": {}, "studies": {}}
    for *group, persons, events, work, studies in rows:
        if persons:
            counts["started"][tuple(group)] = Tally(persons, int(events))
            counts["to_work"][tuple(group)] = Tally(int(work), int(work))
            counts["studies"][tuple(group)] = Tally(int(studies), int(studies))
    return counts


def _enrolled(session: Session, period: Period, by: Sequence[str], unit_id: UUID | None) -> Counts:
    """Those enrolled at any time in the period, and who got to work or studies in it."""
    people = _ways(
        _way_events(unit_id, period),
        by,
        enrolled=true(),
        reached=OutcomeEvent.occurred_on >= period.start_date,
        gone=OutcomeEvent.occurred_on < period.start_date,
    )
    groups = [people.c[name] for name in by]
    got_there = or_(people.c.work_on >= people.c.first_on, people.c.studies_on >= people.c.first_on)
    rows = session.execute(
        select(*groups, func.count(), func.sum(people.c.events), _number(got_there))
        .where(people.c.events > 0)
        .group_by(*groups)
    )
    counts: Counts = {"enrolled": {}, "to_work_or_studies": {}}
    for *group, persons, events, reached_it in rows:
        if persons:
            counts["enrolled"][tuple(group)] = Tally(persons, int(events))
            counts["to_work_or_studies"][tuple(group)] = Tally(int(reached_it), int(reached_it))
    return counts


def _way_events(unit_id: UUID | None, period: Period) -> Select[Any]:
    """What can say where a person was by the end of the period."""
    return _events(
        unit_id,
        OutcomeEvent.kind.in_(
            (OutcomeKind.ENROLLED, OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.EXITED)
        ),
        OutcomeEvent.occurred_on <= period.end_date,
    )
