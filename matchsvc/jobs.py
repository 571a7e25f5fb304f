"""Work that runs by the clock, in a process of its own: messages, seals, the daily job.

A lease lets one scheduler work at a time; a daily job's row for its day is unique, so two started
at once do the work once. Every job may be run by hand for any day and changes nothing twice. How a
job went stands in the database (``jobs_runs.py``) and on the page of jobs (``scheduling/``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit, audit_months
from matchsvc.accounts.actors import job_actor
from matchsvc.activities.places import free_places
from matchsvc.config import Config
from matchsvc.diary.reminders import remind
from matchsvc.documents.tasks import ask_for_documents
from matchsvc.employers.offer_calendar import keep_offers
from matchsvc.employers.yearly import ask_everybody
from matchsvc.employments.daily import keep_employments
from matchsvc.errors import NotFound
from matchsvc.imports.background import check_waiting_runs
from matchsvc.jobs_clock import due_days
from matchsvc.jobs_models import JobLease
from matchsvc.jobs_runs import (
    Outcome,
    claim_day,
    days_of,
    error_code,
    insert_once,
    note_run,
    settle_day,
)
from matchsvc.keeping.rotation import rotate
from matchsvc.log_checks.due import ask_for_checks, forget_old
from matchsvc.matching import live
from matchsvc.matching.packing import forget_gone, pack_stale
from matchsvc.messages.outbox import deliver_due
from matchsvc.participants.consents import warn_of_last_days
from matchsvc.participants.protection import seal_names
from matchsvc.placements.daily import start_what_is_due
from matchsvc.placements.digests import write_digests
from matchsvc.placements.end_meetings import plan_end_meetings
from matchsvc.placements.standing_in import open_doors
from matchsvc.placements.survey_sending import remind as remind_of_surveys
from matchsvc.placements.undelivered import GATES, follow_up
from matchsvc.progression.daily import plan_contacts
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.quarterly_subscriptions import tell_subscribers
from matchsvc.retention.reminding import tell_managers
from matchsvc.retention.running import delete_approved, tidy_all
from matchsvc.swedish import local_date
from matchsvc.tripartite.drafting import expire_untouched
from matchsvc.vocabulary.synonyms import forget_unreviewed
from matchsvc.workday.meeting_reads import tell_managers_of_ownerless
from matchsvc.workday.papers import erase_taken_away

log = structlog.get_logger("matchsvc.jobs")

LEASE_SECONDS = 90
#: How far two machines' clocks may differ; a lease that lasts longer was taken on a wrong clock.
LATEST = timedelta(minutes=5)
DAILY_EVERY = 300  # seconds between two looks at whether a daily job is due
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
        each_day: a daily job whose work depends on the day: days that were missed are run too, in
            order. Others look at what is so now, and one run makes up for all.
    """

    name: str
    does: str
    run: Callable[[Config, date], int]
    every: int | None = None
    hour: int = 5
    each_day: bool = False


def _seal_audit(config: Config, _day: date) -> int:
    with db.begin() as session:
        return audit.seal(session, now=db.utcnow(), anchor=config.audit_anchor)


def _replace_months(config: Config, day: date) -> int:
    """One transaction a month; by hand where only the owner of the tables may."""
    actor, touched = job_actor("replace_months"), 0
    with db.read() as session:
        may = audit_months.may_replace(session)
        due = audit_months.next_due(session, today=day)
    if due is not None and not may:
        log.warning("months of the log wait for the owner of the tables", oldest=f"{due:%Y-%m}")
        return 0
    while due is not None:
        with db.begin() as session:
            audit_months.replace_next(
                session, actor, today=day, now=db.utcnow(), anchor=config.audit_anchor
            )
            due = audit_months.next_due(session, today=day)
        touched += 1
    return touched


def _ask_for_log_checks(_config: Config, day: date) -> int:
    actor = job_actor("ask_for_log_checks")
    with db.begin() as session:
        return ask_for_checks(session, actor, today=day) + forget_old(session, actor, today=day)


def _pack_matching(_config: Config, day: date) -> int:
    packed = pack_stale()
    with db.begin() as session:
        packed += forget_gone(session, today=day)
    return packed + live.refresh(day)


def _ownerless(_config: Config, _day: date) -> int:
    with db.begin() as session:
        return tell_managers_of_ownerless(session, job_actor("ownerless_meetings"), now=db.utcnow())


def _deliver(config: Config, day: date) -> int:
    return deliver_due(config, day, gates=GATES)


def _follow_up_messages(_config: Config, _day: date) -> int:
    with db.begin() as session:
        return follow_up(session, job_actor("follow_up_messages"), now=db.utcnow())


