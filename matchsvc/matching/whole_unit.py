"""A large unit's people or offers from packed rows, for what counts all of them.

The plain engine does the counting and the ordering; only what it reads comes another way. What is
shown is then loaded and explained as everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import Session

from matchsvc.employers.models import Offer
from matchsvc.matching import engine
from matchsvc.matching.arrays import load
from matchsvc.matching.models import MatchingRow, RowKind
from matchsvc.matching.packed import offers_of, people_of
from matchsvc.matching.rows import listed, read_all, read_legend, read_state, uuid_of
from matchsvc.matching.weights import Weights
from matchsvc.participants.models import Participant

#: From so many open offers on packed rows are read faster than the others (bench matching).
MANY = 500


@dataclass(frozen=True, slots=True)
class FirstOffers:
    """The first of all offers, how many pairs there are, and all of them in arrays."""

    offers: tuple[UUID, ...]
    open_total: int
    closed_total: int
    matching: engine.Matching


def everybody_for(
    session: Session,
    offer: ColumnElement[bool],
    nobody: Select[Participant],
    unit_id: UUID,
    *,
    today: date,
    weights: Weights,
) -> engine.Matching:
    """Give everybody who waits in the unit, in arrays with one offer; nothing may be marked.

    Args:
        session: a reading transaction.
        offer: the condition that chooses it.
        nobody: a choice of participants, of whom none is read.
        unit_id: its unit.
        today: the day.
        weights: the table.
    """
    legend = read_legend(session)
    _, rows = read_all(session, listed(RowKind.PARTICIPANT, unit_id), RowKind.PARTICIPANT)
    its = load(session, people=nobody.where(false()), offers=offer, weights=weights, today=today)
    people = people_of(rows, legend.places, today.toordinal())
    return engine.Matching(
        legend.hierarchy, people, its.matching.offers, weights, today.toordinal()
    )


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
    hers = load(session, people=person, offers=Offer.id.is_(None), weights=weights, today=today)
    matching = engine.Matching(
        legend.hierarchy,
        hers.matching.people,
        offers_of(rows, legend.places),
        weights,
        today.toordinal(),
    )
    ranking = engine.rank_offers_for_person(matching, 0, top)
    return FirstOffers(
        tuple(uuid_of(ids[row]) for row in ranking.rows),
        ranking.open_total,
        ranking.closed_total,
        matching,
    )
