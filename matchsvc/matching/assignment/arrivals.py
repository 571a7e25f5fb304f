"""A year in which people and places come and go: what last year's prices are worth.

Every week whoever waits is assigned to what is open, in these ways:

- *first come*: the longest wait takes the best of what is open, then the next;
- *at once*: the best assignment of the week, as if no week came after;
- *by prices*: a pair is carried out when it is worth more than what both may still get. What that
  is follows from last year: its best assignment has a price for every place and a profit for every
  person, and whoever waits now is compared with the offers of last year's weeks to come at their
  prices, an offer with last year's people to come at their profits;
- *in hindsight*: one assignment of the whole year, which nobody could have known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.assignment.auction import auction, first_come, improve
from matchsvc.matching.assignment.pairs import PLACED, Ints, Pairs
from matchsvc.matching.assignment.solve import STEPS

WEEKS = 52
MOST_BIDS = 2**40


@dataclass(frozen=True, eq=False)
class Year:
    """Both years' people and offers in one: last year's come after this year's.

    Attributes:
        pairs: usable pairs, whenever they are there.
        places: (offers,).
        comes: (people,) the first week.
        goes: (people,) the first week after the last.
        opens: (offers,).
        closes: (offers,).
        is_now_person: (people,) this year's.
        is_now_offer: (offers,) this year's.
    """

    pairs: Pairs
    places: Ints
    comes: Ints
    goes: Ints
    opens: Ints
    closes: Ints
    is_now_person: NDArray[np.bool_]
    is_now_offer: NDArray[np.bool_]


class Lived(NamedTuple):
    """What came of a year."""

    placed: int
    value: int  # the sum of PLACED + cover


@dataclass(frozen=True, slots=True)
class Ways:
    """One year lived in every way.

    Attributes:
        people: how many came.
        places: how many opened.
        first_come: the longest wait first, each week.
        at_once: the best of each week.
        by_prices: with last year's prices.
        hindsight: the best of the whole year.
    """

    people: int
    places: int
    first_come: Lived
    at_once: Lived
    by_prices: Lived
    hindsight: Lived

    @property
    def gap_closed(self) -> float:
        """The share of what first come misses of hindsight that the prices bring back."""
        missing = self.hindsight.value - self.first_come.value
        return (self.by_prices.value - self.first_come.value) / missing if missing else 1.0


class Prices(NamedTuple):
    """What a year's best assignment says of its places and its people."""

    price: Ints  # (offers,)
    profit: Ints  # (people,)
    lived: Lived


def live_through(year: Year) -> Ways:
    """Live through this year in every way."""
    hindsight = _whole(year, year.is_now_person, year.is_now_offer)
    last = _whole(year, ~year.is_now_person, ~year.is_now_offer)
    return Ways(
        people=int(year.is_now_person.sum()),
        places=int(year.places[year.is_now_offer].sum()),
        first_come=_live(year, serve=True),
        at_once=_live(year),
        by_prices=_live(year, last=last),
        hindsight=hindsight.lived,
    )


def _whole(year: Year, people: NDArray[np.bool_], offers: NDArray[np.bool_]) -> Prices:
    """Assign a year in hindsight: whoever is ever there together may be paired."""
    person, offer = year.pairs.person, year.pairs.offer
    first = np.maximum(year.comes[person], year.opens[offer])
    meets = first < np.minimum(year.goes[person], year.closes[offer])
    pairs = year.pairs.keep(meets & people[person] & offers[offer])
    held = auction(pairs, year.places, step=STEPS[0], most_bids=MOST_BIDS)
    taken = improve(pairs, year.places, np.zeros(pairs.people, np.int64), held.offer)
    return Prices(
        price=held.price,
        profit=np.maximum(pairs.best_by_price(held.price).profit, 0),
        lived=Lived(
            placed=int((taken >= 0).sum()),
            value=int(pairs.value[pairs.offer == taken[pairs.person]].sum()),
        ),
    )


def _live(year: Year, *, last: Prices | None = None, serve: bool = False) -> Lived:
    """Go through the weeks; give how many were placed and the sum of their values."""
    waiting, free = year.is_now_person.copy(), np.where(year.is_now_offer, year.places, 0)
    person, offer = year.pairs.person, year.pairs.offer
    placed, value = 0, 0
    for week in range(WEEKS):
        here = waiting & (year.comes <= week) & (week < year.goes)
        is_open = (free > 0) & (year.opens <= week) & (week < year.closes)
        now = here[person] & is_open[offer]
        gain = year.pairs.value
        if last is not None:
            of_person, of_offer = _worth_waiting(year, last, week, free)
            gain = gain - of_person[person] - of_offer[offer]
            now &= gain > 0
        pairs = year.pairs.keep(now)
        if serve:
            taken = first_come(pairs, free, week - year.comes, np.arange(pairs.people))
        else:
            taken = _bid(pairs, gain[now], free)
        carried = pairs.offer == taken[pairs.person]
        free -= np.bincount(pairs.offer[carried], minlength=pairs.offers)
        waiting[pairs.person[carried]] = False
        placed += int(carried.sum())
        value += int(pairs.value[carried].sum())
    return Lived(placed, value)


def _bid(pairs: Pairs, gain: Ints, places: Ints) -> Ints:
    """Auction by what is gained; the auction reads PLACED + cover, so a gain is written as that."""
    bids = Pairs(pairs.offers, pairs.pointer, pairs.offer, (gain - PLACED).astype(np.int32))
    return auction(bids, places, step=STEPS[0], most_bids=MOST_BIDS).offer


def _worth_waiting(year: Year, last: Prices, week: int, free: Ints) -> tuple[Ints, Ints]:
    """What a person, and the least wanted free place of an offer, may still get.

    A person: the most that an offer of last year, of the weeks that she has left, leaves her over
    its price. A place: the same of last year's people over their profits.
    """
    person, offer, value = year.pairs.person, year.pairs.offer, year.pairs.value
    of_person, of_offer = np.zeros(year.pairs.people, np.int64), np.zeros(len(free), np.int64)
    later = year.is_now_person[person] & ~year.is_now_offer[offer]
    later &= (year.opens[offer] > week) & (year.opens[offer] < year.goes[person])
    np.maximum.at(of_person, person[later], value[later] - last.price[offer[later]])
    later = ~year.is_now_person[person] & year.is_now_offer[offer] & (free[offer] > 0)
    later &= (year.comes[person] > week) & (year.comes[person] < year.closes[offer])
    left = value[later] - last.profit[person[later]]
    order = np.lexsort((-left, offer[later]))
    whose, left = offer[later][order], left[order]
    rank = np.arange(order.size) - np.searchsorted(whose, whose)
    least = rank == free[whose] - 1
    of_offer[whose[least]] = np.maximum(left[least], 0)
    return of_person, of_offer
