"""Measuring the live index: loading, one change, and the memory of several workers.

Everything happens in a database of its own: SQLite in a temporary folder, or an empty one that is
named. People and offers are invented: a vocabulary of the size of ESCO's, some twenty competences
a person drawn with a skew, so that a few concepts are frequent and most are rare.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from matchsvc import db, migrate, secrecy
from matchsvc.accounts.models import Unit
from matchsvc.accounts.rules import ensure_default_unit
from matchsvc.config import Config
from matchsvc.matching import live, shared
from matchsvc.matching.everybody import gather
from matchsvc.matching.marking import create_triggers, drop_triggers
from matchsvc.matching.models import MatchingNumber, MatchingRow, RowKind
from matchsvc.matching.packed import (
    ASKED_ABOUT_INFORMAL,
    IS_OPEN,
    OfferFacts,
    PersonFacts,
    pack_offer,
    pack_person,
    people_of,
)
from matchsvc.matching.packing import pack_stale
from matchsvc.matching.rows import listed, read_legend, read_rows
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
WORKERS = 4
WEIGHTS = Weights()
_RUNGS = tuple(Rung)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scratch:
    """A database with invented people."""

    url: str
    unit_id: UUID
    offers: tuple[UUID, ...]
    people: int
    facts: int


def bench_load(
    participants: int, offers: int, *, url: str | None = None, seed: int = 1, repeats: int = 3
) -> Figures:
    """Time packed rows into arrays against fetching the normalised ones, and a cold start.

    The baseline is SQLAlchemy Core's fetchall and zip into columns, nothing looked up: less than
    what it takes. Both read every participant and competence. With more people than
    MOST_WITH_NORMALISED there is no baseline.
    """
    with scratch(participants, offers, url=url, seed=seed) as made:
        seconds = _median(lambda: _load_packed(made), repeats)
        cold = _in_process(_cold_start, made)
        figures: Figures = {
            "seconds": seconds,
            "facts": made.facts,
            "cold_start_seconds": cold["seconds"],
            "cold_start_cpu_seconds": cold["cpu"],  # what others on the machine do not change
            "cold_start_index_seconds": cold["until_index"],
            "cold_start_peak_bytes": cold["peak"],
            "index_bytes": cold["index"],
        }
        if participants <= MOST_WITH_NORMALISED:
            baseline = _median(lambda: _load_normalised(made), repeats)
            figures |= {
                "baseline": "Core fetchall + zip of the normalised rows",
                "baseline_seconds": baseline,
                "ratio": baseline / seconds,
            }
        return figures


def bench_update(
    participants: int, offers: int, *, url: str | None = None, seed: int = 1, repeats: int = 3
) -> Figures:
    """Time until one changed participant is in an open index, against making the index again."""
    with scratch(participants, offers, url=url, seed=seed) as made:
        with db.read() as session:
            rebuild = _median(lambda: _rebuild(session, made), 1)
            live.view_of(session, made.unit_id, today=TODAY, weights=WEIGHTS)
        times = [_one_change(made, number) for number in range(max(20, repeats))]
        seconds = statistics.median(times)
        return {
            "seconds": seconds,
            "baseline": "making the index again",
            "baseline_seconds": rebuild,
            "ratio": rebuild / seconds,
        }


def bench_memory(
    participants: int, offers: int, *, url: str | None = None, seed: int = 1, repeats: int = 1
) -> Figures:
    """Measure the proportional memory (PSS) of four workers who answer from one index."""
    del repeats
    with scratch(participants, offers, url=url, seed=seed) as made:
        cold = _in_process(_cold_start, made)
        context = multiprocessing.get_context("spawn")
        ready, go = context.Barrier(WORKERS + 1), context.Barrier(WORKERS + 1)
        found = context.Queue()
        workers = [
            context.Process(target=_worker, args=(made, ready, go, found)) for _ in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        ready.wait()
        go.wait()
        memory = [found.get() for _ in workers]
        for worker in workers:
            worker.join()
        total = sum(each["pss"] for each in memory)
        return {
            "workers": WORKERS,
            "seconds": statistics.median(each["seconds"] for each in memory),  # to open and answer
            "pss_bytes": total,
            "most_private_bytes": max(each["private"] for each in memory),
            "baseline": "one index alone, made first; the ratio is of memory",
            "baseline_seconds": cold["seconds"],
            "index_bytes": cold["index"],
            "ratio": total / cold["index"],
        }


def _load_packed(made: Scratch) -> int:
    with db.read() as session:
        legend = read_legend(session)
        chosen = listed(RowKind.PARTICIPANT, made.unit_id)
        return sum(
            len(people_of(rows, legend.places, TODAY.toordinal()).held_concept)
            for rows in read_rows(session, chosen, RowKind.PARTICIPANT)
        )


def _load_normalised(made: Scratch) -> int:
    people, competences = Participant.__table__, Competence.__table__
    with db.read() as session:
        connection = session.connection()
        read = people.c
        rows = connection.execute(
            select(
                read.id, read.hours_per_week, read.weekdays, read.available_from,
                read.reaches_all_areas, read.informal_asked_on, read.ready_on,
            ).where(read.unit_id == made.unit_id)
        ).fetchall()  # fmt: skip
        list(zip(*rows, strict=True))
        columns = competences.c
        held = connection.execute(
            select(columns.participant_id, columns.concept_id, columns.rung)
        ).fetchall()
        return len(next(iter(zip(*held, strict=True))))


def _rebuild(session: Session, made: Scratch) -> None:
    """As the scheduler does: everything but saving would be less than what it takes."""
    with tempfile.TemporaryDirectory() as folder:
        legend = read_legend(session)
        everybody = gather(session, made.unit_id, legend, weights=WEIGHTS, today=TODAY)
        stamp = shared.Stamp.of(TODAY.toordinal(), legend.sequence, legend.fingerprint, WEIGHTS)
        shared.save(Path(folder), everybody, stamp)


def _one_change(made: Scratch, number: int) -> float:
    table: Any = MatchingRow.__table__
    with db.begin() as session:
        row = session.execute(
            select(table.c.id, table.c.inputs)
            .where(table.c.kind == RowKind.PARTICIPANT, table.c.is_listed)
            .offset(number * 7)
            .limit(1)
        ).one()
        inputs = bytearray(row.inputs)
        inputs[17] = 1 + inputs[17] % 40  # her hours a week
        sequence = 1 + (session.scalar(select(table.c.sequence).order_by(-table.c.sequence)) or 0)
        session.execute(
            update(table)
            .where(table.c.kind == RowKind.PARTICIPANT, table.c.id == row.id)
            .values(inputs=bytes(inputs), sequence=sequence)
        )
    with db.read() as session:
        session.connection()
        start = time.perf_counter()
        view = live.view_of(session, made.unit_id, today=TODAY, weights=WEIGHTS)
        seconds = time.perf_counter() - start
    if view is None or view.beside[view.chunk_of[row.id]].rows[row.id] != bytes(inputs):
        raise RuntimeError("the change is not seen")
    return seconds


def _cold_start(made: Scratch) -> Figures:
    """From nothing to the first answer, in a process that has just begun."""
    start, begun = time.perf_counter(), time.process_time()
    live.LARGE = 1
    secrecy.use(Config().keys)
    engine = db.connect(made.url)
    folder = shared.folder_of(engine)
    if folder is not None:
        shared.forget(folder)
    with db.read() as session:
        view = live.view_of(session, made.unit_id, today=TODAY, weights=WEIGHTS)
        until_index = time.perf_counter() - start
        answer = _ask(session, made, 0)
    seconds = time.perf_counter() - start
    if view is None or answer is None:
        raise RuntimeError("too few people for an index")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "seconds": seconds,
        "cpu": time.process_time() - begun,
        "until_index": until_index,
        "peak": peak,
        "index": view.base.index.nbytes,
    }


def _ask(session: Session, made: Scratch, number: int) -> live.Candidates | None:
    offer = made.offers[number % len(made.offers)]
    return live.candidates(session, offer, made.unit_id, top=10, today=TODAY, weights=WEIGHTS)


def _worker(made: Scratch, ready: Any, go: Any, found: Any) -> None:
    """A web worker: opens the index that is there and answers for some offers."""
    start = time.perf_counter()
    live.LARGE = 1
    secrecy.use(Config().keys)
    db.connect(made.url)
    with db.read() as session:
        for number in range(50):
            _ask(session, made, number)
    seconds = time.perf_counter() - start
    ready.wait()
    memory = _memory()
    go.wait()  # everybody is still there when everybody is measured
    found.put({"seconds": seconds, **memory})


def _memory() -> dict[str, int]:
    lines = Path(f"/proc/{os.getpid()}/smaps_rollup").read_text("ascii").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if "kB" in line}
    return {"pss": sizes["Pss"], "private": sizes["Private_Clean"] + sizes["Private_Dirty"]}


def _median(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _in_process(work: Callable[[Scratch], Figures], made: Scratch) -> Figures:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (made,))


# Invented people


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
