"""The best people for an offer of a large unit, from the shared index and what changed since.

A question first asks the database for changes after the last one seen (one look into an index),
so an answer always holds everything that its transaction sees. Changed people are struck out in a
private copy of the index's bits and stand in a small index of their own; both are asked and the
answers merged. When that has grown, or the day, the lists or the table are others, a new version is
made: by the scheduler before anybody asks, else by who asks first.

Small units are served by `arrays.load` and the plain engine alone: nothing here is then touched.
The two give the same lists; what is shown is explained by the plain engine in either case.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.matching import shared
from matchsvc.matching.everybody import Everybody, gather, lay_out, split
from matchsvc.matching.fast.demands import Demands, build_demands
from matchsvc.matching.fast.ranking import top_people
from matchsvc.matching.inputs import Offers
from matchsvc.matching.models import MatchingNumber, MatchingRow, RowKind
from matchsvc.matching.packed import OFFER_WORDS, PERSON_WORDS, Rows, offers_of
from matchsvc.matching.rows import (
    Legend,
    count_listed,
    read_legend,
    read_state,
    uuid_of,
)
from matchsvc.matching.shared import Stamp
from matchsvc.matching.weights import Weights
from matchsvc.matching.weights_table import current_table

#: From so many waiting people on the index answers faster than loading them (bench matching).
LARGE = 2_000
#: So many changed people are kept beside the index before a new version is made.
MOST_CHANGES = 1_000
CHUNK = 64  # of them are laid out together

_CHANGED = select(
    MatchingRow.kind, MatchingRow.id, MatchingRow.unit_id, MatchingRow.is_listed, MatchingRow.inputs
)
_NUMBERS = select(func.max(MatchingNumber.number))
_Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who can stand first for an offer, in no order, and how many pairs there are.

    Attributes:
        people: among them everybody whom the plain engine would show.
        open_total: pairs whose gates are open.
        closed_total: the others.
    """

    people: tuple[UUID, ...]
    open_total: int
    closed_total: int


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some of the changed people: packed rows, empty for who no longer waits, and their index.

    A change lays out one chunk anew, however many have changed before.
    """

    rows: dict[UUID, bytes]
    people: Everybody

    @classmethod
    def of(cls, rows: dict[UUID, bytes], base: Everybody, legend: Legend, stamp: Stamp) -> Chunk:
        """Lay some people out."""
        waiting = Rows.of([inputs for inputs in rows.values() if inputs], PERSON_WORDS)
        return cls(rows, lay_out([waiting], legend, base.code, stamp.table()))


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """An index with the changes up to `sequence`. Never changed: a change makes another view.

    Attributes:
        version: of the shared index.
        base: the shared index.
        alive: its bits, without who has changed since; private to this process.
        base_count: how many that leaves.
        chunk_of: where the changed stand in `beside`.
        beside: the changed.
        legend: of the day of the index.
        stamp: what the shared index was made of.
        sequence: of the last change seen.
    """

    version: str
    base: Everybody
    alive: _Words
    base_count: int
    chunk_of: dict[UUID, int]
    beside: tuple[Chunk, ...]
    legend: Legend
    stamp: Stamp
    sequence: int

    def __len__(self) -> int:
        return self.base_count + sum(len(chunk.people) for chunk in self.beside)

    def sides(self) -> list[tuple[Everybody, _Words]]:
        """Give all the indexes with their bits of who counts."""
        beside = [(chunk.people, chunk.people.index.alive) for chunk in self.beside]
        return [(self.base, self.alive), *(side for side in beside if len(side[0]))]


_views: dict[Path, View] = {}
_one_at_a_time = threading.Lock()


def candidates(
    session: Session, offer_id: UUID, unit_id: UUID, *, top: int, today: date, weights: Weights
) -> Candidates | None:
    """Find who can stand among the first `top` of an offer's list.

    None when the plain way is to be taken: the unit is small, or the packed rows are behind.

    Args:
        session: a reading transaction.
        offer_id: the offer.
        unit_id: its unit; people of others do not count.
        top: how many are shown.
        today: the day.
        weights: the table.
    """
    view = view_of(session, unit_id, today=today, weights=weights)
    packed = None if view is None else _packed_offer(session, offer_id)
    if view is None or packed is None:
        return None
    offer = offers_of(Rows.of([packed], OFFER_WORDS), view.legend.places)
    asked = split(view.base.code, offer)
    if asked is None:
        view = _made_again(session, unit_id, today=today, weights=weights)
        asked = split(view.base.code, offer)
    if asked is None:
        return None
    need, rest = asked
    demands = _demands(view, offer, need, weights)
    open_total = sum(_count_open(*side, need, rest) for side in view.sides())
    people = _first(view, demands, rest, top)
    if open_total < top:  # closed ones are shown as well: the best of all, whatever their gates
        everything = _demands(view, offer, np.zeros_like(need), weights)
        people |= _first(view, everything, None, top + open_total)
    return Candidates(tuple(people), open_total, len(view) - open_total)


def view_of(session: Session, unit_id: UUID, *, today: date, weights: Weights) -> View | None:
    """Give the unit's index as this transaction sees it; None as `candidates`."""
    folder = _folder(unit_id)
    if folder is None:
        return None
    with _one_at_a_time:
        known = _views.get(folder)
        if known is None and not _is_large(session, unit_id):
            return None
        state = read_state(session)
        if state.is_stale:
            return None
        wanted = Stamp.of(today.toordinal(), state.sequence, state.fingerprint, weights)
        view = _opened(session, folder, wanted, known)
        if view is None or len(view.chunk_of) > MOST_CHANGES:
            view = _make(session, folder, unit_id, wanted, weights, than=view)
        _views[folder] = view
        return view


