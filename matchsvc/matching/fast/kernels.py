"""The compiled passes over all pairs. Called by `ranking` and `explaining`; needs numba.

One pass serves both directions. For a block of people and an offer:

1. the gate planes the offer needs are ANDed: whole groups fall away before anything is scored;
2. the rare concepts' postings are scattered into the block's sums;
3. a group goes on only if somebody open in it could still enter a list, were she to hold every
   frequent concept with the most evidence anybody in the group has (an upper bound);
4. the frequent concepts' columns are added for the groups that are left, and what is reached is
   compared with the lists exactly.

Steps 1 and 3 only leave out pairs that cannot enter a list, so the result is that of scoring every
pair. Everything is integers: it does not depend on the order of the blocks or on threads.

Lists are binary heaps of keys, the lowest first: points (or value) << 32 | (2^32 - 1 - rank).
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matchsvc.matching.fast.index import GROUP, TENTHS, TENTHS_BITS
from matchsvc.matching.fast.lanes import add_column, lanes_at_least, lanes_worth, lowest_lane

FULL = 10_000
MOST_TENTHS = 10
LAST_RANK = 0xFFFF_FFFF
MOST_FEATURES = 3 * 120


class PeopleArrays(NamedTuple):
    """An index as the kernels take it."""

    alive: NDArray[np.uint64]
    planes: NDArray[np.uint64]
    place: NDArray[np.int32]
    dense: NDArray[np.uint8]
    peaks: NDArray[np.uint8]
    posting_pointer: NDArray[np.int64]
    posting_at: NDArray[np.uint16]
    posting_tenths: NDArray[np.uint8]
    held_pointer: NDArray[np.int64]
    held: NDArray[np.uint32]
    rank: NDArray[np.uint32]


class OfferArrays(NamedTuple):
    """Demands as the kernels take them."""

    rank: NDArray[np.uint32]
    pointer: NDArray[np.int64]
    concept: NDArray[np.int32]
    weight: NDArray[np.uint16]
    required_weight: NDArray[np.uint16]
    maximum: NDArray[np.int64]
    required_maximum: NDArray[np.int64]
    need_pointer: NDArray[np.int64]
    need_gate: NDArray[np.int32]


_compiled: Any = njit(nogil=True, cache=True)


@_compiled
def _open_words(people: Any, offers: Any, block: int, offer: int, words: Any) -> bool:
    alive = people.alive[block]
    for group in range(len(words)):
        words[group] = alive[group]
    for i in range(offers.need_pointer[offer], offers.need_pointer[offer + 1]):
        plane = people.planes[block, offers.need_gate[i]]
        for group in range(len(words)):
            words[group] &= plane[group]
    found = np.uint64(0)
    for group in range(len(words)):
        found |= words[group]
    return found != 0


@_compiled
def _scatter(people: Any, posting_list: int, weight: int, sums: Any) -> None:
    for i in range(people.posting_pointer[posting_list], people.posting_pointer[posting_list + 1]):
        sums[people.posting_at[i]] += np.uint16(weight * people.posting_tenths[i])


@_compiled
def _push(keys: Any, held: int, key: Any) -> int:
    """Put the key in the heap unless it is full of better ones; give how many it holds."""
    size = len(keys)
    if held < size:
        at = held
        while at > 0:
            above = (at - 1) >> 1
            if keys[above] <= key:
                break
            keys[at] = keys[above]
            at = above
        keys[at] = key
        return held + 1
    if key <= keys[0]:
        return held
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        at = below
    keys[at] = key
    return held


@_compiled
def _required_points(people: Any, place: int, required: Any) -> int:
    points = 0
    for i in range(people.held_pointer[place], people.held_pointer[place + 1]):
        fact = people.held[i]
        points += np.int64(required[fact >> TENTHS_BITS]) * np.int64(fact & TENTHS)
    return points


@_compiled
def scan(  # noqa: C901, PLR0912, PLR0915 - one loop: its parts share a dozen scratch arrays
    people: Any,
    offers: Any,
    chosen: Any,
    first_block: int,
    last_block: int,
    in_order: bool,
    floor: int,
    price: Any,
    offer_keys: Any,
    offer_held: Any,
    person_keys: Any,
    person_held: Any,
) -> None:
    """Fill the lists of offers (people, by points) and of people (offers, by value).

    Args:
        people: the index.
        offers: the demands.
        chosen: (c,) offers to score; by rank when people's lists are wanted.
        first_block: the first block of people.
        last_block: the block after the last.
        in_order: people stand by rank, so that who comes later never wins a tie.
        floor: least required cover of a pair, in ten-thousandths.
        price: (c,) taken off the value 10,000 + cover of each chosen offer; below 20,000.
        offer_keys: (c, k) heaps; no columns when they are not wanted.
        offer_held: (c,) how many each holds.
        person_keys: (places, k) heaps; no columns when they are not wanted.
        person_held: (places,)
    """
    groups = people.alive.shape[1]
    length = groups * GROUP
    concepts = people.place.shape[1]
    to_offers = offer_keys.shape[1] > 0
    to_people = person_keys.shape[1] > 0
    dense = people.dense.reshape(-1)
    sums = np.zeros(length, np.uint16)
    words = np.zeros(groups, np.uint64)
    least_value = np.zeros(length, np.uint16)
    columns = np.zeros(MOST_FEATURES, np.int64)
    column_weight = np.zeros(MOST_FEATURES, np.int64)
    lists = np.zeros(MOST_FEATURES, np.int64)
    list_weight = np.zeros(MOST_FEATURES, np.int64)
    required = np.zeros(concepts if floor > 0 else 1, np.uint16)
    for block in range(first_block, last_block):
        base = block * length
        if to_people:
            for lane in range(length):
                least_value[lane] = 0
                if person_held[base + lane] == person_keys.shape[1]:
                    least_value[lane] = np.uint16((person_keys[base + lane, 0] >> 32) + 1)
        for c in range(len(chosen)):
            offer = chosen[c]
            if not _open_words(people, offers, block, offer, words):
                continue
            column_count = 0
            list_count = 0
            most_dense = 0
            most = 0
            for i in range(offers.pointer[offer], offers.pointer[offer + 1]):
                place = people.place[block, offers.concept[i]]
                weight = np.int64(offers.weight[i])
                if place > 0:
                    columns[column_count] = place - 1
                    column_weight[column_count] = weight
                    column_count += 1
                    most_dense += MOST_TENTHS * weight
                elif place < 0:
                    lists[list_count] = -place - 1
                    list_weight[list_count] = weight
                    list_count += 1
                    most += MOST_TENTHS * weight
            most += most_dense
            maximum = offers.maximum[offer]
            asked_maximum = offers.required_maximum[offer]
            lowest = -(-floor * asked_maximum // FULL)  # so many points come from the required
            least = lowest
            if to_offers and offer_held[c] == offer_keys.shape[1]:
                least = max(lowest, np.int64(offer_keys[c, 0] >> 32) + in_order)
            elif not to_offers:
                least = MOST_TENTHS * 6_500
            if most < (lowest if to_people else least):
                continue
            plus = max(price[c] - FULL, 0)
            minus = max(FULL - price[c], 0)
            shift = 0 if maximum < 4 * FULL else 1
            ratio = (maximum * 16_384 // FULL) >> shift
            for i in range(list_count):
                _scatter(people, lists[i], list_weight[i], sums)
            required_set = False
            for group in range(groups):
                is_open = words[group]
                if is_open == 0:
                    continue
                at = group * GROUP
                may = np.uint64(0)
                if most_dense >= lowest:
                    may = is_open
                else:
                    may = is_open & lanes_at_least(sums, at, lowest - most_dense)
                if may == 0:
                    continue
                wanted = np.uint64(0)
                if to_people:
                    wanted = lanes_worth(
                        sums, at, least_value, at, most_dense, plus, minus, ratio, shift
                    )
                if to_offers:
                    if most_dense >= least:
                        wanted = may
                    elif least - most_dense < 65_536:
                        wanted |= lanes_at_least(sums, at, least - most_dense)
                may &= wanted
                if may == 0:
                    continue
                if column_count > 0:
                    bound = 0
                    for i in range(column_count):
                        bound += column_weight[i] * np.int64(people.peaks[columns[i], group])
                    if bound < most_dense:
                        wanted = np.uint64(0)
                        if to_people:
                            wanted = lanes_worth(
                                sums, at, least_value, at, bound, plus, minus, ratio, shift
                            )
                        if to_offers:
                            if bound >= least:
                                wanted = may
                            elif least - bound < 65_536:
                                wanted |= lanes_at_least(sums, at, least - bound)
                        may &= wanted
                        if may == 0:
                            continue
                    for i in range(column_count):
                        add_column(sums, at, dense, columns[i] * length + at, column_weight[i])
                    wanted = np.uint64(0)
                    if to_people:
                        wanted = lanes_worth(
                            sums, at, least_value, at, 0, plus, minus, ratio, shift
                        )
                    if to_offers and least < 65_536:
                        wanted |= lanes_at_least(sums, at, least)
                    may &= wanted
                    if lowest > 0 and may != 0:
                        may &= lanes_at_least(sums, at, lowest)
                while may != 0:
                    lane = at + lowest_lane(may)
                    may &= may - np.uint64(1)
                    points = np.int64(sums[lane])
                    for_people = False
                    value = 0
                    if to_people:
                        cover = FULL * points // maximum if maximum > 0 else FULL
                        value = FULL + cover - price[c]
                        for_people = value > 0 and value >= least_value[lane]
                    if not (for_people or (to_offers and points >= least)):
                        continue
                    if floor > 0 and asked_maximum > 0:
                        if not required_set:
                            required_set = True
                            for i in range(offers.pointer[offer], offers.pointer[offer + 1]):
                                required[offers.concept[i]] = offers.required_weight[i]
                        asked = _required_points(people, base + lane, required)
                        if asked * FULL < floor * asked_maximum:
                            continue
                    if for_people:
                        key = (np.uint64(value) << np.uint64(32)) | np.uint64(
                            LAST_RANK - offers.rank[offer]
                        )
                        held = _push(person_keys[base + lane], person_held[base + lane], key)
                        person_held[base + lane] = held
                        if held == person_keys.shape[1]:
                            least_value[lane] = np.uint16((person_keys[base + lane, 0] >> 32) + 1)
                    if to_offers and points >= least:
                        key = (np.uint64(points) << np.uint64(32)) | np.uint64(
                            LAST_RANK - people.rank[base + lane]
                        )
                        held = _push(offer_keys[c], offer_held[c], key)
                        offer_held[c] = held
                        if held == offer_keys.shape[1]:
                            least = max(lowest, np.int64(offer_keys[c, 0] >> 32) + in_order)
            if required_set:
                for i in range(offers.pointer[offer], offers.pointer[offer + 1]):
                    required[offers.concept[i]] = 0
            if list_count > 0 or column_count > 0:
                sums[:] = 0
