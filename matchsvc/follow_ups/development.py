"""The development plan at a placement: what the participant wants to develop (PLA-06)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused
from matchsvc.follow_ups.answers import Development
from matchsvc.follow_ups.models import DevelopmentRow, DevelopmentState
from matchsvc.placements.access import Seen, get_placement
from matchsvc.placements.careful import mentions_health
from matchsvc.swedish import contains_identity_number

_WORDS = ("area", "goal", "own_part", "unit_part", "workplace_part")


def rows_of(session: Session, placement_id: UUID) -> Sequence[DevelopmentRow]:
    """The rows of a placement in the order in which she proposed them. Asks no right."""
    return session.scalars(
        select(DevelopmentRow)
        .where(DevelopmentRow.placement_id == placement_id)
        .order_by(DevelopmentRow.proposed_on, DevelopmentRow.created_at, DevelopmentRow.id)
    ).all()


def add_row(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    wanted: Development,
    *,
    she_proposed: bool,
    keeps_health_words: bool = False,
    today: date,
) -> DevelopmentRow:
    """Write a row that the participant has proposed between two follow-ups.

    Raises:
        NotFound: the placement is hidden.
        Refused: the participant is not the actor's own.
        Invalid: she did not propose it, something is missing, words about health, or an identity
            number.
    """
    seen = _own(session, actor, placement_id, today=today)
    wrong = {
        name: N_("Skriv vad deltagaren vill.")
        for name in ("area", "goal")
        if not getattr(wanted, name).strip()
    }
    for name in _WORDS:
        text = getattr(wanted, name) or ""
        if contains_identity_number(text, today=today):
            wrong[name] = N_("Texten innehåller ett personnummer. Ta bort det.")
        elif mentions_health(text) and not keeps_health_words:
            wrong[name] = N_(
                "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
                "i stället, eller kryssa i att texten ska stå kvar."
            )
    if not she_proposed:
        wrong["she_proposed"] = N_("Deltagaren föreslår raden. Fråga, och kryssa i sedan.")
    if wrong:
        raise Invalid(wrong)
    row = keep_row(session, actor, seen.placement.id, wanted, on=today)
    session.flush()
    _record(session, actor, "create", row, seen)
    return row


def keep_row(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    wanted: Development,
    *,
    on: date,
    follow_up_id: UUID | None = None,
) -> DevelopmentRow:
    """Keep a row whose words have been looked at. Asks no right."""
    row = DevelopmentRow(
        placement_id=placement_id,
        follow_up_id=follow_up_id,
        proposed_on=on,
        **{name: (getattr(wanted, name) or "").strip() or None for name in _WORDS},
        review_on=wanted.review_on,
        written_by_id=actor.require_user(),
    )
    session.add(row)
    return row


def set_state(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    row_id: UUID,
    state: DevelopmentState,
    *,
    version: int | None = None,
    today: date,
) -> DevelopmentRow:
    """Say how far a row has come.

    Raises:
        NotFound: hidden, or of another placement.
        Refused: the participant is not the actor's own.
        Conflict: it was saved since.
    """
    seen = _own(session, actor, placement_id, today=today)
    row = session.get(DevelopmentRow, row_id)
    if row is None or row.placement_id != seen.placement.id:
        raise NotFound("development_row")
    check_version(row, version)
    mark(row, state, on=today)
    session.flush()
    _record(session, actor, "change", row, seen)
    return row


def mark(row: DevelopmentRow, state: DevelopmentState, *, on: date) -> None:
    """Note how far a row has come, and since when; said again, the day stays."""
    if row.state is not state:
        row.state, row.state_on = state, on


def _own(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Seen:
    seen = get_placement(session, actor, placement_id, today=today)
    if not seen.is_own:
        raise Refused("not_your_case")
    return seen


def _record(session: Session, actor: Actor, action: str, row: DevelopmentRow, seen: Seen) -> None:
    audit.record(session, actor, action, "development_row", row.id, subjects=[seen.participant.id])
