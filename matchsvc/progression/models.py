"""Tables of the way: ladders and who stands where, in-depth study visits, contacts afterwards."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from matchsvc.db import Base, Identified, Recorded, Versioned, retention


class Ladder(Identified, Base):
    """A ladder of a unit; what it says stands in its versions (PRO-14)."""

    __tablename__ = "ladder"
    __table_args__ = retention("reference")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)


class LadderVersion(Identified, Base):
    """What a ladder says from one day on. Never changed; the latest holds."""

    __tablename__ = "ladder_version"
    __table_args__ = retention("reference", UniqueConstraint("ladder_id", "number"))

    ladder_id: Mapped[UUID] = mapped_column(ForeignKey("ladder.id"), index=True)
    number: Mapped[int]
    name: Mapped[str]
    target_group: Mapped[str]
    #: ``{"number": 6, "name": "Indikation", "definition": ""}`` from the lowest step up.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    in_use: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]


class LadderStay(Identified, Recorded, Versioned, Base):
    """A time on one step. The step's name is that of the version it was taken by."""

    __tablename__ = "ladder_stay"
    __table_args__ = retention(
        "case",
        UniqueConstraint("case_id", "position"),
        CheckConstraint("left_on >= since", name="dates_in_order"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    position: Mapped[int]  # 1 is the first stay of the case
    version_id: Mapped[UUID] = mapped_column(ForeignKey("ladder_version.id"))
    step: Mapped[int]  # its number on the ladder
    since: Mapped[date]
    left_on: Mapped[date | None]  # the first day on the next one
    moved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class VisitOutcome(enum.StrEnum):
    """What the person chose. There is no third way: it cannot be prolonged (PRO-09)."""

    REGISTERED = "registered"
    ENDED = "ended"


class StudyVisit(Identified, Recorded, Versioned, Base):
    """An in-depth study visit; its limits follow from its first day. One for a case."""

    __tablename__ = "study_visit"
    __table_args__ = retention(
        "case", CheckConstraint("ended_on >= started_on", name="dates_in_order")
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    outcome: Mapped[VisitOutcome | None]
    is_withdrawn: Mapped[bool] = mapped_column(default=False)  # it was entered by mistake
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Series(enum.StrEnum):
    """What a contact is counted from."""

    EXIT = "exit"  # the case's last day (PRO-16)
    PARENTAL = "parental"  # the first day of a parental leave (PRO-17)


class ContactOutcome(enum.StrEnum):
    """What was heard. A code, never words."""

    IN_WORK = "in_work"
    IN_EDUCATION = "in_education"
    SEEKS_WORK = "seeks_work"
    BACK_RIGHT = "back_right"  # after a leave: in the measure that was meant
    BACK_OTHER = "back_other"  # after a leave: in another one
    NOT_BACK = "not_back"
    OTHER = "other"
    NOT_REACHED = "not_reached"


class LaterContact(Identified, Recorded, Versioned, Base):
    """A contact that was held so many months after something. What is still to come is no row."""

    __tablename__ = "later_contact"
    __table_args__ = retention("case")

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    series: Mapped[Series]
    source_id: Mapped[UUID] = mapped_column(index=True)  # the case or the pause it counts from
    months: Mapped[int]
    held_on: Mapped[date]
    outcome: Mapped[ContactOutcome]
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
