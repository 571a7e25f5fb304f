"""How far an assignment can be from the best: bounds that hold whoever computed it, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matchsvc.matching.assignment.exact import places_worth_having
from matchsvc.matching.assignment.pairs import MOST_WORTH, NOBODY, Ints, Pairs, Priced

Flags = NDArray[np.bool_]

#: Entries of the place-by-place graph up to which the largest number of people is counted exactly.
MOST_ENTRIES = 5_000_000


def dual_bound(priced: Priced, prices: Ints, places: Ints) -> int:
    """Give what no assignment's sum can pass, at any prices of 0 or more (weak duality).

    Whoever has a place brings value = profit + price, and no more profit than her best one; no more
    places are paid for than there are. So the sum is at most everybody's best profit, where it is
    positive, and the price of every place.
    """
    if prices.size and prices.min() < 0:
        raise ValueError("a price is never negative")
    return int(np.maximum(priced.profit, 0).sum() + (np.maximum(places, 0) * prices).sum())


class Most(NamedTuple):
    """The largest number of people who can be placed at once, and the proof.

    Attributes:
        people: how many.
        settled: (people,) and
        scarce: (offers,) cover every pair: its person is settled or its offer scarce. Nobody can
            place more than the settled and the places of the scarce (König): that is `people`.
    """

    people: int
    settled: Flags
    scarce: Flags


def most_people(pairs: Pairs, places: Ints, offer: Ints | None = None) -> Most:
    """Count the largest number of people who can be placed at once, whatever they cover.

    At once when an assignment is given that already places so many: then no chain of moves leads
    from somebody without a place to a free one (Berge). Else exactly (Hopcroft-Karp) while the
    graph is small, or an upper bound, proved alike: people with a pair, or places that somebody
    may take, whichever is fewer.

    Args:
        pairs: who may have what.
        places: (offers,) free ones.
        offer: (people,) an assignment within the places to usable pairs, NOBODY without.
    """
    capacity = places_worth_having(pairs, places)
    if offer is not None and pairs.offers:
        settled, scarce = _cover(pairs, offer)
        taken = np.bincount(offer[offer >= 0], minlength=pairs.offers)
        if not (scarce & (taken < capacity)).any():
            return Most(int((offer >= 0).sum()), settled, scarce)
    counts = capacity[pairs.offer]
    with_pair = np.zeros(pairs.people, bool)
    with_pair[pairs.person[counts > 0]] = True
    if int(counts.sum()) > MOST_ENTRIES or not counts.sum():
        if with_pair.sum() <= capacity.sum():
            return Most(int(with_pair.sum()), with_pair, np.zeros(pairs.offers, bool))
        return Most(int(capacity.sum()), np.zeros(pairs.people, bool), capacity > 0)
    starts = np.append(0, np.cumsum(capacity))
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.repeat(starts[pairs.offer], counts) + within
    pointer = np.append(0, np.cumsum(counts))[pairs.pointer]
    graph = csr_array(
        (np.ones(place.size, np.int8), place.astype(np.int32), pointer.astype(np.int32)),
        shape=(pairs.people, int(starts[-1])),
    )
    matched = maximum_bipartite_matching(graph, perm_type="column")
    offer_of = np.append(np.repeat(np.arange(pairs.offers), capacity), NOBODY)
    return Most(int((matched >= 0).sum()), *_cover(pairs, offer_of[matched]))


def uncovered(most: Most, priced: Callable[[Ints], Priced], offers: int) -> tuple[Flags, Priced]:
    """Find people with a pair that the proof does not cover: none, and it holds for all pairs.

    Args:
        most: counted on some of the pairs.
        priced: best_by_price over all of them.
        offers: how many.
    """
    dear = np.where(most.scarce, MOST_WORTH, 0).astype(np.int64)
    found = priced(np.resize(dear, offers))
    return ~most.settled & (found.offer >= 0) & (found.profit > 0), found


def _cover(pairs: Pairs, offer: Ints) -> tuple[Flags, Flags]:
    """Follow alternating paths from who has no place; whom they do not reach is settled."""
    reached = offer < 0
    scarce = np.zeros(pairs.offers, bool)
    while True:
        asked = np.zeros(pairs.offers, bool)
        asked[pairs.offer[reached[pairs.person]]] = True
        scarce |= asked
        further = reached | ((offer >= 0) & scarce[offer])
        if np.array_equal(further, reached):
            return ~reached, scarce
        reached = further
