"""Something that went wrong at a placement, whose it is, and how it was resolved (PRO-21)."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class DisturbanceKind(enum.StrEnum):
    """What happened, as a code. Illness is none: absence has a pattern here, never a cause."""

    ABSENCE = "absence"
    CONFLICT = "conflict"
    SAFETY = "safety"
    WORKPLACE_CHANGE = "workplace_change"
    INTERRUPTION = "interruption"
    MISCONDUCT = "misconduct"
    OTHER = "other"


#: The kind of the task that goes with whoever answers for a disturbance.
DISTURBANCE_TASK = "disturbance"
#: What the unit has agreed to tell the employment service of, when it has decided (PLA-11).
TOLD_TO_AF = (DisturbanceKind.INTERRUPTION, DisturbanceKind.MISCONDUCT)


class DisturbanceOutcome(enum.StrEnum):
    """How it was closed."""

    RESOLVED = "resolved"
    CHANGED = "changed"  # other times, tasks or supervisor
    PLACEMENT_ENDED = "placement_ended"
    MISTAKEN = "mistaken"  # nothing had gone wrong


class AfChannel(enum.StrEnum):
    """How the employment service was told. Nothing is sent from here."""

    PHONE = "phone"
    MEETING = "meeting"
    LETTER = "letter"
    THEIR_SYSTEM = "their_system"


class Disturbance(Identified, Recorded, Versioned, Base):
    """One event, with somebody who answers for it until it is closed."""

    __tablename__ = "disturbance"
    __table_args__ = retention(
        "case", CheckConstraint("closed_on >= happened_on", name="closed_after")
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    kind: Mapped[DisturbanceKind]
    happened_on: Mapped[date]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    what_is_done: Mapped[str] = mapped_column(EncryptedText("disturbance.what_is_done"))
    due_on: Mapped[date]
    closed_on: Mapped[date | None]
    outcome: Mapped[DisturbanceOutcome | None]
    outcome_words: Mapped[str | None] = mapped_column(EncryptedText("disturbance.outcome_words"))
    tell_af: Mapped[bool] = mapped_column(default=False)
    af_told_on: Mapped[date | None]
    af_channel: Mapped[AfChannel | None]
