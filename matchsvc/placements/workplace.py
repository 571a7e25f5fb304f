"""What the workplace says between the follow-ups, for whoever logs the next one (PLA-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.employers.models import Contact
from matchsvc.placements.models import FollowUp
from matchsvc.placements.workplace_models import WorkplaceWord

#: So many are shown beside a follow-up; the latest say the most.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and who at the workplace gave it."""

    word: WorkplaceWord
    contact: str


def words_for(session: Session, follow_up: FollowUp) -> list[Said]:
    """What the workplace has said since the follow-up before this one, the latest first.

    Asks no right: the caller has opened the follow-up.
    """
    before = session.scalar(
        select(FollowUp.held_on)
        .where(
            FollowUp.placement_id == follow_up.placement_id,
            FollowUp.number < follow_up.number,
            FollowUp.held_on.is_not(None),
        )
        .order_by(FollowUp.number.desc())
        .limit(1)
    )
    return words_between(session, follow_up.placement_id, after=before, until=follow_up.held_on)


def words_between(
    session: Session, placement_id: UUID, *, after: date | None = None, until: date | None = None
) -> list[Said]:
    """What was said after one day and until another, the latest first; at most SHOWN."""
    found = (
        select(WorkplaceWord, Contact.name)
        .join(Contact, Contact.id == WorkplaceWord.contact_id)
        .where(WorkplaceWord.placement_id == placement_id)
        .order_by(WorkplaceWord.said_on.desc(), WorkplaceWord.created_at.desc())
        .limit(SHOWN)
    )
    if after is not None:
        found = found.where(WorkplaceWord.said_on > after)
    if until is not None:
        found = found.where(WorkplaceWord.said_on <= until)
    return [Said(row[0], row[1]) for row in session.execute(found)]


def words_of(session: Session, placement_ids: Sequence[UUID]) -> list[Said]:
    """All that was said about some placements, for the copy of one's own data."""
    found = (
        select(WorkplaceWord, Contact.name)
        .join(Contact, Contact.id == WorkplaceWord.contact_id)
        .where(WorkplaceWord.placement_id.in_(placement_ids))
        .order_by(WorkplaceWord.said_on, WorkplaceWord.created_at)
    )
    return [Said(row[0], row[1]) for row in session.execute(found)]
