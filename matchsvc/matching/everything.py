"""All pairs: for every open offer the people who fit it best, unit by unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from matchsvc.matching.everybody import Everybody, code_for, lay_out
from matchsvc.matching.fast.demands import Demands, build_demands
from matchsvc.matching.fast.index import Index
from matchsvc.matching.fast.ranking import FULL, TopPeople, top_people
from matchsvc.matching.inputs import Offers
from matchsvc.matching.models import RowKind
from matchsvc.matching.packed import offers_of
from matchsvc.matching.rows import (
    Legend,
    count_listed,
    listed,
    read_all,
    read_legend,
    read_rows,
    uuid_of,
)
from matchsvc.matching.weights import Weights
from matchsvc.matching.weights_table import current_table

#: Ranks people for all offers: here, or on other machines (cluster.py).
Ranker = Callable[[Index, Demands, int], TopPeople]


@dataclass(frozen=True, slots=True)
class Fit:
    """One person of an offer's list."""

    participant: UUID
    points: int
    cover: int


@dataclass(frozen=True, slots=True)
class Best:
    """An offer's list: open pairs only; by cover, longest wait and id."""

    offer: UUID
    weights: str
    maximum: int
    people: tuple[Fit, ...]


def match_all(
    session: Session, *, today: date, top: int, rank: Ranker = top_people
) -> Iterator[Best]:
    """Give every open offer its list, unit by unit and by id.

    Args:
        session: a reading transaction; nothing may be marked as stale in it.
        today: the day.
        top: how many for each offer.
        rank: who does the work.
    """
    legend = read_legend(session)
    for unit_id in sorted(count_listed(session, RowKind.OFFER)):
        weights = current_table(session, unit_id).weights
        ids, rows = read_all(session, listed(RowKind.OFFER, unit_id), RowKind.OFFER)
        offers = offers_of(rows, legend.places)
        everybody = _everybody(session, unit_id, offers, legend, weights, today)
        demands = _demands(offers, everybody, legend, weights)
        found = rank(everybody.index, demands, min(top, max(len(everybody), 1)))
        for number, identity in enumerate(ids.tolist()):
            maximum = int(demands.maximum[number])
            fits = tuple(_fits(everybody, found, number, maximum))
            yield Best(uuid_of(identity), weights.version, maximum, fits)


def as_json(best: Best) -> dict[str, Any]:
    """Give a list as the command prints it."""
    people = [
        {"participant": str(fit.participant), "points": fit.points, "cover": fit.cover}
        for fit in best.people
    ]
    return {
        "offer": str(best.offer),
        "weights": best.weights,
        "max": best.maximum,
        "participants": people,
    }


def _everybody(
    session: Session,
    unit_id: UUID,
    offers: Offers,
    legend: Legend,
    weights: Weights,
    today: date,
) -> Everybody:
    code = code_for(offers, legend.places, today.toordinal())
    people = read_rows(session, listed(RowKind.PARTICIPANT, unit_id), RowKind.PARTICIPANT)
    return lay_out(people, legend, code, weights)


def _demands(offers: Offers, everybody: Everybody, legend: Legend, weights: Weights) -> Demands:
    return build_demands(
        offers=len(offers),
        parent=legend.hierarchy.parent,
        requirement_offer=np.repeat(np.arange(len(offers)), np.diff(offers.requirement_pointer)),
        requirement_concept=offers.requirement_concept,
        requirement_is_merit=offers.requirement_is_merit,
        need=everybody.code.need(offers),
        weights=weights,
    )


def _fits(everybody: Everybody, found: TopPeople, number: int, maximum: int) -> Iterator[Fit]:
    for row, points in zip(
        found.people[number].tolist(), found.points[number].tolist(), strict=True
    ):
        if row >= 0:
            cover = FULL * points // maximum if maximum else FULL
            yield Fit(uuid_of(everybody.ids[row]), points, cover)
