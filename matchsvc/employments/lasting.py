"""Which jobs lasted a month, and which half a year, without a break.

A month is what the national measure asks for (REP-07); half a year is the last step of the equity
funnel. Facts of their own in the outcome events. A municipal labour-market job never has them. A
job that was said to have ended earlier loses them; nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events, take_back_outcome
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.events import record_event
from matchsvc.placements.models import Employment, EmploymentKind
from matchsvc.swedish import last_day_of_period

#: Months that a job has to last, by what is then said of it.
MONTHS: Mapping[OutcomeKind, int] = {
    OutcomeKind.EMPLOYMENT_LASTED: 1,
    OutcomeKind.EMPLOYMENT_STAYED: 6,
}
#: No month is shorter: narrows the question before the days are reckoned.
_SHORTEST = timedelta(days=27)


def lasted_on(
    job: Employment, *, today: date, kind: OutcomeKind = OutcomeKind.EMPLOYMENT_LASTED
) -> date | None:
    """The day on which a job on the regular labour market had lasted so long; None if not yet."""
    day = last_day_of_period(job.start_date, MONTHS[kind])
    if job.kind is EmploymentKind.RESOURCE or day > today:
        return None
    return None if job.end_date is not None and job.end_date < day else day


def keep_lasting_of(session: Session, job: Employment, *, today: date) -> int:
    """Say of one job what is so now; how many of the facts it has."""
    return sum(_keep(session, job, kind, today=today) for kind in MONTHS)


def _keep(session: Session, job: Employment, kind: OutcomeKind, *, today: date) -> bool:
    day = lasted_on(job, today=today, kind=kind)
    if day is None:
        take_back_outcome(session, kind, job.id)
        return False
    participant = session.get_one(Participant, job.participant_id)
    case = session.get_one(Case, job.case_id)
    record_event(session, kind, job, participant, case, occurred_on=day)
    return True


def keep_lasting(session: Session, *, today: date) -> int:
    """The daily job: say it of every job whose time has passed, and take back what is not so.

    Like its siblings it reaches everybody, under pseudonymous keys.

    Returns:
        How many facts were written or taken back.
    """
    return sum(_keep_all(session, kind, today=today) for kind in MONTHS)


def _keep_all(session: Session, kind: OutcomeKind, *, today: date) -> int:
    told = (
        standing_events().where(OutcomeEvent.kind == kind).with_only_columns(OutcomeEvent.source_id)
    )
    shortest = MONTHS[kind] * _SHORTEST
    regular = select(Employment).where(Employment.kind != EmploymentKind.RESOURCE)
    new = session.scalars(
        regular.where(
            Employment.start_date <= today - shortest,
            Employment.id.not_in(told),
            Employment.end_date.is_(None) | (Employment.end_date > Employment.start_date),
        ).order_by(Employment.start_date, Employment.id)
    ).all()
    written = sum(
        _keep(session, job, kind, today=today)
        for job in new
        if lasted_on(job, today=today, kind=kind) is not None
    )
    shortened = session.scalars(
        regular.where(Employment.end_date.is_not(None), Employment.id.in_(told))
    ).all()
    for job in shortened:
        if lasted_on(job, today=today, kind=kind) is None:
            take_back_outcome(session, kind, job.id)
            written += 1
    session.flush()
    return written
