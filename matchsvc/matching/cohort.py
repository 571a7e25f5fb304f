"""Everybody waiting and all places: who could be where and why, for people to decide on.

A protected person is never in it: her handlers match her alone, and for everybody else she does not
exist. What is computed here names people by id only; pages show a name or an alias.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.matching import engine
from matchsvc.matching.arrays import Loaded, load, open_offers
from matchsvc.matching.assignment.pairs import NOBODY, Ints, Pairs, PairSource
from matchsvc.matching.assignment.solve import Cohort, Solution, solve
from matchsvc.matching.assignment.why import FirstChoice, Reasons
from matchsvc.matching.engine import Matching
from matchsvc.matching.indexed_pairs import pairs_of
from matchsvc.matching.models import Proposal
from matchsvc.matching.rules import MATCHERS
from matchsvc.matching.usable import Obstacle, obstacles
from matchsvc.matching.waiting import RUNNING, waiting_people
from matchsvc.matching.weights import FLOOR, Weights
from matchsvc.matching.weights_table import PUBLISHED, current_table

#: The steps of making a draft, as a page tells how far it is.
STAGES = ("reading", "scoring", "assigning", "saving")

Pair = tuple[UUID, UUID]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Giving:
    """Somebody who would have to give way: from which cover to what instead."""

    participant: UUID
    cover: int
    offer: UUID | None
    cover_then: int
    locked: bool

    def as_json(self) -> dict[str, Any]:
        """As it is stored and as contract.md section 3 has it."""
        return {
            "participant": str(self.participant),
            "cover": self.cover,
            "offer": str(self.offer) if self.offer else None,
            "cover_then": self.cover_then,
            "locked": self.locked,
        }


@dataclass(frozen=True, slots=True)
class NotFirst:
    """The place somebody covers best and did not get, and what it would cost whom."""

    offer: UUID
    cover: int
    costs: tuple[Giving, ...]

    def as_json(self) -> dict[str, Any]:
        """As contract.md section 3 has it."""
        costs = [giving.as_json() for giving in self.costs]
        return {"offer": str(self.offer), "cover": self.cover, "costs": costs}


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a draft.

    Attributes:
        participant: who.
        wait_days: how long.
        offer: the place of the draft, None without one.
        cover: of the place, None without one.
        held: a proposal that already runs decided it.
        locked: somebody locked it.
        not_first: the best place that went to somebody else.
        obstacle: why there is no place: a code and its numbers.
    """

    participant: UUID
    wait_days: int
    offer: UUID | None
    cover: int | None
    held: bool
    locked: bool
    not_first: NotFirst | None
    obstacle: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole draft: lines by longest wait, and the certificate."""

    lines: tuple[Line, ...]
    people: int
    places: int
    placed: int
    upper_bound_people: int
    value: int
    bound: int
    first_placed: int
    first_value: int
    floor: int
    weights: str


def draft(
    session: Session,
    actor: Actor,
    *,
    unit_id: UUID,
    today: date,
    floor: int | None = None,
    locked: Collection[Pair] = (),
    forbidden: Collection[Pair] = (),
    progress: Progress = lambda _: None,
) -> Draft:
    """Assign everybody of a unit who waits to its open places.

    Args:
        session: a reading transaction.
        actor: who asks.
        unit_id: whose people and places.
        today: waits, windows and seasons are counted from it.
        floor: the least cover of what is required, of 10,000; None is the unit's own.
        locked: pairs that are settled, each person's first counts.
        forbidden: pairs that may not be used.
        progress: told the number of each of STAGES as it begins.

    Raises:
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    progress(0)
    table = current_table(session, unit_id)
    floor = table.floor if floor is None else floor
    loaded = load_waiting(session, actor, unit_id=unit_id, weights=table.weights, today=today)
    held = _held(session, loaded)
    settled = {**dict(reversed([*locked])), **held}
    progress(1)
    pairs = _usable(loaded, floor, forbidden)
    progress(2)
    cohort = _cohort(loaded, pairs, settled)
    solution = solve(cohort)
    lines = _lines(loaded, cohort, solution, held=held, floor=floor)
    audit.record(
        session, actor, "match", "cohort", unit_id, subjects=[line.participant for line in lines]
    )
    return Draft(
        lines=lines,
        people=len(loaded.people),
        places=int(np.maximum(loaded.matching.offers.places, 0).sum()),
        placed=solution.placed,
        upper_bound_people=solution.most_placed,
        value=solution.value,
        bound=solution.bound,
        first_placed=int((solution.first_come >= 0).sum()),
        first_value=solution.first_come_value,
        floor=floor,
        weights=table.label,
    )


