"""What the workplace's own supervisor says between the follow-ups (PLA-05)."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention


class AttendanceSaid(enum.StrEnum):
    """Attendance as the workplace sees it. There is no room for why."""

    AS_AGREED = "as_agreed"
    LESS = "less"
    MORE = "more"


class Going(enum.StrEnum):
    """How it goes, in three steps."""

    GOOD = "good"
    SO_SO = "so_so"
    HARD = "hard"


class WorkplaceWord(Identified, Recorded, Base):
    """One answer from the workplace, read by whoever logs the next follow-up. It names nobody."""

    __tablename__ = "workplace_word"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), index=True)
    submission_id: Mapped[UUID] = mapped_column(unique=True)  # one form, saved once
    said_on: Mapped[date]
    attendance: Mapped[AttendanceSaid]
    going: Mapped[Going]
    text: Mapped[str | None] = mapped_column(EncryptedText("workplace_word.text"))
