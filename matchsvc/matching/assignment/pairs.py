"""The pairs that may be used, and the two questions that the solver asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]

#: What a pair is worth is this and its cover: placing somebody outweighs placing better.
PLACED = 10_000
MOST_WORTH = 20_000
NOBODY = -1


class Priced(NamedTuple):
    """The best that each person can get when every offer has its price.

    Attributes:
        offer: (people,) which offer, NOBODY without a usable pair.
        value: (people,) PLACED + cover of that pair, 0 without one.
        profit: (people,) value - price, the largest there is; 0 without a pair, may be negative.
    """

    offer: Ints
    value: Ints
    profit: Ints


class PairSource(Protocol):
    """All usable pairs, however they are kept: listed in memory, or scored anew at each pass."""

    @property
    def people(self) -> int:
        """How many people."""
        ...

    @property
    def offers(self) -> int:
        """How many offers."""
        ...

    def candidates(self, most: int) -> Pairs:
        """Give the `most` best offers of each person and the `most` best people of each offer."""
        ...

    def best_by_price(self, prices: Ints) -> Priced:
        """Give each person's best offer over all usable pairs; exact, or the bound is no bound."""
        ...


@dataclass(frozen=True, eq=False)
class Pairs:
    """Usable pairs by person: row i holds `offer[pointer[i] : pointer[i + 1]]`, rising.

    A :class:`PairSource` when it holds all of them. Made by :func:`make_pairs`.
    """

    offers: int
    pointer: Ints  # (people + 1,)
    offer: NDArray[np.int32]  # (pairs,)
    cover: NDArray[np.int32]  # (pairs,) 0 to 10,000

    def __len__(self) -> int:
        return len(self.offer)

    @property
    def people(self) -> int:
        """How many people there are, with or without a pair."""
        return len(self.pointer) - 1

    @cached_property
    def value(self) -> Ints:
        """What each pair is worth."""
        return PLACED + self.cover.astype(np.int64)

    @cached_property
    def person(self) -> Ints:
        """(pairs,) whose pair it is."""
        return np.repeat(np.arange(self.people), np.diff(self.pointer))

    @cached_property
    def by_offer(self) -> Ints:
        """(pairs,) the places of the pairs in the order of their offers, people rising within."""
        return np.argsort(self.offer, kind="stable")

    @cached_property
    def offer_pointer(self) -> Ints:
        """(offers + 1,) where each offer's pairs begin in `by_offer`."""
        return np.append(0, np.cumsum(np.bincount(self.offer, minlength=self.offers)))

    def find(self, person: int, offer: int) -> int:
        """Give the place of a pair, -1 when it is not usable."""
        first, end = int(self.pointer[person]), int(self.pointer[person + 1])
        at = first + int(np.searchsorted(self.offer[first:end], offer))
        return at if at < end and self.offer[at] == offer else -1

    def keep(self, wanted: NDArray[np.bool_]) -> Pairs:
        """Give the pairs for which `wanted` holds."""
        counts = np.append(0, np.cumsum(wanted))
        return Pairs(self.offers, counts[self.pointer], self.offer[wanted], self.cover[wanted])

    def candidates(self, most: int) -> Pairs:
        """Give the best pairs of each person and of each offer; all when they are few."""
        if len(self) <= most * (self.people + self.offers):
            return self
        wanted = np.zeros(len(self), bool)
        for owner, pointer in ((self.person, self.pointer), (self.offer, self.offer_pointer)):
            order = np.lexsort((-self.cover, owner))
            rank = np.arange(len(self)) - np.repeat(pointer[:-1], np.diff(pointer))
            wanted[order[rank < most]] = True
        return self.keep(wanted)

    def best_by_price(self, prices: Ints) -> Priced:
        """Give each person's best offer; on equal profit the offer that comes first."""
        offer = np.full(self.people, NOBODY, np.int64)
        value, profit = np.zeros_like(offer), np.zeros_like(offer)
        has = np.flatnonzero(np.diff(self.pointer))
        if has.size:
            profits = self.value - prices[self.offer]
            best = np.maximum.reduceat(profits, self.pointer[has])
            is_best = np.flatnonzero(profits == np.repeat(best, np.diff(self.pointer)[has]))
            owner, first = np.unique(self.person[is_best], return_index=True)
            at = is_best[first]
            offer[owner], value[owner], profit[owner] = self.offer[at], self.value[at], best
        return Priced(offer, value, profit)


def make_pairs(
    people: int, offers: int, person: ArrayLike, offer: ArrayLike, cover: ArrayLike
) -> Pairs:
    """Put pairs in order; of a pair given twice the first counts.

    Raises:
        ValueError: a person or an offer that is not there, or a cover outside 0 to 10,000.
    """
    rows, columns = np.asarray(person, np.int64), np.asarray(offer, np.int64)
    covers = np.asarray(cover, np.int64)
    for values, end in ((rows, people), (columns, offers), (covers, PLACED + 1)):
        if values.size and (values.min() < 0 or values.max() >= end):
            raise ValueError("a pair of somebody or something that is not there")
    key, first = np.unique(rows * max(offers, 1) + columns, return_index=True)
    pointer = np.append(0, np.cumsum(np.bincount(rows[first], minlength=people)))
    columns = (key % max(offers, 1)).astype(np.int32)
    return Pairs(offers, pointer.astype(np.int64), columns, covers[first].astype(np.int32))


def join(one: Pairs, person: Any, offer: Any, value: Any) -> Pairs:
    """Give the pairs with some more, by value; what is there already stays as it is."""
    return make_pairs(
        one.people,
        one.offers,
        np.concatenate([one.person, person]),
        np.concatenate([one.offer, offer]),
        np.concatenate([one.cover, np.asarray(value) - PLACED]),
    )
