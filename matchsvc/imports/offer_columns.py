"""The columns of offers (contract.md section 6)."""

from __future__ import annotations

from dataclasses import replace

from matchsvc.employers.grounds import ground_sentence, protected_ground_in
from matchsvc.errors import N_
from matchsvc.imports import words
from matchsvc.imports.columns import Column
from matchsvc.imports.values import (
    CellError,
    SpokenLanguage,
    WithPurpose,
    choice,
    day,
    number,
    parts,
    season,
    spoken,
    text,
    weekdays,
    with_purpose,
    yes_no,
)

_form = choice(words.PLACEMENT_FORM)


def requirement(piece: str) -> WithPurpose:
    """``Laga mat = Vi lagar lunch``; never on a protected ground (LAW-05)."""
    ground = protected_ground_in(piece.partition("=")[0])
    if ground is not None:
        raise CellError("protected_ground", ground_sentence(ground))
    return with_purpose(piece)


def language(piece: str) -> SpokenLanguage:
    """``sv:tala B1 = Kunderna frågar på svenska``."""
    asked = requirement(piece)
    return replace(spoken(asked.asked), purpose=asked.purpose)


def form(piece: str) -> str:
    """One placement form, by its Swedish name or its key."""
    found = _form(piece)
    if not isinstance(found, words.Form):
        raise CellError(
            "unknown_choice",
            N_("Skriv ett av: %(words)s."),
            words=words.listed(words.PLACEMENT_FORM),
        )
    return found.value


COLUMNS = (
    Column("external_id", "Erbjudande-id", text(40), required=True, clearable=False,
           example="E100"),
    Column("site_external_id", "Arbetsställe-id", text(40), required=True, clearable=False,
           example="S100"),
    Column("title", "Titel", text(200), required=True, example="Köksbiträde"),
    Column("occupation", "Yrke", text(200), values="ordlistans id, SSYK eller namn",
           example="Köksbiträde"),
    Column("tasks", "Arbetsuppgifter", text(4000), required=True,
           example="Förbereda lunch, duka och diska."),
    Column("contribution", "Typ av bidrag", choice(words.CONTRIBUTION), required=True,
           values=words.listed(words.CONTRIBUTION), example="erfarenhet"),
    Column("forms", "Former", parts(form), values=words.listed(words.PLACEMENT_FORM),
           example="arbetsträning|prova på"),
    Column("places", "Platser", number(0, 10_000), required=True, values="0 eller mer",
           example="2"),
    Column("hours_start", "Timmar start", number(1, 40), required=True, values="1-40",
           example="15"),
    Column("hours_max", "Timmar högst", number(1, 40), values="1-40", example="25"),
    Column("weekdays", "Dagar", weekdays, values="må|ti|on|to|fr|lö|sö",
           example="må|ti|on|to|fr"),
    Column("start_from", "Start tidigast", day, values="ÅÅÅÅ-MM-DD", example="2027-01-11"),
    Column("start_by", "Start senast", day, values="ÅÅÅÅ-MM-DD"),
    Column("valid_until", "Giltig till", day, values="ÅÅÅÅ-MM-DD"),
    Column("season", "Säsong", season, values="04-01/10-15"),
    Column("supervisor_named", "Handledare utsedd", yes_no, values="ja, nej", example="ja"),
    Column("required", "Krav", parts(requirement), values="kompetens = syfte, skilda med |; "
           "högst 40", example="Laga mat = Vi lagar lunch till åttio personer"),
    Column("merits", "Meriterande", parts(requirement),
           values="kompetens = syfte, skilda med |; högst 80"),
    Column("languages", "Språkkrav", parts(language), values="sv:tala B1 = syfte, skilda med |",
           example="sv:tala A2 = Förstå allergilistan"),
    Column("licences", "Licenser", parts(requirement), values="B-körkort = syfte, skilda med |"),
    Column("offers", "Erbjuder", parts(str), values="villkor utöver arbetsställets, skilda med |"),
    Column("excludes", "Utesluter", parts(str), values="villkor utöver arbetsställets, "
           "skilda med |"),
    Column("job_prospect", "Chans till jobb", choice(words.YES_NO_UNKNOWN),
           values=words.listed(words.YES_NO_UNKNOWN), example="okänt"),
    Column("for_af", "För Arbetsförmedlingen", yes_no, values="ja, nej", example="nej"),
    Column("agreement", "Överenskommelse", text(80), values="överenskommelsens kod"),
    Column("status", "Status", choice(words.OFFER_STATUS), clearable=False,
           values=words.listed(words.OFFER_STATUS), example="öppen"),
)  # fmt: skip
