"""What is written down of jobs: days begun, done or given up, and how each went last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.errors import DomainError
from matchsvc.jobs_clock import LONGEST_GAP
from matchsvc.jobs_models import JobRun, JobState

#: A day that was begun and not finished may be begun again after this: its process died.
RETRY_AFTER = timedelta(minutes=15)
#: How often a day is tried; then the next one is not kept waiting any longer.
MOST_ATTEMPTS = 5
#: A job that runs all the time and finds nothing is written down no oftener than this.
HEARTBEAT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Days:
    """Days of a daily job: those begun, and those that need no more."""

    known: frozenset[date]
    done: frozenset[date]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run went.

    Attributes:
        day: for which.
        started_at, finished_at: when.
        touched: how many things it changed.
        error: the name of what broke, or None.
    """

    day: date
    started_at: datetime
    finished_at: datetime
    touched: int = 0
    error: str | None = None


def error_code(fault: BaseException) -> str:
    """What is kept of a fault: its name or code. Its words may name somebody."""
    return fault.code if isinstance(fault, DomainError) else type(fault).__name__


def days_of(session: Session, job: str, *, today: date) -> Days:
    """The days of the last month that a job was begun for."""
    rows = session.execute(
        select(JobRun.day, JobRun.finished_at).where(
            JobRun.job == job, JobRun.day >= today - timedelta(days=LONGEST_GAP)
        )
    ).all()
    return Days(
        frozenset(row.day for row in rows), frozenset(row.day for row in rows if row.finished_at)
    )


def claim_day(session: Session, job: str, day: date, *, now: datetime) -> bool:
    """Claim a day; one that died or failed half-way may be claimed again after a while."""
    values = {"id": uuid4(), "job": job, "day": day, "started_at": now, "touched": 0}
    if insert_once(session, JobRun, values | {"attempts": 1}):
        return True
    retaken = session.execute(
        update(JobRun)
        .where(
            JobRun.job == job,
            JobRun.day == day,
            JobRun.finished_at.is_(None),
            or_(
                JobRun.started_at < now - RETRY_AFTER,
                JobRun.started_at > now + RETRY_AFTER,  # before the clock was put back
            ),
        )
        .values(started_at=now, attempts=JobRun.attempts + 1)
        .returning(JobRun.id)
    )
    return retaken.first() is not None


def settle_day(session: Session, job: str, outcome: Outcome) -> None:
    """Write down how a claimed day went; a failed one stays open until it was tried enough."""
    this = update(JobRun).where(JobRun.job == job, JobRun.day == outcome.day)
    session.execute(this.values(error=outcome.error, touched=outcome.touched))
    if outcome.error is not None:
        this = this.where(JobRun.attempts >= MOST_ATTEMPTS)
    session.execute(this.values(finished_at=outcome.finished_at))


def note_run(session: Session, job: str, outcome: Outcome) -> None:
    """Keep how a job went last; nothing is written when nothing is new and it was lately."""
    values: dict[str, Any] = {
        "day": outcome.day,
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "touched": outcome.touched,
        "error": outcome.error,
    }
    failed = {"failed_at": outcome.finished_at if outcome.error else None}
    first = {"job": job, "failures": int(outcome.error is not None)}
    if insert_once(session, JobState, values | failed | first):
        return
    known = session.get_one(JobState, job)
    is_dull = not outcome.touched and outcome.error is None and known.error is None
    if is_dull and outcome.day == known.day and outcome.finished_at - known.finished_at < HEARTBEAT:
        return
    for name, value in values.items():
        setattr(known, name, value)
    if outcome.error:
        known.failed_at, known.failures = outcome.finished_at, known.failures + 1
    else:
        known.failures = 0
    session.flush()


def insert_once(session: Session, table: type[db.Base], values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; whether it was inserted."""
    insert: Any = sqlite_insert
    if session.get_bind().dialect.name == "postgresql":
        insert = postgresql_insert
    key = next(iter(table.__table__.primary_key))
    made = session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(key))
    return made.first() is not None
