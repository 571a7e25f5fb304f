"""Finding people, employers and offers by what somebody remembers of them, misspelt or not.

Nobody is found who may not be opened. A person's name finds her for those who see her name; the
rest of the unit finds her by alias, external id or her whole identity number, and sees the alias.
A protected person is found by her handlers, by alias alone.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.access import READERS as EMPLOYER_READERS
from matchsvc.employers.access import in_own_unit
from matchsvc.employers.models import Contact, Employer, Offer, OfferStatus, Site
from matchsvc.errors import N_, Invalid
from matchsvc.participants.access import FULL_CAPACITIES, survivors_called, visible_participants
from matchsvc.participants.enrolment import identity_index
from matchsvc.participants.frame import READERS as PEOPLE_READERS
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.swedish import parse_identity_number
from matchsvc.vocabulary.personal import folded
from matchsvc.workday.archivable import stands

LONGEST = 100
FIRST = 10
#: Alike enough to be the same word misspelt; 100 is the same.
ALIKE = 75
_SHORT = 4  # letters up to which a word must be begun rightly
_FEWEST_DIGITS = 5
_BEGINS = 95
_NAMED = (*FULL_CAPACITIES, Capacity.SUPERVISOR)


class Kind(enum.StrEnum):
    """What was found."""

    PERSON = "person"
    EMPLOYER = "employer"
    OFFER = "offer"


class By(enum.StrEnum):
    """What made it a hit."""

    NAME = "name"
    ALIAS = "alias"
    PHONE = "phone"
    IDENTITY = "identity"
    ORG_NUMBER = "org_number"
    CONTACT = "contact"
    SITE = "site"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found.

    Attributes:
        kind, id: what.
        title: what this reader calls it.
        detail: alias, contact or workplace.
        by: what made it a hit.
        score: 0-100; the best first.
    """

    kind: Kind
    id: UUID
    title: str
    detail: str
    by: By
    score: int


def is_identity_number(words: str, *, today: date) -> bool:
    """Whether what is searched is a whole identity number; asked for often, it is counted."""
    return parse_identity_number(words.strip(), today=today) is not None


def find(
    session: Session, actor: Actor, words: str, *, today: date, first: int = FIRST
) -> list[Hit]:
    """The best hits, at most ``first`` of each kind, the best first; logged without the words.

    The number of queries does not depend on how much there is.

    Raises:
        Invalid: nothing to look for, or too much, with what to write instead.
    """
    asked = _Asked.of(words, today)
    hits: list[Hit] = []
    if actor.has_role(*PEOPLE_READERS):
        hits += _best(_people(session, actor, asked, today), first)
    if actor.has_role(*EMPLOYER_READERS):
        hits += _best(_employers(session, actor, asked), first)
        hits += _best(_offers(session, actor, asked), first)
    hits.sort(key=lambda hit: (-hit.score, hit.title, str(hit.id)))
    audit.record(
        session,
        actor,
        "search",
        "search",
        subjects=[hit.id for hit in hits if hit.kind is Kind.PERSON],
        # That a number was tried stands in the log also when nobody has it.
        fields={f"{hit.kind}:{hit.by}" for hit in hits}
        | ({"identity"} if asked.identity else set()),
    )
    return hits


@dataclass(frozen=True, slots=True)
class _Asked:
    whole: str
    words: tuple[str, ...]
    digits: str
    identity: str | None  # the blind index

    @classmethod
    def of(cls, words: str, today: date) -> _Asked:
        text = words.replace("\x00", "").strip()
        if len(text) > LONGEST:
            raise Invalid({"q": N_("Sökningen är för lång. Skriv ett namn eller ett nummer.")})
        number = parse_identity_number(text, today=today)
        folded = tuple(fold(text).split())
        if sum(map(len, folded)) < 2:  # noqa: PLR2004 - one letter finds everybody
            raise Invalid({"q": N_("Skriv minst två bokstäver eller siffror.")})
        return cls(
            text,
            folded,
            re.sub(r"\D", "", text),
            identity_index(number) if number else None,
        )

    def score(self, told: str) -> int:
        """How well words fit: every word asked must be there, begun or misspelt."""
        return self._score(fold(told))

    def score_public(self, told: str) -> int:
        """The same for words that are nobody's secret: they are kept folded between searches."""
        return self._score(_fold_public(told))

    def _score(self, told: str) -> int:
        there = told.split()
        return min(max((_alike(one, each) for each in there), default=0) for one in self.words)

    def begun(self, told: str) -> int:
        """How well long words fit: each must be there or begun; misspelling would find too much."""
        there = f" {_fold_public(told)}"
        return 90 if all(f" {one}" in there for one in self.words) else 0

    def is_number_in(self, number: str | None) -> bool:
        """Whether the digits asked end a number; the first zero may be a country code."""
        if (
            number is None
            or len(self.digits) < _FEWEST_DIGITS
            or len(self.words) > len(self.digits)
        ):
            return False
        return re.sub(r"\D", "", number).endswith(self.digits.removeprefix("0"))


def fold(words: str) -> str:
    """Words in small letters without marks, so that a and å, o and ö meet: nobody has to know."""
    return " ".join(re.findall(r"[^\W_]+", folded(words)))


_fold_public = lru_cache(maxsize=16_384)(fold)


def _alike(asked: str, word: str) -> int:
    if asked == word:
        return 100
    if word.startswith(asked):
        return _BEGINS
    if len(asked) < _SHORT:
        return 0
    return int(fuzz.ratio(asked, word))


