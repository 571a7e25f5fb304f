"""Rows of any table as they stand in a backup: the same for SQLite and PostgreSQL.

Sealed columns stay sealed: a row is taken as it is stored, past the types that would open it.

| form | in a backup |
|---|---|
| ``text``, ``int`` | as it is; dates are text (``2026-11-23``), a truth is 0 or 1 |
| ``uuid`` | 32 hexadecimal digits |
| ``instant`` | ``2026-11-23 10:00:00.000000`` in UTC |
| ``json`` | JSON as text with sorted keys, so that both databases say the same |
| ``bytes`` | base64 |
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
)
from sqlalchemy.types import TypeDecorator

_AT_A_TIME = 500  # rows
_WITH_BYTES = 5  # rows of whole files
_INSTANT = "%Y-%m-%d %H:%M:%S.%f"
_FORMS: tuple[tuple[type[Any], str], ...] = (
    *((Uuid, "uuid"), (DateTime, "instant"), (Date, "date"), (Boolean, "truth"), (JSON, "json")),
    *((LargeBinary, "bytes"), (BigInteger, "int"), (Integer, "int"), (String, "text")),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A table as it stands in a backup.

    Attributes:
        name: of the table.
        columns: name and form of each column, in the order of the rows.
    """

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def has_bytes(self) -> bool:
        """Whether a row may be as large as a file."""
        return any(form == "bytes" for _, form in self.columns)


def form_of(table: Table) -> Form:
    """How the rows of a table stand in a backup."""
    return Form(table.name, tuple((column.name, _form(column)) for column in table.columns))


def _form(column: Column[Any]) -> str:
    kind: Any = column.type
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    for known, form in _FORMS:
        if isinstance(kind, known):
            return form
    raise TypeError(f"{column} has no form in a backup: add {kind!r} to keeping/rows.py")


def read_rows(connection: Connection, form: Form) -> Iterator[list[Any]]:
    """Every row of a table, streamed."""
    is_postgres = connection.dialect.name == "postgresql"
    names = ", ".join(
        f'"{name}"::text' if is_postgres and kind == "json" else f'"{name}"'
        for name, kind in form.columns
    )
    size = _WITH_BYTES if form.has_bytes else _AT_A_TIME
    found = connection.exec_driver_sql(
        f'select {names} from "{form.name}"', execution_options={"yield_per": size}
    )
    told = [(_TOLD_POSTGRES if is_postgres else _TOLD_SQLITE).get(kind) for _, kind in form.columns]
    for row in found:
        yield [
            value if tell is None or value is None else tell(value)
            for value, tell in zip(row, told, strict=True)
        ]


def write_rows(connection: Connection, form: Form, rows: Iterable[list[Any]]) -> None:
    """Put rows into a table, streamed."""
    names = ", ".join(f'"{name}"' for name, _ in form.columns)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            # One statement for the table: rows that point to each other may come in any order.
            with cursor.copy(f'copy "{form.name}" ({names}) from stdin') as copy:
                for row in _kept(rows, form, _KEPT_POSTGRES):
                    copy.write_row(row)
            _count_on(cursor, form)
        return
    driver = connection.connection.driver_connection
    places = ", ".join("?" for _ in form.columns)
    driver.executemany(
        f'insert into "{form.name}" ({names}) values ({places})', _kept(rows, form, _KEPT_SQLITE)
    )


def _kept(
    rows: Iterable[list[Any]], form: Form, kept: dict[str, Callable[[Any], Any]]
) -> Iterator[list[Any]]:
    keep = [kept.get(kind) for _, kind in form.columns]
    for row in rows:
        yield [
            value if work is None or value is None else work(value)
            for value, work in zip(row, keep, strict=True)
        ]


def _count_on(cursor: Any, form: Form) -> None:
    """Let numbers that the database gives go on after the highest there is."""
    for name, kind in form.columns:
        if kind == "int":
            cursor.execute("select pg_get_serial_sequence(%s, %s)", [f'"{form.name}"', name])
            (sequence,) = cursor.fetchone()
            if sequence is not None:
                cursor.execute(
                    f'select setval(%s, coalesce(max("{name}"), 0) + 1, false) from "{form.name}"',
                    [sequence],
                )


class Tally:
    """How many rows a table has and what is in them, in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Count a row, given as its line in a backup."""
        self.rows += 1
        self._sum += int.from_bytes(hashlib.sha256(line).digest(), "big")

    def told(self) -> list[Any]:
        """Rows and checksum."""
        return [self.rows, f"{self._sum % 2**256:064x}"]


def line_of(row: list[Any]) -> bytes:
    """A row as a line of a backup."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _sorted_json(value: str) -> str:
    told = json.loads(value, parse_float=_number)
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _number(text: str) -> float:
    """1.0 is 1 in PostgreSQL's eyes when it grows large: say it the same everywhere."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _instant_of_sqlite(value: str) -> str:
    return value if "." in value else f"{value}.000000"


_TOLD_SQLITE: dict[str, Callable[[Any], Any]] = {
    "instant": _instant_of_sqlite,
    "json": _sorted_json,
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_TOLD_POSTGRES: dict[str, Callable[[Any], Any]] = {
    "uuid": lambda value: value.hex,
    "instant": lambda value: value.astimezone(UTC).strftime(_INSTANT),
    "date": lambda value: value.isoformat(),
    "truth": int,
    "json": _sorted_json,
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_KEPT_SQLITE: dict[str, Callable[[Any], Any]] = {"bytes": base64.b64decode}
_KEPT_POSTGRES: dict[str, Callable[[Any], Any]] = {
    "instant": lambda value: f"{value}+00",
    "truth": bool,
    "bytes": base64.b64decode,
}
