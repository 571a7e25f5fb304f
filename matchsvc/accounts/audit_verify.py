"""Whether the audit log is what was once written: ``matchsvc audit verify``.

The chain is computed anew from the first seal that stands, or from what the newest replaced month
says (see :mod:`matchsvc.accounts.audit_months`), and compared with the anchor.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import anchoring, audit, audit_months
from matchsvc.accounts.models import AuditEvent, AuditMonth, AuditSeal


@dataclass(frozen=True, slots=True)
class Verification:
    """What ``audit verify`` found.

    Attributes:
        seals: how many seals were recomputed.
        rows: how many rows they cover.
        unsealed: rows not yet sealed.
        faults: one sentence for each thing that does not agree; empty means the log is whole.
        replaced: months of which only their seal is left, oldest first.
    """

    seals: int
    rows: int
    unsealed: int
    faults: list[str]
    replaced: list[AuditMonth]


def verify(session: Session, *, anchor: Path | None) -> Verification:
    """Recompute the chain: changed, deleted, added, reordered and cut-off rows are each found.

    So are a replaced month that is missing or altered, and rows that came back into one.
    """
    months = audit_months.replaced_months(session)
    seals = list(session.scalars(select(AuditSeal).order_by(AuditSeal.id)))
    faults = [*audit_months.month_faults(session, months)]
    faults += [*_seal_faults(session, seals, months), *_order_faults(seals, months)]
    faults += _anchor_faults(seals, months, anchor)
    covered = sum(made.count for made in seals)
    last = seals[-1].last_id if seals else 0
    unsealed = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.id > last)
    )
    return Verification(len(seals), covered, unsealed or 0, faults, months)


def _seal_faults(
    session: Session, seals: list[AuditSeal], months: Sequence[AuditMonth]
) -> Iterator[str]:
    before = months[-1].hash if months else audit.GENESIS
    reached = months[-1].last_id if months else 0
    for made in seals:
        yield from audit_months.faults_of_seal(session, made, before, reached)
        before, reached = made.hash, made.last_id


def _order_faults(seals: list[AuditSeal], months: Sequence[AuditMonth]) -> Iterator[str]:
    for earlier, later in pairwise(seals):
        if later.id != earlier.id + 1:
            yield f"a seal is missing between {earlier.id} and {later.id}"
    first = months[-1].last_seal + 1 if months else 1
    if seals and (seals[0].id != first or (not months and seals[0].previous_hash != audit.GENESIS)):
        yield "the first seal is missing"
    if months and not seals:
        yield "every seal after the replaced months is missing"


def _anchor_faults(
    seals: list[AuditSeal], months: Sequence[AuditMonth], anchor: Path | None
) -> Iterator[str]:
    """Compare with the anchor, which tells when the newest seals were cut off together."""
    if anchor is None:
        return
    if not anchor.exists():
        if seals:
            yield "the anchor file is missing"
        return
    kept = {f"seal {made.id}": audit.anchor_line(made) for made in seals}
    kept |= {f"month {each.month}": audit.month_line(each) for each in months}
    gone: dict[int, dict[str, Any]] = {}
    reached = months[-1].last_seal if months else 0
    for number, line in anchoring.whole_lines(anchor):
        try:
            told = json.loads(line)
            name = f"month {told['month']}" if "month" in told else f"seal {told['seal']}"
            is_gone = "month" not in told and 1 <= told["seal"] <= reached
        except (ValueError, TypeError, KeyError):
            yield f"anchor line {number} cannot be read"
            continue
        known = gone.setdefault(told["seal"], told) if is_gone else kept.get(name)
        if known is None:
            yield f"{name} is in the anchor but not in the database: cut off"
        elif known != told:
            yield f"{name} differs from the anchor"
    for each in months:
        yield from audit_months.anchored_faults(each, gone)
