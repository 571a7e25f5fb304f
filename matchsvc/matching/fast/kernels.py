"""The compiled passes over all pairs. Called by `compiled`; needs numba.

One pass serves both directions. For a block of people and an offer:

1. the gate planes the offer needs are ANDed: whole groups fall away before anything is scored;
2. the rare concepts' postings are scattered into the block's sums;
3. a group goes on only if somebody open in it could still enter a list, were she to hold every
   frequent concept with full evidence (an upper bound);
4. the frequent concepts' columns are added for the groups that are left, a few at a time, and what
   is reached is compared with the lists exactly;
5. a list that is not full yet first finds what its k-th will have at least, and takes no less.

Steps 1 and 3 only leave out pairs that cannot enter a list, so the result is that of scoring every
pair. Everything is integers: it does not depend on the order of the blocks or on threads.

Lists are of keys, the least first: points (or value) << 32 | (2^32 - 1 - rank), 0 for nobody.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matchsvc.matching.fast.index import GROUP, TENTHS, TENTHS_BITS
from matchsvc.matching.fast.lanes import (
    add_columns,
    count_lanes,
    lanes_at_least,
    lanes_worth,
    lowest_lane,
    prefetch,
    words_of_planes,
)

FULL = 10_000
MOST_TENTHS = 10
LAST_RANK = 0xFFFF_FFFF
COLUMNS_AT_ONCE = 8
FEW = 8
NEVER = 0xFFFF


class PeopleArrays(NamedTuple):
    """An index as the kernels take it."""

    alive: NDArray[np.uint64]
    planes: NDArray[np.uint64]
    place: NDArray[np.int32]
    dense: NDArray[np.uint8]
    posting_pointer: NDArray[np.int64]
    posting: NDArray[np.uint16]
    held_pointer: NDArray[np.int64]
    held: NDArray[np.uint32]
    rank: NDArray[np.uint32]


class Asked(NamedTuple):
    """What the chosen offers ask, as the index keeps it: columns, then lists, heaviest first."""

    first: NDArray[np.int64]  # (chosen + 1,) into the two below
    middle: NDArray[np.int64]  # (chosen,) where the lists begin
    number: NDArray[np.int32]  # a column's first byte within a block, or a list
    weight: NDArray[np.uint16]
    rest: NDArray[np.int64]  # (chosen,) points of who has full evidence in all the columns


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


class Scratch(NamedTuple):
    """What a pass works in; `places` are those of a block."""

    sums: NDArray[np.uint16]  # (2 x places,) points from postings, then `partly`
    partly: NDArray[np.uint16]  # (places,) those and from the columns added so far
    words: NDArray[np.uint64]  # (groups,) who is open and still to be looked at
    at: NDArray[np.int64]  # (groups + 1,) first place of each group that goes on
    lanes: NDArray[np.uint64]  # (groups + 1,) who in it goes on
    start: NDArray[np.uint32]  # (lists,) of posting lists that hold somebody
    end: NDArray[np.uint32]  # (lists,)
    weight: NDArray[np.uint16]  # (lists,)
    least_value: NDArray[np.uint16]  # (places,) a person's list takes no less
    required: NDArray[np.uint16]  # (concepts,) required weights of the offer, once needed


class Bar(NamedTuple):
    """What a pair of the offer at hand must reach."""

    least: int  # points that the offer's list takes; more than anybody has when none is kept
    lowest: int  # points without which the required cover cannot reach the floor
    for_people: bool  # people keep lists: then so do the four terms of `lanes_worth` count
    plus: int
    minus: int
    ratio: int
    shift: int


kernel: Any = njit(nogil=True, cache=True)
#: For what is called once a block and offer: a call would hand over every array by value.
inlined: Any = njit(nogil=True, cache=True, forceinline=True)


@inlined
def asked_of(people: Any, offers: Any, chosen: Any) -> Any:
    """Find where the index keeps what the chosen offers ask."""
    features = 0
    for offer in chosen:
        features += offers.pointer[offer + 1] - offers.pointer[offer]
    asked = Asked(
        np.zeros(len(chosen) + 1, np.int64),
        np.zeros(len(chosen), np.int64),
        np.empty(features, np.int32),
        np.empty(features, np.uint16),
        np.zeros(len(chosen), np.int64),
    )
    at = 0
    for c in range(len(chosen)):
        features = range(offers.pointer[chosen[c]], offers.pointer[chosen[c] + 1])
        for i in features:
            place = people.place[offers.concept[i]]
            if place > 0:
                asked.number[at] = (place - 1) * people.dense.shape[2]
                asked.weight[at] = offers.weight[i]
                asked.rest[c] += MOST_TENTHS * offers.weight[i]
                at += 1
        asked.middle[c] = at
        for i in features:
            place = people.place[offers.concept[i]]
            if place < 0:
                asked.number[at] = -place - 1
                asked.weight[at] = offers.weight[i]
                at += 1
        asked.first[c + 1] = at
    return asked


@inlined
def scratch_for(people: Any, asked: Any, chosen: int, groups: int, floor: int) -> Any:
    """Make room for a pass over so many offers."""
    most = 1
    for c in range(chosen):
        most = max(most, asked.first[c + 1] - asked.middle[c])
    length = groups * GROUP
    sums = np.zeros(2 * length, np.uint16)
    return Scratch(
        sums,
        sums[length:],
        np.zeros(groups, np.uint64),
        np.zeros(groups + 1, np.int64),
        np.zeros(groups + 1, np.uint64),
        np.zeros(most, np.uint32),
        np.zeros(most, np.uint32),
        np.zeros(most, np.uint16),
        np.zeros(length, np.uint16),
        np.zeros(len(people.place) if floor > 0 else 1, np.uint16),
    )


@inlined
def open_words(alive: Any, planes: Any, offers: Any, offer: int, words: Any) -> Any:
    """Fill the words of who is open in a block; give a word with a bit per group with anybody."""
    groups = len(words)
    first, after = offers.need_pointer[offer], offers.need_pointer[offer + 1]
    found = np.uint64(0)
    whole = groups & ~7
    for group in range(0, whole, 8):
        some = words_of_planes(
            alive, group, planes, group, groups, offers.need_gate, first, after, words, group
        )
        found |= some << np.uint64(group)
    for group in range(whole, groups):
        word = alive[group]
        for i in range(first, after):
            word &= planes[offers.need_gate[i] * groups + group]
        words[group] = word
        found |= np.uint64(word != 0) << np.uint64(group)
    return found


@inlined
def _look_ahead(pointer: Any, asked: Any, c: int) -> None:
    """Ask for what a block says of an offer: one offer alone finds nothing in the cache."""
    for i in range(asked.middle[c], asked.first[c + 1]):
        prefetch(pointer, asked.number[i])


@inlined
def scatter_lists(pointer: Any, posting: Any, asked: Any, c: int, scratch: Any) -> bool:
    """Add weight x tenths of the posting lists to the sums; tell whether there was any."""
    lists = 0
    for i in range(asked.middle[c], asked.first[c + 1]):
        number = asked.number[i]
        scratch.start[lists] = pointer[number]
        scratch.end[lists] = pointer[number + 1]
        scratch.weight[lists] = asked.weight[i]
        prefetch(posting, np.int64(scratch.start[lists]))
        lists += scratch.start[lists] < scratch.end[lists]
    for i in range(lists):
        # Numbers without sign: the compiler need not look for a count from the end.
        worth = np.uint64(scratch.weight[i])
        for j in range(np.uint64(scratch.start[i]), np.uint64(scratch.end[i])):
            entry = np.uint64(posting[j])
            scratch.sums[entry >> np.uint64(TENTHS_BITS)] += np.uint16(
                worth * (entry & np.uint64(TENTHS))
            )
    return lists > 0


@inlined
def screen(scratch: Any, bar: Any, is_open: Any, rest: int) -> int:
    """Note who is open and could still enter a list with `rest` more points; count the groups."""
    count = 0
    while is_open != 0:
        group = lowest_lane(is_open)
        is_open &= is_open - np.uint64(1)
        at = group * GROUP
        may = lanes_at_least(scratch.sums, at, max(bar.least - rest, 0))
        if bar.for_people:
            may |= lanes_worth(
                scratch.sums,
                at,
                scratch.least_value,
                at,
                rest,
                bar.plus,
                bar.minus,
                bar.ratio,
                bar.shift,
            )
            may &= lanes_at_least(scratch.sums, at, max(bar.lowest - rest, 0))
        may &= scratch.words[group]
        scratch.at[count] = at
        scratch.lanes[count] = may
        count += may != 0
    return count


@inlined
def advance(
    scratch: Any, bar: Any, rest: int, count: int, so_far: int, dense: Any, asked: Any, first: int,
    after: int,
) -> int:  # fmt: skip
    """Add columns first..after to the noted groups; keep, and count, who could still enter.

    What they have stands at `so_far` in the sums; `dense` are the block's columns.
    """
    left = 0
    for i in range(count):
        at = scratch.at[i]
        add_columns(
            scratch.sums, so_far + at, dense, at >> 1, asked.number, asked.weight, first, after,
            scratch.partly, at,
        )  # fmt: skip
        may = lanes_at_least(scratch.partly, at, max(bar.least - rest, 0))
        if bar.for_people:
            may |= lanes_worth(
                scratch.partly,
                at,
                scratch.least_value,
                at,
                rest,
                bar.plus,
                bar.minus,
                bar.ratio,
                bar.shift,
            )
            may &= lanes_at_least(scratch.partly, at, max(bar.lowest - rest, 0))
        may &= scratch.lanes[i]
        scratch.at[left] = at
        scratch.lanes[left] = may
        left += may != 0
    return left


@inlined
def _count_of(partly: Any, noted: Any, lanes: Any, count: int, least: int) -> int:
    """Count who of the noted groups has at least so many points."""
    reached = 0
    for i in range(count):
        reached += count_lanes(lanes_at_least(partly, noted[i], least) & lanes[i])
    return reached


@inlined
def _least_of_best(partly: Any, noted: Any, lanes: Any, count: int, k: int, most: int) -> int:
    """Give points that at least k in the noted groups have, and not many more; 0 when fewer."""
    least, over = 0, most + 1
    enough = k + (k >> 2)
    reached = enough + 1
    while over - least > 1 and reached > enough:
        middle = (least + over) >> 1
        found = _count_of(partly, noted, lanes, count, middle)
        if found < k:
            over = middle
        else:
            least, reached = middle, found
    return least


@inlined
def _push(lists: Any, number: int, key: Any) -> None:
    """Put the key in its place in a list, the least first, and leave the least out."""
    last = lists.shape[1] - 1
    for at in range(last):  # without a branch: several places in one step
        lists[number, at] = min(lists[number, at + 1], max(lists[number, at], key))
    lists[number, last] = max(lists[number, last], key)


@inlined
def reaches_floor(
    people: Any, offers: Any, offer: int, place: int, floor: int, is_set: bool, required: Any
) -> bool:
    """Tell whether somebody's required cover is at least the floor."""
    if not is_set:
        for i in range(offers.pointer[offer], offers.pointer[offer + 1]):
            required[offers.concept[i]] = offers.required_weight[i]
    points = 0
    for i in range(people.held_pointer[place], people.held_pointer[place + 1]):
        fact = people.held[i]
        points += np.int64(required[fact >> TENTHS_BITS]) * np.int64(fact & TENTHS)
    return points * FULL >= floor * offers.required_maximum[offer]


