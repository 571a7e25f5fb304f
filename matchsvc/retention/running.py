"""Deleting a little at a time, each part in its transaction; for the scheduler and the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import text

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.retention.plans import delete_next, finish_plans, next_item
from matchsvc.retention.tidying import BATCH, STEPS, forget_users, tidy_some


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
        finish_plans(session, actor, now=clock())
    if gone:
        scrub()
    return gone


def tidy_all(
    actor: Actor, clock: Callable[[], datetime], told: Callable[[str], object] = lambda _name: None
) -> int:
    """Delete what has only technical use and is old, and take names off accounts long closed.

    It may be killed at any instant and run again, also by two at once.

    Args:
        actor: whose log it is.
        clock: gives the instant that each batch counts from.
        told: called with the name of the table after each batch.

    Returns:
        How many rows were deleted or emptied.
    """
    touched = 0
    for step in (*STEPS, None):
        done = BATCH
        while done == BATCH:
            with db.begin() as session:
                if step is None:
                    done = forget_users(session, actor, now=clock())
                else:
                    done = tidy_some(session, actor, step, now=clock())
            touched += done
            told(step.table if step else "user_account")
    return touched


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
