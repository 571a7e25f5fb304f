"""The outcome report: persons by measure and group, shares, rates, and an earlier period beside.

Every figure goes through reports/suppression.py before anybody sees it. Definitions: contract.md
section 4 and domain.md 1K; their words stand in reports/measures.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit
from matchsvc.employers.models import Employer
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.reports.counts import (
    DIMENSIONS,
    PERSONAL,
    Counts,
    Group,
    Period,
    Tally,
    count_measures,
)
from matchsvc.reports.figures import (
    Interval,
    change_in_points,
    percent,
    percent_one_decimal,
    wilson,
)
from matchsvc.reports.limits import limits_of
from matchsvc.reports.measures_outcomes import COUNTS
from matchsvc.reports.suppression import Cell, Kinds, Limits, hide
from matchsvc.reports.words import REGIONS, SEXES
from matchsvc.swedish import add_months, last_day_of_period, sort_key

READERS = (
    Role.UNIT_MANAGER,
    Role.AUDITOR,
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
)
#: Who sees free periods and further groupings: internal views, never published (decision 0013).
INTERNAL_READERS = (Role.UNIT_MANAGER, Role.AUDITOR)

#: Who is led to the people whose records make the figures uncertain.
MENDERS = (Role.CASE_WORKER, Role.UNIT_MANAGER)

Kind = tuple[str, str]  # sex, region of birth
#: dimension -> value -> (what stands for it, what it is called)
Names = dict[str, dict[Any, tuple[str, str]]]


def _is_woman(kind: Kind) -> bool:
    return kind[0] == "woman"


#: People that have a share or a rate of their own, the most important first.
POPULATIONS: Mapping[str, Any] = {
    "all": lambda _: True,
    "foreign_born_women": lambda kind: _is_woman(kind) and kind[1] in {"europe", "outside_europe"},
    "women": _is_woman,
    "women_outside_europe": lambda kind: _is_woman(kind) and kind[1] == "outside_europe",
    "men": lambda kind: kind[0] == "man",
}
#: Those that tell regions of birth apart.
BY_REGION = ("foreign_born_women", "women_outside_europe")
#: Shares: who, among whom.
SHARES = {
    "foreign_born_women": ("foreign_born_women", "all"),
    "women_outside_europe": ("women_outside_europe", "all"),
    "outside_europe_among_women": ("women_outside_europe", "women"),
}
SHARED = ("placements", "hires", "started")
#: Rates: what, among whom.
RATES = {"to_work": "started", "to_work_or_studies": "enrolled"}
#: Counts that are a part of another: the rest is a group that must not be small either.
WHOLES = RATES | {"studies": "started"}


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a measure in a group; None where it is hidden."""

    persons: int | None
    events: int | None

    @property
    def is_hidden(self) -> bool:
        """Whether it may not be shown."""
        return self.persons is None


UNSEEN = Count(None, None)


@dataclass(frozen=True, slots=True)
class Share:
    """``n`` of ``of``; both None where the share is hidden.

    Attributes:
        n: how many, or None.
        of: among how many; may stand alone when only ``n`` is hidden.
        before: the same in the period compared with, if there is one.
    """

    n: int | None
    of: int | None
    before: Share | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether it may not be shown."""
        return self.n is None or self.of is None

    @property
    def percent(self) -> int | None:
        """Whole percent; None when hidden or of nobody."""
        return None if self.n is None or self.of is None else percent(self.n, self.of)

    @property
    def percent_one_decimal(self) -> Decimal | None:
        """Percent with one decimal; None when hidden or of nobody."""
        return None if self.n is None or self.of is None else percent_one_decimal(self.n, self.of)

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval in percent; None when hidden or of nobody."""
        return None if self.n is None or self.of is None else wilson(self.n, self.of)

    @property
    def change(self) -> Decimal | None:
        """Percentage points since the period compared with; None when either is hidden."""
        then = self.before
        if then is None or self.n is None or self.of is None or then.n is None or then.of is None:
            return None
        return change_in_points(self.n, self.of, then.n, then.of)


