"""Counting persons and events in the database: a fixed number of queries, whatever the amount.

Everything is computed from the outcome events that stand (neither corrected nor taken back).
A person is counted once for each measure and group. Where her events disagree about sex or region
of birth, what is known goes before "unknown".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
    null,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from matchsvc.employers.models import Agreement
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.outcomes.ways import is_at_work, is_in_studies, known_group, ways

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
    counts |= count_enrolled(session, period, by, unit_id)
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
    session: Session, by: Sequence[str], unit_id: UUID | None, *, enrolled: Callable[[Any], Any]
) -> Subquery:
    """One row a person and impersonal group: enrolments, the first, and when she got where.

    Args:
        session: to read with.
        by: as in :func:`count_measures`.
        unit_id: as in :func:`count_measures`.
        enrolled: given the ways, what an enrolment must fulfil to count.
    """
    way = ways(session, unit_id=unit_id).c
    # An enrolment is with no employer.
    impersonal = {"agreement": way.agreement, "unit": way.unit_id, "employer": null()}
    groups = {name: impersonal[name] for name in by if name not in PERSONAL}
    columns = [value.label(name) for name, value in groups.items()]
    keys = [way.person_key, *(value for name, value in groups.items() if name != "employer")]
    return (
        select(
            way.person_key,
            *columns,
            known_group(way.sex),
            known_group(way.birth_region),
            func.count().label("events"),
            func.min(way.enrolled_on).label("first_on"),
            func.min(way.work_on).label("work_on"),
            func.min(way.studies_on).label("studies_on"),
        )
        .where(enrolled(way))
        .group_by(*keys)
        .subquery()
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _started(session: Session, period: Period, by: Sequence[str], unit_id: UUID | None) -> Counts:
    """Those who were enrolled in the period, and where they had got to by its end."""
    people = _ways(
        session,
        by,
        unit_id,
        enrolled=lambda way: way.enrolled_on.between(period.start_date, period.end_date),
    )
    groups = [people.c[name] for name in by]
    rows = session.execute(
        select(
            *groups,
            func.count(),
            func.sum(people.c.events),
            _number(people.c.work_on <= period.end_date),
            _number(people.c.studies_on <= period.end_date),
        ).group_by(*groups)
    )
    counts: Counts = {"started": {}, "to_work": {}, "studies": {}}
    for *group, persons, events, work, studies in rows:
        if persons:
            counts["started"][tuple(group)] = Tally(persons, int(events))
            counts["to_work"][tuple(group)] = Tally(int(work), int(work))
            counts["studies"][tuple(group)] = Tally(int(studies), int(studies))
    return counts


def count_enrolled(
    session: Session, period: Period, by: Sequence[str], unit_id: UUID | None
) -> Counts:
    """Those enrolled at any time in the period, and who got to work or studies in it. One query."""
    people = _ways(session, by, unit_id, enrolled=lambda way: was_enrolled(way, period))
    got_there = (
        _events(
            unit_id,
            OutcomeEvent.kind.in_((OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.EXITED)),
            OutcomeEvent.occurred_on.between(period.start_date, period.end_date),
            or_(is_at_work(OutcomeEvent), is_in_studies(OutcomeEvent)),
        )
        .with_only_columns(
            OutcomeEvent.person_key, func.max(OutcomeEvent.occurred_on).label("got_on")
        )
        .group_by(OutcomeEvent.person_key)
        .subquery()
    )
    groups = [people.c[name] for name in by]
    rows = session.execute(
        select(
            *groups,
            func.count(),
            func.sum(people.c.events),
            _number(got_there.c.got_on >= people.c.first_on),
        )
        .outerjoin(got_there, got_there.c.person_key == people.c.person_key)
        .group_by(*groups)
    )
    counts: Counts = {"enrolled": {}, "to_work_or_studies": {}}
    for *group, persons, events, reached_it in rows:
        if persons:
            counts["enrolled"][tuple(group)] = Tally(persons, int(events))
            counts["to_work_or_studies"][tuple(group)] = Tally(int(reached_it), int(reached_it))
    return counts


def was_enrolled(way: Any, period: Period) -> ColumnElement[bool]:
    """Whether an enrolment was there at least one day of a period."""
    still_there = or_(way.exited_on.is_(None), way.exited_on >= period.start_date)
    return and_(way.enrolled_on <= period.end_date, still_there)
