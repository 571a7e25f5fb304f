"""Tables of requests under the law: her own rights, what is restricted, what others ask to read."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class RightKind(enum.StrEnum):
    """What is asked for, with its article of the GDPR."""

    COPY = "copy"  # 15
    CORRECTION = "correction"  # 16, SoL 14:6
    ERASURE = "erasure"  # 17, assessed: 17.3 b
    RESTRICTION = "restriction"  # 18
    OBJECTION = "objection"  # 21
    EXPORT = "export"  # 20, as a service: 20.3


class AskedBy(enum.StrEnum):
    """Who asked."""

    HERSELF = "herself"
    GUARDIAN = "guardian"  # god man, förvaltare or who has custody
    AGENT = "agent"  # with a power of attorney


class How(enum.StrEnum):
    """How something was said to us, or by us to her."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"


class Decision(enum.StrEnum):
    """What was decided of a request."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by who asked


class RightsRequest(Identified, Recorded, Versioned, Base):
    """One request of somebody about what is kept about her, from the day it came to its answer."""

    __tablename__ = "rights_request"
    __table_args__ = retention(
        "case", CheckConstraint("due_on >= received_on", name="dates_in_order")
    )

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[RightKind]
    received_on: Mapped[date]
    asked_by: Mapped[AskedBy]
    asked_how: Mapped[How]
    words: Mapped[str] = mapped_column(EncryptedText("rights_request.words"))
    due_on: Mapped[date]
    handled_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    #: The correction that it is about, which has the words and the answer.
    correction_id: Mapped[UUID | None] = mapped_column(ForeignKey("correction.id"), unique=True)
    prolonged_on: Mapped[date | None]
    prolonged_reason: Mapped[str | None] = mapped_column(
        EncryptedText("rights_request.prolonged_reason")
    )
    decision: Mapped[Decision | None]
    answer: Mapped[str | None] = mapped_column(EncryptedText("rights_request.answer"))
    #: Of an objection: her reasons against ours (art. 21.1).
    balance: Mapped[str | None] = mapped_column(EncryptedText("rights_request.balance"))
    answered_on: Mapped[date | None]
    answered_how: Mapped[How | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class RestrictionGround(enum.StrEnum):
    """Why what is kept may only be stored (art. 18.1)."""

    ACCURACY = "accuracy"  # a: she says it is wrong, while it is looked into
    UNLAWFUL = "unlawful"  # b: it is unlawful, and she does not want it erased
    CLAIMS = "claims"  # c: she needs it for a legal claim
    OBJECTION = "objection"  # d: she has objected, while it is weighed


class Restriction(Identified, Recorded, Versioned, Base):
    """A time during which what is kept about somebody was stored and nothing more."""

    __tablename__ = "restriction"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("rights_request.id"), index=True)
    ground: Mapped[RestrictionGround]
    reason: Mapped[str] = mapped_column(EncryptedText("restriction.reason"))
    since: Mapped[date]
    set_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    told_on: Mapped[date | None]  # that it will be lifted (art. 18.3)
    told_how: Mapped[How | None]
    lifted_on: Mapped[date | None]
    lifted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class RecordRequest(Identified, Recorded, Versioned, Base):
    """Somebody asks to read what stands in a file (TF 2, OSL 6:4; a party: FL 10).

    Who asks need not say who she is, nor why (TF 2:18).
    """

    __tablename__ = "record_request"
    __table_args__ = retention("case")

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    asked_on: Mapped[date]
    asked_how: Mapped[How]
    asker: Mapped[str | None] = mapped_column(EncryptedText("record_request.asker"))
    is_party: Mapped[bool] = mapped_column(default=False)
    wanted: Mapped[str] = mapped_column(EncryptedText("record_request.wanted"))
    table_name: Mapped[str]  # the part of the file that was chosen
    handled_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decision: Mapped[Decision | None]
    reason: Mapped[str | None] = mapped_column(EncryptedText("record_request.reason"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: Asked for a decision that can be appealed (OSL 6:3).
    wants_decision: Mapped[bool] = mapped_column(default=False)
    handed_on: Mapped[date | None]  # what may be read was given to whoever asked
    handed_how: Mapped[How | None]


class RecordLine(Identified, Base):
    """One field of what was asked for, as it stood, and the provision that keeps it secret."""

    __tablename__ = "record_line"
    __table_args__ = retention("case", UniqueConstraint("request_id", "position"))

    request_id: Mapped[UUID] = mapped_column(ForeignKey("record_request.id"), index=True)
    position: Mapped[int]
    what: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText("record_line.value"))
    provision: Mapped[str | None]  # a code of data/provisions.yaml; None = may be read
    #: What may be read, set by the decision: the value without what was marked in it.
    told: Mapped[str | None] = mapped_column(EncryptedText("record_line.told"))

    @property
    def readable(self) -> str:
        """What may be read of it once it was decided; nothing of it while it is masked."""
        if self.provision is not None:
            return ""
        return self.value if self.told is None else self.told  # decided before passages could be


class RecordMask(Identified, Recorded, Base):
    """A passage of a line that was marked to be masked: where, by what, why, by whom. A log."""

    __tablename__ = "record_mask"
    __table_args__ = retention("case", CheckConstraint("ends > starts", name="not_empty"))

    line_id: Mapped[UUID] = mapped_column(ForeignKey("record_line.id"), index=True)
    starts: Mapped[int]  # signs from the beginning of the line's value
    ends: Mapped[int]
    provision: Mapped[str]
    reason: Mapped[str] = mapped_column(EncryptedText("record_mask.reason"))
    marked_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
