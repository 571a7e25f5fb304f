"""The outbox: messages written with their cause, delivered one at a time, none of them twice.

*Sending* is committed before the conversation with the mail server and *sent* after it. A process
that dies in between leaves a message *sending*; ten minutes later it is *uncertain*: a machine
never sends it again, a person decides (see rules.py). The Message-ID stays the same over attempts,
so that a receiver can tell a second copy.

Messages of one *thread* are about one thing that changes, such as the time of a meeting, to one
person. A later one takes back those that have not left; one that is leaving right now is waited
for and never tried again, so that what arrives last is always what was said last.

Whoever is written to by reference is asked for again at the last moment (:data:`Gates`): somebody
who has become protected, or who has said no in the meantime, gets nothing. A kind of recipient that
nobody answers for is never written to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import structlog
from sqlalchemy import CursorResult, Select, or_, select, update
from sqlalchemy.orm import Session, aliased

from matchsvc import db
from matchsvc.accounts.settings import several
from matchsvc.config import Config
from matchsvc.messages import quiet
from matchsvc.messages.addresses import is_undeliverable
from matchsvc.messages.mail import Delivery, Verdict, send_mail
from matchsvc.messages.models import MessageState, OutboxMessage, RecipientKind, Via
from matchsvc.messages.texts import HttpGateway

log = structlog.get_logger("matchsvc.messages")

#: A conversation takes minutes at most; one older than this died with its process.
STUCK_AFTER = timedelta(minutes=10)
MAX_ATTEMPTS = 24  # with the waits below, two and a half days: a weekend without a server
_WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 40, 60, 120, 240))
#: Says why a message may not go to somebody now, as a code; None when it may. It lets the message
#: go to the address that holds now, so that one that was corrected is used without more ado.
Gate = Callable[[Session, OutboxMessage], str | None]
Gates = Mapping[RecipientKind, Gate]
#: What was withheld at the last moment, and why, stands in ``last_error`` after this.
WITHHELD = "withheld:"


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
    channel: Via = Via.EMAIL,
    to: tuple[RecipientKind, UUID] | None = None,
    is_reminder: bool = False,
    not_after: datetime | None = None,
) -> OutboxMessage:
    """Put a message in the outbox, in the transaction of its cause: both happen or neither.

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
        channel: a text message has its own words, see :mod:`matchsvc.messages.short`.
        to: who is written to, when it is somebody we know; asked for again before it leaves.
        is_reminder: it waits out the unit's quiet hours.
        not_after: from this instant on it is of no use and is taken back.
    """
    kind_of_recipient, recipient_id = to or (None, None)
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
        channel=channel,
        recipient_kind=kind_of_recipient,
        recipient_id=recipient_id,
        is_reminder=is_reminder,
        not_after=not_after,
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
            case MessageState.SENT | MessageState.BOUNCED:
                may_have_arrived = True
            case MessageState.CANCELLED:
                # Superseded while it left, and nobody knows whether it did.
                may_have_arrived = may_have_arrived or message.is_superseded
    session.flush()
    return may_have_arrived


def withdraw(
    session: Session,
    kind: RecipientKind,
    recipient_id: UUID,
    *,
    why: str,
    channels: Collection[Via] = tuple(Via),
) -> int:
    """Take back everything that waits to go to somebody; give back how many messages."""
    waiting = select(OutboxMessage).where(
        OutboxMessage.recipient_kind == kind,
        OutboxMessage.recipient_id == recipient_id,
        OutboxMessage.channel.in_(channels),
        OutboxMessage.state.in_((MessageState.QUEUED, MessageState.FAILED)),
    )
    found = session.scalars(waiting.with_for_update()).all()
    for message in found:
        _take_back(message, WITHHELD + why)
    session.flush()
    return len(found)


def forget_recipient(session: Session, kind: RecipientKind, recipient_id: UUID) -> None:
    """Take back what waits to go to somebody, and keep no address that anything went to."""
    withdraw(session, kind, recipient_id, why="protected")
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.recipient_kind == kind, OutboxMessage.recipient_id == recipient_id)
        .values(recipient="", body=None, calendar=None, is_superseded=True)
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process alone may send now.

    Attributes:
        id: the outbox row.
        claimed_at: stands on the row; tells this claim from any later one.
        mail: what to send.
        channel: how.
    """

    id: UUID
    claimed_at: datetime
    mail: Delivery
    channel: Via = Via.EMAIL


