"""Reads the ESCO classification from its official CSV files, in every language that is there.

Understands the download as it comes: ``skills_en.csv``, ``skills_sv.csv``, ``occupations_*``,
``ISCOGroups_*``, ``skillGroups_*``, ``broaderRelations{Occ,Skill}Pillar.csv``,
``occupationSkillRelations.csv`` and ``skillSkillRelations.csv``. What is not there is left as it
is stored. Files are read row by row; what is wrong is told by file and row (heading = row 1).

Swedish names a concept; where there is none English does, and the concept says so
(``has_swedish_label``). Names in other languages are kept beside them.

ESCO is the European Commission's; wherever it is shown the service says so (CREDIT).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matchsvc.errors import N_
from matchsvc.vocabulary.lists import (
    ConceptList,
    ConceptRow,
    Problems,
    Progress,
    Sort,
    clean,
    nearest_parents,
    no_progress,
    problem_with_label,
)
from matchsvc.vocabulary.models import ConceptType, RelationKind, Scheme

CREDIT = N_("Tjänsten använder Europeiska kommissionens klassifikation ESCO.")
LARGEST_FILE = 300_000_000  # bytes; the largest of the real files has 12 million
_LONGEST_DESCRIPTION = 2000
_ADDRESS = re.compile(
    r"http://data\.europa\.eu/esco/(skill|occupation|isco|isced-f)/([A-Za-z0-9.-]{1,80})"
)
_VERSION = re.compile(r"v?(\d+\.\d+(?:\.\d+)?)")
_LANGUAGE = re.compile(r"[a-z]{2}")
_RELEASED = "released"
#: Rises when this reader makes more of the same files, so that loading them again is no no-op.
_READER = b"2"
_ROWS_BETWEEN_WORDS = 2_000  # how often the progress is told

Row = Mapping[str, str]
Rows = Iterator[tuple[str, Row]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of file: how it is called, what it must have, what it becomes."""

    name: str
    columns: tuple[str, ...]
    concept_type: ConceptType
    is_group: bool = False
    relation: RelationKind | None = None

    @property
    def has_language(self) -> bool:
        return self.relation is None


_CONCEPT_COLUMNS = ("conceptUri", "preferredLabel")
_BROADER = ("conceptUri", "broaderUri")
_SKILL, _OCCUPATION = ConceptType.SKILL, ConceptType.OCCUPATION
_KINDS = {
    kind.name.casefold(): kind
    for kind in (
        _Kind("skills", _CONCEPT_COLUMNS, _SKILL),
        _Kind("skillGroups", _CONCEPT_COLUMNS, _SKILL, is_group=True),
        _Kind("occupations", _CONCEPT_COLUMNS, _OCCUPATION),
        _Kind("ISCOGroups", _CONCEPT_COLUMNS, _OCCUPATION, is_group=True),
        _Kind("broaderRelationsSkillPillar", _BROADER, _SKILL, relation=RelationKind.BROADER),
        _Kind("broaderRelationsOccPillar", _BROADER, _OCCUPATION, relation=RelationKind.BROADER),
        _Kind(
            "occupationSkillRelations",
            ("occupationUri", "relationType", "skillUri"),
            _OCCUPATION,
            relation=RelationKind.ESSENTIAL,
        ),
        _Kind(
            "skillSkillRelations",
            ("originalSkillUri", "relationType", "relatedSkillUri"),
            _SKILL,
            relation=RelationKind.ESSENTIAL,
        ),
    )
}


@dataclass(slots=True)
class _Draft:
    """A concept while its files are being read."""

    uri: str
    kind: _Kind
    labels: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, list[str]] = field(default_factory=dict)  # by language
    description: str = ""
    code: str = ""

    @property
    def is_nameless(self) -> bool:
        """Whether neither a Swedish nor an English file has it."""
        return self.labels.keys().isdisjoint(("sv", "en"))


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    problems: Problems = field(default_factory=Problems)
    drafts: dict[str, _Draft] = field(default_factory=dict)
    relations: dict[tuple[str, str, RelationKind], None] = field(default_factory=dict)
    broader_places: dict[str, str] = field(default_factory=dict)  # concept -> its first row
    seen: set[_Kind] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    dangling: int = 0
    nameless: int = 0


def read_esco(paths: Sequence[Path], *, progress: Progress = no_progress) -> ConceptList:
    """Read ESCO files, or folders of them, as one list.

    Args:
        paths: files and folders; in a folder, files of other kinds are passed over.
        progress: told which file is read, and how many bytes of it.

    Raises:
        BrokenList: with every problem, by file and row.
    """
    reading = _Reading()
    digest = hashlib.sha256(_READER)
    files = _find_files(paths, reading)
    # Concepts before relations: a relation is kept when both its ends are there.
    for path, kind, language in sorted(files, key=lambda file: (not file[1].has_language, file[0])):
        reading.seen.add(kind)
        rows = _rows(path, kind.columns, reading.problems, digest.update, progress)
        if kind.has_language:
            _read_concepts(rows, kind, language, reading)
        else:
            _read_relations(rows, kind, reading)
    nameless = [key for key, draft in reading.drafts.items() if draft.is_nameless]
    reading.nameless = len(nameless)
    for key in nameless:
        del reading.drafts[key]
    reading.problems.refuse_if_any()
    return _as_list(reading, paths, digest.hexdigest())


