"""Table of what participant, employer and unit have agreed about a placement."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class AgreementState(enum.StrEnum):
    """Where a version stands. Transitions: desk.py."""

    DRAFT = "draft"
    SIGNING = "signing"  # its words are fixed; a change of them makes it a draft again
    APPROVAL = "approval"  # everybody has signed; a second pair of eyes looks (a setting)
    AGREED = "agreed"
    REPLACED = "replaced"  # by a later version that was agreed
    DROPPED = "dropped"  # by a person, with a reason
    EXPIRED = "expired"  # nobody touched it for long


class TripartiteAgreement(Identified, Recorded, Versioned, Base):
    """One version: what is agreed, and the words as they were when signing began."""

    __tablename__ = "tripartite_agreement"
    __table_args__ = retention(
        "case",
        UniqueConstraint("placement_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    number: Mapped[int]
    state: Mapped[AgreementState] = mapped_column(default=AgreementState.DRAFT, index=True)
    #: :class:`matchsvc.tripartite.content.Content` as JSON.
    content: Mapped[str] = mapped_column(EncryptedText("tripartite_agreement.content"))
    #: Names and facts as they were when signing began, as JSON; None in a draft.
    facts: Mapped[str | None] = mapped_column(EncryptedText("tripartite_agreement.facts"))
    terms: Mapped[str]  # version of the standing terms
    content_hash: Mapped[str | None]  # of everything that is signed
    touched_on: Mapped[date] = mapped_column(index=True)  # last day somebody changed or signed it
    agreed_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    ended_reason: Mapped[str | None] = mapped_column(
        EncryptedText("tripartite_agreement.ended_reason")
    )
