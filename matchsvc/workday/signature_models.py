"""The table of signatures. A signature is on one version of one thing, named by reference."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention


class IdentifiedHow(enum.StrEnum):
    """How it was known who signed (DESIGN section 3)."""

    KNOWN = "known"
    DOCUMENT_SHOWN = "document_shown"
    SINGLE_SIGN_ON = "single_sign_on"
    ANSWER_LINK = "answer_link"
    ON_PAPER = "on_paper"


class Signature(Identified, Recorded, Base):
    """Who stood behind which words, in which capacity, and how that is known. Append-only."""

    __tablename__ = "signature"
    __table_args__ = retention(
        "case", UniqueConstraint("about_type", "about_id", "content_hash", "capacity")
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    about_type: Mapped[str]  # "consent", "mapping", "plan" ...
    about_id: Mapped[UUID] = mapped_column(index=True)
    content_hash: Mapped[str]  # of the words as they were shown
    capacity: Mapped[str]  # "participant", "case_worker", "af_officer" ...
    signer_id: Mapped[UUID | None]  # a user or a participant; None = somebody without a row
    signer_name: Mapped[str | None] = mapped_column(EncryptedText("signature.signer_name"))
    identified_how: Mapped[IdentifiedHow]
    signed_at: Mapped[datetime]
    attested_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    on_behalf_reason: Mapped[str | None]
    interpreter_language: Mapped[str | None]
