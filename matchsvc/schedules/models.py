"""Tables of the individual schedule of a placement (PLA-02)."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class PhaseState(enum.StrEnum):
    """A ramp-up is a draft until participant and case worker agree (PLA-02)."""

    PROPOSED = "proposed"
    AGREED = "agreed"


class SchedulePhase(Identified, Recorded, Versioned, Base):
    """The days and times from one day on, until the next phase or the placement's end."""

    __tablename__ = "schedule_phase"
    __table_args__ = retention("case", UniqueConstraint("placement_id", "starts_on"))

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    starts_on: Mapped[date]
    #: ``[{"weekday": 1, "start": "09:00", "end": "12:00"}]``; 1 is Monday.
    days: Mapped[list[dict[str, Any]]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    #: What both look for before the hours grow, stay or shrink; functional words.
    step_up: Mapped[str | None] = mapped_column(EncryptedText("schedule_phase.step_up"))
    hold: Mapped[str | None] = mapped_column(EncryptedText("schedule_phase.hold"))
    step_back: Mapped[str | None] = mapped_column(EncryptedText("schedule_phase.step_back"))
    state: Mapped[PhaseState] = mapped_column(default=PhaseState.PROPOSED)
    agreed_on: Mapped[date | None]
    agreed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class BreakReason(enum.StrEnum):
    """Why nobody is there for some days. Absence for illness is no break and has no reason."""

    CLOSED = "closed"  # the workplace
    HOLIDAY = "holiday"
    OTHER = "other"


class ScheduleBreak(Identified, Recorded, Base):
    """Days without times, first and last inclusive."""

    __tablename__ = "schedule_break"
    __table_args__ = retention(
        "case", CheckConstraint("last_day >= first_day", name="days_in_order")
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[BreakReason]
