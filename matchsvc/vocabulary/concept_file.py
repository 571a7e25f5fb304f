"""Our own file of concepts: a table that a liaison can read and correct in a spreadsheet.

One row per concept: id, type, whether it is a heading, the everyday word, English, the id it
belongs under, one explaining line, ways to say it and related ids parted by ``|``, SSYK code and
address in ESCO. UTF-8, parted by semicolon, comma or tab. The starter vocabulary is written so.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from matchsvc.vocabulary.lists import (
    BrokenList,
    ConceptList,
    ConceptRow,
    Problems,
    check_lines,
    clean,
    problem_with_id,
    problem_with_label,
)
from matchsvc.vocabulary.models import LABEL_LENGTH, ConceptType, RelationKind, Scheme
from matchsvc.vocabulary.words import text_key

LARGEST_FILE = 10_000_000  # bytes; ten times what anybody writes by hand
_SSYK_DIGITS = 4
_LONGEST_URI = 300

#: Heading -> key; both may stand in the file, in any order, case and spaces ignored.
HEADINGS = {
    "id": "id",
    "typ": "type",
    "grupp": "is_group",
    "ord": "label_sv",
    "engelska": "label_en",
    "hör till": "broader",
    "förklaring": "description",
    "så sägs det": "phrases",
    "närliggande": "related",
    "ssyk": "ssyk",
    "esco": "esco",
}
_REQUIRED = ("id", "type", "label_sv", "label_en")
_TYPES = {
    "färdighet": ConceptType.SKILL,
    "yrke": ConceptType.OCCUPATION,
    "språk": ConceptType.LANGUAGE,
    "licens": ConceptType.LICENCE,
    "generell": ConceptType.GENERIC,
} | {kind.value: kind for kind in ConceptType}


def read_concept_files(
    paths: Sequence[Path], scheme: Scheme, *, known: frozenset[str] = frozenset()
) -> ConceptList:
    """Read files of our own format as one list.

    Args:
        paths: the files.
        scheme: starter, or local for a unit's own additions.
        known: ids of other lists that a line upward or a relation may lead to, and that no row
            may take.

    Raises:
        BrokenList: with every problem, by file and row (the heading is row 1).
    """
    problems = Problems()
    digest = hashlib.sha256()
    concepts: dict[str, ConceptRow] = {}
    places: dict[str, str] = {}
    for path in paths:
        content = read_text(path)
        digest.update(content.encode())
        for number, cells in read_table(path.name, content, HEADINGS, _REQUIRED, problems):
            place = f"{path.name} rad {number}"
            row = _read_concept(cells, place, problems)
            if row is None:
                continue
            if row.id in concepts or row.id in known:
                problems.add(place, f"Id {row.id} finns redan. Ge ordet ett eget id.")
                continue
            concepts[row.id] = row
            places[row.id] = place
    check_lines(concepts.values(), places, problems, known=known)
    for row in concepts.values():
        for related_id, _ in row.related:
            if related_id not in concepts and related_id not in known:
                problems.add(places[row.id], f"Det finns inget ord med id {related_id}.")
    problems.refuse_if_any()
    return ConceptList(
        scheme=scheme,
        version="",
        checksum=digest.hexdigest(),
        concepts=concepts,
        covered=frozenset(ConceptType),
        decides=frozenset(
            (kind, relation)
            for kind in ConceptType
            for relation in (RelationKind.RELATED, RelationKind.BROADER)
        ),
    )


def read_text(path: Path) -> str:
    """The text of a small file.

    Raises:
        BrokenList: it is missing, too large, or not UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BrokenList({path.name: "Filen är för stor för en ordlista."})
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BrokenList({path.name: "Filen är inte UTF-8. Spara den som CSV UTF-8."}) from None
    except OSError:
        raise BrokenList({path.name: "Filen finns inte eller går inte att öppna."}) from None


def read_table(
    name: str,
    content: str,
    headings: Mapping[str, str],
    required: Sequence[str],
    problems: Problems,
) -> list[tuple[int, dict[str, str]]]:
    """Rows of a table as (row number, cell by key); the heading is row 1.

    Args:
        name: of the file, for messages.
        content: its text.
        headings: heading -> key; the keys themselves are understood too.
        required: keys without which nothing can be read.
        problems: gets what is wrong.
    """
    first, _, _ = content.partition("\n")
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    number = 1
    try:
        keys = _read_headings(name, next(reader, []), headings, required, problems)
        for number, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(keys):
                problems.add(
                    f"{name} rad {number}",
                    f"Raden har {len(cells)} celler, rubrikraden {len(keys)}.",
                )
                continue
            rows.append((number, dict(zip(keys, map(clean, cells), strict=True))))
    except csv.Error:
        problems.add(f"{name} rad {number + 1}", "Raden går inte att läsa. Se efter citattecken.")
    return rows


def _read_headings(
    name: str,
    cells: Sequence[str],
    headings: Mapping[str, str],
    required: Sequence[str],
    problems: Problems,
) -> list[str]:
    allowed = dict(headings) | {key: key for key in headings.values()}
    keys = []
    for cell in cells:
        key = allowed.get(" ".join(cell.casefold().split()))
        if key is None or key in keys:
            problems.add(f"{name} rad 1", f"Rubriken {cell[:40]!r} är okänd eller står två gånger.")
        keys.append(key or "")
    missing = [key for key in required if key not in keys]
    if missing:
        swedish = {key: heading for heading, key in headings.items()}
        words = ", ".join(swedish[key] for key in missing)
        problems.add(f"{name} rad 1", f"Rubriker saknas: {words}.")
    problems.refuse_if_any()
    return keys


def _read_concept(cells: Mapping[str, str], place: str, problems: Problems) -> ConceptRow | None:
    concept_type = _TYPES.get(cells["type"].casefold())
    phrases = _parts(cells.get("phrases", ""))
    wrong = [
        problem_with_id(cells["id"]),
        None if concept_type else f"Typ ska vara en av: {', '.join(_TYPES)}.",
        *(problem_with_label(text) for text in (cells["label_sv"], cells["label_en"], *phrases)),
        _problem_with_codes(cells),
    ]
    for message in filter(None, wrong):
        problems.add(place, message)
    if any(wrong) or concept_type is None:
        return None
    return ConceptRow(
        id=cells["id"],
        type=concept_type,
        is_group=cells.get("is_group", "").casefold() == "ja",
        label_sv=cells["label_sv"],
        label_en=cells["label_en"],
        parent_id=cells.get("broader") or None,
        description=cells.get("description", ""),
        phrases=tuple(dict.fromkeys(phrases)),
        related=tuple(
            (related_id, RelationKind.RELATED)
            for related_id in dict.fromkeys(_parts(cells.get("related", "")))
        ),
        uri=cells.get("esco") or None,
        ssyk_code=cells.get("ssyk") or None,
    )


def _problem_with_codes(cells: Mapping[str, str]) -> str | None:
    ssyk, address = cells.get("ssyk", ""), cells.get("esco", "")
    if ssyk and not (ssyk.isascii() and ssyk.isdigit() and len(ssyk) == _SSYK_DIGITS):
        return "SSYK ska vara fyra siffror."
    if address and not (address.startswith("http") and len(address) <= _LONGEST_URI):
        return "ESCO ska vara en adress som börjar med http."
    if len(cells.get("description", "")) > LABEL_LENGTH:
        return f"Förklaringen är för lång. Korta den till högst {LABEL_LENGTH} tecken."
    return None


def _parts(cell: str) -> list[str]:
    return [clean(part) for part in cell.split("|") if text_key(part)]
