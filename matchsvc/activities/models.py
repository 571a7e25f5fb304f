"""Tables of activities, groups and attendance, of local services and of structural obstacles."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention
from matchsvc.participants.models import Step
from matchsvc.participants.plan_models import Track
from matchsvc.workday.meeting_models import ChangeReason


class ActivityKind(enum.StrEnum):
    """What sort of activity (GRP-01 to GRP-05)."""

    LANGUAGE_CAFE = "language_cafe"
    EDUCATION_PACKAGE = "education_package"
    JOB_SEARCH = "job_search"
    WORKSHOP = "workshop"
    STUDY_VISIT = "study_visit"
    OTHER = "other"


class Mark(enum.StrEnum):
    """Whether somebody came (GRP-07). There is no room for why not."""

    PRESENT = "present"
    LATE = "late"
    VALID_ABSENCE = "valid_absence"
    NOT_KNOWN = "not_known"


class ProviderType(enum.StrEnum):
    """Who offers a service (PRO-20)."""

    MUNICIPALITY = "municipality"
    AUTHORITY = "authority"
    CIVIL_SOCIETY = "civil_society"
    PARTNERSHIP = "partnership"  # idéburet offentligt partnerskap
    PROCURED = "procured"
    OTHER = "other"


class ObstacleLevel(enum.StrEnum):
    """Where an obstacle can be removed (CON-03)."""

    UNIT = "unit"
    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"


class ObstacleState(enum.StrEnum):
    """How far its removal has come (CON-03)."""

    IDENTIFIED = "identified"
    IN_PROGRESS = "in_progress"
    REMOVED = "removed"


class Activity(Identified, Recorded, Versioned, Base):
    """Something that a unit offers its participants (PRO-19)."""

    __tablename__ = "activity"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "code"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    code: Mapped[str | None]  # of starter.STARTER; None for the unit's own
    name: Mapped[str]
    sort_key: Mapped[str]
    kind: Mapped[ActivityKind]
    track: Mapped[Track | None]  # None belongs to any
    step: Mapped[Step | None]  # None belongs to every step
    orientations: Mapped[list[str]] = mapped_column(default=list)  # none: for everybody
    is_group: Mapped[bool] = mapped_column(default=True)
    minutes: Mapped[int]  # of one session
    sessions: Mapped[int] = mapped_column(default=1)  # usual number; 1 when it goes on
    size: Mapped[int | None]  # usual number of participants
    provider: Mapped[str | None]  # None: the unit itself
    limit_reason: Mapped[str | None]  # why it is not as its kind usually is
    ended_on: Mapped[date | None]


class ActivityGroup(Identified, Recorded, Versioned, Base):
    """People who meet for an activity; it begins with its first session."""

    __tablename__ = "activity_group"
    __table_args__ = retention("reference", CheckConstraint("capacity > 0", name="has_places"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id"), index=True)
    name: Mapped[str]
    leader_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    capacity: Mapped[int]
    languages: Mapped[list[str]] = mapped_column(default=list)  # codes such as "ar"
    interpreter: Mapped[bool] = mapped_column(default=False)
    limit_reason: Mapped[str | None]

    activity: Mapped[Activity] = relationship(lazy="raise_on_sql")
    sessions: Mapped[list[GroupSession]] = relationship(
        lazy="raise_on_sql", order_by="GroupSession.starts_at"
    )


class GroupSession(Identified, Recorded, Versioned, Base):
    """One time that a group meets. Its version also guards who came."""

    __tablename__ = "activity_session"
    __table_args__ = retention(
        "reference", CheckConstraint("ends_at > starts_at", name="has_length")
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("activity_group.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    room: Mapped[str | None]
    moved_reason: Mapped[ChangeReason | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[ChangeReason | None]
    marked_at: Mapped[datetime | None]  # somebody has written who came
    marked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    group: Mapped[ActivityGroup] = relationship(lazy="raise_on_sql", viewonly=True)


class GroupMember(Identified, Recorded, Base):
    """Somebody who waits for a place, has one, or has left. Once for each person and group."""

    __tablename__ = "activity_member"
    __table_args__ = retention("case", UniqueConstraint("group_id", "participant_id"))

    group_id: Mapped[UUID] = mapped_column(ForeignKey("activity_group.id"), index=True)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    asked_at: Mapped[datetime]  # since when she waits, or waited
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]


class GroupAttendance(Identified, Recorded, Base):
    """Whether a member came to a session."""

    __tablename__ = "activity_attendance"
    __table_args__ = retention("case", UniqueConstraint("session_id", "member_id"))

    session_id: Mapped[UUID] = mapped_column(ForeignKey("activity_session.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("activity_member.id"), index=True)
    mark: Mapped[Mark]


class LocalService(Identified, Recorded, Versioned, Base):
    """What an organisation of the local network offers for a step (PRO-20)."""

    __tablename__ = "local_service"
    __table_args__ = retention(
        "reference",
        CheckConstraint("valid_until is null or valid_until >= valid_from", name="dates_in_order"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    step: Mapped[Step]
    ladder: Mapped[int | None]  # a number of the unit's own ladder
    organisation: Mapped[str]
    provider_type: Mapped[ProviderType]
    name: Mapped[str]
    contact: Mapped[str | None] = mapped_column(EncryptedText("local_service.contact"))
    capacity: Mapped[int | None]
    entry_requirement: Mapped[str | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class StructuralObstacle(Identified, Recorded, Versioned, Base):
    """What stands in many people's way and is nobody's own (CON-03). Never tied to a person."""

    __tablename__ = "structural_obstacle"
    __table_args__ = retention("reference")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    description: Mapped[str]
    level: Mapped[ObstacleLevel]
    owner: Mapped[str]  # the organisation that can remove it
    state: Mapped[ObstacleState] = mapped_column(default=ObstacleState.IDENTIFIED)
    state_on: Mapped[date]


class ObstacleSighting(Identified, Base):
    """It was seen again that day: a tap. Neither who saw it nor whom it met is kept."""

    __tablename__ = "obstacle_sighting"
    __table_args__ = retention("reference")

    obstacle_id: Mapped[UUID] = mapped_column(ForeignKey("structural_obstacle.id"), index=True)
    seen_on: Mapped[date]