@dataclass(frozen=True, slots=True)
class Row:
    """One group and its counts by measure."""

    group: dict[str, str | None]
    counts: dict[str, Count]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of a measure among another, in a group or a population."""

    measure: str
    among: str
    population: str | None
    group: dict[str, str | None] | None
    share: Share


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What the page, the command and the API show."""

    period: Period
    by: tuple[str, ...]
    rows: list[Row]
    totals: Row
    populations: dict[str, Row]
    shares: dict[str, dict[str, Share]]
    rates: list[Rate]
    compared_with: Period | None = None
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def rate(self, measure: str, population: str = "all") -> Share:
        """The rate of one measure in one population."""
        return next(
            rate.share
            for rate in self.rates
            if rate.measure == measure and rate.population == population
        )


def outcome_report(
    session: Session,
    actor: Actor,
    period: Period,
    *,
    by: Sequence[str] = (),
    compare_with: Period | None = None,
) -> OutcomeReport:
    """Compute the report of a period for everybody the actor's unit has worked with.

    Args:
        session: to read with; the number of queries does not depend on the data.
        actor: a user's report covers her unit, a command's all units.
        period: what happened in it.
        by: groups, any of sex, birth_region, employer, agreement, unit.
        compare_with: an earlier period whose shares and rates stand beside.

    Raises:
        Refused: the actor's role reads no reports.
        Invalid: unknown or doubled groups, or a period that ends before it begins.
        RuleViolation: region of birth for less than a quarter (LAW-12).
    """
    actor.require_role(*INTERNAL_READERS)
    check_request(period, by, compare_with)
    report = _report(session, actor, period, tuple(by))
    if compare_with is not None:
        before = _report(session, actor, compare_with, tuple(by))
        report = _beside(report, before)
    audit.record(session, actor, "read", "report_outcomes", fields=by)
    return report


def check_request(period: Period, by: Sequence[str], compare_with: Period | None = None) -> None:
    """Refuse what no report can be made of.

    Raises:
        Invalid: unknown or doubled groups, or a period that ends before it begins.
        RuleViolation: region of birth for less than a quarter (LAW-12).
    """
    wrong = {}
    if len(set(by)) != len(by) or not set(by) <= set(DIMENSIONS):
        wrong["by"] = N_("Välj bland kön, födelseregion, arbetsgivare, överenskommelse och enhet.")
    if period.end_date < period.start_date:
        wrong["to"] = N_("Perioden slutar innan den börjar. Byt plats på dagarna.")
    if compare_with is not None and compare_with.end_date < compare_with.start_date:
        wrong["compare_to"] = N_("Perioden slutar innan den börjar. Byt plats på dagarna.")
    if wrong:
        raise Invalid(wrong)
    if "birth_region" in by and not all(
        is_a_quarter_at_least(each) for each in (period, compare_with) if each is not None
    ):
        raise RuleViolation(
            "period_too_short",
            N_("Födelseregion visas bara för minst tre månader i taget. Välj en längre period."),
        )


def check_span(actor: Actor, period: Period) -> None:
    """Refuse free periods to those who see what is published: one quarter at a time (decision 13).

    Raises:
        Invalid: other than one whole quarter, for another than a unit manager or an auditor.
    """
    check_request(period, ())
    first, last = period.start_date, period.end_date
    is_quarter = first.day == 1 and first.month % 3 == 1 and last == last_day_of_period(first, 3)
    if not (is_quarter or actor.is_system or actor.has_role(*INTERNAL_READERS)):
        raise Invalid({"to": N_("Välj ett helt kvartal, från den första dagen till den sista.")})


def check_export(period: Period, by: Sequence[str]) -> None:
    """Refuse a file of what is internal: free periods and groupings that are not published.

    Raises:
        RuleViolation: other than whole quarters or years, or further groups than sex and region.
    """
    first, last = period.start_date, period.end_date
    is_whole = first.day == 1 and first.month % 3 == 1 and (last + timedelta(1)).day == 1
    if not is_whole or last.month % 3 or not set(by) <= set(PERSONAL):
        raise RuleViolation(
            "internal_only",
            N_(
                "Det här är internt underlag och kan inte tas ut som fil. Välj hela kvartal eller "
                "år, och grupperna kön och födelseregion."
            ),
        )


def is_a_quarter_at_least(period: Period) -> bool:
    """Whether a period is three months or longer: less is too fine for region of birth."""
    return period.end_date >= date.fromordinal(add_months(period.start_date, 3).toordinal() - 1)