def concept_id(uri: str) -> str | None:
    """Our id of an ESCO address: ``esco-`` (or ``isco-``) and its last part; None if not one.

    ``:`` and ``/`` part cells in import files, so the address itself can't be the id.
    """
    match = _ADDRESS.fullmatch(uri)
    if match is None:
        return None
    pillar, last = match.groups()
    return f"isco-{last}" if pillar == "isco" else f"esco-{last}"


def _find_files(paths: Sequence[Path], reading: _Reading) -> list[tuple[Path, _Kind, str]]:
    found = []
    for path in paths:
        if path.is_dir():
            for inside in sorted(path.glob("*.csv")):
                file = _recognise(inside)
                if file is None:
                    reading.skipped.append(inside.name)
                else:
                    found.append(file)
        elif (file := _recognise(path)) is not None:
            found.append(file)
        else:
            known = ", ".join(kind.name for kind in _KINDS.values())
            reading.problems.add(
                path.name, f"Filnamnet känns inte igen. ESCO:s filer heter {known} (_en, _sv)."
            )
    if not found:
        reading.problems.add(
            ", ".join(path.name for path in paths), "Här finns inga av ESCO:s filer."
        )
    reading.problems.refuse_if_any()
    return found


def _recognise(path: Path) -> tuple[Path, _Kind, str] | None:
    name, _, language = path.name.removesuffix(".csv").partition("_")
    kind = _KINDS.get(name.casefold())
    if kind is None or not path.name.endswith(".csv"):
        return None
    if kind.has_language and not _LANGUAGE.fullmatch(language):
        return None
    return path, kind, language


def _rows(
    path: Path,
    columns: Sequence[str],
    problems: Problems,
    digest: Callable[[bytes], None],
    progress: Progress,
) -> Rows:
    """Each row of a file with its place. Streams; what is wrong ends the file."""
    number = 1
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            problems.add(path.name, "Filen är för stor för att vara ESCO.")
            return
        progress(path.name, 0, size)
        with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
            reader = csv.DictReader(_digested(file, digest), strict=True)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                problems.add(f"{path.name} rad 1", f"Kolumner saknas: {', '.join(missing)}.")
                return
            for number, row in enumerate(reader, start=2):
                place = f"{path.name} rad {number}"
                if number % _ROWS_BETWEEN_WORDS == 0:
                    progress(path.name, raw.tell(), size)
                if None in row or None in row.values():
                    problems.add(place, "Raden har fel antal celler.")
                    continue
                yield place, row
        progress(path.name, size, size)
    except UnicodeDecodeError:
        problems.add(f"{path.name} rad {number + 1}", "Texten är inte UTF-8.")
    except csv.Error:
        problems.add(f"{path.name} rad {number + 1}", "Raden går inte att läsa som CSV.")
    except OSError:
        problems.add(path.name, "Filen finns inte eller går inte att öppna.")


def _digested(lines: Iterable[str], digest: Callable[[bytes], None]) -> Iterator[str]:
    for line in lines:
        digest(line.encode())
        yield line


def _read_concepts(rows: Rows, kind: _Kind, language: str, reading: _Reading) -> None:
    here: set[str] = set()
    for place, row in rows:
        own_id = concept_id(row["conceptUri"])
        label = clean(row["preferredLabel"])
        phrases = [clean(text) for text in row.get("altLabels", "").split("\n") if text.strip()]
        wrong = _problem_with_concept(own_id, label, phrases, here)
        if wrong or own_id is None:
            reading.problems.add(place, wrong or "")
            continue
        here.add(own_id)
        if row.get("status", _RELEASED) != _RELEASED:
            continue
        draft = reading.drafts.setdefault(own_id, _Draft(row["conceptUri"], kind))
        if draft.kind is not kind:
            reading.problems.add(place, "Adressen står också i en annan sorts fil.")
            continue
        draft.labels[language] = label
        draft.code = draft.code or row.get("iscoGroup", "") or _isco_code(row, kind)
        draft.phrases[language] = phrases
        text = " ".join(row.get("description", "").split())[:_LONGEST_DESCRIPTION]
        # Files come in the order of their names: English before Swedish, which has the last word.
        if text and (language == "sv" or (language == "en" and not draft.description)):
            draft.description = text


def _problem_with_concept(
    own_id: str | None, label: str, phrases: Iterable[str], here: set[str]
) -> str | None:
    if own_id is None:
        return "conceptUri är inte en adress i ESCO."
    if own_id in here:
        return "Adressen står två gånger i filen."
    return next(filter(None, map(problem_with_label, (label, *phrases))), None)


def _isco_code(row: Row, kind: _Kind) -> str:
    return row.get("code", "") if kind.name == "ISCOGroups" else ""


