"""Moving all that hangs on one row to another, when two rows turn out to be the same thing.

What hangs on a row is read from the metadata, so that a new table moves too. A table in which
the two would collide is folded by the caller first; a test finds the ones that nobody folds.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Column, ColumnElement, FromClause, func, or_, select, update
from sqlalchemy.orm import Session

from matchsvc.db import Base

#: Tables that say what they are about by type and id.
ABOUT = ("note", "paper", "signature", "task")
#: Columns that hold an id of a row of whatever table. No two rows have the same id.
LOOSE = (
    ("meeting_person", "ref_id"),
    ("outbox_message", "cause_id"),
    ("outbox_message", "recipient_id"),
    ("signature", "signer_id"),
    ("signed_link", "subject_id"),
)


def keys_to(table: str) -> list[Column[UUID]]:
    """The foreign keys to a table's id, of every table that is known to the metadata."""
    return [
        column
        for _, each in sorted(Base.metadata.tables.items())
        for column in each.columns
        for key in column.foreign_keys
        if key.target_fullname == f"{table}.id"
    ]


def count_hanging(
    session: Session, table: str, row_id: UUID, *, of_hidden: bool = True
) -> dict[str, int]:
    """How many rows of which table would move, by table name.

    Args:
        session: to read with.
        table: the table of the row that they name.
        row_id: its id.
        of_hidden: False leaves out what is about people who exist for their handlers alone, or for
            nobody: for whoever must not learn of them by a count.
    """
    found: dict[str, int] = {}
    for column in keys_to(table):
        held = select(func.count()).select_from(column.table).where(column == row_id)
        if not of_hidden:
            held = held.where(*_of_nobody_hidden(column.table))
        found[column.table.name] = found.get(column.table.name, 0) + (session.scalar(held) or 0)
    for name in ABOUT:
        about = Base.metadata.tables[name]
        held = select(func.count()).select_from(about)
        held = held.where(about.c.about_type == table, about.c.about_id == row_id)
        found[name] = session.scalar(held) or 0
    return {name: number for name, number in found.items() if number}


def _of_nobody_hidden(table: FromClause) -> list[ColumnElement[bool]]:
    """Conditions that leave out rows about somebody hidden; what leads to people by others, too."""
    people = Base.metadata.tables["participant"]
    seen = select(people.c.id).where(
        people.c.protected.is_(False),
        people.c.restricted_since.is_(None),
        people.c.archived_at.is_(None),
    )
    found: list[ColumnElement[bool]] = []
    for column in table.columns:
        for key in column.foreign_keys:
            named = key.column.table.name
            if named == people.name:
                found.append(or_(column.is_(None), column.in_(seen)))
            elif any(each.references(people.c.id) for each in key.column.table.columns):
                theirs = key.column.table
                about = next(each for each in theirs.columns if each.references(people.c.id))
                inner = select(theirs.c.id).where(or_(about.is_(None), about.in_(seen)))
                found.append(or_(column.is_(None), column.in_(inner)))
    return found


def move_hanging(session: Session, table: str, gone: UUID, kept: UUID) -> None:
    """Let everything that named one row name the other; what is loaded is read again.

    Earlier merges into the row that goes lead to the one that stays: its own pointers move too.
    """
    session.flush()
    for column in keys_to(table):
        session.execute(update(column.table).where(column == gone).values({column: kept}))
    for name in ABOUT:
        about = Base.metadata.tables[name]
        session.execute(
            update(about)
            .where(about.c.about_type == table, about.c.about_id == gone)
            .values(about_id=kept)
        )
    for name, loose in LOOSE:
        column = Base.metadata.tables[name].c[loose]
        session.execute(update(column.table).where(column == gone).values({column: kept}))
    session.expire_all()
