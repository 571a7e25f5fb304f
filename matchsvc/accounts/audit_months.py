"""Months of the log whose time is up: their rows go, and one row each stays that holds the chain.

A replaced month says which rows and seals it had, what its first seal followed and what its last
one was, so that the seal after it still follows something. The months are a chain of their own, and
replacing one is itself a row of the log: it stands for as long as the month is the newest replaced
one, because it is written later than the month's end. Decision 20 says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import delete, event, func, select, text
from sqlalchemy.orm import Session

from matchsvc.accounts import anchoring, audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import AuditEvent, AuditMonth, AuditSeal
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.errors import N_, RuleViolation
from matchsvc.swedish import STOCKHOLM, add_months, local_date

_MONTHS = 24
SETTING = "retention_log_months"


def replaced_months(session: Session) -> list[AuditMonth]:
    """What is left of months that were replaced, oldest first."""
    found = select(AuditMonth).order_by(AuditMonth.number)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def kept_since(session: Session) -> datetime | None:
    """When the oldest row of the log was written; None when there is none."""
    return session.scalar(select(AuditEvent.at).order_by(AuditEvent.id).limit(1))


def kept_from(session: Session, *, today: date) -> date:
    """The first day of the oldest month that is kept. The unit that keeps longest decides."""
    limits = numbers_by_unit(session, SETTING)
    months = max((each[SETTING] for each in limits.values()), default=_MONTHS)
    return add_months(today, -months).replace(day=1)


def next_due(session: Session, *, today: date) -> date | None:
    """First day of the oldest month that is over its time; None when there is none."""
    seals = _due_seals(session, kept_from(session, today=today))
    if not seals:
        return None
    last = session.scalar(select(func.max(AuditEvent.at)).where(*_rows(seals[:1])))
    # A seal without rows is one that somebody emptied: replacing will say so.
    return local_date(last or seals[0].sealed_at).replace(day=1)


def may_replace(session: Session) -> bool:
    """Whether who is logged in to the database may take rows out of the log.

    On PostgreSQL with deploy/postgresql-rights.sql only the owner of the tables may.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    guarded = text(
        "select not exists (select from pg_trigger where tgname = 'only_added_to'"
        " and tgrelid = 'audit_event'::regclass)"
        " or current_user = (select tableowner from pg_tables"
        " where tablename = 'audit_event' and schemaname = current_schema())"
    )
    return bool(session.scalar(guarded))


def require_owner(session: Session) -> None:
    """Refuse whoever may not take rows out of the log.

    Raises:
        RuleViolation: the tables are somebody else's.
    """
    if not may_replace(session):
        raise RuleViolation(
            "not_the_owner",
            N_("Bara den som äger tabellerna får ersätta månader. Se docs/audit.md."),
        )


