"""The lists of `ranking` with numpy and scipy alone: for machines without numba.

Offers are multiplied with a block of people, the block's columns as a dense product and its
postings as a sparse one. Only pairs that may enter a list are then looked at one by one. Floats
hold whole numbers below 2^24 exactly, so points are exact; cover is only compared with a margin
before it is worked out in integers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import GROUP, TENTHS, TENTHS_BITS, Index, unpacked_columns
from matchsvc.matching.fast.ranking import FULL, LAST_RANK, Ints, in_threads, ranks

Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]
Told = tuple[NDArray[np.uint8], NDArray[np.uint16], Ints]
OFFERS_AT_ONCE = 512
PAIRS_AT_ONCE = 4_096
STRETCHES = 4  # a place of a list, to find a bound from
MARGIN = 0.1  # of a cover of 10,000: far more than a float is wrong by


def people_lists(
    index: Index, demands: Demands, chosen: Ints, k: int, floor: int, threads: int
) -> Keys:
    """Give (chosen, k) keys, best first."""
    price = np.zeros(len(demands), np.int64)
    return _scan(index, demands, chosen, price, k, 0, floor, threads)[0]


def offer_lists(
    index: Index, demands: Demands, price: Ints, k: int, floor: int, threads: int
) -> Keys:
    """Give (places, k) keys, best first."""
    return _scan(index, demands, np.arange(len(demands)), price, 0, k, floor, threads)[1]


def both_lists(
    index: Index, demands: Demands, k: int, floor: int, threads: int
) -> tuple[Keys, Keys]:
    """Give (offers, k) and (places, k) keys, best first."""
    price = np.zeros(len(demands), np.int64)
    return _scan(index, demands, np.arange(len(demands)), price, k, k, floor, threads)


def usable_list(
    index: Index, demands: Demands, floor: int, most: int, threads: int
) -> tuple[Ints, Ints, Ints] | None:
    """Give place, offer and points of every usable pair, in any order; None above `most`."""
    price = np.zeros(len(demands), np.int64)

    def some_blocks(first: int, after: int) -> list[Ints] | None:
        found, count = [np.empty((3, 0), np.int64)], 0
        for block in range(first, after):
            people = _Block.of(index, block)
            for start in range(0, len(demands), OFFERS_AT_ONCE):
                part = np.arange(start, min(start + OFFERS_AT_ONCE, len(demands)))
                points = _Pairs.of(people, demands, part, price, floor).points
                offer, place = np.nonzero(points >= 0)
                count += len(offer)
                if count > most:
                    return None
                given = (place + people.places.start, part[offer], points[offer, place])
                found.append(np.stack(given).astype(np.int64))
        return found

    parts = in_threads(some_blocks, index.blocks, threads)
    if None in parts:
        return None
    place, offer, points = np.concatenate([x for part in parts for x in part], axis=1)
    return None if len(place) > most else (place, offer, points)


def _scan(
    index: Index,
    demands: Demands,
    chosen: Ints,
    price: Ints,
    k: int,
    people_k: int,
    floor: int,
    threads: int,
) -> tuple[Keys, Keys]:
    person_keys = np.zeros((len(index.row), people_k), np.uint64)

    def some_blocks(first: int, after: int) -> Keys:
        mine = np.zeros((len(chosen), k), np.uint64)
        for block in range(first, after):
            people = _Block.of(index, block)
            lists = person_keys[people.places]
            for start in range(0, len(chosen), OFFERS_AT_ONCE):
                part = slice(start, start + OFFERS_AT_ONCE)
                pairs = _Pairs.of(people, demands, chosen[part], price, floor)
                if k:
                    mine[part] = pairs.best_people(mine[part])
                if people_k:
                    lists[:] = pairs.best_offers(lists)
        return mine

    offer_keys = np.zeros((len(chosen), k), np.uint64)
    rows = np.arange(len(chosen))
    for keys in in_threads(some_blocks, index.blocks, threads):
        offer_keys = _merged(offer_keys, np.repeat(rows, k), keys.ravel())
    return offer_keys, person_keys


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """A block of people as matrices."""

    index: Index
    number: int
    places: slice
    columns: Ints  # concepts
    dense: Floats  # (columns, places)
    rest: Any  # sparse (concepts, places)

    @classmethod
    def of(cls, index: Index, number: int) -> "_Block":
        length = index.block_length
        places = slice(number * length, (number + 1) * length)
        place = index.place
        columns, lists = np.flatnonzero(place > 0), np.flatnonzero(place < 0)
        first, after = index.posting_pointer[number, 0], index.posting_pointer[number, -1]
        postings = index.posting[first:after]
        pointer = np.zeros(len(place) + 1, np.int64)
        pointer[lists + 1] = np.diff(index.posting_pointer[number])
        parts = ((postings & TENTHS).astype(np.float32), (postings >> TENTHS_BITS).astype(np.int32))
        return cls(
            index=index,
            number=number,
            places=places,
            columns=columns,
            dense=unpacked_columns(index.dense[number]).astype(np.float32),
            rest=sparse.csr_array((*parts, np.cumsum(pointer)), shape=(len(place), length)),
        )

    def points(self, offers: Any) -> Floats:
        """Multiply sparse (offers, concepts) with the people."""
        points = offers[:, self.columns].toarray() @ self.dense
        few = (offers @ self.rest).tocoo()
        points.ravel()[few.row.astype(np.int64) * points.shape[1] + few.col] += few.data
        return np.asarray(points)

    def open_to(self, demands: Demands, offers: Ints) -> NDArray[np.bool_]:
        """Give (offers, places)."""
        index = self.index
        words = np.empty((len(offers), index.block_length // GROUP), np.uint64)
        for i, offer in enumerate(offers):
            gates = demands.need_gate[demands.need_pointer[offer] : demands.need_pointer[offer + 1]]
            planes = index.planes[self.number, gates]
            words[i] = np.bitwise_and.reduce(planes, axis=0) & index.alive[self.number]
        bits = np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, bitorder="little")
        return bits.view(bool)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Some offers and the people of a block."""

    people: _Block
    points: Floats  # (offers, places), -1 where closed or below the floor
    maximum: Ints  # (offers,)
    price: Ints  # (offers,)
    rank: Ints  # (offers,)

    @classmethod
    def of(
        cls, people: _Block, demands: Demands, offers: Ints, price: Ints, floor: int
    ) -> "_Pairs":
        points = people.points(_weights(demands, offers, demands.weight))
        usable = people.open_to(demands, offers)
        if floor:
            asked = people.points(_weights(demands, offers, demands.required_weight))
            lowest = -(-floor * demands.required_maximum[offers] // FULL)
            usable &= asked >= lowest[:, None]
        points[~usable] = -1
        rank = ranks(demands)[offers].astype(np.int64)
        return cls(people, points, demands.maximum[offers], price[offers], rank)

    def best_people(self, kept: Keys) -> Keys:
        """Give (offers, k) keys: the best of what was kept and these people."""
        least = _least(self.points, 1, kept)
        offer, place = np.nonzero(self.points >= least[:, None])
        points = self.points[offer, place].astype(np.int64)
        rank = self.people.index.rank[self.people.places][place].astype(np.int64)
        return _merged(kept, offer, _keys(points, rank))

    def best_offers(self, kept: Keys) -> Keys:
        """Give (places, k) keys: the best of what was kept and these offers."""
        # A value is looked at as a float first; closed pairs are worth nothing.
        ratio = np.where(self.maximum > 0, FULL / np.maximum(self.maximum, 1), 0)
        more = np.where(self.maximum > 0, FULL, 2 * FULL) - self.price
        value = self.points * ratio.astype(np.float32)[:, None] + more.astype(np.float32)[:, None]
        value[self.points < 0] = -1
        least = _least(value, 0, kept)
        offer, place = np.nonzero(value >= np.maximum(np.floor(least), 1)[None, :] - MARGIN)
        points, most = self.points[offer, place].astype(np.int64), self.maximum[offer]
        cover = np.where(most > 0, FULL * points // np.maximum(most, 1), FULL)
        worth = FULL + cover - self.price[offer]
        some = worth > 0
        return _merged(kept, place[some], _keys(worth[some], self.rank[offer[some]]))


def _least(numbers: Floats, axis: int, kept: Keys) -> Floats:
    """Give what a list takes no less than: its last number or a bound from these numbers.

    The k-th largest of the maxima of stretches is no larger than the k-th largest of all.
    """
    k = kept.shape[1]
    least = (kept[:, -1] >> np.uint64(32)).astype(np.float32)
    count = numbers.shape[axis]
    if count < k or np.all(kept[:, -1] > 0):
        return least
    stretches = min(count, STRETCHES * k)
    maxima = np.maximum.reduceat(numbers, np.arange(stretches) * count // stretches, axis=axis)
    bound = np.partition(maxima, stretches - k, axis=axis).take(stretches - k, axis=axis)
    return np.asarray(np.maximum(least, bound))


def _keys(number: Ints, rank: Ints) -> Keys:
    return ((number << 32) | (LAST_RANK - rank)).astype(np.uint64)


def _merged(kept: Keys, rows: Ints, keys: Keys) -> Keys:
    """Give (rows, k) the best of the keys kept and of more, which come with their rows."""
    count, k = kept.shape
    all_rows = np.append(np.repeat(np.arange(count), k), rows)
    all_keys = np.append(kept.ravel(), keys)
    order = np.lexsort((all_keys, all_rows))
    after = np.cumsum(np.bincount(all_rows, minlength=count))
    return np.asarray(all_keys[order[after[:, None] - 1 - np.arange(k)]])


def _weights(demands: Demands, offers: Ints, weight: NDArray[np.uint16]) -> Any:
    """Give sparse (offers, concepts)."""
    at, _ = _ranges(demands.pointer, offers)
    counts = demands.pointer[offers + 1] - demands.pointer[offers]
    parts = (weight[at].astype(np.float32), demands.concept[at], np.append(0, np.cumsum(counts)))
    return sparse.csr_array(parts, shape=(len(offers), demands.concepts))


def explain_into(
    index: Index, demands: Demands, place: Ints, offer: Ints, pointer: Ints, told: Told
) -> None:
    """Fill (tenths, points, totals) for pairs."""
    tenths, points, totals = told
    for start in range(0, len(place), PAIRS_AT_ONCE):
        some = slice(start, start + PAIRS_AT_ONCE)
        facts, whose = _ranges(index.held_pointer, place[some])
        known = (whose << 32) | index.held[facts].astype(np.int64)
        parts, pair = _ranges(demands.part_pointer, offer[some])
        lines = demands.part_lines[parts].astype(np.int64)
        asked = (pair[:, None] << 32) | (np.maximum(lines, 0) << TENTHS_BITS)
        # The fact after (concept, 0 tenths) is the concept's own, should it be held.
        at = np.searchsorted(known, asked)
        found = np.append(known, -1)[at]
        held = (found >> TENTHS_BITS == asked >> TENTHS_BITS) & (lines >= 0)
        into = slice(pointer[start], pointer[start] + len(parts))
        tenths[into] = np.where(held, found & TENTHS, 0)
        points[into] = tenths[into] * demands.part_shares[parts]
        totals[some] = np.bincount(
            pair, weights=points[into].sum(axis=1), minlength=len(place[some])
        )


def _ranges(pointer: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Give the places pointer[row]..pointer[row + 1] of all rows, and which of them each is of."""
    counts = pointer[rows + 1] - pointer[rows]
    which = np.repeat(np.arange(len(rows)), counts)
    return np.arange(len(which)) + (pointer[rows] - np.cumsum(counts) + counts)[which], which
