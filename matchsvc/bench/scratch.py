"""A database of invented people for what is measured: SQLite in a folder, or a named one.

A vocabulary of the size of ESCO's, some twenty competences a person drawn with a skew, so that a
few concepts are frequent and most are rare.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from matchsvc import db, migrate
from matchsvc.accounts.models import Unit
from matchsvc.accounts.rules import ensure_default_unit
from matchsvc.matching import live, shared
from matchsvc.matching.marking import create_triggers, drop_triggers
from matchsvc.matching.models import MatchingNumber, MatchingRow, RowKind
from matchsvc.matching.packed import (
    ASKED_ABOUT_INFORMAL,
    IS_OPEN,
    OfferFacts,
    PersonFacts,
    pack_offer,
    pack_person,
)
from matchsvc.matching.packing import pack_stale
from matchsvc.matching.weights import Weights
from matchsvc.participants.models import (
    BirthRegion,
    Case,
    Competence,
    LearnedWhere,
    Participant,
    Rung,
    Sex,
)
from matchsvc.vocabulary.models import Concept, ConceptType, Scheme, VocabularyVersion

TODAY = date(2026, 11, 23)
SKILLS, GROUPS, TOPS = 14_000, 640, 75
LICENCES = 8
MOST_WITH_NORMALISED = 200_000  # people whose normalised rows are written as well
WEIGHTS = Weights()
_RUNGS = tuple(Rung)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A database with invented people."""

    url: str
    unit_id: UUID
    offers: tuple[UUID, ...]
    people: int
    facts: int


@contextmanager
def scratch(participants: int, offers: int, *, url: str | None, seed: int) -> Iterator[Scratch]:
    """Fill an empty database; what was connected before is connected again afterwards.

    Raises:
        ValueError: the database is not empty.
    """
    try:
        before = db.engine()
    except KeyError:
        before = None
    folder = Path(tempfile.mkdtemp(prefix="matchsvc-bench-"))
    engine = db.connect(url or f"sqlite:///{folder}/bench.sqlite3")
    live.forget_views()
    large, live.LARGE = live.LARGE, 1
    try:
        migrate.upgrade(engine)
        yield _fill(engine.url.render_as_string(hide_password=False), participants, offers, seed)
    finally:
        live.LARGE = large
        live.forget_views()
        kept = shared.folder_of(engine)
        if kept is not None:
            shared.forget(kept)
        engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)
        if before is not None:
            db.bind(before)


def _fill(url: str, participants: int, offers: int, seed: int) -> Scratch:
    random = np.random.default_rng(seed)
    with db.begin() as session:
        unit = ensure_default_unit(session)
        if session.scalar(select(MatchingRow.id).where(MatchingRow.kind != RowKind.LISTS)):
            raise ValueError("the database is not empty")
        _write_concepts(session, random)
    pack_stale()
    with db.begin() as session:
        number = dict(session.execute(select(MatchingNumber.key, MatchingNumber.number)).all())
        drop_triggers(session.connection())  # what follows is packed here, faster
        facts = _write_people(session, unit, participants, number, random)
        ids = _write_offers(session, unit, offers, number, random)
        create_triggers(session.connection())
    return Scratch(url, unit.id, ids, participants, facts)


def _concepts() -> list[tuple[str, str | None, ConceptType]]:
    return [
        *((f"b-top-{n}", None, ConceptType.SKILL) for n in range(TOPS)),
        *((f"b-group-{n}", f"b-top-{n % TOPS}", ConceptType.SKILL) for n in range(GROUPS)),
        *((f"b-skill-{n}", f"b-group-{n * n % GROUPS}", ConceptType.SKILL) for n in range(SKILLS)),
        *((f"b-licence-{n}", None, ConceptType.LICENCE) for n in range(LICENCES)),
    ]


def _write_concepts(session: Session, random: np.random.Generator) -> None:
    del random
    version = session.scalar(select(VocabularyVersion.id).limit(1))
    rows = [
        {
            "id": key, "scheme": Scheme.LOCAL, "type": kind, "is_group": False, "label_sv": key,
            "label_en": key, "label_key": key, "sort_key": key, "has_swedish_label": False,
            "description": "", "parent_id": parent, "is_deprecated": False, "version_id": version,
        }
        for key, parent, kind in _concepts()
    ]  # fmt: skip
    _insert(session, Concept, rows)
    first = 1 + max(session.scalars(select(MatchingNumber.number)), default=0)
    keys = [f"concept:{row['id']}" for row in rows]
    numbers = [{"key": key, "number": n} for n, key in enumerate(keys, start=first)]
    _insert(session, MatchingNumber, numbers)


def _skills(random: np.random.Generator, count: int) -> Any:
    """Draw skills: a few are held by many."""
    shares = 1 / (np.arange(SKILLS) + 2.7)
    order = np.random.default_rng(7).permutation(SKILLS)
    return order[random.choice(SKILLS, count, p=shares / shares.sum())]


