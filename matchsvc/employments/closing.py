"""The end of a resource employment: tasks 8 and 4 weeks before, and at the end (EMPL-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.placements.end_meetings import meeting_with
from matchsvc.placements.models import Employment, EmploymentKind
from matchsvc.workday.meeting_models import Meeting

#: A meeting with the employment service is booked, held and documented.
CLOSING_KINDS = ("closing_plan", "closing_meeting", "closing_documents")
#: When each is due: so long before the last day.
BEFORE_END = (timedelta(weeks=8), timedelta(weeks=4), timedelta(0))
#: A task stands in the list a week before it is due.
IN_TIME = timedelta(weeks=1)
#: A meeting of this time before the end is the closing one.
_AROUND = timedelta(weeks=12)
MEETING = "closing_meeting"


@dataclass(frozen=True, slots=True)
class ClosingStep:
    """One step of the closing: its kind of task and the day it is due."""

    kind: str
    due_on: date


def steps_of(job: Employment) -> list[ClosingStep]:
    """The steps of a job's closing; none for a job that is no resource employment. Pure.

    The documents of a job that grew out of a placement are asked for with those of the placement
    (``documents/tasks.py``).
    """
    if job.kind is not EmploymentKind.RESOURCE or job.planned_end_date is None:
        return []
    return [
        ClosingStep(kind, job.planned_end_date - before)
        for kind, before in zip(CLOSING_KINDS, BEFORE_END, strict=True)
        if kind != "closing_documents" or job.placement_id is None
    ]


def open_steps(job: Employment, meeting: Meeting | None, *, now: datetime) -> list[ClosingStep]:
    """The steps that are not done: a booked meeting does the first, a held one the second. Pure."""
    done = set()
    if meeting is not None:
        done.add(CLOSING_KINDS[0])
        if meeting.ends_at <= now:
            done.add(CLOSING_KINDS[1])
    if job.end_date is not None and job.planned_end_date and job.end_date < job.planned_end_date:
        done |= {*CLOSING_KINDS[:2]}
    return [each for each in steps_of(job) if each.kind not in done]


def closing_meeting(session: Session, job: Employment, participant_id: UUID) -> Meeting | None:
    """The meeting with the employment service about the end of a job, when one is booked."""
    if job.planned_end_date is None:
        return None
    return meeting_with(
        session,
        participant_id,
        (MEETING,),
        first=job.planned_end_date - _AROUND,
        last=job.planned_end_date + _AROUND,
    )
