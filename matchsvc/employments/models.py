"""Tables of what belongs to a job: its terms, what is gone through, heard, tried and found."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class UnionStep(enum.StrEnum):
    """How the union is asked before a resource employment (EMPL-01)."""

    AF_ASKS = "af_asks"  # the employment service sends the consultation
    UNIT_ASKS = "unit_asks"  # the unit asks by itself
    NOT_NEEDED = "not_needed"  # the decision says so


class UnionOpinion(enum.StrEnum):
    """What the union answered."""

    FOR = "for"
    WITH_REMARKS = "with_remarks"
    AGAINST = "against"


class EmploymentTerms(Identified, Recorded, Versioned, Base):
    """What a job with wage support rests on: the decision and, in the municipality, more."""

    __tablename__ = "employment_terms"
    __table_args__ = retention(
        "case", CheckConstraint("subsidy_to >= subsidy_from", name="support_in_order")
    )

    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), unique=True)
    subsidy_code: Mapped[str | None]  # a code of the table of subsidies
    subsidy_from: Mapped[date | None]
    subsidy_to: Mapped[date | None]
    host: Mapped[str | None]  # the operation where she is an extra resource
    motivation: Mapped[str | None]  # what is done that ordinary staff have no time for
    displaces_nobody_by: Mapped[str | None]  # who confirmed it
    displaces_nobody_on: Mapped[date | None]
    union_step: Mapped[UnionStep | None]
    union_asked_on: Mapped[date | None]
    union_answered_on: Mapped[date | None]
    union_opinion: Mapped[UnionOpinion | None]


class EmploymentCheck(Identified, Versioned, Base):
    """One thing to go through before a job begins (EMPL-02)."""

    __tablename__ = "employment_check"
    __table_args__ = retention("case", UniqueConstraint("employment_id", "code"))

    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    code: Mapped[str]
    position: Mapped[int]
    done_on: Mapped[date | None]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Lasts(enum.StrEnum):
    """What is heard of a job: a code, so that it can be counted."""

    YES = "yes"
    UNSURE = "unsure"
    ENDING = "ending"
    NOT_REACHED = "not_reached"


class SupportWish(enum.StrEnum):
    """Which support is wanted from now on. Support without an end is as good as any other."""

    NONE = "none"
    AS_NOW = "as_now"
    MORE = "more"


class JobFollowUp(Identified, Recorded, Versioned, Base):
    """What was heard of a job. What is still to come is no row, as in ``progression``."""

    __tablename__ = "job_follow_up"
    __table_args__ = retention("case")

    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    months: Mapped[int | None]  # after the start; None when it was agreed the time before
    held_on: Mapped[date]
    lasts: Mapped[Lasts]
    hours: Mapped[int | None]
    support: Mapped[SupportWish | None]
    said: Mapped[str | None] = mapped_column(EncryptedText("job_follow_up.said"))
    next_on: Mapped[date | None]  # support goes on: hear again then, and it is never late
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class TryOut(Identified, Recorded, Versioned, Base):
    """A time at a company during a resource employment (EMPL-03)."""

    __tablename__ = "try_out"
    __table_args__ = retention(
        "case", CheckConstraint("last_day >= first_day", name="days_in_order")
    )

    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    purpose: Mapped[str]
    #: On the work environment, between the unit's manager and the company, in writing.
    agreement_ref: Mapped[str]
    agreed_on: Mapped[date]
    agreed_by: Mapped[str]  # who signed for the company
    manager_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    insurance_ref: Mapped[str]
    withdrawn_on: Mapped[date | None]  # it was entered by mistake or never came to be


class FoundTask(Identified, Recorded, Base):
    """Something to do that was found together with the workplace (EMPL-05)."""

    __tablename__ = "found_task"
    __table_args__ = retention("case")

    employment_id: Mapped[UUID] = mapped_column(ForeignKey("employment.id"), index=True)
    text: Mapped[str]
    agreed_by: Mapped[str]  # managers and staff of the workplace
    agreed_on: Mapped[date]


class ReviewAnswer(enum.StrEnum):
    """What the case worker says when full time has worked for a month (PLA-03)."""

    LOOK_NOW = "look_now"
    PART_TIME = "part_time"  # a job on part time, work training beside it
    NOT_YET = "not_yet"


class EmploymentReview(Identified, Recorded, Base):
    """An answer to "is it time for a job?". Each is a new row; the latest holds."""

    __tablename__ = "employment_review"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    answered_on: Mapped[date]
    answer: Mapped[ReviewAnswer]
    why: Mapped[str | None] = mapped_column(EncryptedText("employment_review.why"))
    look_again_on: Mapped[date | None]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
