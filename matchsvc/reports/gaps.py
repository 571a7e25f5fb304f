"""Gaps between groups that the funnel does not show: what was asked, noted, given and judged.

Each figure is of those enrolled on at least one day of a period, of a group beside everybody else
whose sex and region of birth are known (REP-05, MAP-10). Nothing claims why; small figures are
hidden as everywhere (docs/decisions/0003-suppression.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.participants.mapping_models import Orientation
from matchsvc.reports import gap_counts, occupations
from matchsvc.reports.counts import Period
from matchsvc.reports.figures import Z_95, Interval, Ratio, rate_ratio
from matchsvc.reports.funnel import GROUPS, Compared, Kind, hide_steps
from matchsvc.reports.gap_counts import Amount, Amounts, Values, amounts
from matchsvc.reports.limits import limits_of
from matchsvc.reports.measures import DEFINITIONS_VERSION
from matchsvc.reports.outcomes import INTERNAL_READERS, Share, is_a_quarter_at_least
from matchsvc.reports.shapes import SUPPRESSED, share_data
from matchsvc.reports.suppression import Cell, Limits, hide

#: Shares of those enrolled, in the order they are told.
SHARES: Mapping[str, Callable[[Period], Values]] = {
    "mapping_signed": gap_counts.mapped,
    "asked_about_life": gap_counts.asked_about_life,
    "asked_about_school": gap_counts.asked_about_school,
}
#: Means for each enrolled, and times what they are shown.
MEANS: Mapping[str, tuple[Callable[[Period], Values], int]] = {
    "competences_mapped": (gap_counts.competences, 1),
    "informal_captured": (lambda period: gap_counts.competences(period, informal=True), 1),
    "talk_minutes": (gap_counts.talk_minutes, 1),
    "referrals_per_100": (gap_counts.referrals, 100),
}
#: A share of those proposed in an occupation that :mod:`matchsvc.reports.occupations` lists.
OUTSIDE = "proposed_outside_typical"
#: Fewer colleagues than these who log time, and the mean would be one colleague's.
LEAST_COLLEAGUES = 3


@dataclass(frozen=True, slots=True)
class Mean:
    """So much for each of so many; the value is None where hidden, both where nobody may know."""

    value: float | None
    of: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """One measure, by group of :data:`~matchsvc.reports.funnel.GROUPS`.

    Attributes:
        name: of SHARES or MEANS.
        shares, means: one of them, by group.
        ratios: by compared group, its figure divided by everybody else's with a 95 % interval;
            None where either is hidden, zero or of too few.
    """

    name: str
    shares: Mapping[str, Share]
    means: Mapping[str, Mean]
    ratios: Mapping[str, Ratio | None]


@dataclass(frozen=True, slots=True)
class Need:
    """What support was judged to come first, and how many have had something meant for it.

    Attributes:
        orientation: which; None for those who have not been judged.
        assessed: by group, of those enrolled. Groups that are too few are not there.
        given: by group, of those judged so.
        ratios: of ``given``, by compared group.
    """

    orientation: Orientation | None
    assessed: Mapping[str, Share]
    given: Mapping[str, Share]
    ratios: Mapping[str, Ratio | None]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The report.

    Attributes:
        period: of those who were enrolled.
        people: how many they are by group; None where hidden.
        gaps: one for each of SHARES and MEANS, and last OUTSIDE.
        needs: one for each orientation, and last those who have not been judged.
        is_time_hidden: whether so few colleagues log time that its mean is not shown.
    """

    period: Period
    people: Mapping[str, int | None]
    gaps: Sequence[Gap]
    needs: Sequence[Need]
    is_time_hidden: bool


