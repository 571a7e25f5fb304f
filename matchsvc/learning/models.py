"""Tables of what a unit learns. None of them knows a participant."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, Recorded, Versioned, retention


class Level(enum.StrEnum):
    """How far a training went (REP-09): whole, or in the two levels of a module."""

    COMPLETED = "completed"
    KNOWLEDGE = "knowledge"
    APPLICATION = "application"


class Training(Identified, Recorded, Versioned, Base):
    """A training that the unit keeps count of (REP-09)."""

    __tablename__ = "training"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "code"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    code: Mapped[str | None]  # of trainings.STARTER; None for the unit's own
    name: Mapped[str]
    sort_key: Mapped[str]
    has_levels: Mapped[bool] = mapped_column(default=False)
    is_expected: Mapped[bool] = mapped_column(default=True)  # of everybody in the unit
    ended_on: Mapped[date | None]


class TrainingDone(Identified, Recorded, Base):
    """That somebody has completed a training, or one level of it."""

    __tablename__ = "training_done"
    __table_args__ = retention("account", UniqueConstraint("training_id", "user_id", "level"))

    training_id: Mapped[UUID] = mapped_column(ForeignKey("training.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    level: Mapped[Level]
    completed_on: Mapped[date]
    noted_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


class SelfAssessmentAnswer(Identified, Base):
    """One colleague's answers for a year. Whose they are, and when they came, is not kept."""

    __tablename__ = "self_assessment_answer"
    __table_args__ = retention("statistics")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    answers: Mapped[dict[str, Any]]  # question to answer; "do not know" is left out


class SelfAssessmentDone(Identified, Base):
    """That a colleague has answered for a year, and nothing more."""

    __tablename__ = "self_assessment_done"
    __table_args__ = retention("account", UniqueConstraint("unit_id", "year", "user_id"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)


class SelfAssessmentClosed(Identified, Base):
    """That a year takes no more answers. Before that nothing is shown: one more would be told."""

    __tablename__ = "self_assessment_closed"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "year"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    closed_on: Mapped[date]


class Grade(enum.StrEnum):
    """How large a risk is judged to be (CON-04)."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"


class Came(enum.StrEnum):
    """Whether what a risk is about happened in a year."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Risk(Identified, Recorded, Versioned, Base):
    """A risk to the unit's work, as it is judged now (CON-04). Never about a participant."""

    __tablename__ = "risk"
    __table_args__ = retention("reference")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    description: Mapped[str]
    grade: Mapped[Grade]
    measure: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    review_on: Mapped[date]
    closed_on: Mapped[date | None]


class RiskVersion(Identified, Recorded, Base):
    """How a risk was judged from a day on. Append-only."""

    __tablename__ = "risk_version"
    __table_args__ = retention("reference", UniqueConstraint("risk_id", "number"))

    risk_id: Mapped[UUID] = mapped_column(ForeignKey("risk.id"), index=True)
    number: Mapped[int]  # 1 is the first
    description: Mapped[str]
    grade: Mapped[Grade]
    measure: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    review_on: Mapped[date]
    is_closed: Mapped[bool] = mapped_column(default=False)
    changed_on: Mapped[date]
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


class RiskOutcome(Identified, Recorded, Versioned, Base):
    """Whether a risk came true in a year, beside the grade that it had then (CON-04)."""

    __tablename__ = "risk_outcome"
    __table_args__ = retention("reference", UniqueConstraint("risk_id", "year"))

    risk_id: Mapped[UUID] = mapped_column(ForeignKey("risk.id"), index=True)
    year: Mapped[int]
    grade: Mapped[Grade]  # that it had when the outcome was first noted
    came: Mapped[Came]
    note: Mapped[str | None]
    noted_on: Mapped[date]


class JointReview(Identified, Recorded, Versioned, Base):
    """A year's joint review of the target group and the resources (CON-05). Aggregates only."""

    __tablename__ = "joint_review"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "year"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # section to words
    #: Organisations and roles that took part, never persons: lines of text.
    parties: Mapped[list[str]] = mapped_column(default=list)
    #: What was prefilled, as it stood when the review was closed; None before.
    figures: Mapped[dict[str, Any] | None]
    closed_on: Mapped[date | None]


class CostKind(enum.StrEnum):
    """What a unit's money went to (EMPL-06)."""

    STAFF = "staff"
    PREMISES = "premises"
    PROCURED = "procured"
    INTERPRETING = "interpreting"
    OTHER = "other"


class UnitCost(Identified, Recorded, Versioned, Base):
    """What a unit spent in a year on one kind of thing, in whole kronor. Nothing per person."""

    __tablename__ = "unit_cost"
    __table_args__ = retention(
        "reference",
        UniqueConstraint("unit_id", "year", "kind"),
        CheckConstraint("kronor >= 0", name="not_negative"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    kind: Mapped[CostKind]
    kronor: Mapped[int]
