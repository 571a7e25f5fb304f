"""The two most useful sentences: what would open more offers, and what shuts people out.

For a participant: "Med Livsmedelshygien bekräftad skulle 7 erbjudanden till gå att föreslå." For an
offer: "Utan kravet B-körkort (syfte: hämta varor) skulle 12 personer till vara möjliga."
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.employers.models import Requirement
from matchsvc.errors import N_
from matchsvc.matching.arrays import Loaded
from matchsvc.matching.gate_words import WEEKDAY_NAMES, GateSpeaker, by_id
from matchsvc.matching.unlocks import Kind, Unlock
from matchsvc.matching.weights import Rung
from matchsvc.vocabulary.models import Concept

#: What a change is called, and how it is begun in the sentence about a person.
_WITH: Mapping[Kind, str] = {
    Kind.CONCEPT: N_("Med ”%(what)s” bekräftad"),
    Kind.LICENCE: N_("Med %(what)s"),
    Kind.LANGUAGE: N_("Med %(what)s på nivå %(level)s"),
    Kind.CONDITION: N_("Om platsen ordnar det som behövs (%(what)s)"),
    Kind.HOURS: N_("Med %(what)s timmar i veckan"),
    Kind.WEEKDAYS: N_("Om %(what)s också går"),
    Kind.START: N_("Om starten kan vara i dag"),
    Kind.REACH: N_("Med resväg till %(what)s"),
}
#: What closes each gap of a person.
_CLOSES: Mapping[Kind, str] = {
    Kind.LICENCE: N_("Finns den redan? Visa intyget och skriv in den. Annars: planera för den."),
    Kind.LANGUAGE: N_("Studier, språkstöd eller träning på en plats. Bedöm nivån på nytt sedan."),
    Kind.HOURS: N_("Öka stegvis, eller fråga om platserna kan börja med färre timmar."),
    Kind.WEEKDAYS: N_("Fråga vad som skulle göra dagen möjlig."),
    Kind.START: N_("Fråga vad som skulle göra en tidigare start möjlig."),
    Kind.REACH: N_("Prova resvägen tillsammans, och kryssa sedan området."),
}
_NEXT_RUNG: Mapping[int, str] = {
    0: N_("Fråga om personen gjort det någon gång. Annars: prova på, kurs eller validering."),
    Rung.CLAIMED: N_("Personen säger sig kunna det. Nästa steg: ett exempel, sedan att visa det."),
    Rung.EXEMPLIFIED: N_("Personen har gett ett exempel. Nästa steg: att någon ser det."),
    Rung.OBSERVED: N_("Någon har sett det. Nästa steg: intyg eller validering."),
}
#: How what an offer leaves out is begun in its sentence.
_WITHOUT: Mapping[Kind, str] = {
    Kind.CONCEPT: N_("Utan kravet ”%(what)s” (syfte: %(purpose)s)"),
    Kind.LICENCE: N_("Utan kravet %(what)s (syfte: %(purpose)s)"),
    Kind.LANGUAGE: N_("Utan kravet på %(what)s, lägst %(level)s (syfte: %(purpose)s)"),
    Kind.CONDITION: N_("Utan hindret ”%(what)s”"),
    Kind.HOURS: N_("Om platsen kunde börja med färre timmar än %(level)s i veckan"),
    Kind.WEEKDAYS: N_("Om dagarna kunde vara andra"),
    Kind.START: N_("Om starten kunde vara senare"),
    Kind.SEASON: N_("Om arbetet fanns hela året"),
    Kind.REACH: N_("Om fler kunde ta sig till %(what)s"),
}
#: What can be asked of the employer, or done.
_ASKS: Mapping[Kind, str] = {
    Kind.CONCEPT: N_("Fråga arbetsgivaren: går det att lära på plats, eller räcker det som merit?"),
    Kind.LICENCE: N_("Fråga arbetsgivaren: kan någon annan i laget göra den delen?"),
    Kind.LANGUAGE: N_(
        "Fråga arbetsgivaren: når syftet fram med bilder, språkstöd eller en kollega?"
    ),
    Kind.HOURS: N_("Fråga arbetsgivaren: går det att börja med färre timmar och öka?"),
    Kind.WEEKDAYS: N_("Fråga arbetsgivaren: behövs just de dagarna?"),
    Kind.START: N_("Fråga arbetsgivaren: hur länge kan platsen vänta?"),
    Kind.SEASON: N_("Fråga arbetsgivaren: finns något att göra när säsongen är slut?"),
    Kind.REACH: N_("Se över resvägar, eller sök en liknande plats i ett annat område."),
}


@dataclass(frozen=True, slots=True)
class UnlockLine:
    """One change in words.

    Attributes:
        kind: see :class:`~matchsvc.matching.unlocks.Kind`.
        label: what would change.
        purpose: why the offer asks for it; empty for a person, and where no purpose is kept.
        count: how many offers, or people, it alone would add.
        sentence: the whole of it.
        closes: what one can do about it.
    """

    kind: str
    label: str
    purpose: str
    count: int
    sentence: str
    closes: str

    def as_json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "kind": self.kind,
            "label": self.label,
            "purpose": self.purpose,
            "count": self.count,
            "sentence": self.sentence,
            "closes": self.closes,
        }


class UnlockSpeaker:
    """Puts what one change would open into words; reads the labels it needs in two queries."""

    def __init__(
        self,
        session: Session,
        loaded: Loaded,
        found: Sequence[Unlock],
        gates: GateSpeaker,
        *,
        offer: UUID | None = None,
    ) -> None:
        """Read the labels.

        Args:
            session: a reading transaction.
            loaded: the run that they come from; a person's has her alone in it.
            found: what will be put into words.
            gates: the words of the same run's gates.
            offer: the offer that they are about; None when they are about a person.
        """
        self.loaded, self.found, self.gates = loaded, found, gates
        self.words, self.offer = gates.words, offer
        places = [unlock.what for unlock in found if unlock.kind is Kind.CONCEPT]
        self.requirements: dict[UUID, Requirement] = {}
        if offer is None:
            wanted = {loaded.lists.concepts[place] for place in places}
        else:
            asked = [loaded.requirements[place] for place in places]
            self.requirements = by_id(session, Requirement, Requirement.id.in_(asked))
            wanted = {row.concept_id for row in self.requirements.values()}
        self.labels = {
            row.id: self.words.label(row)
            for row in session.scalars(select(Concept).where(Concept.id.in_(wanted)))
        }

    def speak(self) -> tuple[UnlockLine, ...]:
        """Every line, in the order given."""
        about = self._about_person if self.offer is None else self._about_offer
        return tuple(about(unlock) for unlock in self.found)

    def _about_person(self, unlock: Unlock) -> UnlockLine:
        label = self._label(unlock)
        begun = self.words(_WITH[unlock.kind], what=label, level=self._level(unlock))
        sentence = (
            self.words(N_("%(begun)s skulle 1 erbjudande till gå att föreslå."), begun=begun)
            if unlock.count == 1
            else self.words(
                N_("%(begun)s skulle %(n)s erbjudanden till gå att föreslå."),
                begun=begun,
                n=unlock.count,
            )
        )
        return UnlockLine(
            unlock.kind.value, label, "", unlock.count, sentence, self._closes(unlock)
        )

    def _about_offer(self, unlock: Unlock) -> UnlockLine:
        label, purpose = self._label(unlock), self._purpose(unlock)
        begun = self.words(
            _WITHOUT[unlock.kind],
            what=label,
            level=self._level(unlock),
            purpose=purpose.strip().rstrip("."),
        )
        sentence = (
            self.words(N_("%(begun)s skulle 1 person till vara möjlig."), begun=begun)
            if unlock.count == 1
            else self.words(
                N_("%(begun)s skulle %(n)s personer till vara möjliga."),
                begun=begun,
                n=unlock.count,
            )
        )
        if unlock.kind is Kind.CONDITION:
            closes = self._accommodation(unlock)
        else:
            closes = self.words(_ASKS[unlock.kind])
        return UnlockLine(unlock.kind.value, label, purpose, unlock.count, sentence, closes)

    def _label(self, unlock: Unlock) -> str:
        says: Mapping[Kind, Callable[[Unlock], str]] = {
            Kind.CONCEPT: self._concept,
            Kind.LICENCE: lambda u: self.gates.label(self.loaded.lists.licences[u.what]),
            Kind.LANGUAGE: self._language,
            Kind.CONDITION: self._condition,
            Kind.HOURS: lambda u: str(u.value),
            Kind.WEEKDAYS: lambda u: self.words(WEEKDAY_NAMES[u.what]) if u.what >= 0 else "",
            Kind.REACH: lambda u: self.gates.areas[self.loaded.lists.areas[u.what]].name,
        }
        return says[unlock.kind](unlock) if unlock.kind in says else ""

    def _level(self, unlock: Unlock) -> str:
        is_language = unlock.kind is Kind.LANGUAGE
        return self.words.level(unlock.value) if is_language else str(unlock.value)

    def _concept(self, unlock: Unlock) -> str:
        if self.offer is None:
            concept = self.loaded.lists.concepts[unlock.what]
        else:
            concept = self.requirements[self.loaded.requirements[unlock.what]].concept_id
        return self.labels.get(concept, concept)

    def _language(self, unlock: Unlock) -> str:
        """Inside a sentence: svenska, English."""
        label = self.gates.label(self.loaded.lists.languages[unlock.what])
        return label.lower() if self.words.language == "sv" else label

    def _condition(self, unlock: Unlock) -> str:
        row = self.gates.conditions[self.loaded.lists.conditions[unlock.what]]
        return self.words.need(row) if self.offer is None else self.words.excluded(row)

    def _purpose(self, unlock: Unlock) -> str:
        if unlock.kind is Kind.CONCEPT:
            return self.requirements[self.loaded.requirements[unlock.what]].purpose
        if unlock.kind is Kind.LICENCE:
            licence = self.loaded.lists.licences[unlock.what]
            return next(
                (
                    purpose
                    for (_, concept), purpose in self.gates.licence_purposes.items()
                    if concept == licence
                ),
                "",
            )
        if unlock.kind is Kind.LANGUAGE:
            language = self.loaded.lists.languages[unlock.what]
            purposes = {
                purpose
                for (_, concept, _part), purpose in sorted(self.gates.language_purposes.items())
                if concept == language
            }
            return " ".join(sorted(purposes))
        return ""

    def _closes(self, unlock: Unlock) -> str:
        if unlock.kind is Kind.CONDITION:
            return self._accommodation(unlock)
        if unlock.kind is Kind.CONCEPT:
            return self.words(_NEXT_RUNG[self._rung(unlock.what)])
        return self.words(_CLOSES[unlock.kind])

    def _accommodation(self, unlock: Unlock) -> str:
        row = self.gates.conditions[self.loaded.lists.conditions[unlock.what]]
        return self.words(N_("Öppnas av anpassning: %(what)s."), what=self.words.accommodation(row))

    def _rung(self, concept: int) -> int:
        """How the person's best competence on or under a concept is known; 0 when there is none."""
        best, _ = self.loaded.matching.held
        return int(np.asarray(best[[0]][:, [concept]].todense())[0, 0])
