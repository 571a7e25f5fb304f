"""The offers as the fast engine reads them: weights on concepts, and the gates they need."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchsvc.matching.fast.index import gate_words
from matchsvc.matching.weights import ALL_TENTHS, MOST_POINTS, Weights

Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Demands:
    """What offers ask. points = sum of weight x a person's tenths for the concept.

    `required_weight` is the part of `weight` that comes from required competences, so the cover of
    the required alone is read off the same concepts.
    """

    concepts: int  # how many there are
    id_rank: NDArray[np.int64]  # (offers,)
    pointer: NDArray[np.int64]  # (offers + 1,) into the three below
    concept: NDArray[np.int32]  # heaviest first within an offer
    weight: NDArray[np.uint16]
    required_weight: NDArray[np.uint16]
    maximum: NDArray[np.int64]  # (offers,) most points
    required_maximum: NDArray[np.int64]  # (offers,)
    need: NDArray[np.uint64]  # (offers, words)
    need_pointer: NDArray[np.int64]  # (offers + 1,)
    need_gate: NDArray[np.int32]  # the set bits of `need`
    part_pointer: NDArray[np.int64]  # (offers + 1,) into the three below: one entry a requirement
    part_lines: NDArray[np.int32]  # (parts, 3) concept, parent, grandparent, -1 where none
    part_shares: NDArray[np.uint16]  # (parts, 3) the three numbers
    part_source: NDArray[np.int64]  # (parts,) the place of the requirement in what was given

    def __len__(self) -> int:
        return len(self.id_rank)


def build_demands(
    *,
    offers: int,
    parent: ArrayLike,
    requirement_offer: ArrayLike,
    requirement_concept: ArrayLike,
    requirement_is_merit: ArrayLike,
    need: ArrayLike,
    id_rank: ArrayLike | None = None,
    weights: Weights | None = None,
) -> Demands:
    """Turn requirements into weights by the published table.

    Args:
        offers: how many there are; rows are 0 up to it.
        parent: (concepts,) one line upward, -1 at the top.
        requirement_offer: (requirements,) whose requirement it is, in any order.
        requirement_concept: (requirements,) the same concept may come twice and counts twice.
        requirement_is_merit: (requirements,)
        need: (offers,) or (offers, words) uint64 gate bits, as people's `has`.
        id_rank: (offers,) the row when left out.
        weights: the table; the published one when left out.

    Raises:
        ValueError: an offer or concept that is not there, or a sum past 64,000.
    """
    table = weights or Weights()
    row = np.asarray(requirement_offer, np.int64)
    order = np.argsort(row, kind="stable")
    row = row[order]
    merit = np.asarray(requirement_is_merit, bool)[order]
    concept = np.asarray(requirement_concept, np.int64)[order]
    above = np.append(np.asarray(parent, np.int64), -1)
    if row.size and (row.min() < 0 or row.max() >= offers):
        raise ValueError("a requirement of no offer")
    if concept.size and (concept.min() < 0 or concept.max() >= len(above) - 1):
        raise ValueError("no such concept")
    lines = np.stack([concept, above[concept], above[above[concept]]], axis=1)
    given = np.array((table.required, table.merit), np.int64)[merit.astype(np.int64)]
    shares = np.where(lines >= 0, given, 0)
    shares[:, 0] += given.sum(axis=1) - shares.sum(axis=1)

    pointer, concepts, weight, required = _summed(row, lines, shares, merit, offers, len(above))
    worth = ALL_TENTHS * shares.sum(axis=1)
    maximum = _per_offer(row, worth, offers)
    if maximum.size and maximum.max() > MOST_POINTS:
        raise ValueError("an offer's points pass 64,000")
    words = gate_words(need, offers)
    asks = (words[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    offer, gate = np.nonzero(asks.reshape(offers, 64 * words.shape[1]))
    return Demands(
        concepts=len(above) - 1,
        id_rank=np.arange(offers) if id_rank is None else np.asarray(id_rank, np.int64),
        pointer=pointer,
        concept=concepts,
        weight=weight,
        required_weight=required,
        maximum=maximum,
        required_maximum=_per_offer(row[~merit], worth[~merit], offers),
        need=words,
        need_pointer=_pointer(offer, offers),
        need_gate=gate.astype(np.int32),
        part_pointer=_pointer(row, offers),
        part_lines=lines.astype(np.int32),
        part_shares=shares.astype(np.uint16),
        part_source=order,
    )


def _summed(
    row: Ints, lines: Ints, shares: Ints, merit: NDArray[np.bool_], offers: int, concepts: int
) -> tuple[Any, Any, Any, Any]:
    rows = np.repeat(row, 3)
    required = np.repeat(~merit, 3)
    counts = shares.ravel() > 0
    key = (rows * concepts + lines.ravel())[counts]
    worth = shares.ravel()[counts]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    both = np.stack([worth, worth * required[counts]])[:, order]
    sums = np.add.reduceat(both, first, axis=1) if len(first) else both
    kept = key[first]
    heaviest = np.lexsort((kept, -sums[0], kept // concepts))
    kept, sums = kept[heaviest], sums[:, heaviest]
    return (
        _pointer(kept // concepts, offers),
        (kept % concepts).astype(np.int32),
        sums[0].astype(np.uint16),
        sums[1].astype(np.uint16),
    )


def _per_offer(row: Ints, worth: Ints, offers: int) -> NDArray[np.int64]:
    return np.bincount(row, weights=worth, minlength=offers).astype(np.int64)


def _pointer(of_row: Ints, rows: int) -> NDArray[np.int64]:
    return np.append(0, np.cumsum(np.bincount(of_row, minlength=rows))).astype(np.int64)
