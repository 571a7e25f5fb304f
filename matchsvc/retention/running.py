"""Deleting the people of approved lists, one a transaction; for the scheduler and the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import text

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.retention.plans import delete_next, finish_plans, next_item


def delete_approved(
    actor: Actor,
    today: date,
    clock: Callable[[], datetime],
    told: Callable[[], object] = lambda: None,
) -> int:
    """Delete everybody on the approved lists; how many went.

    It may be killed at any instant and run again, also by two at once.

    Args:
        actor: whose log it is.
        today: the day of asking again whether somebody may go.
        clock: gives the instant at which a list ended.
        told: called after each person.
    """
    gone = 0
    while True:
        with db.begin() as session:
            item_id = next_item(session)
            if item_id is None:
                break
            gone += delete_next(session, actor, item_id, today=today)
        told()
    with db.begin() as session:
        finish_plans(session, now=clock())
    if gone:
        scrub()
    return gone


def scrub() -> None:
    """Let nothing of what was deleted stay in the file of the database, as far as it can be done.

    SQLite overwrites what it deletes (``secure_delete``); its journal of changes is emptied here.
    PostgreSQL clears dead rows by its own vacuum.
    """
    engine = db.engine()
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()  # outside any transaction, which would be in its own way
        try:
            raw.cursor().execute("pragma wal_checkpoint(truncate)")
        finally:
            raw.close()
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum"))
