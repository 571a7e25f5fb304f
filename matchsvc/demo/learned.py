"""What the town's people can do: mostly learned in life and at home, and how we know."""

from __future__ import annotations

from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from matchsvc.demo.lots import at_work, days, words
from matchsvc.demo.people import Person
from matchsvc.demo.rows import Rows
from matchsvc.demo.workplaces import Town
from matchsvc.participants.models import Competence, Evidence, LearnedWhere, Rung

_WHERE = {
    "h": LearnedWhere.UNPAID_HOME,
    "c": LearnedWhere.CARE,
    "a": LearnedWhere.ASSOCIATION,
    "b": LearnedWhere.OWN_BUSINESS,
    "o": LearnedWhere.HOBBY,
    "j": LearnedWhere.JOB,
    "e": LearnedWhere.EDUCATION,
}
_LADDER = tuple(Rung)


class Learning:
    """Gives people their competences.

    Args:
        rows: where they are saved.
        town: what has been made before.
    """

    def __init__(self, rows: Rows, town: Town) -> None:
        self.rows, self.town = rows, town

    def build(self, person: Person) -> None:
        """Everything one person can do."""
        told = person.life.story.get("competences", ())
        for line in told:
            self._told(person, line)
        if len(told) < 5:
            for line in self._drawn(person):
                self._competence(person, line)
        if not told:
            self._licences(person)
            self._free_text(person)

    def _drawn(self, person: Person) -> list[dict[str, Any]]:
        lots = person.lots
        most = 8 if person.story.ready else 4
        lines = lots.some(person.sector["competences"], 3 if person.story.ready else 1, most - 2)
        other = lots.choice(words("sectors"))
        lines += lots.some(other["competences"], 0, 2)
        return [line for line in lines if line["concept"] not in person.concepts]

    def _competence(self, person: Person, line: dict[str, Any]) -> None:
        if line["concept"] in person.concepts:
            return
        lots, first = person.lots, self._first_talk(person)
        rung, seen, place = self._rung(person, line["where"], first)
        certificate = rung is Rung.CONFIRMED and line["where"] in "ej"
        notes = {
            Rung.EXEMPLIFIED: lots.choice(words("sentences")["examples"]),
            Rung.OBSERVED: lots.choice(words("sentences")["seen"]),
            Rung.CONFIRMED: lots.choice(words("sentences")["certificates"]),
        }
        is_shared = lots.chance(75)
        key = self._save(
            person, line, rung, certificate=certificate, is_shared=is_shared, first=first
        )
        told_on = min(first + days(7), self.town.today)
        days_of = {
            Rung.CLAIMED: first,
            Rung.EXEMPLIFIED: told_on,
            Rung.OBSERVED: seen if rung is Rung.OBSERVED else seen - days(3),
            Rung.CONFIRMED: seen,
        }
        reached = [(each, days_of[each]) for each in _LADDER[: _LADDER.index(rung) + 1]]
        if place is None:
            reached = [(each, on) for each, on in reached if each is not Rung.OBSERVED]
        # Of what was learned on the same day only the highest rung is worth noting.
        for (each, on), later in zip_longest(reached, [on for _, on in reached[1:]]):
            if later is None or on < later:
                where = place if each in {Rung.OBSERVED, Rung.CONFIRMED} else None
                self._evidence(person, key, each, on, person.worker_id, where, notes.get(each))

    def _rung(self, person: Person, where: str, first: date) -> tuple[Rung, date, str | None]:
        """How far up the ladder: seen at work after a placement, confirmed by papers."""
        lots, today = person.lots, self.town.today
        begun = [stay for stay in person.story.stays if stay.start + days(14) <= today]
        if begun and lots.chance(45):
            stay = begun[-1]
            seen = min(stay.start + days(lots.randint(10, 40)), stay.end or today, today)
            place = lots.choice(self.town.by_sector[person.sector["id"]] or self.town.places).name
            if person.life.is_protected:
                place = "arbetsplatsen"
            return lots.choice([Rung.OBSERVED, Rung.OBSERVED, Rung.CONFIRMED]), seen, place
        seen = min(first + days(lots.randint(7, 20)), today)
        if where == "e" and lots.chance(65):
            return Rung.CONFIRMED, seen, None
        if where == "j" and lots.chance(20):
            return Rung.CONFIRMED, seen, None
        return (Rung.EXEMPLIFIED if lots.chance(55) else Rung.CLAIMED), seen, None

    def _told(self, person: Person, line: dict[str, Any]) -> None:
        rung, first = Rung(line["rung"]), self._first_talk(person)
        seen = max(first, self.town.today + days(line.get("seen", 0)))
        key = self._save(
            person,
            line,
            rung,
            certificate=line.get("certificate", False),
            is_shared=not line.get("private", False),
            first=first,
        )
        self._evidence(person, key, Rung.CLAIMED, first, person.worker_id, None, None)
        if rung is Rung.CLAIMED:
            return
        seer = person.worker_id
        if line.get("by") == "supervisor":
            seer = self.town.staff.supervisors[0]
        self._evidence(person, key, rung, seen, seer, line.get("at"), line.get("note"))

    def _licences(self, person: Person) -> None:
        lots = person.lots
        held = ["korkort-b"] if lots.chance(28) else []
        if person.sector["id"] == "lager" and lots.chance(25):
            held.append("truckkort")
        for concept in held:
            line = {"concept": concept, "where": "e", "detail": None}
            first = self._first_talk(person)
            key = self._save(
                person, line, Rung.CONFIRMED, certificate=True, is_shared=True, first=first
            )
            self._evidence(
                person, key, Rung.CONFIRMED, first, person.worker_id, None, "Kortet visat."
            )

    def _free_text(self, person: Person) -> None:
        """Words that wait for somebody to choose the concept."""
        lots = person.lots
        if not lots.chance(14):
            return
        line = {
            "concept": None,
            "where": lots.choice("hao"),
            "detail": None,
            "words": lots.choice(words("sentences")["own_competences"]),
        }
        first = self._first_talk(person)
        key = self._save(
            person, line, Rung.CLAIMED, certificate=False, is_shared=False, first=first
        )
        self._evidence(person, key, Rung.CLAIMED, first, person.worker_id, None, None)

    def _first_talk(self, person: Person) -> date:
        return min(person.story.enrolled + days(4), self.town.today)

    def _save(
        self,
        person: Person,
        line: dict[str, Any],
        rung: Rung,
        *,
        certificate: bool,
        is_shared: bool,
        first: date,
    ) -> UUID:
        concept, key = line["concept"], person.lots.id()
        if concept is not None:
            person.concepts.add(concept)
            if is_shared:
                person.shared.append(concept)
        self.rows.add(
            Competence,
            id=key,
            participant_id=person.id,
            concept_id=concept,
            own_words=line.get("words"),
            learned_where=_WHERE[line["where"]],
            learned_detail=line.get("detail"),
            rung=rung,
            by_certificate=certificate,
            is_shared=is_shared,
            created_at=at_work(first, 10),
        )
        return key

    def _evidence(
        self,
        person: Person,
        key: UUID,
        rung: Rung,
        on: date,
        by_id: UUID | None,
        workplace: str | None,
        note: str | None,
    ) -> None:
        self.rows.add(
            Evidence,
            id=person.lots.id(),
            competence_id=key,
            rung=rung,
            happened_on=on,
            by_id=by_id,
            workplace=workplace,
            note=note,
            created_at=at_work(on, 11),
        )
