"""What a participant says of what an employer would see (domain 4.5). Append-only."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention


class PresentationSaid(enum.StrEnum):
    """What was answered when it was read together."""

    APPROVED = "approved"
    CHANGE = "change"  # something in it is to be said otherwise first
    REFUSED = "refused"


class PresentationAnswer(Identified, Recorded, Base):
    """One answer. The latest counts; earlier ones are kept."""

    __tablename__ = "presentation_answer"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    answer: Mapped[PresentationSaid]
    #: What should be said otherwise, word for word.
    words: Mapped[str | None] = mapped_column(EncryptedText("presentation_answer.words"))
    content_hash: Mapped[str]  # of what was shown
    language: Mapped[str]  # it was read in
    interpreter: Mapped[str | None] = mapped_column(
        EncryptedText("presentation_answer.interpreter")
    )
    answered_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
