"""The only words that a text message may hold. There is no other way to queue one.

A phone lies on a table and is read by whoever stands there: "you have a message" and a link, or a
date, a time and the unit's phone number, or six digits. No name, no purpose, no sort of meeting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.messages.models import OutboxMessage, RecipientKind, Via
from matchsvc.messages.outbox import queue_message
from matchsvc.swedish import STOCKHOLM, format_phone

_WEEKDAYS = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets a text message.

    Attributes:
        kind: what sort of person.
        id: of the row.
        phone: E.164.
    """

    kind: RecipientKind
    id: UUID
    phone: str


def queue_notice(
    session: Session,
    receiver: Receiver,
    *,
    unit_id: UUID,
    kind: str,
    address: str,
    cause_id: UUID | None = None,
    link_id: UUID | None = None,
    thread: str | None = None,
    is_reminder: bool = False,
) -> OutboxMessage:
    """Say to a colleague or an employer's contact that there is a message, and where.

    Raises:
        ValueError: it would go to a participant; a fault in the program.
    """
    if receiver.kind is RecipientKind.PARTICIPANT:
        raise ValueError("a link in a text message is not for participants")
    return queue_message(
        session,
        unit_id=unit_id,
        kind=kind,
        recipient=receiver.phone,
        subject="Du har ett meddelande",
        body=notice_words(address),
        cause_id=cause_id,
        link_id=link_id,
        thread=thread,
        channel=Via.TEXT,
        to=(receiver.kind, receiver.id),
        is_reminder=is_reminder,
    )


def notice_words(address: str) -> str:
    """All that such a text message says."""
    return f"Du har ett meddelande: {address}"


def queue_code(
    session: Session,
    phone: str,
    *,
    unit_id: UUID,
    kind: str,
    code: str,
    not_after: datetime,
    cause_id: UUID | None = None,
    link_id: UUID | None = None,
    thread: str | None = None,
) -> OutboxMessage:
    """Send six digits that somebody has just asked for.

    No quiet hours: she sits and waits for it. After ``not_after`` it is of no use and stays.

    Args:
        session: the transaction.
        phone: E.164.
        unit_id: whose message it is.
        kind: ``link_code``.
        code: six digits.
        not_after: when the code has stopped working.
        cause_id: what it opens.
        link_id: the link; revoking that takes the message back.
        thread: of this link, so that only the latest code leaves.
    """
    return queue_message(
        session,
        unit_id=unit_id,
        kind=kind,
        recipient=phone,
        subject="Er kod",
        body=f"Koden är {code}. Den gäller i tio minuter. In English: your code, for ten minutes.",
        cause_id=cause_id,
        link_id=link_id,
        thread=thread,
        channel=Via.TEXT,
        not_after=not_after,
    )


def queue_time(
    session: Session,
    receiver: Receiver,
    *,
    unit_id: UUID,
    kind: str,
    starts_at: datetime,
    unit_phone: str,
    cause_id: UUID | None = None,
    thread: str | None = None,
) -> OutboxMessage:
    """Remind somebody of a time, or say that it is changed or does not hold.

    Args:
        session: the transaction.
        receiver: who has agreed to it.
        unit_id: whose message it is.
        kind: ``meeting_reminder``, ``meeting_reminder_moved`` or ``meeting_reminder_off``.
        starts_at: the time; nothing is sent after it.
        unit_phone: where to call.
        cause_id: the meeting.
        thread: of this meeting and person.
    """
    return queue_message(
        session,
        unit_id=unit_id,
        kind=kind,
        recipient=receiver.phone,
        subject="Påminnelse om en tid",
        body=_FIRST[kind].format(when=when(starts_at))
        + f" Frågor? Ring {format_phone(unit_phone)}.",
        cause_id=cause_id,
        thread=thread,
        channel=Via.TEXT,
        to=(receiver.kind, receiver.id),
        is_reminder=kind == "meeting_reminder",
        not_after=starts_at,
    )


_FIRST = {
    "meeting_reminder": "Påminnelse: du har en tid {when}.",
    "meeting_reminder_moved": "Tiden är ändrad. Nu gäller {when}.",
    "meeting_reminder_off": "Tiden {when} är inställd.",
}


def when(instant: datetime) -> str:
    """``tis 24/11 kl. 09.00``."""
    local = instant.astimezone(STOCKHOLM)
    return f"{_WEEKDAYS[local.weekday()]} {local.day}/{local.month} kl. {local:%H.%M}"
