"""Tables of programmes' rules, version by version, and of what they said at an enrolment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention


class ProgrammeVersion(Identified, Base):
    """Who a programme is for from a day on. Never changed: a new version replaces it (PRO-06)."""

    __tablename__ = "programme_version"
    __table_args__ = retention(
        "reference",
        UniqueConstraint("programme_id", "number"),
        CheckConstraint("valid_until >= valid_from", name="dates_in_order"),
    )

    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]  # 1 is the first
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]  # last day, inclusive; None = until replaced
    owner: Mapped[str]  # a function, for example "arbetsmarknadschefen"
    legal_basis: Mapped[str]
    rules: Mapped[dict[str, Any]]  # see admission.AdmissionRules
    reason: Mapped[str]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]


class AdmissionCheck(Identified, Recorded, Base):
    """What a version's rules said when a case was opened: codes, never the facts themselves."""

    __tablename__ = "admission_check"
    __table_args__ = retention("case", UniqueConstraint("case_id"))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("programme_version.id"))
    day: Mapped[date]
    not_met: Mapped[list[str]] = mapped_column(default=list)
    not_known: Mapped[list[str]] = mapped_column(default=list)
    reason: Mapped[str | None] = mapped_column(EncryptedText("admission_check.reason"))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
