"""What a colleague wants to get. A letter that lets somebody in is always sent."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.db import check_version
from matchsvc.errors import N_, Conflict, Invalid
from matchsvc.messages.models import Digest, MessagePreference, OutboxMessage, Reach, Via


def preference_of(session: Session, user_id: UUID) -> MessagePreference:
    """What somebody has chosen; the default for who has not. Not part of the session then."""
    chosen = session.get(MessagePreference, user_id)
    return chosen or MessagePreference(
        user_id=user_id, reach=Reach.EMAIL, digest=Digest.WEEKLY, version=0
    )


def unwilling_among(session: Session, users: set[UUID]) -> set[UUID]:
    """Those of some colleagues who want no messages. One query."""
    found = select(MessagePreference.user_id).where(
        MessagePreference.user_id.in_(users), MessagePreference.reach == Reach.NONE
    )
    return set(session.scalars(found))


def choose(
    session: Session, actor: Actor, *, reach: Reach, digest: Digest, version: int | None = None
) -> MessagePreference:
    """Choose what to get oneself.

    Args:
        session: a writing transaction.
        actor: a member of staff, for herself.
        reach: how; by text only with a phone number.
        digest: how often to be told how much waits.
        version: as it was shown; 0 for nothing chosen yet.

    Raises:
        Invalid: text messages without a phone number.
        Conflict: it was changed in another tab.
    """
    user_id = actor.require_user()
    user = session.get_one(User, user_id)
    if reach is Reach.TEXT and not user.phone:
        raise Invalid({"reach": N_("Du har inget telefonnummer här. Välj e-post.")})
    chosen = session.get(MessagePreference, user_id, with_for_update=True)
    if chosen is None:
        if version:
            raise Conflict({})
        chosen = MessagePreference(user_id=user_id)
        session.add(chosen)
    elif version is not None:
        check_version(chosen, version)
    chosen.reach, chosen.digest = reach, digest
    session.flush()
    audit.record(session, actor, "change", "message_preference", user_id, fields=["reach"])
    return chosen


def may_write_to_user(session: Session, message: OutboxMessage) -> str | None:
    """Whether a colleague may be written to now: a gate of the outbox."""
    user = session.get(User, message.recipient_id) if message.recipient_id else None
    if user is None or not user.is_active:
        return "gone"
    message.recipient = user.email if message.channel is Via.EMAIL else user.phone or ""
    if not message.recipient:
        return "gone"
    is_wanted = preference_of(session, user.id).reach is not Reach.NONE
    return None if is_wanted else "no_messages"
