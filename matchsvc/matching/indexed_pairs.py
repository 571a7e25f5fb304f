"""The usable pairs of a large cohort, by the fast engine: scored in passes over all pairs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from matchsvc.matching.assignment.pairs import (
    MOST_WORTH,
    Ints,
    Pairs,
    PairSource,
    Priced,
    make_pairs,
)
from matchsvc.matching.engine import FULL_COVER, Matching
from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.gate_bits import GateCode
from matchsvc.matching.fast.index import Index
from matchsvc.matching.fast.ranking import top_both, top_offers, usable
from matchsvc.matching.fast.translation import demands_of, index_of
from matchsvc.matching.usable import usable_pairs

#: People x offers up to which pairs are scored one by one.
PLAIN = 300_000
#: Some 100 MB. The share of places that are taken is the larger the fewer pairs are usable, so a
#: unit with more than this many has no trouble that a pass more would make worse.
MOST_LISTED = 2_000_000


@dataclass(frozen=True, eq=False)
class IndexedPairs:
    """A :class:`PairSource` that keeps no list: each question is a pass over all pairs.

    Attributes:
        index: the people.
        demands: the offers.
        floor: the least cover of what is required, of 10,000.
        forbidden: (person, offer) rows that may not be used.
        compiled: as in fast.ranking.
    """

    index: Index
    demands: Demands
    floor: int
    forbidden: frozenset[tuple[int, int]] = field(default=frozenset())
    compiled: bool | None = None

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.index)

    @property
    def offers(self) -> int:
        """How many offers there are."""
        return len(self.demands)

    def candidates(self, most: int) -> Pairs:
        """Give the best pairs of each person and of each offer."""
        by_offer, by_person = top_both(
            self.index, self.demands, most, floor=self.floor, compiled=self.compiled
        )
        person, rank = np.nonzero(by_person.offers >= 0)
        offer, place = np.nonzero(by_offer.people >= 0)
        maximum = self.demands.maximum[offer]
        points = by_offer.points[offer, place]
        cover = np.where(maximum > 0, FULL_COVER * points // np.maximum(maximum, 1), FULL_COVER)
        pairs = make_pairs(
            self.people,
            self.offers,
            np.concatenate([person, by_offer.people[offer, place]]),
            np.concatenate([by_person.offers[person, rank], offer]),
            np.concatenate([by_person.cover[person, rank], cover]),
        )
        return without(pairs, self.forbidden)

    def listed(self, most: int) -> Pairs | None:
        """Give all usable pairs in one pass; None when there are more than `most`."""
        found = usable(self.index, self.demands, most, floor=self.floor, compiled=self.compiled)
        if found is None:
            return None
        return without(make_pairs(self.people, self.offers, *found), self.forbidden)

    def best_by_price(self, prices: Ints) -> Priced:
        """Give each person's best offer over all pairs; what is not worth its price is nothing."""
        price = np.minimum(prices, MOST_WORTH)
        banned: dict[int, set[int]] = {}
        for row, column in self.forbidden:
            banned.setdefault(row, set()).add(column)
        most = 1 + max(map(len, banned.values()), default=0)
        found = top_offers(
            self.index,
            self.demands,
            most,
            prices=price,
            floor=self.floor,
            compiled=self.compiled,
        )
        at = np.zeros(self.people, np.int64)
        for person, forbidden in banned.items():
            allowed = [i for i in range(most) if int(found.offers[person, i]) not in forbidden]
            at[person] = allowed[0]  # one more than can be banned was asked for
        everybody = np.arange(self.people)
        offer, profit = found.offers[everybody, at], found.values[everybody, at]
        value = np.where(offer >= 0, profit + price[offer], 0)
        return Priced(offer, value, profit)


def pairs_of(
    matching: Matching, *, floor: int, forbidden: Collection[tuple[int, int]] = ()
) -> PairSource:
    """Give the usable pairs: one by one for an ordinary unit, by the fast engine for a large."""
    if len(matching.people) * len(matching.offers) <= PLAIN:
        return without(usable_pairs(matching, floor=floor), forbidden)
    return indexed_pairs(matching, floor=floor, forbidden=forbidden)


def indexed_pairs(
    matching: Matching, *, floor: int, forbidden: Collection[tuple[int, int]] = ()
) -> PairSource:
    """Lay a matching out for the fast engine and give its usable pairs, listed where few."""
    code = GateCode.of(matching.offers, matching.today)
    index, demands = index_of(matching, code), demands_of(matching, code)
    return listed_if_few(IndexedPairs(index, demands, floor, frozenset(forbidden)))


def listed_if_few(source: IndexedPairs) -> PairSource:
    """Give all usable pairs as a list, unless there are more than MOST_LISTED of them."""
    pairs = source.listed(MOST_LISTED)
    return source if pairs is None else pairs


def without(pairs: Pairs, forbidden: Collection[tuple[int, int]]) -> Pairs:
    """Give the pairs but those that are forbidden."""
    wanted = np.ones(len(pairs), bool)
    for person, offer in forbidden:
        at = pairs.find(person, offer)
        if at >= 0:
            wanted[at] = False
    return pairs.keep(wanted)
