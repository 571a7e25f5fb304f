"""Rows entered by mistake: archived with a reason, never deleted, and in no list."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, and_
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement


class Archivable:
    """Columns of a row that can be archived as entered by mistake."""

    archived_at: Mapped[datetime | None] = mapped_column(index=True)
    archived_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    archived_reason: Mapped[str | None] = mapped_column(Text)


def stands(model: Any) -> ColumnElement[bool]:
    """The condition that a row is there: neither archived, merged into another nor restricted.

    A restricted participant is stored and nothing more (GDPR 18): no list, count, match, message
    or page finds her, and only ``participants.access.get_restricted`` does, for her handlers.

    Every list, search, count and match of participants, employers and offers asks it.

    Args:
        model: an :class:`Archivable` class or an alias of one.
    """
    is_there: ColumnElement[bool] = model.archived_at.is_(None)
    merged = getattr(model, "merged_into_id", None)
    if merged is not None:
        is_there = and_(is_there, merged.is_(None))
    restricted = getattr(model, "restricted_since", None)
    return is_there if restricted is None else and_(is_there, restricted.is_(None))
