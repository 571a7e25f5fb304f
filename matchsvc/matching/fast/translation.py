"""From the plain engine's arrays to the fast engine's: the same people, offers and table."""

import numpy as np

from matchsvc.matching.engine import Matching
from matchsvc.matching.fast.demands import Demands, build_demands
from matchsvc.matching.fast.gate_bits import GateCode
from matchsvc.matching.fast.index import Index, build_index


def index_of(matching: Matching, code: GateCode) -> Index:
    """Lay out everybody of a matching."""
    people = matching.people
    return build_index(
        people=len(people),
        parent=matching.hierarchy.parent,
        held_row=np.repeat(np.arange(len(people)), np.diff(people.held_pointer)),
        held_concept=people.held_concept,
        held_tenths=matching.tenths[people.held_rung],
        has=code.has(people),
        wait_days=people.wait_days,
        id_rank=people.id_rank,
    )


def demands_of(matching: Matching, code: GateCode) -> Demands:
    """Lay out all offers of a matching."""
    offers = matching.offers
    return build_demands(
        offers=len(offers),
        parent=matching.hierarchy.parent,
        requirement_offer=np.repeat(np.arange(len(offers)), np.diff(offers.requirement_pointer)),
        requirement_concept=offers.requirement_concept,
        requirement_is_merit=offers.requirement_is_merit,
        need=code.need(offers),
        id_rank=offers.id_rank,
        weights=matching.weights,
    )