def gap_report(session: Session, actor: Actor, period: Period) -> Gaps:
    """The gaps of a period, in the actor's unit or all. A fixed number of queries.

    Raises:
        Refused: the actor's role reads no reports.
        Invalid: the period ends before it begins.
        RuleViolation: less than a quarter, because groups are told apart by region of birth.
    """
    actor.require_role(*INTERNAL_READERS)
    if period.end_date < period.start_date:
        raise Invalid({"to": N_("Perioden slutar innan den börjar. Byt plats på dagarna.")})
    if not is_a_quarter_at_least(period):
        raise RuleViolation(
            "period_too_short",
            N_("Födelseregion visas bara för minst tre månader i taget. Välj en längre period."),
        )
    limits = limits_of(session, actor.unit_id)
    people = gap_counts.people_of(period, actor.unit_id)
    counted = gap_counts.count_people(session, people)
    is_time_hidden = gap_counts.talkers(session, period, actor.unit_id) < LEAST_COLLEAGUES
    gaps = [
        share_gap(name, amounts(session, people, values(period)), counted, limits)
        for name, values in SHARES.items()
    ]
    for name, (values, times) in MEANS.items():
        found = amounts(session, people, values(period))
        gap = mean_gap(name, found, counted, limits, times=times)
        gaps.append(_without_figures(gap) if name == "talk_minutes" and is_time_hidden else gap)
    gaps.append(_outside(session, period, people, counted, limits))
    needs = _needs(session, actor, period, people, counted, limits)
    audit.record(session, actor, "read", "report_gaps")
    shown = dict(hide_steps({"enrolled": counted}, limits))["enrolled"]
    return Gaps(period, {name: shown[name] for name in GROUPS}, gaps, needs, is_time_hidden)


def share_gap(name: str, found: Amounts, people: Mapping[Kind, int], limits: Limits) -> Gap:
    """A share of those enrolled, by group, with what would point somebody out hidden. Pure."""
    have = {kind: amount.persons for kind, amount in found.items()}
    shown = dict(hide_steps({"enrolled": people, name: have}, limits))
    shares = {
        group: _share(shown[name][group], shown["enrolled"][group], limits) for group in GROUPS
    }
    return Gap(name, shares, {}, _ratios(shares))


def _outside(
    session: Session,
    period: Period,
    people: Subquery,
    counted: Mapping[Kind, int],
    limits: Limits,
) -> Gap:
    """Of all who were proposed, those proposed where few are of their own sex."""

    def proposed(codes: Sequence[str]) -> dict[Kind, int]:
        found = amounts(session, people, gap_counts.proposed_for(period, codes))
        return {kind: amount.persons for kind, amount in found.items()}

    few = {sex: proposed(occupations.with_few(sex)) for sex in ("woman", "man")}
    have = {kind: few[kind[0]].get(kind, 0) for kind in counted if kind[0] in few}
    return share_within(OUTSIDE, have, proposed(occupations.listed()), counted, limits)


def share_within(
    name: str,
    have: Mapping[Kind, int],
    within: Mapping[Kind, int],
    people: Mapping[Kind, int],
    limits: Limits,
) -> Gap:
    """A share of some of those enrolled, by group. Pure; hidden as :func:`share_gap`."""
    shown = dict(hide_steps({"enrolled": people, "within": within, name: have}, limits))
    shares = {group: _share(shown[name][group], shown["within"][group], limits) for group in GROUPS}
    return Gap(name, shares, {}, _ratios(shares))


def mean_gap(
    name: str, found: Amounts, people: Mapping[Kind, int], limits: Limits, *, times: int = 1
) -> Gap:
    """How much for each of those enrolled, by group. Pure.

    A mean is shown where both the group and those of it who have anything may be counted: a sum
    follows from both, and is hidden as they are.
    """
    present = frozenset(kind for kind, persons in people.items() if persons)
    have = {kind: amount.persons for kind, amount in found.items()}
    hidden = _hidden(people, present, limits) | _hidden(have, present, limits)
    means, amounts_of = {}, {}
    for group, test in GROUPS.items():
        kinds = frozenset(filter(test, present))
        of = sum(people[kind] for kind in kinds)
        some = _together(found, kinds)
        is_hidden = group in hidden or not limits.may_show_rate(of)
        means[group] = Mean(None if is_hidden else times * some.total / of, _shown(of, is_hidden))
        amounts_of[group] = (some, of)
    ratios = {group.value: _ratio_of_means(group.value, means, amounts_of) for group in Compared}
    return Gap(name, {}, means, ratios)


