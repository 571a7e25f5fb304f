"""The figures of one quarter, each from the report that defines it: one small function each.

Nothing here is counted twice or hidden anew: what another report hides is hidden here. A figure is
known by ``measure`` or ``measure:group``, the same in every quarter, so that quarters stand beside
each other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.participants.models import ExitDestination
from matchsvc.reports.counts import Period, count_enrolled
from matchsvc.reports.funnel import STEPS
from matchsvc.reports.hiding import shown_share
from matchsvc.reports.limits import limits_of
from matchsvc.reports.national import national_share
from matchsvc.reports.outcomes import READERS, SHARED, Share
from matchsvc.reports.packages import package_shares
from matchsvc.reports.plan_times import plan_times
from matchsvc.reports.published_figures import Figures
from matchsvc.reports.quarters import quarters_in
from matchsvc.reports.suppression import LEAST, Cell, Limits, hide
from matchsvc.reports.surveys import HOST_AGAIN, SATISFIED, survey_report
from matchsvc.reports.work_reads import follow_up_shares, follow_ups


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of one quarter.

    Attributes:
        n: how many, or None where that is hidden.
        of: among how many, for a share; None for a count, and where that is hidden too.
        quartiles: days, for times.
        percent: a share of which nothing but the percent is told; ``n`` and ``of`` are then None.
    """

    n: int | None
    of: int | None = None
    quartiles: tuple[int, int, int] | None = None
    percent: int | None = None


Values = dict[str, Value]
#: Where somebody who ends can have gone; the last is what is to be mended.
DESTINATIONS = tuple(each.value for each in ExitDestination)
COUNTS = ("started", "placements", "hires", "municipal_employment")
#: The steps whose time from enrolment is told, and the event that says each was reached.
STRETCHES: Mapping[str, OutcomeKind] = {
    name: STEPS[name] for name in ("mapped", "proposed", "started", "hired")
}


