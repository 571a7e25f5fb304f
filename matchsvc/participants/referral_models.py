"""The register of referrals: who asked for whom, and how far it has come (PRO-04)."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class Route(enum.StrEnum):
    """How a referral came."""

    EMPLOYMENT_SERVICE = "employment_service"
    SOCIAL_SERVICES = "social_services"
    OTHER_UNIT = "other_unit"
    SELF = "self"


class ReferralState(enum.StrEnum):
    """How far it has come; the last three are ends."""

    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
    ALLOCATED = "allocated"
    ENROLLED = "enrolled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CloseReason(enum.StrEnum):
    """Why it ended without an enrolment; a code, never free text."""

    NOT_TARGET_GROUP = "not_target_group"
    NO_CAPACITY = "no_capacity"
    OTHER_SUPPORT = "other_support"
    NEVER_COMPLETE = "never_complete"
    OWN_CHOICE = "own_choice"


class Referral(Identified, Recorded, Versioned, Base):
    """One referral. Everything about the person is in ``content``, encrypted.

    No key of the participant is kept: the answer to an enrolment is made up when she is hidden.
    """

    __tablename__ = "referral"
    __table_args__ = retention("case", UniqueConstraint("unit_id", "number"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]  # what it is called in letters and lists
    route: Mapped[Route]
    state: Mapped[ReferralState] = mapped_column(default=ReferralState.RECEIVED)
    protected: Mapped[bool] = mapped_column(default=False)
    received_on: Mapped[date]
    referrer_name: Mapped[str | None]
    referrer_org: Mapped[str | None]
    referrer_email: Mapped[str | None]
    decision_reference: Mapped[str | None] = mapped_column(
        EncryptedText("referral.decision_reference")
    )
    decided_on: Mapped[date | None]
    legal_basis: Mapped[str | None]
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programme.id"))
    content: Mapped[str] = mapped_column(EncryptedText("referral.content"))
    missing: Mapped[list[str]] = mapped_column(default=list)  # codes of referrals.CHECKS or a rule
    noted_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    completed_on: Mapped[date | None]
    allocated_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    allocated_on: Mapped[date | None]
    first_contact_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    close_reason: Mapped[CloseReason | None]
