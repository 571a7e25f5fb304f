"""Measuring the live index: loading, one change, and the memory of several workers.

Everything happens in a database of its own (scratch.py).
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchsvc import db, secrecy
from matchsvc.bench.scratch import MOST_WITH_NORMALISED, TODAY, WEIGHTS, Scratch, scratch
from matchsvc.config import Config
from matchsvc.matching import live, shared
from matchsvc.matching.everybody import gather
from matchsvc.matching.models import MatchingRow, RowKind
from matchsvc.matching.packed import (
    people_of,
)
from matchsvc.matching.rows import listed, read_legend, read_rows
from matchsvc.participants.models import (
    Competence,
    Participant,
)

WORKERS = 4

Figures = dict[str, Any]


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
