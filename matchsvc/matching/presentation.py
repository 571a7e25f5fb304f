"""What an employer would see of somebody, and how many people it could describe (DESIGN 4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.matching.models import Proposal
from matchsvc.participants.access import get_visible, visible_participants
from matchsvc.participants.models import Competence, Participant

#: Below this many people whom a presentation could describe, the person is asked once more.
CROWD = 5


@dataclass(frozen=True, slots=True)
class Presentation:
    """What an employer would see of her: nothing that says who she is.

    Attributes:
        alias: what she is called towards the employer.
        competences: concept ids that she shares.
        hours: hours a week at the start.
        start_from: when she can start.
        crowd: how many people of the unit it could describe.
    """

    alias: str
    competences: tuple[str, ...]
    hours: int | None
    start_from: date | None
    crowd: int

    @property
    def is_rare(self) -> bool:
        """Whether somebody might guess who it is."""
        return self.crowd < CROWD


def presentation_of(
    session: Session, actor: Actor, proposal: Proposal, *, today: date
) -> Presentation:
    """What the employer would see, and how many people it could describe."""
    return presentation_for(session, actor, proposal.participant_id, today=today)


def presentation_for(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> Presentation:
    """What any employer would see of a participant, whatever the place.

    Raises:
        NotFound: unknown, hidden or protected.
    """
    participant = get_visible(session, actor, key, today=today)
    shared = tuple(
        session.scalars(
            select(Competence.concept_id)
            .where(
                Competence.participant_id == participant.id,
                Competence.is_shared,
                Competence.archived_at.is_(None),
                Competence.concept_id.is_not(None),
            )
            .distinct()
            .order_by(Competence.concept_id)
        )
    )
    return Presentation(
        alias="Person A",
        competences=tuple(concept for concept in shared if concept),
        hours=participant.hours_per_week,
        start_from=participant.available_from,
        crowd=_crowd(session, actor, participant, [c for c in shared if c], today),
    )


def _crowd(
    session: Session, actor: Actor, participant: Participant, shared: list[str], today: date
) -> int:
    """How many of the unit's participants hold all of these competences."""
    people = visible_participants(session, actor, today=today).where(
        Participant.unit_id == participant.unit_id
    )
    if shared:
        holders = (
            select(Competence.participant_id)
            .where(Competence.concept_id.in_(shared), Competence.archived_at.is_(None))
            .group_by(Competence.participant_id)
            .having(func.count(Competence.concept_id.distinct()) == len(shared))
        )
        people = people.where(Participant.id.in_(holders))
    return session.scalar(select(func.count()).select_from(people.subquery())) or 0
