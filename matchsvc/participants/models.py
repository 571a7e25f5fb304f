"""Tables of participants: person, case, steps, competences, wishes, needs, who works with whom."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.db import (
    Base,
    EncryptedText,
    Identified,
    Recorded,
    SealableText,
    ToSeal,
    Versioned,
    retention,
)
from matchsvc.swedish import sort_key
from matchsvc.workday.archivable import Archivable


class Sex(enum.StrEnum):
    """As the report counts it; never an input to matching."""

    WOMAN = "woman"
    MAN = "man"
    UNKNOWN = "unknown"


class BirthRegion(enum.StrEnum):
    """Region of birth (REP-01); never an input to matching."""

    SWEDEN = "sweden"
    EUROPE = "europe"  # except Sweden
    OUTSIDE_EUROPE = "outside_europe"
    UNKNOWN = "unknown"


class ExitReason(enum.StrEnum):
    """Why a case ended."""

    GOAL_REACHED = "goal_reached"
    OTHER_MEASURE = "other_measure"
    MOVED = "moved"
    OWN_CHOICE = "own_choice"
    NO_CONTACT = "no_contact"
    OTHER = "other"


class ExitDestination(enum.StrEnum):
    """Where the person went."""

    UNSUBSIDISED_JOB = "unsubsidised_job"
    SUBSIDISED_JOB = "subsidised_job"
    MUNICIPAL_LM_EMPLOYMENT = "municipal_lm_employment"
    STUDIES = "studies"
    AF_PLANNING = "af_planning"
    CARE = "care"
    DAILY_ACTIVITY = "daily_activity"
    OTHER = "other"
    UNKNOWN = "unknown"


class Step(enum.StrEnum):
    """The four steps of PRO-01. They are periods and may overlap."""

    MAPPING = "mapping"
    MATCHING = "matching"
    WORK_TRAINING = "work_training"
    WORK = "work"


class Capacity(enum.StrEnum):
    """In which capacity a member of staff works with a participant."""

    CASE_WORKER = "case_worker"
    SUPERVISOR = "supervisor"
    PRACTICAL_SUPERVISOR = "practical_supervisor"
    PROTECTED_HANDLER = "protected_handler"
    READING_WITH_REASON = "reading_with_reason"  # a manager, until the end of the day


class LearnedWhere(enum.StrEnum):
    """Where a competence was learned (DESIGN section 3)."""

    JOB = "job"
    EDUCATION = "education"
    UNPAID_HOME = "unpaid_home"
    CARE = "care"
    ASSOCIATION = "association"
    OWN_BUSINESS = "own_business"
    HOBBY = "hobby"
    OTHER = "other"


class Rung(enum.StrEnum):
    """The evidence ladder: how we know."""

    CLAIMED = "claimed"
    EXEMPLIFIED = "exemplified"
    OBSERVED = "observed"
    CONFIRMED = "confirmed"


class Programme(Identified, Base):
    """A programme that a case belongs to, as data (PRO-06)."""

    __tablename__ = "programme"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "code"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str]
    name: Mapped[str]
    needs_birth_country: Mapped[bool] = mapped_column(default=False)


class Participant(Archivable, Identified, Recorded, Versioned, Base):
    """A person enrolled with a unit.

    What matching may use and what it never sees stand in one row; only
    ``matching/arrays.py`` decides which columns are read, and a test holds it to its list.
    """

    __tablename__ = "participant"
    __table_args__ = retention(
        "case",
        UniqueConstraint("unit_id", "external_id"),
        CheckConstraint("hours_per_week between 1 and 40", name="hours_possible"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    external_id: Mapped[str]
    number: Mapped[int] = mapped_column(unique=True)  # the alias is D-<number>
    #: Sealed while she is protected, and only then: everybody else's are sorted and compared.
    given_name: Mapped[str | None] = mapped_column(SealableText("participant.given_name"))
    family_name: Mapped[str | None] = mapped_column(SealableText("participant.family_name"))
    #: Of a protected person it is made of her alias.
    sort_key: Mapped[str] = mapped_column(index=True)
    personal_id: Mapped[str | None] = mapped_column(EncryptedText("participant.personal_id"))
    personal_id_index: Mapped[str | None] = mapped_column(unique=True)
    sex: Mapped[Sex]
    birth_year: Mapped[int | None]
    birth_region: Mapped[BirthRegion]
    birth_country: Mapped[str | None]  # ISO 3166 alpha-2, only where the programme needs it
    phone: Mapped[str | None]
    email: Mapped[str | None]
    contact_language: Mapped[str] = mapped_column(default="sv")
    interpreter: Mapped[bool] = mapped_column(default=False)
    protected: Mapped[bool] = mapped_column(default=False, index=True)
    # Lifting the mark takes two: who asked, until a second person confirms (LAW-10). No reason.
    lift_asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    lift_asked_on: Mapped[date | None]
    no_messages: Mapped[bool] = mapped_column(default=False)
    #: From this day what is kept about her is stored and nothing more (GDPR 18); see `stands`.
    restricted_since: Mapped[date | None]
    #: She has objected to what is done with it, and that waits or was heard (GDPR 21).
    objected_on: Mapped[date | None]
    #: The day on which it was agreed that times of meetings may come as text messages.
    text_agreed_on: Mapped[date | None]
    outcome_key: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    #: The same person's other row, where everything stands now; this one only leads there.
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("participant.id"), index=True)

    # What the person can and wants to do, agreed with her.
    hours_per_week: Mapped[int | None]
    weekdays: Mapped[int] = mapped_column(default=0)  # bit 0 Monday ... bit 6 Sunday; 0 = not asked
    available_from: Mapped[date | None]
    reaches_all_areas: Mapped[bool] = mapped_column(default=False)
    informal_asked_on: Mapped[date | None]  # informal competence was asked about (MAP-07)
    ready_on: Mapped[date | None]  # the wait runs from here

    cases: Mapped[list[Case]] = relationship(
        lazy="raise_on_sql",
        order_by="[Case.ended_on.is_not(None), Case.enrolled_on.desc()]",
        back_populates="participant",
    )
    competences: Mapped[list[Competence]] = relationship(
        lazy="raise_on_sql", order_by="Competence.created_at", back_populates="participant"
    )
    languages: Mapped[list[LanguageSkill]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="LanguageSkill.concept_id"
    )
    areas: Mapped[list[ParticipantArea]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    needs: Mapped[list[Need]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Need.condition_id"
    )
    wishes: Mapped[list[Wish]] = relationship(
        lazy="raise_on_sql", order_by="Wish.recorded_on.desc()"
    )

    @property
    def stays_inside(self) -> bool:
        """Whether nothing about her may leave the house: protected, or stored and nothing more."""
        return self.protected or self.restricted_since is not None

    @property
    def alias(self) -> str:
        """What everybody but her own workers calls her: ``D-2041``."""
        return f"D-{self.number}"

    @property
    def full_name(self) -> str:
        """Given and family name, or the alias when no name is kept."""
        return " ".join(filter(None, (self.given_name, self.family_name))) or self.alias


@event.listens_for(Participant, "before_insert")
@event.listens_for(Participant, "before_update")
def _keep_the_name(_mapper: object, _connection: object, person: Participant) -> None:
    """Seal a protected person's name whoever writes it, and open it when the mark is lifted."""
    is_new_mark = inspect(person).attrs.protected.history.has_changes()
    for name in ("given_name", "family_name"):
        value = getattr(person, name)
        if value is None or not (person.protected or is_new_mark):
            continue
        setattr(person, name, ToSeal(value) if person.protected else str(value))
        flag_modified(person, name)  # the same words, kept in another way
    if person.protected:
        person.sort_key = sort_key(person.alias)
    elif is_new_mark:
        shown = f"{person.family_name or ''} {person.given_name or ''}".strip()
        person.sort_key = sort_key(shown or person.alias)


