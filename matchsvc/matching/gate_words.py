"""What the gates found, in words: what closes a pair, what would open it, what to ask whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import Area
from matchsvc.employers.models import OfferLanguage, OfferLicence
from matchsvc.errors import N_
from matchsvc.matching.arrays import Lists
from matchsvc.matching.gates import Closing, Finding, Gate, GateState
from matchsvc.matching.inputs import LANGUAGE_SKILLS
from matchsvc.vocabulary.models import Concept, Condition

#: What is asked of whom: (``person`` or ``offer``, the question).
Asks = tuple[tuple[str, str], ...]

LEVELS = ("", "A1", "A2", "B1", "B2", "C1", "C2")
#: What somebody can do at each level of the CEFR scale, in everyday words.
LEVEL_WORDS: Mapping[str, str] = {
    "A1": N_("enstaka ord och fraser"),
    "A2": N_("enkla samtal om vardagen"),
    "B1": N_("det mesta i vardagen och på jobbet"),
    "B2": N_("de flesta samtal utan förberedelse"),
    "C1": N_("svåra texter och samtal"),
    "C2": N_("så gott som allt"),
}

SKILLS: Mapping[str, str] = {
    "speak": N_("tala"),
    "understand": N_("förstå"),
    "read": N_("läsa"),
    "write": N_("skriva"),
}
WEEKDAYS = (N_("må"), N_("ti"), N_("on"), N_("to"), N_("fr"), N_("lö"), N_("sö"))
WEEKDAY_NAMES = (
    *(N_("måndag"), N_("tisdag"), N_("onsdag"), N_("torsdag")),
    *(N_("fredag"), N_("lördag"), N_("söndag")),
)
GATE_NAMES: Mapping[Gate, str] = {
    Gate.LICENCE: N_("Behörighet"),
    Gate.LANGUAGE: N_("Språk"),
    Gate.HOURS: N_("Timmar"),
    Gate.WEEKDAYS: N_("Dagar"),
    Gate.START: N_("Start"),
    Gate.SEASON: N_("Säsong"),
    Gate.REACH: N_("Resväg"),
    Gate.CONDITIONS: N_("Arbetsmiljö"),
    Gate.EMPLOYER_BAR: N_("Arbetsgivaren"),
    Gate.OFFER_CLOSED: N_("Platsen"),
}

#: What both have said, only the offer, only the person, neither.
HOURS_SAID = (
    N_("börjar med %(offer)s timmar i veckan, kan %(person)s"),
    N_("börjar med %(offer)s timmar i veckan, personen har inte sagt"),
    N_("platsen har inte sagt hur många timmar, kan %(person)s"),
    N_("ingen har sagt hur många timmar"),
)
DAYS_SAID = (
    N_("platsen har %(offer)s, kan %(person)s"),
    N_("platsen har %(offer)s, personen har inte sagt"),
    N_("platsen har inte sagt vilka dagar, kan %(person)s"),
    N_("ingen har sagt vilka dagar"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """How to speak to the reader.

    Attributes:
        say: translates a Swedish sentence; the identity for Swedish.
        language: ``sv`` or ``en``, for labels that the vocabulary keeps in both.
        day: a day in words.
    """

    say: Callable[[str], str] = str
    language: str = "sv"
    day: Callable[[date], str] = date.isoformat

    def __call__(self, message: str, **values: object) -> str:
        """A sentence with its values."""
        said = str(self.say(message))
        return said % values if values else said

    def label(self, row: Concept) -> str:
        """A concept's label in the reader's language."""
        return row.label_sv if self.language == "sv" else row.label_en

    def need(self, row: Condition) -> str:
        """A condition as the person's need."""
        return row.need_sv if self.language == "sv" else row.need_en

    def level(self, number: int) -> str:
        """A language level with what it means: ``B1 (det mesta i vardagen och på jobbet)``."""
        if number <= 0:
            return self(N_("ingen nivå"))
        name = LEVELS[number]
        return f"{name} ({self(LEVEL_WORDS[name])})"

    def arranged(self, row: Condition) -> str:
        """A condition as what the place arranges."""
        return row.offer_sv if self.language == "sv" else row.offer_en

    def excluded(self, row: Condition) -> str:
        """A condition as what the place says no to."""
        return row.exclude_sv if self.language == "sv" else row.exclude_en

    def accommodation(self, row: Condition) -> str:
        """The accommodation that would open a condition."""
        return row.accommodation_sv if self.language == "sv" else row.accommodation_en


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate in words.

    Attributes:
        code: stable name, see :class:`~matchsvc.matching.gates.Gate`.
        state: open, ask or closed.
        name: what it is called.
        reason: what was found.
        opens_by: what would open it; empty unless closed.
        asks: questions with whom to ask: (``person`` or ``offer``, sentence).
        can_be_overridden: a condition, which the employer's duty to adapt may open.
        spoken: the same as a whole sentence, to be read aloud.
    """

    code: str
    state: str
    name: str
    reason: str
    opens_by: str = ""
    asks: tuple[tuple[str, str], ...] = ()
    can_be_overridden: bool = False
    spoken: str = ""


class GateSpeaker:
    """Puts findings into words; reads the labels that it needs in four queries."""

    def __init__(self, session: Session, lists: Lists, offers: set[UUID], words: Words) -> None:
        self.lists = lists
        self.words = words
        named = {*lists.licences, *lists.languages}
        self.concepts = by_id(session, Concept, Concept.id.in_(named))
        self.conditions = by_id(session, Condition, None)
        self.areas = by_id(session, Area, None)
        self.language_purposes = {
            (row.offer_id, row.concept_id, row.part.value): row.purpose
            for row in session.scalars(
                select(OfferLanguage).where(OfferLanguage.offer_id.in_(offers))
            )
        }
        self.licence_purposes = {
            (row.offer_id, row.concept_id): row.purpose
            for row in session.scalars(
                select(OfferLicence).where(OfferLicence.offer_id.in_(offers))
            )
        }
        self._speakers: Mapping[Gate, Callable[[Finding, UUID], tuple[str, str, Asks]]] = {
            Gate.LICENCE: self._licence,
            Gate.LANGUAGE: self._language,
            Gate.HOURS: self._hours,
            Gate.WEEKDAYS: self._weekdays,
            Gate.START: self._start,
            Gate.SEASON: self._season,
            Gate.REACH: self._reach,
            Gate.CONDITIONS: self._conditions,
            Gate.EMPLOYER_BAR: self._employer_bar,
            Gate.OFFER_CLOSED: self._offer_closed,
        }

    def speak(self, finding: Finding, offer: UUID) -> GateLine:
        """One finding in words."""
        reason, opens_by, asks = self._speakers[finding.gate](finding, offer)
        return GateLine(
            code=finding.gate.value,
            state=("open", "ask", "closed")[finding.state],
            name=self.words(GATE_NAMES[finding.gate]),
            reason=reason,
            opens_by=opens_by if finding.state is GateState.CLOSED else "",
            asks=asks if finding.state is GateState.ASK else (),
            can_be_overridden=finding.can_be_overridden,
            spoken=self._spoken(finding, offer) or reason,
        )

    def _spoken(self, finding: Finding, offer: UUID) -> str:
        """What has to be said in full to be understood when heard; empty: the reason will do."""
        words, values = self.words, {"person": finding.person, "offer": finding.offer}
        if finding.gate is Gate.LANGUAGE:
            language = self.lists.languages[finding.what]
            skill = LANGUAGE_SKILLS[finding.skill]
            texts: dict[str, object] = {
                "language": self.label(language),
                "skill": words(SKILLS[skill]),
                "purpose": self.language_purposes.get((offer, language, skill), ""),
                "least": words.level(finding.offer),
                "held": words.level(finding.person),
            }
            if finding.person < 0:
                return words(
                    N_("%(language)s, %(skill)s: lägst %(least)s. Nivån är inte känd. %(purpose)s"),
                    **texts,
                )
            return words(
                N_("%(language)s, %(skill)s: lägst %(least)s, nu %(held)s. %(purpose)s"), **texts
            )
        if finding.gate is Gate.HOURS and finding.person and finding.offer:
            return words(
                N_("Platsen börjar med %(offer)s timmar i veckan. Personen kan arbeta %(person)s."),
                **values,
            )
        if finding.gate is Gate.WEEKDAYS and finding.person and finding.offer:
            return words(
                N_("Platsen gäller %(offer)s. Personen kan arbeta %(person)s."),
                offer=self._days(finding.offer, WEEKDAY_NAMES, ", "),
                person=self._days(finding.person, WEEKDAY_NAMES, ", "),
            )
        return ""

    def label(self, concept_id: str) -> str:
        """A licence or a language in the reader's words."""
        row = self.concepts.get(concept_id)
        return self.words.label(row) if row else concept_id

    def _licence(self, finding: Finding, offer: UUID) -> tuple[str, str, Asks]:
        licence = self.lists.licences[finding.what]
        label = self.label(licence)
        purpose = self.licence_purposes.get((offer, licence), "")
        return (
            self.words(N_("%(licence)s behövs: %(purpose)s"), licence=label, purpose=purpose),
            self.words(N_("%(licence)s, eller att någon annan i laget gör det"), licence=label),
            (("person", self.words(N_("har du %(licence)s?"), licence=label)),),
        )

    def _language(self, finding: Finding, offer: UUID) -> tuple[str, str, Asks]:
        language = self.lists.languages[finding.what]
        skill = LANGUAGE_SKILLS[finding.skill]
        values = {
            "language": self.label(language),
            "skill": self.words(SKILLS[skill]),
            "least": LEVELS[finding.offer],
            "held": LEVELS[max(finding.person, 0)] or "–",
            "purpose": self.language_purposes.get((offer, language, skill), ""),
        }
        return (
            self.words(
                N_("%(language)s, %(skill)s: lägst %(least)s, har %(held)s. %(purpose)s"), **values
            ),
            self.words(N_("%(language)s %(least)s, eller en lägre nivå med språkstöd"), **values),
            (
                (
                    "person",
                    self.words(N_("vilken nivå har du i %(language)s, %(skill)s?"), **values),
                ),
            ),
        )

    def _hours(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        values = {"person": finding.person, "offer": finding.offer}
        asks: list[tuple[str, str]] = []
        if finding.ask_person:
            asks.append(("person", self.words(N_("hur många timmar i veckan kan du börja med?"))))
        if finding.ask_offer:
            asks.append(("offer", self.words(N_("hur många timmar i veckan är det i början?"))))
        return (
            self.words(_known_or_not(finding, HOURS_SAID), **values),
            self.words(N_("platsen kan börja med %(person)s timmar i veckan"), **values),
            tuple(asks),
        )

    def _days(self, mask: int, names: Sequence[str] = WEEKDAYS, between: str = " ") -> str:
        return between.join(self.words(name) for bit, name in enumerate(names) if mask >> bit & 1)

    def _weekdays(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        missing = self._days(finding.offer & ~finding.person)
        values = {"offer": self._days(finding.offer), "person": self._days(finding.person)}
        asks: list[tuple[str, str]] = []
        if finding.ask_person:
            asks.append(("person", self.words(N_("vilka dagar kan du arbeta?"))))
        if finding.ask_offer and missing:
            asks.append(("offer", self.words(N_("går det utan %(days)s?"), days=missing)))
        elif finding.ask_offer:
            asks.append(("offer", self.words(N_("vilka dagar gäller det?"))))
        return (
            self.words(_known_or_not(finding, DAYS_SAID), **values),
            self.words(N_("platsen också kan vara %(person)s"), **values),
            tuple(asks),
        )

    def _start(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        first, last = _day(finding.person), _day(finding.offer)
        values = {
            "first": self.words.day(first) if first else "",
            "last": self.words.day(last) if last else "",
        }
        return (
            self.words(N_("kan börja %(first)s, senast %(last)s"), **values),
            self.words(N_("starten kan vänta till %(first)s"), **values),
            (("person", self.words(N_("när kan du börja?"))),),
        )

    def _season(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        opens = _day(finding.opens_on)
        said = self.words.day(opens) if opens else ""
        return (
            self.words(N_("arbetet är i säsong från %(day)s"), day=said),
            self.words(N_("starten är %(day)s"), day=said),
            (("person", self.words(N_("när kan du börja?"))),),
        )

    def _reach(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        areas = self.lists.areas
        area = self.areas[areas[finding.what]].name if finding.what >= 0 else ""
        asks: list[tuple[str, str]] = []
        if finding.ask_person:
            asks.append(("person", self.words(N_("vilka områden kan du ta dig till?"))))
        if finding.ask_offer:
            asks.append(("offer", self.words(N_("i vilket område ligger arbetsplatsen?"))))
        return (
            self.words(N_("arbetsplatsen ligger i %(area)s"), area=area),
            self.words(N_("personen väljer att resa till %(area)s"), area=area),
            tuple(asks),
        )

    def _conditions(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        row = self.conditions[self.lists.conditions[finding.what]]
        need = self.words.need(row)
        asks: list[tuple[str, str]] = []
        if finding.ask_person:
            asks.append(("person", self.words(N_("behöver du detta: %(need)s?"), need=need)))
        if finding.ask_offer:
            asks.append(("offer", self.words(N_("går det att ordna: %(need)s?"), need=need)))
        arranged = finding.state is GateState.OPEN and finding.offer > 0
        if finding.state is GateState.CLOSED:
            reason = self.words(N_("behöver: %(need)s. Platsen säger nej."), need=need)
        elif arranged:
            how = self.words.arranged(row)
            reason = self.words(N_("behöver: %(need)s. Ordnat: %(how)s"), need=need, how=how)
        else:
            reason = self.words(N_("behöver: %(need)s"), need=need)
        return reason, self.words.accommodation(row), tuple(asks)

    def _employer_bar(self, _finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        return (
            self.words(N_("vi får inte placera någon hos arbetsgivaren just nu")),
            self.words(N_("hindret hos arbetsgivaren är undanröjt")),
            (),
        )

    def _offer_closed(self, finding: Finding, _offer: UUID) -> tuple[str, str, Asks]:
        reasons = {
            Closing.NOT_OPEN: (N_("erbjudandet är inte öppet"), N_("erbjudandet öppnas igen")),
            Closing.NO_PLACES: (N_("alla platser är tagna"), N_("en plats blir ledig")),
            Closing.EXPIRED: (N_("erbjudandet har gått ut"), N_("arbetsgivaren förlänger det")),
        }
        reason, opens = reasons[Closing(finding.what)]
        return self.words(reason), self.words(opens), ()


def _known_or_not(finding: Finding, said: tuple[str, str, str, str]) -> str:
    """The sentence for what both have said, only the offer, only the person, or neither."""
    return said[(0 if finding.offer else 2) + (0 if finding.person else 1)]


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal > 0 else None


def by_id(session: Session, table: Any, where: Any) -> dict[Any, Any]:
    """Rows of a table by id."""
    found = select(table) if where is None else select(table).where(where)
    return {row.id: row for row in session.scalars(found)}
