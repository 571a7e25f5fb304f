"""Tables of the employer's support: links and codes, the information pack, questions and help."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class RequestKind(enum.StrEnum):
    """What an employer sends us by the link: a question, or what sort of help is needed."""

    QUESTION = "question"
    CALL_ME = "call_me"
    WORK_DOES_NOT_GO = "work_does_not_go"
    TIMES = "times"
    INCIDENT = "incident"


#: The kinds of help. There is no room for words: what it is about is told on the telephone.
HELP = (
    RequestKind.CALL_ME,
    RequestKind.WORK_DOES_NOT_GO,
    RequestKind.TIMES,
    RequestKind.INCIDENT,
)


class SupportLink(Identified, Recorded, Base):
    """A standing link that was given to one contact about one placement.

    A new one is a new row, so that who still has an old address can ask for a new link. The signed
    link is gone when the participant has become protected.
    """

    __tablename__ = "support_link"
    __table_args__ = retention("case")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), index=True)
    signed_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("signed_link.id", ondelete="SET NULL"), index=True
    )
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))  # None: renewed
    revoked_at: Mapped[datetime | None]  # by staff; who lost it may not renew it
    revoked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class InfoBlock(Identified, Recorded, Versioned, Base):
    """A piece of the information pack as the unit writes it now (EMP-08)."""

    __tablename__ = "info_block"
    __table_args__ = retention("reference")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int]
    is_on: Mapped[bool] = mapped_column(default=True)
    title_sv: Mapped[str]
    body_sv: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str]
    body_en: Mapped[str] = mapped_column(Text)


class InfoPack(Identified, Recorded, Base):
    """A published version of the pack. Never changed: who got it can always read what it said."""

    __tablename__ = "info_pack"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "number"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]
    published_on: Mapped[date]
    published_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: ``{"sv": [{"title", "body"}], "en": [...]}`` in order.
    content: Mapped[dict[str, Any]]


class SharedPack(Identified, Recorded, Base):
    """That a placement's employer got a version. The latest row says which one they read."""

    __tablename__ = "shared_pack"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    pack_id: Mapped[UUID] = mapped_column(ForeignKey("info_pack.id"))
    shared_on: Mapped[date]
    shared_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class SupportRequest(Identified, Recorded, Versioned, Base):
    """A question, or a call for help, that came by the link; its answer."""

    __tablename__ = "support_request"
    __table_args__ = retention("case")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), index=True)
    submission_id: Mapped[UUID] = mapped_column(unique=True)  # one form, saved once
    kind: Mapped[RequestKind]
    text: Mapped[str | None] = mapped_column(EncryptedText("support_request.text"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    due_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(EncryptedText("support_request.answer"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class QaEntry(Identified, Recorded, Versioned, Base):
    """A question with its answer that every employer may read. It names nobody."""

    __tablename__ = "qa_entry"
    __table_args__ = retention("reference")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int]
    is_on: Mapped[bool] = mapped_column(default=True)
    question_sv: Mapped[str]
    answer_sv: Mapped[str] = mapped_column(Text)
    question_en: Mapped[str | None]
    answer_en: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("support_request.id"))


class PreMeeting(Identified, Recorded, Base):
    """The meeting before a placement: what was booked in the diary, for which placement."""

    __tablename__ = "pre_meeting"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), unique=True)