def values_of(session: Session, actor: Actor, quarter: Period, published: Figures) -> Values:
    """Every figure of a quarter; the number of queries does not depend on the data.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    limits = limits_of(session, actor.unit_id)
    found = _outcomes(session, actor, quarter, published, limits)
    found |= times_of(session, actor, quarter, limits)
    counted = _endings(session, actor, quarter)
    national = national_share(session, actor, quarter).share
    found |= ended_beside_national(counted, Value(national.n, national.of), limits)
    found |= _support(session, actor, quarter, limits)
    return found


def _outcomes(
    session: Session, actor: Actor, quarter: Period, published: Figures, limits: Limits
) -> Values:
    """What is counted in the published tables is told as it is published, everybody too.

    A count of today beside the published one would tell how many came late, or were too few in the
    quarter before. Of how many went to work or studies only the percent is told: those enrolled,
    quarter by quarter, less those who came, are those who ended (decision 13).
    """
    found = {name: Value(published.everybody(quarter, name)) for name in COUNTS}
    for who in ("foreign_born_women", "women_outside_europe"):
        for measure in SHARED:
            share = published.share(quarter, measure, who)
            found[f"share_of_{measure}:{who}"] = Value(share.n, share.of)
    counted = count_enrolled(session, quarter, (), actor.unit_id)
    n, of = (
        sum(tally.persons for tally in counted[name].values())
        for name in ("to_work_or_studies", "enrolled")
    )
    share = shown_share(n, of, limits)
    return found | {"to_work_or_studies:all": percent_alone(share)}


def percent_alone(share: Share) -> Value:
    """A share told as whole percent, without of how many; of nobody it is nothing. Pure."""
    return Value(0, 0) if share.of == 0 else Value(None, percent=share.percent)


def _endings(session: Session, actor: Actor, quarter: Period) -> Counter[str]:
    """Persons who ended, by where they went; nothing is hidden yet. One query."""
    ended = standing_events().where(
        OutcomeEvent.kind == OutcomeKind.EXITED,
        OutcomeEvent.occurred_on.between(quarter.start_date, quarter.end_date),
    )
    if actor.unit_id is not None:
        ended = ended.where(OutcomeEvent.unit_id == actor.unit_id)
    # Who ended twice in the quarter counts once, with one of her destinations.
    each = (
        ended.with_only_columns(
            OutcomeEvent.person_key, func.min(OutcomeEvent.detail).label("destination")
        )
        .group_by(OutcomeEvent.person_key)
        .subquery()
    )
    rows = session.execute(select(each.c.destination, func.count()).group_by(each.c.destination))
    counted: Counter[str] = Counter()
    for destination, persons in rows:
        counted[destination if destination in DESTINATIONS else "unknown"] += persons
    return counted


#: What the national measure can hold: it stands beside these, and would give them away.
TO_WORK_OR_STUDIES = ("unsubsidised_job", "subsidised_job", "studies")


def ended_beside_national(
    counted: Mapping[str, int], national: Value, limits: Limits = LEAST
) -> Values:
    """Endings by destination and the national measure, so that neither tells the other. Pure.

    Who is said to have gone to work or studies, less the national measure, are those whose job is
    not known to have lasted: the measure is hidden when they are few. And of the destinations that
    it holds, all are hidden when one is.
    """
    found = endings_of(counted, limits)
    said = sum(counted.get(name, 0) for name in TO_WORK_OR_STUDIES)
    if national.n is not None and limits.is_small(said - national.n):
        return found | {"national": Value(None, national.of)}
    keys = [f"ended_to:{name}" for name in TO_WORK_OR_STUDIES]
    if national.n is not None and any(found[key].n is None for key in keys):
        found |= {key: Value(None, found[key].of) for key in keys}
    return found | {"national": national}


def endings_of(counted: Mapping[str, int], limits: Limits = LEAST) -> Values:
    """Endings by destination, with what would point somebody out hidden. Pure."""
    persons = [counted.get(name, 0) for name in DESTINATIONS]
    cells = [Cell(n, frozenset({name})) for name, n in zip(DESTINATIONS, persons, strict=True)]
    total = Cell(sum(persons), frozenset(DESTINATIONS))
    hidden = hide(cells, [total], limits)
    whole = None if hidden.totals else total.value
    found = {"ended": Value(whole)}
    for place, (name, n) in enumerate(zip(DESTINATIONS, persons, strict=True)):
        found[f"ended_to:{name}"] = Value(None if place in hidden.rows else n, whole)
    return found


def times_of(
    session: Session, actor: Actor, quarter: Period, limits: Limits | None = None
) -> Values:
    """Days from enrolment to a plan and to each step, in quartiles.

    Raises:
        Refused: the actor's role reads no reports.
    """
    limits = limits or limits_of(session, actor.unit_id)
    agreed = plan_times(session, actor, quarter, limits)
    found = {
        "days_to_plan": Value(agreed.plans, None, agreed.quartiles),
        "plan_in_time": Value(agreed.within.n, agreed.within.of),
    }
    for name, reached in _days_to(session, actor, quarter).items():
        found[f"days_to:{name}"] = times_from(reached, quarter, limits)
    return found


def times_from(reached: Sequence[tuple[date, int]], period: Period, limits: Limits) -> Value:
    """The quartiles of a period; hidden where one of its quarters is: the rest would tell it. Pure.

    Args:
        reached: the day, and how many days it had taken.
        period: whole quarters.
        limits: how few are too few.
    """
    of_quarters = [
        sum(part.start_date <= day <= part.end_date for day, _days in reached)
        for part in quarters_in(period)
    ]
    if tells_few(of_quarters, limits):
        return Value(None)
    return quartiles_of([days for _day, days in reached], limits)


def _days_to(session: Session, actor: Actor, quarter: Period) -> dict[str, list[tuple[date, int]]]:
    """When each step was first reached, in the period, and after how many days. One query."""
    events = standing_events().where(
        OutcomeEvent.kind.in_((OutcomeKind.ENROLLED, *STRETCHES.values())),
        OutcomeEvent.occurred_on <= quarter.end_date,
    )
    if actor.unit_id is not None:
        events = events.where(OutcomeEvent.unit_id == actor.unit_id)

    def first(kind: OutcomeKind) -> Any:
        return func.min(case((OutcomeEvent.kind == kind, OutcomeEvent.occurred_on)))

    reached = [first(kind) for kind in STRETCHES.values()]
    enrolled = first(OutcomeKind.ENROLLED)
    rows = session.execute(
        events.with_only_columns(enrolled, *reached)
        .group_by(OutcomeEvent.case_key)
        .having(
            enrolled.is_not(None),
            or_(*(each.between(quarter.start_date, quarter.end_date) for each in reached)),
        )
    )
    days: dict[str, list[tuple[date, int]]] = {name: [] for name in STRETCHES}
    for begun, *found in rows:
        for name, day in zip(STRETCHES, found, strict=True):
            if day is not None and quarter.start_date <= day <= quarter.end_date and day >= begun:
                days[name].append((day, (day - begun).days))
    return days


def quartiles_of(days: Sequence[int], limits: Limits = LEAST) -> Value:
    """How many, and the days a quarter, half and three quarters took at most. Pure."""
    if limits.is_small(len(days)):
        return Value(None)
    if not days:
        return Value(0)
    ordered = sorted(days)
    low, half, high = (ordered[math.ceil(len(ordered) * part / 4) - 1] for part in (1, 2, 3))
    return Value(len(ordered), None, (low, half, high))


def _support(session: Session, actor: Actor, quarter: Period, limits: Limits) -> Values:
    package = package_shares(session, actor, quarter, limits=limits)
    due = follow_ups(session, actor.unit_id, quarter, quarter.end_date)
    _held, on_time = follow_up_shares(*due, limits)
    return {
        "follow_ups_in_time": Value(on_time.n, on_time.of),
        "full_package": Value(package.full.n, package.full.of),
    }


def share_of(n: int, of: int, limits: Limits = LEAST) -> Value:
    """A share, hidden where it or its rest is of too few. Pure."""
    if limits.is_small(of):
        return Value(None, None)
    hides = limits.is_small(n) or limits.is_small(of - n) or not limits.may_show_rate(of)
    return Value(None if hides and of else n, of)


def surveys_of(session: Session, actor: Actor, year: int, *, today: date) -> Values:
    """What employers answered in a whole year: never less, see the surveys' own report."""
    report = survey_report(session, actor, year, today=today)
    newest = report.employers[0] if report.employers else None
    asked = newest.response.asked if newest else 0
    done = newest.response.completed if newest else 0
    found = {"employers_answered": share_of(done, asked), "rehosted": _part(report.rehosted)}
    for name, question in (("satisfied", SATISFIED), ("host_again", HOST_AGAIN)):
        result = newest.result(question) if newest else None
        found[name] = _part(result.positive) if result else Value(0, 0)
    return found


