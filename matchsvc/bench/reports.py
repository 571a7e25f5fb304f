"""How long the published questions take over very many outcome events, beside a full recount.

Invented people, loaded in bulk into a database that is thrown away (SQLite) or an empty one that is
named. The alternative answers the same question without the summary: by the same definitions, from
every event that was ever written.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import click
import numpy as np
from sqlalchemy import Engine, Table, insert, select, text
from sqlalchemy.orm import Session

from matchsvc import db, migrate
from matchsvc.accounts.actors import Actor, ActorKind
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import ensure_default_unit
from matchsvc.outcomes import ways
from matchsvc.outcomes.marking import create_triggers, drop_triggers
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.reports.counts import Period
from matchsvc.reports.cube import cube
from matchsvc.reports.cube_counts import Asked
from matchsvc.reports.funnel import equity_funnel
from matchsvc.reports.outcomes import outcome_report
from matchsvc.reports.published import CUMULATIVE, read_published
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.trend import quarterly_shares

FIRST, DAYS = date(2021, 1, 1), 2150  # enrolments of some six years
TODAY = date(2026, 11, 23)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
SINCE = Period(date(2021, 1, 1), date(2026, 9, 30))
_MEGABYTE = 1024  # of the kilobytes that the system counts memory in
_CHUNK = 20_000


@click.command("reports")
@click.option("--participants", type=click.IntRange(20), default=5_000, show_default=True)
@click.option("--placements", type=click.IntRange(0), help="twice the participants, if not said")
@click.option("--database", help="an empty one; a SQLite file that is thrown away, if not said")
@click.option("--repeats", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def reports(
    participants: int,
    placements: int | None,
    database: str | None,
    repeats: int,
    *,
    as_json: bool,
) -> None:
    """Measure the published questions: half and nineteen of twenty answers within how long."""
    placed = 2 * participants if placements is None else placements
    with _filled(database, participants, placed) as (actor, told):
        told.update(_measured(actor, repeats))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        if not isinstance(value, dict):
            click.echo(f"{name:24} {value}")
    for name, times in told["questions"].items():
        line = " ".join(f"{key} {value:8.3f}" for key, value in times.items())
        click.echo(f"{name:24} {line}")


@contextmanager
def _filled(url: str | None, people: int, placed: int) -> Iterator[tuple[Actor, dict[str, Any]]]:
    """A database of events; what was connected before is connected again afterwards."""
    try:
        before: Engine | None = db.engine()
    except KeyError:
        before = None
    folder = Path(tempfile.mkdtemp(prefix="matchsvc-bench-"))
    engine = db.connect(url or f"sqlite:///{folder}/bench.sqlite3")
    try:
        migrate.upgrade(engine)
        with db.begin() as session:
            unit_id = ensure_default_unit(session).id
            if session.scalar(select(OutcomeEvent.id).limit(1)) is not None:
                raise click.UsageError("The database is not empty.")
        begun = time.perf_counter()
        with db.begin() as session:
            drop_triggers(session.connection())
            events = _load(session, unit_id, people, placed)
            create_triggers(session.connection())
        loaded = time.perf_counter()
        with db.begin() as session:
            kept = ways.rebuild(session)
        built = time.perf_counter()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))
        analysed = time.perf_counter()
        with db.begin() as session:
            now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
            published = publish_due(session, today=TODAY, now=now)
        frozen = time.perf_counter()
        actor = Actor(ActorKind.USER, "user:bench", unit_id=unit_id,
                      roles=frozenset({Role.UNIT_MANAGER}))  # fmt: skip
        yield (
            actor,
            {
                "database": engine.dialect.name,
                "participants": people,
                "placements": placed,
                "events": events,
                "ways": kept,
                "load_seconds": round(loaded - begun, 1),
                "rebuild_seconds": round(built - loaded, 1),
                "publications": published,
                "publish_seconds": round(frozen - analysed, 1),
            },
        )
    finally:
        engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)
        if before is not None:
            db.bind(before)


def _load(session: Session, unit_id: UUID, people: int, placed: int) -> int:
    """Write the events of everybody, and correct some of them later; how many there are."""
    random = np.random.default_rng(9)
    table: Table = OutcomeEvent.__table__  # type: ignore[assignment]
    written, rows = 0, []
    each = np.bincount(random.integers(0, people, placed), minlength=people)
    employers = [UUID(bytes=random.bytes(16), version=4) for _ in range(200)]
    for number in range(people):
        rows += _story(random, unit_id, int(each[number]), employers)
        if len(rows) >= _CHUNK or number == people - 1:
            session.connection().execute(insert(table), rows)
            written, rows = written + len(rows), []
    return written


def _story(
    random: np.random.Generator, unit_id: UUID, placed: int, employers: list[UUID]
) -> list[dict[str, Any]]:
    def key() -> UUID:
        return UUID(bytes=random.bytes(16), version=4)

    enrolled = FIRST + timedelta(int(random.integers(0, DAYS)))
    chance, steps = random.random(8), random.integers(5, 90, 8).cumsum().tolist()
    sex = "unknown" if chance[0] < 0.01 else ("woman" if chance[0] < 0.55 else "man")  # noqa: PLR2004
    regions = ("outside_europe", "sweden", "europe", "unknown")
    region = regions[int(np.searchsorted([0.5, 0.88, 0.98], chance[1]))]
    said: dict[str, Any] = {
        "person_key": key(),
        "case_key": key(),
        "sex": sex,
        "birth_region": region,
        "age_band": ("-24", "25-34", "35-44", "45-54", "55-64")[int(chance[2] * 5)],
        "unit_id": unit_id,
        "programme": ("prog-a", "prog-b", None)[int(chance[3] * 3)],
        "is_void": False,
        **dict.fromkeys(("corrects_id", "agreement", "employer_id", "site_id", "sector", "detail")),
    }
    found: list[dict[str, Any]] = []

    def tell(kind: OutcomeKind, days: int, source: UUID, **more: Any) -> None:
        day = enrolled + timedelta(days)
        if day <= TODAY:
            at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
            found.append(
                said | {"id": key(), "kind": kind, "occurred_on": day, "source_id": source,
                        "created_at": at} | more
            )  # fmt: skip

    tell(OutcomeKind.ENROLLED, 0, said["case_key"])
    tell(OutcomeKind.MAPPED, steps[0], said["case_key"])
    tell(OutcomeKind.READY, steps[1], said["case_key"])
    for place in range(placed):
        start, employer = steps[2] + 100 * place, employers[int(random.integers(200))]
        where = {"employer_id": employer, "site_id": employer, "sector": "private"}
        proposal, placement = key(), key()
        tell(OutcomeKind.PROPOSED, start, proposal, **where)
        tell(OutcomeKind.EMPLOYER_CONTACTED, start + 4, proposal, **where)
        tell(OutcomeKind.PLACEMENT_STARTED, start + 14, placement, detail="work_practice", **where)
        if found[-1]["kind"] is OutcomeKind.PLACEMENT_STARTED and random.random() < 0.02:  # noqa: PLR2004
            later = found[-1]  # a day that was corrected afterwards
            found.append(
                later | {"id": key(), "corrects_id": later["id"],
                         "occurred_on": later["occurred_on"] + timedelta(1),
                         "created_at": later["created_at"] + timedelta(9)}
            )  # fmt: skip
        how = "completed" if random.random() < 0.7 else "ended_by_participant"  # noqa: PLR2004
        tell(OutcomeKind.PLACEMENT_ENDED, start + 90, placement, detail=how, **where)
    if chance[4] < 0.3:  # noqa: PLR2004
        job = key()
        tell(OutcomeKind.EMPLOYMENT_STARTED, steps[5], job, detail="employment")
        tell(OutcomeKind.EMPLOYMENT_STAYED, steps[5] + 182, job, detail="employment")
    if chance[5] < 0.7:  # noqa: PLR2004
        where_to = ("unsubsidised_job", "studies", "other")[int(chance[6] * 3)]
        tell(OutcomeKind.EXITED, steps[7], said["case_key"], detail=where_to)
    return found


def _questions() -> dict[str, Callable[[Session, Actor], object]]:
    """What is published, and asked most."""

    def table(period: Period, further: str) -> Callable[[Session, Actor], object]:
        asked = Asked(period, by=("sex", "birth_region", further), until=TODAY)
        return lambda session, actor: cube(session, actor, asked)

    return {
        "published_tables": lambda s, a: read_published(s, a, str(YEAR.start_date.year)),
        "published_cumulative": lambda s, a: read_published(s, a, CUMULATIVE),
        "headline_shares": lambda s, a: outcome_report(s, a, YEAR),
        "outcomes_by_group": lambda s, a: outcome_report(s, a, YEAR, by=("sex", "birth_region")),
        "quarterly_trend": lambda s, a: quarterly_shares(s, a, YEAR),
        "funnel": lambda s, a: equity_funnel(s, a, YEAR, until=TODAY),
        "cube_by_programme": table(YEAR, "programme"),
        "cumulative": table(SINCE, "age_band"),
    }


def _measured(actor: Actor, repeats: int) -> dict[str, Any]:
    found: dict[str, dict[str, float]] = {}
    for name, ask in _questions().items():
        times = _times(partial(_asked, ask, actor), repeats)
        # Without the summary: every way is told by the events, as the definition says it.
        with patch.object(ways, "is_stale", lambda _: True):
            recount = _times(partial(_asked, ask, actor), min(repeats, 3))
        found[name] = {
            "p50": statistics.median(times),
            "p95": sorted(times)[max(0, -(-95 * len(times) // 100) - 1)],
            "recount": statistics.median(recount),
            "ratio": statistics.median(recount) / statistics.median(times),
        }
    for name, live in (
        ("published_tables", "outcomes_by_group"),
        ("published_cumulative", "cumulative"),
    ):
        # What is frozen is not counted; beside it stands what its figures take when they are.
        found[name]["recount"] = found[live]["recount"]
        found[name]["ratio"] = found[live]["recount"] / found[name]["p50"]
    return {
        "repeats": repeats,
        "alternative": "the same answers by a full recount of all events in SQL",
        "slowest_p95": max(each["p95"] for each in found.values()),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MEGABYTE,
        "questions": found,
    }


def _asked(ask: Callable[[Session, Actor], object], actor: Actor) -> None:
    with db.read() as session:
        ask(session, actor)


def _times(work: Callable[[], None], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return times
