"""Tables of employers: organisations, sites, contacts, logged contacts, offers."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, Identified, Recorded, Versioned, retention
from matchsvc.messages.models import Reach
from matchsvc.workday.archivable import Archivable


class EmployerType(enum.StrEnum):
    """Kind of organisation (MAT-04)."""

    PRIVATE = "private"
    MUNICIPAL = "municipal"
    REGION = "region"
    STATE = "state"
    CIVIL_SOCIETY = "civil_society"
    OWN_UNIT = "own_unit"


class EmployerStatus(enum.StrEnum):
    """Where the relation stands (EMP-01)."""

    PROSPECT = "prospect"
    CONTACTED = "contacted"
    INTERESTED = "interested"
    AGREED = "agreed"
    ACTIVE = "active"
    PAUSED = "paused"
    LOST = "lost"
    DO_NOT_CONTACT = "do_not_contact"


class Origin(enum.StrEnum):
    """How the relation began (EMP-02)."""

    RESEARCHED = "researched"
    EXISTING_CONTACT = "existing_contact"
    DIRECT_ENGAGEMENT = "direct_engagement"


class YesNoUnknown(enum.StrEnum):
    """An answer that may be missing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Bar(enum.StrEnum):
    """Why no placement may be made with an employer (2000:628 9 b-c §§, domain.md 2.3)."""

    TRADING_BAN = "trading_ban"
    INSOLVENT = "insolvent"
    UNPAID_TAXES = "unpaid_taxes"
    OTHER = "other"


class StatusCode(enum.StrEnum):
    """Why a relation rests, is lost or is not wanted (EMP-01)."""

    NO_NEED = "no_need"
    NO_CAPACITY = "no_capacity"
    NO_SUPERVISOR = "no_supervisor"
    OFF_SEASON = "off_season"
    BAD_EXPERIENCE = "bad_experience"
    TOO_MANY_ASK = "too_many_ask"
    CLOSED_DOWN = "closed_down"
    OTHER = "other"


class Stance(enum.StrEnum):
    """What a site or an offer says of a condition."""

    OFFERS = "offers"
    EXCLUDES = "excludes"


class ContactRole(enum.StrEnum):
    """What a contact person does there (EMP-01)."""

    DECISION_MAKER = "decision_maker"
    HR = "hr"
    SUPERVISOR = "supervisor"
    UNION = "union"
    FINANCE = "finance"


class Channel(enum.StrEnum):
    """How to reach somebody, or how one was reached."""

    EMAIL = "email"
    PHONE = "phone"
    TEXT = "text"
    VISIT = "visit"


class Purpose(enum.StrEnum):
    """Why an employer was contacted (EMP-06)."""

    BUILD = "build"
    FOR_A_PERSON = "for_a_person"
    FOLLOW_UP = "follow_up"
    SUBSIDIES = "subsidies"
    PROBLEM = "problem"
    THANKS = "thanks"


class Contribution(enum.StrEnum):
    """What a place gives the person (MAT-05)."""

    EXPERIENCE = "experience"
    SKILLS = "skills"
    TASTER = "taster"
    CONTRIBUTION = "contribution"
    JOB = "job"