def replace_next(
    session: Session, actor: Actor, *, today: date, now: datetime, anchor: Path | None
) -> AuditMonth | None:
    """Replace the oldest month that is over its time by its seal; None when there is none.

    One month is one transaction, so that a process that dies leaves it whole or replaced. A seal
    whose rows reach over midnight belongs to the later month. The newest seal always stays.

    Args:
        session: a writing transaction, of who may take rows out of the log.
        actor: the job or whoever ran the command.
        today: the day.
        now: stands on the row.
        anchor: the file that is told of it once the transaction has committed.

    Raises:
        RuleViolation: the month is not what was sealed. Replacing it would hide that.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit_month IN SHARE ROW EXCLUSIVE MODE"))
    month = next_due(session, today=today)
    if month is None:
        return None
    seals = _due_seals(session, add_months(month, 1))
    months = replaced_months(session)
    previous = months[-1] if months else None
    _require_whole(session, seals, months)
    made = AuditMonth(
        number=previous.number + 1 if previous else 1,
        month=f"{month:%Y-%m}",
        first_id=seals[0].first_id,
        last_id=seals[-1].last_id,
        count=sum(each.count for each in seals),
        first_seal=seals[0].id,
        last_seal=seals[-1].id,
        previous_hash=seals[0].previous_hash,
        hash=seals[-1].hash,
        seals_hash=_seals_hash(audit.anchor_line(each) for each in seals),
        replaced_at=now,
    )
    made.chain = _chain(previous.chain if previous else audit.GENESIS, made)
    session.execute(delete(AuditEvent).where(*_rows(seals)))
    session.execute(delete(AuditSeal).where(AuditSeal.id.between(made.first_seal, made.last_seal)))
    session.add(made)
    session.flush()
    audit.record(session, actor, "replace", "audit_month", made.month, reason=_witness(made))
    if anchor is not None:
        _copy_after_commit(session, anchor, audit.month_line(made))
    return made


def _copy_after_commit(session: Session, anchor: Path, line: anchoring.Line) -> None:
    standing = [line]  # emptied when it is rolled back
    event.listen(session, "after_soft_rollback", lambda *_: standing.clear(), once=True)
    event.listen(session, "after_commit", lambda _: audit.copy_to(anchor, standing), once=True)


def _due_seals(session: Session, before: date) -> list[AuditSeal]:
    """The oldest seals that stand, as long as all their rows are from before a day."""
    midnight = datetime.combine(before, time(), STOCKHOLM)
    kept = session.scalar(select(func.min(AuditEvent.id)).where(AuditEvent.at >= midnight))
    found = select(AuditSeal).order_by(AuditSeal.id)
    if kept is not None:
        found = found.where(AuditSeal.last_id < kept)
    newest = select(func.max(AuditSeal.id)).scalar_subquery()
    return list(session.scalars(found.where(AuditSeal.id < newest)))


def _rows(seals: Sequence[AuditSeal]) -> tuple[Any, ...]:
    return (AuditEvent.id >= seals[0].first_id, AuditEvent.id <= seals[-1].last_id)


def _require_whole(
    session: Session, seals: Sequence[AuditSeal], months: Sequence[AuditMonth]
) -> None:
    before = months[-1].hash if months else audit.GENESIS
    reached = months[-1].last_id if months else 0
    number = months[-1].last_seal if months else 0
    for made in seals:
        broken = made.id != number + 1 or any(faults_of_seal(session, made, before, reached))
        if broken or made.previous_hash != before:
            raise RuleViolation(
                "log_not_whole",
                N_("Loggen är inte hel. Inget har ersatts. Kör matchsvc audit verify."),
            )
        before, reached, number = made.hash, made.last_id, made.id


def faults_of_seal(session: Session, made: AuditSeal, before: str, reached: int) -> Iterator[str]:
    """What does not agree between a seal, its rows, and the seal before it.

    Args:
        session: to read with.
        made: the seal.
        before: hash of what it should follow.
        reached: the last row that is accounted for before it.
    """
    asked = select(*AuditEvent.__table__.columns).where(  # no objects: a log outgrows memory
        AuditEvent.id > reached, AuditEvent.id <= made.last_id
    )
    rows = session.execute(asked.order_by(AuditEvent.id)).all()
    name = f"seal {made.id} (rows {made.first_id}-{made.last_id})"
    if made.previous_hash != before:
        yield f"{name}: does not follow the seal before it"
    if len(rows) != made.count:
        yield f"{name}: {made.count} rows were sealed, {len(rows)} are there"
    elif audit.chain_hash(made.previous_hash, rows) != made.hash:
        yield f"{name}: a row was changed, exchanged or reordered"
    elif rows[0].id != made.first_id or rows[-1].id != made.last_id:
        yield f"{name}: says other rows than it has"


def month_faults(session: Session, months: Sequence[AuditMonth]) -> Iterator[str]:
    """What does not agree between replaced months, and between the newest and the log."""
    for number, each in enumerate(months, start=1):
        earlier = months[number - 2] if number > 1 else None
        if each.number != number:
            yield f"a replaced month is missing before {each.month}"
        if each.chain != _chain(earlier.chain if earlier else audit.GENESIS, each):
            yield f"replaced month {each.month}: changed, or the one before it is"
    if months and months[0].previous_hash != audit.GENESIS:
        yield "the first replaced month is missing"
    for earlier, later in pairwise(months):
        if later.previous_hash != earlier.hash or later.first_seal != earlier.last_seal + 1:
            yield f"replaced month {later.month}: does not follow {earlier.month}"
    if months:
        newest = months[-1]
        told = select(AuditEvent.id).where(
            AuditEvent.object_type == "audit_month",
            AuditEvent.object_id == newest.month,
            AuditEvent.action == "replace",
            AuditEvent.reason == _witness(newest),
            AuditEvent.id > newest.last_id,
        )
        if session.scalar(told.limit(1)) is None:
            yield f"replaced month {newest.month}: the log does not say that it was replaced so"
        back = select(func.count()).select_from(AuditEvent).where(AuditEvent.id <= newest.last_id)
        if rows := session.scalar(back):
            yield f"{rows} rows stand in months that were replaced"


def anchored_faults(month: AuditMonth, gone: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """What the anchor still says of a replaced month's seals, and does not agree.

    Args:
        month: the month.
        gone: lines of the anchor by seal. An anchor that was begun later lacks some.
    """
    lines = [gone.get(number) for number in range(month.first_seal, month.last_seal + 1)]
    known = [line for line in lines if line is not None]
    if len(known) == len(lines):
        sums = (known[0].get("first"), known[-1].get("last"), sum(map(_count, known)))
        said = (month.first_id, month.last_id, month.count)
        if _seals_hash(known) != month.seals_hash or sums != said:
            yield f"replaced month {month.month}: differs from its seals in the anchor"
    elif lines[-1] is not None and lines[-1].get("hash") != month.hash:
        yield f"replaced month {month.month}: differs from its last seal in the anchor"


def _count(line: Mapping[str, Any]) -> int:
    number = line.get("count")
    return number if isinstance(number, int) else -1


def _seals_hash(lines: Iterable[Mapping[str, Any]]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(json.dumps(line, sort_keys=True).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _chain(previous: str, month: AuditMonth) -> str:
    said = [month.number, month.month, month.first_id, month.last_id, month.count]
    said += [month.first_seal, month.last_seal, month.previous_hash, month.hash, month.seals_hash]
    said.append(month.replaced_at.isoformat())
    return hashlib.sha256((previous + json.dumps(said)).encode()).hexdigest()


def _witness(month: AuditMonth) -> str:
    return f"rows {month.first_id}-{month.last_id} ({month.count}), {month.chain}"
