"""Work that runs by the clock, in a process of its own: messages, seals, the daily job.

A lease lets one scheduler work at a time; a daily job's row for its day is unique, so two started
at once do the work once. Every job may be run by hand for any day and changes nothing twice.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import job_actor
from matchsvc.activities.places import free_places
from matchsvc.config import Config
from matchsvc.employers.offer_calendar import keep_offers
from matchsvc.errors import NotFound
from matchsvc.imports.background import check_waiting_runs
from matchsvc.jobs_models import JobLease, JobRun
from matchsvc.matching import live
from matchsvc.matching.packing import forget_gone, pack_stale
from matchsvc.messages.outbox import deliver_due
from matchsvc.participants.consents import warn_of_last_days
from matchsvc.placements.daily import start_what_is_due
from matchsvc.placements.standing_in import open_doors
from matchsvc.progression.daily import plan_contacts
from matchsvc.swedish import STOCKHOLM, local_date
from matchsvc.vocabulary.synonyms import forget_unreviewed
from matchsvc.workday.meeting_reads import tell_managers_of_ownerless
from matchsvc.workday.papers import erase_taken_away

log = structlog.get_logger("matchsvc.jobs")

LEASE_SECONDS = 90
SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of scheduled work.

    Attributes:
        name: as in ``matchsvc jobs run NAME``.
        does: one line, shown by ``matchsvc jobs list``.
        run: the work; takes its own transactions, gives back how many things it touched.
        every: seconds between runs; None for a daily job.
        hour: the hour of a daily job in Stockholm, 4 or later (03:00 happens twice in October).
    """

    name: str
    does: str
    run: Callable[[Config, date], int]
    every: int | None = None
    hour: int = 5


def _seal_audit(config: Config, _day: date) -> int:
    with db.begin() as session:
        return audit.seal(session, now=db.utcnow(), anchor=config.audit_anchor)


def _pack_matching(_config: Config, day: date) -> int:
    packed = pack_stale()
    with db.begin() as session:
        packed += forget_gone(session, today=day)
    return packed + live.refresh(day)


def _ownerless(_config: Config, _day: date) -> int:
    with db.begin() as session:
        return tell_managers_of_ownerless(session, job_actor("ownerless_meetings"), now=db.utcnow())


def _erase_papers(_config: Config, _day: date) -> int:
    with db.begin() as session:
        return erase_taken_away(session, job_actor("erase_papers"), now=db.utcnow())


def _forget_words(_config: Config, day: date) -> int:
    with db.begin() as session:
        return forget_unreviewed(session, today=day)


def _warn_of_consents(_config: Config, day: date) -> int:
    with db.begin() as session:
        return warn_of_last_days(session, today=day)


def _plan_contacts(_config: Config, day: date) -> int:
    with db.begin() as session:
        return plan_contacts(session, today=day)


def _free_places(_config: Config, day: date) -> int:
    with db.begin() as session:
        return free_places(session, today=day)


def _keep_offers(_config: Config, day: date) -> int:
    with db.begin() as session:
        return keep_offers(session, today=day)


def _stand_in(_config: Config, day: date) -> int:
    with db.begin() as session:
        return open_doors(session, today=day)


def all_jobs() -> dict[str, Job]:
    """Every job by name."""
    jobs = [
        Job("ownerless_meetings", "Tells managers of meetings without owner", _ownerless, every=60),
        Job("erase_papers", "Erases papers taken away", _erase_papers, every=60),
        Job("seal_audit", "Seals the audit log into its chain", _seal_audit, every=60),
        Job("deliver_messages", "Sends the messages that are due", deliver_due, every=30),
        Job("check_imports", "Takes up import checks left behind", check_waiting_runs, every=60),
        Job("pack_matching", "Packs what matching reads, renews indexes", _pack_matching, every=20),
        Job("start_what_is_due", "Starts placements and jobs of the day", start_what_is_due),
        Job("keep_offers", "Expires offers, opens paused ones, puts today's places", _keep_offers),
        Job("stand_in", "Opens the doors of today's substitutes", _stand_in, hour=4),
        Job("warn_of_consents", "Tells whose consent is about to end", _warn_of_consents),
        Job("plan_contacts", "Makes tasks of contacts that are due", _plan_contacts),
        Job("free_places", "Frees the places of cases that have ended", _free_places),
        Job("forget_words", "Forgets proposed words that nobody reviewed", _forget_words),
    ]
    return {job.name: job for job in jobs}


