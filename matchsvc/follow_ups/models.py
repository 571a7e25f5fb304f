"""What was handed in of a follow-up, version by version, and the rows of development (PLA-06)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class Standing(enum.StrEnum):
    """What has become of a version."""

    STANDING = "standing"  # what the follow-up says
    BESIDE = "beside"  # came when another stood already; somebody compares them
    COMPARED = "compared"  # somebody has; kept for ever


class FollowUpVersion(Identified, Versioned, Base):
    """A follow-up as one person handed it in, word for word. None is ever overwritten."""

    __tablename__ = "follow_up_version"
    __table_args__ = retention("case")

    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("follow_up.id"), index=True)
    submission_id: Mapped[UUID] = mapped_column(unique=True)  # one form, saved once
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    content: Mapped[str] = mapped_column(EncryptedText("follow_up_version.content"))  # JSON
    standing: Mapped[Standing]


class DevelopmentState(enum.StrEnum):
    """How far a row of the development plan has come."""

    ONGOING = "ongoing"
    REACHED = "reached"
    DROPPED = "dropped"


class DevelopmentRow(Identified, Recorded, Versioned, Base):
    """One thing that the participant wants to develop; she is its first author (PLA-06)."""

    __tablename__ = "development_row"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    #: Where she proposed it; None when it was written between two follow-ups.
    follow_up_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id"), index=True)
    proposed_on: Mapped[date]
    area: Mapped[str] = mapped_column(EncryptedText("development_row.area"))
    goal: Mapped[str] = mapped_column(EncryptedText("development_row.goal"))
    own_part: Mapped[str | None] = mapped_column(EncryptedText("development_row.own_part"))
    unit_part: Mapped[str | None] = mapped_column(EncryptedText("development_row.unit_part"))
    workplace_part: Mapped[str | None] = mapped_column(
        EncryptedText("development_row.workplace_part")
    )
    review_on: Mapped[date | None]
    state: Mapped[DevelopmentState] = mapped_column(default=DevelopmentState.ONGOING)
    state_on: Mapped[date | None]
    written_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
