"""Reading a file into rows of cells: CSV or the first sheet of an XLSX workbook.

The content decides what a file is, never its name. A file that can't be read gives one clear
error; nothing in a file is ever run, followed or unpacked beyond the limits here.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from matchsvc.errors import N_
from matchsvc.imports.workbook import BadCell, UnreadableFile, inspect_workbook

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_CELL = 10_000  # characters

#: What a cell may hold: text as it stands, or what a workbook says that it is.
Cell = str | int | float | bool | date | BadCell

_DELIMITERS = ";,\t"
#: Spreadsheet programs read a cell that begins so as a formula, some also the wide signs.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: How files begin that people upload by mistake; none of them is text.
_STRANGERS = (
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"Rar!",
    b"7z",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sheet.

    Attributes:
        number: as the sheet shows it; the heading is row 1.
        cells: one for each heading, blank ones as ``""``; more when the row is too long.
    """

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds.

    Attributes:
        name: the sheet's name in a workbook, None for CSV.
        headings: row 1 as it stands.
        rows: every row below that is not blank.
    """

    name: str | None
    headings: tuple[str, ...]
    rows: list[Row] = field(repr=False)


def read_sheet(content: bytes) -> Sheet:
    """Read a file.

    Args:
        content: the file's bytes.

    Raises:
        UnreadableFile: saying what is wrong with the file and what to do.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            "file_too_large",
            N_("Filen är större än 20 MB. Dela upp den i mindre delar."),
        )
    if not content.strip():
        raise UnreadableFile("file_empty", N_("Filen är tom. Hämta en mall och fyll i den."))
    if content.startswith(b"PK"):
        return _read_workbook(content)
    return _read_csv(content)


def _read_workbook(content: bytes) -> Sheet:
    try:
        bad_cells = inspect_workbook(content, max_rows=MAX_ROWS + 1, max_columns=MAX_COLUMNS)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0)
        table = _table_of(sheet, bad_cells)
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile("file_broken", _BROKEN) from error
    except BaseException as fault:
        if type(fault).__name__ == "PanicException":  # what the reader's Rust raises; no Exception
            raise UnreadableFile("file_broken", _BROKEN) from fault
        raise
    return _as_sheet(sheet.name, table)


_BROKEN = N_(
    "Filen går inte att läsa: den är skadad eller inte en vanlig XLSX. "
    "Öppna den i kalkylprogrammet, spara den på nytt som XLSX och ladda upp den igen."
)


def _table_of(
    sheet: CalamineSheet, bad_cells: dict[tuple[int, int], BadCell]
) -> Iterable[tuple[int, list[Cell]]]:
    values = sheet.to_python(skip_empty_area=False)
    bad_rows: dict[int, dict[int, BadCell]] = {}
    for (number, column), bad in bad_cells.items():
        bad_rows.setdefault(number, {})[column] = bad
    # A bad cell counts as blank for the reader, so it may lie outside what it gives.
    for number in range(1, max([len(values), *bad_rows]) + 1):
        cells = [_from_workbook(value) for value in (values[number - 1 : number] or [[]])[0]]
        for column, bad in bad_rows.get(number, {}).items():
            cells += [""] * (column + 1 - len(cells))
            cells[column] = bad
        yield number, cells


def _from_workbook(value: object) -> Cell:
    match value:
        case bool():
            return value
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004
            return int(value)  # calamine gives every number as a float
        case datetime():
            return value.date()
        case int() | float() | date():
            return value
        case time() | timedelta():
            return str(value)
        case str():
            return unicodedata.normalize("NFC", value).strip()
    return ""


def _read_csv(content: bytes) -> Sheet:
    text = _decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text), strict=True)
    return _as_sheet(None, _records(reader))


def _decode(content: bytes) -> str:
    looks_binary = content.startswith(_STRANGERS) or b"\0" in content
    if not looks_binary:
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return unicodedata.normalize("NFC", content.decode(encoding))
            except UnicodeDecodeError:
                continue
    raise UnreadableFile(
        "file_not_table",
        N_(
            "Filen är varken CSV eller XLSX. Öppna den i kalkylprogrammet och spara den som "
            "XLSX, eller som CSV med teckenkodningen UTF-8."
        ),
    )


def _delimiter_of(text: str) -> str:
    """The sign that stands most often between the headings, outside quotation marks."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    is_quoted = False
    for sign in text:
        if sign == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif sign in counts:
            counts[sign] += 1
        elif sign in "\r\n" and any(counts.values()):
            break
    return max(counts, key=lambda sign: counts[sign])


def _records(reader: Iterable[list[str]]) -> Iterable[tuple[int, list[Cell]]]:
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            yield number, [_from_csv(value) for value in record]
    except csv.Error as error:
        raise UnreadableFile(
            "file_quotes",
            N_(
                "Efter rad %(row)s går filen inte att läsa: ett citattecken saknas eller står "
                'fel. Citattecken inne i en cell skrivs dubbelt, "".'
            ),
            values={"row": number},
        ) from error


def _from_csv(value: str) -> str:
    value = value.strip()
    if value.startswith("'") and value[1:2] and value[1] in FORMULA_SIGNS:
        return value[1:]  # the sign that keeps a spreadsheet from running a cell as a formula
    return value


def _as_sheet(name: str | None, table: Iterable[tuple[int, Sequence[Cell]]]) -> Sheet:
    headings: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, cells in table:
        if number == 1:
            headings = _headings(cells)
            continue
        trimmed = _without_blank_end(cells)
        if not trimmed:
            continue
        if len(rows) >= MAX_ROWS:
            raise UnreadableFile(
                "file_too_many_rows",
                N_("Filen har fler än %(most)s rader. Dela upp den i mindre delar."),
                values={"most": MAX_ROWS},
            )
        missing = len(headings) - len(trimmed)
        rows.append(Row(number, (*trimmed, *[""] * missing)))
    return Sheet(name, headings, rows)


def _headings(cells: Sequence[Cell]) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(
            "file_too_many_columns",
            N_("Filen har fler än %(most)s kolumner. Ta bort dem som inte ska importeras."),
            values={"most": MAX_COLUMNS},
        )
    return tuple("" if isinstance(cell, BadCell) else str(cell) for cell in cells)


def _without_blank_end(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return tuple(cells[:end])
