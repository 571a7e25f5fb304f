"""Tables of proposals: participant x offer, as explained, answered by both sides."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, Identified, Recorded, Versioned, retention, utcnow


class ProposalState(enum.StrEnum):
    """Where a proposal stands. Transitions: matching/proposals.py."""

    DRAFTED = "drafted"  # a case worker thinks of it; the participant has not answered
    WANTED = "wanted"  # the participant said yes
    UNWANTED = "unwanted"  # the participant said no
    CHANGE = "change"  # the participant wants something changed first
    PRESENTED = "presented"  # the employer got it, anonymously
    ACCEPTED = "accepted"  # the employer said yes
    DECLINED = "declined"  # the employer said no
    PLACED = "placed"  # became a placement
    WITHDRAWN = "withdrawn"


#: Proposals that have a place of the offer promised to them.
TAKING = (ProposalState.ACCEPTED, ProposalState.PLACED)


class Proposal(Identified, Recorded, Versioned, Base):
    """One person proposed for one place, with the explanation as it was shown."""

    __tablename__ = "proposal"
    __table_args__ = retention("case")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(index=True)
    explanation: Mapped[dict[str, Any]]  # contract.md section 3, one result
    weights_version: Mapped[str]
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    proposed_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    override_reason: Mapped[str | None] = mapped_column(Text)  # in spite of a closed condition gate
    presentation: Mapped[
        dict[str, Any] | None
    ]  # what the employer sees, as the participant approved
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    #: The day she said yes to this employer knowing her name. Rules: matching/naming.py.
    named_on: Mapped[date | None]

    history: Mapped[list[ProposalEvent]] = relationship(
        lazy="raise_on_sql", order_by="ProposalEvent.at", back_populates="proposal"
    )


class ProposalEvent(Identified, Base):
    """One change of a proposal's state. Append-only."""

    __tablename__ = "proposal_event"
    __table_args__ = retention("case")

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    from_state: Mapped[ProposalState | None]
    to_state: Mapped[ProposalState]
    note: Mapped[str | None] = mapped_column(Text)

    proposal: Mapped[Proposal] = relationship(lazy="raise_on_sql", back_populates="history")


class WeightsVersion(Identified, Recorded, Base):
    """A unit's table of points from one instant until the next version. Append-only.

    A unit without a row uses the published table (matching/weights.py), which is version 1.
    """

    __tablename__ = "weights_version"
    __table_args__ = retention(
        "reference",
        UniqueConstraint("unit_id", "number"),  # two who save at once: the second is told
        CheckConstraint("number >= 2", name="follows_the_published"),
        CheckConstraint("claimed >= 5 and confirmed = 10", name="own_words_count"),
        CheckConstraint("floor between 0 and 10000", name="floor_possible"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]  # the label is v<number>
    required_own: Mapped[int]
    required_parent: Mapped[int]
    required_grandparent: Mapped[int]
    merit_own: Mapped[int]
    merit_parent: Mapped[int]
    merit_grandparent: Mapped[int]
    claimed: Mapped[int]  # tenths, as the three below
    exemplified: Mapped[int]
    observed: Mapped[int]
    confirmed: Mapped[int]
    floor: Mapped[int]  # least cover of what is required for a draft of the cohort, of 10,000
    reason: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    valid_from: Mapped[datetime]


class DraftState(enum.StrEnum):
    """Where a draft for the whole cohort is."""

    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class LineState(enum.StrEnum):
    """What a person has decided about a line of a draft. Rules: matching/board.py."""

    DRAFT = "draft"  # the draft's own, nobody has decided
    LOCKED = "locked"  # kept when the draft is made again; also how a line is changed
    HELD = "held"  # a proposal that already runs; kept
    ACCEPTED = "accepted"  # became a proposal
    FORBIDDEN = "forbidden"  # never again, for a reason
    UNPLACED = "unplaced"  # no place, with the reason


class CohortRun(Identified, Recorded, Versioned, Base):
    """One draft of everybody waiting on all places, with its certificate."""

    __tablename__ = "cohort_run"
    __table_args__ = retention("case")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    made_on: Mapped[date]
    state: Mapped[DraftState] = mapped_column(default=DraftState.WORKING)
    stage: Mapped[int] = mapped_column(default=0)  # how far, while working
    weights_version: Mapped[str]
    floor: Mapped[int]
    people: Mapped[int] = mapped_column(default=0)
    places: Mapped[int] = mapped_column(default=0)
    placed: Mapped[int] = mapped_column(default=0)
    upper_bound_people: Mapped[int] = mapped_column(default=0)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
    bound: Mapped[int] = mapped_column(BigInteger, default=0)
    first_placed: Mapped[int] = mapped_column(default=0)  # first come, first served
    first_value: Mapped[int] = mapped_column(BigInteger, default=0)
    #: arriving.Arrivals; None while the unit has too short a past.
    arrivals: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )


class CohortLine(Identified, Versioned, Base):
    """One person in a draft: a place, or why there is none; and what somebody decided."""

    __tablename__ = "cohort_line"
    __table_args__ = retention("case", Index("ix_cohort_line_run_place", "run_id", "position"))

    run_id: Mapped[UUID] = mapped_column(ForeignKey("cohort_run.id"))
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
    position: Mapped[int]  # longest wait first
    state: Mapped[LineState] = mapped_column()
    cover: Mapped[int | None]
    wait_days: Mapped[int] = mapped_column(default=0)
    #: The best place that went to somebody else, and what it would cost whom.
    first_offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
    first_cover: Mapped[int | None]
    costs: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON().with_variant(JSONB(), "postgresql"), default=list
    )
    #: Why there is no place: a code and its numbers.
    obstacle: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )
    changed_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    decided_at: Mapped[datetime | None]
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposal.id"), index=True)


class RowKind(enum.StrEnum):
    """What a packed row is about."""

    PARTICIPANT = "participant"
    OFFER = "offer"
    LISTS = "lists"  # one row: a fingerprint of concepts, areas and conditions


class MatchingRow(Base):
    """The published inputs of one participant or offer, packed (matching/packed.py).

    Written in the transaction that changes an input, or marked in MatchingStale until it is. A row
    whose participant or offer is gone is empty, for a while, so that open indexes notice.
    """

    __tablename__ = "matching_row"
    __table_args__ = retention("case", Index(None, "unit_id", "kind", "is_listed"))

    kind: Mapped[RowKind] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID | None]
    #: A participant who waits for a place and is not protected; an open offer.
    is_listed: Mapped[bool]
    #: Rises with every change, in the order of commits: who has read up to it has read everything.
    sequence: Mapped[int] = mapped_column(BigInteger, index=True)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    inputs: Mapped[bytes]


class MatchingStale(Base):
    """Something whose packed row may be out of date. Filled by triggers (matching/marking.py)."""

    __tablename__ = "matching_stale"
    __table_args__ = retention("technical", Index(None, "kind", "id"))

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    kind: Mapped[str] = mapped_column(String(40))
    id: Mapped[UUID]


class MatchingNumber(Base):
    """The number that stands for a concept, an area or a condition in packed rows."""

    __tablename__ = "matching_number"
    __table_args__ = retention("reference")

    number: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)  # "concept:sy", "area:<hex>"
