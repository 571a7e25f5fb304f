"""Solve a cohort: exactly when it is small, else by auction over columns made when needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.assignment.auction import Auctioned, auction, first_come, improve
from matchsvc.matching.assignment.certificate import dual_bound, most_people, uncovered
from matchsvc.matching.assignment.exact import is_small, prices_of, solve_exactly
from matchsvc.matching.assignment.pairs import (
    MOST_WORTH,
    NOBODY,
    PLACED,
    Ints,
    Pairs,
    PairSource,
    Priced,
    join,
)

Flags = NDArray[np.bool_]

#: The share of the bound within which a draft is called certified (DESIGN 4.6).
CERTIFIED = 0.000_2
CANDIDATES = 50
#: Of 10,000 to 20,000 a place. The first brings the whole within 0.02 % (0.003 % measured for
#: 20,000 people); the certificate says how near each draft is. Coarser when many people who are
#: alike contend for few places and would bid without end.
STEPS = (2, 8, 32, 128)
#: For what those leave uncertified: an auction by 1 that ends is within 1 of 10,000 a place.
FINER_STEPS = (1,)
MOST_PASSES = 12
MOST_BIDS, BIDS_PER_PERSON = 1_000_000, 500


@dataclass(frozen=True, eq=False)
class Cohort:
    """What is to be assigned; raises ValueError for columns of the wrong length.

    Attributes:
        pairs: every pair that may be used.
        places: (offers,) free places.
        wait_days: (people,) the longer decides ties.
        id_rank: (people,) the last word.
        locked: (people,) the offer that is settled for her, usable or not; NOBODY for the rest. Her
            place is taken from the offer's before anything else.
        locked_cover: (people,) its cover, 0 for the rest.
    """

    pairs: PairSource
    places: Ints
    wait_days: Ints
    id_rank: Ints
    locked: Ints
    locked_cover: Ints

    def __post_init__(self) -> None:
        people = (self.wait_days, self.id_rank, self.locked, self.locked_cover)
        if any(len(column) != self.pairs.people for column in people):
            raise ValueError("one entry per person")
        if len(self.places) != self.pairs.offers:
            raise ValueError("one entry per offer")
        if self.locked.size and self.locked.max() >= self.pairs.offers:
            raise ValueError("locked to an offer that is not there")

    @property
    def is_locked(self) -> Flags:
        """(people,) whether her place is settled."""
        return self.locked >= 0

    @property
    def free(self) -> Ints:
        """(offers,) places left when the locked have theirs."""
        taken = np.bincount(self.locked[self.is_locked], minlength=self.pairs.offers)
        return np.maximum(np.maximum(self.places, 0) - taken, 0).astype(np.int64)

    @property
    def locked_value(self) -> int:
        """What the locked bring together."""
        return int((PLACED + self.locked_cover[self.is_locked]).sum())


@dataclass(frozen=True, eq=False)
class Solution:
    """An assignment and its certificate.

    Attributes:
        offer: (people,) NOBODY for those without a place; locked ones included.
        prices: (offers,) how contested each is: what one more place there would be worth.
        value: the sum of PLACED + cover.
        bound: what no assignment can pass, given what is locked.
        placed: how many have a place.
        most_placed: the largest number that could have one, given what is locked.
        first_come: (people,) what the longest wait choosing first would give.
        pairs: the pairs that were looked at: all, or the columns that were made.
    """

    offer: Ints
    prices: Ints
    value: int
    bound: int
    placed: int
    most_placed: int
    first_come: Ints
    first_come_value: int
    pairs: Pairs

    @property
    def gap(self) -> float:
        """(bound - value) / bound: how far from the best at most, as a share."""
        return (self.bound - self.value) / self.bound if self.bound else 0.0

    @property
    def is_certified(self) -> bool:
        """Whether the gap is within what is promised."""
        return self.gap <= CERTIFIED


def solve(cohort: Cohort) -> Solution:
    """Assign everybody who is not locked.

    The sum of PLACED + cover is the largest there is for a small cohort, ties going to the longer
    wait; for a large one it lies within the certificate, and nobody without a place could take
    that of somebody who brings less or, bringing as much, has waited less.
    """
    free = cohort.free
    unlocked = ~cohort.is_locked
    columns = _without(cohort.pairs.candidates(CANDIDATES), unlocked)
    is_whole = isinstance(cohort.pairs, Pairs) and len(columns) == int(
        unlocked[cohort.pairs.person].sum()
    )
    if is_whole and is_small(columns, free):
        offer = solve_exactly(columns, free, cohort.wait_days)
        prices = prices_of(columns, offer)
        priced = columns.best_by_price(prices)
    else:
        columns, offer, prices, priced = _generate(
            cohort, columns, free, unlocked, is_whole=is_whole
        )
    bound = dual_bound(priced, prices, free)
    listed = _without(cohort.pairs, unlocked) if isinstance(cohort.pairs, Pairs) else columns
    served = first_come(listed, free, cohort.wait_days, cohort.id_rank)
    settled = int(cohort.is_locked.sum())
    return Solution(
        offer=np.where(cohort.is_locked, cohort.locked, offer),
        prices=prices,
        value=value_of(columns, offer) + cohort.locked_value,
        bound=bound + cohort.locked_value,
        placed=int((offer >= 0).sum()) + settled,
        most_placed=_most(cohort, columns, free, unlocked, offer) + settled,
        first_come=np.where(cohort.is_locked, cohort.locked, served),
        first_come_value=value_of(listed, served) + cohort.locked_value,
        pairs=columns,
    )


def value_of(pairs: Pairs, offer: Ints) -> int:
    """Give the sum of values of an assignment to usable pairs."""
    return int(pairs.value[pairs.offer == offer[pairs.person]].sum())


def _generate(
    cohort: Cohort, columns: Pairs, free: Ints, unlocked: Flags, *, is_whole: bool
) -> tuple[Pairs, Ints, Ints, Priced]:
    """Auction what is at hand, look for better pairs at its prices, and again until there are none.

    The bound of each pass holds over all pairs; the best one is kept with its prices, and so is the
    best assignment. What is not certified when no better pair is left is auctioned more finely.
    """
    nothing = np.zeros(cohort.pairs.people, np.int64)
    prices, at_prices = np.zeros(cohort.pairs.offers, np.int64), Priced(nothing, nothing, nothing)
    lowest: int | None = None
    best, value = np.full(cohort.pairs.people, NOBODY, np.int64), -1
    steps: tuple[int, ...] = STEPS
    finer = list(FINER_STEPS)
    for number in range(MOST_PASSES):
        held = _held(columns, free, steps)
        source = columns if is_whole else cohort.pairs
        priced = _only(source.best_by_price(held.price), unlocked)
        bound = dual_bound(priced, held.price, free)
        if lowest is None or bound < lowest:
            lowest, prices, at_prices = bound, held.price, priced
        offer = improve(columns, free, cohort.wait_days, held.offer)
        reached = value_of(columns, offer)
        if reached > value:
            best, value = offer, reached
        missing = lowest - value
        if missing <= CERTIFIED * lowest / 2:
            break
        current = columns.best_by_price(held.price)
        better = priced.profit > np.maximum(current.profit, 0)
        if better.any() and number < MOST_PASSES - 1 - len(finer):
            columns = join(columns, *_columns_of(priced, better))
        elif missing > CERTIFIED * lowest and finer:
            steps = (finer.pop(0), *STEPS)
        else:
            break
    return columns, best, prices, at_prices


def _held(columns: Pairs, free: Ints, steps: tuple[int, ...]) -> Auctioned:
    most = MOST_BIDS + BIDS_PER_PERSON * columns.people
    for step in steps:
        held = auction(columns, free, step=step, most_bids=most)
        if held.is_finished:
            break
    return held


def _most(cohort: Cohort, columns: Pairs, free: Ints, unlocked: Flags, offer: Ints) -> int:
    """The largest number that can be placed: counted on columns until that covers all pairs."""
    if isinstance(cohort.pairs, Pairs):
        return most_people(_without(cohort.pairs, unlocked), free, offer).people
    without_place = np.where(free > 0, 0, MOST_WORTH)
    for _ in range(MOST_PASSES):
        most = most_people(columns, free, offer)
        missed, found = uncovered(
            most,
            lambda dear: cohort.pairs.best_by_price(np.maximum(dear, without_place)),
            cohort.pairs.offers,
        )
        missed &= unlocked
        if not missed.any():
            return most.people
        columns = join(columns, *_columns_of(found, missed))
    return most.people + int(missed.sum())


def _without(pairs: Pairs, unlocked: Flags) -> Pairs:
    return pairs.keep(unlocked[pairs.person])


def _columns_of(priced: Priced, whose: Flags) -> tuple[Ints, Ints, Ints]:
    return np.flatnonzero(whose), priced.offer[whose], priced.value[whose]


def _only(priced: Priced, unlocked: Flags) -> Priced:
    nobody = ~unlocked
    return Priced(
        np.where(nobody, NOBODY, priced.offer),
        np.where(nobody, 0, priced.value),
        np.where(nobody, 0, priced.profit),
    )
