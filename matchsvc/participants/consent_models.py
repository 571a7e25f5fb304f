"""Tables of consent to lift secrecy, and of what was disclosed on which ground (LAW-02, LAW-03)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention
from matchsvc.workday.signature_models import IdentifiedHow


class Party(enum.StrEnum):
    """Whom information may be exchanged with (CON-01, CON-02)."""

    EMPLOYMENT_SERVICE = "employment_service"
    INSURANCE_AGENCY = "insurance_agency"
    HEALTH_CARE = "health_care"
    SOCIAL_SERVICES = "social_services"
    LABOUR_MARKET_UNIT = "labour_market_unit"  # another one, or another branch of the same
    EDUCATION = "education"
    ACTIVITY_PROVIDER = "activity_provider"
    EMPLOYER = "employer"
    # Who may ask by a right of her own, and is never asked about in a consent:
    HERSELF = "herself"
    PARTY_TO_CASE = "party_to_case"
    ANYBODY = "anybody"  # who asks for a public record need not say who she is


#: With whom nothing is exchanged: they are given what the law gives them, by ``rights`` alone.
BY_RIGHT = frozenset({Party.HERSELF, Party.PARTY_TO_CASE, Party.ANYBODY})


class Category(enum.StrEnum):
    """What the information is about."""

    CONTACT = "contact"
    PLANNING = "planning"
    COMPETENCE = "competence"
    WORK_ABILITY = "work_ability"
    HEALTH = "health"
    ECONOMY = "economy"
    SOCIAL = "social"
    RECORD = "record"  # the file or a part of it, given by right; in no consent


#: An employer is never told of these, whatever anybody consents to (LAW-13).
NEVER_TO_EMPLOYERS = frozenset(
    {Category.WORK_ABILITY, Category.HEALTH, Category.ECONOMY, Category.SOCIAL}
)


class DisclosureRule(enum.StrEnum):
    """Why information could be given to somebody (LAW-02). No general clause: OSL 10:27 is shut."""

    CONSENT = "consent"
    OWN_TASK = "own_task"  # OSL 10:2
    DUTY = "duty"  # OSL 10:28
    LIMITED_GROUP = "limited_group"  # OSL 26:9
    OWN_ACCESS = "own_access"  # GDPR 15
    PARTY_ACCESS = "party_access"  # FL 10
    PUBLIC_RECORD = "public_record"  # TF 2:15


class ConsentAnswer(enum.StrEnum):
    """What she answered when she was asked. A refusal blocks nothing."""

    GIVEN = "given"
    REFUSED = "refused"


class RevokedHow(enum.StrEnum):
    """How she said that she takes it back: as easily as she gave it."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    IN_WRITING = "in_writing"
    BY_HERSELF = "by_herself"


class Consent(Identified, Recorded, Versioned, Base):
    """One answer to a text read together: per party and category, until a day at the latest."""

    __tablename__ = "consent"
    __table_args__ = retention(
        "case",
        CheckConstraint("valid_until >= valid_from", name="dates_in_order"),
        CheckConstraint("answer = 'refused' or valid_until is not null", name="ends"),
    )

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    answer: Mapped[ConsentAnswer]
    text_version: Mapped[str]
    text_language: Mapped[str]
    content_hash: Mapped[str]  # of the text and of what was chosen, as it was read
    valid_from: Mapped[date]
    valid_until: Mapped[date | None] = mapped_column(index=True)  # last day; never none when given
    reservation: Mapped[str | None] = mapped_column(EncryptedText("consent.reservation"))
    interpreter_language: Mapped[str | None]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    identified_how: Mapped[IdentifiedHow | None]
    revoked_at: Mapped[datetime | None]  # all of it; a part is revoked on its scopes
    revoked_how: Mapped[RevokedHow | None]
    revoked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    scopes: Mapped[list[ConsentScope]] = relationship(
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        order_by="[ConsentScope.party, ConsentScope.category]",
    )


class ConsentScope(Base):
    """One party and one kind of information that the consent opens."""

    __tablename__ = "consent_scope"
    __table_args__ = retention("case")

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"), primary_key=True)
    party: Mapped[Party] = mapped_column(primary_key=True)
    category: Mapped[Category] = mapped_column(primary_key=True)
    revoked_at: Mapped[datetime | None]


class Disclosure(Identified, Recorded, Base):
    """Something was told to somebody outside: what kind, to whom, by which rule. Append-only."""

    __tablename__ = "disclosure"
    __table_args__ = retention(
        "case",
        UniqueConstraint("request_id"),
        CheckConstraint("rule != 'consent' or consent_id is not null", name="names_its_consent"),
    )

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    party: Mapped[Party]
    recipient: Mapped[str]  # the office or workplace, never a private person's address
    category: Mapped[Category]
    purpose: Mapped[str]
    rule: Mapped[DisclosureRule]
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent.id"))
    disclosed_at: Mapped[datetime]
    disclosed_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    request_id: Mapped[UUID]  # of the form: the same form sent twice is one disclosure
