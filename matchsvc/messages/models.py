"""Tables of the outbox and of signed links."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention


class MessageState(enum.StrEnum):
    """Where a message is on its way (DESIGN section 6).

    ``uncertain``: found ``sending`` after a crash; never resent by machine.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OutboxMessage(Identified, Recorded, Base):
    """An e-mail, written in the same transaction as its cause, delivered by the scheduler."""

    __tablename__ = "outbox_message"
    __table_args__ = retention("technical")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str]  # "employer_survey", "set_password"
    recipient: Mapped[str] = mapped_column(EncryptedText("outbox_message.recipient"))
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
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]  # a code and the server's number, no addresses


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

    link: Mapped[SignedLink] = relationship(lazy="raise_on_sql")
