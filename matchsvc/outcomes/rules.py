"""Writing outcome events: append-only, corrected by naming what they correct."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID, uuid4

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchsvc.accounts.models import Unit
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


def standing_events(*, as_of: datetime | None = None) -> Select[OutcomeEvent]:
    """The events that stand: neither corrected by a later one nor taken back.

    Args:
        as_of: an instant: what was recorded after it is as if it had not been. None is now.
    """
    # Not "not in": PostgreSQL would go through all corrections for each event.
    later = aliased(OutcomeEvent)
    corrected = select(later.id).where(later.corrects_id == OutcomeEvent.id)
    standing = select(OutcomeEvent).where(OutcomeEvent.is_void.is_(False))
    if as_of is not None:
        corrected = corrected.where(later.created_at <= as_of)
        standing = standing.where(OutcomeEvent.created_at <= as_of)
    return standing.where(~corrected.exists())


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
    site_id: UUID | None = None,
    sector: str | None = None,
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
        site_id: the workplace.
        sector: what kind of organisation the employer is now.
        detail: placement form, employment kind, exit destination or kind of activity.
        is_new: the source was created in this transaction: skips looking for an earlier event.

    Returns:
        The event written, or None when the same already stands.
    """
    facts = outcome_values(
        kind,
        source_id,
        subject,
        occurred_on=occurred_on,
        agreement=agreement,
        employer_id=employer_id,
        site_id=site_id,
        sector=sector,
        detail=detail,
    )
    standing = None if is_new else _latest(session, kind, source_id)
    if standing is not None and not standing.is_void and _says(standing, facts):
        return None
    event = OutcomeEvent(**facts, corrects_id=standing.id if standing else None)
    session.add(event)
    return event


def new_outcome(
    kind: OutcomeKind,
    source_id: UUID,
    subject: Subject,
    *,
    occurred_on: date,
    agreement: str | None = None,
    employer_id: UUID | None = None,
    site_id: UUID | None = None,
    sector: str | None = None,
    detail: str | None = None,
) -> OutcomeEvent:
    """The first event about a source made in this transaction, for a file's bulk insert.

    The caller saves it; nothing can stand before it. Arguments as in :func:`record_outcome`.
    """
    facts = outcome_values(
        kind,
        source_id,
        subject,
        occurred_on=occurred_on,
        agreement=agreement,
        employer_id=employer_id,
        site_id=site_id,
        sector=sector,
        detail=detail,
    )
    return OutcomeEvent(**facts)


def outcome_values(
    kind: OutcomeKind,
    source_id: UUID,
    subject: Subject,
    *,
    occurred_on: date,
    agreement: str | None,
    employer_id: UUID | None,
    site_id: UUID | None = None,
    sector: str | None = None,
    detail: str | None,
) -> dict[str, object]:
    """The columns of an event, for whoever writes very many rows at once.

    The caller writes ``id`` itself; nothing can stand before it. Arguments as in
    :func:`record_outcome`.
    """
    return {
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
        "site_id": site_id,
        "sector": sector,
        "detail": detail,
    }


def take_back_outcome(session: Session, kind: OutcomeKind, source_id: UUID) -> None:
    """Say that it did not happen after all. Nothing is deleted."""
    session.flush()
    standing = _latest(session, kind, source_id)
    if standing is None or standing.is_void:
        return
    kept = _facts_of(standing)
    session.add(OutcomeEvent(**kept, corrects_id=standing.id, is_void=True))


def record_many(
    session: Session,
    events: Collection[OutcomeEvent],
    people: Mapping[UUID, tuple[str, str, int | None]] = MappingProxyType({}),
) -> None:
    """As :func:`record_outcome` for many events at once, in one query for what stands.

    Args:
        session: a writing transaction.
        events: made by :func:`new_outcome`, at most one a kind and source; those that say what
            already stands are dropped. One that is void takes back what stands, if anything.
        people: whose every other standing fact is said again in the groups that hold now, by
            ``participant.outcome_key``: sex, birth region and birth year.
    """
    if not events and not people:
        return
    said = {(event.kind, event.source_id): event for event in events}
    sources = {event.source_id for event in events}
    found = session.scalars(
        select(OutcomeEvent).where(
            or_(OutcomeEvent.source_id.in_(sources), OutcomeEvent.person_key.in_(people))
        )
    ).all()
    latest = {(event.kind, event.source_id): event for event in _uncorrected(found)}
    made = [_said_after(latest.get(key), event) for key, event in said.items()]
    made += [
        _regrouped(event, people[event.person_key])
        for key, event in latest.items()
        if key not in said and event.person_key in people
    ]
    session.add_all(event for event in made if event is not None)
    session.flush()


