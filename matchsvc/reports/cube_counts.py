"""Counting the cube: persons and events by any dimensions, in as many queries whatever the amount.

What is counted of enrolments (who came, who was there, how long it took, where it led) comes from
the ways; what happens (placements, jobs, activities, ends) from the events themselves. Both can be
asked as they stood at an instant: what was recorded later is then as if it had not been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.outcomes.ways import UNKNOWN, known_group, ways
from matchsvc.reports.counts import Counts, Group, Period, Tally, was_enrolled
from matchsvc.reports.day_sums import days_between, months_after

SWEDEN, OUTSIDE = "sweden", "outside_europe"
#: Dimensions of who somebody is: one value a person.
PERSONAL = ("sex", "birth_region", "foreign_born", "outside_europe")
#: Dimensions that an enrolment has, beside those.
OF_ENROLMENTS = ("age_band", "unit", "programme", "agreement")
#: Dimensions that only what happened at a workplace, in a group or at an end has.
OF_EVENTS = ("employer", "site", "sector", "form")
#: Dimensions of time: months in each part.
PARTS = {"month": 1, "quarter": 3, "year": 12}
DIMENSIONS = (*PERSONAL, *OF_ENROLMENTS, *OF_EVENTS, *PARTS)

#: What happens in a period -> the kind of event.
FLOWS = {
    "activities": OutcomeKind.ACTIVITY_STARTED,
    "contacts": OutcomeKind.EMPLOYER_CONTACTED,
    "proposals": OutcomeKind.PROPOSED,
    "placements": OutcomeKind.PLACEMENT_STARTED,
    "hires": OutcomeKind.EMPLOYMENT_STARTED,
    "municipal_employment": OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED,
    "exits": OutcomeKind.EXITED,
}
#: Where those who came in the period had got to -> the day of the way.
RESULTS = {"to_work": "work_on", "studies": "studies_on", "stayed": "stayed_on"}
#: Lead times of those who came in the period -> the day of the way.
LEADS = {
    "days_to_contact": "contacted_on",
    "days_to_proposal": "proposed_on",
    "days_to_placement": "placed_on",
    "days_to_work": "hired_on",
}
OF_WAYS = ("inflow", "active", *RESULTS)

#: lead time -> group -> days -> how many persons
Spans = dict[str, dict[Group, dict[int, int]]]
_EVENT_COLUMNS = {
    "unit": OutcomeEvent.unit_id,
    "age_band": OutcomeEvent.age_band,
    "programme": OutcomeEvent.programme,
    "agreement": OutcomeEvent.agreement,
    "employer": OutcomeEvent.employer_id,
    "site": OutcomeEvent.site_id,
    "sector": OutcomeEvent.sector,
    "form": OutcomeEvent.detail,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the cube. A group is a tuple of values in the order of ``by``.

    Attributes:
        period: what happened in it; of enrolments, who came in it.
        by: names of DIMENSIONS, at most one of PARTS.
        until: the last day that a result or a lead time counts, for cumulative figures.
        months: follow everybody for exactly so many months instead, and count only those who
            came early enough; None is cumulative.
        as_of: what had been recorded by this instant; None is everything.
    """

    period: Period
    by: tuple[str, ...] = ()
    until: date = date.max
    months: int | None = None
    as_of: datetime | None = None

    @property
    def part(self) -> str | None:
        """Into what the period is divided, if anything."""
        return next((name for name in self.by if name in PARTS), None)

    @property
    def counts_enrolments(self) -> bool:
        """Whether its groups can be told apart at an enrolment."""
        return not set(self.by) & set(OF_EVENTS)


def flags(sex: str, region: str) -> Mapping[str, str]:
    """The personal dimensions of one sex and region of birth; unknown is a value of its own."""
    known = region != UNKNOWN
    return {
        "sex": sex,
        "birth_region": region,
        "foreign_born": ("no" if region == SWEDEN else "yes") if known else UNKNOWN,
        "outside_europe": ("yes" if region == OUTSIDE else "no") if known else UNKNOWN,
    }


