"""Reads JobTech Taxonomy, the Swedish labour market's own words, from its published JSON dumps.

A dump is ``{"data": {"concepts": [...]}}`` (or the list alone); a concept has ``id``, ``type``,
``preferred_label`` and, as far as the dump was asked for them, ``definition``,
``alternative_labels``, ``broader``, ``narrower``, ``related`` (each with an ``id``), ``uri``,
``deprecated`` and codes such as ``ssyk_code_2012``. Hyphens instead of underscores are understood.

Our id is ``jobtech-`` and the concept's own. JobTech gives Swedish names only; the English one
repeats it. Files of one version belong together: what one file's lines lead to may stand in
another that is read with it, or was read before.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from matchsvc.vocabulary.lists import (
    ConceptList,
    ConceptRow,
    Problems,
    Progress,
    Sort,
    clean,
    nearest_parents,
    no_progress,
    problem_with_id,
    problem_with_label,
)
from matchsvc.vocabulary.models import ConceptType, RelationKind, Scheme

LARGEST_FILE = 100_000_000  # bytes; all of the taxonomy with its relations has about 40 million
_LONGEST_DESCRIPTION = 2000
_LONGEST_URI = 300
_SKILL, _OCCUPATION = ConceptType.SKILL, ConceptType.OCCUPATION

#: JobTech's type -> ours, heading or not, length of its SSYK code.
_TYPES: Mapping[str, Sort] = {
    "skill": Sort(_SKILL, is_group=False),
    "skill-headline": Sort(_SKILL, is_group=True),
    "occupation-name": Sort(_OCCUPATION, is_group=False),
    "occupation-field": Sort(_OCCUPATION, is_group=True, digits=0),
    **{
        f"ssyk-level-{digits}": Sort(_OCCUPATION, is_group=True, digits=digits)
        for digits in range(1, 5)
    },
    "language": Sort(ConceptType.LANGUAGE, is_group=False),
    "driving-licence": Sort(ConceptType.LICENCE, is_group=False),
}


@dataclass(slots=True)
class _Reading:
    problems: Problems
    known: frozenset[str]
    rows: dict[str, ConceptRow] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    broader: dict[str, set[str]] = field(default_factory=dict)
    related: dict[str, set[str]] = field(default_factory=dict)
    covered: set[Sort] = field(default_factory=set)
    decides: set[tuple[ConceptType, RelationKind]] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)
    dangling: int = 0


def read_jobtech(
    paths: Sequence[Path],
    *,
    known: frozenset[str] = frozenset(),
    progress: Progress = no_progress,
) -> ConceptList:
    """Read dumps, or folders of them, as one list.

    Args:
        paths: files and folders; in a folder, every ``.json``.
        known: ids of JobTech's concepts that were read before, which a line may lead to.
        progress: told which file is read.

    Raises:
        BrokenList: with every problem, by file and concept (the first is 1).
    """
    reading = _Reading(Problems(), known)
    digest = hashlib.sha256()
    for path in _files(paths, reading.problems):
        content = _read_bytes(path, reading.problems, progress)
        digest.update(content)
        for place, told in _concepts(path, content, reading.problems):
            _read_concept(place, told, reading)
    if not reading.rows and not reading.problems.found:
        reading.problems.add(
            ", ".join(path.name for path in paths), "Här finns inga begrepp av de sorter vi läser."
        )
    reading.problems.refuse_if_any()
    return _as_list(reading, digest.hexdigest())


def _files(paths: Sequence[Path], problems: Problems) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.json"))
            if not inside:
                problems.add(path.name, "Här finns inga filer som slutar på .json.")
            yield from inside
        else:
            yield path


def _read_bytes(path: Path, problems: Problems, progress: Progress) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            problems.add(path.name, "Filen är för stor för att vara JobTech Taxonomy.")
            return b""
        progress(path.name, 0, size)
        content = path.read_bytes()
    except OSError:
        problems.add(path.name, "Filen finns inte eller går inte att öppna.")
        return b""
    progress(path.name, size, size)
    return content


def _concepts(
    path: Path, content: bytes, problems: Problems
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each concept of a file with its place; nothing when the file has another shape."""
    if path.name in problems.found:
        return
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        problems.add(path.name, "Texten är inte UTF-8.")
        return
    except json.JSONDecodeError as error:
        problems.add(f"{path.name} rad {error.lineno}", "Filen går inte att läsa som JSON.")
        return
    except (RecursionError, ValueError):  # endlessly deep, or a number of thousands of digits
        problems.add(path.name, "Filen går inte att läsa som JSON.")
        return
    for key in ("data", "concepts"):
        if isinstance(told, dict):
            told = told.get(key, told)
    if not isinstance(told, list):
        problems.add(path.name, 'Filen har inte formen {"data": {"concepts": [...]}}.')
        return
    for number, concept in enumerate(told, start=1):
        place = f"{path.name} begrepp {number}"
        if isinstance(concept, dict):
            yield place, {key.replace("-", "_"): value for key, value in concept.items()}
        else:
            problems.add(place, "Begreppet är inte ett objekt med id, type och preferred_label.")


