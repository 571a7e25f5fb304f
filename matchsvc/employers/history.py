"""What changed in the register: when, by whom, from what to what (EMP-01). Only added to."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.employers.access import READERS
from matchsvc.employers.models import Employer
from matchsvc.employers.network_models import RegisterChange
from matchsvc.employers.register_reads import get_employer

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of an employer's changes, newest first.

    Attributes:
        employer: whose.
        rows: each change and the name of who made it; None when a job did.
        page: its number from 1.
        pages: how many there are, at least 1.
        total: how many changes there are on all of them.
    """

    employer: Employer
    rows: list[tuple[RegisterChange, str | None]]
    page: int
    pages: int
    total: int


def note_changes(
    session: Session,
    actor: Actor,
    employer_id: UUID,
    subject: str,
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> int:
    """Keep every field that differs. The write's own transaction.

    Args:
        session: a writing transaction.
        actor: who changed it.
        employer_id: whose.
        subject: ``employer``, ``site``, ``contact`` or ``offer``.
        name: what it is called.
        before: values by field, as they were.
        after: as they are; only its fields are looked at.

    Returns:
        How many fields differ.
    """
    changed = [field for field in after if before.get(field) != after[field]]
    session.add_all(
        RegisterChange(
            employer_id=employer_id,
            subject=subject,
            name=name,
            field=field,
            before=as_text(before.get(field)),
            after=as_text(after[field]),
            by_id=actor.user_id,
        )
        for field in changed
    )
    return len(changed)


def as_text(value: Any) -> str | None:
    """A value as the table keeps it: a code, a number, a day, or codes with ``|`` between."""
    if value is None or value == "":
        return None
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int | UUID):
        return str(value)
    if isinstance(value, Collection):
        parts = [as_text(getattr(each, "concept_id", each)) or "" for each in value]
        return "|".join(parts if isinstance(value, tuple) else sorted(parts)) or None
    return str(value)


def list_changes(session: Session, actor: Actor, key: UUID | str, *, page: int = 1) -> ChangePage:
    """What changed about an employer, its sites, people and offers.

    Raises:
        NotFound: unknown or another unit's.
    """
    actor.require_role(*READERS)
    employer = get_employer(session, actor, key)
    audit.record(session, actor, "read", "employer", employer.id)
    own = RegisterChange.employer_id == employer.id
    total = session.scalar(select(func.count()).select_from(RegisterChange).where(own)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = session.execute(
        select(RegisterChange, User.name)
        .outerjoin(User, User.id == RegisterChange.by_id)
        .where(own)
        .order_by(RegisterChange.created_at.desc(), RegisterChange.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return ChangePage(employer, [(row[0], row[1]) for row in rows], page, pages, total)
