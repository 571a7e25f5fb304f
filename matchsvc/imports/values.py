"""Reading one cell as what its column holds. Messages say what is wrong and how to mend it.

A parser takes the cell and gives the value, or raises :class:`CellError`. Blank cells and ``-``
never reach a parser: they mean "leave as it is" and "clear".
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from rapidfuzz import fuzz, process

from matchsvc.errors import N_
from matchsvc.imports.reader import MAX_CELL, Cell
from matchsvc.imports.workbook import BadCell
from matchsvc.swedish import fold, parse_phone

Parser = Callable[[Cell], object]

CLEAR_SIGN = "-"
WEEKDAYS = ("må", "ti", "on", "to", "fr", "lö", "sö")
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
LANGUAGE_PARTS: Mapping[str, str] = {
    "tala": "speak",
    "förstå": "understand",
    "läsa": "read",
    "skriva": "write",
}
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_CONTAINS = 88  # percent, where one holds the other
_SIMILAR = 60  # percent alike, below which a suggestion would only confuse
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\"]{2,}")
_LONG_DAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_SEASON = re.compile(r"(\d{1,2})-(\d{1,2})\s*/\s*(\d{1,2})-(\d{1,2})")


class CellError(Exception):
    """A cell can't be read.

    Args:
        code: stable name for programs.
        message: Swedish sentence, what and how to mend; marked for translation.
        words: what to put into its ``%(name)s`` places; never a name, number or address of a
            person.
    """

    def __init__(self, code: str, message: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.words = words


class Mark(enum.Enum):
    """What a cell says that is not a value."""

    CLEAR = "-"


def text_of(cell: Cell) -> str:
    """A cell as it would be written in a text file.

    Raises:
        CellError: it holds a formula or an error, signs that can't be shown, or too much.
    """
    if isinstance(cell, BadCell):
        raise CellError(
            "cell_formula",
            N_("Cellen har en formel eller ett fel i stället för ett värde. Skriv värdet."),
        )
    if isinstance(cell, bool):
        return "ja" if cell else "nej"
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).strip()
    if len(text) > MAX_CELL:
        raise CellError(
            "too_long", N_("Texten är för lång. Skriv högst %(most)s tecken."), most=MAX_CELL
        )
    if _CONTROL.search(text):
        raise CellError(
            "strange_sign", N_("Cellen har tecken som inte går att läsa. Skriv om texten.")
        )
    return text


def text(longest: int = 500) -> Parser:
    """Text of at most so many characters."""

    def parse(cell: Cell) -> str:
        found = text_of(cell)
        if len(found) > longest:
            raise CellError(
                "too_long", N_("Texten är för lång. Skriv högst %(most)s tecken."), most=longest
            )
        return found

    return parse


def day(cell: Cell) -> date:
    """A day as ``2026-03-02``, or a workbook's date."""
    if isinstance(cell, date):
        found: date | None = cell
    else:
        written = text_of(cell)
        try:
            found = datetime.strptime(written, "%Y-%m-%d").date()  # noqa: DTZ007 - a day
        except ValueError:
            found = None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise CellError("bad_date", N_("Datumet finns inte. Skriv till exempel 2027-02-26."))
    return found


def number(least: int, most: int) -> Parser:
    """A whole number in a range; ``20,0`` is 20."""

    def parse(cell: Cell) -> int:
        found = _as_number(cell)
        if found < least:
            raise CellError(
                "too_small", N_("Minst %(least)s. Skriv %(least)s eller mer."), least=least
            )
        if found > most:
            raise CellError(
                "too_large", N_("Högst %(most)s. Skriv %(most)s eller mindre."), most=most
            )
        if found != int(found):
            raise CellError(
                "not_whole", N_("Skriv ett helt tal, till exempel %(near)s."), near=int(found)
            )
        return int(found)

    return parse


def _as_number(cell: Cell) -> float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell if abs(cell) < 1e12 else 1e12  # noqa: PLR2004
    written = text_of(cell).casefold()
    hint = {"halvtid": 20, "heltid": 40}.get(written)
    if hint is not None:
        raise CellError(
            "not_a_number",
            N_("Skriv ett tal. %(word)s är oftast %(hint)s."),
            word=written.capitalize(),
            hint=hint,
        )
    compact = written.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,6})?", compact, re.ASCII):
        raise CellError("not_a_number", N_("Skriv ett tal med siffror, till exempel 20."))
    return float(compact)


def yes_no(cell: Cell) -> bool:
    """``ja`` or ``nej``."""
    written = text_of(cell).casefold()
    if written in {"ja", "yes", "true", "sant"}:
        return True
    if written in {"nej", "no", "false", "falskt"}:
        return False
    raise CellError("not_yes_no", N_("Skriv ja eller nej."))


def choice(words: Mapping[str, enum.Enum]) -> Parser:
    """One of an enumeration, by the Swedish word or its key.

    Args:
        words: the Swedish word to the member; the first word of a member is the one shown.
    """
    known = {fold(word): member for word, member in words.items()}
    known |= {fold(str(member.value)): member for member in words.values()}

    def parse(cell: Cell) -> enum.Enum:
        found = known.get(fold(text_of(cell)))
        if found is None:
            raise CellError(
                "unknown_choice", N_("Skriv ett av: %(words)s."), words=", ".join(words)
            )
        return found

    return parse


