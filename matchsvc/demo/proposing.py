"""Proposals in every state, each with the explanation that the matching engine gives.

They are made from the same arrays and by the same explainer as those that a case worker makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, pairwise
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import job_actor
from matchsvc.demo.lots import at_work, days, words
from matchsvc.demo.offers import Opening
from matchsvc.demo.people import Person, record
from matchsvc.demo.rows import Rows
from matchsvc.demo.workplaces import Town
from matchsvc.matching import engine
from matchsvc.matching.arrays import Loaded, load, open_offers
from matchsvc.matching.explain import Explainer
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import Proposal, ProposalEvent, ProposalState
from matchsvc.matching.weights_table import PUBLISHED
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Participant

S = ProposalState
#: The way to each state.
PATHS: dict[ProposalState, tuple[ProposalState, ...]] = {
    S.DRAFTED: (S.DRAFTED,),
    S.WANTED: (S.DRAFTED, S.WANTED),
    S.UNWANTED: (S.DRAFTED, S.UNWANTED),
    S.CHANGE: (S.DRAFTED, S.CHANGE),
    S.PRESENTED: (S.DRAFTED, S.WANTED, S.PRESENTED),
    S.ACCEPTED: (S.DRAFTED, S.WANTED, S.PRESENTED, S.ACCEPTED),
    S.DECLINED: (S.DRAFTED, S.WANTED, S.PRESENTED, S.DECLINED),
    S.PLACED: (S.DRAFTED, S.WANTED, S.PRESENTED, S.ACCEPTED, S.PLACED),
    S.WITHDRAWN: (S.DRAFTED, S.WANTED, S.WITHDRAWN),
}
_WAITING_STATES = (
    *(S.DRAFTED, S.WANTED, S.PRESENTED, S.UNWANTED),
    *(S.CHANGE, S.DECLINED, S.ACCEPTED, S.WITHDRAWN),
)
_TAKES_A_PLACE = {S.ACCEPTED, S.PLACED}
_WAIT = {"waiting", "waiting_new", "hired_once"}
_PLACED = {"training", "upcoming", "upcoming_new"}
_LOOKED_AT = 12


@dataclass(frozen=True, slots=True)
class _Choice:
    person: Person
    opening: Opening
    state: ProposalState
    row: int
    column: int


class Proposing:
    """Proposes people for the open offers that fit them best.

    Args:
        session: the transaction that the people have been written in.
        rows: where proposals are saved.
        town: what has been made before.
        openings: the open offers.
    """

    def __init__(
        self, session: Session, rows: Rows, town: Town, openings: dict[UUID, Opening]
    ) -> None:
        self.session, self.rows, self.town, self.openings = session, rows, town, openings
        self._states: Iterator[ProposalState] = cycle(_WAITING_STATES)
        self._held: list[frozenset[str]] = []

    def build(self, people: list[Person]) -> None:
        """Proposals of a batch of people who have been written."""
        self._held += [frozenset(person.concepts) for person in people]
        wanted = [person for person in people if self._may_be_proposed(person)]
        if not wanted or not self.openings:
            return
        loaded = load(
            self.session,
            people=visible_participants(
                self.session, job_actor("demo"), today=self.town.today
            ).where(Participant.id.in_([person.id for person in wanted])),
            offers=open_offers(self.town.unit_id),
            weights=PUBLISHED.weights,
            today=self.town.today,
        )
        place = {participant: row for row, participant in enumerate(loaded.people)}
        choices = [
            choice for person in wanted for choice in self._choose(person, loaded, place[person.id])
        ]
        self._write(loaded, choices)

    def _may_be_proposed(self, person: Person) -> bool:
        life = person.life
        if life.is_protected or (life.story and life.status in _PLACED):
            return False
        return life.status in _WAIT | _PLACED

    def _choose(self, person: Person, loaded: Loaded, row: int) -> Iterator[_Choice]:
        ranking = engine.rank_offers_for_person(loaded.matching, row, _LOOKED_AT)
        fitting = [
            (int(column), self.openings[loaded.offers[int(column)]])
            for column, is_open in zip(ranking.rows, ranking.is_open, strict=True)
            if is_open and loaded.offers[int(column)] in self.openings
        ]
        fitting = [found for found in fitting if not found[1].is_full]
        if person.life.status in _PLACED:
            fitting = fitting[:1]
            states = [S.PLACED]
        else:
            number = 0 if person.life.story else person.lots.choice([1, 1, 2])
            fitting = fitting[:number]
            states = [next(self._states) for _ in fitting]
        for (column, opening), state in zip(fitting, states, strict=False):
            told = opening.is_without_choice and state in {S.PRESENTED, S.DECLINED}
            reached = S.WANTED if told else state  # such an employer is asked nothing
            opening.taken += reached in _TAKES_A_PLACE
            yield _Choice(person, opening, reached, row, column)

    def _write(self, loaded: Loaded, choices: list[_Choice]) -> None:
        pairs = [engine.explain(loaded.matching, one.row, one.column) for one in choices]
        explainer = Explainer(self.session, loaded, pairs, Words())
        for choice, pair in zip(choices, pairs, strict=True):
            self._proposal(choice, explainer.explain(pair).as_json())

    def _proposal(self, choice: _Choice, explanation: dict[str, Any]) -> None:
        person, opening = choice.person, choice.opening
        lots, key = person.lots, person.lots.id()
        path = self._path(choice)
        proposed_on = self._proposed_on(choice, len(path))
        values: dict[str, Any] = {}
        if S.PRESENTED in path:
            values["presentation"] = self._presentation(person, proposed_on)
            values["contact_id"] = opening.place.contact_id
        self.rows.add(
            Proposal,
            id=key,
            unit_id=self.town.unit_id,
            participant_id=person.id,
            offer_id=opening.id,
            state=choice.state,
            explanation=explanation,
            weights_version=PUBLISHED.label,
            proposed_by_id=person.worker_id,
            proposed_on=proposed_on,
            reason=lots.choice(words("sentences")["proposals"]),
            created_at=at_work(proposed_on, 9),
            **values,
        )
        days_taken = self._history(choice, key, path, proposed_on)
        self._events(choice, key, days_taken)
        if choice.state is S.PLACED:
            person.opening, person.proposal_id = opening, key

    def _path(self, choice: _Choice) -> tuple[ProposalState, ...]:
        path = PATHS[choice.state]
        if choice.opening.is_without_choice:
            path = tuple(state for state in path if state is not S.PRESENTED)
        return path

    def _proposed_on(self, choice: _Choice, steps: int) -> date:
        person, today = choice.person, self.town.today
        ready = person.story.waits_from or today
        if choice.state is S.PLACED:
            start = person.story.stays[-1].start
            latest = min(start, today) - days(1 + steps)
            return max(ready, latest - days(person.lots.randint(3, 16)))
        return min(today, max(ready, today - days(person.lots.randint(steps, 30))))

    def _presentation(self, person: Person, on: date) -> dict[str, Any]:
        shared = sorted(person.shared)
        crowd = sum(held.issuperset(shared) for held in self._held)
        return {
            "alias": "Person A",
            "competences": shared,
            "hours": person.hours,
            "start_from": None,
            "crowd": crowd,
            "approved_on": on.isoformat(),
        }

    def _history(
        self, choice: _Choice, key: UUID, path: tuple[ProposalState, ...], proposed_on: date
    ) -> dict[ProposalState, date]:
        """One row for each change, a day apart or so; give back when each came."""
        lots, answers = choice.person.lots, words("sentences")["answers"]
        actor = f"user:{choice.person.worker_id}"
        reached = {path[0]: proposed_on}
        self._change(lots.id(), key, proposed_on, actor, None, path[0], None)
        on = proposed_on
        for number, (before, after) in enumerate(pairwise(path), start=1):
            on = min(on + days(1), self.town.today)
            reached[after] = on
            note = lots.choice(answers[after.value]) if after.value in answers else None
            later = timedelta(minutes=number)
            self._change(lots.id(), key, on, actor, before, after, note, later=later)
        return reached

    def _change(
        self,
        row_id: UUID,
        key: UUID,
        on: date,
        actor: str,
        before: ProposalState | None,
        after: ProposalState,
        note: str | None,
        *,
        later: timedelta = timedelta(),
    ) -> None:
        self.rows.add(
            ProposalEvent,
            id=row_id,
            proposal_id=key,
            at=min(at_work(on, 9), self.rows.now - timedelta(hours=1)) + later,
            actor=actor,
            from_state=before,
            to_state=after,
            note=note,
        )

    def _events(self, choice: _Choice, key: UUID, reached: dict[ProposalState, date]) -> None:
        told = (
            (S.DRAFTED, OutcomeKind.PROPOSED),
            (S.PRESENTED, OutcomeKind.EMPLOYER_CONTACTED),
            (S.ACCEPTED, OutcomeKind.ACCEPTED),
        )
        for state, kind in told:
            if state in reached:
                record(
                    self.rows,
                    choice.person,
                    kind,
                    key,
                    reached[state],
                    place=choice.opening.place,
                )
