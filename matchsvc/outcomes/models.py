"""The append-only table that every report is computed from (DESIGN section 3)."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, Recorded, retention


class OutcomeKind(enum.StrEnum):
    """What happened."""

    ENROLLED = "enrolled"
    EXITED = "exited"
    MAPPED = "mapped"
    READY = "ready"  # for matching
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    EMPLOYER_CONTACTED = "employer_contacted"  # on her behalf: an employer was shown a proposal
    ACTIVITY_STARTED = "activity_started"  # the first session of a group that she came to
    PLACEMENT_STARTED = "placement_started"
    PLACEMENT_ENDED = "placement_ended"
    PLACEMENT_MOVED = "placement_moved"  # it went on at another workplace: no second start
    EMPLOYMENT_STARTED = "employment_started"
    MUNICIPAL_EMPLOYMENT_STARTED = "municipal_employment_started"
    EMPLOYMENT_STAYED = "employment_stayed"  # still there six months after the start
    EMPLOYMENT_LASTED = "employment_lasted"  # a month on the regular labour market (REP-07)


class OutcomeEvent(Identified, Recorded, Base):
    """One fact that a report counts, with the groups it is counted in.

    Append-only. A later fact about the same cause corrects an earlier one by naming it; what
    stood before can always be reproduced by looking at ``created_at``.
    """

    __tablename__ = "outcome_event"
    __table_args__ = retention(
        "statistics",
        Index(None, "kind", "occurred_on"),
        Index(None, "source_id", "kind"),
    )

    kind: Mapped[OutcomeKind]
    occurred_on: Mapped[date]
    #: The placement, employment, case or proposal that it is about.
    source_id: Mapped[UUID]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("outcome_event.id"), unique=True)
    #: True when it takes back what it corrects and puts nothing in its place.
    is_void: Mapped[bool] = mapped_column(default=False)

    person_key: Mapped[UUID] = mapped_column(index=True)  # pseudonymous, not the participant's id
    case_key: Mapped[UUID]
    sex: Mapped[str]
    birth_region: Mapped[str]
    age_band: Mapped[str]
    unit_id: Mapped[UUID | None]
    programme: Mapped[str | None]
    agreement: Mapped[str | None]
    employer_id: Mapped[UUID | None]
    site_id: Mapped[UUID | None]
    #: What kind of organisation the employer was at the time.
    sector: Mapped[str | None]
    #: Placement form, employment kind, exit destination or kind of activity, by the kind of event.
    detail: Mapped[str | None]


class OutcomeWay(Base):
    """How far one enrolment has led, worked out from the events that stand (ways.py).

    Nothing is said here that the events do not say: it can be thrown away and made again. Each
    day is the first on or after the enrolment, at the same unit.
    """

    __tablename__ = "outcome_way"
    __table_args__ = retention(
        "statistics",
        Index(None, "unit_id", "enrolled_on"),
    )

    #: The event of the enrolment.
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_key: Mapped[UUID] = mapped_column(index=True)
    case_key: Mapped[UUID]
    unit_id: Mapped[UUID | None]
    #: What is known from any event goes before "unknown".
    sex: Mapped[str]
    birth_region: Mapped[str]
    age_band: Mapped[str]
    programme: Mapped[str | None]
    agreement: Mapped[str | None]
    enrolled_on: Mapped[date]
    exited_on: Mapped[date | None]  # of the same case
    mapped_on: Mapped[date | None]
    ready_on: Mapped[date | None]
    contacted_on: Mapped[date | None]  # an employer, on her behalf
    proposed_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    placed_on: Mapped[date | None]
    ended_on: Mapped[date | None]  # of a placement, however it ended
    completed_on: Mapped[date | None]  # of a placement that was not broken off
    hired_on: Mapped[date | None]
    stayed_on: Mapped[date | None]
    work_on: Mapped[date | None]  # a job, or a case that ended with one
    studies_on: Mapped[date | None]


class OutcomeStale(Base):
    """People whose ways a change of the events has made stale; triggers write it (marking.py)."""

    __tablename__ = "outcome_stale"
    __table_args__ = retention("technical")

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_key: Mapped[UUID] = mapped_column(index=True)
