"""Who may change what about a participant: her own workers, and nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, Refused
from matchsvc.participants.access import get_visible
from matchsvc.participants.models import Capacity, Competence, Involvement, Participant
from matchsvc.swedish import contains_identity_number

#: Those who may change what stands about her.
CHANGING = (Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)
#: Those who see her at work and may say what they saw.
OBSERVING = (*CHANGING, Capacity.SUPERVISOR)

NOT_YOURS = N_(
    "Du har inte ansvar för det här ärendet. Be handläggaren, eller enhetschefen, göra ändringen."
)


def get_own(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    today: date,
    capacities: Collection[Capacity] = CHANGING,
    options: Collection[object] = (),
) -> Participant:
    """A participant that the actor may change; her row is locked until the transaction ends.

    Args:
        session: a writing transaction.
        actor: who wants to change something; commands and jobs may.
        key: id, external id or alias.
        today: an involvement that has ended gives no right.
        capacities: the capacities that suffice.
        options: what to load with her.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: known by alias, but not the actor's own.
    """
    participant = get_visible(session, actor, key, today=today, for_update=True, options=options)
    if not is_own(session, actor, participant.id, today=today, capacities=capacities):
        raise Refused("not_your_case", NOT_YOURS)
    return participant


def is_own(
    session: Session,
    actor: Actor,
    participant_id: UUID,
    *,
    today: date,
    capacities: Collection[Capacity] = CHANGING,
) -> bool:
    """Whether the actor works with her in one of the capacities today."""
    if actor.is_system:
        return True
    if actor.user_id is None:
        return False
    found = select(Involvement.id).where(
        Involvement.participant_id == participant_id,
        Involvement.user_id == actor.user_id,
        Involvement.capacity.in_(capacities),
        or_(Involvement.until.is_(None), Involvement.until >= today),
    )
    return session.scalar(found.limit(1)) is not None


def touch(row: Participant | Competence) -> None:
    """Count the row's version up though only what hangs on it was changed."""
    flag_modified(row, "created_at")


def plain_text(field: str, text: str | None, *, today: date) -> str | None:
    """Free text, stripped; None when there is none.

    Raises:
        Invalid: it holds an identity number, which belongs in its own encrypted field.
    """
    words = (text or "").strip()
    if words and contains_identity_number(words, today=today):
        raise Invalid({field: N_("Ta bort personnumret ur texten. Det har ett eget fält.")})
    return words or None
