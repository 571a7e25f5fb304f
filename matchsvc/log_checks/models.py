"""Tables of checks of the log: samples that were drawn, and what was judged of each line."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class SampleKind(enum.StrEnum):
    """Among which rows of the log a sample is drawn."""

    RANDOM = "random"
    OUTSIDE = "outside"  # one person's record, by somebody who does not work with her
    PROTECTED = "protected"
    VOLUME = "volume"  # days on which somebody read far more than usual
    REFUSED = "refused"
    BREAK_GLASS = "break_glass"  # a case was opened with a reason


class Outcome(enum.StrEnum):
    """What was judged of a line."""

    IN_ORDER = "in_order"
    ASKED = "asked"  # the reader was asked, and has not answered yet
    INVESTIGATE = "investigate"  # a deviation


class AuditSample(Identified, Recorded, Base):
    """A draw among the unit's rows of a period. The seed and the numbers repeat it."""

    __tablename__ = "audit_sample"
    __table_args__ = retention("log", Index(None, "unit_id", "drawn_at"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[SampleKind]
    from_on: Mapped[date]
    until_on: Mapped[date]  # inclusive
    size: Mapped[int]  # how many were asked for
    seed: Mapped[str]
    population: Mapped[int]  # among how many it was drawn
    population_hash: Mapped[str]  # over their numbers
    drawn_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    drawn_at: Mapped[datetime]


class AuditSampleLine(Identified, Versioned, Base):
    """One row that was drawn, and what became of it."""

    __tablename__ = "audit_sample_line"
    __table_args__ = retention("log", UniqueConstraint("sample_id", "number"))

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("audit_sample.id"), index=True)
    number: Mapped[int]  # 1, 2, 3 ... by time
    event_id: Mapped[int] = mapped_column(BigInteger)  # no key: rows of old months go
    outcome: Mapped[Outcome | None]
    comment: Mapped[str | None] = mapped_column(EncryptedText("audit_sample_line.comment"))
    judged_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    judged_at: Mapped[datetime | None]