def load_waiting(
    session: Session, actor: Actor, *, unit_id: UUID, weights: Weights, today: date
) -> Loaded:
    """Read everybody of the unit who waits, and its open offers.

    Offers of förstärkt arbetsträning are in it: there the employer has no choice, but the unit has.
    """
    return load(
        session,
        people=waiting_people(session, actor, unit_id=unit_id, today=today),
        offers=open_offers(unit_id),
        weights=weights,
        today=today,
    )


def _held(session: Session, loaded: Loaded) -> dict[UUID, UUID]:
    """The offer of each person's farthest proposal that runs: it keeps its place in the draft."""
    rows = session.execute(
        select(Proposal.participant_id, Proposal.offer_id, Proposal.state, Proposal.id)
        .where(Proposal.state.in_(RUNNING))
        .order_by(Proposal.created_at, Proposal.id)
    ).all()
    people, offers = set(loaded.people), set(loaded.offers)
    standing = [row for row in rows if row.participant_id in people and row.offer_id in offers]
    standing.sort(key=lambda row: RUNNING.index(row.state))
    return {row.participant_id: row.offer_id for row in standing}


def _usable(loaded: Loaded, floor: int, forbidden: Collection[Pair]) -> PairSource:
    """The usable pairs but those that are forbidden."""
    people, offers = _places(loaded.people), _places(loaded.offers)
    banned = {
        (people[person], offers[offer])
        for person, offer in forbidden
        if person in people and offer in offers
    }
    return pairs_of(loaded.matching, floor=floor, forbidden=banned)


def _cohort(loaded: Loaded, pairs: PairSource, settled: Mapping[UUID, UUID]) -> Cohort:
    matching = loaded.matching
    people, offers = _places(loaded.people), _places(loaded.offers)
    locked = np.full(len(people), NOBODY, np.int64)
    cover = np.zeros(len(people), np.int64)
    for participant, offer in settled.items():
        if participant in people and offer in offers:
            person = people[participant]
            locked[person] = offers[offer]
            cover[person] = _cover(matching, person, offers[offer])
    return Cohort(
        pairs=pairs,
        places=matching.offers.places.astype(np.int64),
        wait_days=matching.people.wait_days.astype(np.int64),
        id_rank=matching.people.id_rank.astype(np.int64),
        locked=locked,
        locked_cover=cover,
    )


def _lines(
    loaded: Loaded,
    cohort: Cohort,
    solution: Solution,
    *,
    held: Mapping[UUID, UUID],
    floor: int,
) -> tuple[Line, ...]:
    pairs = cohort.pairs if isinstance(cohort.pairs, Pairs) else solution.pairs
    covers = _covers(solution, cohort)
    reasons = Reasons(pairs, cohort.places, solution.offer, cohort.is_locked, covers)
    matching = loaded.matching
    order = np.lexsort((cohort.id_rank, -cohort.wait_days))
    without_pair = (solution.offer < 0) & (np.diff(pairs.pointer) == 0)
    shut = obstacles(matching, np.flatnonzero(without_pair), floor=floor)
    lines = []
    for person in map(int, order):
        participant, at = loaded.people[person], int(solution.offer[person])
        choice = reasons.first_choice(person)
        lines.append(
            Line(
                participant=participant,
                wait_days=int(cohort.wait_days[person]),
                offer=loaded.offers[at] if at >= 0 else None,
                cover=int(covers[person]) if at >= 0 else None,
                held=participant in held and at >= 0,
                locked=bool(cohort.is_locked[person]),
                not_first=_not_first(loaded, choice) if choice else None,
                obstacle=None if at >= 0 else _why_none(loaded, shut.get(person), choice),
            )
        )
    return tuple(lines)