def refresh(today: date) -> int:
    """Make the large units' indexes of the day before somebody asks; give how many were made."""
    made = 0
    with db.read() as session:
        for unit_id, people in count_listed(session, RowKind.PARTICIPANT).items():
            folder = _folder(unit_id)
            if folder is None or people < LARGE:
                continue
            before = shared.current_version(folder)
            weights = current_table(session, unit_id).weights
            view_of(session, unit_id, today=today, weights=weights)
            made += shared.current_version(folder) != before
    return made


def forget_views() -> None:
    """Let go of every index: for tests, and for who has put another content into the database."""
    _views.clear()


def _folder(unit_id: UUID) -> Path | None:
    folder = shared.folder_of(db.engine())
    return None if folder is None else shared.unit_folder(folder, unit_id)


def _is_large(session: Session, unit_id: UUID) -> bool:
    waiting = select(MatchingRow.id).where(
        MatchingRow.kind == RowKind.PARTICIPANT,
        MatchingRow.unit_id == unit_id,
        MatchingRow.is_listed.is_(True),
    )
    return session.scalar(waiting.offset(LARGE - 1).limit(1)) is not None


def _packed_offer(session: Session, offer_id: UUID) -> bytes | None:
    found = session.scalar(
        select(MatchingRow.inputs).where(
            MatchingRow.kind == RowKind.OFFER, MatchingRow.id == offer_id
        )
    )
    return bytes(found) if found else None


# Versions and changes


def _opened(session: Session, folder: Path, wanted: Stamp, known: View | None) -> View | None:
    """Give the version in use with the changes since, None when it does not serve."""
    version = shared.current_version(folder)
    if version is None:
        return None
    if known is None or known.version != version:
        found = shared.open_version(folder, version)
        if found is None or not _serves(found[1], wanted):
            return None
        known = _fresh(session, version, *found)
    if not _serves(known.stamp, wanted):
        return None
    return _with_changes(session, known, folder, wanted.sequence)


def _serves(stamp: Stamp, wanted: Stamp) -> bool:
    """Tell whether the changes after an index's make it what is wanted.

    An index may be ahead of this transaction, which began before the last change. One that is ahead
    of the database itself is of another content: a backup has been put back.
    """
    if stamp.sequence > wanted.sequence:
        with db.read() as now:
            if read_state(now).sequence < stamp.sequence:
                return False
    return stamp.is_like(wanted)


def _fresh(session: Session, version: str, base: Everybody, stamp: Stamp) -> View:
    legend = read_legend(session)
    return View(
        version=version,
        base=base,
        alive=np.array(base.index.alive),
        base_count=len(base),
        chunk_of={},
        beside=(),
        legend=legend,
        stamp=stamp,
        sequence=stamp.sequence,
    )


