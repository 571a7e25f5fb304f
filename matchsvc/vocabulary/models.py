"""Tables of the vocabulary: what a competence, an occupation or a need is called.

Nothing here is about a person. A concept is never deleted, only deprecated: competences and
requirements point at it for as long as they are kept (domain.md 2.4).
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, Identified, Versioned, retention

LABEL_LENGTH = 200
ID_LENGTH = 120
REASON_LENGTH = 300


class Scheme(enum.StrEnum):
    """Whose list a concept comes from."""

    STARTER = "starter"  # ours, hand-written, in matchsvc/vocabulary/data
    LOCAL = "local"  # the unit's own additions, imported as csv
    ESCO = "esco"
    JOBTECH = "jobtech"


class ConceptType(enum.StrEnum):
    """What kind of thing a concept names."""

    SKILL = "skill"
    OCCUPATION = "occupation"
    LANGUAGE = "language"  # the id is the ISO 639-1 code; levels are held by the competence
    LICENCE = "licence"  # a paper without which the task is not allowed: a gate, never points
    GENERIC = "generic"  # the competence card's generic competences (domain.md PLA-10)


class RelationKind(enum.StrEnum):
    """How two concepts hang together apart from the one line upward."""

    RELATED = "related"
    ESSENTIAL = "essential"  # occupation -> skill
    OPTIONAL = "optional"  # occupation or skill -> skill
    BROADER = "broader"  # every line upward the source gives; one of them is Concept.parent_id


class ConditionHeading(enum.StrEnum):
    """What a working condition is about; the forms list them under these, in this order."""

    BODY = "body"
    ROOM = "room"
    PACE = "pace"
    HOURS = "hours"
    LANGUAGE = "language"
    PEOPLE = "people"
    TASKS = "tasks"
    TRAVEL = "travel"


class VersionCause(enum.StrEnum):
    """What made a new version of the vocabulary."""

    LIST = "list"  # a list was loaded
    WORD = "word"  # a synonym of a unit was approved or revoked
    LINE = "line"  # a line upward was corrected by hand


class SynonymState(enum.StrEnum):
    """What has become of words that somebody used for a concept."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    REVOKED = "revoked"


class VocabularyVersion(Base):
    """One change of a list. Loading the same list again adds no row.

    What people change by hand is a version of the list that the concept stands in; whoever keeps
    an index of the list makes a new one.
    """

    __tablename__ = "vocabulary_version"
    __table_args__ = retention("reference")

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[Scheme]
    name: Mapped[str] = mapped_column(String(80))  # "1.1.1", or the first signs of the checksum
    checksum: Mapped[str] = mapped_column(String(64))  # SHA-256 over the content that was loaded
    concepts: Mapped[int]  # how many the list held
    imported_by: Mapped[str] = mapped_column(String(120))
    imported_at: Mapped[datetime | None]  # None: came with the program
    cause: Mapped[VersionCause] = mapped_column(
        default=VersionCause.LIST, server_default=VersionCause.LIST.value
    )


class Concept(Base):
    """One thing somebody can do, be, speak or hold, named in everyday Swedish."""

    __tablename__ = "concept"
    __table_args__ = retention(
        "reference", CheckConstraint("parent_id != id", name="not_its_own_parent")
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    scheme: Mapped[Scheme] = mapped_column(index=True)
    type: Mapped[ConceptType]
    is_group: Mapped[bool]  # a heading: a step of the line upward, not something to claim
    label_sv: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    label_en: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    label_key: Mapped[str] = mapped_column(String(LABEL_LENGTH), index=True)
    sort_key: Mapped[str] = mapped_column(String(LABEL_LENGTH), index=True)
    has_swedish_label: Mapped[bool]  # False: label_sv repeats the English one
    description: Mapped[str] = mapped_column(Text)
    #: The one line upward that points are given along (DESIGN section 4).
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("concept.id"), index=True)
    uri: Mapped[str | None] = mapped_column(String(300), index=True)
    ssyk_code: Mapped[str | None] = mapped_column(String(4), index=True)
    isco_code: Mapped[str | None] = mapped_column(String(4))
    is_deprecated: Mapped[bool]
    version_id: Mapped[int] = mapped_column(ForeignKey("vocabulary_version.id"), index=True)

    parent: Mapped[Concept | None] = relationship(remote_side="Concept.id", lazy="raise_on_sql")
    terms: Mapped[list[ConceptTerm]] = relationship(
        order_by="ConceptTerm.id", lazy="raise_on_sql", back_populates="concept"
    )