#: What packages above this one tell of a whole year.
_of_a_year: list[Callable[[Session, Actor, int], Values]] = []


def tells_of_a_year(source: Callable[[Session, Actor, int], Values]) -> None:
    """Let a package above tell figures of a whole year in the quarterly report."""
    _of_a_year.append(source)


def year_of(session: Session, actor: Actor, year: int, *, today: date) -> Values:
    """Every figure of a whole year: what employers answered, and what packages above tell."""
    found = surveys_of(session, actor, year, today=today)
    for source in _of_a_year:
        found |= source(session, actor, year)
    return found


def _part(part: Any) -> Value:
    return Value(part.n, part.of)


@dataclass(frozen=True, slots=True)
class Stand:
    """One step of the way.

    Attributes:
        step: its name.
        here: how many open cases at least stand there on the last day, in fives; None where hidden.
        went_on: how many went past it during the period; None where hidden.
    """

    step: str
    here: int | None
    went_on: int | None


def stands_of(session: Session, actor: Actor, period: Period) -> list[Stand]:
    """Where everybody stands on the last day of a period, and who went on in it.

    One query for each quarter of the period.
    """
    actor.require_role(*READERS)
    moved = [_moves(session, actor, quarter) for quarter in quarters_in(period)]
    limits = limits_of(session, actor.unit_id)
    return stands_from(moved[-1][0], [went_on for _here, went_on in moved], limits)


