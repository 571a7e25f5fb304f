"""The audit log: who did, read or was refused what; sealed into a hash chain.

Rules call :func:`record`. The rows are written with the transaction that caused them; for a
read-only transaction in one of their own before the answer leaves (see accounts/guard.py), so
nobody is shown what could not be logged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, event, select, text
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import anchoring
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import AuditEvent, AuditMonth, AuditSeal

log = structlog.get_logger(__name__)

_PENDING = "audit_pending"
#: What the first seal follows.
GENESIS = "0" * 64
_BATCH = 5_000


def record(
    session: Session,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: object = None,
    *,
    subjects: Iterable[UUID] = (),
    fields: Iterable[str] = (),
    reason: str | None = None,
) -> None:
    """Note that the actor did, read or was refused something.

    Args:
        session: the transaction that it belongs to.
        actor: who.
        action: ``read``, ``list``, ``search``, ``export``, ``create``, ``change``, ``refused`` ...
        object_type: the table or page, for example ``participant``.
        object_id: of the one object, if there is one.
        subjects: ids of the people shown, for a list view (one row, not one a person).
        fields: names of fields changed or shown, never their values.
        reason: why, where the reader had to say.
    """
    row = {
        "at": db.utcnow(),
        "actor": actor.label,
        "action": action,
        "object_type": object_type,
        "object_id": None if object_id is None else str(object_id).replace("\x00", ""),
        "subjects": sorted(str(subject) for subject in subjects),
        "fields": sorted(fields),
        "reason": reason,
        "request_id": actor.request_id,
    }
    session.info.setdefault(_PENDING, []).append(row)


def take_pending(session: Session) -> list[dict[str, Any]]:
    """Rows noted in this session and not yet written; the caller writes them."""
    return list(session.info.pop(_PENDING, []))


def note_again(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Note what was noted when it was only tried, now that it is done."""
    now = db.utcnow()
    session.info.setdefault(_PENDING, []).extend(row | {"at": now} for row in rows)


def write(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write rows that were noted elsewhere, for example in a read-only transaction."""
    session.add_all(AuditEvent(**row) for row in rows)


@event.listens_for(Session, "before_commit")
def _write_with_the_cause(session: Session) -> None:
    rows = take_pending(session)
    if rows:
        # As late as possible, so that a sealer never waits for a long transaction.
        write(session, rows)
        session.flush()


@event.listens_for(Session, "after_rollback")
def _forget_what_did_not_happen(session: Session) -> None:
    session.info.pop(_PENDING, None)


def seal(session: Session, *, now: datetime, anchor: Path | None) -> int:
    """Seal every row not yet sealed into the chain; give back how many.

    Args:
        session: a writing transaction.
        now: stands on the seal.
        anchor: a file outside the database that the seal is appended to when the transaction
            has committed (AUDIT_ANCHOR).
    """
    if session.get_bind().dialect.name == "postgresql":
        # Waits for transactions that have taken a number but not yet committed its row.
        session.execute(text("LOCK TABLE audit_event, audit_seal IN SHARE ROW EXCLUSIVE MODE"))
    previous = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    start = previous.last_id if previous else 0
    if anchor is not None:
        _anchor_what_is_missing(session, anchor)
    rows = list(
        session.scalars(
            select(AuditEvent).where(AuditEvent.id > start).order_by(AuditEvent.id).limit(_BATCH)
        )
    )
    if not rows:
        return 0
    before = previous.hash if previous else GENESIS
    made = AuditSeal(
        # Not the database's own number: PostgreSQL leaves some out when it crashes or rolls back,
        # which looks like seals that were taken away.
        id=previous.id + 1 if previous else 1,
        sealed_at=now,
        first_id=rows[0].id,
        last_id=rows[-1].id,
        count=len(rows),
        previous_hash=before,
        hash=chain_hash(before, rows),
    )
    session.add(made)
    session.flush()
    if anchor is not None:
        line = anchor_line(made)
        standing = [line]  # emptied when it is rolled back; the next sealing copies what stands
        event.listen(session, "after_soft_rollback", lambda *_: standing.clear(), once=True)
        event.listen(session, "after_commit", lambda _: copy_to(anchor, standing), once=True)
    return len(rows)


def copy_to(anchor: Path, lines: Sequence[anchoring.Line]) -> None:
    """Copy a seal that stands; one that finds no room is copied, or complained of, by the next."""
    try:
        anchoring.append(anchor, lines)
    except OSError as full:
        log.warning("seal not copied to the anchor", kind=type(full).__name__, errno=full.errno)


def _anchor_what_is_missing(session: Session, anchor: Path) -> None:
    """Append seals that stand, but whose process died before it could copy them."""
    known = anchoring.last_anchored(anchor)
    missing = select(AuditSeal).where(AuditSeal.id > known).order_by(AuditSeal.id)
    anchoring.append(anchor, [anchor_line(made) for made in session.scalars(missing)])
    replaced = select(AuditMonth).where(AuditMonth.number > anchoring.last_month(anchor))
    months = session.scalars(replaced.order_by(AuditMonth.number))
    anchoring.append(anchor, [month_line(each) for each in months])


def month_line(kept: AuditMonth) -> dict[str, object]:
    """What the anchor says of a month that was replaced."""
    return {
        "month": kept.month,
        "number": kept.number,
        "first": kept.first_id,
        "last": kept.last_id,
        "count": kept.count,
        "hash": kept.hash,
        "chain": kept.chain,
    }


def anchor_line(made: AuditSeal) -> dict[str, object]:
    """What the anchor says of a seal."""
    return {
        "seal": made.id,
        "first": made.first_id,
        "last": made.last_id,
        "count": made.count,
        "hash": made.hash,
    }


def chain_hash(previous: str, rows: Iterable[AuditEvent | Row[Any]]) -> str:
    """The seal over rows in their order, and over the seal before them."""
    digest = hashlib.sha256(previous.encode())
    for row in rows:
        digest.update(json.dumps(_content(row), ensure_ascii=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _content(row: AuditEvent | Row[Any]) -> list[object]:
    return [
        row.id,
        row.at.isoformat(),
        row.actor,
        row.action,
        row.object_type,
        row.object_id,
        row.subjects,
        row.fields,
        row.reason,
        row.request_id,
    ]
