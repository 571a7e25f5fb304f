"""A sheet for whoever audits the work by a quality framework (domain.md 2.1 and 2.2).

Figures of our own, with their formula; they are nobody's scale and are never called that. The
cases of the sample have new names each time, which nobody can lead back: neither the draw nor the
names are kept, times are whole weeks, and no sex, region, age, employer or day stands in a row.
Protected people are never drawn.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Channel, Interaction
from matchsvc.learning.staff import COUNTERS, require_year, unit_of
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.participants.case_models import WorkerChange
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.models import FollowUp, Placement
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import Share
from matchsvc.reports.suppression import Limits
from matchsvc.swedish import local_date
from matchsvc.workday.archivable import stands
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.note_models import Note

#: How many cases are drawn, and among how many there must be to draw: a third at most.
SAMPLE: Final = 12
LEAST_CASES: Final = 3 * SAMPLE
#: Upper bounds of the classes of open cases for each worker; the last has none.
CLASSES: Final = (10, 20, 30, 40)
WEEKS: Final = 4  # that are looked at after a start
#: Letters and figures of a pseudonym that cannot be mistaken for each other.
_SIGNS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

#: Steps of the sample, each with the event that says it was reached.
STEPS: Final = {
    "mapped": OutcomeKind.MAPPED,
    "proposed": OutcomeKind.PROPOSED,
    "placement": OutcomeKind.PLACEMENT_STARTED,
    "work": OutcomeKind.EMPLOYMENT_STARTED,
}


@dataclass(frozen=True, slots=True)
class Spread:
    """How many values, and what a quarter, half and three quarters of them are at most."""

    values: int | None
    quartiles: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """One case of the sample.

    Attributes:
        name: a pseudonym of this sheet alone.
        weeks: by step of STEPS, whole weeks from enrolment; None when not reached.
        hand_overs: how often it got another case worker.
        follow_ups, due: held, of those whose day has come.
        is_open: whether it goes on.
    """

    name: str
    weeks: Mapping[str, int | None]
    hand_overs: int
    follow_ups: int
    due: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class AuditSheet:
    """The sheet.

    Attributes:
        year: of what is counted.
        caseload: workers by class of open cases today: upper bound, or None, and how many.
        open_cases: open cases for each worker, as a spread.
        one_worker: cases open in the year that have had the same worker all along.
        days_to_proposal: days from enrolment to the first proposal, of proposals in the year.
        contacts: days with a contact in the four weeks after a start in the year.
        weeks_with_contact: of those starts, how many had one in each of the four weeks.
        visits: visits to employers in the year.
        visited: different employers among them.
        sample: cases drawn; empty when there are too few to draw from.
    """

    year: int
    caseload: Sequence[tuple[int | None, int]]
    open_cases: Spread
    one_worker: Share
    days_to_proposal: Spread
    contacts: Spread
    weeks_with_contact: Share
    visits: int
    visited: int
    sample: Sequence[Sampled]


def draw_sheet(
    session: Session,
    actor: Actor,
    year: int,
    *,
    today: date,
    random: Random,
    taken_as: str | None = None,
) -> AuditSheet:
    """Count a year and draw a sample of its cases; logged.

    Args:
        session: a reading transaction.
        actor: the manager or an auditor.
        year: of what is counted.
        today: the day.
        random: what draws and names; a real one can be led back by nobody.
        taken_as: ``xlsx`` when the sheet is a file to take away.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: the year is before 2000 or after 2199.
    """
    actor.require_role(*COUNTERS)
    require_year(year)
    unit_id = unit_of(actor)
    limits = limits_of(session, unit_id)
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    loads = _loads(session, unit_id)
    starts = _contact_days(session, unit_id, first, last - timedelta(weeks=WEEKS))
    visits, visited = session.execute(
        select(func.count(), func.count(Interaction.employer_id.distinct()))
        .join(Interaction.employer)
        .where(
            Interaction.employer.has(unit_id=unit_id),
            Interaction.channel == Channel.VISIT,
            Interaction.happened_on.between(first, last),
        )
    ).one()
    sheet = AuditSheet(
        year,
        classes_of(loads),
        spread_of(loads, limits),
        _one_worker(session, unit_id, first, last, limits),
        spread_of(_days_to_proposal(session, unit_id, first, last), limits),
        spread_of([len(days) for days in starts], limits),
        share_of(sum(_each_week(days) for days in starts), len(starts), limits),
        visits,
        visited,
        _sample(session, unit_id, first, last, random),
    )
    audit.record(
        session,
        actor,
        "export" if taken_as else "read",
        "audit_sheet",
        fields=[taken_as] if taken_as else [],
    )
    return sheet


def classes_of(loads: Sequence[int]) -> list[tuple[int | None, int]]:
    """How many workers have so many open cases, by class. Pure."""
    found = Counter(bisect_left(CLASSES, load) for load in loads)
    bounds: list[int | None] = [*CLASSES, None]
    return [(bound, found[place]) for place, bound in enumerate(bounds)]


def spread_of(values: Sequence[int], limits: Limits) -> Spread:
    """Number and quartiles; nothing of so few values that they could be recognised. Pure."""
    if limits.is_small(len(values)):
        return Spread(None, None)
    if not values:
        return Spread(0, None)
    ordered = sorted(values)
    low, middle, high = (ordered[math.ceil(len(ordered) * part / 4) - 1] for part in (1, 2, 3))
    return Spread(len(ordered), (low, middle, high))


def share_of(n: int, of: int, limits: Limits) -> Share:
    """A share; hidden when it, its rest or the whole is too small. Pure."""
    if limits.is_small(of):
        return Share(None, None)
    is_hidden = (
        not limits.may_show_rate(of) or limits.is_small(n) or limits.is_small(of - n)
    ) and of > 0
    return Share(None if is_hidden else n, of)


def _loads(session: Session, unit_id: UUID) -> list[int]:
    """Open cases of each worker who has any; whose they are is not read."""
    return list(
        session.scalars(
            select(func.count())
            .select_from(Case)
            .join(Participant, Participant.id == Case.participant_id)
            .where(
                Case.unit_id == unit_id,
                Case.ended_on.is_(None),
                Case.case_worker_id.is_not(None),
                stands(Participant),
            )
            .group_by(Case.case_worker_id)
        )
    )


def _open_between(unit_id: UUID, first: date, last: date) -> Any:
    return (
        Case.unit_id == unit_id,
        Case.enrolled_on <= last,
        or_(Case.ended_on.is_(None), Case.ended_on >= first),
    )


def _one_worker(session: Session, unit_id: UUID, first: date, last: date, limits: Limits) -> Share:
    changed = (
        select(WorkerChange.case_id).where(WorkerChange.from_id.is_not(None)).distinct().subquery()
    )
    cases, moved = session.execute(
        select(func.count(), func.count(changed.c.case_id))
        .select_from(Case)
        .join(Participant, Participant.id == Case.participant_id)
        .outerjoin(changed, changed.c.case_id == Case.id)
        .where(*_open_between(unit_id, first, last), stands(Participant))
    ).one()
    return share_of(cases - moved, cases, limits)


def _first_events(kinds: Collection[OutcomeKind], unit_id: UUID) -> Any:
    """The first event of each kind of each case."""
    return (
        standing_events()
        .where(OutcomeEvent.kind.in_(kinds), OutcomeEvent.unit_id == unit_id)
        .with_only_columns(
            OutcomeEvent.case_key,
            OutcomeEvent.kind,
            func.min(OutcomeEvent.occurred_on).label("occurred_on"),
        )
        .group_by(OutcomeEvent.case_key, OutcomeEvent.kind)
    )


def _days_to_proposal(session: Session, unit_id: UUID, first: date, last: date) -> list[int]:
    proposed = _first_events([OutcomeKind.PROPOSED], unit_id).subquery()
    rows = session.execute(
        select(Case.enrolled_on, proposed.c.occurred_on)
        .join(proposed, proposed.c.case_key == Case.outcome_key)
        .where(proposed.c.occurred_on.between(first, last))
    )
    return [(on - enrolled).days for enrolled, on in rows if on >= enrolled]


def _contact_days(session: Session, unit_id: UUID, first: date, last: date) -> list[set[int]]:
    """For each start, on which of the days after it somebody was in touch, from day 0."""
    starts = session.execute(
        select(Placement.participant_id, Placement.begun_on).where(
            Placement.unit_id == unit_id,
            Placement.begun_on.between(first, last),
            Placement.is_history.is_(False),
            Placement.moved_from_id.is_(None),
        )
    ).all()
    begun = (
        select(Placement.participant_id)
        .where(Placement.unit_id == unit_id, Placement.begun_on.between(first, last))
        .distinct()
        .subquery()
    )
    end = last + timedelta(weeks=WEEKS)
    dated = union_all(
        select(Placement.participant_id, FollowUp.held_on)
        .join(FollowUp, FollowUp.placement_id == Placement.id)
        .where(Placement.unit_id == unit_id, FollowUp.held_on.between(first, end)),
        select(Note.about_id, Note.happened_on).where(
            Note.about_type == "participant",
            Note.unit_id == unit_id,
            stands(Note),
            Note.happened_on.between(first, end),
        ),
    ).subquery()
    touched: Mapping[UUID, set[date]] = defaultdict(set)
    noted = select(dated).join(begun, begun.c.participant_id == dated.c[0])
    for person, day in session.execute(noted):
        touched[person].add(day)
    met = (
        select(MeetingPerson.ref_id, Meeting.starts_at)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .join(begun, begun.c.participant_id == MeetingPerson.ref_id)
        .where(
            MeetingPerson.party == Party.PARTICIPANT,
            Meeting.unit_id == unit_id,
            Meeting.closed_at.is_not(None),
            Meeting.cancelled_at.is_(None),
        )
    )
    for person, instant in session.execute(met):
        if person is not None:
            touched[person].add(local_date(instant))
    return [
        {days for day in touched[person] if 0 <= (days := (day - on).days) < 7 * WEEKS}
        for person, on in starts
        if on is not None
    ]


def _each_week(days: Collection[int]) -> bool:
    return len({day // 7 for day in days}) == WEEKS


def _sample(
    session: Session, unit_id: UUID, first: date, last: date, random: Random
) -> list[Sampled]:
    every = session.execute(
        select(Case.id, Case.outcome_key, Case.enrolled_on, Case.ended_on)
        .join(Participant, Participant.id == Case.participant_id)
        .where(
            *_open_between(unit_id, first, last),
            stands(Participant),
            Participant.protected.is_(False),
        )
        .order_by(Case.id)
    ).all()
    if len(every) < LEAST_CASES:
        return []
    drawn = random.sample(every, SAMPLE)
    ids, keys = [each.id for each in drawn], [each.outcome_key for each in drawn]
    reached: dict[tuple[UUID, OutcomeKind], date] = {
        (row[0], row[1]): row[2]
        for row in session.execute(
            _first_events(list(STEPS.values()), unit_id).where(OutcomeEvent.case_key.in_(keys))
        )
    }
    moved: dict[UUID, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(WorkerChange.case_id, func.count())
            .where(WorkerChange.case_id.in_(ids), WorkerChange.from_id.is_not(None))
            .group_by(WorkerChange.case_id)
        )
    }
    followed: dict[UUID, tuple[int, int]] = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(Placement.case_id, func.count(FollowUp.held_on), func.count())
            .join(FollowUp, FollowUp.placement_id == Placement.id)
            .where(Placement.case_id.in_(ids), FollowUp.due_on <= last)
            .group_by(Placement.case_id)
        )
    }
    names = _names(len(drawn), random)

    def weeks(each: Any, kind: OutcomeKind) -> int | None:
        day = reached.get((each.outcome_key, kind))
        return None if day is None or day < each.enrolled_on else (day - each.enrolled_on).days // 7

    rows = [
        Sampled(
            name,
            {step: weeks(each, kind) for step, kind in STEPS.items()},
            moved.get(each.id, 0),
            *followed.get(each.id, (0, 0)),
            each.ended_on is None or each.ended_on > last,
        )
        for name, each in zip(names, drawn, strict=True)
    ]
    return sorted(rows, key=lambda row: row.name)


def _names(count: int, random: Random) -> list[str]:
    """As many different pseudonyms, of this draw alone."""
    found: set[str] = set()
    while len(found) < count:
        found.add("".join(random.choices(_SIGNS, k=5)))
    return list(found)
