"""Whom a published figure counts: each person once a year, in the first quarter that knows of her.

Everything is read as it was recorded when each quarter was published, so that what was counted then
is counted the same ever after. Who is registered late is counted with the year's next quarter; what
is taken back later stays counted. Docs: docs/decisions/0013-published-tables.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.ways import COMPLETED, STUDIES, UNKNOWN, WORK_DESTINATIONS
from matchsvc.reports.funnel import STEPS
from matchsvc.reports.published_blocks import Kind
from matchsvc.swedish import add_months, last_day_of_period

#: What is counted, and by which event.
COUNTED: Mapping[str, OutcomeKind] = {
    "started": OutcomeKind.ENROLLED,
    "placements": OutcomeKind.PLACEMENT_STARTED,
    "hires": OutcomeKind.EMPLOYMENT_STARTED,
    "municipal_employment": OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED,
}
NO_VALUE = "none"
#: Where somebody who was enrolled had come: work goes before studies.
RESULTS = ("to_work", "studies", "neither")


@dataclass(frozen=True, slots=True)
class Fact:
    """An outcome event, with when it was recorded and when it ceased to stand."""

    event: Any
    ended_at: datetime | None

    def stood(self, at: datetime) -> bool:
        """Whether it was known at an instant."""
        return (
            self.event.created_at <= at
            and not self.event.is_void
            and (self.ended_at is None or self.ended_at > at)
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody counted: when, and in which groups. ``values`` by further dimension."""

    key: UUID
    quarter: int
    kind: Kind
    first_on: date
    values: Mapping[str, str]


def quarter_end(year: int, quarter: int) -> date:
    """The last day of a quarter (0-3)."""
    return last_day_of_period(date(year, 3 * quarter + 1, 1), 3)


def facts_of_year(session: Session, unit_id: UUID, year: int) -> list[Fact]:
    """What has ever been recorded of a unit's year. One query."""
    return _facts(
        session,
        OutcomeEvent.unit_id == unit_id,
        OutcomeEvent.kind.in_(list(COUNTED.values())),
        OutcomeEvent.occurred_on.between(date(year, 1, 1), date(year, 12, 31)),
    )


def count_people(
    facts: Iterable[Fact],
    measure: str,
    year: int,
    recorded: Sequence[datetime],
    skipped: Collection[int],
) -> list[Person]:
    """Everybody whom a measure counts in the quarters that have been reached.

    Args:
        facts: of the year.
        measure: of COUNTED.
        year: the calendar year.
        recorded: until when each quarter's facts were recorded, oldest first.
        skipped: quarters of too few people, who are counted with the next.
    """
    mine = [fact for fact in facts if fact.event.kind == COUNTED[measure]]
    before = {fact.event.id: fact.event for fact in mine}
    counted: dict[UUID, Person] = {}
    for quarter, until in enumerate(recorded):
        if quarter in skipped:
            continue
        end = quarter_end(year, quarter)
        known: dict[UUID, list[Any]] = {}
        for fact in mine:
            if fact.stood(until) and fact.event.occurred_on <= end:
                known.setdefault(fact.event.person_key, []).append(fact.event)
        for key, events in known.items():
            # Two records found to be one person have a common history.
            if key not in counted and not any(
                each.person_key in counted for event in events for each in _history(event, before)
            ):
                counted[key] = _person(key, quarter, events)
    return list(counted.values())


def _history(event: Any, before: Mapping[UUID, Any]) -> Iterable[Any]:
    while (earlier := before.get(event.corrects_id)) is not None:
        yield earlier
        event = earlier


def _person(key: UUID, quarter: int, events: Sequence[Any]) -> Person:
    first = min(events, key=lambda event: (event.occurred_on, event.created_at, str(event.id)))
    values = {
        "age_band": first.age_band,
        "programme": first.programme or NO_VALUE,
        "form": first.detail or NO_VALUE,
    }
    kind = (_known(event.sex for event in events), _known(event.birth_region for event in events))
    return Person(key, quarter, kind, first.occurred_on, values)


def _known(values: Iterable[str]) -> str:
    return max((value for value in values if value != UNKNOWN), default=UNKNOWN)


def cohort_end(year: int) -> date:
    """Until when those who were enrolled in a year are followed: a year after its end."""
    return add_months(date(year, 12, 31), 12)


def where_they_came(
    session: Session, unit_id: UUID, year: int, people: Sequence[Person], at: datetime
) -> dict[UUID, Mapping[str, str]]:
    """The furthest step and the result of people enrolled in a year, as recorded at an instant.

    Returns:
        ``{"furthest": a step, "result": one of RESULTS}`` by person key.
    """
    facts = _facts(
        session,
        OutcomeEvent.unit_id == unit_id,
        OutcomeEvent.occurred_on.between(date(year, 1, 1), cohort_end(year)),
    )
    before = {fact.event.id: fact.event for fact in facts}
    now_called: dict[UUID, UUID] = {}
    for fact in facts:
        for earlier in _history(fact.event, before):
            now_called[earlier.person_key] = fact.event.person_key
    known: dict[UUID, list[Any]] = {}
    for fact in facts:
        if fact.stood(at):
            known.setdefault(fact.event.person_key, []).append(fact.event)
    return {
        person.key: _reached(
            [
                event
                for event in known.get(now_called.get(person.key, person.key), ())
                if event.occurred_on >= person.first_on
            ]
        )
        for person in people
    }


def _reached(events: Sequence[Any]) -> Mapping[str, str]:
    names = list(STEPS)
    furthest = max((_place(event) for event in events), default=0)
    results = {_result(event) for event in events}
    return {
        "furthest": names[furthest],
        "result": next((name for name in RESULTS if name in results), RESULTS[-1]),
    }


def _place(event: Any) -> int:
    if event.kind == OutcomeKind.PLACEMENT_ENDED and event.detail not in COMPLETED:
        return list(STEPS).index("started")
    return next((place for place, kind in enumerate(STEPS.values()) if kind == event.kind), 0)


def _result(event: Any) -> str:
    if event.kind == OutcomeKind.EMPLOYMENT_STARTED:
        return "to_work"
    if event.kind == OutcomeKind.EXITED and event.detail in WORK_DESTINATIONS:
        return "to_work"
    is_studies = event.kind == OutcomeKind.EXITED and event.detail == STUDIES
    return "studies" if is_studies else "neither"


def _facts(session: Session, *conditions: Any) -> list[Fact]:
    later = aliased(OutcomeEvent)
    columns = [
        getattr(OutcomeEvent, name)
        for name in (
            "id",
            "kind",
            "occurred_on",
            "created_at",
            "corrects_id",
            "is_void",
            "person_key",
            "sex",
            "birth_region",
            "age_band",
            "programme",
            "detail",
        )
    ]
    rows = session.execute(
        select(*columns, later.created_at.label("ended_at"))
        .outerjoin(later, later.corrects_id == OutcomeEvent.id)
        .where(*conditions)
        .order_by(OutcomeEvent.created_at, OutcomeEvent.id)
    )
    return [Fact(row, row.ended_at) for row in rows]
