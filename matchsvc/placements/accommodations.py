"""Adaptations at the workplace and whether they work (PLA-04). Functional words, no diagnoses."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, Refused, RuleViolation
from matchsvc.placements.access import Seen, get_placement
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.models import Accommodation
from matchsvc.swedish import contains_identity_number

#: Whether it works.
WORKS = ("yes", "partly", "no")


def add_accommodation(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    text: str,
    condition_id: str | None = None,
    due_on: date | None = None,
    is_shared: bool = False,
    keeps_health_words: bool = False,
    today: date,
) -> Accommodation:
    """Note an adaptation that the participant needs at this workplace, in functional words.

    ``is_shared``: the participant lets the employer see it. ``keeps_health_words``: the writer has
    seen the hint about health and means it.

    Raises:
        NotFound: the placement is hidden.
        Refused: the participant is not the actor's own.
        RuleViolation: the text is missing, or seems to be about health.
    """
    found = _own(session, actor, placement_id, today=today)
    words = text.strip()
    problem = _problem(words, keeps_health_words=keeps_health_words, today=today)
    if problem:
        raise RuleViolation(
            "accommodation_not_possible",
            N_("Rätta det som är markerat och spara igen."),
            fields={"text": problem},
        )
    row = Accommodation(
        placement_id=found.placement.id,
        condition_id=condition_id,
        text=words,
        due_on=due_on,
        is_shared=is_shared,
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
    """Say whether an adaptation works: ``yes``, ``partly`` or ``no``.

    Raises:
        NotFound: hidden, or of another placement.
        Refused: the participant is not the actor's own.
        Conflict: somebody else saved it since the page was shown.
    """
    found = _own(session, actor, placement_id, today=today)
    row = session.scalar(
        select(Accommodation).where(
            Accommodation.id == accommodation_id,
            Accommodation.placement_id == found.placement.id,
        )
    )
    if row is None or works not in WORKS:
        raise NotFound("accommodation")
    check_version(row, version)
    row.works = works
    session.flush()
    audit.record(session, actor, "change", "placement", placement_id, fields=["accommodation"])
    return row


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