def _send_digests(config: Config, day: date) -> int:
    with db.begin() as session:
        return write_digests(session, today=day, base_url=config.base_url)


def _remind_of_meetings(_config: Config, day: date) -> int:
    with db.begin() as session:
        return remind(session, today=day)


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


def _keep_employments(_config: Config, day: date) -> int:
    with db.begin() as session:
        return keep_employments(session, today=day, now=db.utcnow())


def _plan_end_meetings(_config: Config, day: date) -> int:
    with db.begin() as session:
        return plan_end_meetings(session, today=day)


def _free_places(_config: Config, day: date) -> int:
    with db.begin() as session:
        return free_places(session, today=day)


def _keep_offers(_config: Config, day: date) -> int:
    with db.begin() as session:
        return keep_offers(session, today=day)


def _stand_in(_config: Config, day: date) -> int:
    with db.begin() as session:
        return open_doors(session, today=day)


def _expire_agreements(_config: Config, day: date) -> int:
    with db.begin() as session:
        return expire_untouched(session, today=day)


def _ask_for_documents(_config: Config, day: date) -> int:
    with db.begin() as session:
        return ask_for_documents(session, today=day)


def _remind_surveys(config: Config, day: date) -> int:
    with db.begin() as session:
        return remind_of_surveys(session, base_url=config.base_url, today=day, now=db.utcnow())


def _yearly_question(config: Config, day: date) -> int:
    with db.begin() as session:
        return ask_everybody(session, base_url=config.base_url, today=day, now=db.utcnow())


def _tell_subscribers(config: Config, day: date) -> int:
    with db.begin() as session:
        return tell_subscribers(session, today=day, base_url=config.base_url)


def _publish_reports(_config: Config, day: date) -> int:
    with db.begin() as session:
        return publish_due(session, today=day, now=db.utcnow())


def _delete_approved(_config: Config, day: date) -> int:
    return delete_approved(job_actor("delete_approved"), day, db.utcnow)


def _tidy(_config: Config, _day: date) -> int:
    return tidy_all(job_actor("tidy"), db.utcnow)


def _tell_of_due(_config: Config, day: date) -> int:
    with db.begin() as session:
        return tell_managers(session, job_actor("tell_of_due"), today=day)


def _rotate_keys(_config: Config, _day: date) -> int:
    with db.begin() as session:
        sealed = seal_names(session)
    return sealed + rotate().values


def all_jobs() -> dict[str, Job]:
    """Every job by name."""
    jobs = [
        Job("ownerless_meetings", "Tells managers of meetings without owner", _ownerless, every=60),
        Job("erase_papers", "Erases papers taken away", _erase_papers, every=60),
        Job("seal_audit", "Seals the audit log into its chain", _seal_audit, every=60),
        Job("deliver_messages", "Sends the messages that are due", _deliver, every=30),
        Job("follow_up_messages", "Asks for addresses to be mended", _follow_up_messages, every=60),
        Job("check_imports", "Takes up import checks left behind", check_waiting_runs, every=60),
        Job("pack_matching", "Packs what matching reads, renews indexes", _pack_matching, every=20),
        Job(
            "start_what_is_due",
            "Starts placements and jobs of the day",
            start_what_is_due,
            each_day=True,
        ),
        Job("keep_offers", "Expires offers, opens paused ones, puts today's places", _keep_offers),
        Job("stand_in", "Opens the doors of today's substitutes", _stand_in, hour=4),
        Job(
            "warn_of_consents",
            "Tells whose consent is about to end",
            _warn_of_consents,
            each_day=True,
        ),
        Job("remind_of_meetings", "Writes reminders of meetings", _remind_of_meetings, hour=9),
        Job("send_digests", "Tells colleagues how much waits", _send_digests, hour=7),
        Job("plan_contacts", "Makes tasks of contacts that are due", _plan_contacts),
        Job("keep_employments", "Makes tasks of jobs, says which have lasted", _keep_employments),
        Job("plan_end_meetings", "Makes tasks of meetings before an end", _plan_end_meetings),
        Job("free_places", "Frees the places of cases that have ended", _free_places),
        Job("expire_agreements", "Ends agreements that nobody touches", _expire_agreements),
        Job("ask_for_documents", "Asks for papers of placements that end", _ask_for_documents),
        Job("ask_for_log_checks", "Asks for checks of the log that are due", _ask_for_log_checks),
        Job("publish_reports", "Publishes quarters whose cut-off day has passed", _publish_reports),
        Job("remind_surveys", "Reminds employers of surveys", _remind_surveys, hour=9),
        Job("yearly_question", "Asks employers the question of the year", _yearly_question, hour=9),
        Job(
            "tell_subscribers", "Tells who wants it of an ended quarter", _tell_subscribers, hour=8
        ),
        Job("delete_approved", "Deletes the people of approved lists", _delete_approved, every=300),
        Job("tidy", "Deletes what has only technical use", _tidy, hour=4),
        Job(
            "replace_months",
            "Replaces old months of the log by their seals",
            _replace_months,
            hour=4,
        ),
        Job("tell_of_due", "Tells managers of records to delete", _tell_of_due, hour=6),
        Job("rotate_keys", "Seals with the current key what an old one sealed", _rotate_keys),
        Job("forget_words", "Forgets proposed words that nobody reviewed", _forget_words),
    ]
    return {job.name: job for job in jobs}


