"""Tables of notes: what was written, every earlier text of it, and corrections added later."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class NoteCategory(enum.StrEnum):
    """What a note is about; the order is that of the page."""

    CONTACT = "contact"
    PLANNING = "planning"
    TRAINING = "training"  # at the workplace
    AUTHORITY = "authority"  # with another authority
    DECISION = "decision"
    OTHER = "other"


class Secrecy(enum.StrEnum):
    """Who may read it among those who may read what it is about."""

    STANDARD = "standard"
    CLOSE = "close"  # only those who work with it themselves


class Note(Identified, Recorded, Versioned, Base):
    """Something that happened and what was agreed. Locked a day after it was written."""

    __tablename__ = "note"
    __table_args__ = retention(
        "case",
        CheckConstraint("minutes between 1 and 600", name="minutes_possible"),
        Index(None, "about_type", "about_id", "happened_on"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    about_type: Mapped[str]  # "participant", "employer"
    about_id: Mapped[UUID]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    written_at: Mapped[datetime]
    happened_on: Mapped[date]
    category: Mapped[NoteCategory]
    secrecy: Mapped[Secrecy] = mapped_column(default=Secrecy.STANDARD)
    minutes: Mapped[int | None]  # working time, for REP-05
    happened: Mapped[str] = mapped_column(EncryptedText("note.happened"))
    agreed: Mapped[str | None] = mapped_column(EncryptedText("note.agreed"))
    archived_at: Mapped[datetime | None]
    archived_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    archived_reason: Mapped[str | None]

    additions: Mapped[list[NoteAddition]] = relationship(
        lazy="raise_on_sql", order_by="[NoteAddition.added_at, NoteAddition.id]"
    )


class AdditionKind(enum.StrEnum):
    """An earlier text that was replaced within the day, or a correction after it."""

    EARLIER = "earlier"
    CORRECTION = "correction"


class NoteAddition(Identified, Recorded, Base):
    """A text that belongs to a note. Append-only."""

    __tablename__ = "note_addition"
    __table_args__ = retention("case")

    note_id: Mapped[UUID] = mapped_column(ForeignKey("note.id"), index=True)
    kind: Mapped[AdditionKind]
    words: Mapped[str] = mapped_column(EncryptedText("note_addition.words"))
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime]