def count_cube(
    session: Session, asked: Asked, parts: Sequence[Period], *, unit_id: UUID | None
) -> tuple[Counts, Spans]:
    """Count every measure by the asked groups, before anything is hidden.

    Args:
        session: to read with.
        asked: what is counted. A group's value of a part is its position in `parts`.
        parts: what the period is divided into; only the period itself if not divided.
        unit_id: only this unit; None is all.

    Returns:
        Persons and events by measure and group, and days by lead time and group. A person is
        counted once a measure and group, with what is known of her sex and region.
    """
    counts: Counts = {name: {} for name in FLOWS}
    slots = _slots(parts)
    _count_flows(session, asked, slots, unit_id, counts)
    spans: Spans = {}
    if asked.counts_enrolments:
        counts |= {name: {} for name in OF_WAYS}
        _count_active(session, asked, slots, unit_id, counts)
        spans = _count_inflow(session, asked, slots, unit_id, counts)
    return counts, spans


def _slots(parts: Sequence[Period]) -> Subquery:
    """The parts of the period as rows."""
    return union_all(
        *(
            select(
                literal(number).label("slot"),
                literal(part.start_date, Date()).label("first_day"),
                literal(part.end_date, Date()).label("last_day"),
            )
            for number, part in enumerate(parts)
        )
    ).subquery("slot")


def _flag(name: str, column: Any) -> Any:
    """A personal dimension of a row with a sex and a region of birth; as :func:`flags`."""
    if name in ("sex", "birth_region"):
        return column[name].label(name)
    home, away = ("no", "yes") if name == "foreign_born" else ("yes", "no")
    told = SWEDEN if name == "foreign_born" else OUTSIDE
    region = column["birth_region"]
    return case((region == UNKNOWN, UNKNOWN), (region == told, home), else_=away).label(name)


def _groups(asked: Asked, people: Any) -> list[Any]:
    return [
        _flag(name, people)
        if name in PERSONAL
        else people["slot" if name in PARTS else name].label(name)
        for name in asked.by
    ]


def _count_flows(
    session: Session, asked: Asked, slots: Subquery, unit_id: UUID | None, counts: Counts
) -> None:
    names = {kind: name for name, kind in FLOWS.items()}
    keys = [_EVENT_COLUMNS[name].label(name) for name in asked.by if name in _EVENT_COLUMNS]
    grouped = [_EVENT_COLUMNS[name] for name in asked.by if name in _EVENT_COLUMNS]
    told = standing_events(as_of=asked.as_of).where(
        OutcomeEvent.kind.in_(list(names)),
        OutcomeEvent.occurred_on.between(asked.period.start_date, asked.period.end_date),
    )
    if unit_id is not None:
        told = told.where(OutcomeEvent.unit_id == unit_id)
    people = (
        told.join(slots, OutcomeEvent.occurred_on.between(slots.c.first_day, slots.c.last_day))
        .with_only_columns(
            OutcomeEvent.kind,
            OutcomeEvent.person_key,
            slots.c.slot,
            *keys,
            known_group(OutcomeEvent.sex),
            known_group(OutcomeEvent.birth_region),
            func.count().label("events"),
        )
        .group_by(OutcomeEvent.kind, OutcomeEvent.person_key, slots.c.slot, *grouped)
        .subquery()
    )
    each = select(people.c.kind, *_groups(asked, people.c), people.c.events).subquery()
    by = [each.c.kind, *(each.c[name] for name in asked.by)]
    found = select(*by, func.count(), func.sum(each.c.events)).group_by(*by)
    for kind, *group, persons, events in session.execute(found):
        counts[names[kind]][tuple(group)] = Tally(persons, int(events))


def _count_active(
    session: Session, asked: Asked, slots: Subquery, unit_id: UUID | None, counts: Counts
) -> None:
    way = ways(session, unit_id=unit_id, as_of=asked.as_of)
    slot = Period(slots.c.first_day, slots.c.last_day)  # type: ignore[arg-type]  # columns
    people = _people(asked, way, slots, was_enrolled(way.c, slot))
    each = select(*_groups(asked, people.c), people.c.events).subquery()
    by = [each.c[name] for name in asked.by]
    found = select(*by, func.count(), func.sum(each.c.events))
    for *group, persons, events in session.execute(found.group_by(*by) if by else found):
        if persons:
            counts["active"][tuple(group)] = Tally(persons, int(events))


