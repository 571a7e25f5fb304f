"""Tables of somebody's own page: each time it was shown, and what she says is wrong (LAW-04)."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class OwnPageVisit(Identified, Recorded, Versioned, Base):
    """One time that the page was shown with somebody's help: who helped, and who interpreted."""

    __tablename__ = "own_page_visit"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    assisted_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    language: Mapped[str]  # code of a file under texts/
    interpreter: Mapped[str | None] = mapped_column(EncryptedText("own_page_visit.interpreter"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CorrectionKind(enum.StrEnum):
    """What somebody says of what stands about her."""

    WRONG = "wrong"  # something is wrong or missing (GDPR 16)
    DISSENT = "dissent"  # she sees it otherwise, and that is noted (SoL 14:6)


class CorrectionOutcome(enum.StrEnum):
    """What was done."""

    CORRECTED = "corrected"
    NOTED = "noted"  # her own view stands beside what was written
    KEPT = "kept"  # nothing was changed, and the answer says why


class Correction(Identified, Recorded, Versioned, Base):
    """What she said, word for word, and what came of it."""

    __tablename__ = "correction"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[CorrectionKind]
    words: Mapped[str] = mapped_column(EncryptedText("correction.words"))
    language: Mapped[str]
    interpreter: Mapped[str | None] = mapped_column(EncryptedText("correction.interpreter"))
    said_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[CorrectionOutcome | None]
    answer: Mapped[str | None] = mapped_column(EncryptedText("correction.answer"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
