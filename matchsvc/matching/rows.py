"""Reading packed rows: the same arrays as `arrays.load` gives, at the speed of reading bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from matchsvc.matching.arrays import Lists, read_lists
from matchsvc.matching.inputs import Hierarchy
from matchsvc.matching.models import MatchingNumber, MatchingRow, MatchingStale, RowKind
from matchsvc.matching.packed import OFFER_WORDS, PERSON_WORDS, Places, Rows
from matchsvc.matching.packing_reads import area_key, concept_key, condition_key

AT_ONCE = 20_000  # rows: some 3 MB


@dataclass(frozen=True, slots=True, eq=False)
class Legend:
    """What places and numbers stand for, of one moment.

    Attributes:
        lists: ids by place.
        hierarchy: the concepts' lines upward.
        places: places by number.
        fingerprint: of the lists; what was made with another must be made again.
        sequence: of the last change.
    """

    lists: Lists
    hierarchy: Hierarchy
    places: Places
    fingerprint: bytes
    sequence: int


def read_legend(session: Session) -> Legend:
    """Read the legend."""
    lists, hierarchy = read_lists(session)
    state = read_state(session)
    return Legend(
        lists=lists,
        hierarchy=hierarchy,
        places=_places(session, lists),
        fingerprint=state.fingerprint,
        sequence=state.sequence,
    )


@dataclass(frozen=True, slots=True)
class State:
    """How the packed rows stand, as a transaction sees them.

    Attributes:
        is_stale: something is marked, so that they cannot be relied on.
        sequence: of the last change.
        fingerprint: of the lists.
    """

    is_stale: bool
    sequence: int
    fingerprint: bytes


_STATE = select(
    exists(select(MatchingStale.seq)),
    select(func.max(MatchingRow.sequence)).scalar_subquery(),
    select(MatchingRow.inputs).where(MatchingRow.kind == RowKind.LISTS).scalar_subquery(),
)


def read_state(session: Session) -> State:
    """Ask how the packed rows stand: one query that reads the ends of some indexes."""
    is_stale, sequence, fingerprint = session.connection().execute(_STATE).one()
    return State(bool(is_stale), sequence or 0, bytes(fingerprint or b""))


def listed(kind: RowKind, unit_id: UUID | None = None) -> Select[bytes]:
    """Choose the rows of a kind that stand in lists, of one unit or of all."""
    rows = select(MatchingRow.inputs).where(
        MatchingRow.kind == kind, MatchingRow.is_listed.is_(True)
    )
    return rows if unit_id is None else rows.where(MatchingRow.unit_id == unit_id)


def count_listed(session: Session, kind: RowKind) -> dict[UUID, int]:
    """Count the listed rows of a kind by unit."""
    found = session.execute(
        select(MatchingRow.unit_id, func.count())
        .where(MatchingRow.kind == kind, MatchingRow.is_listed.is_(True))
        .group_by(MatchingRow.unit_id)
    )
    return {unit_id: count for unit_id, count in found if unit_id is not None}


def read_rows(session: Session, chosen: Select[bytes], kind: RowKind) -> Iterator[Rows]:
    """Read packed rows, some at a time, in no order.

    Raises:
        ValueError: a row is of another format.
    """
    header = OFFER_WORDS if kind is RowKind.OFFER else PERSON_WORDS
    with closing(_driver_cursor(session, chosen)) as cursor:
        while some := cursor.fetchmany(AT_ONCE):
            yield Rows.of([inputs for (inputs,) in some], header)


def _driver_cursor(session: Session, chosen: Select[bytes]) -> Any:
    """Ask the driver itself: a million rows of one column are four times as fast that way."""
    connection = session.connection()
    options = {"literal_binds": True}  # ids and words of our own
    statement = str(chosen.compile(dialect=connection.dialect, compile_kwargs=options))
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":  # some rows at a time, as bytes and not as digits
        cursor = driver.cursor(name="matching_rows", binary=True)
        cursor.itersize = AT_ONCE
    else:
        cursor = driver.cursor()
    cursor.execute(statement)
    return cursor


def read_all(session: Session, chosen: Select[bytes], kind: RowKind) -> tuple[NDArray[Any], Rows]:
    """Read few enough packed rows to hold them all; give their ids and the rows, both by id."""
    header = OFFER_WORDS if kind is RowKind.OFFER else PERSON_WORDS
    rows = Rows.of([row[0] for row in session.execute(chosen)], header)
    ids = rows.ids()
    order = np.argsort(ids)
    return ids[order], Rows(rows.words, rows.start[order])


def uuid_of(identity: bytes) -> UUID:
    """Give the id that 16 bytes of an array stand for; numpy has cut off zeros at the end."""
    return UUID(bytes=bytes(identity).ljust(16, b"\0"))


def _places(session: Session, lists: Lists) -> Places:
    number = dict(session.execute(select(MatchingNumber.key, MatchingNumber.number)).all())
    size = 1 + max(number.values(), default=0)

    def by_number(keys: list[str]) -> NDArray[np.int64]:
        places = np.full(size, -1, np.int64)
        for place, key in enumerate(keys):
            if key in number:
                places[number[key]] = place
        return places

    return Places(
        concepts=by_number([concept_key(concept) for concept in lists.concepts]),
        licences=by_number([concept_key(licence) for licence in lists.licences]),
        languages=by_number([concept_key(language) for language in lists.languages]),
        areas=by_number([area_key(area) for area in lists.areas]),
        conditions=by_number([condition_key(condition) for condition in lists.conditions]),
        widths=(
            len(lists.licences), len(lists.languages), len(lists.areas), len(lists.conditions)
        ),
    )  # fmt: skip
