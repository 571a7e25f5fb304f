"""Tables of the documents that a placement ends with, and of who was given them."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class DocumentKind(enum.StrEnum):
    """What is written at the end (PLA-09, PLA-10, PLA-11, domain.md 2.3)."""

    FINAL = "final"  # slutdokumentation
    CARD = "card"  # kompetenskort
    CERTIFICATE = "certificate"
    ACCOUNT = "account"  # written account to Arbetsförmedlingen, when it asks


class DocumentState(enum.StrEnum):
    """Where a version stands. Transitions: desk.py."""

    DRAFT = "draft"
    SIGNING = "signing"  # its words are fixed; a change of them makes it a draft again
    SIGNED = "signed"  # nothing in it changes any more
    REPLACED = "replaced"  # by a later version that was signed
    DROPPED = "dropped"  # by a person, with a reason


class GivenTo(enum.StrEnum):
    """Who was given a document."""

    PARTICIPANT = "participant"
    EMPLOYER = "employer"
    EMPLOYMENT_SERVICE = "employment_service"


class GivenHow(enum.StrEnum):
    """How it was given."""

    PAPER = "paper"
    OWN_PAGE = "own_page"
    READ_ALOUD = "read_aloud"  # together, interpreted where needed
    LINK = "link"  # sent, and read behind a code; by_link.py


class EndDocument(Identified, Recorded, Versioned, Base):
    """One version of one document about a placement."""

    __tablename__ = "end_document"
    __table_args__ = retention(
        "case",
        UniqueConstraint("placement_id", "kind", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    kind: Mapped[DocumentKind]
    number: Mapped[int]
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.DRAFT, index=True)
    #: Names, dates and what was shown at the workplace as they were when signing began, as JSON;
    #: None in a draft.
    facts: Mapped[str | None] = mapped_column(EncryptedText("end_document.facts"))
    content_hash: Mapped[str | None]  # of everything that is signed
    begun_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    signed_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None] = mapped_column(EncryptedText("end_document.ended_reason"))

    sections: Mapped[list[DocumentSection]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="DocumentSection.position"
    )
    seen: Mapped[list[SeenCompetence]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="SeenCompetence.position"
    )


class DocumentSection(Identified, Versioned, Base):
    """One part of a document, saved by itself against its version; a sentence a line."""

    __tablename__ = "document_section"
    __table_args__ = retention("case", UniqueConstraint("document_id", "code"))

    document_id: Mapped[UUID] = mapped_column(ForeignKey("end_document.id"), index=True)
    code: Mapped[str]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(EncryptedText("document_section.text"), default="")
    #: What was proposed and where each sentence comes from, as JSON: content.Line.
    drafted: Mapped[str] = mapped_column(EncryptedText("document_section.drafted"), default="[]")


class SeenCompetence(Identified, Versioned, Base):
    """How somebody does one generic thing at one workplace, as one person saw it (PLA-10)."""

    __tablename__ = "seen_competence"
    __table_args__ = retention(
        "case",
        UniqueConstraint("document_id", "concept_id"),
        CheckConstraint("level between 1 and 4", name="four_levels"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("end_document.id"), index=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), index=True)
    position: Mapped[int]
    level: Mapped[int | None]  # None = it did not come up at the workplace
    #: What was seen, instead of the level's own sentence.
    note: Mapped[str | None] = mapped_column(EncryptedText("seen_competence.note"))
    seen_on: Mapped[date]
    workplace: Mapped[str]
    assessor_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    assessor_role: Mapped[str]  # "supervisor" or "case_worker"


class DocumentDelivery(Identified, Recorded, Base):
    """A signed document was given to somebody. Append-only, but that a link can be forgotten."""

    __tablename__ = "document_delivery"
    __table_args__ = retention("case", UniqueConstraint("request_id"))

    document_id: Mapped[UUID] = mapped_column(ForeignKey("end_document.id"), index=True)
    given_to: Mapped[GivenTo]
    how: Mapped[GivenHow]
    interpreter_language: Mapped[str | None]
    disclosure_id: Mapped[UUID | None] = mapped_column(ForeignKey("disclosure.id"))
    given_on: Mapped[date]
    given_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    request_id: Mapped[UUID]  # of the form: the same form sent twice is one delivery
    #: By which link it can be read; None for other ways, and when the link is forgotten.
    link_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("signed_link.id", ondelete="SET NULL"), index=True
    )
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))  # who got the link
