"""Everything about one job for its page, and the list of jobs."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Site
from matchsvc.employments.access import Opened, open_job
from matchsvc.employments.checklist import checks_of
from matchsvc.employments.closing import ClosingStep, closing_meeting, open_steps
from matchsvc.employments.follow_ups import PlannedFollowUp, held_of, planned_of
from matchsvc.employments.found_tasks import found_tasks_of
from matchsvc.employments.models import (
    EmploymentCheck,
    EmploymentTerms,
    FoundTask,
    TryOut,
    UnionStep,
)
from matchsvc.employments.terms import terms_of
from matchsvc.employments.together import Together, together_on
from matchsvc.employments.try_outs import try_outs_of
from matchsvc.participants import access as people
from matchsvc.participants.models import Participant
from matchsvc.placements.access import can_decide
from matchsvc.placements.models import Employment, EmploymentKind
from matchsvc.workday.meeting_models import Meeting

MOST = 200


class JobState(enum.StrEnum):
    """Where a job is in its life; derived from its days."""

    COMING = "coming"
    RUNNING = "running"
    ENDED = "ended"


def state_of(job: Employment, today: date) -> JobState:
    """A job's state on a day."""
    if job.end_date is not None:
        return JobState.ENDED
    return JobState.COMING if job.start_date > today else JobState.RUNNING


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a resource employment must have, and whether it has it."""

    code: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class JobOverview:
    """A job with what belongs to it.

    Attributes:
        opened: the job.
        state: where in its life.
        terms: what it rests on.
        demands: what a resource employment must have; none for other jobs.
        checks: what is gone through before it begins.
        follow_ups: held and to come.
        contacts_take_over: the case has ended, so the contacts after an end hear of the job.
        found_tasks: what was found together with the workplace.
        try_outs: with their workplaces.
        closing: steps of the closing that are left.
        closing_meeting: when one is booked.
        together: what else goes on today.
    """

    opened: Opened
    state: JobState
    terms: EmploymentTerms | None
    demands: Sequence[Demand]
    checks: Sequence[EmploymentCheck]
    follow_ups: Sequence[PlannedFollowUp]
    contacts_take_over: bool
    found_tasks: Sequence[FoundTask]
    try_outs: Sequence[tuple[TryOut, Site]]
    closing: Sequence[ClosingStep]
    closing_meeting: Meeting | None
    together: Together


def read_job(
    session: Session, actor: Actor, employment_id: UUID, *, today: date, now: datetime
) -> JobOverview:
    """Everything about one job; the read is logged.

    Raises:
        NotFound: unknown, hidden, or of a protected participant.
        Refused: the actor may not decide on the participant.
    """
    opened = open_job(session, actor, employment_id, today=today)
    job = opened.employment
    terms = terms_of(session, job.id)
    meeting = closing_meeting(session, job, opened.participant.id)
    audit.record(session, actor, "read", "employment", job.id, subjects=[opened.participant.id])
    return JobOverview(
        opened=opened,
        state=state_of(job, today),
        terms=terms,
        demands=demands_of(job, terms),
        checks=checks_of(session, job.id),
        follow_ups=planned_of(job, held_of(session, [job.id]), case_ended_on=opened.case.ended_on),
        contacts_take_over=opened.case.ended_on is not None,
        found_tasks=found_tasks_of(session, job.id),
        try_outs=try_outs_of(session, job.id),
        closing=open_steps(job, meeting, now=now),
        closing_meeting=meeting,
        together=together_on(session, opened.participant, max(today, job.start_date)),
    )


def demands_of(job: Employment, terms: EmploymentTerms | None) -> list[Demand]:
    """What EMPL-01 demands of a resource employment, each met or not. Pure.

    A job that came by a file may lack what the form asks for: this shows it.
    """
    if job.kind is not EmploymentKind.RESOURCE:
        return []
    end, t = job.planned_end_date, terms
    covers = bool(
        t and t.subsidy_from and t.subsidy_to and end
        and t.subsidy_from <= job.start_date and t.subsidy_to >= end
    )  # fmt: skip
    asked = bool(t and (t.union_step is UnionStep.NOT_NEEDED or t.union_asked_on))
    return [
        Demand("subsidy", bool(job.subsidy and job.subsidy_ref)),
        Demand("covered", covers),
        Demand("year", end is not None),
        Demand("hours", job.hours is not None),
        Demand("extra", bool(t and t.host and t.motivation)),
        Demand("displaces_nobody", bool(t and t.displaces_nobody_on)),
        Demand("union", asked),
    ]


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job in a list: whose by the name that the reader may see."""

    employment: Employment
    site: Site
    name: str
    state: JobState
    may_open: bool


def list_jobs(
    session: Session, actor: Actor, *, ended: bool = False, today: date
) -> list[ListedJob]:
    """The jobs of those on whom the actor decides, the latest start first; at most MOST."""
    rows = session.execute(
        select(Employment, Participant, Site)
        .join(Participant, Participant.id == Employment.participant_id)
        .join(Site, Site.id == Employment.site_id)
        .where(
            people.is_visible_to(actor, today=today),
            Employment.end_date.is_not(None) if ended else Employment.end_date.is_(None),
        )
        .order_by(Employment.start_date.desc(), Employment.id)
        .limit(MOST)
    ).all()
    sights = people.sight_of(session, actor, {row[1].id for row in rows}, today=today)
    audit.record(session, actor, "list", "employment", subjects={row[1].id for row in rows})
    return [
        ListedJob(
            job,
            site,
            people.shown_name(person, sights[person.id]),
            state_of(job, today),
            can_decide(actor, sights[person.id]),
        )
        for job, person, site in rows
    ]