class OfferStatus(enum.StrEnum):
    """Whether an offer can be matched on."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Importance(enum.StrEnum):
    """Whether a requirement is needed or a merit."""

    REQUIRED = "required"
    MERIT = "merit"


class LanguagePart(enum.StrEnum):
    """The four skills of a language."""

    SPEAK = "speak"
    UNDERSTAND = "understand"
    READ = "read"
    WRITE = "write"


class Agreement(Identified, Versioned, Base):
    """An agreement that placements and hires are counted under (EMP-10, CON-06)."""

    __tablename__ = "agreement"
    __table_args__ = retention("employer", UniqueConstraint("unit_id", "code"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str]
    partner: Mapped[str]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    is_national: Mapped[bool] = mapped_column(default=False)
    commitments: Mapped[str | None] = mapped_column(Text)
    goal_placements: Mapped[int | None]  # persons, over the whole period
    goal_hires: Mapped[int | None]
    #: Whether it names foreign-born women among those it is for; None = nobody has looked.
    names_group: Mapped[bool | None]
    follow_up_on: Mapped[date | None]  # the next yearly talk


class Employer(Archivable, Identified, Recorded, Versioned, Base):
    """An organisation."""

    __tablename__ = "employer"
    __table_args__ = retention("employer", UniqueConstraint("unit_id", "external_id"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    external_id: Mapped[str]
    org_number: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(index=True)
    type: Mapped[EmployerType]
    sni: Mapped[str | None]
    size_band: Mapped[str | None]
    status: Mapped[EmployerStatus] = mapped_column(default=EmployerStatus.PROSPECT)
    status_code: Mapped[StatusCode | None]
    status_reason: Mapped[str | None]
    origin: Mapped[Origin | None]
    origin_event: Mapped[str | None]  # the fair, open house or visit where it began
    #: What was found out about them (S3, EMP-01): for preparing a call, never for matching.
    focus: Mapped[str | None] = mapped_column(Text)
    governance: Mapped[str | None] = mapped_column(Text)
    csr_practice: Mapped[str | None] = mapped_column(Text)
    inclusion: Mapped[str | None] = mapped_column(Text)
    adaptability: Mapped[str | None] = mapped_column(Text)
    collective_agreement: Mapped[YesNoUnknown] = mapped_column(default=YesNoUnknown.UNKNOWN)
    union_name: Mapped[str | None]
    bar: Mapped[Bar | None]
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    #: The same employer's other row, where everything stands now; this one only leads there.
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("employer.id"), index=True)

    sites: Mapped[list[Site]] = relationship(
        lazy="raise_on_sql", order_by="Site.sort_key", back_populates="employer"
    )
    contacts: Mapped[list[Contact]] = relationship(
        lazy="raise_on_sql", order_by="Contact.sort_key", back_populates="employer"
    )
    interactions: Mapped[list[Interaction]] = relationship(
        lazy="raise_on_sql", order_by="Interaction.happened_on.desc()", back_populates="employer"
    )


class Site(Identified, Versioned, Base):
    """A place where people work."""

    __tablename__ = "site"
    __table_args__ = retention("employer", UniqueConstraint("employer_id", "external_id"))

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    external_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    address: Mapped[str | None]
    postcode: Mapped[str | None]
    town: Mapped[str | None]
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"), index=True)
    capacity: Mapped[int | None]
    supervisors: Mapped[int | None]
    languages: Mapped[list[str] | None]  # ids of languages that are spoken there
    access_note: Mapped[str | None]  # how one gets there and in, in words (EMP-01)
    works_with_children: Mapped[bool] = mapped_column(default=False)  # direct, regular contact
    closed_on: Mapped[date | None]  # its last day; nobody starts there after it

    employer: Mapped[Employer] = relationship(lazy="raise_on_sql", back_populates="sites")
    conditions: Mapped[list[SiteCondition]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="SiteCondition.condition_id"
    )


class SiteCondition(Base):
    """What a site offers or excludes of the shared conditions."""

    __tablename__ = "site_condition"
    __table_args__ = retention("employer")

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    condition_id: Mapped[str] = mapped_column(ForeignKey("condition.id"), primary_key=True)
    stance: Mapped[Stance]


class Contact(Identified, Versioned, Base):
    """A person at an employer."""

    __tablename__ = "contact"
    __table_args__ = retention("employer")

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    role: Mapped[ContactRole | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]  # E.164
    channel: Mapped[Channel | None]
    reach: Mapped[Reach] = mapped_column(default=Reach.EMAIL)  # how letters of the system come
    is_active: Mapped[bool] = mapped_column(default=True)
    no_questions_since: Mapped[date | None]  # "no more questions from you": no surveys
    left_on: Mapped[date | None]  # the day we heard that the person had left

    employer: Mapped[Employer] = relationship(lazy="raise_on_sql", back_populates="contacts")


class YearlyQuestion(Identified, Recorded, Base):
    """The one question of the year to a contact (EMP-11): asked once a calendar year."""

    __tablename__ = "yearly_question"
    __table_args__ = retention("employer", UniqueConstraint("contact_id", "year"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    year: Mapped[int]
    questionnaire: Mapped[str]
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_link.id"))
    sent_on: Mapped[date]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class Interaction(Identified, Recorded, Base):
    """One logged contact with an employer (EMP-06). May become a public record."""

    __tablename__ = "interaction"
    __table_args__ = retention("employer")

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    happened_on: Mapped[date] = mapped_column(index=True)
    channel: Mapped[Channel]
    purpose: Mapped[Purpose]
    result: Mapped[str] = mapped_column(Text)
    next_step: Mapped[str | None]
    next_on: Mapped[date | None] = mapped_column(index=True)
    next_done_on: Mapped[date | None]
    is_theirs: Mapped[bool] = mapped_column(default=False)  # they called, not we
    cap_reason: Mapped[str | None]  # why once more, when the unit's cap was reached (EMP-04)

    employer: Mapped[Employer] = relationship(lazy="raise_on_sql", back_populates="interactions")
    contact: Mapped[Contact | None] = relationship(lazy="raise_on_sql")


class Offer(Archivable, Identified, Recorded, Versioned, Base):
    """A place that an employer offers: what is done there, what it needs, what it gives."""

    __tablename__ = "offer"
    __table_args__ = retention(
        "employer",
        UniqueConstraint("unit_id", "external_id"),
        CheckConstraint("places >= 0", name="places_not_negative"),
        CheckConstraint("hours_start between 1 and 40", name="hours_start_possible"),
        CheckConstraint("hours_max between 1 and 40", name="hours_max_possible"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    external_id: Mapped[str]
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    title: Mapped[str]
    sort_key: Mapped[str]
    occupation_id: Mapped[str | None] = mapped_column(ForeignKey("concept.id"))
    tasks: Mapped[str] = mapped_column(Text)
    contribution: Mapped[Contribution]
    forms: Mapped[list[str]]  # codes of placement forms; empty = not said
    places: Mapped[int]
    hours_start: Mapped[int]
    hours_max: Mapped[int]
    weekdays: Mapped[int] = mapped_column(default=0)  # bit 0 Monday ... bit 6 Sunday; 0 = not said
    start_from: Mapped[date | None]
    start_by: Mapped[date | None]
    valid_until: Mapped[date | None]
    season_start: Mapped[str | None]  # "04-01"
    season_end: Mapped[str | None]  # "10-15"
    supervisor_named: Mapped[bool | None]
    job_prospect: Mapped[YesNoUnknown] = mapped_column(default=YesNoUnknown.UNKNOWN)
    for_af: Mapped[bool] = mapped_column(default=False)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    status: Mapped[OfferStatus] = mapped_column(default=OfferStatus.OPEN, index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    paused_until: Mapped[date | None]  # opens again that day
    #: While a period of its own holds, ``places`` is the period's and this what holds otherwise.
    places_otherwise: Mapped[int | None]

    site: Mapped[Site] = relationship(lazy="raise_on_sql")
    requirements: Mapped[list[Requirement]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Requirement.position"
    )
    languages: Mapped[list[OfferLanguage]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    licences: Mapped[list[OfferLicence]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    conditions: Mapped[list[OfferCondition]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class Requirement(Identified, Base):
    """A competence that an offer asks for, and why."""

    __tablename__ = "requirement"
    __table_args__ = retention("employer", UniqueConstraint("offer_id", "concept_id"))

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), index=True)
    importance: Mapped[Importance]
    purpose: Mapped[str]  # "why is it needed?", DL 1:4
    position: Mapped[int] = mapped_column(default=0)


class OfferLanguage(Identified, Base):
    """The least level of one language skill that the tasks need, and why. A gate."""

    __tablename__ = "offer_language"
    __table_args__ = retention("employer", UniqueConstraint("offer_id", "concept_id", "part"))

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"))
    part: Mapped[LanguagePart]
    level: Mapped[int]  # 1 = A1 ... 6 = C2
    purpose: Mapped[str]


class OfferLicence(Identified, Base):
    """A licence that the tasks need, and why. A gate."""

    __tablename__ = "offer_licence"
    __table_args__ = retention("employer", UniqueConstraint("offer_id", "concept_id"))

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"))
    purpose: Mapped[str]


class OfferCondition(Base):
    """What an offer offers or excludes of the shared conditions, beside its site's."""

    __tablename__ = "offer_condition"
    __table_args__ = retention("employer")

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    condition_id: Mapped[str] = mapped_column(ForeignKey("condition.id"), primary_key=True)
    stance: Mapped[Stance]
