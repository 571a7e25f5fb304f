"""Tables beside the register: changes, checks of bars, capacity over time, letters, subsidies."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, Recorded, retention
from matchsvc.employers.models import Bar


class RegisterChange(Identified, Recorded, Base):
    """One field of an employer, a site, a contact or an offer that changed. Append-only."""

    __tablename__ = "register_change"
    __table_args__ = retention("employer", Index(None, "employer_id", "created_at"))

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    subject: Mapped[str]  # "employer", "site", "contact", "offer"
    name: Mapped[str]  # what it was called then
    field: Mapped[str]
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))  # None: a job


class BarCheck(Identified, Recorded, Base):
    """Somebody looked whether a placement may be made there at all (2000:628 9 b-c §§)."""

    __tablename__ = "bar_check"
    __table_args__ = retention("employer", Index(None, "employer_id", "checked_on"))

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    checked_on: Mapped[date]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    looked_for: Mapped[list[str]]  # codes of Bar
    source: Mapped[str]
    found: Mapped[Bar | None]  # None: none of them


class CapacityPeriod(Identified, Recorded, Base):
    """How many a site, or one of its offers, can take between two days, both inclusive."""

    __tablename__ = "capacity_period"
    __table_args__ = retention(
        "employer",
        CheckConstraint("last_day >= first_day", name="in_order"),
        CheckConstraint("places >= 0", name="some_places"),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    places: Mapped[int]
    supervisors: Mapped[int | None]


class ResultsLetter(Identified, Recorded, Base):
    """An employer got its results of a year (EMP-04)."""

    __tablename__ = "results_letter"
    __table_args__ = retention("employer", UniqueConstraint("employer_id", "year"))

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    year: Mapped[int]
    sent_on: Mapped[date]


class SubsidyVersion(Identified, Recorded, Base):
    """What was known of a subsidy from a day on (EMPL-07). Rows are added, never changed."""

    __tablename__ = "subsidy_version"
    __table_args__ = retention("reference", Index(None, "code", "valid_from"))

    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))  # None: came with us
    code: Mapped[str]
    name: Mapped[str]
    what: Mapped[str] = mapped_column(Text)
    limits: Mapped[str] = mapped_column(Text)
    law: Mapped[str]
    source: Mapped[str]
    valid_from: Mapped[date | None]  # None: always, as far as we know
    valid_to: Mapped[date | None]
    verified_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