def run_job(name: str, config: Config, day: date) -> int:
    """Run one job now for a day, whatever has run before; give back how many things it touched.

    Raises:
        NotFound: there is no such job.
    """
    job = all_jobs().get(name)
    if job is None:
        raise NotFound("job")
    touched = job.run(config, day)
    log.info("job", job=name, day=day.isoformat(), touched=touched)
    return touched


def run_daily(job: Job, config: Config, day: date) -> int | None:
    """Run a daily job once for the day; None when it has already run."""
    if not _claim_day(job.name, day):
        return None
    touched = run_job(job.name, config, day)
    with db.begin() as session:
        session.execute(
            update(JobRun)
            .where(JobRun.job == job.name, JobRun.day == day)
            .values(finished_at=db.utcnow(), touched=touched)
        )
    return touched


def _claim_day(name: str, day: date) -> bool:
    """Claim the day; a run that died half-way may be claimed again after the lease's time."""
    with db.begin() as session:
        now = db.utcnow()
        values = {"id": uuid4(), "job": name, "day": day, "started_at": now, "touched": 0}
        if _insert_once(session, JobRun, values):
            return True
        retaken = session.execute(
            update(JobRun)
            .where(
                JobRun.job == name,
                JobRun.day == day,
                JobRun.finished_at.is_(None),
                JobRun.started_at < now - timedelta(seconds=LEASE_SECONDS * 10),
            )
            .values(started_at=now)
            .returning(JobRun.id)
        )
        return retaken.first() is not None


def take_lease(session: Session, holder: str, *, now: datetime) -> bool:
    """Take or renew the scheduler's lease; False when another process holds it."""
    until = now + timedelta(seconds=LEASE_SECONDS)
    values = {"name": SCHEDULER, "holder": holder, "expires_at": until}
    _insert_once(session, JobLease, values)
    taken = session.execute(
        update(JobLease)
        .where(
            JobLease.name == SCHEDULER,
            or_(JobLease.holder == holder, JobLease.expires_at < now),
        )
        .values(holder=holder, expires_at=until)
        .returning(JobLease.name)
    )
    return taken.first() is not None


def give_up_lease(holder: str) -> None:
    """Let another scheduler take over at once."""
    with db.begin() as session:
        lease = session.scalar(select(JobLease).where(JobLease.holder == holder))
        if lease is not None:
            session.delete(lease)


def _insert_once(session: Session, table: type[db.Base], values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; whether it was inserted."""
    insert: Any = sqlite_insert
    if session.get_bind().dialect.name == "postgresql":
        insert = postgresql_insert
    key = next(iter(table.__table__.primary_key))
    made = session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(key))
    return made.first() is not None


def run_forever(config: Config) -> None:
    """Run every job at its time, as long as this process holds the lease."""
    holder = f"{os.getpid()}-{secrets.token_hex(4)}"
    scheduler = BlockingScheduler(timezone=STOCKHOLM)

    def when_leased(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            with db.begin() as session:
                is_ours = take_lease(session, holder, now=db.utcnow())
            if is_ours:
                work()

        return run

    for job in all_jobs().values():
        options = {"id": job.name, "coalesce": True, "max_instances": 1}
        if job.every is None:
            work = when_leased(partial(_daily_now, job, config))
            late = 3600 * 6
            scheduler.add_job(work, "cron", hour=job.hour, misfire_grace_time=late, **options)
            # A scheduler started after the hour does today's work at once; the day is claimed.
            scheduler.add_job(work, id=f"{job.name}-at-start", misfire_grace_time=late)
        else:
            work = when_leased(partial(_now, job, config))
            scheduler.add_job(
                work, "interval", seconds=job.every, next_run_time=db.utcnow(), **options
            )
    try:
        scheduler.start()
    finally:
        give_up_lease(holder)


def _now(job: Job, config: Config) -> None:
    run_job(job.name, config, local_date(db.utcnow()))


def _daily_now(job: Job, config: Config) -> None:
    run_daily(job, config, local_date(db.utcnow()))
