"""Tables of papers: what was put up about something, and apart from that its sealed bytes."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention
from matchsvc.workday.paper_checks import MediaType


class PaperKind(enum.StrEnum):
    """What a paper is; the order is that of the page."""

    CONSENT = "consent"  # signed on paper
    DECISION = "decision"
    AGREEMENT = "agreement"
    CERTIFICATE = "certificate"
    OTHER = "other"


class Paper(Identified, Recorded, Base):
    """A scan or a file. Once put up it is not changed; it is taken away with a reason.

    It is as secret as what it is about and is kept as long: it has no class of its own.
    """

    __tablename__ = "paper"
    __table_args__ = retention("case", Index(None, "about_type", "about_id", "put_up_at"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    about_type: Mapped[str]  # "participant", "employer", "placement", "consent"
    about_id: Mapped[UUID]
    kind: Mapped[PaperKind]
    title: Mapped[str | None] = mapped_column(EncryptedText("paper.title"))
    note: Mapped[str | None] = mapped_column(EncryptedText("paper.note"))
    dated: Mapped[date | None]  # what stands on it
    file_name: Mapped[str] = mapped_column(EncryptedText("paper.file_name"))
    media_type: Mapped[MediaType]
    size: Mapped[int]  # bytes
    pages: Mapped[int]
    fingerprint: Mapped[str]  # blind index of what is kept: the same file twice is one
    put_up_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    put_up_at: Mapped[datetime]
    taken_away_at: Mapped[datetime | None] = mapped_column(index=True)
    taken_away_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    taken_away_reason: Mapped[str | None] = mapped_column(EncryptedText("paper.taken_away_reason"))
    erased_at: Mapped[datetime | None]  # its bytes, its name and its note are no more


class PaperContent(Base):
    """The sealed bytes of a paper, apart from it: no list ever loads them."""

    __tablename__ = "paper_content"
    __table_args__ = retention("case")

    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(
        LargeBinary, info={"sealed_for": "paper_content.sealed:{paper_id}"}
    )