def _report(session: Session, actor: Actor, period: Period, by: tuple[str, ...]) -> OutcomeReport:
    cells = count_measures(session, period, PERSONAL, unit_id=actor.unit_id)
    rows = (
        _regrouped(cells, by)
        if set(by) <= set(PERSONAL)
        else count_measures(session, period, by, unit_id=actor.unit_id)
    )
    names = _names(session, by, rows)
    groups = _ordered_groups(by, rows, names)
    shown_rows: dict[Group, dict[str, Count]] = {group: {} for group in groups}
    shown_people: dict[str, dict[str, Count]] = {name: {} for name in POPULATIONS}
    limits = limits_of(session, actor.unit_id)
    for measure in (each.name for each in COUNTS):
        _hide_measure(measure, by, groups, rows, cells, shown_rows, shown_people, limits)
    populations = {
        name: Row({}, dict.fromkeys(counts, UNSEEN) if _too_fine(period, name) else counts)
        for name, counts in shown_people.items()
    }
    listed = [Row(_labelled(by, group, names), shown_rows[group]) for group in groups]
    if not by:
        listed = [populations["all"]]
    return OutcomeReport(
        period=period,
        by=by,
        rows=listed,
        totals=populations["all"],
        populations=populations,
        shares=_shares(populations, limits),
        rates=_rates(populations, listed, limits),
        names={name: dict(of.values()) for name, of in names.items()},
    )


def _regrouped(cells: Counts, by: tuple[str, ...]) -> Counts:
    """Counts by sex, region or both, from those by both: a person has one sex and one region."""
    places = [PERSONAL.index(name) for name in by]
    counts: Counts = {}
    for measure, counted in cells.items():
        merged: dict[Group, Tally] = {}
        for kind, tally in counted.items():
            group = tuple(kind[place] for place in places)
            before = merged.get(group, Tally(0, 0))
            merged[group] = Tally(before.persons + tally.persons, before.events + tally.events)
        counts[measure] = merged
    return counts


def _too_fine(period: Period, population: str) -> bool:
    """Whether a population by region of birth may not be shown for so short a period."""
    return population in BY_REGION and not is_a_quarter_at_least(period)


def _hide_measure(
    measure: str,
    by: tuple[str, ...],
    groups: Sequence[Group],
    rows: Counts,
    cells: Counts,
    shown_rows: dict[Group, dict[str, Count]],
    shown_people: dict[str, dict[str, Count]],
    limits: Limits,
) -> None:
    """Put a measure's counts in place, None where they must be hidden."""
    present = frozenset(
        kind
        for name in {measure, WHOLES.get(measure, measure)}
        for kind, tally in cells[name].items()
        if tally.persons
    )
    row_cells = (
        [_cell(measure, rows, group, _kinds_of(by, group, present)) for group in groups]
        if by
        else []
    )
    people = {name: frozenset(filter(test, present)) for name, test in POPULATIONS.items()}
    totals = [_total(measure, cells, kinds, POPULATIONS[name]) for name, kinds in people.items()]
    hidden = hide(row_cells, totals, limits)
    for k, group in enumerate(groups):
        tally = rows[measure].get(group, Tally(0, 0))
        shown_rows[group][measure] = _shown(tally, is_hidden=k in hidden.rows)
    for j, (name, kinds) in enumerate(people.items()):
        tally = _summed(cells[measure], kinds)
        shown_people[name][measure] = _shown(tally, is_hidden=j in hidden.totals)


def _shown(tally: Tally, *, is_hidden: bool) -> Count:
    return UNSEEN if is_hidden else Count(tally.persons, tally.events)


def _cell(measure: str, rows: Counts, group: Group, kinds: Kinds) -> Cell:
    within = None
    if measure in WHOLES:
        within = rows[WHOLES[measure]].get(group, Tally(0, 0)).persons
    return Cell(rows[measure].get(group, Tally(0, 0)).persons, kinds, within)


def _total(measure: str, cells: Counts, kinds: Kinds, test: Any) -> Cell:
    within = None
    if measure in WHOLES:
        whole = cells[WHOLES[measure]]
        within = _summed(whole, frozenset(filter(test, whole))).persons
    return Cell(_summed(cells[measure], kinds).persons, kinds, within)


def _summed(counted: Mapping[Group, Tally], kinds: Kinds) -> Tally:
    chosen = [tally for kind, tally in counted.items() if kind in kinds]
    return Tally(sum(t.persons for t in chosen), sum(t.events for t in chosen))


