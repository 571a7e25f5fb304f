"""Who waits for a place and where there is one: what a day of matching begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Offer, Site
from matchsvc.matching.arrays import open_offers, ready_people
from matchsvc.matching.models import TAKING, Proposal, ProposalState
from matchsvc.matching.rules import MATCHERS
from matchsvc.participants.models import Case, CaseStep, Participant, Step

#: The states of a proposal that runs, from the first to the farthest.
RUNNING = (
    ProposalState.DRAFTED,
    ProposalState.CHANGE,
    ProposalState.WANTED,
    ProposalState.PRESENTED,
)
PAGE_SIZE = 25
OFFERS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits.

    Attributes:
        participant: who.
        wait_days: since she became ready or, later, was last proposed (DESIGN 4.6).
        running: how many proposals of hers are under way.
    """

    participant: UUID
    wait_days: int
    running: int


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """One page of who waits, longest first; pages count from 1."""

    people: Sequence[Waiting]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class FreePlaces:
    """An open offer with places that nobody has been promised."""

    offer: Offer
    free: int


def waiting_people(
    session: Session, actor: Actor, *, unit_id: UUID, today: date
) -> Select[Participant]:
    """Everybody of a unit who is ready and has no place yet; never a protected person.

    Whoever is in work training or work, or has been promised a place, does not wait.
    """
    busy = (
        select(Case.participant_id)
        .join(CaseStep, CaseStep.case_id == Case.id)
        .where(
            Case.ended_on.is_(None),
            CaseStep.step.in_((Step.WORK_TRAINING, Step.WORK)),
            or_(CaseStep.end_date.is_(None), CaseStep.end_date >= today),
        )
    )
    promised = select(Proposal.participant_id).where(Proposal.state == ProposalState.ACCEPTED)
    return ready_people(session, actor, today=today).where(
        Participant.unit_id == unit_id,
        Participant.id.not_in(busy),
        Participant.id.not_in(promised),
    )


def list_waiting(session: Session, actor: Actor, *, today: date, page: int = 1) -> WaitingPage:
    """A page of who waits in the actor's unit, by wait alone (DESIGN 4.7); logged with the ids.

    Args:
        session: a transaction.
        actor: who asks; one who may match.
        today: waits are counted to it.
        page: from 1; beyond the last gives the last.

    Raises:
        Refused: the actor may not match.
    """
    actor.require_role(*MATCHERS)
    if actor.unit_id is None:
        return WaitingPage((), 0, 1, 1)
    waiting = waiting_people(session, actor, unit_id=actor.unit_id, today=today)
    total = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    proposed = _proposed()
    since = _later(Participant.ready_on, proposed.c.last)
    rows = session.execute(
        waiting.outerjoin(proposed, proposed.c.participant_id == Participant.id)
        .with_only_columns(Participant.id, since, func.coalesce(proposed.c.running, 0))
        .order_by(since, Participant.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    people = [Waiting(who, max((today - day).days, 0), count) for who, day, count in rows]
    audit.record(
        session, actor, "list", "participant", subjects=[each.participant for each in people]
    )
    return WaitingPage(people, total, page, pages)


def list_free_places(session: Session, actor: Actor) -> tuple[list[FreePlaces], int]:
    """Open offers of the actor's unit with free places, soonest to expire first, and how many.

    Raises:
        Refused: the actor may not match.
    """
    actor.require_role(*MATCHERS)
    taken = (
        select(Proposal.offer_id, func.count().label("taken"))
        .where(Proposal.state.in_(TAKING))
        .group_by(Proposal.offer_id)
        .subquery()
    )
    free = Offer.places - func.coalesce(taken.c.taken, 0)
    found = (
        select(Offer, free)
        .outerjoin(taken, taken.c.offer_id == Offer.id)
        .where(open_offers(actor.unit_id), free > 0)
    )
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.execute(
        found.options(joinedload(Offer.site).joinedload(Site.employer))
        .order_by(Offer.valid_until.is_(None), Offer.valid_until, Offer.sort_key, Offer.id)
        .limit(OFFERS_SHOWN)
    ).all()
    return [FreePlaces(offer, count) for offer, count in rows], total


def _proposed() -> Subquery:
    """When each was last proposed, and how many proposals run."""
    is_running = case((Proposal.state.in_(RUNNING), 1), else_=0)
    return (
        select(
            Proposal.participant_id,
            func.max(Proposal.proposed_on).label("last"),
            func.sum(is_running).label("running"),
        )
        .where(Proposal.state != ProposalState.WITHDRAWN)
        .group_by(Proposal.participant_id)
        .subquery()
    )


def _later(ready: Any, proposed: Any) -> ColumnElement[date]:
    return case((proposed > ready, proposed), else_=ready)
