"""Tables of proposals: participant x offer, as explained, answered by both sides."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
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
