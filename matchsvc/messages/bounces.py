"""What comes back: read from a mail server's report, or told by somebody who saw it.

A message that was taken can come back days later. It is then *bounced*, its address is one that
nothing goes to until somebody says it works, and whoever looks after the recipient is asked once to
mend it (``placements/undelivered.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.messages.addresses import mark_undeliverable
from matchsvc.messages.models import MessageState, OutboxMessage

#: RFC 3463: class, subject, detail; or a plain number of SMTP.
_CODE = re.compile(r"[245](?:\.\d{1,3}\.\d{1,3}|\d\d)")
#: What a person says on the page, who has no number.
BY_HAND = "told"


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery status notification (RFC 3464) says of one of our messages.

    Attributes:
        message_id: ours, with its brackets.
        code: such as ``5.1.1``.
        is_final: it will not arrive; otherwise it is only late.
    """

    message_id: str
    code: str
    is_final: bool


def bounce(session: Session, actor: Actor, message_id: UUID | str, code: str) -> OutboxMessage:
    """Say that a message came back. The same again changes nothing.

    Args:
        session: a writing transaction.
        actor: who says it: a mail server's command, or a member of staff.
        message_id: the row's id, or the Message-ID of the letter.
        code: the server's, or :data:`BY_HAND`.

    Raises:
        NotFound: it is not a message of the actor's unit.
        Invalid: the code is none.
        RuleViolation: it has not been sent, so it cannot have come back.
    """
    if code != BY_HAND and _CODE.fullmatch(code) is None:
        raise Invalid({"code": N_("Skriv koden så som servern gav den, till exempel 5.1.1.")})
    message = _find(session, actor, message_id)
    if message.state is MessageState.BOUNCED:
        return message
    if message.state not in (MessageState.SENT, MessageState.UNCERTAIN):
        raise RuleViolation(
            "message_not_sent",
            N_("Meddelandet är inte skickat. Då kan det inte ha kommit tillbaka."),
        )
    message.state, message.last_error = MessageState.BOUNCED, code
    message.body = message.calendar = None
    message.followed_up_at = None
    mark_undeliverable(session, message.unit_id, message.recipient, code)
    session.flush()
    audit.record(session, actor, "bounce", "outbox_message", message.id, reason=code)
    return message


def _find(session: Session, actor: Actor, key: UUID | str) -> OutboxMessage:
    found = select(OutboxMessage)
    if isinstance(key, UUID):
        found = found.where(OutboxMessage.id == key)
    else:
        found = found.where(OutboxMessage.message_id == f"<{key.strip().strip('<>')}>")
    if not actor.is_system:
        found = found.where(OutboxMessage.unit_id == actor.unit_id)
    message = session.scalar(found.with_for_update())
    if message is None:
        raise NotFound("outbox_message")
    return message


_NO_REPORT = N_("Det är ingen rapport om leverans (RFC 3464).")
#: A report has three parts and brings a letter with two. Letters in letters without end take
#: minutes to read, and more stack than there is.
MOST_PARTS = 100


def read_report(raw: bytes) -> Report:
    """Read a delivery status notification (RFC 3464) as a mail server pipes it in.

    The report tells about the last recipient named; ours have one each.

    Raises:
        Invalid: it is no such report, or names no message of ours.
    """
    if raw.lower().count(b"content-type:") > MOST_PARTS:
        raise Invalid({"report": _NO_REPORT})
    letter = message_from_bytes(raw)
    status = next(_parts(letter, "message/delivery-status"), None)
    if status is None:
        raise Invalid({"report": _NO_REPORT})
    blocks = [each for each in status.get_payload() if isinstance(each, Message)]
    recipients = [block for block in blocks if block.get("Action")]
    if not recipients:
        raise Invalid({"report": N_("Rapporten säger inte vad som hände.")})
    said = recipients[-1]
    action = str(said["Action"]).strip().lower()
    found = _CODE.search(str(said.get("Status", "")))
    message_id = _original_id(letter)
    if message_id is None:
        raise Invalid({"report": N_("Rapporten nämner inte vilket meddelande den gäller.")})
    return Report(message_id, found[0] if found else "5.0.0", action == "failed")


def _original_id(letter: Message) -> str | None:
    """The Message-ID of what was returned: whole, or its head alone."""
    for part in _parts(letter, "message/rfc822"):
        for inner in part.get_payload():
            if isinstance(inner, Message) and inner.get("Message-ID"):
                return str(inner["Message-ID"]).strip()
    for part in _parts(letter, "text/rfc822-headers"):
        head = re.search(r"^message-id:\s*(<[^>\s]+>)", _text(part), re.IGNORECASE | re.MULTILINE)
        if head:
            return head[1]
    return None


def _parts(letter: Message, kind: str) -> Iterator[Message]:
    for part in letter.walk():
        if part.get_content_type() == kind:
            yield part


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode(errors="replace") if isinstance(content, bytes) else ""
