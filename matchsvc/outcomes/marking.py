"""Whose ways a change of the outcome events makes stale: triggers, so that none is forgotten.

Objects, bulk inserts and somebody at the database's own prompt mark whom they touch in
OutcomeStale, in the same transaction. Before it commits, ``ways.keep_touched`` works their ways out
anew; while anybody is marked, every figure is counted from the events themselves.

Migrations run without the triggers, as those of matching do; afterwards everybody is marked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect, text

from matchsvc.outcomes.models import OutcomeEvent, OutcomeStale

EVENTS, STALE = OutcomeEvent.__tablename__, OutcomeStale.__tablename__
_NAME = "outcome_marks"
_SIDES = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


@contextmanager
def triggers_lifted(connection: Connection) -> Iterator[None]:
    """Take the triggers away while migrations run; mark everybody afterwards."""
    drop_triggers(connection)
    yield
    if inspect(connection).has_table(STALE):
        create_triggers(connection)
        mark_everybody(connection)


def create_triggers(connection: Connection) -> None:
    """Put the triggers in place."""
    is_postgres = connection.dialect.name == "postgresql"
    for statement in _postgresql() if is_postgres else _sqlite():
        connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Take the triggers away."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"drop function if exists {_NAME}() cascade")
        return
    for operation in _SIDES:
        connection.exec_driver_sql(f"drop trigger if exists {_NAME}_{operation}")


def has_triggers(connection: Connection) -> bool:
    """Whether every change of an event is marked."""
    found = "select count(*) from sqlite_master where type = 'trigger' and name like :ours"
    if connection.dialect.name == "postgresql":
        found = "select count(*) from pg_trigger where tgname like :ours"
    return bool(connection.scalar(text(found), {"ours": f"{_NAME}%"}) == len(_SIDES))


def mark_everybody(connection: Connection) -> None:
    """Mark everybody of whom anything is told."""
    connection.exec_driver_sql(
        f"insert into {STALE} (person_key) select distinct person_key from {EVENTS}"
    )


def _sqlite() -> Iterator[str]:
    for operation, sides in _SIDES.items():
        marks = " ".join(
            f"insert into {STALE} (person_key) select {side}.person_key where not exists"
            f" (select 1 from {STALE} m where m.person_key = {side}.person_key);"
            for side in sides
        )
        yield f"create trigger {_NAME}_{operation} after {operation} on {EVENTS} begin {marks} end"


def _postgresql() -> Iterator[str]:
    """Once a statement, however many rows it changes."""
    bodies = []
    for operation, sides in _SIDES.items():
        changed = " union ".join(f"select person_key from {side}_rows" for side in sides)
        bodies.append(
            f"if tg_op = '{operation.upper()}' then"
            f" insert into {STALE} (person_key) {changed}; end if;"
        )
    yield (
        f"create function {_NAME}() returns trigger language plpgsql as $$"
        f" begin {' '.join(bodies)} return null; end $$"
    )
    for operation, sides in _SIDES.items():
        named = " ".join(f"{side} table as {side}_rows" for side in sides)
        yield (
            f"create trigger {_NAME}_{operation} after {operation} on {EVENTS}"
            f" referencing {named} for each statement execute function {_NAME}()"
        )