def _read_concept(place: str, told: Mapping[str, Any], reading: _Reading) -> None:
    kind, own_id = _text(told, "type"), _own_id(told)
    if own_id is None:
        reading.problems.add(place, "id saknas eller har andra tecken än a-z, 0-9, _ och -.")
        return
    sort = _TYPES.get(kind)
    if sort is None:
        reading.skipped[kind or "utan type"] += 1
        return
    if own_id in reading.places:
        reading.problems.add(place, f"Id {_text(told, 'id')} står två gånger.")
        return
    reading.places[own_id] = place
    reading.covered.add(sort)
    if told.get("deprecated") is True:
        reading.ended.add(own_id)
        return
    label = clean(_text(told, "preferred_label"))
    phrases = [clean(text) for text in _texts(told, "alternative_labels")]
    ssyk = _ssyk_code(told)
    wrong = next(filter(None, map(problem_with_label, (label, *phrases))), None)
    if wrong is None and sort.digits and len(ssyk) != sort.digits:
        wrong = f"ssyk_code_2012 ska vara {sort.digits} siffror."
    if wrong is not None:
        reading.problems.add(place, wrong)
        return
    _note_lines(own_id, told, sort, reading)
    reading.rows[own_id] = ConceptRow(
        id=own_id,
        type=sort.type,
        is_group=bool(sort.is_group),
        label_sv=label,
        label_en=label,
        description=" ".join(clean(_text(told, "definition")).split())[:_LONGEST_DESCRIPTION],
        phrases=tuple(dict.fromkeys(phrases)),
        uri=_uri(told),
        ssyk_code=ssyk or None,
    )


def _note_lines(own_id: str, told: Mapping[str, Any], sort: Sort, reading: _Reading) -> None:
    if "broader" in told or "narrower" in told:
        reading.decides.add((sort.type, RelationKind.BROADER))
    if "related" in told:
        reading.decides.add((sort.type, RelationKind.RELATED))
    reading.broader.setdefault(own_id, set()).update(_ids(told, "broader"))
    for lower in _ids(told, "narrower"):
        reading.broader.setdefault(lower, set()).add(own_id)
    reading.related.setdefault(own_id, set()).update(_ids(told, "related"))


def _as_list(reading: _Reading, checksum: str) -> ConceptList:
    broader = {
        own_id: {one for one in reading.broader[own_id] if _may_lie_under(row, one, reading)}
        for own_id, row in reading.rows.items()
    }
    reading.dangling = sum(len(above) for above in reading.broader.values()) - sum(
        len(above) for above in broader.values()
    )
    parents = nearest_parents(
        broader,
        in_circles=lambda own_id: reading.problems.add(
            reading.places.get(own_id, own_id), "Raderna uppåt leder runt i en ring."
        ),
    )
    reading.problems.refuse_if_any()
    return ConceptList(
        scheme=Scheme.JOBTECH,
        version="",
        checksum=checksum,
        concepts={
            own_id: _with_lines(row, parents.get(own_id), broader[own_id], reading)
            for own_id, row in reading.rows.items()
        },
        covered=frozenset(reading.covered),
        decides=frozenset(reading.decides),
        warnings=tuple(_warnings(reading)),
        ended=frozenset(reading.ended),
    )


def _may_lie_under(row: ConceptRow, parent_id: str, reading: _Reading) -> bool:
    parent = reading.rows.get(parent_id)
    if parent is None:
        return parent_id in reading.known
    return parent_id != row.id and parent.type is row.type


def _with_lines(
    row: ConceptRow, parent_id: str | None, above: Iterable[str], reading: _Reading
) -> ConceptRow:
    there = reading.rows.keys() | reading.known
    beside = [one for one in sorted(reading.related[row.id]) if one in there and one != row.id]
    return replace(
        row,
        parent_id=parent_id,
        related=(
            *((one, RelationKind.BROADER) for one in sorted(above)),
            *((one, RelationKind.RELATED) for one in beside),
        ),
    )


def _warnings(reading: _Reading) -> Iterator[str]:
    if reading.skipped:
        listed = ", ".join(
            f"{count} {kind[:40]}" for kind, count in sorted(reading.skipped.items())
        )
        yield f"Används inte: {listed}."
    if reading.dangling:
        yield f"{reading.dangling} rader uppåt leder till något som inte finns i filerna."


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""


def _texts(told: Mapping[str, Any], key: str) -> list[str]:
    value = told.get(key)
    listed = value if isinstance(value, list) else []
    return [text for text in listed if isinstance(text, str) and clean(text)]


def _ids(told: Mapping[str, Any], key: str) -> list[str]:
    value = told.get(key)
    listed = value if isinstance(value, list) else []
    found = (_own_id(each) for each in listed if isinstance(each, dict))
    return [own_id for own_id in found if own_id is not None]


def _own_id(told: Mapping[str, Any]) -> str | None:
    own_id = f"jobtech-{_text(told, 'id')}"
    return None if problem_with_id(own_id) or not _text(told, "id") else own_id


def _ssyk_code(told: Mapping[str, Any]) -> str:
    code = _text(told, "ssyk_code_2012")
    return code if code.isascii() and code.isdigit() and len(code) <= 4 else ""  # noqa: PLR2004


def _uri(told: Mapping[str, Any]) -> str | None:
    uri = clean(_text(told, "uri"))
    return uri if uri.startswith("http") and len(uri) <= _LONGEST_URI else None