def deliver_due(
    config: Config,
    day: date,
    *,
    clock: Callable[[], datetime] = db.utcnow,
    gates: Gates | None = None,
) -> int:
    """Send what is due, each message in transactions of its own; give back how many were sent.

    Without SMTP_URL or SMS_URL everything of that kind stays in the outbox. Any number of processes
    may run this at once.

    Args:
        config: where the mail server and the gateway are.
        day: not used; every job is told its day.
        clock: what time it is.
        gates: who says whether somebody we know may be written to.
    """
    del day
    with db.begin() as session:
        mark_stuck_uncertain(session, now=clock())
    channels = {Via.EMAIL: config.smtp_url, Via.TEXT: config.sms_url}
    open_ones = {channel for channel, url in channels.items() if url}
    sent = 0
    while open_ones:
        with db.begin() as session:
            claim = claim_next(session, now=clock(), channels=open_ones, gates=gates or {})
        if claim is None:
            return sent
        verdict = _send(config, claim)
        with db.begin() as session:
            settle(session, claim, verdict, now=clock())
        log.info("message", id=str(claim.id), result=verdict.state, code=verdict.code)
        sent += verdict.state == "sent"
        if verdict.state == "later" and not (verdict.code or "").isdigit():
            # Nobody answers there. The others wait for the next round without an attempt.
            open_ones.discard(claim.channel)
    return sent


def _send(config: Config, claim: Claim) -> Verdict:
    if claim.channel is Via.TEXT:
        return HttpGateway(config.sms_url or "").send(claim.mail)
    return send_mail(config.smtp_url or "", config.mail_from, claim.mail)


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


def claim_next(
    session: Session,
    *,
    now: datetime,
    channels: Collection[Via] = (Via.EMAIL,),
    gates: Gates | None = None,
) -> Claim | None:
    """Mark the oldest due message as being sent; None when nothing is due.

    What may not go is passed over: taken back, called failed, or put off to the morning. On SQLite
    writers take turns; on PostgreSQL the row is locked and others skip it.
    """
    gates = gates or {}
    due = _due(now, channels, gates)
    while (message := session.scalar(due)) is not None:
        said = several(session, message.unit_id, "sender_name", "reply_to", *quiet.SETTINGS)
        if _is_passed_over(session, message, gates, quiet.quiet_of(said), now):
            session.flush()
            continue
        message.state, message.sending_at = MessageState.SENDING, now
        message.attempts += 1
        session.flush()
        mail = Delivery(message.message_id, message.recipient, message.subject, message.body or "")
        sender = {key: said[key] for key in ("sender_name", "reply_to")}
        mail = replace(mail, calendar=message.calendar, **sender)
        return Claim(message.id, now, mail, message.channel)
    return None


def _due(now: datetime, channels: Collection[Via], gates: Gates) -> Select[OutboxMessage]:
    earlier = aliased(OutboxMessage)
    is_waiting_its_turn = (
        select(earlier.id)
        .where(earlier.thread == OutboxMessage.thread, earlier.state == MessageState.SENDING)
        .exists()
    )
    return (
        select(OutboxMessage)
        .where(
            OutboxMessage.state == MessageState.QUEUED,
            OutboxMessage.channel.in_(channels),
            or_(
                OutboxMessage.recipient_kind.is_(None),
                OutboxMessage.recipient_kind.in_(list(gates)),
            ),
            ~is_waiting_its_turn,
            or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= now),
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _is_passed_over(
    session: Session,
    message: OutboxMessage,
    gates: Gates,
    hours: quiet.Quiet,
    now: datetime,
) -> bool:
    why = None
    if message.recipient_kind is not None:
        why = gates[message.recipient_kind](session, message)
    opens = quiet.first_open(now, hours) if message.is_reminder else now
    if why is not None:
        _take_back(message, WITHHELD + why)
    elif message.not_after is not None and opens >= message.not_after:
        _take_back(message, WITHHELD + "too_late")
    elif is_undeliverable(session, message.unit_id, message.recipient):
        message.state, message.last_error = MessageState.FAILED, "known_undeliverable"
    elif opens > now:
        message.not_before = opens
    else:
        return False
    return True


def _take_back(message: OutboxMessage, code: str) -> None:
    message.state, message.last_error = MessageState.CANCELLED, code
    message.body = message.calendar = None


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
        _take_back(message, verdict.code or "")
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
