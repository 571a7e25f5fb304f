"""The columns of participants (contract.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, cast

from matchsvc.errors import N_
from matchsvc.imports import words
from matchsvc.imports.columns import Column
from matchsvc.imports.reader import Cell
from matchsvc.imports.values import (
    CellError,
    Parser,
    choice,
    day,
    email,
    language_code,
    nearest,
    number,
    parts,
    phone,
    spoken,
    text,
    text_of,
    weekdays,
    yes_no,
)
from matchsvc.participants.countries import Country, country_names, find_country
from matchsvc.participants.models import LearnedWhere, Rung

EVERYWHERE = "alla"
Member = TypeVar("Member", Rung, LearnedWhere)
_rung = choice(words.RUNG)
_learned = choice(words.LEARNED_WHERE)


@dataclass(frozen=True, slots=True)
class Held:
    """A competence as written: ``Laga mat: exemplified @ unpaid_home``."""

    concept: str
    rung: Rung | None
    learned_where: LearnedWhere | None


def held(piece: str) -> Held:
    """Read one competence of the list."""
    rest, at, place = piece.rpartition("@")
    if not at:
        rest, place = piece, ""
    concept, _, rung = rest.partition(":")
    if not concept.strip():
        raise CellError("competence_missing", N_("Skriv kompetensen före kolon och @."))
    return Held(
        concept.strip(),
        _member(rung, _rung, Rung),
        _member(place, _learned, LearnedWhere),
    )


def _member(written: str, parse: Parser, kind: type[Member]) -> Member | None:
    if not written.strip():
        return None
    found = parse(written.strip())
    return found if isinstance(found, kind) else None


def country(cell: Cell) -> Country:
    """A country of birth by code or Swedish name."""
    written = text_of(cell)
    found = find_country(written)
    if found is not None:
        return found
    near = nearest(written, country_names())
    if near:
        raise CellError("unknown_country", N_("Landet finns inte. Menade du %(near)s?"), near=near)
    raise CellError("unknown_country", N_("Landet finns inte. Skriv landets svenska namn."))


def areas(cell: Cell) -> str | list[object]:
    """A list of areas, or ``alla``."""
    if text_of(cell).casefold() == EVERYWHERE:
        return EVERYWHERE
    return cast("list[object]", parts(str)(cell))


COLUMNS = (
    Column("external_id", "Deltagar-id", text(40), required=True, clearable=False, example="D1001"),
    Column("personal_id", "Personnummer", text_of, personal=True,
           values="10 eller 12 siffror", example="19850312-9804"),
    Column("given_name", "Förnamn", text(80), personal=True, example="Samira"),
    Column("family_name", "Efternamn", text(80), personal=True, example="Exempel"),
    Column("sex", "Kön", choice(words.SEX), required=True, values=words.listed(words.SEX),
           example="kvinna"),
    Column("birth_year", "Födelseår", number(1900, 2200), values="fyra siffror", example="1985"),
    Column("birth_region", "Födelseregion", choice(words.BIRTH_REGION), required=True,
           values=words.listed(words.BIRTH_REGION), example="utanför Europa"),
    Column("birth_country", "Födelseland", country, values="landets svenska namn eller ISO-kod"),
    Column("phone", "Telefon", phone, personal=True, example="070-174 06 15"),
    Column("email", "E-post", email, personal=True, example="samira@example.org"),
    Column("contact_language", "Kontaktspråk", language_code, values="ISO 639-1, till exempel sv",
           example="ar"),
    Column("interpreter", "Tolk", yes_no, values="ja, nej", example="ja"),
    Column("protected", "Skyddade personuppgifter", yes_no, clearable=False, values="ja, nej",
           example="nej"),
    Column("unit", "Enhet", text(200), clearable=False, values="en enhet som finns"),
    Column("case_worker", "Handläggare", email, personal=True, values="e-post till en handläggare"),
    Column("programme", "Program", text(80), values="programmets kod", example="SMS"),
    Column("enrolled_on", "Inskriven", day, required=True, values="ÅÅÅÅ-MM-DD",
           example="2026-08-10"),
    Column("ended_on", "Avslutad", day, values="ÅÅÅÅ-MM-DD"),
    Column("exit_reason", "Avslutsorsak", choice(words.EXIT_REASON),
           values=words.listed(words.EXIT_REASON)),
    Column("exit_destination", "Destination", choice(words.EXIT_DESTINATION),
           values=words.listed(words.EXIT_DESTINATION)),
    Column("competences", "Kompetenser", parts(held),
           values="ordlistans id eller namn [: claimed, exemplified, observed, confirmed] "
           "[@ job, education, unpaid_home, care, association, own_business, hobby, other], "
           "skilda med |; läggs till, tas inte bort",
           example="Laga mat: exemplified @ unpaid_home|Kassa @ job"),
    Column("languages", "Språk", parts(spoken), values="sv:tala B1|sv:läsa A2 (tala, förstå, läsa, "
           "skriva; A1-C2)", example="sv:tala B1|ar:tala C2"),
    Column("hours_per_week", "Timmar per vecka", number(1, 40), values="1-40", example="20"),
    Column("weekdays", "Dagar", weekdays, values="må|ti|on|to|fr|lö|sö", example="må|ti|on|to"),
    Column("areas", "Områden", areas, values="enhetens områden skilda med |, eller alla",
           example="alla"),
    Column("needs", "Behov", parts(str), values="villkor (id eller ord) skilda med |",
           example="lyfta-hogst-10"),
)  # fmt: skip
