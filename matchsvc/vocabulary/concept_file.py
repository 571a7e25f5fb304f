"""Our own file of concepts: a table that a liaison can read and correct in a spreadsheet.

One row per concept: id, type, whether it is a heading, the everyday word, English, the id it
belongs under, one explaining line, ways to say it and related ids parted by ``|``, SSYK code and
address in ESCO. UTF-8, parted by semicolon, comma or tab. The starter vocabulary is written so.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matchsvc.vocabulary.lists import (
    BrokenList,
    ConceptList,
    ConceptRow,
    Problems,
    Sort,
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
TYPES = {
    "färdighet": ConceptType.SKILL,
    "yrke": ConceptType.OCCUPATION,
    "språk": ConceptType.LANGUAGE,
    "licens": ConceptType.LICENCE,
    "generell": ConceptType.GENERIC,
} | {kind.value: kind for kind in ConceptType}
#: What a table written by hand is complete for.
EVERYTHING = frozenset(
    (kind, relation)
    for kind in ConceptType
    for relation in (RelationKind.RELATED, RelationKind.BROADER)
)


@dataclass(slots=True)
class Gathered:
    """What has been read of some tables; ``places`` says where each concept stands."""

    known: frozenset[str]
    problems: Problems = field(default_factory=Problems)
    concepts: dict[str, ConceptRow] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def keep(self, row: ConceptRow, place: str) -> None:
        """Keep a concept, or note that its id is taken."""
        if row.id in self.concepts or row.id in self.known:
            self.problems.add(place, f"Id {row.id} finns redan. Ge ordet ett eget id.")
            return
        self.concepts[row.id] = row
        self.places[row.id] = place

    def check(self) -> None:
        """Refuse lines and relations that lead nowhere or round in a ring."""
        check_lines(self.concepts.values(), self.places, self.problems, known=self.known)
        for row in self.concepts.values():
            for related_id, _ in row.related:
                if related_id not in self.concepts and related_id not in self.known:
                    self.problems.add(
                        self.places[row.id], f"Det finns inget ord med id {related_id}."
                    )
        self.problems.refuse_if_any()


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
    digest = hashlib.sha256()
    gathered = Gathered(known)
    for path in paths:
        content = read_text(path)
        digest.update(content.encode())
        read_own_table(path.name, content, gathered)
    gathered.check()
    return ConceptList(
        scheme=scheme,
        version="",
        checksum=digest.hexdigest(),
        concepts=gathered.concepts,
        covered=frozenset(map(Sort, ConceptType)),
        decides=EVERYTHING,
    )


def read_own_table(name: str, content: str, gathered: Gathered) -> None:
    """Read one file of our own format; what is wrong is noted."""
    problems = gathered.problems
    for number, cells in read_table(name, content, HEADINGS, _REQUIRED, problems):
        place = f"{name} rad {number}"
        row = _read_concept(cells, place, problems)
        if row is not None:
            gathered.keep(row, place)


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
    rows = read_rows(name, content, problems)
    keys = _read_headings(name, next(rows, (1, []))[1], headings, required, problems)
    return [(number, dict(zip(keys, map(clean, cells), strict=True))) for number, cells in rows]


def read_rows(name: str, content: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Rows of a table as (row number, cells): the headings as row 1, then all with as many cells.

    Empty rows are passed over. What is wrong is noted, and ends the table when it can't be read
    as one.

    Args:
        name: of the file, for messages.
        content: its text, parted by semicolon, comma or tab.
        problems: gets what is wrong.
    """
    first, _, _ = content.partition("\n")
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    number, width = 0, 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1:
                width = len(cells)
            elif not any(cell.strip() for cell in cells):
                continue
            elif len(cells) != width:
                problems.add(
                    f"{name} rad {number}", f"Raden har {len(cells)} celler, rubrikraden {width}."
                )
                continue
            yield number, cells
    except csv.Error:
        problems.add(f"{name} rad {number + 1}", "Raden går inte att läsa. Se efter citattecken.")


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
    if f"{name} rad 1" in problems.found:
        raise BrokenList(problems.found)
    return keys


def _read_concept(cells: Mapping[str, str], place: str, problems: Problems) -> ConceptRow | None:
    concept_type = TYPES.get(cells["type"].casefold())
    phrases = _parts(cells.get("phrases", ""))
    wrong = [
        problem_with_id(cells["id"]),
        None if concept_type else f"Typ ska vara en av: {', '.join(TYPES)}.",
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
