"""Importing offers: what becomes of each row, and carrying it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts import audit
from matchsvc.employers import checks
from matchsvc.employers.access import offers_of
from matchsvc.employers.grounds import Ground, ground_sentence
from matchsvc.employers.models import (
    Importance,
    LanguagePart,
    Offer,
    OfferStatus,
    Site,
    YesNoUnknown,
)
from matchsvc.employers.offer_checks import (
    LanguageLine,
    LicenceLine,
    OfferContent,
    RequirementLine,
    plain_faults,
)
from matchsvc.employers.offers import TRANSITIONS, content_of_offer, write_content
from matchsvc.employers.register import NO_SUCH_STEP, is_barred
from matchsvc.errors import N_
from matchsvc.imports import words
from matchsvc.imports.columns import Parsed, Problem, missing_value
from matchsvc.imports.lookups import Book, each
from matchsvc.imports.offer_columns import COLUMNS
from matchsvc.imports.planning import (
    Action,
    Planned,
    RowPlan,
    chunks,
    difference,
    fault,
    wanted,
)
from matchsvc.imports.sites import Sites
from matchsvc.imports.values import CellError, Mark, SpokenLanguage, WithPurpose, weekday_words
from matchsvc.vocabulary.models import ConceptType

_COLUMNS = {column.key: column for column in COLUMNS}
#: Columns that are an attribute of the same name, with what ``-`` makes of them.
_PLAIN: dict[str, Any] = {
    "title": None, "tasks": None, "contribution": None, "places": None, "hours_start": None,
    "weekdays": 0, "start_from": None, "start_by": None, "valid_until": None,
    "supervisor_named": None, "job_prospect": YesNoUnknown.UNKNOWN, "for_af": False,
}  # fmt: skip
_NEEDED = ("title", "tasks", "contribution", "places", "hours_start")
_SKILLS = (ConceptType.SKILL, ConceptType.OCCUPATION, ConceptType.GENERIC)
#: Fields of an offer's content to the column they come from, where the names differ.
_COLUMN_OF = {
    "season_start": "season", "season_end": "season", "occupation_id": "occupation",
    "agreement_id": "agreement", "requirements": "required",
}  # fmt: skip
_NO_SKILL = N_("Ingen av ordlistans kompetenser heter %(word)s. Skriv dess id eller namn.")
_NO_LANGUAGE = N_("Språket %(word)s finns inte i ordlistan. Skriv dess kod, till exempel sv.")
_NO_LICENCE = N_("Licensen %(word)s finns inte i ordlistan. Skriv dess id eller namn.")
_NO_OCCUPATION = N_("Yrket %(word)s finns inte i ordlistan. Skriv dess id, SSYK eller namn.")


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """What a row makes of an offer."""

    external_id: str
    unit_id: UUID
    site: Site
    known: Offer | None
    content: OfferContent
    status: OfferStatus


class Offers:
    """The import of offers."""

    name = "offers"
    columns = COLUMNS

    def __init__(self, book: Book) -> None:
        self.book = book
        self.grounds: dict[UUID, set[Ground]] = {}
        self._seen: dict[str, int] = {}

    def plan(self, session: Session, rows: Sequence[Parsed]) -> Planned:
        """Say what becomes of the next rows."""
        planned = Planned()
        unit_id = self.book.home
        if unit_id is None:
            message = N_("Det finns flera enheter. Säg vilken med --unit.")
            planned.problems = [Problem(None, None, "unit_missing", message)]
            return planned
        self.book.read_concepts(session, _texts(rows))
        sites = Sites(session, unit_id, rows, "site_external_id")
        keys = {row.given("external_id") for row in rows} - {None}
        found = session.scalars(
            offers_of(self.book.actor)
            .where(Offer.unit_id == unit_id, Offer.external_id.in_(keys))
            .options(
                joinedload(Offer.site).joinedload(Site.employer),
                selectinload(Offer.requirements),
                selectinload(Offer.languages),
                selectinload(Offer.licences),
                selectinload(Offer.conditions),
            )
        )
        known = {offer.external_id: offer for offer in found.unique()}
        for row in rows:
            problems = list(row.problems)
            plan = _Reading(session, self, row, unit_id, problems).read(sites, known)
            planned.problems += problems
            if plan is not None and not problems:
                planned.rows.append(plan)
        return planned

    def write(self, session: Session, rows: Sequence[RowPlan]) -> list[Problem]:
        """Write what was planned in this transaction."""
        made, changed = [], []
        for row in rows:
            plan: OfferPlan = row.data
            offer = plan.known
            if offer is None:
                offer = _new(plan, self.book.actor.user_id)
                session.add(offer)
                made.append(offer.id)
            else:
                changed.append(offer.id)
                flag_modified(offer, "title")  # a change of lines counts the version up, too
            write_content(offer, plan.content)
            offer.status, offer.site_id = plan.status, plan.site.id
        session.flush()
        for action, ids in (("create", made), ("change", changed)):
            for some in chunks(ids):
                audit.record(
                    session, self.book.actor, action, "offer", reason="import", subjects=some
                )
        return []

    def twice(self, row: Parsed) -> Problem | None:
        """The error of a key that an earlier row has."""
        earlier = self._seen.setdefault(row.values["external_id"], row.number)
        if earlier == row.number:
            return None
        return fault(
            row,
            "external_id",
            "row_twice",
            N_("Samma id står på rad %(row)s. Ta bort den ena raden."),
            row=earlier,
        )


def _new(plan: OfferPlan, owner_id: UUID | None) -> Offer:
    offer = Offer(
        id=uuid4(),
        unit_id=plan.unit_id,
        external_id=plan.external_id,
        site_id=plan.site.id,
        owner_id=owner_id or plan.site.employer.owner_id,
    )
    offer.requirements, offer.languages, offer.licences, offer.conditions = [], [], [], []
    return offer


def _texts(rows: Iterable[Parsed]) -> Iterable[str]:
    for row in rows:
        if row.given("occupation"):
            yield row.given("occupation")
        for key in ("required", "merits", "licences"):
            yield from (line.asked for line in row.given(key) or ())
        yield from (line.language for line in row.given("languages") or ())


class _Reading:
    """One row against what is known; collects every error of the row."""

    def __init__(
        self, session: Session, kind: Offers, row: Parsed, unit_id: UUID, problems: list[Problem]
    ) -> None:
        self.session, self.kind, self.book, self.row = session, kind, kind.book, row
        self.unit_id, self.problems = unit_id, problems
        self.now: OfferContent | None = None

    def say(self, key: str, code: str, message: str, **said: object) -> None:
        self.problems.append(fault(self.row, key, code, message, **said))

    def read(self, sites: Sites, known: dict[str, Offer]) -> RowPlan | None:
        row = self.row
        if row.given("external_id") is None:
            self._missing("external_id")
        elif (twice := self.kind.twice(row)) is not None:
            self.problems.append(twice)
        offer = known.get(row.given("external_id") or "")
        self.now = content_of_offer(offer) if offer is not None else None
        site = self._site(sites, offer)
        content = self._content()
        self._note_grounds(site)
        if site is None or content is None:
            return None
        status: OfferStatus = wanted(row, "status", offer.status if offer else OfferStatus.OPEN)
        self._check_status(offer, status, site, content)
        plan = OfferPlan(row.given("external_id") or "", self.unit_id, site, offer, content, status)
        if offer is None or self.now is None:
            return RowPlan(row.number, Action.CREATE, data=plan)
        changes = difference({}, _words(self.now), _words(content))
        if status is not offer.status:
            changes["status"] = (
                words.word_of(words.OFFER_STATUS, offer.status),
                words.word_of(words.OFFER_STATUS, status),
            )
        if site.id != offer.site_id:
            changes["site_external_id"] = (offer.site.external_id, site.external_id)
        action = Action.UPDATE if changes else Action.UNCHANGED
        return RowPlan(row.number, action, changes, plan)

    def _missing(self, key: str) -> None:
        if not any(problem.column == key for problem in self.problems):
            self.problems.append(missing_value(self.row.number, _COLUMNS[key]))

    def _site(self, sites: Sites, offer: Offer | None) -> Site | None:
        written = self.row.given("site_external_id")
        if written is None:
            if offer is None:
                self._missing("site_external_id")
            return offer.site if offer else None
        try:
            return sites.find(written)
        except CellError as error:
            self.say("site_external_id", error.code, error.message, **error.words)
            return None

    def _content(self) -> OfferContent | None:
        values = {
            name: wanted(self.row, name, getattr(self.now, name, empty), empty)
            for name, empty in _PLAIN.items()
        }
        missing = [key for key in _NEEDED if values[key] is None]
        for key in missing:
            self._missing(key)
        values["forms"] = tuple(self._list("forms", self.now.forms if self.now else ()))
        values["season_start"], values["season_end"] = self._season()
        values |= self._named() | self._lines() | self._conditions()
        if missing:
            return None
        values["hours_max"] = self._hours_max(values["hours_start"])
        content = OfferContent(**values)
        for name, sentence in plain_faults(content, today=self.book.today):
            self._say_fault(name, sentence, content)
        if content.offers & content.excludes:
            self.say("excludes", "both_stances", checks.BOTH_STANCES)
        return content

    def _say_fault(self, name: str, sentence: str, content: OfferContent) -> None:
        field, _, place = name.partition("/")
        key = _COLUMN_OF.get(field, field)
        if field == "requirements" and place:
            line = content.requirements[int(place.partition("/")[0])]
            key = "required" if line.importance is Importance.REQUIRED else "merits"
        is_told = any(p.column == key and p.row == self.row.number for p in self.problems)
        if not is_told:
            is_ground = sentence in {ground_sentence(ground) for ground in Ground}
            self.say(key, "protected_ground" if is_ground else "invalid", sentence)

    def _list(self, key: str, now: Iterable[Any]) -> list[Any]:
        value = self.row.values.get(key)
        if value is None:
            return list(now)
        return [] if value is Mark.CLEAR else list(value)

    def _season(self) -> tuple[str | None, str | None]:
        now = (self.now.season_start, self.now.season_end) if self.now else (None, None)
        found: tuple[str | None, str | None] = wanted(self.row, "season", now, (None, None))
        return found

    def _hours_max(self, hours_start: int) -> int:
        now = self.now.hours_max if self.now else None
        most: int | None = wanted(self.row, "hours_max", now)
        return hours_start if most is None else most

    def _named(self) -> dict[str, Any]:
        occupation = self.now.occupation_id if self.now else None
        agreement = self.now.agreement_id if self.now else None
        if self.row.clears("occupation"):
            occupation = None
        elif written := self.row.given("occupation"):
            occupation = self._concept(
                "occupation", written, (ConceptType.OCCUPATION,), _NO_OCCUPATION
            )
        if self.row.clears("agreement"):
            agreement = None
        elif written := self.row.given("agreement"):
            agreement = self.book.agreement(self.unit_id, written).id
        return {"occupation_id": occupation, "agreement_id": agreement}

    def _concept(
        self, key: str, written: str, types: tuple[ConceptType, ...], unknown: str
    ) -> str | None:
        try:
            return self.book.concept(self.session, written, types, unknown).id
        except CellError as error:
            self.say(key, error.code, error.message, **error.words)
            return None

    def _lines(self) -> dict[str, Any]:
        return {
            "requirements": tuple(self._requirements()),
            "languages": tuple(self._languages()),
            "licences": tuple(self._licences()),
        }

    def _requirements(self) -> Iterable[RequirementLine]:
        now = self.now.requirements if self.now else ()
        for key, importance in (("required", Importance.REQUIRED), ("merits", Importance.MERIT)):
            kept = [line for line in now if line.importance is importance]
            for line in self._list(key, kept):
                if isinstance(line, RequirementLine):
                    yield line
                elif found := self._concept(key, line.asked, _SKILLS, _NO_SKILL):
                    yield RequirementLine(found, importance, line.purpose)

    def _languages(self) -> Iterable[LanguageLine]:
        for line in self._list("languages", self.now.languages if self.now else ()):
            if isinstance(line, LanguageLine):
                yield line
            elif isinstance(line, SpokenLanguage):
                found = self._concept(
                    "languages", line.language, (ConceptType.LANGUAGE,), _NO_LANGUAGE
                )
                if found:
                    part = LanguagePart(line.part)
                    yield LanguageLine(found, part, line.level, line.purpose or "")

    def _licences(self) -> Iterable[LicenceLine]:
        for line in self._list("licences", self.now.licences if self.now else ()):
            if isinstance(line, LicenceLine):
                yield line
            elif isinstance(line, WithPurpose):
                found = self._concept("licences", line.asked, (ConceptType.LICENCE,), _NO_LICENCE)
                if found:
                    yield LicenceLine(found, line.purpose)

    def _conditions(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for key in ("offers", "excludes"):
            found[key] = getattr(self.now, key, frozenset())
            value = self.row.values.get(key)
            try:
                if value is not None:
                    listed = [] if value is Mark.CLEAR else value
                    found[key] = frozenset(each(listed, self.book.condition))
            except CellError as error:
                self.say(key, error.code, error.message, **error.words)
        return found

    def _check_status(
        self, offer: Offer | None, status: OfferStatus, site: Site, content: OfferContent
    ) -> None:
        before = offer.status if offer is not None else None
        if before is not None and status is not before and status not in TRANSITIONS[before]:
            self.say("status", "no_such_step", NO_SUCH_STEP)
        if status is not OfferStatus.OPEN or before is OfferStatus.OPEN:
            return
        if is_barred(site.employer):
            self.say(
                "site_external_id",
                "employer_barred",
                N_("Arbetsgivaren kan inte ta emot någon just nu. Skriv utkast som status."),
            )
        if content.valid_until is not None and content.valid_until < self.book.today:
            self.say(
                "valid_until",
                "no_longer_valid",
                N_("Erbjudandet har gått ut. Skriv en senare dag, eller stängd som status."),
            )

    def _note_grounds(self, site: Site | None) -> None:
        """Which grounds; the words are never kept."""
        if site is None:
            return
        said = {p.message for p in self.problems if p.code == "protected_ground"}
        found = {ground for ground in Ground if ground_sentence(ground) in said}
        if found:
            self.kind.grounds.setdefault(site.id, set()).update(found)


def _words(content: OfferContent) -> dict[str, Any]:
    """A content by column, for the preview of changes; long lists say only that they change."""
    plain = {field.name: getattr(content, field.name) for field in fields(content)}
    ordered = replace(
        content,
        languages=tuple(sorted(content.languages, key=lambda line: (line.concept_id, line.part))),
        licences=tuple(sorted(content.licences, key=lambda line: line.concept_id)),
    )
    return {
        "title": plain["title"],
        "tasks": plain["tasks"],
        "contribution": words.word_of(words.CONTRIBUTION, content.contribution),
        "places": plain["places"],
        "hours_start": plain["hours_start"],
        "hours_max": plain["hours_max"],
        "weekdays": weekday_words(content.weekdays),
        "start_from": plain["start_from"],
        "start_by": plain["start_by"],
        "valid_until": plain["valid_until"],
        "season": f"{content.season_start or ''}/{content.season_end or ''}".strip("/"),
        "supervisor_named": plain["supervisor_named"],
        "job_prospect": words.word_of(words.YES_NO_UNKNOWN, content.job_prospect),
        "for_af": plain["for_af"],
        "forms": "|".join(content.forms),
        "occupation": plain["occupation_id"],
        "agreement": plain["agreement_id"],
        "required": _listed(content, Importance.REQUIRED),
        "merits": _listed(content, Importance.MERIT),
        "languages": "|".join(f"{x.concept_id}:{x.part} {x.level} = {x.purpose}"
                              for x in ordered.languages),
        "licences": "|".join(f"{x.concept_id} = {x.purpose}" for x in ordered.licences),
        "offers": "|".join(sorted(content.offers)),
        "excludes": "|".join(sorted(content.excludes)),
    }  # fmt: skip


def _listed(content: OfferContent, importance: Importance) -> str:
    return "|".join(
        f"{line.concept_id} = {line.purpose}"
        for line in content.requirements
        if line.importance is importance
    )
