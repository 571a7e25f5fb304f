"""Looking into an XLSX file before it is opened: is it one, how large is it really, what is lost.

The reader behind (calamine) lays out a dense table as large as the outermost cell says, and reads
a formula without a saved value as blank. Both are found here, by reading the parts of the archive
with limits, before it is asked.
"""

from __future__ import annotations

import enum
import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from matchsvc.errors import N_, RuleViolation

MAX_UNPACKED = 150 * 1024 * 1024
MAX_PARTS = 2_000
MAX_CELLS = 2_500_000
_CHUNK = 1024 * 1024
_SHEETS = "xl/worksheets/"
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml")

#: Where a row or a cell begins. Without its end sign the part is not what it seems.
_BEGIN = re.compile(rb"<(?:\w+:)?(row|c)\b([^<>]*)(>?)")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_IS_ERROR = re.compile(rb"""(?:^|\s)t\s*=\s*["']e["']""")
_IS_TEXT = re.compile(rb"""(?:^|\s)t\s*=\s*["']str["']""")
_CONTENT = re.compile(rb"<(?:\w+:)?(?:v|f|is)\b")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?[vt]\b[^<>]*>[^<]")


class UnreadableFile(RuleViolation):
    """The file as a whole can't be read; its message says what to do."""


class BadCell(enum.StrEnum):
    """A cell that a spreadsheet shows something in, but that holds no value to import."""

    ERROR = "#fel"  # #REF!, #N/A ...
    FORMULA = "=formel"  # a formula that was never calculated


def inspect_workbook(
    content: bytes, *, max_rows: int, max_columns: int
) -> dict[tuple[int, int], BadCell]:
    """Check that it is a workbook of a reasonable size, without opening it.

    Args:
        content: the file's bytes, beginning with ``PK``.
        max_rows: the last row that may hold something, counted from 1.
        max_columns: the last column that may hold something, counted from 1.

    Returns:
        Cells of the first worksheet that look filled but hold no value, by (row from 1, column
        from 0).

    Raises:
        UnreadableFile: it is no workbook, it is broken, or it is too large.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if any(needed not in names for needed in _NEEDED):
                raise UnreadableFile(
                    "file_not_table",
                    N_(
                        "Filen är inte en XLSX. Öppna den i kalkylprogrammet och spara den som "
                        "XLSX, eller som CSV med teckenkodningen UTF-8."
                    ),
                )
            parts = _unpack_within_limits(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise UnreadableFile(
            "file_broken",
            N_(
                "Filen är skadad eller låst med lösenord. Öppna den i kalkylprogrammet, spara den "
                "på nytt som XLSX utan lösenord och ladda upp den igen."
            ),
        ) from error
    first = _first_sheet(parts)
    bad: dict[tuple[int, int], BadCell] = {}
    for name, part in parts.items():
        if name.startswith(_SHEETS):
            found = _inspect_sheet(part, max_rows=max_rows, max_columns=max_columns)
            bad = found if name == first else bad
    return bad


def _unpack_within_limits(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Read every part, so that sizes and checksums are true; keep what describes the sheets."""
    infos = archive.infolist()
    # What the file says of itself is asked first: most bombs say so and need no room at all.
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise _too_large()
    left = MAX_UNPACKED
    kept: dict[str, bytes] = {}
    for info in infos:
        keep = info.filename.startswith(_SHEETS) or info.filename.startswith("xl/workbook.xml")
        keep = keep or info.filename == "xl/_rels/workbook.xml.rels"
        pieces: list[bytes] = []
        with archive.open(info) as part:
            while piece := part.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise _too_large()
                if keep:
                    pieces.append(piece)
        if keep and info.filename.endswith((".xml", ".rels")):
            kept[info.filename] = b"".join(pieces)
    return kept


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        "file_too_large",
        N_(
            "Arbetsboken är för stor när den packas upp. Kopiera bladet till en ny arbetsbok utan "
            "annat innehåll, eller spara det som CSV."
        ),
    )


def _first_sheet(parts: dict[str, bytes]) -> str | None:
    sheets = sorted(name for name in parts if name.startswith(_SHEETS))
    first = re.search(
        rb"""<(?:\w+:)?sheet\s[^>]*?\br:id\s*=\s*["']([^"']+)""", parts.get("xl/workbook.xml", b"")
    )
    relations = parts.get("xl/_rels/workbook.xml.rels", b"")
    if first:
        for relation in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", relations):
            target = re.search(rb"""Target\s*=\s*["']/?(?:xl/)?([^"']+)""", relation)
            is_it = re.search(rb"""\bId\s*=\s*["']%s["']""" % re.escape(first[1]), relation)
            if is_it and target:
                return f"xl/{target[1].decode(errors='replace')}"
    return sheets[0] if sheets else None


def _inspect_sheet(
    part: bytes, *, max_rows: int, max_columns: int
) -> dict[tuple[int, int], BadCell]:
    if not part.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise _too_large()  # another encoding, which the search below would not see into
    bad: dict[tuple[int, int], BadCell] = {}
    row, column = 0, -1
    for (kind, attributes), inner in _cells_of(part):
        place = _REFERENCE.search(attributes)
        if kind == b"row":
            row, column = int(place[2]) if place else row + 1, -1
            continue
        row = int(place[2]) if place else row
        column = _column_number(place[1]) if place and place[1] else column + 1
        if attributes.endswith(b"/") or not _CONTENT.search(inner):
            continue  # formatted but empty
        if row > max_rows or column >= max_columns:
            raise _too_large()
        what = _what_is_wrong(attributes, inner)
        if what is not None:
            bad[row, column] = what
    return bad


def _cells_of(part: bytes) -> Iterator[tuple[tuple[bytes, bytes], bytes]]:
    """Every row and cell with its attributes, and what stands from it to the next."""
    before: re.Match[bytes] | None = None
    for count, begin in enumerate(_BEGIN.finditer(part)):
        if count > MAX_CELLS:
            raise _too_large()
        if not begin[3] or begin[2].count(b'"') % 2 or begin[2].count(b"'") % 2:
            raise _too_large()  # hides where the cell is
        if before is not None:
            yield (before[1], before[2]), part[before.end() : begin.start()]
        before = begin
    if before is not None:
        yield (before[1], before[2]), part[before.end() :]


def _what_is_wrong(attributes: bytes, inner: bytes) -> BadCell | None:
    if _IS_ERROR.search(attributes):
        return BadCell.ERROR
    is_uncalculated = _FORMULA.search(inner) and not _VALUE.search(inner)
    return BadCell.FORMULA if is_uncalculated and not _IS_TEXT.search(attributes) else None


def _column_number(letters: bytes) -> int:
    """``A`` is 0, ``XFD`` is 16,383."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1
