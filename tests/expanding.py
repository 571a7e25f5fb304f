"""Does a program that knows a schema go on working when the schema has grown?

What it can write before a step, it must be able to write after it: for every table a row with the
columns of before, twice over where nothing forbids it, changed in every column, and read.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

ALEMBIC = "alembic_version"
#: Kept by the migrations themselves, and written by no program.
STEPS = "schema_step"


def value_of(column, number):
    """Something that the column takes; another for each number."""
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.Integer):
        return number + (100_000 if column.primary_key else 0)  # no step has counted so far
    if isinstance(kind, sa.Numeric):
        return number
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 1, 1, number, tzinfo=UTC)
    if isinstance(kind, sa.Date):
        return date(2026, 1, number)
    if isinstance(kind, sa.Time):
        return datetime(2026, 1, 1, number, tzinfo=UTC).time()
    if isinstance(kind, sa.LargeBinary):
        return b"%d" % number
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, sa.Uuid) or "UUID" in str(kind) or str(kind) == "CHAR(32)":
        return uuid.UUID(int=number) if isinstance(kind, sa.Uuid) else f"{number:032x}"
    return str(number)


class Known:
    """The tables as a program of this moment knows them, and what it can write there."""

    def __init__(self, connection):
        self.tables = sa.MetaData()
        self.tables.reflect(connection)
        self.columns = {
            table.name: [column.name for column in table.columns]
            for table in self.tables.sorted_tables
            if table.name not in {ALEMBIC, STEPS}
        }
        self.works = {name: self.tried(connection, name) for name in self.columns}

    def rows(self, table):
        """Two rows that differ in what must be unique alone; defaults are left to the database."""
        given = [c for c in table.columns if c.primary_key or not c.nullable]
        given = [c for c in given if c.primary_key or c.server_default is None]
        unique = {c.name for c in table.primary_key}
        for held in (*table.constraints, *table.indexes):
            if isinstance(held, sa.UniqueConstraint) or getattr(held, "unique", False):
                unique |= {c.name for c in held.columns}
        given += [c for c in table.columns if c.name in unique and c not in given]
        return [{c.name: value_of(c, n if c.name in unique else 3) for c in given} for n in (3, 5)]

    def acts(self, name):
        """Statements of a program on one table."""
        table = self.tables.tables[name]
        first, second = self.rows(table)
        yield "insert", table.insert().values(first)
        yield "insert once more", table.insert().values(second)
        yield "change", table.update().values({c.name: c for c in table.columns})
        yield "read", sa.select(table)
        yield "delete", table.delete()

    def tried(self, connection, name):
        """Which acts work now; nothing of them remains."""
        worked = []
        outer = connection.begin_nested()
        for act, statement in self.acts(name):
            inner = connection.begin_nested()
            try:
                connection.execute(statement)
            except DBAPIError:
                inner.rollback()
                continue
            inner.commit()
            worked.append(act)
        outer.rollback()
        return worked


def what_breaks(connection, known, *, changed=None):
    """What the program that knew the tables can no longer do: ``["table: act", ...]``.

    Args:
        connection: to the schema after the step, on which foreign keys are not checked.
        known: the schema before it.
        changed: names of tables that the step touched; None for all.
    """
    broken = []
    for name, worked in known.works.items():
        if changed is not None and name not in changed:
            continue
        still = known.tried(connection, name)
        broken += [f"{name}: {act}" for act in worked if act not in still]
    return broken


def let_go_of_foreign_keys(connection):
    """Rows are written without those they point to: the acts are about one table at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("set session_replication_role = replica"))
        connection.commit()
    else:
        connection.connection.driver_connection.execute("pragma foreign_keys=off")
