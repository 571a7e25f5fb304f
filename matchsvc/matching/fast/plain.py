"""The lists of `ranking` with numpy and scipy alone: for machines without numba.

People are scored in slices; the same keys as the compiled kernels keep come out.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import GROUP, TENTHS, TENTHS_BITS, Index
from matchsvc.matching.fast.ranking import FULL, LAST_RANK, Ints, in_threads, ranks

Keys = NDArray[np.uint64]
Told = tuple[NDArray[np.uint8], NDArray[np.uint16], Ints]
OFFERS_AT_ONCE = 256
PAIRS_AT_ONCE = 4_096


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
    offer_keys = np.zeros((len(chosen), k), np.uint64)
    person_keys = np.zeros((len(index.row), people_k), np.uint64)
    rank = ranks(demands).astype(np.int64)

    def some_blocks(first: int, after: int) -> Keys:
        mine = np.zeros_like(offer_keys)
        for block in range(first, after):
            place = slice(block * index.block_length, (block + 1) * index.block_length)
            held = _held(index, block)
            for start in range(0, len(chosen), OFFERS_AT_ONCE):
                part = slice(start, start + OFFERS_AT_ONCE)
                offers = chosen[part]
                points = held @ _weights(demands, offers, demands.weight, held.shape[1])
                is_open = _open(index, demands, block, offers)
                if floor:
                    asked = held @ _weights(demands, offers, demands.required_weight, held.shape[1])
                    is_open &= asked * FULL >= floor * demands.required_maximum[offers]
                if k:
                    keys = np.where(
                        is_open,
                        (points << 32) | (LAST_RANK - index.rank[place, None].astype(np.int64)),
                        0,
                    )
                    mine[part] = _best(mine[part], keys.T, k)
                if people_k:
                    maximum = demands.maximum[offers]
                    cover = np.where(maximum > 0, FULL * points // np.maximum(maximum, 1), FULL)
                    value = FULL + cover - price[offers]
                    keys = np.where(
                        is_open & (value > 0), (value << 32) | (LAST_RANK - rank[offers]), 0
                    )
                    person_keys[place] = _best(person_keys[place], keys, people_k)
        return mine

    for keys in in_threads(some_blocks, index.blocks, threads):
        offer_keys = _best(offer_keys, keys, k)
    return offer_keys, person_keys


def _held(index: Index, block: int) -> sparse.csr_array:
    length = index.block_length
    pointer = index.held_pointer[block * length : (block + 1) * length + 1]
    facts = index.held[pointer[0] : pointer[-1]]
    shape = (length, len(index.parent))
    parts = ((facts & TENTHS).astype(np.int64), (facts >> TENTHS_BITS).astype(np.int64))
    return sparse.csr_array((*parts, pointer - pointer[0]), shape=shape)


def _weights(
    demands: Demands, offers: Ints, weight: NDArray[np.uint16], concepts: int
) -> NDArray[np.int64]:
    at, offer = _ranges(demands.pointer, offers)
    table = np.zeros((concepts, len(offers)), np.int64)
    table[demands.concept[at], offer] = weight[at]
    return table


def _open(index: Index, demands: Demands, block: int, offers: Ints) -> NDArray[np.bool_]:
    """Give (block length, offers)."""
    words = np.empty((len(offers), index.block_length // GROUP), np.uint64)
    for i, offer in enumerate(offers):
        gates = demands.need_gate[demands.need_pointer[offer] : demands.need_pointer[offer + 1]]
        words[i] = np.bitwise_and.reduce(index.planes[block, gates], axis=0) & index.alive[block]
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little").astype(bool).T


def _best(kept: Keys, more: NDArray[np.int64], k: int) -> Keys:
    both = np.concatenate([kept, more.astype(np.uint64)], axis=1)
    if both.shape[1] > k:
        both = np.partition(both, both.shape[1] - k, axis=1)[:, -k:] if k else both[:, :0]
    return np.sort(both, axis=1)[:, ::-1]


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