def _best(hits: Iterable[Hit], first: int) -> list[Hit]:
    found = sorted(hits, key=lambda hit: (-hit.score, hit.title, str(hit.id)))
    return found[:first]


def _people(session: Session, actor: Actor, asked: _Asked, today: date) -> list[Hit]:
    visible = visible_participants(session, actor, today=today)
    mine = _involved(actor, _NAMED, today)
    full = _involved(actor, FULL_CAPACITIES, today)  # only they see how she is reached
    columns = (
        Participant.id,
        Participant.number,
        Participant.given_name,
        Participant.family_name,
        Participant.phone,
    )
    hits = {}
    own = visible.where(mine, Participant.protected.is_(False))
    for each in session.execute(own.with_only_columns(*columns, full.label("is_full"))):
        name = " ".join(filter(None, (each.given_name, each.family_name)))
        score = asked.score(name) if name else 0
        if score >= ALIKE:
            hits[each.id] = Hit(Kind.PERSON, each.id, name, f"D-{each.number}", By.NAME, score)
        elif each.is_full and asked.is_number_in(each.phone):
            hits[each.id] = Hit(Kind.PERSON, each.id, name, f"D-{each.number}", By.PHONE, 100)
    for row in session.execute(
        visible.where(_is_called(asked)).with_only_columns(
            *columns, Participant.personal_id_index, Participant.protected, mine.label("mine")
        )
    ):
        alias = f"D-{row.number}"
        name = " ".join(filter(None, (row.given_name, row.family_name)))
        title = name if row.mine and not row.protected and name else alias
        is_number = asked.identity is not None and row.personal_id_index == asked.identity
        by = By.IDENTITY if is_number else By.ALIAS
        hits[row.id] = Hit(Kind.PERSON, row.id, title, alias, by, 100)
    return list(hits.values())


def _involved(actor: Actor, capacities: Sequence[Capacity], today: date) -> Any:
    return exists().where(
        Involvement.participant_id == Participant.id,
        Involvement.user_id == actor.user_id,
        Involvement.capacity.in_(capacities),
        or_(Involvement.until.is_(None), Involvement.until >= today),
    )


def _is_called(asked: _Asked) -> Any:
    called: list[Any] = [func.lower(Participant.external_id) == asked.whole.lower()]
    old = None
    number = asked.whole.upper().removeprefix("D-").strip()
    if number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004
        old = int(number)
        called.append(Participant.number == old)
    called.append(Participant.id.in_(survivors_called(asked.whole, old)))
    if asked.identity is not None:
        called.append(Participant.personal_id_index == asked.identity)
    return or_(*called)


def _employers(session: Session, actor: Actor, asked: _Asked) -> list[Hit]:
    hits: dict[UUID, Hit] = {}
    # What was merged still leads to who stands; what was archived leads nowhere.
    own = and_(in_own_unit(actor, Employer.unit_id.expression), Employer.archived_at.is_(None))
    rows = session.execute(
        select(
            Employer.id,
            Employer.name,
            Employer.org_number,
            Employer.external_id,
            Employer.merged_into_id,
        ).where(own)
    ).all()
    names = {row.id: row.name for row in rows}
    for row in rows:
        key = row.merged_into_id or row.id  # an old name or number leads to the one that stands
        score, by = asked.score_public(row.name), By.NAME
        is_id = asked.whole.lower() == row.external_id.lower()
        if is_id or asked.is_number_in(row.org_number):
            score, by = 100, By.ORG_NUMBER
        if key not in names:
            continue
        if score >= ALIKE and (key not in hits or hits[key].score < score):
            hits[key] = Hit(Kind.EMPLOYER, key, names[key], "", by, score)
    sites = session.execute(
        select(Site.employer_id, Site.name, Employer.name)
        .join(Employer, Employer.id == Site.employer_id)
        .where(own)
    )
    for key, site, employer in sites:
        score = asked.score_public(site)
        if score >= ALIKE and (key not in hits or hits[key].score < score):
            hits[key] = Hit(Kind.EMPLOYER, key, employer, site, By.SITE, score)
    people = session.execute(
        select(Contact.employer_id, Contact.name, Contact.email, Contact.phone, Employer.name)
        .join(Employer, Employer.id == Contact.employer_id)
        .where(own, Contact.is_active)
    )
    for key, name, email, phone, employer in people:
        score = asked.score(name)
        if asked.is_number_in(phone) or asked.whole.casefold() == (email or "").casefold():
            score = 100
        if score >= ALIKE and (key not in hits or hits[key].score < score):
            hits[key] = Hit(Kind.EMPLOYER, key, employer, name, By.CONTACT, score)
    return list(hits.values())


def _offers(session: Session, actor: Actor, asked: _Asked) -> list[Hit]:
    rows: Sequence[Any] = session.execute(
        select(Offer.id, Offer.title, Offer.external_id, Site.name.label("site"), Offer.tasks)
        .join(Site, Site.id == Offer.site_id)
        .where(
            in_own_unit(actor, Offer.unit_id.expression),
            stands(Offer),
            Offer.status.in_((OfferStatus.OPEN, OfferStatus.PAUSED, OfferStatus.DRAFT)),
        )
    ).all()
    hits = []
    for row in rows:
        is_id = asked.whole.lower() == row.external_id.lower()
        score = 100 if is_id else asked.score_public(f"{row.title} {row.site}")
        by = By.NAME
        if score < ALIKE:
            score, by = asked.begun(row.tasks or ""), By.WORDS
        if score >= ALIKE:
            hits.append(Hit(Kind.OFFER, row.id, row.title, row.site, by, score))
    return hits