def parts(inner: Callable[[str], object], *, most: int = 200) -> Parser:
    """A list separated by ``|``; blank places are skipped, order is kept."""

    def parse(cell: Cell) -> list[object]:
        pieces = [piece.strip() for piece in text_of(cell).split("|")]
        filled = [piece for piece in pieces if piece]
        if len(filled) > most:
            raise CellError("too_many", N_("Högst %(most)s i listan. Ta bort några."), most=most)
        return [inner(piece) for piece in filled]

    return parse


def weekdays(cell: Cell) -> int:
    """``må|ti|on`` as bits, Monday first."""
    mask = 0
    for piece in re.split(r"[|,\s]+", text_of(cell).casefold()):
        if not piece:
            continue
        place = next(
            (n for n, name in enumerate(_LONG_DAYS) if piece in {WEEKDAYS[n], name[:3], name}), None
        )
        if place is None:
            raise CellError("unknown_weekday", N_("Skriv dagarna så här: må|ti|on|to|fr|lö|sö."))
        mask |= 1 << place
    return mask


def weekday_words(mask: int) -> str:
    """Bits as ``må|ti|on``."""
    return "|".join(name for place, name in enumerate(WEEKDAYS) if mask & 1 << place)


def email(cell: Cell) -> str:
    """An e-mail address, in lower case."""
    written = text_of(cell).lower()
    if len(written) > 254 or not _EMAIL.fullmatch(written):  # noqa: PLR2004 - RFC 5321
        raise CellError("bad_email", N_("Skriv en e-postadress, till exempel maja@kommunen.se."))
    return written


def phone(cell: Cell) -> str:
    """A telephone number, as E.164."""
    written = text_of(cell)
    found = parse_phone(written) or (parse_phone(f"0{written}") if written.isdigit() else None)
    if found is None:
        raise CellError("bad_phone", N_("Skriv ett telefonnummer, till exempel 070-174 06 15."))
    return found


def language_code(cell: Cell) -> str:
    """An ISO 639-1 code."""
    written = text_of(cell).casefold()
    if written in _languages():
        return written
    by_name = {name.casefold(): code for code, name in _languages().items()}
    if written in by_name:
        raise CellError(
            "unknown_language", N_("Skriv språkets kod. Menade du %(near)s?"), near=by_name[written]
        )
    raise CellError(
        "unknown_language", N_("Skriv språkets kod med två bokstäver, till exempel sv eller ar.")
    )


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    names: Mapping[str, str] = Locale("sv").languages
    return {code: name for code, name in names.items() if len(code) == 2}  # noqa: PLR2004


def season(cell: Cell) -> tuple[str, str]:
    """``04-01/10-15``: the first and the last day of the season."""
    found = _SEASON.fullmatch(text_of(cell))
    try:
        first, last = (
            date(2024, int(month), int(day_))  # a leap year: 02-29 is a day
            for month, day_ in (found.group(1, 2), found.group(3, 4))  # type: ignore[union-attr]
        )
    except (ValueError, AttributeError) as error:
        raise CellError(
            "bad_season", N_("Skriv säsongen som månad-dag/månad-dag, till exempel 04-01/10-15.")
        ) from error
    return f"{first:%m-%d}", f"{last:%m-%d}"


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """One part of a language at a level.

    Attributes:
        language: as written, a code or a name.
        part: speak, understand, read or write.
        level: 1 (A1) to 6 (C2).
        purpose: why an offer needs it; None for a participant's.
    """

    language: str
    part: str
    level: int
    purpose: str | None = None


def spoken(piece: str) -> SpokenLanguage:
    """``sv:tala B1``."""
    language, _, rest = piece.partition(":")
    words = rest.split()
    if language.strip() and len(words) == 2 and words[1].upper() in LEVELS:  # noqa: PLR2004
        part = LANGUAGE_PARTS.get(words[0].casefold(), words[0].casefold())
        if part in LANGUAGE_PARTS.values():
            return SpokenLanguage(language.strip(), part, LEVELS.index(words[1].upper()) + 1)
    raise CellError(
        "bad_language",
        N_(
            "Skriv språk, färdighet och nivå så här: sv:tala B1. Färdigheterna är tala, förstå, "
            "läsa och skriva, nivåerna A1 till C2."
        ),
    )


@dataclass(frozen=True, slots=True)
class WithPurpose:
    """What an offer asks for, and why."""

    asked: str
    purpose: str


def with_purpose(piece: str) -> WithPurpose:
    """``Laga mat = Vi lagar lunch till åttio personer``."""
    asked, _, purpose = (part.strip() for part in piece.partition("="))
    if not asked:
        raise CellError("requirement_missing", N_("Skriv kravet före likhetstecknet."))
    if not purpose:
        raise CellError(
            "purpose_missing", N_("Varför behövs kravet? Skriv syftet, eller ta bort kravet.")
        )
    if len(purpose) > 500:  # noqa: PLR2004
        raise CellError(
            "too_long", N_("Texten är för lång. Skriv högst %(most)s tecken."), most=500
        )
    return WithPurpose(asked, purpose)


def nearest(written: str, known: Mapping[str, str] | list[str]) -> str | None:
    """The known word most like what was written, or None when none is like it."""
    for scorer, least in ((fuzz.ratio, _SIMILAR), (fuzz.WRatio, _CONTAINS)):
        found = process.extractOne(
            written, known, scorer=scorer, processor=str.casefold, score_cutoff=least
        )
        if found:
            return str(found[0])
    return None