def _people(asked: Asked, way: Subquery, slots: Subquery, counted: Any) -> Subquery:
    """One row a person and impersonal group: her first enrolment in it, and where it led."""
    columns = {"unit": way.c.unit_id} | {
        name: way.c[name] for name in ("age_band", "programme", "agreement")
    }
    keys = {name: columns[name] for name in asked.by if name in columns}
    days = {*RESULTS.values(), *LEADS.values()}
    return (
        select(
            way.c.person_key,
            slots.c.slot,
            *(column.label(name) for name, column in keys.items()),
            known_group(way.c.sex),
            known_group(way.c.birth_region),
            func.count().label("events"),
            func.min(way.c.enrolled_on).label("enrolled_on"),
            # A day after a later enrolment is one after the first, too.
            *(func.min(way.c[name]).label(name) for name in sorted(days)),
        )
        .join(slots, counted)
        .group_by(way.c.person_key, slots.c.slot, *keys.values())
        .subquery()
    )


def _count_inflow(
    session: Session, asked: Asked, slots: Subquery, unit_id: UUID | None, counts: Counts
) -> Spans:
    """Who came, where that led, and how long it took: of everybody, or of a cohort."""
    way = ways(session, unit_id=unit_id, as_of=asked.as_of)
    came = and_(
        way.c.enrolled_on.between(slots.c.first_day, slots.c.last_day),
        # Said once more of the whole period, for the index.
        way.c.enrolled_on.between(asked.period.start_date, asked.period.end_date),
    )
    people = _people(asked, way, slots, came)
    last: Any = literal(asked.until, Date())
    if asked.months is not None:
        last = months_after(people.c.enrolled_on, asked.months)
    groups = _groups(asked, people.c)
    lasted = {
        name: case((people.c[day] <= last, days_between(people.c.enrolled_on, people.c[day])))
        for name, day in LEADS.items()
    }
    told = select(
        *groups,
        *(days.label(name) for name, days in lasted.items()),
        *(
            case((people.c[day] <= last, 1), else_=0).label(f"got_{name}")
            for name, day in RESULTS.items()
        ),
        people.c.events,
    )
    if asked.months is not None:
        told = told.where(last <= asked.until)
    each = told.cte("each_person")  # worked out once for all that is asked of it
    by = [each.c[name] for name in asked.by]
    none = [literal(0)] * (1 + len(RESULTS))
    every = select(
        literal("inflow").label("what"),
        *by,
        null().label("days"),
        func.count(),
        func.sum(each.c.events),
        *(func.sum(each.c[f"got_{name}"]) for name in RESULTS),
    )
    asked_of_it = [every.group_by(*by) if by else every]
    asked_of_it += [
        select(literal(name), *by, each.c[name], func.count(), *none)
        .where(each.c[name].is_not(None))
        .group_by(*by, each.c[name])
        for name in LEADS
    ]
    spans: Spans = {name: {} for name in LEADS}
    size = len(by) + 1
    for row in session.execute(union_all(*asked_of_it)):
        what, group, days, persons = row[0], tuple(row[1:size]), row[size], row[size + 1]
        if what in LEADS:
            spans[what].setdefault(group, {})[days] = persons
        elif persons:
            counts["inflow"][group] = Tally(persons, int(row[size + 2]))
            for name, number in zip(RESULTS, row[size + 3 :], strict=True):
                counts[name][group] = Tally(int(number), int(number))
    return spans


def regrouped(counts: Counts, spans: Spans, asked: Asked) -> tuple[Counts, Spans]:
    """Counts by personal dimensions, from those by sex and region: everybody has one of each."""

    def of(kind: Group) -> Group:
        values = flags(*kind)
        return tuple(values[name] for name in asked.by)

    merged: Counts = {}
    for measure, counted in counts.items():
        merged[measure] = {}
        for kind, tally in counted.items():
            before = merged[measure].get(of(kind), Tally(0, 0))
            both = Tally(before.persons + tally.persons, before.events + tally.events)
            merged[measure][of(kind)] = both
    lasted: Spans = {}
    for name, by_kind in spans.items():
        lasted[name] = {}
        for kind, days in by_kind.items():
            into = lasted[name].setdefault(of(kind), {})
            for day, persons in days.items():
                into[day] = into.get(day, 0) + persons
    return merged, lasted
