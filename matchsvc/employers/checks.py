"""Checks that employers, sites, contacts and offers share; each gives sentences by field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import Area, User
from matchsvc.employers.models import Agreement, Stance
from matchsvc.errors import N_, Invalid
from matchsvc.swedish import contains_identity_number, parse_org_number, parse_phone
from matchsvc.vocabulary.models import Condition

REQUIRED = N_("Fyll i det här.")
HOLDS_IDENTITY_NUMBER = N_(
    "Texten innehåller ett personnummer. Ta bort det och skriv till exempel D-2041 i stället."
)
BAD_ORG_NUMBER = N_("Numret stämmer inte. Skriv tio siffror, till exempel 556703-7485.")
PERSONAL_ORG_NUMBER = N_("Det ser ut som ett personnummer. Lämna fältet tomt för en enskild firma.")
BAD_PHONE = N_("Skriv numret med riktnummer, till exempel 070-174 06 15.")
BAD_EMAIL = N_("Skriv en e-postadress, till exempel petra@bageriet.se.")
BAD_POSTCODE = N_("Skriv fem siffror, till exempel 123 45.")
BAD_SNI = N_("Skriv två till fem siffror, till exempel 56100.")
GONE = N_("Det valda finns inte längre. Ladda om sidan och välj igen.")
BOTH_STANCES = N_("Ett villkor kan inte både erbjudas och uteslutas. Välj ett av dem.")
BAD_AREA = N_("Området finns inte på enhetens lista. Välj ett som finns.")
SIZE_BANDS = ("1-9", "10-49", "50-249", "250+")

_ORGANISATION_FROM = 2  # the third digit of a legal person's number is at least 2
_POSTCODE_LENGTH = 5


def refuse(errors: Mapping[str, str | None]) -> None:
    """Raise Invalid when any field has a sentence."""
    said = {name: sentence for name, sentence in errors.items() if sentence}
    if said:
        raise Invalid(said)


def read_org_number(text: str | None) -> tuple[str | None, str | None]:
    """Ten digits and what is wrong with them. A sole trader's number is a person's: refused.

    Args:
        text: as it was typed; None or blank is none.
    """
    if not text:
        return None, None
    number = parse_org_number(text)
    if number is None:
        return None, BAD_ORG_NUMBER
    if int(number[2]) < _ORGANISATION_FROM:
        return None, PERSONAL_ORG_NUMBER
    return number, None


def read_phone(text: str | None) -> tuple[str | None, str | None]:
    """E.164 and what is wrong with it."""
    if not text:
        return None, None
    number = parse_phone(text)
    return number, None if number else BAD_PHONE


def read_postcode(text: str | None) -> tuple[str | None, str | None]:
    """``123 45`` and what is wrong with it."""
    if not text:
        return None, None
    digits = text.replace(" ", "")
    if len(digits) != _POSTCODE_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None, BAD_POSTCODE
    return f"{digits[:3]} {digits[3:]}", None


def email_fault(text: str | None) -> str | None:
    """What is wrong with an address."""
    if not text:
        return None
    local, at, host = text.partition("@")
    is_right = local and at and "." in host.strip(".") and " " not in text and "@" not in host
    return None if is_right else BAD_EMAIL


def sni_fault(text: str | None) -> str | None:
    """What is wrong with a branch code."""
    is_right = not text or (text.isascii() and text.isdigit() and 2 <= len(text) <= 5)  # noqa: PLR2004
    return None if is_right else BAD_SNI


def text_fault(text: str | None, *, today: date) -> str | None:
    """What is wrong with free text that may become a public record (EMP-06)."""
    if text and contains_identity_number(text, today=today):
        return HOLDS_IDENTITY_NUMBER
    return None


def owner_fault(session: Session, unit_id: UUID, owner_id: UUID | None) -> str | None:
    """Whether the owner is an active user of the unit."""
    if owner_id is None:
        return None
    found = select(User.id).where(User.id == owner_id, User.unit_id == unit_id, User.is_active)
    return None if session.scalar(found) else GONE


def agreement_fault(session: Session, unit_id: UUID, agreement_id: UUID | None) -> str | None:
    """Whether the agreement is one of the unit's."""
    if agreement_id is None:
        return None
    found = select(Agreement.id).where(Agreement.id == agreement_id, Agreement.unit_id == unit_id)
    return None if session.scalar(found) else GONE


def area_fault(session: Session, unit_id: UUID, area_id: UUID | None) -> str | None:
    """Whether the area is on the unit's list."""
    if area_id is None:
        return None
    found = select(Area.id).where(Area.id == area_id, Area.unit_id == unit_id)
    return None if session.scalar(found) else BAD_AREA


def stance_faults(
    session: Session, offers: Collection[str], excludes: Collection[str]
) -> dict[str, str]:
    """What is wrong with the conditions offered and excluded, by field."""
    wanted = {*offers, *excludes}
    if not wanted:
        return {}
    if set(offers) & set(excludes):
        return {"excludes": BOTH_STANCES}
    known = session.scalar(
        select(func.count()).select_from(Condition).where(Condition.id.in_(wanted))
    )
    if known == len(wanted):
        return {}
    return {"offers" if offers else "excludes": GONE}


def stances(offers: Iterable[str], excludes: Iterable[str]) -> dict[str, Stance]:
    """Stance by condition."""
    return {
        **dict.fromkeys(offers, Stance.OFFERS),
        **dict.fromkeys(excludes, Stance.EXCLUDES),
    }
