"""The table of import runs: a file, how far its check has come, and what came of it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchsvc.db import Base, EncryptedText, Identified, Recorded, retention


class RunState(enum.StrEnum):
    """Where an import is."""

    WAITING = "waiting"  # uploaded, not yet checked
    CHECKING = "checking"
    CHECKED = "checked"  # the preview can be shown
    SAVING = "saving"  # a person has said yes; written in one transaction
    DONE = "done"
    FAILED = "failed"  # the file could not be read, or the disk was full
    CANCELLED = "cancelled"


class ImportRun(Identified, Recorded, Base):
    """One file on its way in. Its content is kept encrypted until done or cancelled."""

    __tablename__ = "import_run"
    __table_args__ = retention("technical")

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]  # participants, employers, offers, placements
    file_name: Mapped[str]
    content: Mapped[str | None] = mapped_column(EncryptedText("import_run.content"))  # base64
    state: Mapped[RunState] = mapped_column(default=RunState.WAITING)
    rows: Mapped[int] = mapped_column(default=0)
    rows_checked: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: The sheet's name, and the numbers of rows that are new and that change.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
