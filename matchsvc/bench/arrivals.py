"""A year in which people and places come and go: what looking ahead is worth.

Every week whoever waits is assigned to what is open, in three ways:

- *at once*: the best assignment of the week, as if no week came after;
- *looking ahead*: last year's people and places of the weeks to come stand in for this year's. A
  week's assignment is computed with them, and only what both are there for is carried out; whoever
  would rather have a place that usually comes later waits, and a place that is usually needed
  later is kept. The prices that last year's people set are what keeps it.
- *in hindsight*: one assignment of the whole year, which nobody could have known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.bench.cohort import Workload, source_of
from matchsvc.matching.assignment.auction import auction, improve
from matchsvc.matching.assignment.pairs import Ints, Pairs
from matchsvc.matching.assignment.solve import STEPS
from matchsvc.matching.usable import FLOOR

WEEKS = 52
PATIENCE = 26  # weeks that somebody waits before leaving for something else
VALIDITY = 8  # weeks that an offer is open
MOST_BIDS = 2**40
_OF_PEOPLE = ("has", "wait_days")
_OF_OFFERS = ("need", "capacity")


@dataclass(frozen=True, eq=False)
class Year:
    """Both years' people and offers in one: last year's come after this year's.

    Attributes:
        pairs: usable pairs, whenever they are there.
        places: (offers,).
        comes, goes: (people,) the first week and the first week after.
        opens, closes: (offers,).
        is_now_person, is_now_offer: this year's.
    """

    pairs: Pairs
    places: Ints
    comes: Ints
    goes: Ints
    opens: Ints
    closes: Ints
    is_now_person: NDArray[np.bool_]
    is_now_offer: NDArray[np.bool_]


def bench_arrivals(
    this_year: Workload, last_year: Workload, *, floor: int = FLOOR, seed: int = 1
) -> dict[str, Any]:
    """Live through a year three ways.

    Args:
        this_year: people and offers, as for the cohort.
        last_year: others of the same kind.
        floor: the least cover of what is required.
        seed: of the weeks in which they come.
    """
    year = _year(this_year, last_year, floor, np.random.default_rng(seed))
    hindsight = _assigned(year, _overlapping(year), year.places, year.is_now_person)
    at_once, ahead = _live(year, look_ahead=False), _live(year, look_ahead=True)
    told: dict[str, Any] = {
        "people": int(year.is_now_person.sum()),
        "places": int(year.places[year.is_now_offer].sum()),
        "weeks": WEEKS,
        "at_once": _told(at_once, hindsight),
        "looking_ahead": _told(ahead, hindsight),
        "hindsight": {"placed": hindsight[0], "value": hindsight[1]},
    }
    missing = hindsight[1] - at_once[1]
    told["gap_closed"] = (ahead[1] - at_once[1]) / missing if missing else 1.0
    return told


def _year(
    this_year: Workload, last_year: Workload, floor: int, random: np.random.Generator
) -> Year:
    both = _joined(this_year, last_year)
    people, offers = int(both["n"]), int(both["m"])
    source = source_of(both, floor=floor)
    comes, opens = random.integers(0, WEEKS, people), random.integers(0, WEEKS, offers)
    return Year(
        pairs=source if isinstance(source, Pairs) else source.candidates(offers),
        places=both["capacity"].astype(np.int64),
        comes=comes,
        goes=np.minimum(comes + PATIENCE, WEEKS),
        opens=opens,
        closes=np.minimum(opens + VALIDITY, WEEKS),
        is_now_person=np.arange(people) < int(this_year["n"]),
        is_now_offer=np.arange(offers) < int(this_year["m"]),
    )


def _joined(one: Workload, other: Workload) -> Mapping[str, NDArray[Any]]:
    people, offers = int(one["n"]), int(one["m"])
    joined = {name: np.concatenate([one[name], other[name]]) for name in _OF_PEOPLE + _OF_OFFERS}
    joined |= {
        name: np.concatenate([one[name], other[name]])
        for name in ("held_concept", "held_evidence", "req_concept", "req_merit")
    }
    joined["held_row"] = np.concatenate([one["held_row"], other["held_row"] + people])
    joined["req_row"] = np.concatenate([one["req_row"], other["req_row"] + offers])
    joined["parent"] = one["parent"]
    joined["n"], joined["m"] = (
        np.array(people + int(other["n"])),
        np.array(offers + int(other["m"])),
    )
    return joined


def _overlapping(year: Year) -> NDArray[np.bool_]:
    """(pairs,) whether the two are ever there in the same week."""
    person, offer = year.pairs.person, year.pairs.offer
    first = np.maximum(year.comes[person], year.opens[offer])
    return np.asarray(first < np.minimum(year.goes[person], year.closes[offer]))


def _live(year: Year, *, look_ahead: bool) -> tuple[int, int]:
    """Go through the weeks; give how many were placed and the sum of their values."""
    waiting, free = year.is_now_person.copy(), np.where(year.is_now_offer, year.places, 0)
    person, offer = year.pairs.person, year.pairs.offer
    meets = _overlapping(year)
    placed, value = 0, 0
    for week in range(WEEKS):
        here = waiting & (year.comes <= week) & (week < year.goes)
        is_open = (free > 0) & (year.opens <= week) & (week < year.closes)
        someone, something = here, is_open
        if look_ahead:
            someone = here | (~year.is_now_person & (year.comes > week))
            something = is_open | (~year.is_now_offer & (year.opens > week))
        wanted = someone[person] & something[offer] & meets
        # Somebody who waits and something still to come must meet before she goes, and the reverse.
        places = np.where(is_open, free, np.where(something, year.places, 0))
        taken = _auctioned(year.pairs.keep(wanted), places)
        carried = np.flatnonzero(here & (taken >= 0) & is_open[taken])
        for each in carried:
            free[taken[each]] -= 1
            value += int(year.pairs.value[year.pairs.find(int(each), int(taken[each]))])
        waiting[carried] = False
        placed += carried.size
    return placed, value


def _assigned(
    year: Year, wanted: NDArray[np.bool_], places: Ints, people: NDArray[np.bool_]
) -> tuple[int, int]:
    pairs = year.pairs
    of_now = wanted & people[pairs.person] & year.is_now_offer[pairs.offer]
    kept = pairs.keep(of_now)
    taken = _auctioned(kept, places)
    return int((taken >= 0).sum()), int(kept.value[kept.offer == taken[kept.person]].sum())


def _auctioned(pairs: Pairs, places: Ints) -> Ints:
    held = auction(pairs, places, step=STEPS[0], most_bids=MOST_BIDS)
    return improve(pairs, places, np.zeros(pairs.people, np.int64), held.offer)


def _told(lived: tuple[int, int], hindsight: tuple[int, int]) -> dict[str, Any]:
    placed, value = lived
    return {
        "placed": placed,
        "value": value,
        "of_hindsight": value / hindsight[1] if hindsight[1] else 1.0,
    }
