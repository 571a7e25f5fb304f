"""Who is seen: exposure among the first ten and proposals, by sex and region of birth (DESIGN 4.7).

Matching cannot see these groups; here they are counted afterwards, in aggregates with intervals,
and small figures stay hidden (docs/decisions/0003-suppression.md). Of everybody who waits in the
unit: in how large a part of each group does a person stand among the first ten of at least one open
offer, and has she been proposed? Each group is compared with everybody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.accounts.models import Role
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.weights_table import UnitTable, table_history, unit_of
from matchsvc.matching.what_if import Standing, WhatIf, standing, what_if
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Participant
from matchsvc.reports.figures import Ratio, rate_ratio
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import POPULATIONS, Kind, Share
from matchsvc.reports.shapes import SUPPRESSED, share_data
from matchsvc.reports.suppression import LEAST, Cell, Kinds, Limits, hide
from matchsvc.reports.words import REGIONS, SEXES
from matchsvc.swedish import add_months

READERS = (Role.UNIT_MANAGER, Role.AUDITOR)
MONTHS = 12  # how far back proposals count

#: What is measured, all among those who wait.
BEFORE, SEEN, PROPOSED = "seen_before", "seen", "proposed"
MEASURES = (SEEN, BEFORE, PROPOSED)
#: Those with a line of their own beside the groups, the most important first.
TOTALS = ("all", "foreign_born_women", "women", "men")


@dataclass(frozen=True, slots=True)
class Line:
    """One group, or one of TOTALS.

    Attributes:
        kind: sex and region; None for a total.
        total: the total's name; empty for a group.
        waiting: how many wait; None where hidden.
        shares: by measure, of those who wait.
        ratios: by measure, this rate divided by everybody else's; None where either is hidden,
            zero, or of too few.
    """

    kind: Kind | None
    total: str
    waiting: int | None
    shares: Mapping[str, Share]
    ratios: Mapping[str, Ratio | None]


@dataclass(frozen=True, slots=True)
class Exposure:
    """The report.

    Attributes:
        groups: one line for each sex and region that is there.
        totals: the lines of TOTALS.
        now: the table that the first ten are computed with.
        before: the table that stands beside it; None when there is only one.
        offers: how many offers' lists were looked at.
        of: how many open offers there are.
        today: the day that is counted for.
    """

    groups: tuple[Line, ...]
    totals: tuple[Line, ...]
    now: UnitTable
    before: UnitTable | None
    offers: int
    of: int
    today: date

    def total(self, name: str) -> Line:
        """One of TOTALS."""
        return next(line for line in self.totals if line.total == name)

    @property
    def measures(self) -> tuple[str, ...]:
        """What is shown: nothing beside when there is no other table."""
        return tuple(m for m in MEASURES if m != BEFORE or self.before is not None)


def exposure_report(session: Session, actor: Actor, *, today: date) -> Exposure:
    """Exposure by the unit's table in force, with the version before it beside.

    Raises:
        Refused: not the unit's manager or an auditor.
    """
    actor.require_role(*READERS)
    now, *older = table_history(session, actor)
    before = older[0] if older else None
    unit_id = unit_of(session, actor)
    tables = [now.weights] if before is None else [before.weights, now.weights]
    found = standing(session, unit_id, tables, today=today)
    audit.record(session, actor, "read", "report_exposure")
    return _report(session, unit_id, found, now, before, today)


def what_if_report(
    session: Session, actor: Actor, numbers: Mapping[str, int], *, today: date
) -> tuple[WhatIf, Exposure]:
    """What another table would change, and for whom.

    Raises:
        Refused, Invalid, RuleViolation: as :func:`~matchsvc.matching.what_if.what_if`.
    """
    found = what_if(session, actor, numbers, today=today)
    unit_id = unit_of(session, actor)
    told = _report(session, unit_id, found.standing, found.proposed, found.current, today)
    return found, told


def exposure_data(report: Exposure) -> dict[str, Any]:
    """The report for a program. A hidden value is ``{"suppressed": true}``."""
    return {
        "weights": report.now.label,
        "weights_before": report.before.label if report.before else None,
        "offers": report.offers,
        "offers_open": report.of,
        "groups": [_line_data(line, report) for line in report.groups],
        "totals": [_line_data(line, report) for line in report.totals],
    }


def _line_data(line: Line, report: Exposure) -> dict[str, Any]:
    if line.kind is None:
        group = {"population": line.total}
    else:
        group = dict(zip(("sex", "birth_region"), line.kind, strict=True))
    ratios = {name: line.ratios[name] for name in report.measures}
    return {
        "group": group,
        "waiting": SUPPRESSED if line.waiting is None else line.waiting,
        "shares": {name: share_data(line.shares[name]) for name in report.measures},
        "ratios": {
            name: None
            if ratio is None
            else {
                "value": round(ratio.value, 2),
                "low": round(ratio.interval.low, 2),
                "high": round(ratio.interval.high, 2),
            }
            for name, ratio in ratios.items()
        },
    }


def _report(
    session: Session,
    unit_id: UUID,
    found: Standing,
    now: UnitTable,
    before: UnitTable | None,
    today: date,
) -> Exposure:
    kinds = _kinds_of(session, found.people, unit_id, today)
    proposed = _proposed(session, unit_id, today)
    people = {
        SEEN: {p for p, lists in zip(found.people, found.lists[-1], strict=True) if lists},
        BEFORE: {p for p, lists in zip(found.people, found.lists[0], strict=True) if lists},
        PROPOSED: proposed & kinds.keys(),
    }
    waiting = Counter(kinds.values())
    counts = {name: Counter(kinds[p] for p in some) for name, some in people.items()}
    groups, totals = lines_of(waiting, counts, limits_of(session, unit_id))
    return Exposure(groups, totals, now, before, found.offers, found.of, today)


def lines_of(
    waiting: Mapping[Kind, int],
    counts: Mapping[str, Mapping[Kind, int]],
    limits: Limits = LEAST,
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The groups' lines and the totals', with everything hidden that could point somebody out.

    Args:
        waiting: how many wait, by sex and region.
        counts: by measure, how many of them it holds for.
        limits: how few are too few.
    """
    kinds = [(sex, region) for sex in SEXES for region in REGIONS if waiting.get((sex, region))]
    groups = [frozenset({kind}) for kind in kinds]
    totals = [frozenset(filter(POPULATIONS[name], kinds)) for name in TOTALS]
    hidden_waiting = _hidden(groups, totals, waiting, None, limits)
    hidden = {
        name: hidden_waiting | _hidden(groups, totals, counted, waiting, limits)
        for name, counted in counts.items()
    }
    if BEFORE in hidden:  # what one table hides, the other beside it must not tell
        hidden[BEFORE] = hidden[SEEN] = hidden[BEFORE] | hidden[SEEN]
    everybody = frozenset(kinds)
    lines = []
    for place, members in enumerate([*groups, *totals]):
        is_total = place >= len(groups)
        shares, ratios = {}, {}
        for name, counted in counts.items():
            among = _sum(waiting, members)
            is_hidden = place in hidden[name] or not limits.may_show_rate(among)
            share = Share(None, None) if is_hidden else _share(counted, waiting, members)
            all_hidden = len(groups) in hidden[name]  # the first of the totals is of everybody
            rest = (
                Share(None, None) if all_hidden else _share(counted, waiting, everybody - members)
            )
            shares[name], ratios[name] = share, _ratio(share, rest, limits)
        lines.append(
            Line(
                kind=None if is_total else kinds[place],
                total=TOTALS[place - len(groups)] if is_total else "",
                waiting=None if place in hidden_waiting else _sum(waiting, members),
                shares=shares,
                ratios=ratios,
            )
        )
    return tuple(lines[: len(groups)]), tuple(lines[len(groups) :])


