"""The compiled taking apart of pairs. Called by `compiled`; needs numba."""

from typing import Any

import numpy as np
from numba import njit

from matchsvc.matching.fast.index import TENTHS, TENTHS_BITS
from matchsvc.matching.fast.lanes import prefetch

AHEAD = 16  # pairs whose facts are asked for before they are read
FACTS_OF_LINE = 16  # of a cache


@njit(nogil=True, cache=True)
def explain(
    people: Any,
    place: Any,
    offer: Any,
    part_pointer: Any,
    part_lines: Any,
    part_shares: Any,
    pointer: Any,
    tenths: Any,
    points: Any,
    totals: Any,
) -> None:
    """Take pairs apart: the three numbers of each requirement, and their sum.

    Args:
        people: the index.
        place: (pairs,) the person's place.
        offer: (pairs,) pairs of one offer side by side go fastest.
        part_pointer: (offers + 1,)
        part_lines: (all parts, 3)
        part_shares: (all parts, 3)
        pointer: (pairs + 1,) where each pair's parts go.
        tenths: (parts, 3) filled.
        points: (parts, 3) filled.
        totals: (pairs,) filled.
    """
    held, held_pointer = people.held, people.held_pointer
    most = 0
    for known in range(len(part_pointer) - 1):
        most = max(most, 3 * (part_pointer[known + 1] - part_pointer[known]))
    # Numbers without sign: the compiler need not look for a count from the end.
    slot_of = np.zeros(len(people.place), np.uint16)  # 0: the offer does not read it
    best = np.zeros(most + 1, np.uint8)
    slots = np.zeros(most, np.uint16)
    shares = np.zeros(most, np.uint16)
    concept_of = np.zeros(most + 1, np.int64)
    known = -1
    used = np.uint64(0)
    numbers = np.uint64(0)
    flat_tenths = tenths.reshape(-1)
    flat_points = points.reshape(-1)
    pairs = len(place)
    for pair in range(pairs):
        # Everybody stands somewhere else in memory: her facts are asked for some pairs ahead.
        prefetch(held_pointer, place[min(pair + 2 * AHEAD, pairs - 1)])
        coming = place[min(pair + AHEAD, pairs - 1)]
        for line in range(held_pointer[coming], held_pointer[coming + 1], FACTS_OF_LINE):
            prefetch(held, line)
        if offer[pair] != known:
            known = offer[pair]
            for slot in range(np.uint64(1), used + np.uint64(1)):
                slot_of[concept_of[slot]] = 0
            used = np.uint64(0)
            numbers = np.uint64(0)
            for part in range(part_pointer[known], part_pointer[known + 1]):
                for step in range(3):
                    concept = part_lines[part, step]
                    slots[numbers] = 0
                    shares[numbers] = part_shares[part, step]
                    if concept >= 0:
                        if slot_of[concept] == 0:
                            used += np.uint64(1)
                            slot_of[concept] = used
                            concept_of[used] = concept
                        slots[numbers] = slot_of[concept]
                    numbers += np.uint64(1)
        for slot in range(used + np.uint64(1)):
            best[slot] = 0
        first, after = held_pointer[place[pair]], held_pointer[place[pair] + 1]
        for i in range(np.uint64(first), np.uint64(after)):
            fact = np.uint64(held[i])
            # Concepts that the offer does not read all land in slot 0.
            best[slot_of[fact >> np.uint64(TENTHS_BITS)]] = fact & np.uint64(TENTHS)
        best[0] = 0
        total = np.uint64(0)
        into = np.uint64(3 * pointer[pair])
        for number in range(numbers):
            has = best[slots[number]]
            worth = np.uint64(has) * np.uint64(shares[number])
            flat_tenths[into + number] = has
            flat_points[into + number] = worth
            total += worth
        totals[pair] = total
