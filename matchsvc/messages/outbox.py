"""The outbox: messages written with their cause, delivered one at a time, none of them twice.

*Sending* is committed before the conversation with the mail server and *sent* after it. A process
that dies in between leaves a message *sending*; ten minutes later it is *uncertain*: a machine
never sends it again, a person decides (see rules.py). The Message-ID stays the same over attempts,
so that a receiver can tell a second copy.

Messages of one *thread* are about one thing that changes, such as the time of a meeting, to one
person. A later one takes back those that have not left; one that is leaving right now is waited
for and never tried again, so that what arrives last is always what was said last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import structlog
from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session, aliased

from matchsvc import db
from matchsvc.accounts.settings import several
from matchsvc.config import Config
from matchsvc.messages.mail import Delivery, Verdict, send_mail
from matchsvc.messages.models import MessageState, OutboxMessage

log = structlog.get_logger("matchsvc.messages")

#: A conversation takes minutes at most; one older than this died with its process.
STUCK_AFTER = timedelta(minutes=10)
MAX_ATTEMPTS = 12  # with the waits below, about a day
_WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 40, 60, 120, 240, 240, 240))


def queue_message(
    session: Session,
    *,
    unit_id: UUID,
    kind: str,
    recipient: str,
    subject: str,
    body: str,
    cause_id: UUID | None = None,
    link_id: UUID | None = None,
    not_before: datetime | None = None,
    calendar: str | None = None,
    thread: str | None = None,
) -> OutboxMessage:
    """Put an e-mail in the outbox, in the transaction of its cause: both happen or neither.

    No personal data of a participant belongs in ``subject`` or ``body`` (domain.md 3): write
    what the message is about and where to read it.

    Args:
        session: the cause's transaction.
        unit_id: whose message it is; who may see it in the list.
        kind: what sort, such as ``employer_survey``.
        recipient: one address.
        subject: one line.
        body: plain text.
        cause_id: what made it, for example the survey.
        link_id: the signed link it carries; revoking that takes the message back.
        not_before: the first instant it may be sent.
        calendar: an invitation (iCalendar) to go with the text.
        thread: see :func:`supersede`, to be called before.
    """
    message = OutboxMessage(
        unit_id=unit_id,
        kind=kind,
        recipient=recipient.strip(),
        subject=" ".join(subject.split()),
        body=body,
        cause_id=cause_id,
        link_id=link_id,
        not_before=not_before,
        message_id=f"<{uuid4().hex}@outbox.matchsvc>",
        calendar=calendar,
        thread=thread,
    )
    session.add(message)
    session.flush()
    return message


def supersede(session: Session, thread: str) -> bool:
    """Take back what a thread has not sent yet; give back whether anything may have arrived.

    One that is on its way is left to its process and not tried again. Neither is one of which
    nobody knows whether it arrived: sending it again would put the old word last.
    """
    may_have_arrived = False
    found = select(OutboxMessage).where(OutboxMessage.thread == thread).with_for_update()
    for message in session.scalars(found.execution_options(populate_existing=True)):
        match message.state:
            case MessageState.QUEUED | MessageState.FAILED:
                message.state = MessageState.CANCELLED
                message.body = message.calendar = None
            case MessageState.SENDING:
                message.is_superseded = may_have_arrived = True
            case MessageState.UNCERTAIN:
                message.state, message.is_superseded = MessageState.CANCELLED, True
                may_have_arrived = True
                message.body = message.calendar = None
            case MessageState.SENT:
                may_have_arrived = True
            case MessageState.CANCELLED:
                # Superseded while it left, and nobody knows whether it did.
                may_have_arrived = may_have_arrived or message.is_superseded
    session.flush()
    return may_have_arrived


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process alone may send now.

    Attributes:
        id: the outbox row.
        claimed_at: stands on the row; tells this claim from any later one.
        mail: what to send.
    """

    id: UUID
    claimed_at: datetime
    mail: Delivery


def deliver_due(config: Config, day: date, *, clock: Callable[[], datetime] = db.utcnow) -> int:
    """Send what is due, each message in transactions of its own; give back how many were sent.

    Without SMTP_URL everything stays in the outbox. Any number of processes may run this at once.

    Args:
        config: where the mail server is.
        day: not used; every job is told its day.
        clock: what time it is.
    """
    del day
    with db.begin() as session:
        mark_stuck_uncertain(session, now=clock())
    if config.smtp_url is None:
        return 0
    sent = 0
    while True:
        with db.begin() as session:
            claim = claim_next(session, now=clock())
        if claim is None:
            return sent
        verdict = send_mail(config.smtp_url, config.mail_from, claim.mail)
        with db.begin() as session:
            settle(session, claim, verdict, now=clock())
        log.info("message", id=str(claim.id), result=verdict.state, code=verdict.code)
        sent += verdict.state == "sent"


def mark_stuck_uncertain(session: Session, *, now: datetime) -> int:
    """Call every message whose process died while sending it uncertain; give back how many."""
    touched = 0
    for superseded, state in (
        (False, MessageState.UNCERTAIN),
        (True, MessageState.CANCELLED),  # a later one says what holds; nobody need decide
    ):
        stuck = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.state == MessageState.SENDING,
                OutboxMessage.sending_at < now - STUCK_AFTER,
                OutboxMessage.is_superseded.is_(superseded),
            )
            .values(state=state, last_error="stopped_while_sending")
            .execution_options(synchronize_session=False)
        )
        touched += cast("CursorResult[Any]", stuck).rowcount
    return touched


def claim_next(session: Session, *, now: datetime) -> Claim | None:
    """Mark the oldest due message as being sent; None when nothing is due.

    On SQLite writers take turns; on PostgreSQL the row is locked and others skip it.
    """
    earlier = aliased(OutboxMessage)
    is_waiting_its_turn = (
        select(earlier.id)
        .where(earlier.thread == OutboxMessage.thread, earlier.state == MessageState.SENDING)
        .exists()
    )
    message = session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.state == MessageState.QUEUED,
            ~is_waiting_its_turn,
            or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= now),
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is None:
        return None
    message.state, message.sending_at = MessageState.SENDING, now
    message.attempts += 1
    session.flush()
    mail = Delivery(message.message_id, message.recipient, message.subject, message.body or "")
    sender = several(session, message.unit_id, "sender_name", "reply_to")
    mail = replace(mail, calendar=message.calendar, **sender)
    return Claim(message.id, now, mail)


def settle(session: Session, claim: Claim, verdict: Verdict, *, now: datetime) -> None:
    """Write down how the conversation ended, unless a person has decided in the meantime."""
    message = session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.id == claim.id,
            OutboxMessage.sending_at == claim.claimed_at,
            OutboxMessage.state.in_((MessageState.SENDING, MessageState.UNCERTAIN)),
        )
        .with_for_update()
    )
    if message is None:
        return
    message.last_error = verdict.code
    if message.is_superseded and verdict.state != "sent":
        message.state, message.body, message.calendar = MessageState.CANCELLED, None, None
        session.flush()
        return
    match verdict.state:
        case "sent":
            message.state, message.sent_at = MessageState.SENT, now
            message.body = message.calendar = None  # it held a link; nobody needs it here any more
        case "uncertain":
            message.state = MessageState.UNCERTAIN
        case "failed":
            message.state = MessageState.FAILED
        case _:
            _try_later(message, now)
    session.flush()


def _try_later(message: OutboxMessage, now: datetime) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        message.state = MessageState.FAILED
        return
    message.state, message.sending_at = MessageState.QUEUED, None
    message.not_before = now + _WAITS[min(message.attempts, len(_WAITS)) - 1]
