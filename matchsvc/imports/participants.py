"""Importing participants: what becomes of each row. Carried out by participant_writing.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.models import Role
from matchsvc.errors import N_
from matchsvc.imports import words
from matchsvc.imports.columns import Parsed, Problem, given_in, missing_value
from matchsvc.imports.lookups import Book, each
from matchsvc.imports.participant_columns import COLUMNS, EVERYWHERE, Held
from matchsvc.imports.participant_lookup import Found
from matchsvc.imports.participant_plan import (
    PersonPlan,
    ability_changes,
    case_changes,
    person_words,
)
from matchsvc.imports.participant_writing import write_people
from matchsvc.imports.planning import (
    Action,
    Planned,
    RowPlan,
    difference,
    fault,
    wanted,
)
from matchsvc.imports.values import CellError, Mark, SpokenLanguage
from matchsvc.participants.access import keys_that_moved
from matchsvc.participants.competences import HELD_TYPES
from matchsvc.participants.models import (
    BirthRegion,
    Case,
    ExitDestination,
    Programme,
    Rung,
)
from matchsvc.swedish import fold
from matchsvc.vocabulary.models import ConceptType

_COLUMNS = {column.key: column for column in COLUMNS}
#: Attributes of a person that stand in columns of the same name, with what ``-`` makes of them.
_PLAIN: dict[str, Any] = {
    "given_name": None, "family_name": None, "sex": None, "birth_region": None, "phone": None,
    "email": None, "contact_language": "sv", "interpreter": False, "protected": False,
    "hours_per_week": None, "weekdays": 0,
}  # fmt: skip
_NEW: dict[str, Any] = {"contact_language": "sv", "interpreter": False, "protected": False,
                        "weekdays": 0}  # fmt: skip
_CASE = ("enrolled_on", "ended_on", "exit_reason", "exit_destination")
_NOBODY = N_("Ingen av ordlistans kompetenser heter %(word)s. Skriv dess id eller namn.")


class Participants:
    """The import of participants."""

    name = "participants"
    columns = COLUMNS

    def __init__(self, book: Book) -> None:
        self.book = book
        self._rows_of: dict[tuple[UUID, str], int] = {}
        self._rows_of_number: dict[str, int] = {}

    def plan(self, session: Session, rows: Sequence[Parsed]) -> Planned:
        """Say what becomes of the next rows."""
        planned = Planned()
        self.book.read_concepts(session, _texts(rows))
        units = {row.number: self._unit_of(row, planned.problems) for row in rows}
        for there in {unit for unit in units.values() if unit is not None}:
            mine = [row for row in rows if units[row.number] == there]
            moved = keys_that_moved(session, there, given_in(mine, "external_id"))
            for row in mine:
                row.follow("external_id", moved)
        found = Found(session, self.book, rows, units)
        for row in rows:
            problems = list(row.problems)
            unit_id = units[row.number]
            if unit_id is not None and "external_id" in row.values:
                plan = _Reading(session, self, row, unit_id, found, problems).read()
                if not problems and plan is not None:
                    planned.rows.append(plan)
            elif not any(problem.column == "external_id" for problem in problems):
                problems += (
                    []
                    if row.given("external_id")
                    else [missing_value(row.number, _COLUMNS["external_id"])]
                )
            planned.problems += problems
        return planned

    def write(self, session: Session, rows: Sequence[RowPlan]) -> list[Problem]:
        """Write what was planned in this transaction."""
        write_people(session, self.book, [row.data for row in rows])
        return []

    def _unit_of(self, row: Parsed, problems: list[Problem]) -> UUID | None:
        written = row.given("unit")
        if written is None:
            if self.book.home is None:
                problems.append(
                    fault(row, "unit", "unit_missing", N_("Det finns flera enheter. Skriv vilken."))
                )
            return self.book.home
        unit_id = self.book.units.get(fold(written))
        own = self.book.actor.unit_id
        if unit_id is None or (own is not None and unit_id != own):
            # Another unit and no unit get the same answer.
            problems.append(
                fault(row, "unit", "unknown_unit",
                      N_("Enheten finns inte, eller så är den inte din. Skriv enhetens namn."))
            )  # fmt: skip
            return None
        return unit_id

    def seen_before(self, row: Parsed, unit_id: UUID, index: str | None) -> Problem | None:
        """The error of a key or an identity number that an earlier row of the file has."""
        key = (unit_id, row.values["external_id"])
        earlier = self._rows_of.setdefault(key, row.number)
        if earlier != row.number:
            return fault(
                row,
                "external_id",
                "row_twice",
                N_("Samma id står på rad %(row)s. Ta bort den ena raden."),
                row=earlier,
            )
        if index is not None:
            earlier = self._rows_of_number.setdefault(index, row.number)
            if earlier != row.number:
                return fault(
                    row,
                    "personal_id",
                    "personal_id_twice",
                    N_("Samma personnummer står på rad %(row)s. Rätta den ena raden."),
                    row=earlier,
                )
        return None


def _texts(rows: Iterable[Parsed]) -> Iterable[str]:
    for row in rows:
        for competence in row.given("competences") or ():
            yield competence.concept
        for language in row.given("languages") or ():
            yield language.language


class _Reading:
    """One row against what is known; collects every error of the row."""

    def __init__(
        self,
        session: Session,
        kind: Participants,
        row: Parsed,
        unit_id: UUID,
        found: Found,
        problems: list[Problem],
    ) -> None:
        self.session, self.kind, self.book, self.row = session, kind, kind.book, row
        self.unit_id, self.found, self.problems = unit_id, found, problems
        self.key: str = row.values["external_id"]
        self.number = found.numbers[row.number]
        self.index = found.indexes.get(row.number)
        self.known = found.people.get((unit_id, self.key))

    def say(self, key: str | None, code: str, message: str, **said: object) -> None:
        self.problems.append(fault(self.row, key, code, message, **said))

    def read(self) -> RowPlan | None:
        row = self.row
        twice = self.kind.seen_before(row, self.unit_id, self.index)
        if twice is not None:
            self.problems.append(twice)
        plan = PersonPlan(self.key, self.unit_id, known=self.known, identity=self.number)
        self._read_identity()
        if self.known is not None and self.known.id not in self.found.full:
            self._check_right()
        self._read_case(plan)
        self._read_person(plan)
        self._read_abilities(plan)
        self._read_reach(plan)
        if self.problems:
            return None
        hidden = self._hidden()
        if hidden is not None:
            return hidden
        return self._decide(plan)

    def _check_right(self) -> None:
        """A manager may import for the whole unit; a case worker changes only her own."""
        actor = self.book.actor
        if not actor.is_system and not actor.has_role(Role.UNIT_MANAGER):
            self.say(
                "external_id",
                "not_yours",
                N_("Du har inte ansvar för det här ärendet. Be handläggaren eller chefen."),
            )

    def _hidden(self) -> RowPlan | None:
        """Somebody the actor may not know of: answered like any accepted row (LAW-10)."""
        by_key = self.found.hidden_ids.get((self.unit_id, self.key))
        by_number = self.found.hidden_numbers.get(self.index) if self.index else None
        hidden = by_key or by_number
        if hidden is None:
            return None
        plan = PersonPlan(self.key, self.unit_id, hidden=hidden)
        if by_key is not None and (self.index is None or by_key.personal_id_index == self.index):
            # Her own row from the system that she came from: nothing to tell.
            return RowPlan(self.row.number, Action.UNCHANGED, data=plan)
        plan.tells = True
        action = Action.UPDATE if self.known is not None else Action.CREATE
        return RowPlan(self.row.number, action, data=plan)

    def _read_identity(self) -> None:
        row = self.row
        if row.given("personal_id") and self.number is None:
            self.say(
                "personal_id",
                "bad_personal_id",
                N_(
                    "Numret stämmer inte. Skriv tolv siffror, ÅÅÅÅMMDD-NNNN, och jämför med kortet."
                ),
            )
        holder = self.found.holders.get(self.index) if self.index else None
        if holder is not None and holder is not self.known:
            self.say(
                "personal_id",
                "personal_id_taken",
                N_("Personnumret hör redan till en annan deltagare. Använd samma Deltagar-id."),
            )

    # The case

    def _read_case(self, plan: PersonPlan) -> None:
        plan.case = case = self._case_meant()
        facts = {name: wanted(self.row, name, getattr(case, name, None)) for name in _CASE}
        if self.row.clears("ended_on"):
            facts |= {"exit_reason": None, "exit_destination": None}
        if facts["ended_on"] and facts["exit_destination"] is None:
            facts["exit_destination"] = ExitDestination.UNKNOWN
        self._check_case(facts)
        facts["case_worker_id"] = self._case_worker(case)
        plan.programme = self._programme(case)
        facts["programme_id"] = plan.programme.id if plan.programme else None
        plan.facts = facts

    def _case_meant(self) -> Case | None:
        """The case with that first day; else the latest, unless it ended before (a new one)."""
        cases = self.known.cases if self.known is not None else []
        first: date | None = self.row.given("enrolled_on")
        for case in cases:
            if first is None or case.enrolled_on == first:
                return case
        latest = cases[0] if cases else None
        if latest is None or (latest.ended_on and first and first > latest.ended_on):
            return None
        return latest

    def _check_case(self, facts: dict[str, Any]) -> None:
        first, last, reason = facts["enrolled_on"], facts["ended_on"], facts["exit_reason"]
        today = self.book.today
        if first is None and not self._is_wrong("enrolled_on"):
            self.problems.append(missing_value(self.row.number, _COLUMNS["enrolled_on"]))
        if first is not None and first > today:
            self.say(
                "enrolled_on",
                "not_yet",
                N_("Dagen har inte varit än. Skriv dagen då inskrivningen skedde."),
            )
        if last is not None and first is not None and last < first:
            self.say(
                "ended_on",
                "ends_before_start",
                N_("Avslutad ligger före Inskriven. Rätta en av dagarna."),
            )
        if last is not None and last > today:
            self.say(
                "ended_on", "not_yet", N_("Dagen har inte varit än. Skriv dagen då det skedde.")
            )
        if last is not None and reason is None and not self._is_wrong("exit_reason"):
            self.say(
                "exit_reason",
                "exit_reason_missing",
                N_("Skriv en avslutsorsak: %(words)s."),
                words=words.listed(words.EXIT_REASON),
            )
        if last is None and not self._is_wrong("ended_on"):
            for key in ("exit_reason", "exit_destination"):
                if self.row.given(key) is not None:
                    self.say(key, "not_ended", N_("Skriv också Avslutad, eller töm cellen."))

    def _is_wrong(self, key: str) -> bool:
        return any(problem.column == key for problem in self.problems)

    def _case_worker(self, case: Case | None) -> UUID | None:
        if self.row.clears("case_worker"):
            return None
        written = self.row.given("case_worker")
        if written is None:
            actor = self.book.actor
            mine = actor.user_id if actor.has_role(Role.CASE_WORKER) else None
            return case.case_worker_id if case is not None else mine
        try:
            return self.book.find_user(written, self.unit_id, Role.CASE_WORKER)
        except CellError as error:
            self.say("case_worker", error.code, error.message, **error.words)
            return None

    def _programme(self, case: Case | None) -> Programme | None:
        if self.row.clears("programme"):
            return None
        written = self.row.given("programme")
        if written is not None:
            return self.book.programme(self.unit_id, written)
        if case is None or case.programme_id is None:
            return None
        known = self.book.programmes.values()
        return next((one for one in known if one.id == case.programme_id), None)

    # The person

    def _read_person(self, plan: PersonPlan) -> None:
        row, known = self.row, self.known
        person = {
            name: wanted(row, name, getattr(known, name) if known else _NEW.get(name), empty)
            for name, empty in _PLAIN.items()
        }
        for key in ("sex", "birth_region"):
            if person[key] is None and not self._is_wrong(key):
                self.problems.append(missing_value(row.number, _COLUMNS[key]))
        person["birth_year"] = self._birth_year()
        person["birth_country"] = self._birth_country(person["birth_region"], plan.programme)
        self._check_protected(person, plan)
        plan.person = person

    def _birth_year(self) -> int | None:
        written: int | None = self.row.given("birth_year")
        now = self.known.birth_year if self.known else None
        born = self.number.birth_year if self.number else None
        kept = self.known.personal_id if self.known else None
        if born is None and kept and not self.row.clears("personal_id"):
            born = int(kept[:4])
        if written is not None and written > self.book.today.year:
            self.say(
                "birth_year",
                "not_yet",
                N_("Skriv födelseåret med fyra siffror, till exempel 1985."),
            )
        elif born is not None and written is not None and born != written:
            self.say(
                "birth_year",
                "birth_year_differs",
                N_("Födelseåret stämmer inte med personnumret. Rätta ett av dem."),
            )
        return born if born is not None else wanted(self.row, "birth_year", now)

    def _birth_country(self, region: BirthRegion | None, programme: Programme | None) -> str | None:
        country = self.row.given("birth_country")
        if country is not None and region is not None and country.region is not region:
            self.say(
                "birth_country",
                "region_differs",
                N_("%(country)s hör till %(region)s. Rätta landet eller födelseregionen."),
                country=country.name,
                region=words.word_of(words.BIRTH_REGION, country.region),
            )
        if programme is None or not programme.needs_birth_country:
            return None  # kept only where the programme's rule needs it
        now = self.known.birth_country if self.known else None
        kept: str | None = wanted(self.row, "birth_country", now) if country is None else None
        return kept if country is None else country.code

    def _check_protected(self, person: dict[str, Any], plan: PersonPlan) -> None:
        if self.known is not None and self.known.protected and not person["protected"]:
            self.say(
                "protected",
                "lift_takes_two",
                N_("Skyddet lyfts av två behöriga på deltagarens sida, inte genom en fil."),
            )
        if not person["protected"]:
            return
        for key in ("phone", "email"):
            if self.row.given(key) is not None:
                self.say(
                    key,
                    "contact_of_protected",
                    N_("Skriv inga kontaktuppgifter när personuppgifterna är skyddade."),
                )
        person["phone"] = person["email"] = None
        actor = self.book.actor
        if plan.facts["case_worker_id"] is None and actor.user_id is None:
            self.say(
                "case_worker",
                "handler_missing",
                N_("Skriv en handläggare. Utan den når ingen en person med skyddade uppgifter."),
            )

    # What she can, needs and reaches

    def _read_abilities(self, plan: PersonPlan) -> None:
        plan.forgets = self.row.clears("competences")
        for competence in self.row.given("competences") or ():
            self._read_competence(plan, competence)
        if self.row.clears("languages"):
            plan.languages = None
        for language in self.row.given("languages") or ():
            self._read_language(plan, language)

    def _read_competence(self, plan: PersonPlan, competence: Held) -> None:
        try:
            named = self.book.concept(self.session, competence.concept, HELD_TYPES, _NOBODY)
        except CellError as error:
            self.say("competences", error.code, error.message, **error.words)
            return
        rung = competence.rung or Rung.CLAIMED
        papers = named.type is ConceptType.LICENCE and rung is Rung.CONFIRMED
        plan.raises.append((named.id, rung, competence.learned_where, papers))

    def _read_language(self, plan: PersonPlan, language: SpokenLanguage) -> None:
        try:
            named = self.book.concept(
                self.session, language.language, (ConceptType.LANGUAGE,),
                N_("Språket %(word)s finns inte i ordlistan. Skriv dess kod, till exempel sv."),
            )  # fmt: skip
        except CellError as error:
            self.say("languages", error.code, error.message, **error.words)
            return
        if plan.languages is not None:
            plan.languages.setdefault(named.id, {})[language.part] = language.level

    def _read_reach(self, plan: PersonPlan) -> None:
        areas = self.row.values.get("areas")
        try:
            if areas == EVERYWHERE:
                plan.everywhere, plan.areas = True, []
            elif areas is not None:
                names = [] if areas is Mark.CLEAR else areas
                plan.everywhere = False
                plan.areas = [self.book.area(self.unit_id, name).id for name in names]
        except CellError as error:
            self.say("areas", error.code, error.message, **error.words)
        try:
            needs = self.row.values.get("needs")
            if needs is not None:
                plan.needs = [] if needs is Mark.CLEAR else each(needs, self.book.condition)
        except CellError as error:
            self.say("needs", error.code, error.message, **error.words)

    # What becomes of it

    def _decide(self, plan: PersonPlan) -> RowPlan:
        number, known = self.row.number, plan.known
        if known is None:
            return RowPlan(number, Action.CREATE, data=plan)
        before = {name: getattr(known, name) for name in plan.person}
        changes = difference(_COLUMNS, person_words(before), person_words(plan.person))
        case_before = {name: getattr(plan.case, name, None) for name in plan.facts}
        changes |= case_changes(case_before, plan.facts)
        if self.row.clears("personal_id"):
            is_new_number = known.personal_id is not None
        else:
            is_new_number = self.index is not None and self.index != known.personal_id_index
        if is_new_number:
            changes["personal_id"] = ("", "")
        changes |= ability_changes(known, plan)
        plan.clears_identity = self.row.clears("personal_id")
        action = Action.UPDATE if changes else Action.UNCHANGED
        return RowPlan(number, action, changes, plan)
