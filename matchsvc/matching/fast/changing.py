"""One person's other evidence and other gates, written into an index where she stands.

A plain loop over her few facts: compiled by numba where it is there, else run as it stands.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.fast.index import GROUP, TENTHS, TENTHS_BITS, Index
from matchsvc.matching.fast.ranking import is_compiled_here

HALF = GROUP // 2
_WRITTEN = {"planes", "dense", "posting", "held"}


class Places(NamedTuple):
    """The arrays of an index that a change reads and writes."""

    parent: NDArray[np.int32]
    wait_days: NDArray[np.int64]
    id_rank: NDArray[np.int64]
    position: NDArray[np.int64]
    alive: NDArray[np.uint64]
    planes: NDArray[np.uint64]
    place: NDArray[np.int32]
    dense: NDArray[np.uint8]
    posting_pointer: NDArray[np.uint32]
    posting: NDArray[np.uint16]
    held_pointer: NDArray[np.int64]
    held: NDArray[np.uint32]

    @classmethod
    def of(cls, index: Index) -> "Places":
        """Take them from an index; those that are only read are read only."""
        arrays = {name: getattr(index, name) for name in cls._fields}
        for name in cls._fields:
            if name not in _WRITTEN:
                arrays[name] = arrays[name].view()
                arrays[name].setflags(write=False)
        return cls(**arrays)


@cache
def writer() -> Callable[..., bool]:
    """Give `write_change`, compiled when that can be."""
    if not is_compiled_here():
        return write_change
    from numba import njit

    made: Callable[..., bool] = njit(nogil=True, cache=True)(write_change)
    return made


def write_change(  # noqa: C901, PLR0912, PLR0915 - one loop that numba compiles whole
    index: Any, row: int, concepts: Any, tenths: Any, has: Any, wait_days: int, id_rank: int
) -> bool:
    """Write what a person holds now; give False, and write nothing, when that takes other places.

    Args:
        index: `Places`.
        row: whose.
        concepts: (held,) everything she holds now.
        tenths: (held,) its evidence.
        has: (words,) gate bits.
        wait_days: days waited; another number is another place in the order.
        id_rank: as the wait.
    """
    if not 0 <= row < len(index.position):
        return False
    length = index.alive.shape[1] * GROUP
    at = index.position[row]
    block, group, lane = at // length, at % length // GROUP, at % GROUP
    is_alive = (index.alive[block, group] >> np.uint64(lane)) & np.uint64(1)
    same_order = index.wait_days[row] == wait_days and index.id_rank[row] == id_rank
    if not is_alive or not same_order or len(has) * GROUP != index.planes.shape[1]:
        return False
    first, after = index.held_pointer[at], index.held_pointer[at + 1]
    best = np.zeros(after - first, np.uint8)
    for i in range(len(concepts)):
        concept, evidence = concepts[i], tenths[i]
        while concept >= 0:
            low, high = first, after
            while low < high:  # where the concept, or what comes after it, stands
                middle = (low + high) >> 1
                if index.held[middle] >> TENTHS_BITS < concept:
                    low = middle + 1
                else:
                    high = middle
            if low == after or index.held[low] >> TENTHS_BITS != concept:
                return False
            if best[low - first] >= evidence:  # who has as much here has so above
                break
            best[low - first] = evidence
            concept = index.parent[concept]
    for i in range(len(best)):
        if best[i] == 0:
            return False

    who = at % length << TENTHS_BITS
    half, byte = lane // HALF * TENTHS_BITS, group * HALF + lane % HALF
    for i in range(len(best)):
        now = int(best[i])
        before = int(index.held[first + i])
        if before & TENTHS == now:
            continue
        index.held[first + i] = before - (before & TENTHS) + now
        column = index.place[before >> TENTHS_BITS] - 1
        if column >= 0:
            both = int(index.dense[block, column, byte])
            index.dense[block, column, byte] = both & ~(TENTHS << half) | now << half
            continue
        low = index.posting_pointer[block, -column - 2]
        high = index.posting_pointer[block, -column - 1]
        # Hers is the last entry of her place: those that fill the list stand before it.
        low = low + np.searchsorted(index.posting[low:high], who | TENTHS, side="right") - 1
        index.posting[low] = who | now
    bit = np.uint64(1) << np.uint64(lane)
    for gate in range(index.planes.shape[1]):
        if (has[gate // GROUP] >> np.uint64(gate % GROUP)) & np.uint64(1):
            index.planes[block, gate, group] |= bit
        else:
            index.planes[block, gate, group] &= ~bit
    return True