def _shown(value: int, is_hidden: bool) -> int | None:  # noqa: FBT001
    return None if is_hidden else value


def _without_figures(gap: Gap) -> Gap:
    return Gap(
        gap.name,
        {},
        {group: Mean(None, None) for group in gap.means},
        dict.fromkeys(gap.ratios),
    )


def _hidden(counted: Mapping[Kind, int], present: frozenset[Kind], limits: Limits) -> set[str]:
    """Groups whose count must not be told, nor what it would give away."""
    shown = hide_steps({"enrolled": {kind: counted.get(kind, 0) for kind in present}}, limits)
    return {group for group, value in shown[0][1].items() if value is None}


def _together(found: Amounts, kinds: frozenset[Kind]) -> Amount:
    some = [amount for kind, amount in found.items() if kind in kinds]
    return Amount(
        sum(each.persons for each in some),
        sum(each.total for each in some),
        sum(each.squares for each in some),
    )


def _ratio_of_means(
    group: str, means: Mapping[str, Mean], amounts_of: Mapping[str, tuple[Amount, int]]
) -> Ratio | None:
    ours, theirs = means[group], means[f"others_than_{group}"]
    if not ours.value or not theirs.value:
        return None
    return ratio_of_means(*amounts_of[group], *amounts_of[f"others_than_{group}"])


def ratio_of_means(ours: Amount, of: int, theirs: Amount, of_others: int) -> Ratio | None:
    """One mean divided by another, with the 95 % interval of its logarithm (delta method).

    None when either mean is zero or of fewer than two.
    """
    if min(ours.total, theirs.total) <= 0 or min(of, of_others) <= 1:
        return None
    value = (ours.total / of) / (theirs.total / of_others)
    error = math.sqrt(_relative(ours, of) + _relative(theirs, of_others))
    factor = math.exp(Z_95 * error)
    return Ratio(value, Interval(value / factor, value * factor))


def _relative(amount: Amount, of: int) -> float:
    """The variance of a mean, relative to its square."""
    mean = amount.total / of
    variance = max(0.0, (amount.squares - of * mean * mean) / (of - 1))
    return variance / (of * mean * mean)


def _share(n: int | None, of: int | None, limits: Limits) -> Share:
    if n is None or of is None or not limits.may_show_rate(of):
        return Share(None, of)
    return Share(n, of)


def _ratios(shares: Mapping[str, Share]) -> dict[str, Ratio | None]:
    found: dict[str, Ratio | None] = {}
    for group in Compared:
        ours, theirs = shares.get(group.value), shares.get(f"others_than_{group}")
        four = [each for share in (ours, theirs) if share for each in (share.n, share.of)]
        whole = [each for each in four if each is not None]
        found[group.value] = rate_ratio(*whole) if len(whole) == 4 else None  # noqa: PLR2004
    return found


def _needs(
    session: Session,
    actor: Actor,
    period: Period,
    people: Subquery,
    counted: Mapping[Kind, int],
    limits: Limits,
) -> list[Need]:
    judged = gap_counts.latest_orientations(period)
    fitting = gap_counts.fitting_activities(session, actor.unit_id)

    def persons(values: Values) -> dict[Kind, int]:
        found = amounts(session, people, values)
        return {kind: amount.persons for kind, amount in found.items()}

    assessed = {each: persons(gap_counts.assessed(judged, each)) for each in Orientation}
    given = {
        each: persons(gap_counts.given(judged, each, fitting[each], period)) for each in Orientation
    }
    return needs_of(counted, assessed, given, limits)