def _write_people(
    session: Session,
    unit: Unit,
    count: int,
    number: dict[str, int],
    random: np.random.Generator,
) -> int:
    is_normalised = count <= MOST_WITH_NORMALISED
    written = 0
    for start in range(0, count, 10_000):
        some = min(10_000, count - start)
        holds = np.clip(random.normal(20, 6, some).round(), 6, 40).astype(int)
        skills = np.split(_skills(random, holds.sum()), np.cumsum(holds)[:-1])
        rungs = np.split(random.integers(1, 5, holds.sum()), np.cumsum(holds)[:-1])
        licences = random.random((some, LICENCES)) < 0.3  # noqa: PLR2004
        numbers = random.integers(0, 2**31, (some, 8))
        packed: list[dict[str, Any]] = []
        people: list[dict[str, Any]] = []
        held: list[dict[str, Any]] = []
        for i in range(some):
            identity = UUID(bytes=random.bytes(16), version=4)
            ready = TODAY - timedelta(int(numbers[i, 0] % 400))
            keys = [f"b-skill-{skill}" for skill in np.unique(skills[i])]
            keys += [f"b-licence-{n}" for n in np.flatnonzero(licences[i])]
            rung = rungs[i][np.arange(len(keys)) % len(rungs[i])].tolist()
            hours, weekdays = int(1 + numbers[i, 1] % 40), int(numbers[i, 2] % 128)
            facts = PersonFacts(
                id=identity,
                hours=hours,
                weekdays=weekdays,
                flags=ASKED_ABOUT_INFORMAL,
                available_from=0,
                ready_on=ready.toordinal(),
                proposed_on=0,
                held=[
                    (number[f"concept:{key}"], level) for key, level in zip(keys, rung, strict=True)
                ],
                wanted=(),
                languages=[(number["concept:sv"], [int(n % 7) for n in numbers[i, 3:7]])]
                if "concept:sv" in number
                else [],
                areas=(),
                needs=(),
            )
            written += len(keys)
            packed.append(_row(RowKind.PARTICIPANT, identity, unit.id, pack_person(facts)))
            if is_normalised:
                people.append(_person(identity, unit.id, start + i, ready, hours, weekdays))
                held += [_competence(identity, k, r) for k, r in zip(keys, rung, strict=True)]
        if is_normalised:
            _insert(session, Participant, people)
            _insert(session, Case, [_case(person) for person in people])
            _insert(session, Competence, held)
        _insert(session, MatchingRow, packed)
    return written


def _write_offers(
    session: Session,
    unit: Unit,
    count: int,
    number: dict[str, int],
    random: np.random.Generator,
) -> tuple[UUID, ...]:
    ids = [UUID(bytes=random.bytes(16), version=4) for _ in range(count)]
    rows = []
    for identity in ids:
        asked = np.unique(_skills(random, int(random.integers(5, 16))))
        facts = OfferFacts(
            id=identity,
            hours=int(random.choice([0, 5, 10, 15, 20])),
            weekdays=int(random.choice([0, 31])),
            flags=IS_OPEN,
            start_from=0,
            start_by=int(random.choice([0, TODAY.toordinal() + 30])),
            valid_until=0,
            season=(0, 0),
            occupation=0,
            area=0,
            places=int(random.integers(1, 5)),
            requirements=sorted(
                ((number[f"concept:b-skill-{n}"], bool(random.random() > 0.45)) for n in asked),  # noqa: PLR2004
                key=lambda requirement: requirement[1],
            ),
            languages=(),
            licences=[
                number[f"concept:b-licence-{n}"]
                for n in range(LICENCES)
                if random.random() < 0.08  # noqa: PLR2004
            ],
            offered=(),
            excluded=(),
        )
        rows.append(_row(RowKind.OFFER, identity, unit.id, pack_offer(facts)))
    _insert(session, MatchingRow, rows)
    return tuple(ids)


def _insert(session: Session, model: type[db.Base], rows: list[dict[str, Any]]) -> None:
    table: Table = model.__table__  # type: ignore[assignment]
    for start in range(0, len(rows), 20_000):
        session.connection().execute(insert(table), rows[start : start + 20_000])


def _row(kind: RowKind, identity: UUID, unit_id: UUID, inputs: bytes) -> dict[str, Any]:
    return {
        "kind": kind, "id": identity, "unit_id": unit_id, "is_listed": True, "sequence": 10,
        "inputs": inputs,
    }  # fmt: skip


def _person(
    identity: UUID, unit_id: UUID, place: int, ready: date, hours: int, weekdays: int
) -> dict[str, Any]:
    return {
        "id": identity, "unit_id": unit_id, "external_id": f"B{place}", "number": 10_000 + place,
        "sort_key": str(place), "sex": Sex.UNKNOWN, "birth_region": BirthRegion.UNKNOWN,
        "contact_language": "sv", "version": 1, "hours_per_week": hours, "weekdays": weekdays,
        "ready_on": ready, "informal_asked_on": ready,
    }  # fmt: skip


def _case(person: dict[str, Any]) -> dict[str, Any]:
    return {
        "participant_id": person["id"], "unit_id": person["unit_id"],
        "enrolled_on": person["ready_on"], "version": 1,
    }  # fmt: skip


def _competence(identity: UUID, concept: str, rung: int) -> dict[str, Any]:
    return {
        "participant_id": identity, "concept_id": concept, "learned_where": LearnedWhere.JOB,
        "rung": _RUNGS[rung - 1], "version": 1,
    }  # fmt: skip
