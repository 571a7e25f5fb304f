"""The columns of employers: one row per site and contact (contract.md section 6)."""

from __future__ import annotations

from datetime import date

from matchsvc.employers import checks
from matchsvc.errors import N_
from matchsvc.imports import words
from matchsvc.imports.columns import Column
from matchsvc.imports.reader import Cell
from matchsvc.imports.values import (
    CellError,
    choice,
    email,
    number,
    parts,
    phone,
    text,
    text_of,
)


def org_number(cell: Cell) -> str | None:
    """An organisation number; never a person's."""
    found, fault = checks.read_org_number(text_of(cell))
    if fault is not None:
        raise CellError("bad_org_number", fault)
    return found


def sni(cell: Cell) -> str:
    """A branch code of two to five digits."""
    written = text_of(cell).replace(".", "")
    fault = checks.sni_fault(written)
    if fault is not None:
        raise CellError("bad_sni", fault)
    return written


def size_band(cell: Cell) -> str:
    """How many work there. Spreadsheets like to read ``1-9`` as a date."""
    if isinstance(cell, date):
        written = "1-9" if {cell.month, cell.day} == {1, 9} else ""
    else:
        written = text_of(cell).replace(" ", "").replace("–", "-")
    if written not in checks.SIZE_BANDS:
        raise CellError(
            "unknown_choice", N_("Skriv ett av: %(words)s."), words=", ".join(checks.SIZE_BANDS)
        )
    return written


def postcode(cell: Cell) -> str | None:
    """``123 45``."""
    found, fault = checks.read_postcode(text_of(cell))
    if fault is not None:
        raise CellError("bad_postcode", fault)
    return found


COLUMNS = (
    Column("external_id", "Arbetsgivar-id", text(40), required=True, clearable=False,
           example="A100"),
    Column("org_number", "Organisationsnummer", org_number, values="10 siffror",
           example="212000-0142"),
    Column("name", "Namn", text(200), required=True, example="Kvarnköket AB"),
    Column("type", "Typ", choice(words.EMPLOYER_TYPE), required=True,
           values=words.listed(words.EMPLOYER_TYPE), example="privat"),
    Column("sni", "SNI", sni, values="2-5 siffror", example="56100"),
    Column("size_band", "Storlek", size_band, values=", ".join(checks.SIZE_BANDS),
           example="10-49"),
    Column("site_external_id", "Arbetsställe-id", text(40), required=True, clearable=False,
           example="S100"),
    Column("site_name", "Arbetsställe", text(200), required=True, example="Kvarnköket Centrum"),
    Column("address", "Adress", text(200), example="Kvarngatan 4"),
    Column("postcode", "Postnummer", postcode, values="fem siffror", example="123 45"),
    Column("town", "Ort", text(100), example="Lindvalla"),
    Column("area", "Område", text(100), values="ett av enhetens områden", example="Centrum"),
    Column("contact_name", "Kontaktperson", text(120), personal=True, clearable=False,
           example="Petra Exempel"),
    Column("contact_role", "Roll", choice(words.CONTACT_ROLE),
           values=words.listed(words.CONTACT_ROLE), example="beslutsfattare"),
    Column("contact_email", "E-post", email, personal=True, example="petra@example.org"),
    Column("contact_phone", "Telefon", phone, personal=True, example="070-174 06 16"),
    Column("contact_channel", "Kanal", choice(words.CHANNEL), values=words.listed(words.CHANNEL),
           example="telefon"),
    Column("status", "Status", choice(words.EMPLOYER_STATUS), clearable=False,
           values=words.listed(words.EMPLOYER_STATUS), example="aktiv"),
    Column("status_reason", "Orsak", text(500),
           values="krävs för vilande, förlorad och kontakta ej"),
    Column("origin", "Ursprung", choice(words.ORIGIN), values=words.listed(words.ORIGIN),
           example="befintlig kontakt"),
    Column("collective_agreement", "Kollektivavtal", choice(words.YES_NO_UNKNOWN),
           values=words.listed(words.YES_NO_UNKNOWN), example="ja"),
    Column("union", "Fack", text(120), example="HRF"),
    Column("agreement", "Överenskommelse", text(80), values="överenskommelsens kod"),
    Column("owner", "Ansvarig", email, personal=True, values="e-post till en användare"),
    Column("capacity", "Platser samtidigt", number(0, 10_000), values="0 eller mer", example="2"),
    Column("offers", "Erbjuder", parts(str), values="villkor (id eller ord) skilda med |",
           example="lyfta-hogst-10"),
    Column("excludes", "Utesluter", parts(str), values="villkor (id eller ord) skilda med |"),
)  # fmt: skip
