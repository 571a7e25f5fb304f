"""What the first start must remember because nothing else tells it."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, Identified, retention


class MarkKind(enum.StrEnum):
    """What somebody did."""

    MAIL_SENT = "mail_sent"  # the mail server took a trial letter
    PUT_ASIDE = "put_aside"  # the guide is no longer shown on My week


class StartMark(Identified, Base):
    """Who did it in a unit, and when. One of each kind; doing it again moves it."""

    __tablename__ = "start_mark"
    __table_args__ = retention("account", UniqueConstraint("unit_id", "kind"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[MarkKind]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    at: Mapped[datetime]
