"""The first offers for a participant where a unit has thousands: ranked from packed rows.

The plain engine ranks; only what it reads comes another way. What is shown is then loaded and
explained as everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from matchsvc.matching import engine
from matchsvc.matching.arrays import load
from matchsvc.matching.models import MatchingRow, RowKind
from matchsvc.matching.packed import offers_of
from matchsvc.matching.rows import listed, read_all, read_legend, read_state, uuid_of
from matchsvc.matching.weights import Weights
from matchsvc.participants.models import Participant

#: From so many open offers on packed rows are read faster than the others (bench matching).
MANY = 500


@dataclass(frozen=True, slots=True)
class FirstOffers:
    """The first of all offers, and how many pairs there are."""

    offers: tuple[UUID, ...]
    open_total: int
    closed_total: int


def first_offers(
    session: Session,
    person: Select[Participant],
    unit_id: UUID,
    *,
    top: int,
    today: date,
    weights: Weights,
) -> FirstOffers | None:
    """Rank the unit's open offers for a person; None when there are few or packed rows are behind.

    Args:
        session: a reading transaction.
        person: made from `visible_participants`, of one person; she may be protected.
        unit_id: whose offers.
        top: how many are shown.
        today: the day.
        weights: the table.
    """
    many = select(MatchingRow.id).where(
        MatchingRow.kind == RowKind.OFFER,
        MatchingRow.unit_id == unit_id,
        MatchingRow.is_listed.is_(True),
    )
    if session.scalar(many.offset(MANY - 1).limit(1)) is None or read_state(session).is_stale:
        return None
    legend = read_legend(session)
    ids, rows = read_all(session, listed(RowKind.OFFER, unit_id), RowKind.OFFER)
    her = load(session, people=person, offers=false(), weights=weights, today=today).matching
    matching = engine.Matching(
        her.hierarchy, her.people, offers_of(rows, legend.places), weights, her.today
    )
    ranking = engine.rank_offers_for_person(matching, 0, top)
    return FirstOffers(
        tuple(uuid_of(ids[row]) for row in ranking.rows), ranking.open_total, ranking.closed_total
    )
