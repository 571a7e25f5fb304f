"""The capacitated auction: people bid for places until nobody wants another place more.

Bertsekas' auction for one person a place and several places an offer. Prices begin at 0 and an
offer's price rises only once it is full, so every price is backed by people, and the sum lies
within (people placed) x `step` of the largest there is. The kernels are plain loops: compiled by
numba where it is there and worth the compiling, else run as they stand, with the same results.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from matchsvc.matching.assignment.pairs import MOST_WORTH, NOBODY, Ints, Pairs

#: Pairs from which compiling (once a machine, some seconds) is worth it.
WORTH_COMPILING = 5_000


class Auctioned(NamedTuple):
    """Who got what at which price.

    Attributes:
        offer: (people,) NOBODY for those without a place.
        price: (offers,) the lowest bid that holds a place, 0 while a place is free, and the most
            that any pair is worth where there are no places.
        is_finished: whether everybody bid until nothing was left to gain.
    """

    offer: Ints
    price: Ints
    is_finished: bool


def auction(pairs: Pairs, places: Ints, *, step: int, most_bids: int) -> Auctioned:
    """Hold one auction from prices of 0.

    Args:
        pairs: who may have what.
        places: (offers,) how many places; an offer with none is left out.
        step: by how much, at least, a bid raises a price: the accuracy, in units of value.
        most_bids: give up after so many; what was reached is still an assignment with prices.
    """
    usable = pairs.keep(places[pairs.offer] > 0)
    slots = np.append(0, np.cumsum(np.maximum(places, 0)))
    holder = np.full(slots[-1], NOBODY, np.int64)
    bid = np.zeros(slots[-1], np.int64)
    price = np.where(places > 0, 0, MOST_WORTH)  # nobody is drawn to what has no place
    run = compiled(_bid_all, len(usable))
    bids = run(
        usable.pointer, usable.offer, usable.value, slots, holder, bid, price, step, most_bids
    )
    offer = np.full(pairs.people, NOBODY, np.int64)
    taken = holder >= 0
    offer[holder[taken]] = np.repeat(np.arange(pairs.offers), np.diff(slots))[taken]
    return Auctioned(offer, price, bids < most_bids)


def improve(pairs: Pairs, places: Ints, wait_days: Ints, offer: Ints) -> Ints:
    """Mend what an auction of finite steps leaves: free better places, and ties to the longer wait.

    Afterwards nobody would rather have a place that is free, and nobody without a place could take
    somebody's who brings less or, bringing as much, has waited less.

    Args:
        pairs: who may have what.
        places: (offers,).
        wait_days: (people,).
        offer: (people,) an assignment within the places; not changed.
    """
    mended = offer.copy()
    slots = np.append(0, np.cumsum(np.maximum(places, 0)))
    holder = np.full(slots[-1], NOBODY, np.int64)
    placed = np.flatnonzero(mended >= 0)
    placed = placed[np.argsort(mended[placed], kind="stable")]
    counts = np.bincount(mended[placed], minlength=pairs.offers)
    starts = np.append(0, np.cumsum(counts))[:-1]
    within = np.arange(placed.size) - np.repeat(starts, counts)
    holder[slots[mended[placed]] + within] = placed
    worth = np.zeros(pairs.people, np.int64)
    chosen = np.flatnonzero(pairs.offer == mended[pairs.person])
    worth[pairs.person[chosen]] = pairs.value[chosen]
    order = np.argsort(-wait_days, kind="stable")
    compiled(_mend, len(pairs))(
        pairs.pointer, pairs.offer, pairs.value, slots, holder, wait_days, order, mended, worth
    )
    return mended


def first_come(pairs: Pairs, places: Ints, wait_days: Ints, id_rank: Ints) -> Ints:
    """Give (people,) the offer each gets when the longest wait chooses first, then the next.

    Each takes the offer of largest cover that has a place left; on equal cover the first.
    """
    order = np.lexsort((id_rank, -wait_days))
    offer = np.full(pairs.people, NOBODY, np.int64)
    compiled(_serve, len(pairs))(
        pairs.pointer, pairs.offer, pairs.value, places.copy(), order, offer
    )
    return offer


def compiled(kernel: Callable[..., Any], work: int) -> Callable[..., Any]:
    """Give the kernel, compiled where there is much work and numba to do it with."""
    return _compile(kernel) if work >= WORTH_COMPILING else kernel


@functools.cache
def _compile(kernel: Callable[..., Any]) -> Callable[..., Any]:
    try:
        import numba
    except ModuleNotFoundError:
        return kernel
    try:
        made: Callable[..., Any] = numba.njit(cache=True, nogil=True)(kernel)
    except RuntimeError:  # nowhere to keep what is compiled
        made = numba.njit(nogil=True)(kernel)
    return made


def _bid_all(  # noqa: C901, PLR0915 - one loop that numba compiles whole
    pointer: Any,
    offers: Any,
    values: Any,
    slots: Any,
    holder: Any,
    bid: Any,
    price: Any,
    step: Any,
    most_bids: Any,
) -> Any:
    """Let people bid until nobody gains; the bids of an offer are a heap, the lowest first.

    Whoever gave way waits behind everybody who has not bid: prices are then known before she bids
    again. Were she next, two who want the same would outbid each other step by step (three times
    the bids at 20,000 people).
    """
    people = pointer.size - 1
    waiting = np.arange(people)  # a ring: nobody is in it twice
    filled = np.zeros(price.size, np.int64)
    first_waiting, left, bids = 0, people, 0
    while left > 0 and bids < most_bids:
        person = waiting[first_waiting]
        first_waiting = first_waiting + 1 if first_waiting + 1 < people else 0
        left -= 1
        best, first, second, worth = -1, 0, 0, 0
        for at in range(pointer[person], pointer[person + 1]):
            profit = values[at] - price[offers[at]]
            if profit > first:
                best, second, first, worth = offers[at], first, profit, values[at]
            elif profit > second:
                second = profit
        if best < 0:
            continue  # no place is worth its price: stays without
        bids += 1
        raised = worth - second + step
        start, size = slots[best], slots[best + 1] - slots[best]
        if filled[best] < size:
            at = filled[best]
            filled[best] += 1
            while at > 0 and bid[start + (at - 1) // 2] > raised:
                bid[start + at] = bid[start + (at - 1) // 2]
                holder[start + at] = holder[start + (at - 1) // 2]
                at = (at - 1) // 2
        else:
            after = first_waiting + left
            waiting[after if after < people else after - people] = holder[start]  # the lowest bid
            left += 1
            at = 0
            while True:
                below = 2 * at + 1
                if below + 1 < size and bid[start + below + 1] < bid[start + below]:
                    below += 1
                if below >= size or bid[start + below] >= raised:
                    break
                bid[start + at], holder[start + at] = bid[start + below], holder[start + below]
                at = below
        bid[start + at], holder[start + at] = raised, person
        if filled[best] == size:
            price[best] = bid[start]
    return bids


def _mend(  # noqa: C901, PLR0912 - one loop that numba compiles whole
    pointer: Any,
    offers: Any,
    values: Any,
    slots: Any,
    holder: Any,
    wait_days: Any,
    order: Any,
    mine: Any,
    worth: Any,
) -> None:
    """Move people to better free places and into places of those who bring or waited less.

    Every move raises the sum, or keeps it and raises the wait of those placed, so it ends. `seat`
    is an offer's free place or, when it is full, the one whose holder would give way first.
    """
    count = slots.size - 1
    seat = np.full(count, -1, np.int64)
    stale = np.ones(count, np.bool_)
    moved = True
    while moved:
        moved = False
        for person in order:
            best, gain, wait = -1, 0, 0
            for at in range(pointer[person], pointer[person + 1]):
                offer = offers[at]
                if stale[offer]:
                    stale[offer] = False
                    seat[offer] = -1
                    for slot in range(slots[offer], slots[offer + 1]):
                        other, held = holder[slot], holder[seat[offer]]
                        if (
                            seat[offer] < 0
                            or other < 0
                            or (
                                held >= 0
                                and (
                                    worth[other] < worth[held]
                                    or (
                                        worth[other] == worth[held]
                                        and wait_days[other] < wait_days[held]
                                    )
                                )
                            )
                        ):
                            seat[offer] = slot
                if seat[offer] < 0:
                    continue
                other = holder[seat[offer]]
                more, longer = values[at] - worth[person], 0
                if other >= 0:
                    if mine[person] >= 0:
                        continue  # only a free place draws somebody who has one
                    more -= worth[other]
                    longer = wait_days[person] - wait_days[other]
                if more > gain or (more == gain and longer > wait):
                    best, gain, wait = at, more, longer
            if best < 0:
                continue
            moved = True
            offer = offers[best]
            other, old = holder[seat[offer]], mine[person]
            if other >= 0:
                mine[other], worth[other] = -1, 0
            if old >= 0:
                stale[old] = True
                for slot in range(slots[old], slots[old + 1]):
                    if holder[slot] == person:
                        holder[slot] = -1
            holder[seat[offer]], mine[person], worth[person] = person, offer, values[best]
            stale[offer] = True


def _serve(pointer: Any, offers: Any, values: Any, free: Any, order: Any, mine: Any) -> None:
    for person in order:
        best, most = -1, 0
        for at in range(pointer[person], pointer[person + 1]):
            if values[at] > most and free[offers[at]] > 0:
                best, most = offers[at], values[at]
        if best >= 0:
            mine[person] = best
            free[best] -= 1
