"""The equity funnel: how far has each group come of those enrolled, and where do the ways part?

A person counts at a step when she has reached it or a later one, so that the steps only fall: who
got a job without a placement has not been lost at the placement. Everything is counted from the
outcome events that stand, each person once, whatever order things came in after her enrolment.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.ways import UNKNOWN, known_group, ways
from matchsvc.reports.counts import Period
from matchsvc.reports.day_sums import months_after
from matchsvc.reports.figures import Ratio, rate_ratio
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import POPULATIONS, READERS, Share, is_a_quarter_at_least
from matchsvc.reports.suppression import Cell, Kinds, Limits, hide

Kind = tuple[str, str]
MOST_MONTHS = 60  # that a cohort is followed

#: The steps in order; each with the event that says it was reached.
STEPS: Mapping[str, OutcomeKind] = {
    "enrolled": OutcomeKind.ENROLLED,
    "mapped": OutcomeKind.MAPPED,
    "ready": OutcomeKind.READY,
    "proposed": OutcomeKind.PROPOSED,
    "accepted": OutcomeKind.ACCEPTED,
    "started": OutcomeKind.PLACEMENT_STARTED,
    "completed": OutcomeKind.PLACEMENT_ENDED,
    "hired": OutcomeKind.EMPLOYMENT_STARTED,
    "stayed": OutcomeKind.EMPLOYMENT_STAYED,
}
#: The days of a way that say a step was reached: a placement that was broken off had started.
STEP_DAYS: Mapping[str, tuple[str, ...]] = {
    "mapped": ("mapped_on",),
    "ready": ("ready_on",),
    "proposed": ("proposed_on",),
    "accepted": ("accepted_on",),
    "started": ("placed_on", "ended_on"),
    "completed": ("completed_on",),
    "hired": ("hired_on",),
    "stayed": ("stayed_on",),
}


class Compared(enum.StrEnum):
    """Groups that are compared with everybody else whose sex and region of birth are known."""

    FOREIGN_BORN_WOMEN = "foreign_born_women"
    WOMEN_OUTSIDE_EUROPE = "women_outside_europe"
    WOMEN = "women"


def _is_known(kind: Kind) -> bool:
    return UNKNOWN not in kind


def _others(group: str) -> Any:
    """Everybody else; who is unknown in what tells the group apart is left out."""
    within = POPULATIONS[group]
    if group == "women":
        return lambda kind: kind[0] != UNKNOWN and not within(kind)
    return lambda kind: _is_known(kind) and not within(kind)


def _unknown(group: str) -> Any:
    """Who is neither of a group nor of everybody else."""
    within, others = POPULATIONS[group], _others(group)
    return lambda kind: not within(kind) and not others(kind)


#: Everything that is shown, the most important first: where a few are unknown, it is the sum of all
#: that is hidden, and the groups can still be compared.
GROUPS: Mapping[str, Any] = {
    **{
        name: test
        for group in Compared
        for name, test in (
            (group.value, POPULATIONS[group]),
            (f"others_than_{group}", _others(group)),
        )
    },
    "all": POPULATIONS["all"],
}
#: Nowhere shown, and hidden like the rest when few: all of them less the two groups.
_RESTS = {f"unknown_to_{group}": _unknown(group) for group in Compared}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel.

    Attributes:
        name: of STEPS.
        counts: persons by group; None where hidden.
        of_enrolled: by group, the share of those enrolled.
        of_before: by group, the share of those at the last step that is shown before it.
        ratios: by compared group, the share of those before among the group, divided by that of
            everybody else, with Katz's 95 % interval; None when any of the four counts is small,
            hidden or zero; missing when the two were last shown at different steps.
    """

    name: str
    counts: dict[str, int | None]
    of_enrolled: dict[str, Share]
    of_before: dict[str, Share]
    ratios: dict[str, Ratio | None]


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far those who were enrolled in a period had come on a day.

    Attributes:
        period: in which they were enrolled.
        until: the last day that counts.
        steps: in order.
        months: everybody shown was followed for so many months, or None: each until that day.
        as_of: what had been recorded by this instant, or None: everything.
    """

    period: Period
    until: date
    steps: list[Step]
    months: int | None = None
    as_of: datetime | None = None

    def widest_gap(self, group: str) -> Step | None:
        """The step at which a group most certainly loses more than everybody else; None if none.

        Only a step whose whole interval lies below 1 counts; of those, the lowest ratio.
        """
        lower = [
            (ratio.value, step)
            for step in self.steps
            if (ratio := step.ratios.get(group)) is not None and ratio.interval.high < 1
        ]
        return min(lower, key=lambda each: each[0])[1] if lower else None

    def can_compare(self, group: str) -> bool:
        """Whether any step has enough people to say something of a group."""
        return any(step.ratios.get(group) is not None for step in self.steps)


def equity_funnel(
    session: Session,
    actor: Actor,
    period: Period,
    *,
    until: date,
    months: int | None = None,
    as_of: datetime | None = None,
) -> Funnel:
    """The funnel of everybody whom the actor's unit enrolled in a period.

    Args:
        session: to read with; one query.
        actor: a user's funnel covers her unit, a command's all units.
        period: of enrolment.
        until: the last day on which a step counts.
        months: as in :func:`count_steps`.
        as_of: as in :func:`count_steps`.

    Raises:
        Refused: the actor's role reads no reports.
        Invalid: the period ends before it begins, or is followed to a day before its end.
        RuleViolation: less than a quarter, because groups are told apart by region of birth.
    """
    actor.require_role(*READERS)
    if period.end_date < period.start_date:
        raise Invalid({"to": N_("Perioden slutar innan den börjar. Byt plats på dagarna.")})
    if until < period.end_date:
        raise Invalid({"until": N_("Följ gruppen till periodens slut eller längre.")})
    if not is_a_quarter_at_least(period):
        raise RuleViolation(
            "period_too_short",
            N_("Födelseregion visas bara för minst tre månader i taget. Välj en längre period."),
        )
    reached = count_steps(session, period, until, unit_id=actor.unit_id, months=months, as_of=as_of)
    limits = limits_of(session, actor.unit_id)
    audit.record(session, actor, "read", "report_funnel")
    return Funnel(period, until, _steps(hide_steps(reached, limits), limits), months, as_of)


def count_steps(
    session: Session,
    period: Period,
    until: date,
    *,
    unit_id: UUID | None,
    months: int | None = None,
    as_of: datetime | None = None,
) -> dict[str, dict[Kind, int]]:
    """Persons by step and by sex and region of birth, before anything is hidden. One query.

    A step counts from the person's first enrolment in the period on, so that an earlier time with
    the unit says nothing about this one.

    Args:
        session: to read with.
        period: of enrolment.
        until: the last day that counts.
        unit_id: only this unit; None is all.
        months: only those whose first enrolment lies so many months before the last day, each
            followed for exactly as long; None follows everybody to the last day.
        as_of: what had been recorded by then; None is now.
    """
    way = ways(session, unit_id=unit_id, as_of=as_of).c
    days = {step: STEP_DAYS[step] for step in STEPS if step != "enrolled"}
    first = (
        select(
            known_group(way.sex),
            known_group(way.birth_region),
            func.min(way.enrolled_on).label("enrolled_on"),
            # A day after a later enrolment is one after the first, too.
            *(func.min(way[name]).label(name) for names in days.values() for name in names),
        )
        .where(way.enrolled_on.between(period.start_date, period.end_date))
        .group_by(way.person_key)
        .subquery()
    )
    last: Any = until if months is None else months_after(first.c.enrolled_on, months)
    place = case(
        *(
            (or_(*(first.c[name] <= last for name in names)), list(STEPS).index(step))
            for step, names in reversed(days.items())
        ),
        else_=0,
    ).label("place")
    people = select(first.c.sex, first.c.birth_region, place)
    if months is not None:
        people = people.where(last <= until)
    told = people.subquery()
    groups = [told.c.place, told.c.sex, told.c.birth_region]
    names = list(STEPS)
    reached: dict[str, dict[Kind, int]] = {name: {} for name in names}
    for row in session.execute(select(*groups, func.count().label("persons")).group_by(*groups)):
        for name in names[: row.place + 1]:
            kind = (row.sex, row.birth_region)
            reached[name][kind] = reached[name].get(kind, 0) + row.persons
    return reached


def hide_steps(
    reached: Mapping[str, Mapping[Kind, int]], limits: Limits
) -> list[tuple[str, dict[str, int | None]]]:
    """Every step's persons by group, None where they would point somebody out.

    Hidden are small counts, small rests between groups, and small numbers lost since the last step
    that is shown: two shown steps never differ by one to four people.
    """
    last: dict[str, int] = {}
    shown = []
    for name, counts in reached.items():
        present = frozenset(kind for kind, persons in reached["enrolled"].items() if persons)
        tests = {**GROUPS, **_RESTS}
        cells = [_cell(test, counts, present, last.get(group)) for group, test in tests.items()]
        hidden = hide([], cells, limits)
        row: dict[str, int | None] = {}
        for number, group in enumerate(tests):
            is_hidden = number in hidden.totals
            row[group] = None if is_hidden else cells[number].value
            if not is_hidden:
                last[group] = cells[number].value
        shown.append((name, row))
    return shown


def _cell(test: Any, counts: Mapping[Kind, int], present: Kinds, within: int | None) -> Cell:
    kinds = frozenset(filter(test, present))
    value = sum(persons for kind, persons in counts.items() if kind in kinds)
    return Cell(value, kinds, within)


def _steps(shown: Sequence[tuple[str, dict[str, int | None]]], limits: Limits) -> list[Step]:
    enrolled = shown[0][1]
    last = dict(enrolled)
    last_step = dict.fromkeys(enrolled, "enrolled")
    steps = []
    for name, counts in shown:
        before = dict(last)
        # Shares of those at two different steps are not compared.
        compared = [
            group
            for group in Compared
            if name != "enrolled" and last_step[group] == last_step[f"others_than_{group}"]
        ]
        steps.append(
            Step(
                name,
                counts,
                {group: _share(counts[group], enrolled[group], limits) for group in GROUPS},
                {group: _share(counts[group], before[group], limits) for group in GROUPS},
                {group.value: _ratio(group, counts, before) for group in compared},
            )
        )
        told = {group: count for group, count in counts.items() if count is not None}
        last |= told
        last_step |= dict.fromkeys(told, name)
    return steps


def _share(n: int | None, of: int | None, limits: Limits) -> Share:
    if n is None or of is None or not limits.may_show_rate(of):
        return Share(None, of)
    return Share(n, of)


def funnel_data(funnel: Funnel) -> dict[str, Any]:
    """The funnel as the API shows it."""
    return {
        "start": funnel.period.start_date.isoformat(),
        "end": funnel.period.end_date.isoformat(),
        "until": funnel.until.isoformat(),
        "months": funnel.months,
        "as_of": funnel.as_of.isoformat() if funnel.as_of else None,
        "steps": [
            {
                "step": step.name,
                "persons": step.counts,
                "ratios": {name: _ratio_data(ratio) for name, ratio in step.ratios.items()},
            }
            for step in funnel.steps
        ],
    }


def _ratio_data(ratio: Ratio | None) -> dict[str, float] | None:
    if ratio is None:
        return None
    return {
        name: round(value, 2)
        for name, value in (
            ("value", ratio.value),
            ("low", ratio.interval.low),
            ("high", ratio.interval.high),
        )
    }


def _ratio(
    group: str, counts: Mapping[str, int | None], before: Mapping[str, int | None]
) -> Ratio | None:
    others = f"others_than_{group}"
    four = (counts[group], before[group], counts[others], before[others])
    if any(value is None or value == 0 for value in four):
        return None
    return rate_ratio(*four)  # type: ignore[arg-type]  # none of them is None
