"""The exact assignment for cohorts of an ordinary unit, by scipy, with prices that prove it."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from matchsvc.matching.assignment.pairs import NOBODY, Ints, Pairs

#: People x places up to which the exact solver is quick (below a second).
MOST_CELLS = 1_000_000
#: Longer waits count as this, so that the sums stay whole in double precision.
LONGEST_WAIT = 3_650


def is_small(pairs: Pairs, places: Ints) -> bool:
    """Tell whether the cohort is small enough to be solved exactly."""
    return pairs.people * int(places_worth_having(pairs, places).sum()) <= MOST_CELLS


def places_worth_having(pairs: Pairs, places: Ints) -> Ints:
    """Give (offers,) the places that somebody could take: no more than people who may."""
    return np.minimum(np.maximum(places, 0), np.bincount(pairs.offer, minlength=pairs.offers))


def solve_exactly(pairs: Pairs, places: Ints, wait_days: Ints) -> Ints:
    """Give (people,) the offer of each: the largest sum of values and, of those, the longest waits.

    A tie is decided by the sum of wait x value, so that who has waited longer is placed, and placed
    better. Whole numbers below 2^53 throughout, so double precision is exact.
    """
    capacity = places_worth_having(pairs, places)
    offer_of = np.repeat(np.arange(pairs.offers), capacity)
    offer = np.full(pairs.people, NOBODY, np.int64)
    if not offer_of.size:
        return offer
    wait = np.clip(wait_days, 0, LONGEST_WAIT)[pairs.person] + 1
    tie = (wait * pairs.value).astype(np.float64)
    shared = min(pairs.people, offer_of.size)
    worth = pairs.value * (shared * float(tie.max()) + 1) + tie
    starts = np.append(0, np.cumsum(capacity))
    counts = capacity[pairs.offer]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    cells = np.zeros((pairs.people, offer_of.size))
    column = np.repeat(starts[pairs.offer], counts) + within
    cells[np.repeat(pairs.person, counts), column] = np.repeat(worth, counts)
    person, seat = linear_sum_assignment(cells, maximize=True)
    used = cells[person, seat] > 0
    offer[person[used]] = offer_of[seat[used]]
    return offer


def prices_of(pairs: Pairs, offer: Ints) -> Ints:
    """Give (offers,) the lowest prices at which an optimal assignment is what everybody wants.

    A place's price is what somebody else would lose by her not having it. Prices rise along chains
    of people who would rather have another's place; an optimal assignment has no chain that comes
    back larger, so it ends (after at most as many rounds as there are offers).
    """
    price = np.zeros(pairs.offers, np.int64)
    if not len(pairs):
        return price
    mine = np.zeros(pairs.people, np.int64)
    chosen = np.flatnonzero(pairs.offer == offer[pairs.person])
    mine[pairs.person[chosen]] = pairs.value[chosen]
    placed = offer >= 0
    order = pairs.by_offer
    person, value = pairs.person[order], pairs.value[order]
    wanted = np.flatnonzero(np.diff(pairs.offer_pointer))
    for _ in range(pairs.offers + 1):
        gained = np.where(placed, mine - price[offer], 0)
        asked = np.maximum.reduceat(value - gained[person], pairs.offer_pointer[wanted])
        risen = price.copy()
        risen[wanted] = np.maximum(price[wanted], asked)
        if np.array_equal(risen, price):
            break
        price = risen
    return price
