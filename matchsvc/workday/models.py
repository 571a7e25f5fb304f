"""The table of tasks. A task is about something by reference and knows nothing of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class Task(Identified, Recorded, Versioned, Base):
    """What somebody has to do by a day, and why it came to be."""

    __tablename__ = "task"
    __table_args__ = retention("case")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]  # a code whose words are in workday/words.py
    words: Mapped[dict[str, Any]]  # what to put into them; aliases, never names of participants
    about_type: Mapped[str]  # "placement", "employer", "participant"
    about_id: Mapped[UUID] = mapped_column(index=True)
    due_on: Mapped[date] = mapped_column(index=True)
    first_due_on: Mapped[date | None]  # before it was put off
    origin: Mapped[str]  # the rule or the user that made it
    own_words: Mapped[str | None] = mapped_column(EncryptedText("task.own_words"))  # made by hand
    done_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    dropped_reason: Mapped[str | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