def run_job(name: str, config: Config, day: date) -> int:
    """Run one job now for a day, whatever has run before; give back how many things it touched.

    Raises:
        NotFound: there is no such job.
        Exception: what broke in it, after it was written down.
    """
    job = all_jobs().get(name)
    if job is None:
        raise NotFound("job")
    outcome, fault = _run(job, config, day)
    if fault is not None:
        raise fault
    return outcome.touched


def _run(job: Job, config: Config, day: date) -> tuple[Outcome, Exception | None]:
    """Run a job and write down how it went, whatever breaks in it."""
    started_at = db.utcnow()
    fault, touched = None, 0
    try:
        touched = job.run(config, day)
    except Exception as broken:  # noqa: BLE001 - whatever it is, the other jobs go on
        fault = broken
    error = None if fault is None else error_code(fault)
    outcome = Outcome(day, started_at, db.utcnow(), touched, error)
    if error is None:
        log.info("job", job=job.name, day=day.isoformat(), touched=touched)
    else:
        log.error("job", job=job.name, day=day.isoformat(), error=error)
    with db.begin() as session:
        note_run(session, job.name, outcome)
    return outcome, fault


def run_daily(job: Job, config: Config, day: date) -> int | None:
    """Run a daily job once for the day; None when it is done, being done, or broke."""
    with db.begin() as session:
        if not claim_day(session, job.name, day, now=db.utcnow()):
            return None
    outcome, fault = _run(job, config, day)
    with db.begin() as session:
        settle_day(session, job.name, outcome)
    return outcome.touched if fault is None else None


def catch_up(job: Job, config: Config, *, now: datetime) -> list[date]:
    """Run a daily job for every day that is due and not done, in order; the days that were run.

    A day that breaks holds back those after it until it has worked or was tried enough.
    """
    with db.read() as session:
        days = days_of(session, job.name, today=local_date(now))
    due = due_days(now, hour=job.hour, known=days.known, done=days.done, each_day=job.each_day)
    ran = []
    for day in due:
        if run_daily(job, config, day) is None:
            break
        ran.append(day)
    return ran


def take_lease(session: Session, holder: str, *, now: datetime) -> bool:
    """Take or renew the scheduler's lease; False when another process holds it."""
    until = now + timedelta(seconds=LEASE_SECONDS)
    values = {"name": SCHEDULER, "holder": holder, "expires_at": until}
    insert_once(session, JobLease, values)
    taken = session.execute(
        update(JobLease)
        .where(
            JobLease.name == SCHEDULER,
            or_(
                JobLease.holder == holder,
                JobLease.expires_at < now,
                JobLease.expires_at > until + LATEST,  # taken before the clock was put back
            ),
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


def run_forever(config: Config) -> None:
    """Run every job at its time, as long as this process holds the lease."""
    holder = f"{os.getpid()}-{secrets.token_hex(4)}"
    scheduler = BlockingScheduler(timezone=UTC)  # where no hour is missing and none comes twice

    def when_leased(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            with db.begin() as session:
                is_ours = take_lease(session, holder, now=db.utcnow())
            if is_ours:
                work()

        return run

    for job in all_jobs().values():
        work = partial(_now, job, config) if job.every else partial(_daily_now, job, config)
        scheduler.add_job(
            when_leased(work),
            "interval",
            id=job.name,
            seconds=job.every or DAILY_EVERY,
            next_run_time=db.utcnow(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    try:
        scheduler.start()
    finally:
        give_up_lease(holder)


def _now(job: Job, config: Config) -> None:
    _run(job, config, local_date(db.utcnow()))


def _daily_now(job: Job, config: Config) -> None:
    catch_up(job, config, now=db.utcnow())
