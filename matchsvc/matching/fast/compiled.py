"""The lists of `ranking` by the compiled kernels. Imported only when numba is to be used."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.fast.demands import Demands
from matchsvc.matching.fast.index import Index
from matchsvc.matching.fast.kernel_of_listing import list_usable
from matchsvc.matching.fast.kernel_of_parts import explain
from matchsvc.matching.fast.kernels import OfferArrays, PeopleArrays, scan
from matchsvc.matching.fast.ranking import Ints, in_threads, ranks

Keys = NDArray[np.uint64]
NO_RANKS = np.empty(0, np.uint32)
Told = tuple[NDArray[np.uint8], NDArray[np.uint16], Ints]


def people_lists(
    index: Index, demands: Demands, chosen: Ints, k: int, floor: int, threads: int
) -> Keys:
    """Give (chosen, k) keys, best first."""
    people, offers = people_arrays(index), offer_arrays(demands, NO_RANKS)
    nobody = _lists(len(index.row), 0)
    price = np.zeros(len(chosen), np.int64)

    def some_offers(first: int, after: int) -> Keys:
        mine = chosen[first:after]
        lists = _lists(len(mine), k)
        scan(people, offers, mine, 0, index.blocks, floor, price, lists, nobody)
        return lists

    def some_blocks(first: int, after: int) -> Keys:
        lists = _lists(len(chosen), k)
        scan(people, offers, chosen, first, after, floor, price, lists, nobody)
        return lists

    if len(chosen) >= threads:
        return _best(np.concatenate(in_threads(some_offers, len(chosen), threads)), k)
    return _best(np.concatenate(in_threads(some_blocks, index.blocks, threads), axis=1), k)


def offer_lists(
    index: Index, demands: Demands, price: Ints, k: int, floor: int, threads: int
) -> Keys:
    """Give (places, k) keys, best first."""
    return _by_blocks(index, demands, price, 0, k, floor, threads)[1]


def both_lists(
    index: Index, demands: Demands, k: int, floor: int, threads: int
) -> tuple[Keys, Keys]:
    """Give (offers, k) and (places, k) keys, best first."""
    return _by_blocks(index, demands, np.zeros(len(demands), np.int64), k, k, floor, threads)


def usable_list(
    index: Index, demands: Demands, floor: int, most: int, threads: int
) -> tuple[Ints, Ints, Ints] | None:
    """Give place, offer and points of every usable pair, in any order; None above `most`."""
    people, offers = people_arrays(index), offer_arrays(demands, NO_RANKS)

    def some_offers(first: int, after: int) -> tuple[Any, ...]:
        count, *columns = list_usable(people, offers, np.arange(first, after), floor, most)
        return count, *(column[: min(count, most)] for column in columns)

    counts, *columns = zip(*in_threads(some_offers, len(demands), threads), strict=True)
    if sum(counts) > most:
        return None
    place, offer, points = (np.concatenate(parts).astype(np.int64) for parts in columns)
    return place, offer, points


def people_arrays(index: Index) -> PeopleArrays:
    """Give the index as the kernels take it; read only, so that one compilation serves."""
    return PeopleArrays(*(_read_only(getattr(index, name)) for name in PeopleArrays._fields))


def offer_arrays(demands: Demands, rank: NDArray[np.uint32]) -> OfferArrays:
    """Give the demands as the kernels take them; `rank` is read for people's lists only."""
    others = (getattr(demands, name) for name in OfferArrays._fields if name != "rank")
    return OfferArrays(rank, *others)


def _by_blocks(
    index: Index, demands: Demands, price: Ints, k: int, people_k: int, floor: int, threads: int
) -> tuple[Keys, Keys]:
    people, offers = people_arrays(index), offer_arrays(demands, ranks(demands))
    chosen = np.argsort(demands.id_rank, kind="stable")
    persons = _lists(len(index.row), people_k)

    def some_blocks(first: int, after: int) -> Keys:
        lists = _lists(len(chosen), k)
        scan(people, offers, chosen, first, after, floor, price[chosen], lists, persons)
        return lists

    lists = in_threads(some_blocks, index.blocks, threads)
    by_rank = _best(np.concatenate(lists, axis=1), k) if lists else _lists(len(chosen), k)
    of_offer = np.empty_like(by_rank)
    of_offer[chosen] = by_rank
    return of_offer, _best(persons, people_k)


def _lists(count: int, k: int) -> Keys:
    return np.zeros((count, k), np.uint64)


def _best(keys: Keys, k: int) -> Keys:
    return np.sort(keys, axis=1)[:, ::-1][:, :k]


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.setflags(write=False)
    return view


def explain_into(
    index: Index, demands: Demands, place: Ints, offer: Ints, pointer: Ints, told: Told
) -> None:
    """Fill (tenths, points, totals) for pairs."""
    parts = (demands.part_pointer, demands.part_lines, demands.part_shares)
    explain(people_arrays(index), place, offer, *parts, pointer, *told)
