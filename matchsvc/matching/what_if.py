"""What another table of points would change, before a unit saves it (DESIGN 4.4, 4.7).

Counts of lists and pairs, a few pairs by alias, and how often each waiting person would stand among
the first ten. Groups of people are made from that elsewhere (reports/exposure.py): nothing here
knows who anybody is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import numpy as np
from sqlalchemy import Select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.accounts.models import Role
from matchsvc.matching import engine
from matchsvc.matching.arrays import Loaded, load, open_offers, ready_people
from matchsvc.matching.engine import Matching
from matchsvc.matching.first_ten import (
    NOBODY,
    TOP,
    ListsChanged,
    compare_lists,
    count_usable,
    evenly,
    first_offers,
    first_people,
)
from matchsvc.matching.inputs import Ints
from matchsvc.matching.weights import Weights
from matchsvc.matching.weights_table import (
    UnitTable,
    current_table,
    proposed_table,
    seal_of,
    unit_of,
)
from matchsvc.participants.models import Participant

#: Persons x requirements that are scored for each question; a larger town is sampled evenly.
CELLS = 20_000_000
EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class Example:
    """One pair that another table would move.

    Attributes:
        participant: who; shown by alias.
        offer: for what.
        cover_before: cover by the table in force.
        cover_after: cover by the other one.
        place_before: place among the first ten for the offer, None when not there.
        place_after: the same by the other table.
    """

    participant: UUID
    offer: UUID
    cover_before: int
    cover_after: int
    place_before: int | None
    place_after: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How often each waiting person stands among the first ten of an offer.

    Attributes:
        people: participant ids.
        lists: (tables, people) in how many offers' first ten, by each table asked about.
        offers: how many offers' lists were looked at.
        of: how many open offers there are.
    """

    people: tuple[UUID, ...]
    lists: Ints
    offers: int
    of: int


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """What would be different.

    Attributes:
        current: the table in force.
        proposed: the other one.
        seal: says, when the table is saved, that this was looked at.
        for_offers: the lists of people for each offer.
        for_people: the lists of offers for each person.
        people: how many wait.
        offers: how many offers are open.
        usable_before: pairs that a draft of the cohort may use, of the offers looked at.
        usable_after: the same by the other table and floor.
        examples: some pairs, those that move the most first.
        standing: who stands among the first ten, by both tables.
    """

    current: UnitTable
    proposed: UnitTable
    seal: str
    for_offers: ListsChanged
    for_people: ListsChanged
    people: int
    offers: int
    usable_before: int
    usable_after: int
    examples: tuple[Example, ...]
    standing: Standing


def what_if(session: Session, actor: Actor, numbers: Mapping[str, int], *, today: date) -> WhatIf:
    """Tell what the actor's unit would see change with these numbers.

    Raises:
        Refused: not the unit's manager.
        Invalid: outside the bounds.
        RuleViolation: nothing would change.
    """
    actor.require_role(Role.UNIT_MANAGER)
    proposed = proposed_table(session, actor, numbers)
    unit_id = unit_of(session, actor)
    current = current_table(session, unit_id)
    waiting = ready_people(session, actor, today=today).where(Participant.unit_id == unit_id)
    loaded = _load(session, waiting, unit_id, current.weights, today)
    before, after = loaded.matching, replace(loaded.matching, weights=proposed.weights)
    offers, persons = _sample(before)
    first_before, first_after = first_people(before, offers), first_people(after, offers)
    examples = _examples(loaded, after, offers, first_before, first_after)
    audit.record(session, actor, "what_if", "weights", subjects={e.participant for e in examples})
    return WhatIf(
        current=current,
        proposed=proposed,
        seal=seal_of(numbers, current.number),
        for_offers=compare_lists(first_before, first_after),
        for_people=compare_lists(first_offers(before, persons), first_offers(after, persons)),
        people=len(loaded.people),
        offers=len(loaded.offers),
        usable_before=count_usable(before, offers, current.floor),
        usable_after=count_usable(after, offers, proposed.floor),
        examples=examples,
        standing=_standing(loaded, offers, [first_before, first_after]),
    )


def standing(
    session: Session, unit_id: UUID, tables: Sequence[Weights], *, today: date
) -> Standing:
    """How often each of a unit's waiting people stands among the first ten, by each table.

    For aggregates only: it reads everybody who is not protected, whoever asks.
    """
    everybody = ready_people(session, job_actor("exposure"), today=today).where(
        Participant.unit_id == unit_id
    )
    loaded = _load(session, everybody, unit_id, tables[0], today)
    offers, _ = _sample(loaded.matching)
    firsts = [first_people(replace(loaded.matching, weights=w), offers) for w in tables]
    return _standing(loaded, offers, firsts)


def _load(
    session: Session, people: Select[Participant], unit_id: UUID, weights: Weights, today: date
) -> Loaded:
    return load(session, people=people, offers=open_offers(unit_id), weights=weights, today=today)


def _sample(matching: Matching) -> tuple[Ints, Ints]:
    """Which offers' and which people's lists are looked at: all, in all but the largest units."""
    people, offers = len(matching.people), len(matching.offers)
    asked = max(len(matching.offers.requirement_concept), offers, 1)
    of_offers = CELLS * max(offers, 1) // (asked * max(people, 1))
    return evenly(offers, max(of_offers, 1)), evenly(people, max(CELLS // asked, 1))


def _standing(loaded: Loaded, offers: Ints, firsts: Sequence[Ints]) -> Standing:
    size = len(loaded.people)
    lists = [np.bincount(first[first != NOBODY], minlength=size) for first in firsts]
    return Standing(loaded.people, np.array(lists), len(offers), len(loaded.offers))


def _examples(
    loaded: Loaded, after: Matching, offers: Ints, first_before: Ints, first_after: Ints
) -> tuple[Example, ...]:
    """The pairs that move the farthest, one of each offer as long as there are others."""
    moves: list[tuple[int, int, int, int | None, int | None]] = []
    for row, offer in enumerate(offers):
        old, new = _places(first_before[row]), _places(first_after[row])
        for person in old.keys() | new.keys():
            distance = abs(old.get(person, TOP + 1) - new.get(person, TOP + 1))
            if distance:
                moves.append((distance, int(offer), person, old.get(person), new.get(person)))
    moves.sort(key=lambda move: (-move[0], move[1], move[2]))
    farthest_of_offer = {move[1]: move for move in reversed(moves)}
    moves.sort(key=lambda move: farthest_of_offer[move[1]] is not move)  # keeps the order else
    chosen = moves[:EXAMPLES]
    return tuple(
        Example(
            participant=loaded.people[person],
            offer=loaded.offers[offer],
            cover_before=_cover(loaded.matching, person, offer),
            cover_after=_cover(after, person, offer),
            place_before=old_place,
            place_after=new_place,
        )
        for _, offer, person, old_place, new_place in chosen
    )


def _places(first: Ints) -> dict[int, int]:
    return {int(person): place for place, person in enumerate(first, start=1) if person != NOBODY}


def _cover(matching: Matching, person: int, offer: int) -> int:
    found = engine.cover(matching, np.array([person]), np.array([offer]))
    return int(found.cover[0, 0])
