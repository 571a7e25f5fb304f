"""The compiled pass that lists every usable pair. Called by `compiled`; needs numba.

It is steps 1, 2 and 4 of `kernels`, with one bar for all: the points without which the required
cover cannot reach the floor. Where few pairs are usable, one such pass replaces every later one.
"""

from typing import Any

import numpy as np

from matchsvc.matching.fast.index import GROUP
from matchsvc.matching.fast.kernels import (
    COLUMNS_AT_ONCE,
    FULL,
    MOST_TENTHS,
    Bar,
    advance,
    asked_of,
    kernel,
    open_words,
    reaches_floor,
    scatter_lists,
    scratch_for,
    screen,
)
from matchsvc.matching.fast.lanes import lanes_at_least, lowest_lane

FIRST_ROOM = 65_536


@kernel
def list_usable(people: Any, offers: Any, chosen: Any, floor: int, most: int) -> Any:
    """List the pairs of the chosen offers that are open and reach the floor.

    Args:
        people: the index.
        offers: the demands.
        chosen: (c,) offers.
        floor: least required cover of a pair, in ten-thousandths.
        most: stop after so many.

    Returns:
        How many were found, `most` + 1 when there are more, and three arrays of at least so many:
        her place, the offer, the points.
    """
    groups = people.alive.shape[1]
    length = groups * GROUP
    asked = asked_of(people, offers, chosen)
    scratch = scratch_for(people, asked, len(chosen), groups, floor)
    found, room = 0, FIRST_ROOM
    places = np.empty(room, np.int32)
    of_offer = np.empty(room, np.int32)
    reached = np.empty(room, np.uint16)
    partly, posting = scratch.partly, people.posting
    for block in range(len(people.alive)):
        base = block * length
        alive, planes = people.alive[block], people.planes[block].reshape(-1)
        dense = people.dense[block].reshape(-1)
        pointer = people.posting_pointer[block]
        for c in range(len(chosen)):
            offer = chosen[c]
            is_open = open_words(alive, planes, offers, offer, scratch.words)
            if is_open == 0:
                continue
            is_scattered = scatter_lists(pointer, posting, asked, c, scratch)
            lowest = -(-floor * offers.required_maximum[offer] // FULL)
            bar = Bar(lowest, lowest, False, 0, 0, 0, 0)  # noqa: FBT003 - numba knows no keywords
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
            is_set = False
            for i in range(count):
                at = scratch.at[i]
                may = lanes_at_least(partly, at, lowest) & scratch.lanes[i]
                while may != 0:
                    lane = at + lowest_lane(may)
                    may &= may - np.uint64(1)
                    if lowest > 0:
                        reaches = reaches_floor(
                            people, offers, offer, base + lane, floor, is_set, scratch.required
                        )
                        is_set = True
                        if not reaches:
                            continue
                    if found == most:
                        return most + 1, places, of_offer, reached
                    if found == room:
                        room *= 2
                        places = _longer(places, room)
                        of_offer = _longer(of_offer, room)
                        reached = _longer(reached, room)
                    places[found] = base + lane
                    of_offer[found] = offer
                    reached[found] = partly[lane]
                    found += 1
            if is_set:
                for i in range(offers.pointer[offer], offers.pointer[offer + 1]):
                    scratch.required[offers.concept[i]] = 0
            if is_scattered:
                for lane in range(length):
                    scratch.sums[lane] = 0
    return found, places, of_offer, reached


@kernel
def _longer(array: Any, room: int) -> Any:
    longer = np.empty(room, array.dtype)
    longer[: len(array)] = array
    return longer
