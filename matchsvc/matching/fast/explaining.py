"""Take many pairs apart at once: every requirement's three numbers, into arrays.

What is read is what was scored: a person's best tenths for a concept, times the offer's share. The
numbers of a pair sum to the points it was ranked by.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import Index
from matchsvc.matching.fast.ranking import Ints, in_threads, way


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Pairs taken apart: pair i has parts pointer[i] up to pointer[i + 1].

    `Demands.part_source[part]` is a requirement's place in what the demands were built from.
    """

    pointer: Ints  # (pairs + 1,)
    first_part: Ints  # (pairs,) place in Demands.part_lines of a pair's first part
    tenths: NDArray[np.uint8]  # (parts, 3) best evidence for concept, parent, grandparent
    points: NDArray[np.uint16]  # (parts, 3) shares x tenths
    totals: Ints  # (pairs,) their sum

    @property
    def part(self) -> Ints:
        """Give (parts,) the place of each part in Demands.part_lines."""
        counts = np.diff(self.pointer)
        return np.arange(self.pointer[-1]) + np.repeat(self.first_part - self.pointer[:-1], counts)


def explain_pairs(
    index: Index,
    demands: Demands,
    people: ArrayLike,
    offers: ArrayLike,
    *,
    threads: int = 2,
    compiled: bool | None = None,
) -> Explained:
    """Explain pairs (people[i], offers[i]), rows; fastest with an offer's pairs side by side.

    `compiled` as in `ranking`. Raises ValueError for rows that are not there.
    """
    persons, offer = np.asarray(people, np.int64), np.asarray(offers, np.int64)
    for rows, count in ((persons, len(index)), (offer, len(demands))):
        if rows.size and (rows.min() < 0 or rows.max() >= count):
            raise ValueError("a pair of somebody who is not there")
    first = demands.part_pointer[offer]
    counts = demands.part_pointer[offer + 1] - first
    pointer = np.append(0, np.cumsum(counts))
    parts = int(pointer[-1])
    tenths, points = np.empty((parts, 3), np.uint8), np.empty((parts, 3), np.uint16)
    totals = np.empty(len(offer), np.int64)
    place = index.position[persons]
    does = way(index, demands, compiled=compiled)

    def some_pairs(start: int, after: int) -> None:
        some = slice(start, after)
        told = (tenths, points, totals[some])
        does.explain_into(
            index, demands, place[some], offer[some], pointer[start : after + 1], told
        )

    in_threads(some_pairs, len(offer), threads)
    return Explained(pointer, first, tenths, points, totals)