def move_person(
    session: Session, old: UUID, new: UUID, groups: tuple[str, str, int | None]
) -> None:
    """Say every standing fact about one person again as the other's: they are the same.

    Args:
        session: a writing transaction.
        old: the ``participant.outcome_key`` that counts no more.
        new: the one that stays.
        groups: sex, birth region and birth year that hold for that person now.
    """
    sex, birth_region, birth_year = groups
    for event in session.scalars(standing_events().where(OutcomeEvent.person_key == old)).all():
        facts = _facts_of(event) | {
            "person_key": new,
            "sex": sex,
            "birth_region": birth_region,
            "age_band": age_band(birth_year, event.occurred_on),
        }
        session.add(OutcomeEvent(**facts, corrects_id=event.id))
    session.flush()


def move_employer(session: Session, old: UUID, new: UUID) -> None:
    """Say every standing fact at one employer again as the other's: they are the same."""
    for event in session.scalars(standing_events().where(OutcomeEvent.employer_id == old)).all():
        facts = _facts_of(event) | {"employer_id": new}
        session.add(OutcomeEvent(**facts, corrects_id=event.id))
    session.flush()


def take_back_person(session: Session, person_key: UUID) -> None:
    """Say of everything told about somebody that it did not happen: entered by mistake."""
    standing = standing_events().where(OutcomeEvent.person_key == person_key)
    for event in session.scalars(standing).all():
        session.add(OutcomeEvent(**_facts_of(event), corrects_id=event.id, is_void=True))
    session.flush()


def say_person_again(session: Session, person_key: UUID, *, since: datetime) -> None:
    """Undo :func:`take_back_person`: what was taken back since then stands again.

    Args:
        session: a writing transaction.
        person_key: ``participant.outcome_key``.
        since: the instant at which it was taken back.
    """
    later = aliased(OutcomeEvent)
    corrected = select(later.id).where(later.corrects_id == OutcomeEvent.id).exists()
    taken = select(OutcomeEvent).where(
        OutcomeEvent.person_key == person_key,
        OutcomeEvent.is_void,
        OutcomeEvent.created_at >= since,
        ~corrected,
    )
    for event in session.scalars(taken).all():
        session.add(OutcomeEvent(**_facts_of(event), corrects_id=event.id))
    session.flush()


def anonymise_person(session: Session, person_key: UUID) -> UUID | None:
    """Cut what was told about somebody loose from her, when her records are deleted (LAW-11).

    Nothing new is said and nothing taken back, so that every figure of everybody stays; but no key
    leads back to a person, a case, a placement or an offer, ages are in two bands, and where there
    are several units it is no longer told which. The reports of a unit then count her no more,
    those of all units do.

    Args:
        session: the transaction in which the person is deleted.
        person_key: ``participant.outcome_key``; it must be forgotten with her.

    Returns:
        The random key that stands instead, or None when nothing was told of her.
    """
    session.flush()
    told = session.scalars(select(OutcomeEvent).where(OutcomeEvent.person_key == person_key)).all()
    if not told:
        return None
    fresh: dict[UUID, UUID] = {}
    is_only_unit = (session.scalar(select(func.count()).select_from(Unit)) or 0) <= 1
    for event in told:
        for name in ("person_key", "case_key", "source_id"):
            setattr(event, name, fresh.setdefault(getattr(event, name), uuid4()))
        event.age_band = _COARSE.get(event.age_band, event.age_band)
        event.site_id = None
        if not is_only_unit:
            event.unit_id = None
    session.flush()
    return fresh[person_key]


_COARSE = {
    **dict.fromkeys(("-24", "25-34", "35-44"), "-44"),
    **dict.fromkeys(("45-54", "55-64", "65-"), "45-"),
}


def _said_after(before: OutcomeEvent | None, event: OutcomeEvent) -> OutcomeEvent | None:
    """What has to be written for an event to stand, or for none if it is void."""
    if event.is_void:
        if before is None or before.is_void:
            return None
        return OutcomeEvent(**_facts_of(before), corrects_id=before.id, is_void=True)
    if before is None:
        return event
    if not before.is_void and _says(before, _facts_of(event)):
        return None
    event.corrects_id = before.id
    return event


def _regrouped(event: OutcomeEvent, groups: tuple[str, str, int | None]) -> OutcomeEvent | None:
    """The same fact in the groups that hold now; None when it stands in them already."""
    sex, birth_region, birth_year = groups
    facts = _facts_of(event) | {
        "sex": sex,
        "birth_region": birth_region,
        "age_band": age_band(birth_year, event.occurred_on),
    }
    if event.is_void or _says(event, facts):
        return None
    return OutcomeEvent(**facts, corrects_id=event.id)


def _uncorrected(events: Collection[OutcomeEvent]) -> list[OutcomeEvent]:
    corrected = {event.corrects_id for event in events}
    return [event for event in events if event.id not in corrected]


def _facts_of(event: OutcomeEvent) -> dict[str, object]:
    """What an event says, without who it is and what it corrects."""
    own = {"id", "created_at", "corrects_id", "is_void"}
    names = OutcomeEvent.__table__.columns.keys()
    return {name: getattr(event, name) for name in names if name not in own}


def _says(event: OutcomeEvent, facts: dict[str, object]) -> bool:
    return all(getattr(event, name) == value for name, value in facts.items())
