"""Tables of the individual plan (MAT-03). What was said and agreed is encrypted at rest."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class PlanState(enum.StrEnum):
    """Draft, gone through with all parties, signed by all, replaced by a newer one (MAT-03).

    ``dropped``: the case ended before everybody had signed.
    """

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


class Childcare(enum.StrEnum):
    """Whether somebody looks after the children meanwhile (PRO-18, 1)."""

    NOT_ASKED = "not_asked"
    NOT_NEEDED = "not_needed"
    ARRANGED = "arranged"
    MISSING = "missing"


class Supporter(enum.StrEnum):
    """Whether there is somebody to look up to or to ask (PRO-18, 9)."""

    NONE_YET = "none_yet"
    ROLE_MODEL = "role_model"
    MENTOR = "mentor"


class Track(enum.StrEnum):
    """The three tracks (PRO-11)."""

    HEALTH = "health"
    EDUCATION = "education"
    WORK = "work"


class SubGoalState(enum.StrEnum):
    """How far a sub-goal has come (PRO-11)."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    CLARIFIED = "clarified"


class Responsible(enum.StrEnum):
    """Who answers for a measure."""

    PERSON = "person"
    COLLEAGUE = "colleague"
    OTHER = "other"  # named in free words


class MeasureState(enum.StrEnum):
    """Whether a measure was done."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


class Plan(Identified, Recorded, Versioned, Base):
    """One version of the plan of a case. Signed, its words never change; what was done does."""

    __tablename__ = "plan"
    __table_args__ = retention("case", UniqueConstraint("case_id", "number"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]  # 1 is the first
    state: Mapped[PlanState] = mapped_column(default=PlanState.DRAFT)
    #: Hers, word for word.
    goals: Mapped[str] = mapped_column(EncryptedText("plan.goals"))
    childcare: Mapped[Childcare] = mapped_column(default=Childcare.NOT_ASKED)
    childcare_words: Mapped[str | None] = mapped_column(EncryptedText("plan.childcare_words"))
    supporter: Mapped[Supporter] = mapped_column(default=Supporter.NONE_YET)
    supporter_words: Mapped[str | None] = mapped_column(EncryptedText("plan.supporter_words"))
    interpreter_language: Mapped[str | None]
    written_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    reviewed_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    content_hash: Mapped[str | None]  # of what was signed

    sub_goals: Mapped[list[PlanSubGoal]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="PlanSubGoal.position"
    )
    measures: Mapped[list[PlanMeasure]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="PlanMeasure.position"
    )


class PlanSubGoal(Identified, Recorded, Versioned, Base):
    """A step towards the goals: one of its track's checklist, or in own words."""

    __tablename__ = "plan_sub_goal"
    __table_args__ = retention(
        "case", CheckConstraint("code is not null or words is not null", name="says_something")
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    thread_id: Mapped[UUID] = mapped_column(default=uuid4, index=True)  # the same in each version
    position: Mapped[int]
    track: Mapped[Track]
    code: Mapped[str | None]  # of plan_tracks.CHECKLISTS
    words: Mapped[str | None] = mapped_column(EncryptedText("plan_sub_goal.words"))
    state: Mapped[SubGoalState] = mapped_column(default=SubGoalState.NOT_STARTED)
    state_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(EncryptedText("plan_sub_goal.note"))


class PlanMeasure(Identified, Recorded, Versioned, Base):
    """A row of the table of who does what."""

    __tablename__ = "plan_measure"
    __table_args__ = retention(
        "case", CheckConstraint("due_on >= starts_on", name="dates_in_order")
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    thread_id: Mapped[UUID] = mapped_column(default=uuid4, index=True)  # the same in each version
    position: Mapped[int]
    activity: Mapped[str]  # a code of plan_tracks.ACTIVITIES
    what: Mapped[str] = mapped_column(EncryptedText("plan_measure.what"))
    responsible: Mapped[Responsible]
    colleague_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    other_name: Mapped[str | None] = mapped_column(EncryptedText("plan_measure.other_name"))
    starts_on: Mapped[date | None]
    due_on: Mapped[date]
    state: Mapped[MeasureState] = mapped_column(default=MeasureState.PLANNED)
    state_on: Mapped[date | None]
