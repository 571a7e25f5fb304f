"""The table of who stands in for whom."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, Recorded, Versioned, retention


class Substitute(Identified, Recorded, Versioned, Base):
    """A colleague who does somebody's work for some days; it ends by itself."""

    __tablename__ = "substitute"
    __table_args__ = retention(
        "account",
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint("user_id <> substitute_id", name="somebody_else"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    substitute_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]  # inclusive
    reason: Mapped[str]