class ConceptTerm(Base):
    """Another way to say a concept: a synonym or an everyday phrase."""

    __tablename__ = "concept_term"
    __table_args__ = retention("reference", UniqueConstraint("concept_id", "language", "key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"))
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    key: Mapped[str] = mapped_column(String(LABEL_LENGTH), index=True)
    #: Approved in a unit (UnitSynonym); False: the list itself says so.
    is_from_unit: Mapped[bool] = mapped_column(default=False, server_default=false())

    concept: Mapped[Concept] = relationship(lazy="raise_on_sql", back_populates="terms")


class ConceptRelation(Base):
    """Two concepts that belong together."""

    __tablename__ = "concept_relation"
    __table_args__ = retention("reference")

    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), primary_key=True)
    related_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), primary_key=True, index=True)
    kind: Mapped[RelationKind] = mapped_column(primary_key=True)


class CorrectedLine(Versioned, Base):
    """A line upward that a person decided instead of the list; new versions of it stay so.

    A row is kept when the list's own line is in force again: its version tells two forms apart.
    """

    __tablename__ = "corrected_line"
    __table_args__ = retention("reference")

    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("concept.id"))
    #: What the list says, so that it can be shown and chosen again.
    given_parent_id: Mapped[str | None] = mapped_column(ForeignKey("concept.id"))
    is_in_force: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    corrected_at: Mapped[datetime]


class UnitSynonym(Identified, Versioned, Base):
    """Words that people of a unit used for a concept, and whether they may be linked by.

    Nothing here leads to a person: no participant, no competence, no member of staff, and months
    instead of days, since a day would point at a conversation. Refused words are kept only as a
    keyed hash, by which they are known if they come again.
    """

    __tablename__ = "unit_synonym"
    __table_args__ = retention(
        "reference",
        UniqueConstraint("unit_id", "concept_id", "key_index"),
        CheckConstraint("(text is null) = (key is null)", name="text_and_key"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    concept_id: Mapped[str] = mapped_column(ForeignKey("concept.id"), index=True)
    text: Mapped[str | None] = mapped_column(String(LABEL_LENGTH))  # lower case, single spaces
    key: Mapped[str | None] = mapped_column(String(LABEL_LENGTH))
    key_index: Mapped[str] = mapped_column(String(64))
    state: Mapped[SynonymState]
    count: Mapped[int]  # how often a person confirmed the concept for these words
    first_seen_in: Mapped[date]  # the first day of the month
    last_seen_in: Mapped[date]


class Condition(Base):
    """One working condition, said from both sides; functional, never a diagnosis.

    A participant *needs* some; a site *offers* or *excludes* some (DESIGN section 3).
    """

    __tablename__ = "condition"
    __table_args__ = retention("reference")

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]  # order of the list
    heading: Mapped[ConditionHeading] = mapped_column(server_default=ConditionHeading.BODY.value)
    icon: Mapped[str] = mapped_column(String(40))  # Lucide name
    need_sv: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    need_en: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    offer_sv: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    offer_en: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    exclude_sv: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    exclude_en: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    #: The accommodation that typically opens the gate when a site excludes the condition.
    accommodation_sv: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    accommodation_en: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    is_deprecated: Mapped[bool]
