"""A year of arrivals at random, lived in every way (matching/assignment/arrivals.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.bench.cohort import Workload, source_of
from matchsvc.matching.assignment.arrivals import WEEKS, Lived, Year, live_through
from matchsvc.matching.assignment.pairs import Pairs
from matchsvc.matching.weights import FLOOR

PATIENCE = 26  # weeks that somebody waits before leaving for something else
VALIDITY = 8  # weeks that an offer is open
_PER_PERSON, _PER_OFFER = ("has", "wait_days"), ("need", "capacity")
_PER_FACT = ("held_concept", "held_evidence", "req_concept", "req_merit")


def bench_arrivals(
    this_year: Workload, last_year: Workload, *, floor: int = FLOOR, seed: int = 1
) -> dict[str, Any]:
    """Live through a year in every way.

    Args:
        this_year: people and offers, as for the cohort.
        last_year: others of the same kind.
        floor: the least cover of what is required.
        seed: of the weeks in which they come.
    """
    ways = live_through(_year(this_year, last_year, floor, np.random.default_rng(seed)))

    def told(lived: Lived) -> dict[str, Any]:
        share = lived.value / ways.hindsight.value if ways.hindsight.value else 1.0
        return {"placed": lived.placed, "value": lived.value, "of_hindsight": share}

    return {
        "people": ways.people,
        "places": ways.places,
        "weeks": WEEKS,
        "first_come": told(ways.first_come),
        "at_once": told(ways.at_once),
        "by_prices": told(ways.by_prices),
        "hindsight": {"placed": ways.hindsight.placed, "value": ways.hindsight.value},
        "gap_closed": ways.gap_closed,
    }


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
    names = _PER_PERSON + _PER_OFFER + _PER_FACT
    return {
        **{name: np.concatenate([one[name], other[name]]) for name in names},
        "held_row": np.concatenate([one["held_row"], other["held_row"] + people]),
        "req_row": np.concatenate([one["req_row"], other["req_row"] + offers]),
        "parent": one["parent"],
        "n": np.array(people + int(other["n"])),
        "m": np.array(offers + int(other["m"])),
    }
