"""Tables of meetings: when, where, who by reference, interpreter. They know nobody's name here."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention
from matchsvc.workday.meeting_types import Party


class ChangeReason(enum.StrEnum):
    """Why a meeting was moved or called off. Codes only: there is no room for an illness."""

    PARTICIPANT = "participant"
    STAFF = "staff"
    OTHER_PARTY = "other_party"
    INTERPRETER = "interpreter"
    ROOM = "room"
    HAND_OVER = "hand_over"
    NOT_NEEDED = "not_needed"
    MISTAKE = "mistake"


class Attendance(enum.StrEnum):
    """Whether somebody came. Never why not."""

    CAME = "came"
    DID_NOT_COME = "did_not_come"
    CANCELLED = "cancelled"


class InterpreterState(enum.StrEnum):
    """How far the booking of an interpreter has come."""

    TO_ASK = "to_ask"
    ASKED = "asked"
    BOOKED = "booked"
    REFUSED = "refused"


class Authorised(enum.StrEnum):
    """Whether the interpreter is authorised (CON-07)."""

    YES = "yes"
    NO = "no"
    ASKED = "asked"


class InterpreterWish(enum.StrEnum):
    """What was wished for this meeting; stands on the booking, never on the person (CON-07)."""

    WOMAN = "woman"
    MAN = "man"
    SAME_PERSON = "same_person"
    PHONE = "phone"
    ON_SITE = "on_site"


class Room(Identified, Base):
    """A room that the unit can book."""

    __tablename__ = "room"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "name"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class Meeting(Identified, Recorded, Versioned, Base):
    """A time that somebody at the unit answers for."""

    __tablename__ = "meeting"
    __table_args__ = retention("case", CheckConstraint("ends_at > starts_at", name="has_length"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]  # a code of workday/meeting_types.py
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"), index=True)
    place: Mapped[str | None] = mapped_column(EncryptedText("meeting.place"))
    agenda: Mapped[str | None] = mapped_column(EncryptedText("meeting.agenda"))
    general_minutes: Mapped[int] = mapped_column(default=0)  # before the first slot
    limit_reason: Mapped[str | None] = mapped_column(EncryptedText("meeting.limit_reason"))
    series_id: Mapped[UUID | None] = mapped_column(index=True)
    #: Counts up with every change that those who are invited must hear of (RFC 5545).
    sequence: Mapped[int] = mapped_column(default=0)
    moved_reason: Mapped[ChangeReason | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[ChangeReason | None]
    closed_at: Mapped[datetime | None]  # somebody wrote how it went
    minutes_spent: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(EncryptedText("meeting.outcome"))
    next_on: Mapped[date | None]

    people: Mapped[list[MeetingPerson]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="MeetingPerson.position"
    )
    interpreters: Mapped[list[InterpreterBooking]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="InterpreterBooking.language"
    )


class MeetingPerson(Identified, Base):
    """Somebody who takes part, by reference; somebody from outside by what was written."""

    __tablename__ = "meeting_person"
    __table_args__ = retention("case", UniqueConstraint("meeting_id", "slot"))

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    position: Mapped[int]
    party: Mapped[Party]
    ref_id: Mapped[UUID | None] = mapped_column(index=True)  # participant, user or contact
    name: Mapped[str | None] = mapped_column(EncryptedText("meeting_person.name"))
    email: Mapped[str | None] = mapped_column(EncryptedText("meeting_person.email"))
    slot: Mapped[int | None]  # from 1, in a meeting with slots
    attendance: Mapped[Attendance | None]


class InterpreterBooking(Identified, Versioned, Base):
    """An interpreter for one meeting; a group with several languages has several."""

    __tablename__ = "interpreter_booking"
    __table_args__ = retention("case", UniqueConstraint("meeting_id", "language"))

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    language: Mapped[str]  # a code such as "ar"
    authorised: Mapped[Authorised] = mapped_column(default=Authorised.ASKED)
    wishes: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[InterpreterState] = mapped_column(default=InterpreterState.TO_ASK)
