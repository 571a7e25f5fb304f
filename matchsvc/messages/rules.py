"""What people do with the outbox: see it, and decide about what a machine may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.messages.addresses import mark_works
from matchsvc.messages.models import MessageState, OutboxMessage

PAGE_SIZE = 50
#: Who looks after the unit's messages.
READERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
    Role.ADMIN,
)
#: What only a person can move on from.
WAITING = (MessageState.UNCERTAIN, MessageState.FAILED)
#: The groups of the list, by the code in its address.
GROUPS: Mapping[str, tuple[MessageState, ...]] = {
    "waiting": (MessageState.UNCERTAIN,),
    "not_arrived": (MessageState.FAILED, MessageState.BOUNCED),
    "on_the_way": (MessageState.QUEUED, MessageState.SENDING),
    "sent": (MessageState.SENT,),
    "taken_back": (MessageState.CANCELLED,),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages a list shows.

    Attributes:
        group: of :data:`GROUPS`; None is all, and an unknown one too.
        kind: such as ``employer_survey``.
        about: id of what caused them, or of whom they went to.
    """

    group: str | None = None
    kind: str | None = None
    about: UUID | None = None

    def within(self, found: Select[OutboxMessage]) -> Select[OutboxMessage]:
        """Narrow a question to these."""
        if self.group in GROUPS:
            found = found.where(OutboxMessage.state.in_(GROUPS[self.group or ""]))
        if self.kind:
            found = found.where(OutboxMessage.kind == self.kind)
        if self.about:
            found = found.where(
                or_(OutboxMessage.cause_id == self.about, OutboxMessage.recipient_id == self.about)
            )
        return found


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A message as a list shows it.

    Attributes:
        message: the row.
        recipient: masked, except in a demo.
        body: only in a demo that has no mail server; a real body holds a secret link.
    """

    message: OutboxMessage
    recipient: str
    body: str | None


def list_messages(
    session: Session,
    actor: Actor,
    *,
    has_server: bool,
    wanted: Wanted = EVERYTHING,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> list[ListedMessage]:
    """The unit's messages: those that wait for a person first, then the newest.

    Args:
        session: to read with.
        actor: whose unit; a command sees all units.
        has_server: whether SMTP_URL is set. Without one, a demo shows what would have been sent.
        wanted: which of them.
        page: from 1.
        size: how many a page; None gives all.
    """
    actor.require_role(*READERS)
    found = wanted.within(_of(actor)).order_by(
        OutboxMessage.state.in_(WAITING).desc(),
        OutboxMessage.created_at.desc(),
        OutboxMessage.id,
    )
    if size is not None:
        found = found.limit(size).offset((page - 1) * size)
    is_open = not has_server and accounts.is_demo(session)
    rows = list(session.scalars(found))
    audit.record(session, actor, "list", "outbox_message")
    return [
        ListedMessage(
            row,
            row.recipient if is_open else masked_address(row.recipient),
            row.body if is_open else None,
        )
        for row in rows
    ]


def count_messages(session: Session, actor: Actor, wanted: Wanted = EVERYTHING) -> int:
    """How many messages the actor's list has."""
    found = wanted.within(_of(actor)).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def kinds_of_messages(session: Session, actor: Actor) -> list[str]:
    """The kinds that the actor's list holds."""
    found = _of(actor).with_only_columns(OutboxMessage.kind).distinct()
    return sorted(session.scalars(found))


def get_message(session: Session, actor: Actor, message_id: UUID) -> ListedMessage:
    """One message as the list shows it, without its text.

    Raises:
        NotFound: it is not the unit's.
    """
    actor.require_role(*READERS)
    message = session.scalar(_of(actor).where(OutboxMessage.id == message_id))
    if message is None:
        raise NotFound("outbox_message")
    audit.record(session, actor, "read", "outbox_message", message.id)
    return ListedMessage(message, masked_address(message.recipient), None)


def count_waiting_messages(session: Session, actor: Actor) -> int:
    """How many messages wait for a person's word: a notice for the week's page."""
    waiting = _of(actor).where(OutboxMessage.state.in_(WAITING))
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def confirm_sent(session: Session, actor: Actor, message_id: UUID, *, now: datetime) -> None:
    """A person has found out that the uncertain message did arrive.

    Raises:
        NotFound: it is not the unit's.
        RuleViolation: it is not uncertain (any longer).
    """
    message = _waiting(session, actor, message_id, MessageState.UNCERTAIN)
    message.state, message.sent_at = MessageState.SENT, now
    message.body = message.calendar = None
    session.flush()
    audit.record(session, actor, "confirm_sent", "outbox_message", message.id)


def send_again(session: Session, actor: Actor, message_id: UUID, *, now: datetime) -> None:
    """A person wants the message sent once more, knowing that it may arrive twice.

    Raises:
        NotFound: it is not the unit's.
        RuleViolation: it does not wait for a person (any longer).
    """
    message = _waiting(session, actor, message_id, *WAITING)
    message.state, message.sending_at, message.not_before = MessageState.QUEUED, None, now
    message.attempts, message.last_error, message.followed_up_at = 0, None, None
    mark_works(session, message.unit_id, message.recipient)  # somebody says that it is right
    session.flush()
    audit.record(session, actor, "send_again", "outbox_message", message.id)


def masked_address(address: str) -> str:
    """``p…@kvarnkoket.se``, ``+46…15``: enough to tell messages apart, not enough to write to."""
    if address.startswith("+"):
        return f"{address[:3]}…{address[-2:]}"
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}"


def message_data(listed: ListedMessage) -> dict[str, Any]:
    """A listed message for a program."""
    message = listed.message
    return {
        "id": message.id,
        "kind": message.kind,
        "channel": message.channel.value,
        "state": message.state.value,
        "recipient": listed.recipient,
        "subject": message.subject,
        "body": listed.body,
        "created_at": message.created_at,
        "sent_at": message.sent_at,
        "not_before": message.not_before,
        "attempts": message.attempts,
        "last_error": message.last_error,
    }


def _of(actor: Actor) -> Select[OutboxMessage]:
    found = select(OutboxMessage)
    return found if actor.is_system else found.where(OutboxMessage.unit_id == actor.unit_id)


def _waiting(
    session: Session, actor: Actor, message_id: UUID, *states: MessageState
) -> OutboxMessage:
    actor.require_role(*READERS)
    message = session.scalar(_of(actor).where(OutboxMessage.id == message_id).with_for_update())
    if message is None:
        raise NotFound("outbox_message")
    if message.state not in states:
        raise RuleViolation(
            "message_settled", N_("Det är redan avgjort. Ladda om sidan för att se hur det gick.")
        )
    return message
