"""Every place in the database where something is sealed, found from the models.

A column is sealed when its type is EncryptedText or, for some of its rows, SealableText, or when
its ``info`` says what its bytes are sealed for. A test fails for bytes that say neither, and for
code that seals anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    TableClause,
    Text,
    case,
    column,
    func,
    literal,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session

from matchsvc import db, secrecy

#: In the ``info`` of a column of sealed bytes: the purpose, with names of key columns in braces.
SEALED_FOR = "sealed_for"


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns, past the types that would open them.

    Attributes:
        table: with the key and the sealed columns as they are stored.
        key: names of the primary key.
        purposes: by sealed column; may hold ``{key column}``.
        has_bytes: whether a value may be as large as a file.
        always: sealed columns that are never empty.
        sometimes: columns of which some values are sealed and others stand as they are.
    """

    table: TableClause
    key: tuple[str, ...]
    purposes: dict[str, str]
    has_bytes: bool
    always: tuple[str, ...]
    sometimes: frozenset[str] = frozenset()

    def is_sealed(self, name: str) -> ColumnElement[bool]:
        """Whether a row holds something sealed in a column."""
        stored = self.table.c[name]
        if name not in self.sometimes:
            return stored.is_not(None)
        return func.substr(stored, 1, len(secrecy.SEALED)) == secrecy.SEALED


@cache
def sealed_tables() -> tuple[SealedTable, ...]:
    """All of them, by name."""
    found = []
    for known in sorted(db.Base.metadata.tables.values(), key=lambda one: one.name):
        purposes = {
            one.name: purpose for one in known.columns if (purpose := _purpose(one)) is not None
        }
        if not purposes:
            continue
        key = tuple(one.name for one in known.primary_key)
        stored = {
            name: LargeBinary() if isinstance(known.c[name].type, LargeBinary) else Text()
            for name in purposes
        }
        raw = table(
            known.name,
            *(column(name, known.c[name].type) for name in key),
            *(column(name, kind) for name, kind in stored.items()),
        )
        always = tuple(name for name in purposes if not known.c[name].nullable)
        has_bytes = any(isinstance(kind, LargeBinary) for kind in stored.values())
        sometimes = frozenset(
            name for name in purposes if isinstance(known.c[name].type, db.SealableText)
        )
        found.append(SealedTable(raw, key, purposes, has_bytes, always, sometimes))
    return tuple(found)


def _purpose(one: Any) -> str | None:
    if isinstance(one.type, (db.EncryptedText, db.SealableText)):
        return one.type.purpose
    purpose: str | None = one.info.get(SEALED_FOR)
    return purpose


def is_under(sealed: ColumnElement[Any], key_id: str) -> ColumnElement[bool]:
    """Whether a stored value was sealed with a key: the database sees it without opening it."""
    prefix = secrecy.prefix_of(key_id)
    begins: Any = prefix.encode() if isinstance(sealed.type, LargeBinary) else prefix
    return func.substr(sealed, 1, len(prefix), type_=sealed.type) == literal(begins, sealed.type)


def open_stored(stored: str | bytes, purpose: str) -> str | bytes:
    """Open a value as it is stored.

    Raises:
        SecrecyError: it does not open.
    """
    if isinstance(stored, bytes):
        return secrecy.decrypt_bytes(stored, purpose)
    return secrecy.decrypt(stored, purpose)


def seal_again(stored: str | bytes, purpose: str) -> str | bytes:
    """The same content sealed with the current key.

    Raises:
        SecrecyError: it does not open.
    """
    if isinstance(stored, bytes):
        return secrecy.encrypt_bytes(secrecy.decrypt_bytes(stored, purpose), purpose)
    return secrecy.encrypt(secrecy.decrypt(stored, purpose), purpose)


def count_by_key(session: Session, key_ids: tuple[str, ...]) -> Iterator[tuple[str, list[int]]]:
    """``table.column`` and how many values are sealed with each of the keys, in their order.

    The last number counts those under none of them.
    """
    for place in sealed_tables():
        for name in place.purposes:
            sealed = place.table.c[name]
            sums = [
                func.coalesce(func.sum(case((is_under(sealed, key_id), 1), else_=0)), 0)
                for key_id in key_ids
            ]
            total, *known = session.execute(
                select(func.count(sealed), *sums).where(place.is_sealed(name))
            ).one()
            yield f"{place.table.name}.{name}", [*known, total - sum(known)]


def first_unopened(session: Session) -> str | None:
    """The first column with a value under a key we lack, or whose first value does not open."""
    known = tuple(secrecy.key_ids())
    for name, counts in count_by_key(session, known):
        if counts[-1]:
            return name
    for place in sealed_tables():
        for name in place.purposes:
            if not _opens(session, _one_of(place, name), place, name):
                return f"{place.table.name}.{name}"
    return None


def keys_open(session: Session) -> bool:
    """Whether one value of each column that is never empty opens: quick, in one statement."""
    asked: list[tuple[SealedTable, str]] = [
        (place, name) for place in sealed_tables() if not place.has_bytes for name in place.always
    ]
    arms = [
        select(literal(number), _one_of(place, name).subquery().c[name])
        for number, (place, name) in enumerate(asked)
    ]
    for number, stored in session.execute(union_all(*arms)):
        place, name = asked[number]
        try:
            open_stored(stored, place.purposes[name])
        except secrecy.SecrecyError:
            return False
    return True


def _one_of(place: SealedTable, name: str) -> Select[Any]:
    sealed = place.table.c[name]
    keys = [place.table.c[part] for part in place.key]
    return select(sealed, *keys).where(place.is_sealed(name)).limit(1)


def _opens(session: Session, one: Select[Any], place: SealedTable, name: str) -> bool:
    row = session.execute(one).mappings().first()
    if row is None:
        return True
    try:
        open_stored(row[name], place.purposes[name].format_map(row))
    except secrecy.SecrecyError:
        return False
    return True
