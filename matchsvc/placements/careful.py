"""What a free text should not hold: names and numbers of people, and words about health.

A warning that can be passed, never a block: whoever wrote it knows best whether "Kim" is a
colleague or a brand. The warning is kept beside the text for whoever reads it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import User
from matchsvc.errors import N_
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement
from matchsvc.swedish import contains_identity_number
from matchsvc.vocabulary.personal import names_in

_HEALTH_WORDS = Path(__file__).parent / "data" / "health_words.yaml"
_PHONE = re.compile(r"(?<![\d\w])(?:\+\d{1,3}|0)[\s\-()]*(?:\d[\s\-()]*){6,11}(?!\d)")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
#: So many last digits tell a number that is written with and without its country.
_TELLING_DIGITS = 7


class Careful(enum.StrEnum):
    """What a text seems to hold."""

    NAME = "name"
    IDENTITY = "identity_number"
    NUMBER = "number"
    HEALTH = "health"


WARNINGS = {
    Careful.NAME: N_("Det kan stå ett namn i texten."),
    Careful.IDENTITY: N_("Det kan stå ett personnummer i texten."),
    Careful.NUMBER: N_("Det kan stå ett telefonnummer eller en e-postadress i texten."),
    Careful.HEALTH: N_("Det kan stå något om hälsa i texten."),
}


@dataclass(frozen=True, slots=True)
class People:
    """Whom a text must not point at.

    Attributes:
        names: of the participant and the staff of one placement.
        phones: theirs, E.164.
        keys: what she is called where her name is not: the alias and the external id.
    """

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@cache
def _health() -> re.Pattern[str]:
    told = yaml.safe_load(_HEALTH_WORDS.read_text("utf-8"))
    words = sorted({re.escape(word) for listed in told.values() for word in listed})
    return re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


def mentions_health(text: str | None) -> bool:
    """Whether a text seems to be about health, so that the writer is asked to think again."""
    return bool(text and _health().search(text))


def people_of(session: Session, placement_id: UUID) -> People:
    """The participant and the staff of a placement. Two queries; asks no right."""
    placement, person = session.execute(
        select(Placement, Participant)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(Placement.id == placement_id)
    ).one()
    ids = {placement.supervisor_id, placement.case_worker_id, placement.liaison_id} - {None}
    staff = session.scalars(select(User).where(User.id.in_(ids))).all()
    names = (person.given_name, person.family_name, *(user.name for user in staff))
    phones = (person.phone, *(user.phone for user in staff))
    keys = (person.alias, person.external_id)
    return People(
        tuple(filter(None, names)), tuple(filter(None, phones)), tuple(filter(None, keys))
    )


def look_at(text: str | None, people: People, *, today: date) -> list[Careful]:
    """What a text seems to hold that should not stand there; in the order of :class:`Careful`.

    Args:
        text: as it was written.
        people: from :func:`people_of`.
        today: decides the century of an identity number.
    """
    if not text:
        return []
    found = {
        Careful.NAME: bool(names_in(text, people.names)) or _holds_key(text, people.keys),
        Careful.IDENTITY: contains_identity_number(text, today=today),
        Careful.NUMBER: _holds_number(text, people.phones),
        Careful.HEALTH: mentions_health(text),
    }
    return [each for each in Careful if found[each]]


def _holds_key(text: str, keys: Collection[str]) -> bool:
    said = text.casefold()
    return any(key.casefold() in said for key in keys)


def _holds_number(text: str, phones: Collection[str]) -> bool:
    if _PHONE.search(text) or _EMAIL.search(text):
        return True
    digits = re.sub(r"\D", "", text)
    return any(phone[-_TELLING_DIGITS:] in digits for phone in phones)
