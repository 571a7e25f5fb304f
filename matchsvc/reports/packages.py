"""How many placements had the whole support package (EMP-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.placements.models import PackagePart, Part, PartState
from matchsvc.placements.package_history import state_at
from matchsvc.reports.counts import Period
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import READERS, Share
from matchsvc.reports.suppression import Limits


@dataclass(frozen=True, slots=True)
class PackageShares:
    """Placements that ended in a period, by how much of the package they had.

    Attributes:
        full: all six parts were done; hidden where it or the rest would be of too few.
        settled: every part was done or declined by the employer.
    """

    full: Share
    settled: Share


def package_shares(
    session: Session,
    actor: Actor,
    period: Period,
    *,
    as_of: datetime | None = None,
    limits: Limits | None = None,
) -> PackageShares:
    """The shares of placements that ended in a period. One query, and one for the limits.

    Those imported after they had begun have no package and are not counted.

    Args:
        session: to read with.
        actor: who reads.
        period: in which the placements ended.
        as_of: what had been recorded by this instant, of endings and of packages; None is now.
        limits: how few are too few, when the caller has read it.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    ended = standing_events(as_of=as_of).where(
        OutcomeEvent.kind == OutcomeKind.PLACEMENT_ENDED,
        OutcomeEvent.occurred_on.between(period.start_date, period.end_date),
    )
    if actor.unit_id is not None:
        ended = ended.where(OutcomeEvent.unit_id == actor.unit_id)
    asked = ended.join(
        PackagePart, PackagePart.placement_id == OutcomeEvent.source_id
    ).with_only_columns(
        PackagePart.placement_id, PackagePart.state, PackagePart.said, PackagePart.happened_on
    )
    parts: dict[UUID, list[PartState]] = {}
    for placement_id, state, said, happened_on in session.execute(asked):
        parts.setdefault(placement_id, []).append(state_at(state, said, happened_on, as_of))
    rows = [
        (states.count(PartState.DONE), states.count(PartState.DECLINED))
        for states in parts.values()
    ]
    audit.record(session, actor, "read", "report_packages")
    return shares_of(rows, limits or limits_of(session, actor.unit_id))


def shares_of(rows: list[tuple[int, int]], limits: Limits) -> PackageShares:
    """The shares of placements given as how many parts were done and how many declined."""
    full = sum(done == len(Part) for done, _declined in rows)
    settled = sum(done + declined == len(Part) for done, declined in rows)
    if limits.is_small(len(rows)):
        return PackageShares(Share(None, None), Share(None, None))
    # The difference of the two is a group too.
    parts = (full, settled - full, len(rows) - settled)
    is_hidden = bool(rows) and (
        not limits.may_show_rate(len(rows)) or any(limits.is_small(part) for part in parts)
    )
    if is_hidden:
        rest = (full, len(rows) - full)
        may_show_full = limits.may_show_rate(len(rows)) and not any(map(limits.is_small, rest))
        hidden = Share(None, len(rows))
        return PackageShares(Share(full, len(rows)) if may_show_full else hidden, hidden)
    return PackageShares(Share(full, len(rows)), Share(settled, len(rows)))


def package_data(shares: PackageShares) -> dict[str, Any]:
    """As the API gives it; null where so few are hidden."""
    return {
        "ended": shares.full.of,
        "full_package": shares.full.n,
        "done_or_declined": shares.settled.n,
    }