def _covers(solution: Solution, cohort: Cohort) -> Ints:
    covers = cohort.locked_cover.copy()
    pairs = solution.pairs
    chosen = np.flatnonzero(
        (pairs.offer == solution.offer[pairs.person]) & ~cohort.is_locked[pairs.person]
    )
    covers[pairs.person[chosen]] = pairs.cover[chosen]
    return covers


def _not_first(loaded: Loaded, choice: FirstChoice) -> NotFirst:
    cost = choice.cost
    costs = () if cost is None else (
        Giving(
            participant=loaded.people[cost.person],
            cover=cost.cover,
            offer=loaded.offers[cost.offer] if cost.offer >= 0 else None,
            cover_then=cost.cover_then,
            locked=cost.is_locked,
        ),
    )  # fmt: skip
    return NotFirst(loaded.offers[choice.offer], choice.cover, costs)


def _why_none(loaded: Loaded, found: Obstacle | None, choice: FirstChoice | None) -> dict[str, Any]:
    """Why somebody has no place, as codes and numbers."""
    if choice is not None:
        return {"code": "contested"}
    if found is None:  # something fits, but all of it was forbidden
        return {"code": "forbidden"}
    return _stored(loaded, found)


def _stored(loaded: Loaded, found: Obstacle) -> dict[str, Any]:
    told: dict[str, Any] = {"code": found.code, "offers": found.offers}
    if found.gate is not None:
        told |= {"gate": found.gate.value, "alone": found.alone, "closes": found.closes}
    if found.best_offer >= 0:
        told |= {"best": found.best, "best_offer": str(loaded.offers[found.best_offer])}
    return told


def _cover(matching: Matching, person: int, offer: int) -> int:
    return int(engine.cover(matching, np.array([person]), np.array([offer])).cover.item())


def _places(ids: Collection[UUID]) -> dict[UUID, int]:
    return {key: place for place, key in enumerate(ids)}


def merge(drafts: Collection[Draft]) -> Draft:
    """Add up the drafts of several units: nobody is placed outside her own."""
    lines = sorted((line for each in drafts for line in each.lines), key=lambda x: -x.wait_days)
    sums = (
        "people", "places", "placed", "upper_bound_people",
        "value", "bound", "first_placed", "first_value",
    )  # fmt: skip
    totals = {name: sum(getattr(each, name) for each in drafts) for name in sums}
    one = next(iter(drafts), None)
    return Draft(
        lines=tuple(lines),
        floor=one.floor if one else FLOOR,
        weights=" ".join(dict.fromkeys(each.weights for each in drafts)) or PUBLISHED.label,
        **totals,
    )


def offers_of(found: Draft) -> set[UUID]:
    """Every offer that a draft names, for their titles."""
    named = {line.offer for line in found.lines if line.offer}
    named |= {line.not_first.offer for line in found.lines if line.not_first}
    named |= {
        giving.offer
        for line in found.lines
        if line.not_first
        for giving in line.not_first.costs
        if giving.offer
    }
    best = (line.obstacle.get("best_offer") for line in found.lines if line.obstacle)
    return named | {UUID(offer) for offer in best if offer}


def gap_of(value: int, bound: int) -> float:
    """How far a draft can be from the best, as a share of the bound."""
    return (bound - value) / bound if bound else 0.0
