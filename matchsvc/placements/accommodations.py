"""Adaptations at the workplace and whether they work (PLA-04). Functional words, no diagnoses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, Refused, RuleViolation
from matchsvc.placements.access import Seen, get_placement
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.models import (
    Accommodation,
    AccommodationKind,
    AccommodationOwner,
    AccommodationReview,
)
from matchsvc.swedish import contains_identity_number
from matchsvc.vocabulary.models import Condition

#: Whether it works.
WORKS = ("yes", "partly", "no")


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """An adaptation as somebody wants it.

    Attributes:
        text: what is done at the workplace; empty takes the condition's own words.
        condition_id: of the shared conditions: what it is about.
        kind: what is adapted.
        responsible: who sees to it.
        due_on: by when.
        is_shared: the participant lets the employer see it.
        keeps_health_words: the writer has seen the hint about health and means it.
    """

    text: str = ""
    condition_id: str | None = None
    kind: AccommodationKind | None = None
    responsible: AccommodationOwner | None = None
    due_on: date | None = None
    is_shared: bool = False
    keeps_health_words: bool = False


@dataclass(frozen=True, slots=True)
class Adaptations:
    """The adaptations of a placement with their histories.

    Attributes:
        seen: the placement.
        rows: in the order in which they came, their reviews loaded.
        conditions: those that they are about, by id.
    """

    seen: Seen
    rows: Sequence[Accommodation]
    conditions: Mapping[str, Condition]


def read_accommodations(
    session: Session, actor: Actor, placement_id: UUID, *, today: date
) -> Adaptations:
    """The adaptations of a placement with what was said of each. Logged.

    Raises:
        NotFound: the placement is hidden.
        Refused: the participant is not the actor's own.
    """
    found = _own(session, actor, placement_id, today=today)
    rows = accommodations_of(session, found.placement.id)
    ids = {row.condition_id for row in rows} - {None}
    conditions = session.scalars(select(Condition).where(Condition.id.in_(ids))).all()
    audit.record(
        session, actor, "read", "accommodation", placement_id, subjects=[found.participant.id]
    )
    return Adaptations(found, rows, {each.id: each for each in conditions})


def accommodations_of(session: Session, placement_id: UUID) -> Sequence[Accommodation]:
    """The adaptations of a placement in order, reviews loaded. Asks no right."""
    return session.scalars(
        select(Accommodation)
        .where(Accommodation.placement_id == placement_id)
        .order_by(Accommodation.created_at, Accommodation.id)
        .options(selectinload(Accommodation.reviews))
    ).all()


def add_accommodation(
    session: Session, actor: Actor, placement_id: UUID, wanted: Adaptation, *, today: date
) -> Accommodation:
    """Note an adaptation that the participant needs at this workplace, in functional words.

    Raises:
        NotFound: the placement is hidden.
        Refused: the participant is not the actor's own.
        RuleViolation: neither condition nor words, no such condition, or words about health.
    """
    found = _own(session, actor, placement_id, today=today)
    condition = _condition(session, wanted.condition_id)
    words = wanted.text.strip() or (condition.accommodation_sv if condition else "")
    problem = _problem(words, keeps_health_words=wanted.keeps_health_words, today=today)
    if problem:
        raise _refusal("text", problem)
    row = Accommodation(
        placement_id=found.placement.id,
        condition_id=wanted.condition_id,
        kind=wanted.kind,
        responsible=wanted.responsible,
        text=words,
        due_on=wanted.due_on,
        is_shared=wanted.is_shared,
        reviews=[],
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "change", "placement", placement_id, fields=["accommodation"])
    return row


def judge_accommodation(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    accommodation_id: UUID,
    *,
    works: str,
    today: date,
    version: int | None = None,
) -> Accommodation:
    """Say whether an adaptation works: ``yes``, ``partly`` or ``no``; what was said before stays.

    Raises:
        NotFound: hidden, or of another placement.
        Refused: the participant is not the actor's own.
        Conflict: somebody else saved it since the page was shown.
    """
    found = _own(session, actor, placement_id, today=today)
    row = _one(session, found, accommodation_id)
    check_version(row, version)
    if works not in WORKS:
        raise NotFound("accommodation")
    review(row, works, on=today, by_id=actor.user_id)
    session.flush()
    audit.record(session, actor, "change", "placement", placement_id, fields=["accommodation"])
    return row


def share_accommodation(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    accommodation_id: UUID,
    *,
    is_shared: bool,
    today: date,
    version: int | None = None,
) -> Accommodation:
    """Note whether the participant lets the employer see it.

    Raises:
        NotFound, Refused, Conflict: as :func:`judge_accommodation`.
    """
    found = _own(session, actor, placement_id, today=today)
    row = _one(session, found, accommodation_id)
    check_version(row, version)
    row.is_shared = is_shared
    session.flush()
    audit.record(session, actor, "change", "placement", placement_id, fields=["is_shared"])
    return row


def review(
    row: Accommodation,
    works: str,
    *,
    on: date,
    by_id: UUID | None,
    follow_up_id: UUID | None = None,
) -> None:
    """Keep what was said of an adaptation; a follow-up has one word about each.

    Args:
        row: its reviews are loaded.
        works: of WORKS.
        on: the day.
        by_id: who wrote it down.
        follow_up_id: where it was said; None between two.
    """
    said = next(
        (one for one in row.reviews if follow_up_id and one.follow_up_id == follow_up_id), None
    )
    if said is None:
        said = AccommodationReview(follow_up_id=follow_up_id, works=works, reviewed_on=on)
        row.reviews.append(said)
    said.works, said.reviewed_on, said.by_id = works, on, by_id
    row.works = max(reversed(row.reviews), key=lambda one: one.reviewed_on).works


def _one(session: Session, found: Seen, accommodation_id: UUID) -> Accommodation:
    row = session.scalar(
        select(Accommodation)
        .where(
            Accommodation.id == accommodation_id,
            Accommodation.placement_id == found.placement.id,
        )
        .options(selectinload(Accommodation.reviews))
    )
    if row is None:
        raise NotFound("accommodation")
    return row


def _condition(session: Session, condition_id: str | None) -> Condition | None:
    if condition_id is None:
        return None
    condition = session.get(Condition, condition_id)
    if condition is None or condition.is_deprecated:
        raise _refusal("condition_id", N_("Välj något i listan."))
    return condition


def _refusal(field: str, problem: str) -> RuleViolation:
    return RuleViolation(
        "accommodation_not_possible",
        N_("Rätta det som är markerat och spara igen."),
        fields={field: problem},
    )


def _own(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Seen:
    found = get_placement(session, actor, placement_id, today=today)
    if not found.is_own:
        raise Refused("not_your_case")
    return found


def _problem(words: str, *, keeps_health_words: bool, today: date) -> str | None:
    if not words:
        return N_("Skriv vad som görs på arbetsplatsen, till exempel fast ordning på uppgifterna.")
    if contains_identity_number(words, today=today):
        return N_("Texten innehåller ett personnummer. Ta bort det.")
    if mentions_health(words) and not keeps_health_words:
        return N_(
            "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
            "i stället, eller kryssa i att texten ska stå kvar."
        )
    return None