def _with_changes(session: Session, view: View, folder: Path, sequence: int) -> View:
    """Take in what changed; what another transaction has seen already is not taken back."""
    if sequence <= view.sequence:
        return view
    unit_id = UUID(folder.name)
    # Without "and kind =": SQLite would then read everybody instead of the end of an index.
    later = session.execute(_CHANGED.where(MatchingRow.sequence > view.sequence)).all()
    found = [row for row in later if row.kind is RowKind.PARTICIPANT]
    legend = view.legend
    if (session.scalar(_NUMBERS) or 0) >= len(legend.places.concepts):
        legend = read_legend(session)  # something is named for the first time
    alive, count, chunk_of = view.alive, view.base_count, dict(view.chunk_of)
    fresh: dict[int, dict[UUID, bytes]] = {}
    for row in found:
        at = view.base.row_of(row.id)
        waits = row.is_listed and row.unit_id == unit_id
        if row.id not in chunk_of:
            if at >= 0:
                alive = np.array(alive) if alive is view.alive else alive
                _strike_out(alive, int(view.base.index.position[at]))
                count -= 1
            elif not waits:
                continue  # another unit's, or who waited neither then nor now
        chunk = chunk_of.setdefault(row.id, len(chunk_of) // CHUNK)
        fresh.setdefault(chunk, {})[row.id] = bytes(row.inputs) if waits else b""
    beside = list(view.beside)
    for chunk, rows in sorted(fresh.items()):
        before = beside[chunk].rows if chunk < len(beside) else {}
        beside[chunk : chunk + 1] = [Chunk.of(before | rows, view.base, legend, view.stamp)]
    return replace(
        view,
        alive=alive,
        base_count=count,
        chunk_of=chunk_of,
        beside=tuple(beside),
        legend=legend,
        sequence=sequence,
    )


def _strike_out(alive: _Words, position: int) -> None:
    flat = alive.reshape(-1)
    flat[position // 64] &= ~(np.uint64(1) << np.uint64(position % 64))


def _made_again(session: Session, unit_id: UUID, *, today: date, weights: Weights) -> View:
    folder = _folder(unit_id)
    if folder is None:  # only who has a view comes here
        raise RuntimeError("an index without a folder")
    with _one_at_a_time:
        state = read_state(session)
        wanted = Stamp.of(today.toordinal(), state.sequence, state.fingerprint, weights)
        view = _make(session, folder, unit_id, wanted, weights, than=_views.get(folder))
        _views[folder] = view
        return view


def _make(
    session: Session,
    folder: Path,
    unit_id: UUID,
    wanted: Stamp,
    weights: Weights,
    *,
    than: View | None,
) -> View:
    """Make a version, unless another process has made a better one than ours while we waited."""
    with shared.lock(folder):
        view = _opened(session, folder, wanted, None)
        is_ours = view is not None and than is not None and view.version == than.version
        if view is not None and not is_ours and len(view.chunk_of) <= MOST_CHANGES:
            return view
        today = date.fromordinal(wanted.day)
        everybody = gather(session, unit_id, read_legend(session), weights=weights, today=today)
        version = shared.save(folder, everybody, wanted)
    found = shared.open_version(folder, version)
    if found is None:
        raise RuntimeError("an index vanished as soon as it was made")
    return _fresh(session, version, *found)


# Answers


def _demands(view: View, offer: Offers, need: _Words, weights: Weights) -> Demands:
    return build_demands(
        offers=len(offer),
        parent=view.legend.hierarchy.parent,
        requirement_offer=np.repeat(np.arange(len(offer)), np.diff(offer.requirement_pointer)),
        requirement_concept=offer.requirement_concept,
        requirement_is_merit=offer.requirement_is_merit,
        need=need,
        weights=weights,
    )


def _open_bits(side: Everybody, alive: _Words, rest: Offers | None) -> _Words:
    if rest is None:
        return alive
    row = side.index.row
    is_open = (row >= 0) & side.open_rows(rest)[row]
    return alive & np.packbits(is_open, bitorder="little").view(np.uint64).reshape(alive.shape)


def _count_open(side: Everybody, alive: _Words, need: _Words, rest: Offers | None) -> int:
    if not len(side):
        return 0
    words = np.array(_open_bits(side, alive, rest))
    gates = np.flatnonzero(np.unpackbits(need[0].view(np.uint8), bitorder="little"))
    for gate in gates:
        words &= side.index.planes[:, gate]
    return int(np.bitwise_count(words).sum())


def _first(view: View, demands: Demands, rest: Offers | None, top: int) -> set[UUID]:
    """Give the first of both sides: among them are the first of all."""
    people: set[UUID] = set()
    for side, alive in view.sides():
        if not len(side):
            continue
        index = replace(side.index, alive=_open_bits(side, alive, rest))
        rows = top_people(index, demands, min(top, len(side)), threads=1).people[0]
        people |= {uuid_of(identity) for identity in _ids(side, rows)}
    return people


def _ids(side: Everybody, rows: Any) -> Collection[bytes]:
    found: list[bytes] = side.ids[rows[rows >= 0]].tolist()
    return found