@kernel
def scan(
    people: Any,
    offers: Any,
    chosen: Any,
    first_block: int,
    last_block: int,
    floor: int,
    price: Any,
    offer_keys: Any,
    person_keys: Any,
) -> None:
    """Fill the lists of offers (people, by points) and of people (offers, by value).

    Args:
        people: the index.
        offers: the demands.
        chosen: (c,) offers to score; by rank when people's lists are wanted.
        first_block: the first block of people.
        last_block: the block after the last.
        floor: least required cover of a pair, in ten-thousandths.
        price: (c,) taken off the value 10,000 + cover of each chosen offer; at most 20,000.
        offer_keys: (c, k) lists; no columns when they are not wanted.
        person_keys: (places, k) lists; no columns when they are not wanted.
    """
    groups = people.alive.shape[1]
    length = groups * GROUP
    k = offer_keys.shape[1]
    to_offers = k > 0
    to_people = person_keys.shape[1] > 0
    asked = asked_of(people, offers, chosen)
    scratch = scratch_for(people, asked, len(chosen), groups, floor)
    partly, least_value, posting = scratch.partly, scratch.least_value, people.posting
    for block in range(first_block, last_block):
        base = block * length
        alive, planes = people.alive[block], people.planes[block].reshape(-1)
        dense = people.dense[block].reshape(-1)
        pointer = people.posting_pointer[block]
        next_pointer = people.posting_pointer[min(block + 1, len(people.alive) - 1)]
        if to_people:
            for lane in range(length):
                least_value[lane] = np.uint16((person_keys[base + lane, 0] >> 32) + 1)
        for c in range(len(chosen)):
            offer = chosen[c]
            if len(chosen) < FEW:
                _look_ahead(next_pointer, asked, c)
            is_open = open_words(alive, planes, offers, offer, scratch.words)
            if is_open == 0:
                continue
            is_scattered = scatter_lists(pointer, posting, asked, c, scratch)
            maximum = offers.maximum[offer]
            lowest = -(-floor * offers.required_maximum[offer] // FULL)
            is_full = to_offers and offer_keys[c, 0] > 0
            least = max(np.int64(offer_keys[c, 0] >> 32), lowest) if to_offers else NEVER
            plus, minus = max(price[c] - FULL, 0), max(FULL - price[c], 0)
            shift = 0 if maximum < 4 * FULL else 1
            ratio = (maximum * 16_384 // FULL) >> shift
            bar = Bar(least, lowest, to_people, plus, minus, ratio, shift)
            rest = asked.rest[c]
            count = screen(scratch, bar, is_open, rest)
            column, columns = asked.first[c], asked.middle[c]
            so_far = 0
            while count > 0:
                after = min(column + COLUMNS_AT_ONCE, columns)
                for i in range(column, after):
                    rest -= MOST_TENTHS * np.int64(asked.weight[i])
                count = advance(scratch, bar, rest, count, so_far, dense, asked, column, after)
                so_far = length
                column = after
                if column == columns:
                    break
            if to_offers and not is_full and lowest == 0:
                least = _least_of_best(partly, scratch.at, scratch.lanes, count, k, maximum)
            is_set = False
            for i in range(count):
                at = scratch.at[i]
                may = lanes_at_least(partly, at, least)
                if to_people:
                    may |= lanes_worth(partly, at, least_value, at, 0, plus, minus, ratio, shift)
                may &= scratch.lanes[i]
                while may != 0:
                    lane = at + lowest_lane(may)
                    place = base + lane
                    may &= may - np.uint64(1)
                    points = np.int64(partly[lane])
                    for_people = False
                    value = 0
                    if to_people:
                        cover = FULL * points // maximum if maximum > 0 else FULL
                        value = FULL + cover - price[c]
                        for_people = value >= least_value[lane]
                    if not for_people and points < least:
                        continue
                    if lowest > 0:
                        if not reaches_floor(
                            people, offers, offer, place, floor, is_set, scratch.required
                        ):
                            is_set = True
                            continue
                        is_set = True
                    if for_people:
                        key = np.uint64(value) << np.uint64(32)
                        key |= np.uint64(LAST_RANK - offers.rank[offer])
                        _push(person_keys, place, key)
                        least_value[lane] = np.uint16((person_keys[place, 0] >> 32) + 1)
                    if points >= least:
                        key = np.uint64(points) << np.uint64(32)
                        key |= np.uint64(LAST_RANK - people.rank[place])
                        if key > offer_keys[c, 0]:
                            _push(offer_keys, c, key)
                            least = max(np.int64(offer_keys[c, 0] >> 32), least)
            if is_set:
                for i in range(offers.pointer[offer], offers.pointer[offer + 1]):
                    scratch.required[offers.concept[i]] = 0
            if is_scattered:
                for lane in range(length):
                    scratch.sums[lane] = 0
