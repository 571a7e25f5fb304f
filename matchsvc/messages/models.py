"""Tables of the outbox and of signed links."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class MessageState(enum.StrEnum):
    """Where a message is on its way (DESIGN section 6).

    ``uncertain``: found ``sending`` after a crash; never resent by machine. ``bounced``: taken by
    the server, and came back later.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BOUNCED = "bounced"


class Via(enum.StrEnum):
    """How a message travels."""

    EMAIL = "email"
    TEXT = "text"


class Reach(enum.StrEnum):
    """How somebody wants messages, where there is a choice."""

    EMAIL = "email"
    TEXT = "text"
    NONE = "none"


class RecipientKind(enum.StrEnum):
    """Who is written to, when it is somebody we know; says who is asked before it is sent."""

    CONTACT = "contact"
    PARTICIPANT = "participant"
    USER = "user"


class Digest(enum.StrEnum):
    """How often a colleague wants to be told how much waits."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class OutboxMessage(Identified, Recorded, Base):
    """An e-mail or text message, written with its cause, delivered by the scheduler."""

    __tablename__ = "outbox_message"
    __table_args__ = retention("technical")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str]  # "employer_survey", "set_password"
    channel: Mapped[Via] = mapped_column(default=Via.EMAIL)
    #: Who is written to, by reference; asked again before it leaves (see outbox.Gate).
    recipient_kind: Mapped[RecipientKind | None]
    recipient_id: Mapped[UUID | None] = mapped_column(index=True)
    recipient: Mapped[str] = mapped_column(EncryptedText("outbox_message.recipient"))
    #: Whether recipient and body are gone because it is long ago; retention/tidying.py.
    recipient_forgotten: Mapped[bool] = mapped_column(default=False, server_default=false())
    subject: Mapped[str]
    body: Mapped[str | None] = mapped_column(
        EncryptedText("outbox_message.body")
    )  # wiped when sent
    calendar: Mapped[str | None] = mapped_column(
        EncryptedText("outbox_message.calendar")
    )  # an invitation (iCalendar), wiped when sent
    #: Messages of one thread are sent in order, and only the newest that is not yet on its way.
    thread: Mapped[str | None] = mapped_column(index=True)
    is_superseded: Mapped[bool] = mapped_column(default=False)
    cause_id: Mapped[UUID | None] = mapped_column(index=True)
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_link.id"))
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED, index=True)
    message_id: Mapped[str] = mapped_column(unique=True)  # stable over attempts
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]  # of no use later, such as a reminder of a meeting
    is_reminder: Mapped[bool] = mapped_column(default=False)  # waits out the unit's quiet hours
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]  # a code and the server's number, no addresses
    #: When somebody was asked to mend what did not arrive; once for a message.
    followed_up_at: Mapped[datetime | None]


class UndeliverableAddress(Identified, Recorded, Base):
    """An address that a message came back from. A keyed hash: it can be asked, never read."""

    __tablename__ = "undeliverable_address"
    __table_args__ = retention("technical", UniqueConstraint("unit_id", "address_index"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    address_index: Mapped[str]
    code: Mapped[str]


class MessagePreference(Versioned, Base):
    """What a colleague wants to get; nobody has a row who has not chosen."""

    __tablename__ = "message_preference"
    __table_args__ = retention("account")

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    reach: Mapped[Reach] = mapped_column(default=Reach.EMAIL)
    digest: Mapped[Digest] = mapped_column(default=Digest.WEEKLY)


class LinkKind(enum.StrEnum):
    """Answer links end with the answer; standing links live as long as what they show."""

    ANSWER = "answer"
    STANDING = "standing"


class SignedLink(Identified, Recorded, Base):
    """An address with one purpose, for somebody without an account. Hashed, revocable."""

    __tablename__ = "signed_link"
    __table_args__ = retention("technical")

    token_hash: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[LinkKind]
    purpose: Mapped[str]  # "employer_survey"
    subject_id: Mapped[UUID] = mapped_column(index=True)  # the survey, the placement ...
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LinkSession(Identified, Recorded, Base):
    """Thirty minutes of answering, started by the button on a link's page."""

    __tablename__ = "link_session"
    __table_args__ = retention("technical")

    link_id: Mapped[UUID] = mapped_column(ForeignKey("signed_link.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    has_code: Mapped[bool] = mapped_column(default=False)  # begun with six digits, see codes.py

    link: Mapped[SignedLink] = relationship(lazy="raise_on_sql")


class LinkCode(Identified, Recorded, Base):
    """Six digits sent to the registered address of a link's holder. Hashed with a key."""

    __tablename__ = "link_code"
    __table_args__ = retention("technical")

    link_id: Mapped[UUID] = mapped_column(ForeignKey("signed_link.id"), index=True)
    code_hash: Mapped[str]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
