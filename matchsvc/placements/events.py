"""Outcome events of placements and employments: what every report counts (DESIGN section 3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.employers.models import Agreement, Employer, Site
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import record_outcome
from matchsvc.participants.enrolment import subject_of
from matchsvc.participants.models import Case, Participant, Programme
from matchsvc.placements.models import Employment, Placement


def record_event(
    session: Session,
    kind: OutcomeKind,
    source: Placement | Employment,
    participant: Participant,
    case: Case,
    *,
    occurred_on: date,
    is_new: bool = False,
) -> OutcomeEvent | None:
    """Write that a placement or employment started or ended. Said again, nothing.

    Args:
        session: the transaction of the rule that made it happen.
        kind: what happened.
        source: the placement or employment.
        participant: whose.
        case: the case that it belongs to.
        occurred_on: the day it happened.
        is_new: nothing can have been said of it before.
    """
    employer_id, sector = session.execute(
        select(Site.employer_id, Employer.type)
        .join(Employer, Employer.id == Site.employer_id)
        .where(Site.id == source.site_id)
    ).one()
    agreement = None
    if source.agreement_id is not None:
        agreement = session.scalar(
            select(Agreement.code).where(Agreement.id == source.agreement_id)
        )
    programme_id = source.programme_id or case.programme_id
    programme = None
    if programme_id is not None:
        programme = session.scalar(select(Programme.code).where(Programme.id == programme_id))
    return record_outcome(
        session,
        kind,
        source.id,
        subject_of(participant, case, programme=programme),
        occurred_on=occurred_on,
        agreement=agreement,
        employer_id=employer_id,
        site_id=source.site_id,
        sector=sector.value,
        detail=_detail(kind, source),
        is_new=is_new,
    )


def _detail(kind: OutcomeKind, source: Placement | Employment) -> str:
    """The form or kind; of an end, how it ended."""
    if isinstance(source, Employment):
        return source.kind.value
    if kind is OutcomeKind.PLACEMENT_ENDED and source.outcome is not None:
        return source.outcome.value
    return source.form