def _kinds_of(by: tuple[str, ...], group: Group, present: Kinds) -> Kinds:
    """The kinds of people that a group can hold: its own sex and region where they are named."""
    fixed = {
        PERSONAL.index(name): value
        for name, value in zip(by, group, strict=True)
        if name in PERSONAL
    }
    held = frozenset(
        kind
        for kind in present
        if isinstance(kind, tuple) and all(kind[place] == value for place, value in fixed.items())
    )
    # A group whose people are counted as another kind elsewhere stands apart from every total.
    return held or frozenset({("apart", *group)})


def _names(session: Session, by: tuple[str, ...], rows: Counts) -> Names:
    """What stands for employers and units in the report, and what they are called."""
    names: Names = {}
    if "employer" in by:
        place = by.index("employer")
        used = {group[place] for counted in rows.values() for group in counted}
        every = session.execute(select(Employer.id, Employer.external_id, Employer.name))
        found = [row for row in every if row[0] in used]
        doubled = {code for code, times in Counter(row[1] for row in found).items() if times > 1}
        names["employer"] = {
            key: (str(key) if code in doubled else code, name) for key, code, name in found
        }
    if "unit" in by:
        units = session.execute(select(Unit.id, Unit.name))
        names["unit"] = {key: (name, name) for key, name in units}
    return names


_ORDER = {"sex": tuple(SEXES), "birth_region": tuple(REGIONS)}


def _ordered_groups(by: tuple[str, ...], rows: Counts, names: Names) -> list[Group]:
    """Every group that has anybody in any measure, in the order that people expect."""

    def place(group: Group) -> tuple[Any, ...]:
        return tuple(_place(name, value, names) for name, value in zip(by, group, strict=True))

    if not by:
        return []
    return sorted({group for counted in rows.values() for group in counted}, key=place)


def _place(name: str, value: Any, names: Names) -> tuple[bool, Any, str]:
    if name in _ORDER:
        order = _ORDER[name]
        return (False, order.index(value) if value in order else len(order), "")
    if value is None:
        return (True, "", "")
    code, called = names.get(name, {}).get(value, (str(value), str(value)))
    return (False, sort_key(called), code)


def _labelled(by: tuple[str, ...], group: Group, names: Names) -> dict[str, str | None]:
    """What a group is: its codes by the names of the dimensions."""
    return {
        name: None if value is None else names.get(name, {}).get(value, (str(value),))[0]
        for name, value in zip(by, group, strict=True)
    }


def _shares(populations: dict[str, Row], limits: Limits) -> dict[str, dict[str, Share]]:
    return {
        name: {
            measure: _share(
                populations[who].counts[measure], populations[among].counts[measure], limits
            )
            for measure in SHARED
        }
        for name, (who, among) in SHARES.items()
    }


def _share(n: Count, of: Count, limits: Limits) -> Share:
    """A share; its numerator is left out where a rate of so few would say nothing."""
    if n.persons is None or of.persons is None:
        return Share(None, of.persons)
    may_show = limits.may_show_rate(of.persons) or of.persons == 0
    return Share(n.persons if may_show else None, of.persons)


def _rates(populations: dict[str, Row], rows: Sequence[Row], limits: Limits) -> list[Rate]:
    found = []
    for measure, among in RATES.items():
        for name, row in populations.items():
            share = _share(row.counts[measure], row.counts[among], limits)
            found.append(Rate(measure, among, name, None, share))
        for row in rows:
            if row.group:
                share = _share(row.counts[measure], row.counts[among], limits)
                found.append(Rate(measure, among, None, row.group, share))
    return found


def _beside(report: OutcomeReport, before: OutcomeReport) -> OutcomeReport:
    """The report with each share and rate of the earlier period beside its own."""
    shares = {
        name: {
            measure: replace(share, before=before.shares[name][measure])
            for measure, share in of.items()
        }
        for name, of in report.shares.items()
    }
    earlier = {_key(rate): rate.share for rate in before.rates}
    rates = [
        replace(rate, share=replace(rate.share, before=earlier.get(_key(rate))))
        for rate in report.rates
    ]
    return replace(report, shares=shares, rates=rates, compared_with=before.period)


def _key(rate: Rate) -> tuple[Any, ...]:
    group = None if rate.group is None else tuple(sorted(rate.group.items(), key=str))
    return (rate.measure, rate.population, group)
