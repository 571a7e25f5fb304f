"""Tables of retention: lists that are proposed and approved, and what must not be deleted."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class PlanState(enum.StrEnum):
    """How far a list has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"  # its people are being deleted
    DONE = "done"
    WITHDRAWN = "withdrawn"


class RetentionPlan(Identified, Recorded, Versioned, Base):
    """A list of people to delete, and afterwards the proof that they are gone. Names nobody."""

    __tablename__ = "retention_plan"
    __table_args__ = retention("reference", Index(None, "unit_id", "proposed_at"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    state: Mapped[PlanState] = mapped_column(default=PlanState.PROPOSED)
    due_by: Mapped[date]  # everybody whose time had passed by this day
    people: Mapped[int]
    referrals: Mapped[int]  # closed as long ago, of the unit; they go when the people have gone
    list_hash: Mapped[str]  # plans.hash_of
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: How many have gone, and why others stayed, by reason.
    deleted: Mapped[int] = mapped_column(default=0)
    kept: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: How many rows went from each table, of everybody together.
    rows: Mapped[dict[str, Any]] = mapped_column(default=dict)
    proof_hash: Mapped[str | None]  # of what the finished report says, proof.py
    #: When the last backup with the people in it is to be gone, as the unit's setting said then.
    backups_gone_on: Mapped[date | None]


class RetentionItem(Identified, Base):
    """One person on a list. It goes with her."""

    __tablename__ = "retention_item"
    __table_args__ = retention("case")

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("retention_plan.id"), index=True)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    last_note_on: Mapped[date]
    due_on: Mapped[date]
    kept_because: Mapped[str | None]  # a code of due.KEPT_BECAUSE, found when her turn came


class HoldReason(enum.StrEnum):
    """Why something must not be deleted though its time has come."""

    DISPUTE = "dispute"
    SUPERVISION = "supervision"  # an authority has asked for it
    DISCLOSURE_REQUEST = "disclosure_request"
    RESEARCH = "research"  # the selection that is kept, SoL 16:4
    OTHER = "other"


class LegalHold(Identified, Recorded, Versioned, Base):
    """Stops the deletion of one person's records until somebody else lifts it."""

    __tablename__ = "legal_hold"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    reason: Mapped[HoldReason]
    words: Mapped[str] = mapped_column(EncryptedText("legal_hold.words"))
    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    set_on: Mapped[date]
    review_on: Mapped[date]
    lifted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    lifted_on: Mapped[date | None]
    lifted_words: Mapped[str | None] = mapped_column(EncryptedText("legal_hold.lifted_words"))
