"""Which pairs a cohort may use, from the engine's arrays; and why somebody has none.

A pair may be used when its gates are open and the cover of what is required reaches the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching import engine
from matchsvc.matching.assignment.pairs import Pairs, make_pairs
from matchsvc.matching.engine import FULL_COVER, Matching, ScoredParts
from matchsvc.matching.gates import GATES, Block, Gate, GateState, gate_states
from matchsvc.matching.weights import ALL_TENTHS, FLOOR

CELLS_AT_ONCE = 4_000_000  # persons x requirements scored together: some 50 MB
_OF_THE_OFFER = (GATES.index(Gate.EMPLOYER_BAR), GATES.index(Gate.OFFER_CLOSED))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why somebody has no usable pair.

    Attributes:
        code: ``no_offers``, ``gates`` or ``floor``.
        offers: how many places of work take anybody at all.
        gate: the gate nearest to opening something, for ``gates``.
        alone: how many offers nothing else closes.
        closes: how many it closes.
        best: the largest required cover at an open offer, for ``floor``.
        best_offer: where.
    """

    code: str
    offers: int = 0
    gate: Gate | None = None
    alone: int = 0
    closes: int = 0
    best: int = 0
    best_offer: int = -1


def usable_pairs(matching: Matching, *, floor: int = FLOOR) -> Pairs:
    """List every usable pair with its cover (of required and merits together)."""
    persons, offers, covers = [], [], []
    for some in _slices(matching, np.arange(len(matching.people))):
        usable = _is_open(matching, some) & (_required(matching, some) >= floor)
        rows, columns = np.nonzero(usable)
        persons.append(some[rows])
        offers.append(columns)
        covers.append(engine.cover(matching, some, _all_offers(matching)).cover[rows, columns])
    return make_pairs(
        len(matching.people),
        len(matching.offers),
        *(np.concatenate(parts) if parts else [] for parts in (persons, offers, covers)),
    )


def required_cover(matching: Matching, scored: ScoredParts) -> NDArray[np.int64]:
    """Give (persons, offers) the cover of the required alone, whole for who requires nothing."""
    required = ~matching.offers.requirement_is_merit[scored.requirements]
    points = scored.points.sum(axis=2, dtype=np.int64) * required
    most = matching.shares[scored.requirements].sum(axis=1, dtype=np.int64) * required * ALL_TENTHS
    gained, possible = _per_offer(points, scored.pointer), _per_offer(most[None], scored.pointer)
    return np.where(possible > 0, FULL_COVER * gained // np.maximum(possible, 1), FULL_COVER)


def obstacles(
    matching: Matching, persons: NDArray[np.int64], *, floor: int = FLOOR
) -> dict[int, Obstacle]:
    """Say why people have no usable pair; whoever has one is left out."""
    found: dict[int, Obstacle] = {}
    for some in _slices(matching, persons):
        block = Block(matching.people, matching.offers, some, _all_offers(matching), matching.today)
        closed = gate_states(block) == GateState.CLOSED
        takes = np.flatnonzero(~closed[list(_OF_THE_OFFER)].any(axis=(0, 1)))
        closed = closed[:, :, takes]
        is_open = ~closed.any(axis=0)
        shut = ~is_open.any(axis=1)
        alone = (closed & (closed.sum(axis=0) == 1)).sum(axis=2)
        closes = closed.sum(axis=2)
        for place in np.flatnonzero(shut):
            person = int(some[place])
            found[person] = _by_gates(len(takes), alone[:, place], closes[:, place])
        rest = np.flatnonzero(~shut)
        if rest.size:
            covers = _required(matching, some[rest])[:, takes]
            covers = np.where(is_open[rest], covers, -1)
            best = covers.argmax(axis=1)
            for place, at, cover in zip(rest, best, covers.max(axis=1), strict=True):
                if cover < floor:
                    found[int(some[place])] = Obstacle(
                        "floor", len(takes), best=int(cover), best_offer=int(takes[at])
                    )
    return found


def _by_gates(offers: int, alone: NDArray[np.int64], closes: NDArray[np.int64]) -> Obstacle:
    if not offers:
        return Obstacle("no_offers")
    nearest = max(range(len(GATES)), key=lambda gate: (alone[gate], closes[gate], -gate))
    gate, times = GATES[nearest], (int(alone[nearest]), int(closes[nearest]))
    return Obstacle("gates", offers, gate, *times)


def _required(matching: Matching, some: NDArray[np.int64]) -> NDArray[np.int64]:
    scored = engine.score_parts(matching, some, _all_offers(matching))
    return required_cover(matching, scored)


def _all_offers(matching: Matching) -> NDArray[np.int64]:
    return np.arange(len(matching.offers))


def _slices(matching: Matching, persons: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    per_person = max(len(matching.offers.requirement_concept), len(GATES) * len(matching.offers), 1)
    most = max(1, CELLS_AT_ONCE // per_person)
    return [persons[start : start + most] for start in range(0, len(persons), most)]


def _is_open(matching: Matching, some: NDArray[np.int64]) -> NDArray[np.bool_]:
    block = Block(matching.people, matching.offers, some, _all_offers(matching), matching.today)
    return np.asarray(~(gate_states(block) == GateState.CLOSED).any(axis=0))


def _per_offer(values: NDArray[Any], pointer: NDArray[Any]) -> NDArray[np.int64]:
    sums = np.pad(np.cumsum(values, axis=1, dtype=np.int64), ((0, 0), (1, 0)))
    return np.asarray(sums[:, pointer[1:]] - sums[:, pointer[:-1]])
