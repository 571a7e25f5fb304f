"""The starter vocabulary and the conditions: ours, hand-written, there after ``db upgrade``."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from matchsvc.vocabulary.concept_file import read_concept_files, read_table, read_text
from matchsvc.vocabulary.conditions import HEADING_NAMES
from matchsvc.vocabulary.lists import ConceptList, Problems, problem_with_id, problem_with_label
from matchsvc.vocabulary.loading import LoadResult, load_list
from matchsvc.vocabulary.models import Condition, Scheme

FOLDER = Path(__file__).parent / "data"
#: One file for each kind of concept; skills have one for each area of life and work.
CONCEPT_FILES = ("skills/*", "occupations", "languages", "licences", "generic")
#: Rises when the files' words say something new; a unit sees it as the list's version.
VERSION = "2"
_PROGRAM = "matchsvc"

_CONDITION_HEADINGS = {
    "id": "id",
    "ikon": "icon",
    "grupp": "heading",
    "behov": "need_sv",
    "behov på engelska": "need_en",
    "erbjuder": "offer_sv",
    "erbjuder på engelska": "offer_en",
    "utesluter": "exclude_sv",
    "utesluter på engelska": "exclude_en",
    "anpassning": "accommodation_sv",
    "anpassning på engelska": "accommodation_en",
}


def load_starter(session: Session) -> LoadResult:
    """Bring the starter vocabulary and the conditions up to what this program ships.

    Again changes nothing. Changed words are updated; what the files no longer have is
    deprecated, never deleted.
    """
    _load_conditions(session)
    return load_list(session, read_starter(), by=_PROGRAM, now=None)


def read_starter() -> ConceptList:
    """The starter vocabulary as its files say."""
    files = [path for name in CONCEPT_FILES for path in sorted(FOLDER.glob(f"{name}.csv"))]
    read = read_concept_files(files, Scheme.STARTER)
    checksum = hashlib.sha256(f"{VERSION}:{read.checksum}".encode()).hexdigest()
    return replace(read, version=VERSION, checksum=checksum)


def read_conditions() -> list[dict[str, Any]]:
    """The list of conditions as its file says, in its order.

    Raises:
        BrokenList: with every problem, by row.
    """
    problems = Problems()
    path = FOLDER / "conditions.csv"
    keys = tuple(_CONDITION_HEADINGS.values())
    found: dict[str, dict[str, Any]] = {}
    named = {name: heading for heading, name in HEADING_NAMES.items()}
    known = ", ".join(named)
    table = read_table(path.name, read_text(path), _CONDITION_HEADINGS, keys, problems)
    for position, (number, cells) in enumerate(table, start=1):
        place = f"{path.name} rad {number}"
        for message in (problem_with_id(cells["id"]), *map(problem_with_label, cells.values())):
            if message:
                problems.add(place, message)
        if cells["heading"] not in named:
            problems.add(place, f"Gruppen {cells['heading']} finns inte. Skriv en av: {known}.")
            continue
        if cells["id"] in found:
            problems.add(place, f"Id {cells['id']} finns redan.")
        found[cells["id"]] = cells | {
            "heading": named[cells["heading"]],
            "position": position,
            "is_deprecated": False,
        }
    problems.refuse_if_any()
    return list(found.values())


def _load_conditions(session: Session) -> None:
    wanted = {row["id"]: row for row in read_conditions()}
    columns = Condition.__table__.columns
    stored = {row.id: dict(row._mapping) for row in session.execute(select(*columns))}  # noqa: SLF001
    new = [row for key, row in wanted.items() if key not in stored]
    changed = [row for key, row in wanted.items() if key in stored and stored[key] != row]
    gone = [key for key, row in stored.items() if key not in wanted and not row["is_deprecated"]]
    if new:
        session.execute(insert(Condition), new)
    if changed:
        session.execute(update(Condition), changed)
    if gone:
        session.execute(update(Condition).where(Condition.id.in_(gone)).values(is_deprecated=True))
