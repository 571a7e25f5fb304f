"""Saving many rows fast: kept by table, written in the order that foreign keys allow."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Table
from sqlalchemy.orm import Session

from matchsvc import db

Key = tuple[str, frozenset[str]]
_MOST = 5_000  # parameters of one statement stay well below what both databases take


class Rows:
    """Rows on their way into the database.

    They are plain values: no object is built for a row, and nothing is kept once it is written.

    Args:
        session: a writing transaction.
        now: no row says that it came to be later than this.
    """

    def __init__(self, session: Session, *, now: datetime) -> None:
        self.session = session
        self.now = now
        self.written = 0
        self._waiting: dict[Key, list[dict[str, Any]]] = defaultdict(list)
        self._empty: dict[str, dict[str, Any]] = {}

    def add(self, model: type[db.Base], **values: Any) -> None:
        """Keep a row; columns that are left out get their default or stay empty."""
        table: Table = model.__table__  # type: ignore[assignment]
        empty = self._empty.get(table.name)
        if empty is None:
            empty = self._empty[table.name] = _empty_row(table)
        row = empty | values
        if "created_at" in table.columns:
            row["created_at"] = min(row.get("created_at", self.now), self.now)
        self._waiting[table.name, frozenset(row)].append(row)

    def add_object(self, row: db.Base, **values: Any) -> None:
        """Keep a row that a rule has built but not saved."""
        held = {
            column.key: getattr(row, column.key)
            for column in row.__table__.columns
            if getattr(row, column.key) is not None
        }
        self.add(type(row), **held | values)

    def flush(self) -> None:
        """Write everything that waits."""
        tables = [table.name for table in db.Base.metadata.sorted_tables]
        connection = self.session.connection()
        for key in sorted(self._waiting, key=lambda key: (tables.index(key[0]), sorted(key[1]))):
            rows = self._waiting[key]
            insert = db.Base.metadata.tables[key[0]].insert()
            for start in range(0, len(rows), _MOST):
                connection.execute(insert, rows[start : start + _MOST])
            self.written += len(rows)
        self._waiting.clear()


def _empty_row(table: Table) -> dict[str, Any]:
    """What stands in the columns that nobody fills: defaults, the first version, nothing.

    Defaults that are computed for each row are left to the database layer.
    """
    row: dict[str, Any] = {}
    for column in table.columns:
        default = column.default
        if column.key == "version":
            row[column.key] = 1
        elif default is not None and default.is_scalar:
            row[column.key] = default.arg  # type: ignore[attr-defined]
        elif default is None and column.nullable and not isinstance(column.type, JSON):
            row[column.key] = None  # left out of JSON columns, where None would be written as null
    return row