def _moves(session: Session, actor: Actor, period: Period) -> tuple[list[int], list[int]]:
    """Cases by the step where they stand at the end, and that they passed. One query."""
    events = standing_events().where(OutcomeEvent.occurred_on <= period.end_date)
    if actor.unit_id is not None:
        events = events.where(OutcomeEvent.unit_id == actor.unit_id)
    place = _place()
    before = case((OutcomeEvent.occurred_on < period.start_date, place), else_=-1)
    gone = func.max(case((OutcomeEvent.kind == OutcomeKind.EXITED, 1), else_=0))
    is_case = func.max(case((OutcomeEvent.kind == OutcomeKind.ENROLLED, 1), else_=0))
    each = (
        events.with_only_columns(
            func.max(place).label("now"), func.max(before).label("before"), gone.label("gone")
        )
        .group_by(OutcomeEvent.case_key)
        .having(is_case == 1)
        .subquery()
    )
    rows = session.execute(
        select(each.c.now, each.c.before, each.c.gone, func.count()).group_by(
            each.c.now, each.c.before, each.c.gone
        )
    )
    here, went_on = [0] * len(STEPS), [0] * len(STEPS)
    for now, earlier, is_gone, cases in rows:
        if not is_gone:
            here[now] += cases
        for step in range(max(earlier, 0), now):
            went_on[step] += cases
    return here, went_on


def _place() -> ColumnElement[int]:
    """The number of the furthest step that an event says was reached; 0 for what says nothing.

    A placement that was broken off has been started and no more.
    """
    broken_off = and_(
        OutcomeEvent.kind == OutcomeKind.PLACEMENT_ENDED,
        OutcomeEvent.detail.not_in(("completed", "became_job")),
    )
    return case(
        (broken_off, list(STEPS).index("started")),
        *((OutcomeEvent.kind == kind, place) for place, kind in enumerate(STEPS.values()) if place),
        else_=0,
    )


def stands_from(
    here: Sequence[int], went_on: Sequence[Sequence[int]], limits: Limits = LEAST
) -> list[Stand]:
    """The steps with what would point somebody out hidden. Pure.

    Who stands somewhere is told in fives (or as the unit hides): a quarter's number less the next
    one's, with who went on between them, would tell how many ended there. Who went on is the sum of
    the quarters, and hidden where one of them is.

    Args:
        here: cases by step.
        went_on: cases by step, in each quarter.
        limits: how few are too few.
    """
    return [
        Stand(
            name,
            None if limits.is_small(here[place]) else in_fives(here[place], limits),
            None
            if tells_few([quarter[place] for quarter in went_on], limits)
            else sum(quarter[place] for quarter in went_on),
        )
        for place, name in enumerate(STEPS)
    ]


def tells_few(of_quarters: Sequence[int], limits: Limits) -> bool:
    """Whether the sum of quarters, less those that are shown, would tell one that is hidden."""
    return any(limits.is_small(each) for each in of_quarters)


def in_fives(count: int, limits: Limits) -> int:
    """Down to a whole multiple of the smallest count that is shown."""
    return count - count % limits.count


def share_from(value: Value) -> Share:
    """A value as the figures of pages and pictures take it."""
    return Share(value.n, value.of)
