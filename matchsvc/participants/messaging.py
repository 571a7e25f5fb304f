"""Whether somebody gets messages: one tick stops all, and text messages only after a yes.

A text message to a participant holds a date, a time and the unit's phone number; it goes to nobody
who is protected. That is asked when it is written and again when it leaves.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.messages.models import OutboxMessage, RecipientKind, Via
from matchsvc.messages.outbox import withdraw
from matchsvc.participants.access import everybody_among
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own

_PROTECTED = N_("Personen har skyddade personuppgifter och får aldrig meddelanden härifrån.")


def get_messaging(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Participant:
    """Somebody and what is said of messages.

    Raises:
        NotFound: nobody the actor may see.
        Refused: not the actor's own.
    """
    participant = get_own(session, actor, key, today=today)
    audit.record(session, actor, "read", "participant", participant.id, subjects=[participant.id])
    return participant


def set_messaging(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    no_messages: bool,
    texts: bool,
    today: date,
    version: int | None = None,
) -> Participant:
    """Say whether somebody gets messages at all, and text messages about times.

    What waits to go and may not any more is taken back at once.

    Args:
        session: a writing transaction.
        actor: her own worker.
        key: which.
        no_messages: stop everything.
        texts: the person has said yes to text messages about times.
        today: the day of the yes.
        version: as it was shown.

    Raises:
        NotFound, Refused: as for :func:`get_messaging`.
        RuleViolation: her personal data are protected.
        Invalid: both at once, or text messages without a number.
        Conflict: she was saved since the form was shown.
    """
    participant = get_own(session, actor, key, today=today)
    if participant.protected:
        raise RuleViolation("protected", _PROTECTED)
    check_version(participant, version)
    if texts and no_messages:
        raise Invalid({"texts": N_("Välj det ena: inga meddelanden, eller sms om tider.")})
    if texts and not participant.phone:
        raise Invalid({"texts": N_("Det finns inget telefonnummer. Skriv det först.")})
    participant.no_messages = no_messages
    participant.text_agreed_on = (participant.text_agreed_on or today) if texts else None
    if not texts:
        stopped = tuple(Via) if no_messages else (Via.TEXT,)
        withdraw(
            session,
            RecipientKind.PARTICIPANT,
            participant.id,
            why="no_messages" if no_messages else "not_agreed",
            channels=stopped,
        )
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "participant",
        participant.id,
        fields=["no_messages", "text_agreed_on"],
        subjects=[participant.id],
    )
    return participant


def text_number_of(participant: Participant) -> str | None:
    """The number that times may be sent to; None when nothing may."""
    if participant.stays_inside or participant.no_messages or participant.text_agreed_on is None:
        return None
    return participant.phone


def may_write_to_participant(session: Session, message: OutboxMessage) -> str | None:
    """Whether a participant may be written to now: a gate of the outbox. In doubt, no."""
    found = everybody_among(session, [message.recipient_id] if message.recipient_id else [])
    if not found or found[0].archived_at is not None or found[0].merged_into_id is not None:
        return "gone"
    (participant,) = found
    asked = ("protected", "restricted_since", "no_messages", "text_agreed_on", "phone", "email")
    session.refresh(participant, asked)
    if participant.protected:
        return "protected"
    if participant.restricted_since is not None:
        return "gone"  # as anybody who is not there: why is told to nobody
    if participant.no_messages:
        return "no_messages"
    if message.channel is Via.TEXT and participant.text_agreed_on is None:
        return "not_agreed"
    address = participant.phone if message.channel is Via.TEXT else participant.email
    message.recipient = address or ""
    return None if address else "gone"
