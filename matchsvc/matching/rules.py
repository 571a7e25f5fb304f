"""Best offers for a participant, best participants for an offer, one pair explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Employer, Offer, Site
from matchsvc.employers.offers import get_offer
from matchsvc.matching import engine, live
from matchsvc.matching.arrays import Lists, Loaded, load, open_offers, ready_people
from matchsvc.matching.explain import Explainer
from matchsvc.matching.gate_words import Words
from matchsvc.matching.results import Result
from matchsvc.matching.unlock_words import UnlockLine, UnlockSpeaker
from matchsvc.matching.unlocks import Unlock, unlocks_for_offer, unlocks_for_person
from matchsvc.matching.weights_table import current_table
from matchsvc.matching.whole_unit import everybody_for, first_offers
from matchsvc.participants.access import (
    Sight,
    get_visible,
    sight_of,
    visible_participants,
)
from matchsvc.participants.models import Participant

MATCHERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
)
TOP = 10
UNLOCKS = 5  # the most useful sentences that are shown


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The first of a ranking, explained.

    Attributes:
        results: open pairs first, then closed ones, each by cover, longest wait, id.
        open_total: how many pairs are open in all.
        closed_total: how many are closed in all.
        weights: version of the table.
        unlocks: what one thing more would open, the most first.
    """

    results: tuple[Result, ...]
    open_total: int
    closed_total: int
    weights: str
    unlocks: tuple[UnlockLine, ...] = ()

    @property
    def open(self) -> tuple[Result, ...]:
        """The shown pairs that are open."""
        return tuple(result for result in self.results if result.open)

    @property
    def closed(self) -> tuple[Result, ...]:
        """The shown pairs with a closed gate."""
        return tuple(result for result in self.results if not result.open)

    def as_json(self, about: dict[str, str]) -> dict[str, Any]:
        """The answer of contract.md section 3; ``about`` is the one it is for."""
        return {
            "for": about,
            "weights": self.weights,
            "results": [result.as_json() for result in self.results],
            "unlocks": [line.as_json() for line in self.unlocks],
        }


def match_offer(
    session: Session, actor: Actor, offer: Offer, *, today: date, words: Words, top: int = TOP
) -> Shortlist:
    """The participants who wait and fit an offer best (contract.md section 3).

    Raises:
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    table = current_table(session, offer.unit_id)
    weights = table.weights
    people = ready_people(session, actor, today=today).where(Participant.unit_id == offer.unit_id)
    shown, asks = people, Offer.id == offer.id
    large = live.candidates(session, offer.id, offer.unit_id, top=top, today=today, weights=weights)
    if large is not None:
        shown = people.where(Participant.id.in_(large.people))
    loaded = load(session, people=shown, offers=asks, weights=weights, today=today)
    ranking = engine.rank_people_for_offer(loaded.matching, 0, top)
    pairs = [engine.explain(loaded.matching, int(row), 0) for row in ranking.rows]
    explainer = _explainer(session, actor, loaded, pairs, words)
    results = tuple(explainer.explain(pair) for pair in pairs)
    everybody = loaded.matching
    if large is not None:
        everybody = everybody_for(
            session, asks, people, offer.unit_id, today=today, weights=weights
        )
    found = unlocks_for_offer(everybody, 0, floor=table.floor)[:UNLOCKS]
    unlocks = UnlockSpeaker(session, loaded, found, explainer.gates, offer=offer.id).speak()
    audit.record(
        session, actor, "match", "offer", offer.id, subjects=[r.participant for r in results]
    )
    total = large or ranking
    return Shortlist(results, total.open_total, total.closed_total, table.label, unlocks)


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
    table = current_table(session, participant.unit_id)
    weights = table.weights
    person = visible_participants(session, actor, today=today).where(
        Participant.id == participant.id
    )
    offers = open_offers(participant.unit_id)
    many = first_offers(session, person, participant.unit_id, top=top, today=today, weights=weights)
    if many is not None:
        offers &= Offer.id.in_(many.offers)
    loaded = load(session, people=person, offers=offers, weights=weights, today=today)
    ranking = engine.rank_offers_for_person(loaded.matching, 0, top)
    pairs = [engine.explain(loaded.matching, 0, int(row)) for row in ranking.rows]
    explainer = _explainer(session, actor, loaded, pairs, words)
    results = tuple(explainer.explain(pair) for pair in pairs)
    all_offers = loaded.matching if many is None else many.matching
    found = _unlocks_of(loaded.lists, all_offers, table.floor)[:UNLOCKS]
    unlocks = UnlockSpeaker(session, loaded, found, explainer.gates).speak()
    audit.record(session, actor, "match", "participant", participant.id)
    total = many or ranking
    return Shortlist(results, total.open_total, total.closed_total, table.label, unlocks)


def _unlocks_of(lists: Lists, matching: engine.Matching, floor: int) -> tuple[Unlock, ...]:
    concepts = np.array([lists.concept_place[licence] for licence in lists.licences], np.int64)
    return unlocks_for_person(matching, 0, floor=floor, licence_concepts=concepts)


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
    table = current_table(session, offer.unit_id)
    loaded = load(
        session,
        people=visible_participants(session, actor, today=today).where(
            Participant.id == participant.id
        ),
        offers=Offer.id == offer.id,
        weights=table.weights,
        today=today,
    )
    audit.record(session, actor, "match", "offer", offer.id, subjects=[participant.id])
    pair = engine.explain(loaded.matching, 0, 0)
    return _explainer(session, actor, loaded, [pair], words).explain(pair)


def _explainer(
    session: Session,
    actor: Actor,
    loaded: Loaded,
    pairs: list[engine.Explanation],
    words: Words,
) -> Explainer:
    shown = {loaded.people[pair.person] for pair in pairs}
    today = date.fromordinal(loaded.matching.today)
    sights = sight_of(session, actor, shown, today=today)
    own = {person for person, sight in sights.items() if sight is Sight.FULL}
    return Explainer(session, loaded, pairs, words, own=own)


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
