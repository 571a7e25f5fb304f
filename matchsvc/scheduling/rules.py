"""Each job with how it went and when it runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.jobs import Job, all_jobs
from matchsvc.jobs_clock import due_days, next_run
from matchsvc.jobs_models import JobLease, JobState
from matchsvc.jobs_runs import HEARTBEAT, days_of
from matchsvc.swedish import local_date

READERS = (Role.UNIT_MANAGER, Role.ADMIN)
#: A job that runs all the time and has not been heard of for so long is late.
_SILENCE = HEARTBEAT * 2


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job and how it is going.

    Attributes:
        job: what it is.
        state: how it went last; None when it never ran.
        next_at: when it runs next, if the scheduler is up; None for one that never ran.
        missed: days that are due and not done.
        is_late: it should have run by now.
    """

    job: Job
    state: JobState | None
    next_at: datetime | None
    missed: int
    is_late: bool

    @property
    def milliseconds(self) -> int | None:
        """How long the last run took."""
        if self.state is None:
            return None
        return (self.state.finished_at - self.state.started_at) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Overview:
    """All jobs, those that failed or are late first; and whether a scheduler is at work."""

    lines: list[JobLine]
    is_running: bool

    @property
    def failing(self) -> int:
        """How many jobs broke the last time they ran."""
        return sum(1 for line in self.lines if line.state is not None and line.state.error)


def overview(session: Session, actor: Actor, *, now: datetime) -> Overview:
    """How scheduled work is going.

    Raises:
        Refused: not a manager or administrator.
    """
    actor.require_role(*READERS)
    states = {state.job: state for state in session.scalars(select(JobState))}
    lines = [_line(session, job, states.get(job.name), now) for job in all_jobs().values()]
    leases = session.scalars(select(JobLease.expires_at)).all()
    audit.record(session, actor, "list", "job_state")
    return Overview(
        sorted(lines, key=lambda line: (not (line.state and line.state.error), not line.is_late)),
        is_running=any(expires_at > now for expires_at in leases),
    )


def _line(session: Session, job: Job, state: JobState | None, now: datetime) -> JobLine:
    if job.every is not None:
        is_late = state is not None and state.finished_at < now - _SILENCE
        # What runs all the time is written down seldom: when it ran last is not exactly known.
        return JobLine(job, state, now + timedelta(seconds=job.every), 0, is_late)
    days = days_of(session, job.name, today=local_date(now))
    due = due_days(now, hour=job.hour, known=days.known, done=days.done, each_day=job.each_day)
    next_at = next_run(now, hour=job.hour, done=days.done)
    return JobLine(job, state, next_at, len(due), bool(due) and bool(days.known))
