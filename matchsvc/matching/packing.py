"""Keeping the packed rows (MatchingRow) as the normalised ones are, in the same transaction.

See marking.py for how it is known what to pack, packing_reads.py for what is read. Participants
with a protected identity are packed like everybody, but are never listed: no index holds them, only
their handlers match them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, delete, event, func, insert, select, text, update
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.matching.marking import WATCHED
from matchsvc.matching.models import (
    MatchingRow,
    MatchingStale,
    RowKind,
)
from matchsvc.matching.packing_reads import Packed, fingerprint_of_lists, read_offers, read_people

#: More than this is packed by the scheduler, not by who saved it.
MOST_AT_ONCE = 500
_CHUNK = 500
_LOCK = 7_202_611  # PostgreSQL: packs one after the other, so that sequences rise as they commit
_TOUCHED = "matchsvc_matching_touched"
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)


@event.listens_for(Engine, "before_cursor_execute")
def _note_write(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    """Remember on the connection that an input may have changed: most writes need not look."""
    written = _WRITES.match(statement)
    if written is not None and written[1] in WATCHED:
        connection.info[_TOUCHED] = True


@db.before_commit
def pack_touched(session: Session) -> None:
    """Pack what this transaction has made stale, unless it is too much: then it stays marked."""
    connection = session.connection()
    if connection.info.pop(_TOUCHED, False):
        pack_marked(session, most=MOST_AT_ONCE)


def pack_stale(*, at_once: int = 2_000) -> int:
    """Pack everything that is marked, in transactions of its own; give how many rows it was."""
    packed = 0
    while True:
        with db.begin() as session:
            some = pack_marked(session, most=at_once, is_rest=True)
        packed += some
        if some == 0:
            return packed


def is_stale(session: Session) -> bool:
    """Tell whether anything is marked, so that packed rows cannot be relied on."""
    return session.scalar(select(MatchingStale.seq).limit(1)) is not None


def pack_marked(session: Session, *, most: int, is_rest: bool = False) -> int:
    """Pack what is marked; give how many rows that was.

    Args:
        session: a writing transaction.
        most: nothing is done when more is marked, or only so many rows with `is_rest`.
        is_rest: whether what goes beyond `most` is for a later call.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    marked = session.execute(
        select(MatchingStale.kind, MatchingStale.id, func.max(MatchingStale.seq))
        .group_by(MatchingStale.kind, MatchingStale.id)
        .limit(most if is_rest else most + 1)
    ).all()
    if len(marked) > most:
        return 0
    ids: dict[str, list[UUID]] = defaultdict(list)
    for kind, identity, _ in marked:
        ids[kind].append(identity)
    fresh: dict[tuple[RowKind, UUID], Packed | None] = {}
    for some in _chunks(ids[RowKind.PARTICIPANT]):
        found = read_people(session, some)
        fresh.update({(RowKind.PARTICIPANT, one): found.get(one) for one in some})
    for some in _chunks(ids[RowKind.OFFER]):
        found = read_offers(session, some)
        fresh.update({(RowKind.OFFER, one): found.get(one) for one in some})
    for one in ids[RowKind.LISTS]:
        fresh[RowKind.LISTS, one] = (one, False, fingerprint_of_lists(session))
    _write(session, fresh)
    _unmark(session, marked)
    return len(marked)


def forget_gone(session: Session, *, today: date) -> int:
    """Take away the empty rows of who has been gone for long: no index is older than a day."""
    long_ago = today.toordinal() - 2
    found = session.execute(
        select(MatchingRow.kind, MatchingRow.id, MatchingRow.changed_at).where(
            MatchingRow.inputs == b""
        )
    ).all()
    gone = [row for row in found if row.changed_at.date().toordinal() < long_ago]
    for row in gone:
        session.execute(
            delete(MatchingRow).where(MatchingRow.kind == row.kind, MatchingRow.id == row.id)
        )
    return len(gone)


def _chunks(ids: list[UUID]) -> Iterator[list[UUID]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _unmark(session: Session, marked: Collection[Any]) -> None:
    table = MatchingStale.__table__
    done = (
        delete(table)  # type: ignore[arg-type]
        .where(table.c.kind == bindparam("of_kind"), table.c.id == bindparam("of_id"))
        .where(table.c.seq <= bindparam("last"))
    )
    if marked:
        rows = [{"of_kind": kind, "of_id": one, "last": last} for kind, one, last in marked]
        session.connection().execute(done, rows)


def _write(session: Session, fresh: dict[tuple[RowKind, UUID], Packed | None]) -> None:
    """Write the rows that differ, with the next sequence."""
    table = MatchingRow.__table__
    columns = (table.c.kind, table.c.id, table.c.unit_id, table.c.is_listed, table.c.inputs)
    known: dict[tuple[RowKind, UUID], Any] = {}
    for kind in RowKind:
        ids = [one for of_kind, one in fresh if of_kind is kind]
        for some in _chunks(ids):
            found = session.execute(
                select(*columns).where(table.c.kind == kind, table.c.id.in_(some))
            )
            known.update({(row.kind, row.id): row for row in found})
    sequence = 1 + (session.scalar(select(func.max(table.c.sequence))) or 0)
    new, changed = [], []
    for key, packed in fresh.items():
        held = known.get(key)
        unit, is_listed, inputs = packed or (held and held.unit_id, False, b"")
        values = {"unit_id": unit, "is_listed": is_listed, "inputs": inputs}
        if held is None and packed is not None:
            new.append({"kind": key[0], "id": key[1], "sequence": sequence, **values})
        elif held is not None and (not inputs or values != _values(held)):
            changed.append({"of_kind": key[0], "of_id": key[1], "sequence": sequence, **values})
    if new:
        session.connection().execute(insert(table), new)  # type: ignore[arg-type]
    if changed:
        which = (table.c.kind == bindparam("of_kind")) & (table.c.id == bindparam("of_id"))
        session.connection().execute(update(table).where(which), changed)  # type: ignore[arg-type]


def _values(row: Any) -> dict[str, Any]:
    return {"unit_id": row.unit_id, "is_listed": row.is_listed, "inputs": bytes(row.inputs)}
