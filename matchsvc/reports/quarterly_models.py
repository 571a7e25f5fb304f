"""Tables of the quarterly report, its notes, and who is told when a quarter has ended."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, Identified, Recorded, Versioned, retention


class ReportState(enum.StrEnum):
    """Where a version of a report stands."""

    DRAFT = "draft"  # its figures are counted each time it is opened
    FROZEN = "frozen"  # nothing in it changes any more


class QuarterlyReport(Identified, Recorded, Versioned, Base):
    """One version of a unit's report on one quarter."""

    __tablename__ = "quarterly_report"
    __table_args__ = retention(
        "reference",
        UniqueConstraint("unit_id", "starts_on", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("(content is null) = (frozen_at is null)", name="frozen_with_content"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    starts_on: Mapped[date]  # the quarter's first day
    number: Mapped[int]
    state: Mapped[ReportState] = mapped_column(default=ReportState.DRAFT)
    #: Everything that it says, as canonical JSON; None in a draft.
    content: Mapped[str | None] = mapped_column(Text)
    checksum: Mapped[str | None]  # SHA-256 of the content
    frozen_at: Mapped[datetime | None]
    begun_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    frozen_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    notes: Mapped[list[QuarterlyNote]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="QuarterlyNote.section"
    )


class QuarterlyNote(Identified, Versioned, Base):
    """What the manager says of one section; saved by itself against its version."""

    __tablename__ = "quarterly_note"
    __table_args__ = retention("reference", UniqueConstraint("report_id", "section"))

    report_id: Mapped[UUID] = mapped_column(ForeignKey("quarterly_report.id"), index=True)
    section: Mapped[str]
    text: Mapped[str] = mapped_column(Text, default="")


class ReportSubscription(Recorded, Base):
    """Somebody who is told, with a link, that a quarter has ended."""

    __tablename__ = "report_subscription"
    __table_args__ = retention("account")

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