def _hidden(
    groups: Sequence[Kinds],
    totals: Sequence[Kinds],
    counted: Mapping[Kind, int],
    among: Mapping[Kind, int] | None,
    limits: Limits,
) -> set[int]:
    """Places of the lines, groups before totals, whose count must stay hidden."""

    def cell(members: Kinds) -> Cell:
        within = None if among is None else _sum(among, members)
        return Cell(_sum(counted, members), members, within)

    found = hide(
        [cell(members) for members in groups], [cell(members) for members in totals], limits
    )
    return {*found.rows, *(len(groups) + place for place in found.totals)}


def _sum(counted: Mapping[Kind, int], members: Collection[Any]) -> int:
    return sum(counted.get(kind, 0) for kind in members)


def _share(counted: Mapping[Kind, int], among: Mapping[Kind, int], members: Kinds) -> Share:
    return Share(_sum(counted, members), _sum(among, members))


def _ratio(share: Share, rest: Share, limits: Limits) -> Ratio | None:
    """A group's rate divided by everybody else's, where both may be shown."""
    if None in (share.n, share.of, rest.n, rest.of) or not limits.may_show_rate(rest.of or 0):
        return None
    return rate_ratio(share.n or 0, share.of or 0, rest.n or 0, rest.of or 0)


def _kinds_of(
    session: Session, people: Collection[UUID], unit_id: UUID, today: date
) -> dict[UUID, Kind]:
    """Sex and region of birth of the people who were ranked; read here and nowhere before."""
    rows = session.execute(
        visible_participants(session, job_actor("exposure"), today=today)
        .where(Participant.unit_id == unit_id, Participant.ready_on.is_not(None))
        .with_only_columns(Participant.id, Participant.sex, Participant.birth_region)
    )
    ranked = frozenset(people)
    return {row.id: (row.sex.value, row.birth_region.value) for row in rows if row.id in ranked}


def _proposed(session: Session, unit_id: UUID, today: date) -> set[UUID]:
    """Who has been proposed somewhere during the last twelve months, and not withdrawn."""
    return set(
        session.scalars(
            select(Proposal.participant_id)
            .where(
                Proposal.unit_id == unit_id,
                Proposal.proposed_on > add_months(today, -MONTHS),
                Proposal.state != ProposalState.WITHDRAWN,
            )
            .distinct()
        )
    )
