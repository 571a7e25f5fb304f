"""What an offer says, and everything that can be wrong with it; all sentences at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.employers import checks
from matchsvc.employers.grounds import Ground, ground_sentence, grounds_in, protected_ground_in
from matchsvc.employers.models import Contribution, Importance, LanguagePart, YesNoUnknown
from matchsvc.errors import N_, Invalid
from matchsvc.vocabulary.models import Concept, ConceptType

MOST_REQUIRED = 40
MOST_MERITS = 80
MOST_HOURS = 40
HIGHEST_LEVEL = 6
EVERY_DAY = 0b111_1111
#: Codes of placement forms (domain.md 2.3) that an offer may accept; their rules are placements'.
FORMS = ("work_practice", "work_training", "enhanced_work_training", "sol_practice", "taster")
_LEAP_YEAR = 2028  # a season may begin or end on 29 February

NEEDS_PURPOSE = N_("Varför behövs kravet? Skriv syftet, eller ta bort kravet.")
TOO_MANY_REQUIRED = N_("Högst 40 krav. Ta bort några, eller gör dem till meriter.")
TOO_MANY_MERITS = N_("Högst 80 meriter. Ta bort några.")
TWICE = N_("Det finns redan på listan. Ta bort det ena.")
NOT_A_SKILL = N_("Språk läggs som språkkrav och körkort och intyg som licens.")
NOT_A_LANGUAGE = N_("Välj ett språk.")
NOT_A_LICENCE = N_("Välj ett körkort, ett intyg eller en annan licens.")
BAD_LEVEL = N_("Välj en nivå från A1 till C2.")
BAD_HOURS = N_("Skriv ett tal från 1 till 40.")
MAX_BELOW_START = N_("Kan inte vara färre än timmarna vid start.")
BAD_PLACES = N_("Skriv ett tal från 0 och uppåt.")
START_REVERSED = N_("Kan inte ligga före den tidigaste starten.")
VALID_REVERSED = N_("Erbjudandet går ut före den tidigaste starten.")
BAD_SEASON = N_("Skriv månad och dag, till exempel 04-01.")
HALF_A_SEASON = N_("Skriv både när säsongen börjar och när den slutar.")
BAD_WEEKDAYS = N_("Välj dagar i veckan.")
NOT_AN_OCCUPATION = N_("Välj ett yrke.")


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A competence asked for.

    Attributes:
        concept_id: a skill, an occupation or a generic competence.
        importance: required or merit.
        purpose: why it is needed (DL 1:4 p. 2).
    """

    concept_id: str
    importance: Importance
    purpose: str


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """The least level of one skill of a language.

    Attributes:
        concept_id: a language.
        part: speak, understand, read or write.
        level: 1 (A1) to 6 (C2).
        purpose: why it is needed.
    """

    concept_id: str
    part: LanguagePart
    level: int
    purpose: str


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """A licence without which the tasks are not allowed.

    Attributes:
        concept_id: a licence.
        purpose: why it is needed.
    """

    concept_id: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferContent:
    """What an offer says.

    Attributes:
        title: in everyday words.
        tasks: what is done there.
        contribution: what the place gives the person (MAT-05).
        places: how many.
        hours_start: a week, at the start; 1-40.
        hours_max: a week, at most; 1-40.
        occupation_id: concept of the tasks.
        forms: codes of placement forms accepted; empty is not said.
        weekdays: bit 0 Monday ... bit 6 Sunday; 0 is not said.
        start_from: first possible day.
        start_by: last possible day to start.
        valid_until: last day the offer stands.
        season_start: ``MM-DD``.
        season_end: ``MM-DD``; before the start when it runs over New Year.
        supervisor_named: whether there is a named supervisor; None is not said.
        job_prospect: whether it may become a job.
        for_af: procured for the employment service (EMP-07).
        agreement_id: agreement it counts under.
        requirements: at most 40 required and 80 merits.
        languages: least levels.
        licences: licences needed.
        offers: ids of conditions it offers beside its site's.
        excludes: ids of conditions it excludes beside its site's.
    """

    title: str
    tasks: str
    contribution: Contribution
    places: int
    hours_start: int
    hours_max: int
    occupation_id: str | None = None
    forms: tuple[str, ...] = ()
    weekdays: int = 0
    start_from: date | None = None
    start_by: date | None = None
    valid_until: date | None = None
    season_start: str | None = None
    season_end: str | None = None
    supervisor_named: bool | None = None
    job_prospect: YesNoUnknown = YesNoUnknown.UNKNOWN
    for_af: bool = False
    agreement_id: UUID | None = None
    requirements: tuple[RequirementLine, ...] = ()
    languages: tuple[LanguageLine, ...] = ()
    licences: tuple[LicenceLine, ...] = ()
    offers: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()


Faults = Iterator[tuple[str, str]]


def check_content(session: Session, unit_id: UUID, content: OfferContent, *, today: date) -> None:
    """Check everything about an offer at once.

    Args:
        session: a transaction; at most four queries.
        unit_id: whose agreements are known.
        content: what is to be saved.
        today: decides the century of identity numbers in free text.

    Raises:
        Invalid: the first sentence of each wrong field; the code is ``protected_ground`` when any
            text limits who may come, else ``invalid``.
    """
    faults: dict[str, str] = {}
    found: Iterable[tuple[str, str]]
    for found in (
        _text_faults(content, today),
        _line_faults(content),
        _number_faults(content),
        _day_faults(content),
        _concept_faults(session, content),
        checks.stance_faults(session, content.offers, content.excludes).items(),
    ):
        for name, sentence in found:
            faults.setdefault(name, sentence)
    agreement = checks.agreement_fault(session, unit_id, content.agreement_id)
    if agreement:
        faults["agreement_id"] = agreement
    if faults:
        is_forbidden = bool(grounds_in_content(content))
        raise Invalid(faults, code="protected_ground" if is_forbidden else "invalid")


