"""Every row that is about one person, found from the metadata, and deleted in the right order.

A new table that names a person, or a row of hers, is deleted with her without anybody thinking of
it; a test finds one that is reached in no way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.orm import Session

from matchsvc.db import Base
from matchsvc.workday import merging
from matchsvc.workday.merging import ABOUT, LOOSE

ROOT = "participant"
#: Rows that only point at something of hers and are about something else: they stay, pointing at
#: nothing.
FORGETTING = (("qa_entry", "request_id"),)
#: What belongs to nobody once the last person who is named in it has gone.
_MEETING = "meeting"
#: Tables whose rows are no note of the day they were written on, and why.
UNWRITTEN: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("participant", "case_file", "case_step", "involvement", "participant_area"),
            *("competence", "evidence", "language_skill", "need", "wish"),
            *("placement", "employment"),
        ),
        "may have been read from a file long after; their own days count, see due.py",
    ),
    **dict.fromkeys(
        ("task", "outbox_message", "signed_link", "link_session", "link_code", "survey"),
        "made by the program by itself; what came of it counts",
    ),
    **dict.fromkeys(
        ("cohort_line", "retention_item", "legal_hold", "own_page_visit"),
        "says nothing of her, or how her file is kept",
    ),
}
_AT_A_TIME = 400  # ids in one condition

Ids = dict[str, set[UUID]]
#: By table: whose each row is.
Owned = dict[str, dict[UUID, UUID]]


@cache
def keys_to(table: str) -> list[Column[UUID]]:
    """The foreign keys to a table, looked for once."""
    return merging.keys_to(table)


def rows_of(session: Session, participant_id: UUID) -> Ids:
    """The ids of every row that goes when a person goes, by table; see :func:`rows_of_all`."""
    return {name: set(held) for name, held in rows_of_all(session, [participant_id]).items()}


def rows_of_all(session: Session, participant_ids: Collection[UUID]) -> Owned:
    """Every row that goes when any of some people goes, by table, with whose it is.

    Her own row, those that were merged into it, all that hangs on them by key to any depth, and
    what names one of them without a key: notes, papers, tasks, signatures, messages, links, and
    meetings that are about nobody else. The number of queries grows with the tables, and with the
    people only by hundreds.
    """
    found: Owned = {ROOT: {key: key for key in participant_ids}}
    waiting = [(ROOT, dict(found[ROOT]))]
    while waiting:
        table, owners = waiting.pop()
        for name, more in _next(session, table, owners):
            known = found.setdefault(name, {})
            fresh = {key: owner for key, owner in more.items() if key not in known}
            if fresh:
                known |= fresh
                waiting.append((name, fresh))
    return {name: held for name, held in found.items() if held}


def _next(
    session: Session, table: str, owners: Mapping[UUID, UUID]
) -> Iterator[tuple[str, dict[UUID, UUID]]]:
    """What hangs on some rows of a table, one step down, with whose it is."""
    for column in keys_to(table):
        if (column.table.name, column.name) not in FORGETTING and _has_id(column.table):
            yield column.table.name, _held(session, column, owners)
    for name in ABOUT:
        yield name, _held(session, Base.metadata.tables[name].c.about_id, owners)
    for name, loose in LOOSE:
        column = Base.metadata.tables[name].c[loose]
        if name == "meeting_person":
            yield from _meetings(session, column, owners)
        elif (name, loose) != ("signature", "signer_id") or table == ROOT:
            yield name, _held(session, column, owners)


def _has_id(table: Table) -> bool:
    """Whether rows of a table have an id of their own; others go with what they hang on."""
    return [column.name for column in table.primary_key.columns] == ["id"]


def _held(session: Session, column: Column[Any], owners: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    key = column.table.c.id
    return {
        found: owners[named]
        for some in parts(owners)
        for found, named in session.execute(select(key, column).where(column.in_(some)))
    }


def _meetings(
    session: Session, column: Column[Any], owners: Mapping[UUID, UUID]
) -> Iterator[tuple[str, dict[UUID, UUID]]]:
    """Her place in meetings, and the meetings themselves where no other participant is."""
    people = column.table
    hers = _held(session, column, owners)
    yield people.name, hers
    if not hers:
        return
    seats: dict[UUID, set[UUID | None]] = {}
    for some in parts(hers):
        mine = select(people.c.meeting_id).where(people.c.id.in_(some))
        there = select(people.c.meeting_id, people.c.id).where(
            people.c.meeting_id.in_(mine), people.c.party == "participant"
        )
        for meeting_id, seat in session.execute(there):
            seats.setdefault(meeting_id, set()).add(hers.get(seat))
    alone = {key: next(iter(whose)) for key, whose in seats.items() if len(whose) == 1}
    yield _MEETING, {key: owner for key, owner in alone.items() if owner is not None}


def last_written(session: Session, found: Owned) -> dict[UUID, datetime]:
    """When the last row of each was written, of tables whose rows are notes in the file."""
    last: dict[UUID, datetime] = {}
    for name, owners in found.items():
        table = Base.metadata.tables[name]
        if name in UNWRITTEN or "created_at" not in table.c:
            continue
        for some in parts(owners):
            rows = select(table.c.id, table.c.created_at).where(table.c.id.in_(some))
            for key, at in session.execute(rows):
                last[owners[key]] = max(last.get(owners[key], at), at)
    return last


def parts(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """Ids in parts that a condition can hold."""
    every = sorted(ids)
    return (every[at : at + _AT_A_TIME] for at in range(0, len(every), _AT_A_TIME))


def outcome_keys(session: Session, found: Mapping[str, Collection[UUID]]) -> list[UUID]:
    """By what somebody is told of among the outcomes, with all rows that were merged into one."""
    table = Base.metadata.tables[ROOT]
    return list(session.scalars(select(table.c.outcome_key).where(table.c.id.in_(found[ROOT]))))


def delete_rows(session: Session, found: Mapping[str, Collection[UUID]]) -> Counter[str]:
    """Delete rows and what hangs on them without an id of its own; how many of each table.

    Tables are emptied from the leaves: what points at a row goes before it.
    """
    counted: Counter[str] = Counter()
    ids = {name: list(keys) for name, keys in found.items()}
    for name, column in _pointing(ids):
        table = Base.metadata.tables[name]
        target = next(iter(column.foreign_keys)).column.table.name
        for some in parts(ids[target]):
            if (name, column.name) in FORGETTING or (name in ids and column.nullable):
                # Also within the person's own rows, where two may point at each other.
                session.execute(update(table).where(column.in_(some)).values({column: None}))
            elif not _has_id(table):
                gone = session.execute(delete(table).where(column.in_(some)))
                counted[name] += gone.rowcount  # type: ignore[attr-defined]
    for table in reversed(Base.metadata.sorted_tables):
        for some in parts(ids.get(table.name, ())):
            gone = session.execute(delete(table).where(table.c.id.in_(some)))
            counted[table.name] += gone.rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return +counted


def _pointing(ids: Mapping[str, Collection[UUID]]) -> Iterable[tuple[str, Column[Any]]]:
    """Every foreign key to a table of which rows go, those of tables without ids first."""
    found = [(column.table.name, column) for target in ids for column in keys_to(target)]
    return sorted(found, key=lambda each: (_has_id(each[1].table), each[0], each[1].name))


def unreached(classes: Collection[str] = ("case",)) -> list[str]:
    """Tables of some classes that no walk from a person can reach; for the test of new tables."""
    reached, waiting = {ROOT, _MEETING, *ABOUT, *(name for name, _ in LOOSE)}, [ROOT]
    waiting += sorted(reached - {ROOT})
    while waiting:
        for column in keys_to(waiting.pop()):
            if column.table.name not in reached:
                reached.add(column.table.name)
                waiting.append(column.table.name)
    return sorted(
        table.name
        for table in Base.metadata.tables.values()
        if table.info.get("retention") in classes and table.name not in reached
    )