def _read_relations(rows: Rows, kind: _Kind, reading: _Reading) -> None:
    from_column, to_column = kind.columns[0], kind.columns[-1]
    for place, row in rows:
        own_id, other_id = concept_id(row[from_column]), concept_id(row[to_column])
        relation = _relation(row, kind)
        if own_id is None or other_id is None:
            reading.problems.add(place, "Raden har en adress som inte är i ESCO.")
        elif relation is None:
            reading.problems.add(place, "relationType ska vara essential eller optional.")
        elif own_id == other_id and relation is RelationKind.BROADER:
            reading.problems.add(place, "Raden leder uppåt till begreppet självt.")
        elif own_id == other_id or own_id not in reading.drafts or other_id not in reading.drafts:
            reading.dangling += 1
        else:
            reading.relations[own_id, other_id, relation] = None
            if relation is RelationKind.BROADER:
                reading.broader_places.setdefault(own_id, place)


def _relation(row: Row, kind: _Kind) -> RelationKind | None:
    if kind.relation is RelationKind.BROADER:
        return RelationKind.BROADER
    found = {"essential": RelationKind.ESSENTIAL, "optional": RelationKind.OPTIONAL}
    return found.get(row["relationType"])


def _drop_nameless(reading: _Reading) -> None:
    """Leave out what has neither a Swedish nor an English name, before relations are read."""
    nameless = [key for key, draft in reading.drafts.items() if not {"sv", "en"} & {*draft.labels}]
    for key in nameless:
        del reading.drafts[key]
    reading.nameless = len(nameless)


def _as_list(reading: _Reading, paths: Sequence[Path], checksum: str) -> ConceptList:
    broader: dict[str, list[str]] = {}
    related: dict[str, list[tuple[str, RelationKind]]] = {}
    for own_id, other_id, relation in reading.relations:
        if own_id not in reading.drafts or other_id not in reading.drafts:
            continue  # without a name in Swedish or English
        related.setdefault(own_id, []).append((other_id, relation))
        if relation is RelationKind.BROADER:
            broader.setdefault(own_id, []).append(other_id)
    parents = nearest_parents(broader, in_circles=lambda concept: _note_circle(concept, reading))
    reading.problems.refuse_if_any()
    seen = reading.seen
    return ConceptList(
        scheme=Scheme.ESCO,
        version=_version_of(paths),
        checksum=checksum,
        concepts={
            own_id: _as_row(own_id, draft, parents.get(own_id), related.get(own_id, ()))
            for own_id, draft in reading.drafts.items()
        },
        covered=frozenset(
            Sort(kind.concept_type, kind.is_group) for kind in seen if kind.has_language
        ),
        decides=_decided(seen),
        warnings=tuple(_warnings(reading)),
    )


def _note_circle(concept: str, reading: _Reading) -> None:
    place = reading.broader_places.get(concept)
    if place is not None:
        reading.problems.add(place, "Raderna uppåt leder runt i en ring.")


def _as_row(
    own_id: str,
    draft: _Draft,
    parent_id: str | None,
    related: Iterable[tuple[str, RelationKind]],
) -> ConceptRow:
    swedish, english = draft.labels.get("sv"), draft.labels.get("en")
    names = [(one, label) for one, label in draft.labels.items() if one not in {"sv", "en"}]
    if swedish is None:
        names += [("en", phrase) for phrase in draft.phrases.get("en", ())]
    return ConceptRow(
        id=own_id,
        type=draft.kind.concept_type,
        is_group=draft.kind.is_group,
        label_sv=swedish or english or "",
        label_en=english or swedish or "",
        has_swedish_label=swedish is not None,
        description=draft.description,
        parent_id=parent_id,
        phrases=tuple(dict.fromkeys(draft.phrases.get("sv", ()))),
        names=tuple(dict.fromkeys(names)),
        related=tuple(related),
        uri=draft.uri,
        isco_code=draft.code[:4] or None,
    )


def _decided(seen: set[_Kind]) -> frozenset[tuple[ConceptType, RelationKind]]:
    decided = set()
    for kind in seen:
        if kind.relation is RelationKind.BROADER:
            decided.add((kind.concept_type, RelationKind.BROADER))
        elif kind.relation is not None:
            decided.add((kind.concept_type, RelationKind.ESSENTIAL))
            decided.add((kind.concept_type, RelationKind.OPTIONAL))
    return frozenset(decided)


def _version_of(paths: Sequence[Path]) -> str:
    """The version that the folder's or the file's name tells, or nothing."""
    for path in paths:
        for name in (path.name, path.absolute().parent.name):
            if "esco" in name.casefold() and (match := _VERSION.search(name)):
                return match.group(1)
    return ""


def _warnings(reading: _Reading) -> Iterator[str]:
    if reading.skipped:
        yield f"Används inte: {', '.join(reading.skipped)}."
    if reading.nameless:
        yield f"{reading.nameless} begrepp saknar både svenskt och engelskt namn och läses inte in."
    if reading.dangling:
        yield f"{reading.dangling} relationer leder till något som inte finns i filerna."
    without = sum("sv" not in draft.labels for draft in reading.drafts.values())
    if without:
        yield f"{without} begrepp saknar svenskt namn och visas på engelska."
