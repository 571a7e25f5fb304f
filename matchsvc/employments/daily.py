"""The day's work on jobs: tasks of what is to be heard and closed, and which have lasted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.models import User
from matchsvc.employers.models import Site
from matchsvc.employments.closing import (
    CLOSING_KINDS,
    IN_TIME,
    MEETING,
    open_steps,
)
from matchsvc.employments.follow_ups import TASK, held_of, planned_of
from matchsvc.employments.lasting import keep_lasting
from matchsvc.employments.models import JobFollowUp
from matchsvc.employments.reviews import AGAIN, to_ask_again
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.end_meetings import meetings_with
from matchsvc.placements.models import Employment, EmploymentKind
from matchsvc.swedish import add_months
from matchsvc.workday.archivable import stands
from matchsvc.workday.planned_tasks import FRESH, PlannedTask, keep_planned
from matchsvc.workday.rules import managers_of

JOB = "keep_employments"
#: Nothing is planned that much ahead of an end, and no closing meeting lies farther from it.
_MONTHS_AROUND = 4
Row = tuple[Employment, Case, int, str]


def keep_employments(session: Session, *, today: date, now: datetime) -> int:
    """Make the tasks of jobs and say which have lasted a month; a job of the day.

    Returns:
        How many tasks were made and facts written. The same day again gives 0.
    """
    rows = _going_on(session, today)
    owners = _owners(session, rows)
    wanted = [
        *_to_hear(session, rows, owners, today),
        *_to_close(session, rows, owners, today, now),
    ]
    kinds = (TASK, *CLOSING_KINDS)
    actor = job_actor(JOB)
    again = [
        PlannedTask(
            AGAIN,
            "placement",
            placement.id,
            day,
            placement.case_worker_id,  # type: ignore[arg-type]  # not None, by the question
            placement.unit_id,
            origin="PLA-03",
        )
        for placement, day in to_ask_again(session, today=today)
    ]
    return (
        keep_planned(session, actor, kinds, wanted, today=today)
        + keep_planned(session, actor, (AGAIN,), again, today=today)
        + keep_lasting(session, today=today)
    )


def _going_on(session: Session, today: date) -> list[Row]:
    """Jobs that go on or ended lately, of people who stand, whose case is open."""
    found = session.execute(
        select(Employment, Case, Participant.number, Site.name)
        .join(Participant, Participant.id == Employment.participant_id)
        .join(Case, Case.id == Employment.case_id)
        .join(Site, Site.id == Employment.site_id)
        .where(
            stands(Participant),
            Case.ended_on.is_(None),
            Employment.is_history.is_(False),
            Employment.start_date <= today,
            or_(Employment.end_date.is_(None), Employment.end_date >= today - FRESH),
        )
        .order_by(Employment.start_date, Employment.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


def _owners(session: Session, rows: list[Row]) -> dict[UUID, UUID]:
    """Who answers for each job: the case's worker, or a manager when that account has ended."""
    workers = {case.case_worker_id for _job, case, _number, _site in rows}
    active = set(session.scalars(select(User.id).where(User.id.in_(workers), User.is_active)))
    managers: dict[UUID, UUID | None] = {}
    owners: dict[UUID, UUID] = {}
    for job, case, _number, _site in rows:
        owner = case.case_worker_id if case.case_worker_id in active else None
        if owner is None:
            if case.unit_id not in managers:
                managers[case.unit_id] = next(iter(managers_of(session, case.unit_id)), None)
            owner = managers[case.unit_id]
        if owner is not None:
            owners[job.id] = owner
    return owners


def _to_hear(
    session: Session, rows: list[Row], owners: dict[UUID, UUID], today: date
) -> Iterator[PlannedTask]:
    held: dict[UUID, list[JobFollowUp]] = defaultdict(list)
    for heard in held_of(session, [job.id for job, *_rest in rows]):
        held[heard.employment_id].append(heard)
    for job, case, number, site in rows:
        if job.end_date is not None or job.id not in owners:
            continue
        planned = planned_of(job, held[job.id], case_ended_on=case.ended_on)
        for each in planned:
            if each.is_due(today):
                yield _task(TASK, job, owners[job.id], each.due_on, number, site)


def _to_close(
    session: Session, rows: list[Row], owners: dict[UUID, UUID], today: date, now: datetime
) -> Iterator[PlannedTask]:
    closing = [
        row
        for row in rows
        if row[0].kind is EmploymentKind.RESOURCE
        and row[0].planned_end_date
        and row[0].id in owners
    ]
    meetings = meetings_with(
        session,
        {job.participant_id for job, *_rest in closing},
        (MEETING,),
        first=add_months(today, -_MONTHS_AROUND),
        last=add_months(today, _MONTHS_AROUND),
    )
    for job, _case, number, site in closing:
        meeting = next(iter(meetings.get(job.participant_id, ())), None)
        for step in open_steps(job, meeting, now=now):
            if step.due_on - IN_TIME <= today:
                yield _task(step.kind, job, owners[job.id], step.due_on, number, site)


def _task(
    kind: str, job: Employment, owner_id: UUID, due_on: date, number: int, site: str
) -> PlannedTask:
    return PlannedTask(
        kind,
        "participant",
        job.participant_id,
        due_on,
        owner_id,
        job.unit_id,
        {"alias": f"D-{number}", "site": site},
        "EMPL-04" if kind != TASK else "EMPL",
    )
