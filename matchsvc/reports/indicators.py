"""What agencies and municipalities have asked to see: REP-02, REP-03 and REP-06.

What is told by sex and region of birth is told of whole calendar years only: years share no people
with each other's figures, so that nothing is found by taking one period from another. The rest is
told of a quarter or a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.placements.models import EmploymentKind
from matchsvc.placements.questionnaire import Question
from matchsvc.reports import work_reads
from matchsvc.reports.counts import (
    PERSONAL,
    Counts,
    Group,
    Period,
    Tally,
    count_measures,
    count_national,
)
from matchsvc.reports.hiding import Times, shown_count, shown_share, shown_times
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import (
    INTERNAL_READERS,
    POPULATIONS,
    READERS,
    Share,
    outcome_report,
)
from matchsvc.reports.suppression import Cell, Kinds, Limits, hide
from matchsvc.reports.surveys import Part, hide_small, survey_report
from matchsvc.swedish import last_day_of_period

#: The three questions of appendix 4, 4.1.1: listened and respect, information, fair treatment.
QUESTIONS = ("P1", "P2", "P3")
#: How an adaptation works, as it was last said; None when nobody has said.
WORKS = ("yes", "partly", "no", None)
KINDS = tuple(kind.value for kind in EmploymentKind)
#: Months after a leave began at which somebody is heard (4.2.1).
AFTER_LEAVE = (12, 36)
#: Whose share in work-near measures stands beside each other (REP-03).
COMPARED = ("women_outside_europe", "women", "men", "all")


@dataclass(frozen=True, slots=True)
class Work:
    """The unit's own work (REP-06).

    Attributes:
        talks, talk_people: mapping talks held, and with how many people.
        training_days: of work trainings that ended.
        full_time_days: from the start of a placement to full time.
        adaptations: made, by how they work.
        follow_ups: monthly follow-ups held, of those whose day had come.
        signed_plans: of those enrolled on the last day.
        to_other_workplaces: people who went from the unit's own workplace to another.
        employments: people by kind of employment.
    """

    talks: int | None
    talk_people: int | None
    training_days: Times
    full_time_days: Times
    adaptations: Mapping[str | None, int | None]
    follow_ups: Share
    signed_plans: Share
    to_other_workplaces: int | None
    employments: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Leaves:
    """Parental leaves (4.2.1).

    Attributes:
        begun: people whose leave began in the period.
        back: came back, of those who were to be back in the period.
        later: by months after the start, in the measure that was meant, of those reached.
    """

    begun: int | None
    back: Share
    later: Mapping[int, Share]


@dataclass(frozen=True, slots=True)
class ByGroup:
    """What is told by sex and region of birth, of a whole year.

    Attributes:
        national: foreign-born women's share of placements and hires through national agreements.
        started: foreign-born women's share of those enrolled.
        left: foreign-born women to work or studies, with the year before beside.
        work_near: by population, who began a placement of those enrolled at any time.
    """

    national: Mapping[str, Share]
    started: Share
    left: Share
    work_near: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators of a period; ``by_group`` is of whole years, for internal readers."""

    period: Period
    work: Work
    leaves: Leaves
    questions: tuple[tuple[str, Question, Part], ...]
    by_group: ByGroup | None


