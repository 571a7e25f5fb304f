"""The engine's findings in words: the result people see, in their language.

An explanation says per requirement what was found, how we know and what it was worth; per gate
what closes it and what would open it; what should be asked; and what was not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.employers.models import Requirement
from matchsvc.errors import N_
from matchsvc.matching.arrays import Loaded
from matchsvc.matching.engine import Explanation, Part, Wish
from matchsvc.matching.gate_words import GateSpeaker, Words, by_id
from matchsvc.matching.plain_text import plain_text
from matchsvc.matching.results import PartLine, Result
from matchsvc.participants.models import Competence, LearnedWhere, Rung
from matchsvc.vocabulary.models import Concept

LEARNED: Mapping[LearnedWhere, str] = {
    LearnedWhere.JOB: N_("i jobb"),
    LearnedWhere.EDUCATION: N_("i utbildning"),
    LearnedWhere.UNPAID_HOME: N_("hemma"),
    LearnedWhere.CARE: N_("i omsorg om någon"),
    LearnedWhere.ASSOCIATION: N_("i föreningen"),
    LearnedWhere.OWN_BUSINESS: N_("i eget företag"),
    LearnedWhere.HOBBY: N_("på fritiden"),
    LearnedWhere.OTHER: N_("på annat sätt"),
}
RUNG_WORDS: Mapping[Rung, str] = {
    Rung.CLAIMED: N_("Påstådd"),
    Rung.EXEMPLIFIED: N_("Exemplifierad"),
    Rung.OBSERVED: N_("Observerad"),
    Rung.CONFIRMED: N_("Bekräftad"),
}
#: Written on every page that shows a match (DESIGN 4.2).
NEVER_USED = N_(
    "Används aldrig: kön, ålder, födelseland, hälsa, familj, bidrag eller hur länge någon varit "
    "utan arbete."
)


class Explainer:
    """Puts explanations into words; reads every label it needs in a fixed number of queries."""

    def __init__(
        self,
        session: Session,
        loaded: Loaded,
        pairs: Collection[Explanation],
        words: Words,
        *,
        own: Collection[UUID] = (),
    ) -> None:
        """Read the labels.

        Args:
            session: a reading transaction.
            loaded: the run that the pairs come from.
            pairs: what will be put into words.
            words: the reader's language.
            own: participants whose workplaces the reader may see named; others' may tell who
                they are.
        """
        self.loaded = loaded
        self.words = words
        self.own = frozenset(own)
        offers = {loaded.offers[pair.offer] for pair in pairs}
        held = {
            loaded.held[source.competence]
            for pair in pairs
            for part in pair.parts
            for source in part.sources
            if source
        }
        self.gates = GateSpeaker(session, loaded.lists, offers, words)
        places = {wish.concept for pair in pairs for wish in pair.wishes}
        places |= {wish.offer_concept for pair in pairs for wish in pair.wishes}
        concepts = {loaded.lists.concepts[place] for place in places if place >= 0}
        self.requirements = by_id(session, Requirement, Requirement.offer_id.in_(offers))
        self.competences = {
            row.id: row
            for row in session.scalars(
                select(Competence)
                .where(Competence.id.in_(held))
                .options(selectinload(Competence.evidence))
            )
        }
        self.unlinked = self._count_unlinked(session, {loaded.people[p.person] for p in pairs})
        concepts |= {row.concept_id for row in self.requirements.values()}
        concepts |= {row.concept_id for row in self.competences.values() if row.concept_id}
        self.concepts = by_id(session, Concept, Concept.id.in_(concepts))

    def explain(self, pair: Explanation) -> Result:
        """One explanation in words."""
        offer = self.loaded.offers[pair.offer]
        gates = tuple(self.gates.speak(finding, offer) for finding in pair.findings)
        wishes = tuple(self._wish(wish) for wish in pair.wishes)
        result = Result(
            participant=self.loaded.people[pair.person],
            offer=offer,
            open=pair.is_open,
            can_be_overridden=pair.can_be_overridden,
            gates=gates,
            parts=tuple(self._part(part) for part in pair.parts),
            met=pair.required_met,
            partly=pair.required_partly,
            required=pair.required_of,
            points=pair.points,
            most=pair.maximum,
            cover=pair.cover,
            wishes=wishes,
            wait_days=pair.wait_days,
            weights=pair.weights,
            asks=tuple(ask for gate in gates for ask in gate.asks),
            not_counted=self._not_counted(self.loaded.people[pair.person], wishes),
        )
        return replace(result, text=plain_text(result, self.words))

    @staticmethod
    def _count_unlinked(session: Session, people: Collection[UUID]) -> dict[UUID, int]:
        """How many competences in own words nobody has linked to the vocabulary yet."""
        return dict(
            session.execute(
                select(Competence.participant_id, func.count())
                .where(
                    Competence.participant_id.in_(people),
                    Competence.concept_id.is_(None),
                    Competence.archived_at.is_(None),
                )
                .group_by(Competence.participant_id)
            ).all()
        )

    def _not_counted(self, person: UUID, wishes: Sequence[dict[str, Any]]) -> tuple[str, ...]:
        words, unlinked = self.words, self.unlinked.get(person, 0)
        said = [words(N_("var något är lärt"))]
        if wishes:
            wanted = ", ".join(str(wish["label"]) for wish in wishes)
            said.append(words(N_("personens önskemål: %(wanted)s"), wanted=wanted))
        if unlinked:
            said.append(
                words(N_("%(n)s saker i egna ord som ingen har kopplat till ordlistan"), n=unlinked)
                if unlinked > 1
                else words(N_("en sak i egna ord som ingen har kopplat till ordlistan"))
            )
        return tuple(said)

    def _label(self, concept_id: str) -> str:
        row = self.concepts.get(concept_id)
        return self.words.label(row) if row else concept_id

    def _part(self, part: Part) -> PartLine:
        requirement = self.requirements[self.loaded.requirements[part.requirement]]
        source = part.source
        competence = self.competences[self.loaded.held[source.competence]] if source else None
        return PartLine(
            requirement=requirement.id,
            label=self._label(requirement.concept_id),
            purpose=requirement.purpose,
            importance="merit" if part.is_merit else "required",
            state=part.state.value,
            by=competence.id if competence else None,
            by_label=self._label(competence.concept_id or "") if competence else "",
            relation=part.relation.value,
            rung=competence.rung.value if competence else "",
            learned=self.words(LEARNED[competence.learned_where]) if competence else "",
            how_we_know=self._how_we_know(competence) if competence else "",
            evidence=part.evidence,
            points=part.points,
            most=sum(part.shares) * 10,
        )

    def _how_we_know(self, competence: Competence) -> str:
        words = self.words
        said = [
            words(N_("Lärt %(where)s."), where=words(LEARNED[competence.learned_where])),
        ]
        if competence.evidence:
            latest = competence.evidence[-1]
            day = words.day(latest.happened_on)
            is_own = competence.participant_id in self.own
            if latest.rung is Rung.OBSERVED and latest.workplace and is_own:
                said.append(words(N_("Sedd %(day)s, %(place)s."), day=day, place=latest.workplace))
            elif latest.rung is Rung.OBSERVED:
                said.append(words(N_("Sedd %(day)s."), day=day))
            elif latest.rung is Rung.CONFIRMED:
                said.append(words(N_("Intyg eller validering %(day)s."), day=day))
            else:
                said.append(words(N_("Berättat %(day)s."), day=day))
        return " ".join(said)

    def _wish(self, wish: Wish) -> dict[str, Any]:
        concepts = self.loaded.lists.concepts
        near = wish.offer_concept >= 0
        return {
            "concept": concepts[wish.concept],
            "label": self._label(concepts[wish.concept]),
            "met": wish.is_met,
            "by": self._label(concepts[wish.offer_concept]) if near else None,
        }
