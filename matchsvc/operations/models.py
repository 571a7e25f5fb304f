"""Tables of the unit's own workplaces and of their days."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, Identified, Recorded, Versioned, retention


class OperationArea(enum.StrEnum):
    """Which part of the unit's own operations a workplace belongs to (PLA-12)."""

    GREENHOUSE = "greenhouse"
    GARDEN_SERVICE = "garden_service"
    INTERNAL_SERVICE = "internal_service"
    TRANSPORTS = "transports"
    OTHER = "other"


class OwnSite(Identified, Recorded, Versioned, Base):
    """What one of the unit's own workplaces is like, and how many can be there in a day."""

    __tablename__ = "own_site"
    __table_args__ = retention("reference")

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), unique=True)
    area: Mapped[OperationArea]
    places: Mapped[int]  # people in a day
    tasks: Mapped[str]
    physical: Mapped[str]  # what it is like for the body
    psychosocial: Mapped[str]  # how calm it is, how many people, how much changes
    season: Mapped[str | None]  # "04-01/10-15"; None is all the year


class DayTask(Identified, Recorded, Versioned, Base):
    """Something to do at one of the unit's own workplaces on one day. Names nobody."""

    __tablename__ = "day_task"
    __table_args__ = retention("case")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    text: Mapped[str]
    done_at: Mapped[datetime | None]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    people: Mapped[list[DayAllocation]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class DayAllocation(Base):
    """Who does it."""

    __tablename__ = "day_allocation"
    __table_args__ = retention("case")

    task_id: Mapped[UUID] = mapped_column(ForeignKey("day_task.id"), primary_key=True)
    participant_id: Mapped[UUID] = mapped_column(
        ForeignKey("participant.id"), primary_key=True, index=True
    )


class DayAbsence(Identified, Recorded, Base):
    """Somebody did not come that day. There is no room for why."""

    __tablename__ = "day_absence"
    __table_args__ = retention("case", UniqueConstraint("participant_id", "day"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
