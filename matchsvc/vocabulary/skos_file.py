"""Reads concepts from tables: our own (``concept_file``), or such as SKOS tools and others export.

Row 1 has the headings, in any order and case; one row is one concept. UTF-8, parted by semicolon,
comma or tab. A heading of ``conceptUri`` or ``prefLabel`` tells that it is the second kind:

| heading | what |
|---|---|
| conceptUri (uri, id) | address or id; needed. The last part of an address becomes ``uri-<part>`` |
| prefLabel@sv, prefLabel_sv (preferredLabel, without language: Swedish) | the name; Swedish or English is needed |
| altLabel@sv, altLabels_sv (hiddenLabel) | other ways to say it, parted by ``|`` or line breaks |
| definition, description, scopeNote (@sv) | what it is; the first that says something |
| broader (broaderUri) | addresses or ids above it, parted by ``|``; of several the one with the fewest concepts beneath it, then the smallest id, becomes the line upward |
| related | addresses or ids beside it |
| type (conceptType) | skill, occupation, language, licence or generic, in Swedish too; without the column all are skills |
| group (isGroup) | yes: a heading, nothing to claim |
| ssyk | four digits |
| status | released, or deprecated: flagged where it is stored |

``skos:`` before a heading is ignored; other columns are left out, and told. A name in a third
language is kept beside the others.
"""  # noqa: E501 - a table has long rows

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from matchsvc.vocabulary.concept_file import (
    EVERYTHING,
    TYPES,
    Gathered,
    read_own_table,
    read_rows,
    read_text,
)
from matchsvc.vocabulary.esco import concept_id as esco_id
from matchsvc.vocabulary.lists import (
    BrokenList,
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

_HEADING = re.compile(r"(?:skos:)?([a-z]+)(?:[@_]([a-z]{2})(?:-[a-z0-9]+)?)?", re.IGNORECASE)
_SWEDISH, _ENGLISH = "sv", "en"
_KEYS = {
    "concepturi": "address",
    "uri": "address",
    "id": "address",
    "preflabel": "label",
    "preferredlabel": "label",
    "altlabel": "phrases",
    "altlabels": "phrases",
    "hiddenlabel": "phrases",
    "hiddenlabels": "phrases",
    "definition": "text",
    "description": "text",
    "scopenote": "text",
    "broader": "broader",
    "broaderuri": "broader",
    "related": "related",
    "type": "type",
    "typ": "type",
    "concepttype": "type",
    "group": "group",
    "grupp": "group",
    "isgroup": "group",
    "ssyk": "ssyk",
    "status": "status",
}
_WITH_LANGUAGE = frozenset({"label", "phrases", "text"})
_SKOS_TYPES = TYPES | {
    "knowledgeskillcompetence": ConceptType.SKILL,
    "skill/competence": ConceptType.SKILL,
    "knowledge": ConceptType.SKILL,
}
_YES = frozenset({"ja", "yes", "true", "1"})
_IN_USE = frozenset({"", "released", "published", "active", "valid"})
_ENDED = frozenset({"deprecated", "obsolete", "replaced", "withdrawn"})
_LONGEST_TEXT = 2000
_LONGEST_ADDRESS = 300
_SSYK_DIGITS = 4

#: A cell's key: what it is, and in which language ("" where it has none).
Key = tuple[str, str]


@dataclass(slots=True)
class _Table:
    """What has been read of the tables of the second kind."""

    drafts: dict[str, ConceptRow] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # address -> id
    broader: dict[str, list[str]] = field(default_factory=dict)  # id -> as they stand
    related: dict[str, list[str]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def read_tables(
    paths: Sequence[Path],
    *,
    known: frozenset[str] = frozenset(),
    progress: Progress = no_progress,
) -> ConceptList:
    """Read tables of either kind, or folders of them, as one list: the unit's own additions.

    Args:
        paths: files and folders; in a folder, every ``.csv``.
        known: ids of other lists that lines and relations may lead to, and no row may take.
        progress: told which file is read.

    Raises:
        BrokenList: with every problem, by file and row (the heading is row 1).
    """
    gathered, table = Gathered(known), _Table()
    digest = hashlib.sha256()
    for path in _files(paths, gathered.problems):
        progress(path.name, 0, 0)
        try:
            content = read_text(path)
            digest.update(content.encode())
            if _is_skos(content):
                _read_table(path.name, content, gathered, table)
            else:
                read_own_table(path.name, content, gathered)
        except BrokenList as broken:
            for place, message in broken.fields.items():
                gathered.problems.add(place, message)
    _place(gathered, table)
    gathered.check()
    return ConceptList(
        scheme=Scheme.LOCAL,
        version="",
        checksum=digest.hexdigest(),
        concepts=gathered.concepts,
        covered=frozenset(map(Sort, ConceptType)),
        decides=EVERYTHING,
        warnings=tuple(table.warnings),
        ended=frozenset(table.ended),
    )


def _files(paths: Iterable[Path], problems: Problems) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.csv"))
            if not inside:
                problems.add(path.name, "Här finns inga filer som slutar på .csv.")
            yield from inside
        else:
            yield path


def _is_skos(content: str) -> bool:
    first, _, _ = content.partition("\n")
    found = {key for key, _ in filter(None, map(_key_of, re.split("[;,\t]", first)))}
    return "label" in found or "concepturi" in first.casefold()


def _key_of(heading: str) -> Key | None:
    match = _HEADING.fullmatch("".join(heading.strip(' "\r').split()))
    if match is None:
        return None
    key = _KEYS.get(match.group(1).casefold())
    language = (match.group(2) or "").casefold()
    if key is None or (language and key not in _WITH_LANGUAGE):
        return None
    return key, (language or _SWEDISH) if key in _WITH_LANGUAGE else ""


def _read_table(name: str, content: str, gathered: Gathered, table: _Table) -> None:
    rows = read_rows(name, content, gathered.problems)
    keys = _read_headings(name, next(rows, (1, []))[1], gathered.problems, table)
    for number, cells in rows:
        told: dict[Key, str] = {}
        for key, cell in zip(keys, cells, strict=True):
            if key is not None and cell.strip():
                told.setdefault(key, cell)
        _read_row(f"{name} rad {number}", told, gathered.problems, table)


def _read_headings(
    name: str, cells: Sequence[str], problems: Problems, table: _Table
) -> list[Key | None]:
    keys = [_key_of(cell) for cell in cells]
    there = [key for key in keys if key is not None]
    place = f"{name} rad 1"
    for key in sorted({key for key in there if there.count(key) > 1 and key[0] != "text"}):
        problems.add(place, f"Två rubriker säger samma sak: {'@'.join(filter(None, key))}.")
    if ("address", "") not in there:
        problems.add(place, "Rubriken conceptUri saknas.")
    if not {("label", _SWEDISH), ("label", _ENGLISH)} & {*there}:
        problems.add(place, "Rubriken prefLabel@sv (eller prefLabel@en) saknas.")
    if place in problems.found:  # of other files the rest is read and told
        raise BrokenList(problems.found)
    unused = [clean(cell)[:40] for cell, key in zip(cells, keys, strict=True) if key is None]
    if unused:
        table.warnings.append(f"{name}: kolumner som inte används: {', '.join(unused)}.")
    if ("type", "") not in there:
        table.warnings.append(f"{name}: kolumnen type saknas, allt läses som färdigheter.")
    return keys


def _read_row(place: str, told: Mapping[Key, str], problems: Problems, table: _Table) -> None:
    address = clean(told.get(("address", ""), ""))
    own_id = id_of(address)
    labels = {language: clean(text) for (key, language), text in told.items() if key == "label"}
    phrases = {language: _parts(text) for (key, language), text in told.items() if key == "phrases"}
    status = clean(told.get(("status", ""), "")).casefold()
    wrong = _problem(address, own_id, labels, phrases, told, status)
    if wrong is None and own_id in table.drafts:
        wrong = f"Id {own_id} står två gånger."
    if wrong is not None:
        problems.add(place, wrong)
        return
    if status in _ENDED:
        table.ended.add(own_id)
        return
    swedish, english = labels.get(_SWEDISH), labels.get(_ENGLISH)
    names = [(one, text) for one, text in labels.items() if one not in {_SWEDISH, _ENGLISH}]
    if swedish is None:
        names += [(_ENGLISH, text) for text in phrases.get(_ENGLISH, ())]
    text = told.get(("text", _SWEDISH)) or told.get(("text", _ENGLISH), "")
    table.ids[address] = own_id
    table.broader[own_id] = _parts(told.get(("broader", ""), ""))
    table.related[own_id] = _parts(told.get(("related", ""), ""))
    table.drafts[own_id] = ConceptRow(
        id=own_id,
        type=_SKOS_TYPES[clean(told.get(("type", ""), "skill")).casefold()],
        is_group=clean(told.get(("group", ""), "")).casefold() in _YES,
        label_sv=swedish or english or "",
        label_en=english or swedish or "",
        has_swedish_label=swedish is not None,
        description=clean(text)[:_LONGEST_TEXT],
        phrases=tuple(phrases.get(_SWEDISH, ())),
        names=tuple(names),
        uri=address if address != own_id else None,
        ssyk_code=clean(told.get(("ssyk", ""), "")) or None,
    )
    table.places[own_id] = place


def _problem(
    address: str,
    own_id: str,
    labels: Mapping[str, str],
    phrases: Mapping[str, Sequence[str]],
    told: Mapping[Key, str],
    status: str,
) -> str | None:
    if not address:
        return "conceptUri saknas."
    if len(address) > _LONGEST_ADDRESS:
        return f"conceptUri är för lång. Högst {_LONGEST_ADDRESS} tecken."
    if wrong := problem_with_id(own_id):
        return wrong
    if not labels.keys() & {_SWEDISH, _ENGLISH}:
        return "Namnet saknas på både svenska och engelska."
    if clean(told.get(("type", ""), "skill")).casefold() not in _SKOS_TYPES:
        return f"type ska vara en av: {', '.join(TYPES)}."
    if status not in _IN_USE | _ENDED:
        return "status ska vara released eller deprecated."
    ssyk = clean(told.get(("ssyk", ""), ""))
    if ssyk and not (ssyk.isascii() and ssyk.isdigit() and len(ssyk) == _SSYK_DIGITS):
        return "ssyk ska vara fyra siffror."
    texts = [*labels.values(), *(text for listed in phrases.values() for text in listed)]
    return next(filter(None, map(problem_with_label, texts)), None)


def _place(gathered: Gathered, table: _Table) -> None:
    """Give each concept its lines, now that every address is known."""

    def find(place: str, told: str) -> str | None:
        candidates = (table.ids.get(told), told, esco_id(told), id_of(told))
        for one in candidates:
            if one and (one in table.drafts or one in gathered.concepts or one in gathered.known):
                return one
        gathered.problems.add(place, f"Det finns inget ord med adressen {told[:120]}.")
        return None

    broader: dict[str, list[str]] = {}
    related: dict[str, list[str]] = {}
    for own_id, place in table.places.items():
        above = (find(place, told) for told in table.broader[own_id])
        beside = (find(place, told) for told in table.related[own_id])
        broader[own_id] = [one for one in dict.fromkeys(above) if one is not None]
        related[own_id] = [one for one in dict.fromkeys(beside) if one not in {None, own_id}]
    parents = nearest_parents(
        broader,
        in_circles=lambda own_id: gathered.problems.add(
            table.places.get(own_id, own_id), "Raderna uppåt leder runt i en ring."
        ),
    )
    for own_id, draft in table.drafts.items():
        lines = [(one, RelationKind.BROADER) for one in broader[own_id]]
        beside_it = [(one, RelationKind.RELATED) for one in related[own_id]]
        row = replace(draft, parent_id=parents.get(own_id), related=(*lines, *beside_it))
        gathered.keep(row, table.places[own_id])


def id_of(address: str) -> str:
    """Our id of a table's concept: ``uri-`` and the last part of its address, or the id it is.

    An address whose last part can't be an id gets the beginning of its SHA-256 instead; so the id
    depends on the address alone and never changes.
    """
    if not address.casefold().startswith(("http://", "https://", "urn:")):
        return address
    last = re.split("[/#:]", address.rstrip("/#:"))[-1]
    own_id = f"uri-{last}"
    if not last or problem_with_id(own_id):
        return f"uri-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
    return own_id


def _parts(cell: str) -> list[str]:
    return list(dict.fromkeys(filter(None, map(clean, re.split(r"[|\n]", cell)))))
