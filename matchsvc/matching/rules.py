"""Best offers for a participant, best participants for an offer, one pair explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Employer, Offer, Site
from matchsvc.employers.offers import get_offer
from matchsvc.matching import engine, live
from matchsvc.matching.arrays import Loaded, load, open_offers, ready_people
from matchsvc.matching.explain import Explainer, Result
from matchsvc.matching.gate_words import Words
from matchsvc.matching.many_offers import first_offers
from matchsvc.matching.weights import Weights
from matchsvc.participants.access import (
    Sight,
    get_visible,
    sight_of,
    visible_participants,
)
from matchsvc.participants.models import Participant

WEIGHTS = Weights()
MATCHERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
)
TOP = 10


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The first of a ranking, explained.

    Attributes:
        results: open pairs first, then closed ones, each by cover, longest wait, id.
        open_total: how many pairs are open in all.
        closed_total: how many are closed in all.
        weights: version of the table.
    """

    results: tuple[Result, ...]
    open_total: int
    closed_total: int
    weights: str

    @property
    def open(self) -> tuple[Result, ...]:
        """The shown pairs that are open."""
        return tuple(result for result in self.results if result.open)

    @property
    def closed(self) -> tuple[Result, ...]:
        """The shown pairs with a closed gate."""
        return tuple(result for result in self.results if not result.open)


def match_offer(
    session: Session, actor: Actor, offer: Offer, *, today: date, words: Words, top: int = TOP
) -> Shortlist:
    """The participants who wait and fit an offer best (contract.md section 3).

    Raises:
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    people = ready_people(session, actor, today=today).where(Participant.unit_id == offer.unit_id)
    found = live.candidates(session, offer.id, offer.unit_id, top=top, today=today, weights=WEIGHTS)
    if found is not None:
        people = people.where(Participant.id.in_(found.people))
    loaded = load(
        session,
        people=people,
        offers=Offer.id == offer.id,
        weights=WEIGHTS,
        today=today,
    )
    ranking = engine.rank_people_for_offer(loaded.matching, 0, top)
    pairs = [engine.explain(loaded.matching, int(row), 0) for row in ranking.rows]
    results = _explained(session, actor, loaded, pairs, words)
    audit.record(
        session, actor, "match", "offer", offer.id, subjects=[r.participant for r in results]
    )
    total = found or ranking
    return Shortlist(results, total.open_total, total.closed_total, WEIGHTS.version)


def match_participant(
    session: Session,
    actor: Actor,
    participant: Participant,
    *,
    today: date,
    words: Words,
    top: int = TOP,
) -> Shortlist:
    """The open offers of her unit that fit a participant best.

    Raises:
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    person = visible_participants(session, actor, today=today).where(
        Participant.id == participant.id
    )
    offers = open_offers(participant.unit_id)
    found = first_offers(
        session, person, participant.unit_id, top=top, today=today, weights=WEIGHTS
    )
    if found is not None:
        offers &= Offer.id.in_(found.offers)
    loaded = load(session, people=person, offers=offers, weights=WEIGHTS, today=today)
    ranking = engine.rank_offers_for_person(loaded.matching, 0, top)
    pairs = [engine.explain(loaded.matching, 0, int(row)) for row in ranking.rows]
    results = _explained(session, actor, loaded, pairs, words)
    audit.record(session, actor, "match", "participant", participant.id)
    total = found or ranking
    return Shortlist(results, total.open_total, total.closed_total, WEIGHTS.version)


def explain_pair(
    session: Session,
    actor: Actor,
    participant_key: UUID | str,
    offer_key: UUID | str,
    *,
    today: date,
    words: Words,
) -> Result:
    """One pair on demand, by the same arithmetic as the lists.

    Raises:
        NotFound: either is unknown, hidden or protected.
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    participant = get_visible(session, actor, participant_key, today=today)
    offer = get_offer(session, actor, offer_key)
    loaded = load(
        session,
        people=visible_participants(session, actor, today=today).where(
            Participant.id == participant.id
        ),
        offers=Offer.id == offer.id,
        weights=WEIGHTS,
        today=today,
    )
    audit.record(session, actor, "match", "offer", offer.id, subjects=[participant.id])
    return _explained(session, actor, loaded, [engine.explain(loaded.matching, 0, 0)], words)[0]


def _explained(
    session: Session,
    actor: Actor,
    loaded: Loaded,
    pairs: list[engine.Explanation],
    words: Words,
) -> tuple[Result, ...]:
    shown = {loaded.people[pair.person] for pair in pairs}
    today = date.fromordinal(loaded.matching.today)
    sights = sight_of(session, actor, shown, today=today)
    own = {person for person, sight in sights.items() if sight is Sight.FULL}
    explainer = Explainer(session, loaded, pairs, words, own=own)
    return tuple(explainer.explain(pair) for pair in pairs)


def offer_titles(session: Session, offer_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Title and workplace of some offers, for lists."""
    rows = session.execute(
        select(Offer.id, Offer.title, Site.name, Employer.name)
        .join(Site, Site.id == Offer.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .where(Offer.id.in_(offer_ids))
    )
    return {
        offer_id: (title, site if site == employer else f"{employer}, {site}")
        for offer_id, title, site, employer in rows
    }
