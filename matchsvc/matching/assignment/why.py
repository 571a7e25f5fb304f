"""Why not her first choice: what the best place for one person would cost another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.assignment.pairs import NOBODY, PLACED, Ints, Pairs


@dataclass(frozen=True, slots=True)
class Cost:
    """Somebody who would have to give way.

    Attributes:
        person: who.
        cover: of the place that would be given up.
        offer: the best that would be left, NOBODY for no place at all.
        cover_then: its cover, 0 without a place.
        is_locked: the place is settled, so nobody can ask for it.
    """

    person: int
    cover: int
    offer: int
    cover_then: int
    is_locked: bool = False

    @property
    def loss(self) -> int:
        """What the sum would lose there."""
        then = PLACED + self.cover_then if self.offer >= 0 else 0
        return PLACED + self.cover - then


@dataclass(frozen=True, slots=True)
class FirstChoice:
    """The place that a person covers best and did not get.

    Attributes:
        person: who.
        offer: which.
        cover: hers there.
        cost: who would give way most cheaply; None when the place is free, which an assignment
            that was mended never leaves.
    """

    person: int
    offer: int
    cover: int
    cost: Cost | None


class Reasons:
    """Answers "why not" for one assignment; keeps what the answers share."""

    def __init__(
        self,
        pairs: Pairs,
        places: Ints,
        offer: Ints,
        locked: NDArray[np.bool_],
        cover: Ints,
    ) -> None:
        """Read the assignment.

        Args:
            pairs: every usable pair; those of the locked may be missing.
            places: (offers,) places, those of the locked included.
            offer: (people,) the assignment.
            locked: (people,) whose place is settled.
            cover: (people,) of the place that each has.
        """
        self.pairs, self.offer, self.locked, self.cover = pairs, offer, locked, cover
        placed = np.flatnonzero(offer >= 0)
        self._order = placed[np.argsort(offer[placed], kind="stable")]
        counts = np.bincount(offer[placed], minlength=pairs.offers)
        self._start = np.append(0, np.cumsum(counts))
        self._is_free = counts < places

    def first_choice(self, person: int) -> FirstChoice | None:
        """Give the place that she covers better than her own, None when there is none."""
        pairs = self.pairs
        first, end = int(pairs.pointer[person]), int(pairs.pointer[person + 1])
        if first == end or self.locked[person]:
            return None
        at = first + int(np.argmax(pairs.cover[first:end]))
        offer, cover = int(pairs.offer[at]), int(pairs.cover[at])
        if self.offer[person] >= 0 and cover <= self.cover[person]:
            return None
        return FirstChoice(person, offer, cover, self._cheapest(person, offer))

    def holders(self, offer: int) -> Ints:
        """Give who has a place there."""
        return self._order[self._start[offer] : self._start[offer + 1]]

    def _cheapest(self, person: int, offer: int) -> Cost | None:
        if self._is_free[offer]:
            return None
        vacated = int(self.offer[person])
        costs = [self._cost(int(other), vacated) for other in self.holders(offer)]
        return min(costs, key=lambda cost: (cost.is_locked, cost.loss, cost.person), default=None)

    def _cost(self, other: int, vacated: int) -> Cost:
        """What somebody falls back on: the best free place, or the one that would be given up."""
        pairs, cover = self.pairs, int(self.cover[other])
        if self.locked[other]:
            return Cost(other, cover, NOBODY, 0, is_locked=True)
        mine = slice(int(pairs.pointer[other]), int(pairs.pointer[other + 1]))
        offers = pairs.offer[mine]
        possible = (self._is_free[offers] | (offers == vacated)) & (offers != self.offer[other])
        if not possible.any():
            return Cost(other, cover, NOBODY, 0)
        covers = np.where(possible, pairs.cover[mine], -1)
        best = int(np.argmax(covers))
        return Cost(other, cover, int(offers[best]), int(covers[best]))
