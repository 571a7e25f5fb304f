"""Which jobs lasted a month without a break: the national measure counts no others (REP-07).

A fact of its own in the outcome events. A municipal labour-market job never has it. A job that was
said to have ended earlier loses it; nothing is deleted.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events, take_back_outcome
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.events import record_event
from matchsvc.placements.models import Employment, EmploymentKind
from matchsvc.swedish import last_day_of_period

MONTHS = 1
#: No month is shorter: narrows the question before the days are reckoned.
_SHORTEST = timedelta(days=27)
_LONGEST = timedelta(days=31)
_KIND = OutcomeKind.EMPLOYMENT_LASTED


def lasted_on(job: Employment, *, today: date) -> date | None:
    """The day on which a job on the regular labour market had lasted a month; None if not yet."""
    day = last_day_of_period(job.start_date, MONTHS)
    if job.kind is EmploymentKind.RESOURCE or day > today:
        return None
    return None if job.end_date is not None and job.end_date < day else day


def keep_lasting_of(session: Session, job: Employment, *, today: date) -> bool:
    """Say of one job what is so now; whether it has lasted."""
    day = lasted_on(job, today=today)
    if day is None:
        take_back_outcome(session, _KIND, job.id)
        return False
    participant = session.get_one(Participant, job.participant_id)
    case = session.get_one(Case, job.case_id)
    record_event(session, _KIND, job, participant, case, occurred_on=day)
    return True


def keep_lasting(session: Session, *, today: date) -> int:
    """The daily job: say it of every job whose month has passed, and take back what is not so.

    Like its siblings it reaches everybody, under pseudonymous keys.

    Returns:
        How many facts were written or taken back.
    """
    told = (
        standing_events()
        .where(OutcomeEvent.kind == _KIND)
        .with_only_columns(OutcomeEvent.source_id)
    )
    regular = select(Employment).where(Employment.kind != EmploymentKind.RESOURCE)
    new = session.scalars(
        regular.where(
            Employment.start_date <= today - _SHORTEST,
            Employment.id.not_in(told),
            (Employment.end_date.is_(None))
            | (Employment.end_date >= today - _LONGEST)
            | (Employment.end_date > Employment.start_date),
        ).order_by(Employment.start_date, Employment.id)
    ).all()
    written = sum(
        keep_lasting_of(session, job, today=today)
        for job in new
        if lasted_on(job, today=today) is not None
    )
    shortened = session.scalars(
        regular.where(Employment.end_date.is_not(None), Employment.id.in_(told))
    ).all()
    for job in shortened:
        if lasted_on(job, today=today) is None:
            take_back_outcome(session, _KIND, job.id)
            written += 1
    session.flush()
    return written