def plain_faults(content: OfferContent, *, today: date) -> Faults:
    """Everything about an offer that can be checked without the database, by field.

    For imports of many, which look up what an offer names for all rows at once.
    """
    yield from _text_faults(content, today)
    yield from _line_faults(content)
    yield from _number_faults(content)
    yield from _day_faults(content)


def grounds_in_content(content: OfferContent) -> list[Ground]:
    """The protected grounds on which an offer's texts limit who may come."""
    return grounds_in(text for _, text in _texts(content))


def _texts(content: OfferContent) -> Iterator[tuple[str, str]]:
    yield "title", content.title
    yield "tasks", content.tasks
    lines: tuple[tuple[str, Sequence[RequirementLine | LanguageLine | LicenceLine]], ...] = (
        ("requirements", content.requirements),
        ("languages", content.languages),
        ("licences", content.licences),
    )
    for name, rows in lines:
        for index, row in enumerate(rows):
            yield f"{name}/{index}/purpose", row.purpose


def _text_faults(content: OfferContent, today: date) -> Faults:
    for name, text in _texts(content):
        if not text.strip():
            yield name, NEEDS_PURPOSE if name.endswith("/purpose") else checks.REQUIRED
        elif ground := protected_ground_in(text):
            yield name, ground_sentence(ground)
        elif fault := checks.text_fault(text, today=today):
            yield name, fault


def _line_faults(content: OfferContent) -> Faults:
    required = [row for row in content.requirements if row.importance is Importance.REQUIRED]
    if len(required) > MOST_REQUIRED:
        yield "requirements", TOO_MANY_REQUIRED
    if len(content.requirements) - len(required) > MOST_MERITS:
        yield "requirements", TOO_MANY_MERITS
    yield from _repeated("requirements", [row.concept_id for row in content.requirements])
    yield from _repeated("languages", [(row.concept_id, row.part) for row in content.languages])
    yield from _repeated("licences", [row.concept_id for row in content.licences])
    for index, row in enumerate(content.languages):
        if not 1 <= row.level <= HIGHEST_LEVEL:
            yield f"languages/{index}/level", BAD_LEVEL


def _repeated(name: str, keys: Sequence[object]) -> Faults:
    seen: set[object] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield f"{name}/{index}/concept_id", TWICE
        seen.add(key)


def _number_faults(content: OfferContent) -> Faults:
    if content.places < 0:
        yield "places", BAD_PLACES
    for name in ("hours_start", "hours_max"):
        if not 1 <= getattr(content, name) <= MOST_HOURS:
            yield name, BAD_HOURS
    if content.hours_max < content.hours_start:
        yield "hours_max", MAX_BELOW_START
    if not 0 <= content.weekdays <= EVERY_DAY:
        yield "weekdays", BAD_WEEKDAYS
    if not set(content.forms) <= set(FORMS):
        yield "forms", checks.GONE


def _day_faults(content: OfferContent) -> Faults:
    start = content.start_from
    if start and content.start_by and content.start_by < start:
        yield "start_by", START_REVERSED
    if start and content.valid_until and content.valid_until < start:
        yield "valid_until", VALID_REVERSED
    if bool(content.season_start) != bool(content.season_end):
        missing = "season_end" if content.season_start else "season_start"
        yield missing, HALF_A_SEASON
    for name in ("season_start", "season_end"):
        text = getattr(content, name)
        if text and not is_month_day(text):
            yield name, BAD_SEASON


def is_month_day(text: str) -> bool:
    """Whether a text is ``MM-DD`` of a day that exists."""
    try:
        return date.fromisoformat(f"{_LEAP_YEAR}-{text}").strftime("%m-%d") == text
    except ValueError:
        return False


_SKILLS = frozenset({ConceptType.SKILL, ConceptType.OCCUPATION, ConceptType.GENERIC})


def _concept_faults(session: Session, content: OfferContent) -> Faults:
    wanted: list[tuple[str, str, Callable[[ConceptType], bool], str]] = [
        (f"requirements/{index}/concept_id", row.concept_id, _SKILLS.__contains__, NOT_A_SKILL)
        for index, row in enumerate(content.requirements)
    ]
    wanted += [
        (f"languages/{index}/concept_id", row.concept_id, _is(ConceptType.LANGUAGE), NOT_A_LANGUAGE)
        for index, row in enumerate(content.languages)
    ]
    wanted += [
        (f"licences/{index}/concept_id", row.concept_id, _is(ConceptType.LICENCE), NOT_A_LICENCE)
        for index, row in enumerate(content.licences)
    ]
    if content.occupation_id:
        is_occupation = _is(ConceptType.OCCUPATION)
        wanted.append(("occupation_id", content.occupation_id, is_occupation, NOT_AN_OCCUPATION))
    if not wanted:
        return
    ids = {concept_id for _, concept_id, _, _ in wanted}
    rows = session.execute(select(Concept.id, Concept.type).where(Concept.id.in_(ids)))
    kinds = {row[0]: row[1] for row in rows}
    for name, concept_id, fits, sentence in wanted:
        if concept_id not in kinds:
            yield name, checks.GONE
        elif not fits(kinds[concept_id]):
            yield name, sentence


def _is(kind: ConceptType) -> Callable[[ConceptType], bool]:
    return lambda found: found is kind
