"""What is heard of a job while the case is open: does it last, which hours, which support.

A job is heard of 1, 3 and 6 months after it began, and after that whenever the worker and the
person have agreed on. A resource employment is heard of every month (EMPL-04). What is to come is
reckoned, so that an end that is corrected moves it. When the case has ended, the contacts
after an end (``progression``) take over, and nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employments.access import note_change, open_job
from matchsvc.employments.models import JobFollowUp, Lasts, SupportWish
from matchsvc.errors import N_, Invalid, NotFound, Refused
from matchsvc.placements.models import Employment, EmploymentKind
from matchsvc.swedish import add_months, contains_identity_number
from matchsvc.workday.rules import settle_tasks

TASK = "job_follow_up"
MONTHS = (1, 3, 6)
#: A resource employment lasts at most a year: so many months can pass within it.
EVERY_MONTH = tuple(range(1, 12))


@dataclass(frozen=True, slots=True)
class PlannedFollowUp:
    """A follow-up of a job that is to be held, or was.

    Attributes:
        months: after the start; None for one that was agreed the time before.
        due_on: the day.
        held: what was heard.
    """

    months: int | None
    due_on: date
    held: JobFollowUp | None = None

    def is_due(self, today: date) -> bool:
        """Whether its day has come and nothing was written."""
        return self.held is None and self.due_on <= today

    def is_late(self, today: date) -> bool:
        """Whether its day has passed. Support that goes on without an end is never late."""
        return self.months is not None and self.held is None and self.due_on < today


def planned_of(
    job: Employment, held: Collection[JobFollowUp], *, case_ended_on: date | None
) -> list[PlannedFollowUp]:
    """Every follow-up of a job in order of day, held or to come. Pure.

    Args:
        job: the job.
        held: what was heard of it.
        case_ended_on: from when the contacts after an end take over.
    """
    last = min(filter(None, (job.end_date, job.planned_end_date, case_ended_on)), default=date.max)
    by_months = {each.months: each for each in held if each.months is not None}
    months = EVERY_MONTH if job.kind is EmploymentKind.RESOURCE else MONTHS
    found = [
        PlannedFollowUp(number, add_months(job.start_date, number), by_months.get(number))
        for number in sorted({*months, *by_months})
    ]
    found = [each for each in found if each.held is not None or each.due_on <= last]
    ordered = sorted(held, key=lambda each: (each.held_on, each.created_at))
    found += [PlannedFollowUp(None, each.held_on, each) for each in ordered if each.months is None]
    agreed = ordered[-1].next_on if ordered else None
    if agreed is not None and agreed <= last:
        found.append(PlannedFollowUp(None, agreed))
    return sorted(found, key=lambda each: (each.due_on, each.months or 0, each.held is None))


def held_of(session: Session, employment_ids: Collection[UUID]) -> Sequence[JobFollowUp]:
    """What was heard of some jobs. Asks no right."""
    return session.scalars(
        select(JobFollowUp)
        .where(JobFollowUp.employment_id.in_(employment_ids))
        .order_by(JobFollowUp.held_on, JobFollowUp.created_at)
    ).all()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was heard.

    Attributes:
        held_on: when.
        lasts: whether the job lasts.
        hours: a week, as they are now.
        support: which support is wanted.
        said: in a sentence; nothing about health or family.
        next_on: when to hear again, beside the planned days.
    """

    held_on: date
    lasts: Lasts
    hours: int | None = None
    support: SupportWish | None = None
    said: str | None = None
    next_on: date | None = None


def log_job_follow_up(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    heard: Heard,
    *,
    months: int | None,
    version: int | None,
    today: date,
    now: datetime,
) -> JobFollowUp:
    """Write what was heard; for the same planned day again, it corrects what was written.

    Args:
        session: a writing transaction.
        actor: the participant's own worker.
        employment_id: the job.
        heard: what was heard.
        months: which planned one; None for one between or after them.
        version: of what was written before, as it was shown.
        today: the day.
        now: the instant at which the task is done.

    Raises:
        NotFound: no such job for the actor, or no follow-up is planned for that month.
        Refused: not the participant's own worker.
        Invalid: with a message for every wrong field.
        Conflict: it was saved since the page was shown.
    """
    opened = open_job(session, actor, employment_id, today=today, for_update=True)
    if not opened.is_own and not actor.is_system:
        raise Refused("not_your_case")
    job, case = opened.employment, opened.case
    held = held_of(session, [job.id])
    planned = planned_of(job, held, case_ended_on=case.ended_on)
    row = None
    if months is not None:
        found = next((each for each in planned if each.months == months), None)
        if found is None:
            raise NotFound("job_follow_up")
        row = found.held
    _check(job, heard, today=today)
    if row is None:
        row = JobFollowUp(
            employment_id=job.id, months=months, held_on=heard.held_on, lasts=heard.lasts
        )
        session.add(row)
    else:
        check_version(row, version or 0)
    for name, value in vars(heard).items():
        setattr(row, name, value)
    row.noted_by_id = actor.user_id
    session.flush()
    if heard.hours is not None and row is _latest([*held, row]):
        job.hours = heard.hours
    note_change(session, actor, opened, "follow_up")
    left = planned_of(job, held_of(session, [job.id]), case_ended_on=case.ended_on)
    if not any(each.is_due(today) for each in left):
        settle_tasks(session, actor, (TASK,), opened.participant.id, now=now)
    return row


def _latest(rows: Sequence[JobFollowUp]) -> JobFollowUp:
    return max(rows, key=lambda each: each.held_on)


def _check(job: Employment, heard: Heard, *, today: date) -> None:
    wrong: dict[str, str] = {}
    if not job.start_date <= heard.held_on <= today:
        wrong["held_on"] = N_("Skriv en dag från starten till och med i dag.")
    if heard.next_on is not None and heard.next_on <= heard.held_on:
        wrong["next_on"] = N_("Välj en dag som kommer.")
    if heard.support is None and heard.lasts is not Lasts.NOT_REACHED:
        wrong["support"] = N_("Välj vilket stöd som behövs.")
    if contains_identity_number(heard.said or "", today=today):
        wrong["said"] = N_("Ta bort personnumret ur texten. Det har ett eget fält.")
    if wrong:
        raise Invalid(wrong)