def indicators(session: Session, actor: Actor, period: Period, *, today: date) -> Indicators:
    """The indicators of a quarter or a calendar year. A fixed number of queries.

    Args:
        session: to read with.
        actor: a user's figures are of her unit, a command's of all.
        period: a quarter or a year.
        today: of a period that runs, what is told until today.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    is_internal = actor.is_system or actor.has_role(*INTERNAL_READERS)
    until = min(period.end_date, today)
    limits = limits_of(session, actor.unit_id)
    surveys = survey_report(session, actor, period.start_date.year, today=today)
    questions = tuple(
        (block.code, result.question, result.positive)
        for block in surveys.participants
        for result in block.results
        if result.question.id in QUESTIONS
    )
    audit.record(session, actor, "read", "report_indicators")
    return Indicators(
        period,
        _work(session, actor, period, until, limits),
        _leaves(session, actor, period, until, limits),
        questions,
        _by_group(session, actor, period, limits) if is_year(period) and is_internal else None,
    )


def is_year(period: Period) -> bool:
    """Whether a period is a whole calendar year."""
    first = date(period.start_date.year, 1, 1)
    return period == Period(first, last_day_of_period(first, 12))


def _work(session: Session, actor: Actor, period: Period, until: date, limits: Limits) -> Work:
    unit_id = actor.unit_id
    talks, people = work_reads.mapping_talks(session, unit_id, period)
    due = work_reads.follow_ups(session, unit_id, period, until)
    held, _on_time = work_reads.follow_up_shares(*due, limits)
    few_people = limits.is_small(people) or limits.is_small(talks)
    return Work(
        talks=None if few_people else talks,
        talk_people=None if few_people else people,
        training_days=shown_times(work_reads.training_days(session, unit_id, period), limits),
        full_time_days=shown_times(work_reads.full_time_days(session, unit_id, period), limits),
        adaptations=_adaptations(work_reads.adaptations(session, unit_id, period), limits),
        follow_ups=held,
        signed_plans=shown_share(*work_reads.signed_plans(session, unit_id, until), limits),
        to_other_workplaces=shown_count(
            work_reads.to_other_workplaces(session, unit_id, period), limits
        ),
        employments=_shown_parts(
            dict.fromkeys(KINDS, 0) | work_reads.employments(session, unit_id, period), limits
        ),
    )


def _adaptations(
    found: Mapping[str | None, tuple[int, int]], limits: Limits
) -> dict[str | None, int | None]:
    """Adaptations by how they work; hidden by how few people they are of."""
    people = {works: found.get(works, (0, 0))[1] for works in WORKS}
    hidden = hide_small(people, limits.count)
    return {works: None if works in hidden else found.get(works, (0, 0))[0] for works in WORKS}


def _shown_parts(counts: Mapping[str, int], limits: Limits) -> dict[str, int | None]:
    hidden = hide_small(counts, limits.count)
    return {name: None if name in hidden else n for name, n in counts.items()}


def _leaves(session: Session, actor: Actor, period: Period, until: date, limits: Limits) -> Leaves:
    begun, due, back = work_reads.parental_leaves(session, actor.unit_id, period, until)
    later = work_reads.after_leaves(session, actor.unit_id, period)
    return Leaves(
        shown_count(begun, limits),
        shown_share(back, due, limits),
        {months: shown_share(*later.get(months, (0, 0)), limits) for months in AFTER_LEAVE},
    )


def _by_group(session: Session, actor: Actor, year: Period, limits: Limits) -> ByGroup:
    before = date(year.start_date.year - 1, 1, 1)
    report = outcome_report(
        session, actor, year, compare_with=Period(before, last_day_of_period(before, 12))
    )
    every = count_measures(session, year, PERSONAL, unit_id=actor.unit_id)
    national = count_national(session, year, unit_id=actor.unit_id)
    return ByGroup(
        national={
            name: national_share(national[name], every[name], limits)
            for name in ("placements", "hires")
        },
        started=report.shares["foreign_born_women"]["started"],
        left=report.rate("to_work_or_studies", "foreign_born_women"),
        work_near=population_shares(every, limits),
    )


def national_share(
    through: Mapping[Group, Tally], every: Mapping[Group, Tally], limits: Limits
) -> Share:
    """Foreign-born women's share of those who came through national agreements.

    Those who came otherwise are a group too: neither part of anybody's count may be small.
    """
    counts = _hidden_counts(_persons(through), _persons(every), limits)
    of, n = counts["all"], counts["foreign_born_women"]
    if of is None or n is None or (of and not limits.may_show_rate(of)):
        return Share(None, of)
    return Share(n, of)


def population_shares(counts: Counts, limits: Limits) -> dict[str, Share]:
    """Who began a placement, of those enrolled at any time in the year, by population."""
    enrolled, placed = _persons(counts["enrolled"]), _persons(counts["placements"])
    placed = {kind: min(n, enrolled.get(kind, 0)) for kind, n in placed.items()}
    whole = _hidden_counts(enrolled, None, limits)
    part = _hidden_counts(placed, enrolled, limits)
    return {
        name: Share(n, of)
        if (n := part[name]) is not None
        and (of := whole[name]) is not None
        and (not of or limits.may_show_rate(of))
        else Share(None, whole[name])
        for name in COMPARED
    }


def _persons(counted: Mapping[Group, Tally]) -> dict[Group, int]:
    return {kind: tally.persons for kind, tally in counted.items()}


def _hidden_counts(
    counted: Mapping[Any, int], within: Mapping[Any, int] | None, limits: Limits
) -> dict[str, int | None]:
    """Counts by population, None where they or the rest of what they are within would be small."""
    present: Kinds = frozenset(kind for kind, n in (within or counted).items() if n)
    cells = []
    for test in POPULATIONS.values():
        kinds: Kinds = frozenset(filter(test, present))
        rest = None if within is None else sum(within[kind] for kind in kinds)
        cells.append(Cell(sum(counted.get(kind, 0) for kind in kinds), kinds, rest))
    hidden = hide([], cells, limits).totals
    return {
        name: None if place in hidden else cells[place].value
        for place, name in enumerate(POPULATIONS)
    }
