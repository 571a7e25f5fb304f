"""What has been published, kept as it was published."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, Recorded, retention


class Part(enum.StrEnum):
    """What of a year a publication is about, in the order that they are made."""

    FIRST = "q1"
    SECOND = "q2"
    THIRD = "q3"
    FOURTH = "q4"
    YEAR = "year"
    COHORT = "cohort"  # where those who were enrolled in the year had come a year after its end


QUARTERS = (Part.FIRST, Part.SECOND, Part.THIRD, Part.FOURTH)


class PublishedReport(Identified, Recorded, Base):
    """The published figures of a unit and a quarter, year or cohort. Never changed.

    The content holds nothing but what may be shown: sums of groups that are large enough
    (docs/decisions/0013). What is hidden stands nowhere in it.
    """

    __tablename__ = "published_report"
    __table_args__ = retention("statistics", UniqueConstraint("unit_id", "year", "part"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    part: Mapped[Part]
    #: What was recorded later is not in it.
    recorded_until: Mapped[datetime]
    content: Mapped[str] = mapped_column(Text)  # JSON, keys sorted
    checksum: Mapped[str]  # SHA-256 of the content
