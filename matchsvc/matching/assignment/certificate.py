"""How far an assignment can be from the best: bounds that hold whoever computed it, and how."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matchsvc.matching.assignment.exact import places_worth_having
from matchsvc.matching.assignment.pairs import Ints, Pairs, Priced

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


def most_people(pairs: Pairs, places: Ints) -> int:
    """Give the largest number of people who can be placed at once, whatever they cover.

    Counted exactly (Hopcroft-Karp) while the graph is small; else an upper bound: people with a
    pair, and places that somebody may take, whichever is fewer.
    """
    capacity = places_worth_having(pairs, places)
    counts = capacity[pairs.offer]
    if int(counts.sum()) > MOST_ENTRIES:
        with_pair = np.unique(pairs.person[counts > 0]).size
        return int(min(with_pair, capacity.sum()))
    if not counts.sum():
        return 0
    starts = np.append(0, np.cumsum(capacity))
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.repeat(starts[pairs.offer], counts) + within
    pointer = np.append(0, np.cumsum(counts))[pairs.pointer]
    graph = csr_array(
        (np.ones(place.size, np.int8), place.astype(np.int32), pointer.astype(np.int32)),
        shape=(pairs.people, int(starts[-1])),
    )
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())
