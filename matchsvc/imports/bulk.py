"""Inserting many rows at once: without the unit of work, with the columns' own defaults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Mapper, Session

from matchsvc.db import Base


def insert_rows(session: Session, rows: Iterable[Base]) -> None:
    """Insert rows that are complete: keys set, relationships not looked at.

    One statement a table, in the order in which tables first appear, so parents come first.
    """
    by_table: dict[type[Base], list[dict[str, Any]]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(_values_of(row))
    for table, values in by_table.items():
        session.connection().execute(insert(inspect(table).local_table), values)  # type: ignore[arg-type]


def _values_of(row: Base) -> dict[str, Any]:
    mapper: Mapper[Any] = inspect(type(row))
    given = row.__dict__
    values = {}
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        value = given.get(attribute.key)
        if value is None and column.default is not None:
            default: Any = column.default
            value = default.arg(None) if default.is_callable else default.arg
        if column is mapper.version_id_col:
            value = 1
        values[column.key] = value
    return values
