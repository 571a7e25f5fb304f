"""Tables of the map: the most secret data there is here (MAP-02). Words are encrypted at rest."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class MapCell(Identified, Recorded, Versioned, Base):
    """What was said in one place of the map; each place is saved by itself."""

    __tablename__ = "map_cell"
    __table_args__ = retention("case", UniqueConstraint("case_id", "area", "side"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    area: Mapped[str]  # a code of mapping.AREAS
    side: Mapped[str]  # a code of the sides of that area
    words: Mapped[str] = mapped_column(EncryptedText("map_cell.words"))
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]


class SummaryState(enum.StrEnum):
    """Draft, gone through with her, signed by her, replaced by a newer one (MAP-03)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    SUPERSEDED = "superseded"


class MappingSummary(Identified, Recorded, Versioned, Base):
    """The running text of what the map says about work. Signed it never changes."""

    __tablename__ = "mapping_summary"
    __table_args__ = retention("case", UniqueConstraint("case_id", "number"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]  # 1 is the first
    state: Mapped[SummaryState] = mapped_column(default=SummaryState.DRAFT)
    body: Mapped[str] = mapped_column(EncryptedText("mapping_summary.body"))
    proposals: Mapped[str | None] = mapped_column(EncryptedText("mapping_summary.proposals"))
    #: Hers, word for word.
    comment: Mapped[str | None] = mapped_column(EncryptedText("mapping_summary.comment"))
    is_dissent: Mapped[bool] = mapped_column(default=False)
    interpreter_language: Mapped[str | None]
    written_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    reviewed_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    content_hash: Mapped[str | None]  # of what was signed


class Orientation(enum.StrEnum):
    """What kind of support comes first, as a person judged it (MAP-10, GRP-06)."""

    MAPPING = "mapping"
    GUIDANCE = "guidance"
    REHABILITATION = "rehabilitation"


class SupportOrientation(Identified, Recorded, Base):
    """A judgement of what support is needed; the latest counts. Never made by machine."""

    __tablename__ = "support_orientation"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    orientation: Mapped[Orientation]
    set_on: Mapped[date]
    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
