"""Tables of what carries a placement: its decisions, the facts before its start, who supervises."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention
from matchsvc.placements.models import DecisionAuthority


class PlacementDecision(Identified, Recorded, Base):
    """One decision as it was recorded. Rows are added and withdrawn, never changed or taken away.

    The placement itself says what holds now (``decision_ref`` ... ``decision_to``).
    """

    __tablename__ = "placement_decision"
    __table_args__ = retention(
        "case",
        CheckConstraint("valid_to >= valid_from", name="dates_in_order"),
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    authority: Mapped[DecisionAuthority]
    ref: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    planned_end_date: Mapped[date | None]  # what was planned by it
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_from: Mapped[date | None]  # the first day on which it no longer holds
    withdrawn_on: Mapped[date | None]  # the day it was written down
    withdrawn_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_reason: Mapped[str | None] = mapped_column(
        EncryptedText("placement_decision.withdrawn_reason")
    )


class StartFacts(Versioned, Base):
    """What must be known before somebody may begin, beside the checklist. One row a placement."""

    __tablename__ = "start_facts"
    __table_args__ = retention(
        "case", CheckConstraint("union_answered_on >= union_asked_on", name="asked_first")
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    union_asked_on: Mapped[date | None]
    union_answer_by: Mapped[date | None]  # the last day to answer; passed without one is an answer
    union_answered_on: Mapped[date | None]
    union_opinion: Mapped[str | None] = mapped_column(EncryptedText("start_facts.union_opinion"))
    insurance_noted_on: Mapped[date | None]  # everybody has been told which one holds
    #: Shown, in both registers and at most six months old. Never a copy, never what it said.
    extract_shown_on: Mapped[date | None]


class Supervision(Identified, Recorded, Base):
    """Who supervised a placement from which day to which, ours and the workplace's own."""

    __tablename__ = "supervision"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    supervisor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"), index=True)
    from_day: Mapped[date]
    to_day: Mapped[date | None]  # its last day; None: still
    reason: Mapped[str | None]  # why somebody else took over after it
