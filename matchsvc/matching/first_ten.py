"""Who and what stands first in every list at once. Arrays in, arrays out.

The first of a list are open pairs only: a closed one is shown below, with what would open it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.engine import Matching, cover, score_parts
from matchsvc.matching.gates import Block, GateState, gate_states
from matchsvc.matching.inputs import Ints
from matchsvc.matching.usable import required_cover

TOP = 10
NOBODY = -1
CELLS_AT_ONCE = 1_000_000  # persons x requirements scored together: some 50 MB


@dataclass(frozen=True, slots=True, eq=False)
class ListsChanged:
    """How some lists differ from the same lists by another table.

    Attributes:
        lists: how many were compared.
        changed: in how many the first ten are others, or stand in another order.
        replaced: in how many somebody or something else stands among the first ten.
        moved: how many pairs have another place in the first ten, came in or fell out.
    """

    lists: int
    changed: int
    replaced: int
    moved: int


def first_people(matching: Matching, offers: Ints, top: int = TOP) -> Ints:
    """Give (offers, top) the people (rows) who stand first for some offers, -1 where none.

    By cover, then longest wait, then id, as the lists.
    """
    everybody = np.arange(len(matching.people))
    found = [np.full((0, top), NOBODY)]
    wait = matching.people.wait_days.astype(np.int64)
    for some in _slices(offers, matching, across=everybody):
        keys = _keys(matching, everybody, some, wait[:, None], matching.people.id_rank[:, None])
        found.append(_first(keys.T, top))
    return np.concatenate(found)


def first_offers(matching: Matching, persons: Ints, top: int = TOP) -> Ints:
    """Give (persons, top) the offers (rows) that stand first for some people, -1 where none."""
    all_offers = np.arange(len(matching.offers))
    found = [np.full((0, top), NOBODY)]
    no_wait = np.zeros((1, 1), np.int64)  # it is the same person's in the whole list
    for some in _slices(persons, matching, across=all_offers):
        keys = _keys(matching, some, all_offers, no_wait, matching.offers.id_rank[None, :])
        found.append(_first(keys, top))
    return np.concatenate(found)


def compare_lists(before: Ints, after: Ints) -> ListsChanged:
    """Compare (lists, top) rows with the same lists by another table."""
    differs = before != after
    replaced = (np.sort(before, axis=1) != np.sort(after, axis=1)).any(axis=1)
    came_or_moved = (differs & (after != NOBODY)).sum()
    still = (before[:, :, None] == after[:, None, :]).any(axis=2)
    fell_out = (~still & (before != NOBODY)).sum()
    return ListsChanged(
        lists=len(before),
        changed=int(differs.any(axis=1).sum()),
        replaced=int(replaced.sum()),
        moved=int(came_or_moved + fell_out),
    )


def count_usable(matching: Matching, offers: Ints, floor: int) -> int:
    """Count the pairs of some offers whose gates are open and whose required reach the floor."""
    everybody, total = np.arange(len(matching.people)), 0
    for some in _slices(offers, matching, across=everybody):
        enough = required_cover(matching, score_parts(matching, everybody, some)) >= floor
        total += int((enough & ~_closed(matching, everybody, some)).sum())
    return total


def evenly(count: int, most: int) -> Ints:
    """Give at most so many of `count` rows, evenly apart and always the same."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _closed(matching: Matching, persons: Ints, offers: Ints) -> NDArray[np.bool_]:
    block = Block(matching.people, matching.offers, persons, offers, matching.today)
    return np.asarray((gate_states(block) == GateState.CLOSED).any(axis=0))


def _keys(
    matching: Matching, persons: Ints, offers: Ints, wait: Ints, id_rank: Ints
) -> NDArray[np.int64]:
    """Give (persons, offers) one number that orders as the lists do, -1 for closed pairs.

    Cover takes the highest bits, then 20 bits of wait in days, then 24 of the id.
    """
    covers = cover(matching, persons, offers).cover.astype(np.int64)
    last = (1 << 24) - 1 - id_rank.astype(np.int64)
    keys = (covers << 44) | (np.minimum(wait, (1 << 20) - 1) << 24) | last
    return np.where(_closed(matching, persons, offers), NOBODY, keys)


def _first(keys: NDArray[np.int64], top: int) -> Ints:
    """Give (lists, top) the columns with the largest keys, the largest first, -1 where none."""
    lists, width = keys.shape
    most = min(top, width)
    found = np.full((lists, top), NOBODY)
    if most:
        best = np.argpartition(-keys, most - 1, axis=1)[:, :most]
        order = np.argsort(-np.take_along_axis(keys, best, axis=1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, axis=1)
        is_open = np.take_along_axis(keys, best, axis=1) != NOBODY
        found[:, :most] = np.where(is_open, best, NOBODY)
    return found


def _slices(rows: Ints, matching: Matching, *, across: Ints) -> list[Ints]:
    """Cut rows so that each slice scores a bounded number of persons x requirements."""
    asked = len(matching.offers.requirement_concept) / max(1, len(matching.offers))
    most = max(1, int(CELLS_AT_ONCE / (max(1, len(across)) * max(1.0, asked))))
    return [rows[start : start + most] for start in range(0, len(rows), most)]
