"""Best people for offers and best offers for people, over all pairs whose gates are open.

`compiled` picks the way: True the numba kernels, False numpy and scipy, None the kernels when numba
is there. Both give the same integers, for any number of threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import Index

FULL = 10_000
MOST_VALUE = 2 * FULL
LAST_RANK = 0xFFFF_FFFF

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TopPeople:
    """Per chosen offer the best people in order: most points, longest wait, id."""

    people: Ints  # (offers, k) rows, -1 where fewer are open
    points: Ints  # (offers, k), -1 where nobody


@dataclass(frozen=True, slots=True, eq=False)
class TopOffers:
    """Per person the best offers in order: highest value, then the offer's id rank."""

    offers: Ints  # (people, k) rows, -1 where fewer are open or worth anything
    values: Ints  # (people, k) 10,000 + cover - price, 0 where none

    @property
    def cover(self) -> Ints:
        """Give the cover, -1 where none; only when nothing had a price."""
        return np.where(self.offers >= 0, self.values - FULL, -1)


@cache
def is_compiled_here() -> bool:
    """Tell whether numba can be used."""
    return find_spec("numba") is not None


def top_people(
    index: Index,
    demands: Demands,
    k: int,
    *,
    offers: ArrayLike | None = None,
    floor: int = 0,
    threads: int = 2,
    compiled: bool | None = None,
) -> TopPeople:
    """Give the k best people for each offer (all, or the rows `offers`).

    Only open pairs whose required cover is at least `floor` (of 10,000) count.
    """
    chosen = _rows(offers, len(demands))
    keys = way(index, demands, compiled=compiled).people_lists(
        index, demands, chosen, k, floor, threads
    )
    return TopPeople(*_read(keys, index.by_rank, nothing=-1))


def top_offers(
    index: Index,
    demands: Demands,
    k: int,
    *,
    prices: ArrayLike | None = None,
    floor: int = 0,
    threads: int = 2,
    compiled: bool | None = None,
) -> TopOffers:
    """Give the k best offers for each person, by value = 10,000 + cover - the offer's price.

    Only open pairs count whose required cover is at least `floor` (of 10,000) and whose value is
    above 0: staying without a place is worth 0. With k = 2 this is the price pass of an auction:
    `values[:, 0]` and `values[:, 1]` are the best and second best, 0 where there is none.

    Args:
        index: the people.
        demands: the offers.
        k: how many for each.
        prices: (offers,) at least 0; nothing costs anything when left out.
        floor: least required cover.
        threads: how many at once.
        compiled: see the module.
    """
    price = _prices(prices, len(demands))
    keys = way(index, demands, compiled=compiled).offer_lists(
        index, demands, price, k, floor, threads
    )
    return TopOffers(*_read(keys[index.position], _by_rank(demands), nothing=0))


def top_both(
    index: Index,
    demands: Demands,
    k: int,
    *,
    floor: int = 0,
    threads: int = 2,
    compiled: bool | None = None,
) -> tuple[TopPeople, TopOffers]:
    """Give `top_people` and `top_offers` in one pass over the pairs."""
    people, offers = way(index, demands, compiled=compiled).both_lists(
        index, demands, k, floor, threads
    )
    return (
        TopPeople(*_read(people, index.by_rank, nothing=-1)),
        TopOffers(*_read(offers[index.position], _by_rank(demands), nothing=0)),
    )


def usable(
    index: Index,
    demands: Demands,
    most: int,
    *,
    floor: int = 0,
    threads: int = 2,
    compiled: bool | None = None,
) -> tuple[Ints, Ints, Ints] | None:
    """Give person, offer and cover of every open pair that reaches the floor, in any order.

    None when there are more than `most` of them.
    """
    found = way(index, demands, compiled=compiled).usable_list(index, demands, floor, most, threads)
    if found is None:
        return None
    place, offer, points = found
    maximum = demands.maximum[offer]
    cover = np.where(maximum > 0, FULL * points // np.maximum(maximum, 1), FULL)
    return index.row[place], offer, cover


def ranks(demands: Demands) -> NDArray[np.uint32]:
    """Give each offer's place by id rank."""
    rank = np.empty(len(demands), np.uint32)
    rank[_by_rank(demands)] = np.arange(len(demands))
    return rank


def in_threads(work: Callable[[int, int], Any], count: int, threads: int) -> list[Any]:
    """Cut 0..count into one stretch a thread, run `work(first, after)`; give what they give."""
    cuts = np.linspace(0, count, min(threads, max(count, 1)) + 1).astype(int).tolist()
    stretches = list(pairwise(cuts))
    if len(stretches) == 1:
        return [work(*stretches[0])]
    with ThreadPoolExecutor(len(stretches)) as pool:
        return list(pool.map(lambda stretch: work(*stretch), stretches))


def way(index: Index, demands: Demands, *, compiled: bool | None) -> Any:
    """Give the module that does the work; raises ValueError when people and offers differ."""
    if demands.concepts > len(index.parent) or demands.need.shape[1] * 64 > index.gates:
        raise ValueError("people and offers are written with different lists")
    if compiled or (compiled is None and is_compiled_here()):
        from matchsvc.matching.fast import compiled as compiled_scan

        return compiled_scan
    from matchsvc.matching.fast import plain

    return plain


def _rows(rows: ArrayLike | None, count: int) -> Ints:
    chosen = np.arange(count) if rows is None else np.atleast_1d(np.asarray(rows, np.int64))
    if chosen.size and (chosen.min() < 0 or chosen.max() >= count):
        raise ValueError("no such offer")
    return chosen


def _prices(prices: ArrayLike | None, offers: int) -> Ints:
    price = np.zeros(offers, np.int64) if prices is None else np.asarray(prices, np.int64)
    if len(price) != offers or (price.size and price.min() < 0):
        raise ValueError("every offer has one price, at least 0")
    return np.minimum(price, MOST_VALUE)


def _by_rank(demands: Demands) -> Ints:
    return np.argsort(demands.id_rank, kind="stable")


def _read(keys: NDArray[np.uint64], by_rank: Ints, *, nothing: int) -> tuple[Ints, Ints]:
    """Take keys (best first, 0 for none) apart into rows and numbers."""
    found = keys > 0
    rank = LAST_RANK - (keys & np.uint64(LAST_RANK)).astype(np.int64)
    rows = np.full(keys.shape, -1, np.int64)
    rows[found] = by_rank[rank[found]]
    return rows, np.where(found, (keys >> np.uint64(32)).astype(np.int64), nothing)
