"""Competences that were seen at work raise their rung (DESIGN section 3).

A supervisor knows a participant by her tasks: so she is shown only the competences that the place
asks for, by name, or, where no offer says what it asks for, those that an employer may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Requirement
from matchsvc.participants.competences import height, raise_rung
from matchsvc.participants.models import Competence, Rung
from matchsvc.placements.access import Seen
from matchsvc.vocabulary.models import Concept

#: So many are offered at a follow-up.
MOST = 8
#: The rungs that a follow-up may say.
SEEN = (Rung.OBSERVED, Rung.CONFIRMED)
CONFIRMED_HOW = "Bekräftad av arbetsplatsens handledare vid en uppföljning."


@dataclass(frozen=True, slots=True)
class AtWork:
    """A competence that the placement concerns: what it is called and how it is known."""

    id: UUID
    concept: Concept
    rung: Rung

    @property
    def open_rungs(self) -> tuple[Rung, ...]:
        """What a follow-up can still say of it."""
        return tuple(rung for rung in SEEN if height(rung) >= height(self.rung))


def competences_at(session: Session, seen: Seen) -> list[AtWork]:
    """The participant's competences that a placement concerns. Asks no right. Two queries."""
    mine = (
        select(Competence, Concept)
        .join(Concept, Concept.id == Competence.concept_id)
        .where(
            Competence.participant_id == seen.participant.id,
            Competence.archived_at.is_(None),
        )
        .order_by(Concept.sort_key, Competence.id)
        .limit(MOST)
    )
    offer_id = seen.placement.offer_id
    asked = select(Requirement.concept_id).where(Requirement.offer_id == offer_id)
    wanted = or_(Concept.id.in_(asked), Concept.parent_id.in_(asked))
    rows = session.execute(mine.where(wanted)).all() if offer_id else []
    if not rows:
        rows = session.execute(mine.where(Competence.is_shared)).all()
    return [AtWork(row[0].id, row[1], row[0].rung) for row in rows]


def raise_seen(
    session: Session,
    actor: Actor,
    seen: Seen,
    said: Mapping[UUID, Rung],
    *,
    on: date,
    today: date,
) -> None:
    """Raise the rung of what was seen, by the participants' own rule; said again, nothing.

    What is known better already, or is not among those that the placement concerns, is left out.
    """
    offered = {each.id: each for each in competences_at(session, seen)}
    for competence_id, rung in said.items():
        known = offered.get(competence_id)
        if known is None or rung not in known.open_rungs:
            continue
        if _is_told(session, competence_id, rung, on, seen.site.name):
            continue
        raise_rung(
            session,
            actor,
            competence_id,
            rung,
            happened_on=on,
            today=today,
            workplace=seen.site.name,
            note=CONFIRMED_HOW if rung is Rung.CONFIRMED else None,
        )


def _is_told(session: Session, competence_id: UUID, rung: Rung, on: date, workplace: str) -> bool:
    competence = session.scalar(
        select(Competence)
        .where(Competence.id == competence_id)
        .options(selectinload(Competence.evidence))
    )
    return competence is not None and any(
        (one.rung, one.happened_on, one.workplace) == (rung, on, workplace)
        for one in competence.evidence
    )
