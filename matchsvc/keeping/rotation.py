"""Changing keys: every sealed value is sealed again with the current key, a few at a time.

Nothing is remembered between batches: what is under an old key is what remains, so that a run may
be killed at any moment and another begins where it stopped. A value that somebody saves meanwhile
is left as they saved it. The blind index keeps its key (docs/operations.md says why).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, literal, not_, or_, select, tuple_, update
from sqlalchemy.orm import Session

from matchsvc import db, secrecy
from matchsvc.keeping.sealed import SealedTable, is_under, seal_again, sealed_tables

BATCH = 100  # rows; other writers wait for one batch at the most
_WITH_BYTES = 2  # rows of whole files


@dataclass
class Rotated:
    """What a run did.

    Attributes:
        values: how many were sealed again.
        unopened: how many values of a column did not open, and were left as they are.
    """

    values: int = 0
    unopened: dict[str, int] = field(default_factory=dict)


def rotate(tell: Callable[[str, int], object] = lambda _name, _values: None) -> Rotated:
    """Seal everything with the current key that is not. Commits each batch.

    Args:
        tell: is given a table's name and how many values of it were sealed again, as it goes on.
    """
    done = Rotated()
    for place in sealed_tables():
        before, after = done.values, None
        while True:
            with db.begin() as session:
                after = _batch(session, place, after, done)
            if after is None:
                break
            tell(place.table.name, done.values - before)
    return done


def _batch(session: Session, place: SealedTable, after: Any, done: Rotated) -> Any:
    """Seal the next rows again; the key of the last of them, or None when there are no more."""
    current = secrecy.key_ids()[0]
    key = [place.table.c[name] for name in place.key]
    rows = session.execute(_waiting(place, current, after)).mappings().all()
    for row in rows:
        where = and_(*(part == row[part.name] for part in key))
        for name, purpose in place.purposes.items():
            stored = row[name]
            if stored is None or _begins(stored, current):
                continue
            if name in place.sometimes and not secrecy.looks_sealed(stored):
                continue
            try:
                sealed = seal_again(stored, purpose.format_map(row))
            except secrecy.SecrecyError:
                place_name = f"{place.table.name}.{name}"
                done.unopened[place_name] = done.unopened.get(place_name, 0) + 1
                continue
            column = place.table.c[name]
            # Only what was read: who has saved meanwhile has sealed something newer.
            changed = session.execute(
                update(place.table)
                .where(where, column == stored)
                .values({name: sealed})
                .returning(*key)
            )
            done.values += len(changed.all())
    return tuple(rows[-1][name] for name in place.key) if rows else None


def _waiting(place: SealedTable, current: str, after: Any) -> Select[Any]:
    key = [place.table.c[name] for name in place.key]
    sealed = [place.table.c[name] for name in place.purposes]
    is_old = [
        and_(place.is_sealed(name), not_(is_under(place.table.c[name], current)))
        for name in place.purposes
    ]
    asked = (
        select(*key, *sealed)
        .where(or_(*is_old))
        .order_by(*key)
        .limit(_WITH_BYTES if place.has_bytes else BATCH)
    )
    return asked if after is None else asked.where(tuple_(*key) > tuple_(*_typed(key, after)))


def _typed(key: list[Any], after: tuple[Any, ...]) -> list[Any]:
    return [literal(value, part.type) for part, value in zip(key, after, strict=True)]


def _begins(stored: str | bytes, key_id: str) -> bool:
    prefix = secrecy.prefix_of(key_id)
    if isinstance(stored, bytes):
        return stored.startswith(prefix.encode())
    return stored.startswith(prefix)
