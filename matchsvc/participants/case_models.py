"""Tables of what happens to a case beside its steps: pauses, and who has answered for it."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, Recorded, Versioned, retention


class PauseReason(enum.StrEnum):
    """Why a case stands still for a while. A code, never words: no health, no children."""

    PARENTAL_LEAVE = "parental_leave"
    STUDIES = "studies"
    OTHER_MEASURE = "other_measure"
    TEMPORARY_JOB = "temporary_job"
    AWAITING_DECISION = "awaiting_decision"
    OWN_WISH = "own_wish"
    OTHER = "other"


class CasePause(Identified, Recorded, Versioned, Base):
    """A time in which nothing happens in a case, with the day on which the person means to return.

    One is running at a time: it is neither resumed nor withdrawn.
    """

    __tablename__ = "case_pause"
    __table_args__ = retention(
        "case",
        CheckConstraint("returns_on > paused_on", name="returns_later"),
        CheckConstraint("resumed_on >= paused_on", name="dates_in_order"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    reason: Mapped[PauseReason]
    paused_on: Mapped[date]  # the first day
    returns_on: Mapped[date]  # the first day back, as planned
    resumed_on: Mapped[date | None]  # the first day back, or the day on which the case ended
    is_withdrawn: Mapped[bool] = mapped_column(default=False)  # it was entered by mistake
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class WorkerReason(enum.StrEnum):
    """Why somebody else answers for a case."""

    FIRST = "first"  # nobody answered for it before
    WORKLOAD = "workload"
    SKILL = "skill"
    PARTICIPANT_WISH = "participant_wish"
    COLLEAGUE_LEAVES = "colleague_leaves"
    COLLEAGUE_AWAY = "colleague_away"
    HAND_OVER = "hand_over"  # together with other work; its reason stands in the log
    OTHER = "other"


class WorkerChange(Identified, Recorded, Base):
    """That a case got another case worker: the participant's one coordinator (PRO-12)."""

    __tablename__ = "worker_change"
    __table_args__ = retention("case")

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    from_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[WorkerReason]
    changed_on: Mapped[date]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
