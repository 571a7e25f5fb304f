"""How many placements had the whole support package (EMP-05)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.placements.models import PackagePart, Part, PartState, Placement
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


def package_shares(session: Session, actor: Actor, period: Period) -> PackageShares:
    """The shares of placements that ended in a period, as their packages stand now. One query.

    Those imported after they had begun have no package and are not counted.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    done = _number_of(PartState.DONE)
    declined = _number_of(PartState.DECLINED)
    asked = (
        select(done, declined)
        .join(Placement, Placement.id == PackagePart.placement_id)
        .where(Placement.end_date.between(period.start_date, period.end_date))
        .group_by(Placement.id)
    )
    if actor.unit_id is not None:
        asked = asked.where(Placement.unit_id == actor.unit_id)
    rows = [(row[0] or 0, row[1] or 0) for row in session.execute(asked)]
    audit.record(session, actor, "read", "report_packages")
    return shares_of(rows, limits_of(session, actor.unit_id))


def _number_of(state: PartState) -> ColumnElement[int]:
    return func.sum(case((PackagePart.state == state, 1), else_=0))


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
