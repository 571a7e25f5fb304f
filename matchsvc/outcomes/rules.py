"""Writing outcome events: append-only, corrected by naming what they correct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a fact is about, in the groups that reports count in.

    Attributes:
        person_key: ``participant.outcome_key``, never the participant's id.
        case_key: ``case_file.outcome_key``.
        sex: woman, man, unknown.
        birth_region: sweden, europe, outside_europe, unknown.
        birth_year: turned into an age band at the day of the fact.
        unit_id: the unit.
        programme: its code.
    """

    person_key: UUID
    case_key: UUID
    sex: str
    birth_region: str
    birth_year: int | None
    unit_id: UUID
    programme: str | None = None


def age_band(birth_year: int | None, on: date) -> str:
    """Ten-year band of the age reached that year."""
    if birth_year is None:
        return "unknown"
    age = on.year - birth_year
    for upper, band in ((25, "-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64")):
        if age < upper:
            return band
    return "65-"


def standing_events() -> Select[tuple[OutcomeEvent]]:
    """The events that stand: neither corrected by a later one nor taken back."""
    later = aliased(OutcomeEvent)
    corrected = select(later.corrects_id).where(later.corrects_id.is_not(None))
    return select(OutcomeEvent).where(
        OutcomeEvent.is_void.is_(False), OutcomeEvent.id.not_in(corrected)
    )


def _latest(session: Session, kind: OutcomeKind, source_id: UUID) -> OutcomeEvent | None:
    later = aliased(OutcomeEvent)
    corrected = select(later.corrects_id).where(
        later.source_id == source_id, later.corrects_id.is_not(None)
    )
    return session.scalar(
        select(OutcomeEvent).where(
            OutcomeEvent.kind == kind,
            OutcomeEvent.source_id == source_id,
            OutcomeEvent.id.not_in(corrected),
        )
    )


def record_outcome(
    session: Session,
    kind: OutcomeKind,
    source_id: UUID,
    subject: Subject,
    *,
    occurred_on: date,
    agreement: str | None = None,
    employer_id: UUID | None = None,
    detail: str | None = None,
    is_new: bool = False,
) -> OutcomeEvent | None:
    """Say that something happened. Said again, nothing; said differently, a correction.

    Args:
        session: the transaction of the rule that made it happen.
        kind: what happened.
        source_id: the placement, employment, case or proposal.
        subject: whom it is about.
        occurred_on: the day it happened.
        agreement: code of the agreement it counts under.
        employer_id: the employer.
        detail: placement form, employment kind or exit destination.
        is_new: the source was created in this transaction: skips looking for an earlier event.

    Returns:
        The event written, or None when the same already stands.
    """
    facts: dict[str, object] = {
        "kind": kind,
        "occurred_on": occurred_on,
        "source_id": source_id,
        "person_key": subject.person_key,
        "case_key": subject.case_key,
        "sex": subject.sex,
        "birth_region": subject.birth_region,
        "age_band": age_band(subject.birth_year, occurred_on),
        "unit_id": subject.unit_id,
        "programme": subject.programme,
        "agreement": agreement,
        "employer_id": employer_id,
        "detail": detail,
    }
    standing = None if is_new else _latest(session, kind, source_id)
    if standing is not None and not standing.is_void and _says(standing, facts):
        return None
    event = OutcomeEvent(**facts, corrects_id=standing.id if standing else None)
    session.add(event)
    return event


def take_back_outcome(session: Session, kind: OutcomeKind, source_id: UUID) -> None:
    """Say that it did not happen after all. Nothing is deleted."""
    session.flush()
    standing = _latest(session, kind, source_id)
    if standing is None or standing.is_void:
        return
    columns = OutcomeEvent.__table__.columns.keys()
    kept = {
        name: getattr(standing, name)
        for name in columns
        if name not in {"id", "created_at", "corrects_id", "is_void"}
    }
    session.add(OutcomeEvent(**kept, corrects_id=standing.id, is_void=True))


def _says(event: OutcomeEvent, facts: dict[str, object]) -> bool:
    return all(getattr(event, name) == value for name, value in facts.items())