def needs_of(
    people: Mapping[Kind, int],
    assessed: Mapping[Orientation, Mapping[Kind, int]],
    given: Mapping[Orientation, Mapping[Kind, int]],
    limits: Limits,
) -> list[Need]:
    """Assessed need against what was given, by group. Pure.

    The orientations of a group add up to it, so a comparison is shown whole or not at all: only
    where every part of both its groups may be told beside those that are shown already.
    """
    none_yet = {
        kind: persons - sum(of.get(kind, 0) for of in assessed.values())
        for kind, persons in people.items()
    }
    parts = [*assessed.values(), none_yet]
    groups: list[str] = []
    for compared in Compared:
        wanted = [*groups, compared.value, f"others_than_{compared}"]
        if all(_all_shown(wanted, part, people, limits) for part in [people, *parts]):
            groups = wanted
    groups = groups or [name for name in ["all"] if _may_show_all(parts, people, limits)]
    needs = []
    for orientation, part in zip([*assessed, None], parts, strict=True):
        shares = {group: _share(_of(group, part), _of(group, people), limits) for group in groups}
        had = given[orientation] if orientation else {}
        hidden = _hidden_given(groups, had, part, limits)
        rates = {
            group: _share(None if group in hidden else _of(group, had), _of(group, part), limits)
            for group in groups
        }
        needs.append(Need(orientation, shares, rates if orientation else {}, _ratios(rates)))
    return needs


def _of(group: str, counted: Mapping[Kind, int]) -> int:
    return sum(persons for kind, persons in counted.items() if GROUPS[group](kind))


def _cells(
    groups: Sequence[str],
    counted: Mapping[Kind, int],
    people: Mapping[Kind, int],
    within: Mapping[Kind, int] | None = None,
) -> list[Cell]:
    return [
        Cell(
            _of(group, counted),
            frozenset(kind for kind, persons in people.items() if persons and GROUPS[group](kind)),
            None if within is None else _of(group, within),
        )
        for group in groups
    ]


def _all_shown(
    groups: Sequence[str], part: Mapping[Kind, int], people: Mapping[Kind, int], limits: Limits
) -> bool:
    return not hide([], _cells(groups, part, people), limits).totals


def _may_show_all(
    parts: Sequence[Mapping[Kind, int]], people: Mapping[Kind, int], limits: Limits
) -> bool:
    return all(_all_shown(["all"], part, people, limits) for part in [people, *parts])


def _hidden_given(
    groups: Sequence[str], had: Mapping[Kind, int], part: Mapping[Kind, int], limits: Limits
) -> set[str]:
    hidden = hide([], _cells(groups, had, part, within=part), limits)
    return {groups[place] for place in hidden.totals}


def gaps_data(report: Gaps) -> dict[str, Any]:
    """The report for a program. A hidden value is ``{"suppressed": true}``."""
    return {
        "definitions": DEFINITIONS_VERSION,
        "start": report.period.start_date.isoformat(),
        "end": report.period.end_date.isoformat(),
        "people": {
            group: SUPPRESSED if persons is None else persons
            for group, persons in report.people.items()
        },
        "gaps": [
            {
                "measure": gap.name,
                "shares": {group: share_data(share) for group, share in gap.shares.items()},
                "means": {group: _mean_data(mean) for group, mean in gap.means.items()},
                "ratios": {group: ratio_data(ratio) for group, ratio in gap.ratios.items()},
            }
            for gap in report.gaps
        ],
        "needs": [
            {
                "orientation": need.orientation.value if need.orientation else None,
                "assessed": {group: share_data(share) for group, share in need.assessed.items()},
                "given": {group: share_data(share) for group, share in need.given.items()},
                "ratios": {group: ratio_data(ratio) for group, ratio in need.ratios.items()},
            }
            for need in report.needs
        ],
    }


def _mean_data(mean: Mean) -> dict[str, Any]:
    if mean.value is None:
        return SUPPRESSED
    return {"mean": round(mean.value, 2), "of": mean.of}


def ratio_data(ratio: Ratio | None) -> dict[str, float] | None:
    """A ratio with its interval, two decimals."""
    if ratio is None:
        return None
    low, high = ratio.interval.low, ratio.interval.high
    return {"value": round(ratio.value, 2), "low": round(low, 2), "high": round(high, 2)}
