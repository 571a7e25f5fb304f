"""An index that changes: one person's change is in the next answer without a rebuild.

Tenths and gate bits change in place. Who gains or loses a concept, or whose wait changes, is taken
out of the index and put in a small one beside it, rebuilt by itself; so is who is new. When
`is_due` says so the whole is better built anew.

    live = Live(index)
    live.change(row, concepts, tenths, has, wait_days=..., id_rank=...)
    live.remove(row)
    live.top_people(demands, 10)

One thread changes, and no other reads meanwhile.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchsvc.matching.fast import ranking
from matchsvc.matching.fast.changing import Places, writer
from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import GROUP, Index, build_index
from matchsvc.matching.fast.ranking import Ints, TopOffers, TopPeople

CHUNK = GROUP
DUE = 1_000  # people beside the index for a rebuild to be due


@dataclass(frozen=True, slots=True, eq=False)
class _Person:
    """Somebody who stands beside the index."""

    concepts: Ints
    tenths: Ints
    has: NDArray[np.uint64]  # (words,)
    wait_days: int
    id_rank: int


class Live:
    """An index with the changes since it was built; writes to the index it is given.

    Rows may pass the index's own: those people are new.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._places = Places.of(index)
        self._beside: list[dict[int, _Person]] = []  # chunks of at most 64 rows
        self._chunk_of: dict[int, int] = {}
        self._built: list[Index | None] = []

    @property
    def is_due(self) -> bool:
        """Tell whether so many stand beside the index that it should be built anew."""
        return len(self._chunk_of) > DUE

    def change(
        self,
        row: int,
        concepts: ArrayLike,
        tenths: ArrayLike,
        has: ArrayLike,
        *,
        wait_days: int,
        id_rank: int,
    ) -> bool:
        """Give a person new facts, gate bits and wait; tell whether it was done in place.

        Args:
            row: whose; a new row adds somebody.
            concepts: (held,) everything she holds now.
            tenths: (held,) its evidence.
            has: (words,) gate bits.
            wait_days: days waited, counted as the index's.
            id_rank: as the index's.
        """
        facts = np.asarray(concepts, np.int64), np.asarray(tenths, np.int64)
        person = _Person(*facts, np.atleast_1d(np.asarray(has, np.uint64)), wait_days, id_rank)
        if row not in self._chunk_of and writer()(
            self._places, row, *facts, person.has, wait_days, id_rank
        ):
            return True
        self.remove(row)
        chunk = next((i for i, c in enumerate(self._beside) if len(c) < CHUNK), None)
        if chunk is None:
            chunk = len(self._beside)
            self._beside.append({})
            self._built.append(None)
        self._beside[chunk][row] = person
        self._chunk_of[row] = chunk
        self._built[chunk] = None
        return False

    def remove(self, row: int) -> None:
        """Take somebody out; nothing happens when the row is of nobody."""
        chunk = self._chunk_of.pop(row, None)
        if chunk is not None:
            del self._beside[chunk][row]
            self._built[chunk] = None
        elif self._stands(row):
            block, at = divmod(int(self.index.position[row]), self.index.block_length)
            self.index.alive[block, at // GROUP] &= ~_bit(at)

    def top_people(
        self, demands: Demands, k: int, *, offers: ArrayLike | None = None, floor: int = 0,
        threads: int = 2, compiled: bool | None = None,
    ) -> TopPeople:  # fmt: skip
        """Give what `ranking.top_people` gives for everybody there is now."""
        people, points, waits, ids = [], [], [], []
        for index, rows in self._parts():
            best = ranking.top_people(
                index, demands, k, offers=offers, floor=floor, threads=threads, compiled=compiled
            )
            people.append(np.where(best.people >= 0, rows[best.people], -1))
            points.append(best.points)
            waits.append(index.wait_days[best.people])
            ids.append(index.id_rank[best.people])
        keys = tuple(np.concatenate(column, axis=1) for column in (ids, waits, points))
        order = np.lexsort((keys[0], -keys[1], -keys[2]), axis=1)[:, :k]
        return TopPeople(
            np.take_along_axis(np.concatenate(people, axis=1), order, axis=1),
            np.take_along_axis(keys[2], order, axis=1),
        )

    def top_offers(
        self, demands: Demands, k: int, *, prices: ArrayLike | None = None, floor: int = 0,
        threads: int = 2, compiled: bool | None = None,
    ) -> TopOffers:  # fmt: skip
        """Give what `ranking.top_offers` gives, by row; rows of nobody have none."""
        parts = list(self._parts())
        last = max((int(rows.max(initial=-1)) for _, rows in parts), default=-1)
        offers = np.full((last + 1, k), -1, np.int64)
        values = np.zeros((last + 1, k), np.int64)
        for index, rows in parts:
            best = ranking.top_offers(
                index, demands, k, prices=prices, floor=floor, threads=threads, compiled=compiled
            )
            there = _alive(index)
            offers[rows[there]] = best.offers[there]
            values[rows[there]] = best.values[there]
        return TopOffers(offers, values)

    def _parts(self) -> list[tuple[Index, Ints]]:
        """Give the indexes with the caller's row of each of their rows."""
        parts = [(self.index, np.arange(len(self.index)))]
        for number, chunk in enumerate(self._beside):
            if not chunk:
                continue
            built = self._built[number]
            if built is None:
                built = self._built[number] = self._build(list(chunk.values()))
            parts.append((built, np.array(list(chunk), np.int64)))
        return parts

    def _build(self, people: list[_Person]) -> Index:
        return build_index(
            people=len(people),
            parent=self.index.parent,
            held_row=np.repeat(np.arange(len(people)), [len(p.concepts) for p in people]),
            held_concept=np.concatenate([p.concepts for p in people]),
            held_tenths=np.concatenate([p.tenths for p in people]),
            has=np.stack([p.has for p in people]),
            wait_days=np.array([p.wait_days for p in people]),
            id_rank=np.array([p.id_rank for p in people]),
        )

    def _stands(self, row: int) -> bool:
        if not 0 <= row < len(self.index):
            return False
        block, at = divmod(int(self.index.position[row]), self.index.block_length)
        return bool(self.index.alive[block, at // GROUP] & _bit(at))


def writable(index: Index) -> Index:
    """Give a copy of what `Live` writes to, for an index that others read too."""
    written = ("alive", "planes", "dense", "posting", "held")
    return replace(index, **{name: getattr(index, name).copy() for name in written})


def _alive(index: Index) -> NDArray[np.bool_]:
    """Give (people,) who has not been taken out."""
    bits = np.unpackbits(index.alive.astype("<u8").view(np.uint8).ravel(), bitorder="little")
    return bits[index.position].astype(bool)


def _bit(at: int) -> np.uint64:
    return np.uint64(1) << np.uint64(at % GROUP)