class Case(Identified, Recorded, Versioned, Base):
    """One enrolment, from the first day to the last."""

    __tablename__ = "case_file"
    __table_args__ = retention(
        "case", CheckConstraint("ended_on >= enrolled_on", name="dates_in_order")
    )

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    case_worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programme.id"))
    enrolled_on: Mapped[date]
    ended_on: Mapped[date | None]
    exit_reason: Mapped[ExitReason | None]
    exit_destination: Mapped[ExitDestination | None]
    #: Whether a pause runs; why stands in the pause, where matching does not look.
    is_paused: Mapped[bool] = mapped_column(default=False)
    outcome_key: Mapped[UUID] = mapped_column(default=uuid4, unique=True)

    participant: Mapped[Participant] = relationship(lazy="raise_on_sql", back_populates="cases")
    steps: Mapped[list[CaseStep]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="CaseStep.start_date"
    )


class CaseStep(Identified, Versioned, Base):
    """A period of one of the four steps; periods may overlap (PRO-01)."""

    __tablename__ = "case_step"
    __table_args__ = retention(
        "case", CheckConstraint("end_date >= start_date", name="dates_in_order")
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    step: Mapped[Step]
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    planned_end_date: Mapped[date | None]
    responsible_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: The placement or employment that it stands for.
    source_id: Mapped[UUID | None] = mapped_column(index=True)
    label: Mapped[str | None]  # what to write on the bar, for example the site


class Involvement(Identified, Recorded, Base):
    """Who works with whom, in which capacity, when. The source of every access decision."""

    __tablename__ = "involvement"
    __table_args__ = retention("case", UniqueConstraint("participant_id", "user_id", "capacity"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    capacity: Mapped[Capacity]
    until: Mapped[date | None]  # last day, inclusive; None = until changed
    reason: Mapped[str | None]


class Competence(Identified, Recorded, Versioned, Base):
    """Something the person can do: a concept, or free text waiting for one."""

    __tablename__ = "competence"
    __table_args__ = retention(
        "case",
        CheckConstraint("concept_id is not null or own_words is not null", name="says_something"),
    )

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    concept_id: Mapped[str | None] = mapped_column(ForeignKey("concept.id"), index=True)
    own_words: Mapped[str | None]  # as she said it
    learned_where: Mapped[LearnedWhere]
    learned_detail: Mapped[str | None]  # "Föreningen Salam, 6 år"
    voucher: Mapped[str | None]  # who can vouch, as a role: "ordföranden i föreningen"
    rung: Mapped[Rung] = mapped_column(default=Rung.CLAIMED)
    by_certificate: Mapped[bool] = mapped_column(default=False)
    is_shared: Mapped[bool] = mapped_column(default=False)  # may stand in a presentation
    archived_at: Mapped[datetime | None]
    archived_reason: Mapped[str | None]

    participant: Mapped[Participant] = relationship(
        lazy="raise_on_sql", back_populates="competences"
    )
    evidence: Mapped[list[Evidence]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Evidence.happened_on"
    )

    @property
    def is_formal(self) -> bool:
        """Formal = learned in education, or confirmed by certificate; all else is informal."""
        return self.learned_where is LearnedWhere.EDUCATION or (
            self.rung is Rung.CONFIRMED and self.by_certificate
        )


class Evidence(Identified, Recorded, Base):
    """One rung reached: when, by whom, where."""

    __tablename__ = "evidence"
    __table_args__ = retention("case")

    competence_id: Mapped[UUID] = mapped_column(ForeignKey("competence.id"), index=True)
    rung: Mapped[Rung]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    workplace: Mapped[str | None]
    note: Mapped[str | None]


class TalkView(enum.StrEnum):
    """Which languages the questions of a talk are shown in."""

    FIRST = "first"  # the reader's own
    OTHER = "other"
    BOTH = "both"


class CompetenceTalk(Identified, Recorded, Versioned, Base):
    """How far the talk about what somebody can do has come; what was said is in Competence.

    Of suggestions that were turned down only the concept is kept, not whether others did it, and
    only for the day of the talk.
    """

    __tablename__ = "competence_talk"
    __table_args__ = retention(
        "case",
        UniqueConstraint("participant_id"),
        CheckConstraint("seconds >= 0", name="time_goes_forward"),
    )

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"))
    area: Mapped[str]  # where they are
    #: Area id to {"at": index of the question, "status": begun, done or skipped}.
    areas: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dismissed: Mapped[list[str]] = mapped_column(
        default=list
    )  # concepts not to propose again today
    language: Mapped[str | None]  # the second language; None = the contact language
    view: Mapped[TalkView | None]
    held_on: Mapped[date]  # the latest sitting
    seconds: Mapped[int] = mapped_column(default=0)  # of that sitting, pauses not counted
    active_at: Mapped[datetime | None]  # None while paused


class LanguageSkill(Identified, Base):
    """A language, by skill on the CEFR scale: 0 none, 1 = A1 ... 6 = C2, None not asked."""

    __tablename__ = "language_skill"
    __table_args__ = retention("case", UniqueConstraint("participant_id", "concept_id"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"))
    speak: Mapped[int | None]
    understand: Mapped[int | None]
    read: Mapped[int | None]
    write: Mapped[int | None]


class ParticipantArea(Base):
    """An area of town that the participant ticked as within reach."""

    __tablename__ = "participant_area"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), primary_key=True)
    area_id: Mapped[UUID] = mapped_column(ForeignKey("area.id"), primary_key=True)


class Need(Identified, Base):
    """A condition that the participant needs at the workplace. Functional, never a diagnosis."""

    __tablename__ = "need"
    __table_args__ = retention("case", UniqueConstraint("participant_id", "condition_id"))

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    condition_id: Mapped[str] = mapped_column(ForeignKey("condition.id"))
    note: Mapped[str | None]  # how it goes today


class Wish(Identified, Recorded, Base):
    """What the person wants, in her own words. Append-only; the latest one counts."""

    __tablename__ = "wish"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    own_words: Mapped[str] = mapped_column(Text)
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    with_interpreter: Mapped[bool] = mapped_column(default=False)

    concepts: Mapped[list[WishedConcept]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class WishedConcept(Base):
    """A concept that the wish is about, confirmed by a person."""

    __tablename__ = "wished_concept"
    __table_args__ = retention("case")

    wish_id: Mapped[UUID] = mapped_column(ForeignKey("wish.id"), primary_key=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), primary_key=True)
