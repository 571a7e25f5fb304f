"""Tables of the scheduler: the lease that lets one process work, and what ran for which day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, retention


class JobLease(Base):
    """Who may run scheduled work right now. Two schedulers started at once: one gets it."""

    __tablename__ = "job_lease"
    __table_args__ = retention("technical")

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    expires_at: Mapped[datetime]


class JobRun(Identified, Base):
    """One run of a daily job for one day; the unique day is what makes it run once."""

    __tablename__ = "job_run"
    __table_args__ = retention("technical", UniqueConstraint("job", "day"))

    job: Mapped[str]
    day: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    touched: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=1)
    error: Mapped[str | None]  # the name of what broke; never its text, which may name somebody


class JobState(Base):
    """How a job went the last time, by hand or by the clock; written seldom when all is well."""

    __tablename__ = "job_state"
    __table_args__ = retention("technical")

    job: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]  # for which it ran
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    touched: Mapped[int]
    error: Mapped[str | None]
    failed_at: Mapped[datetime | None]  # the last time that it broke, kept when it works again
    failures: Mapped[int] = mapped_column(default=0)  # in a row
