"""When somebody of the unit last read the laws behind the periods, and whether that is too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import UnitSetting, User
from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.swedish import add_months

KEY = "retention_verified_on"
#: After so many months somebody has to read them again (domain.md 3.14).
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Verified:
    """The last reading of the laws.

    Attributes:
        on: the day.
        by: who noted it; None when it was whoever wrote the program.
        noted_at: when it was noted.
    """

    on: date
    by: str | None = None
    noted_at: datetime | None = None


def verified(session: Session, unit_id: UUID | None) -> Verified:
    """The last reading that the unit has noted; every earlier one stays in its settings' history.

    One query.
    """
    row = session.execute(
        select(UnitSetting, User.name)
        .join(User, User.id == UnitSetting.made_by_id)
        .where(UnitSetting.unit_id == unit_id, UnitSetting.key == KEY)
        .order_by(UnitSetting.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return Verified(date.fromisoformat(REGISTRY[KEY].default))
    noted, name = row
    return Verified(date.fromisoformat(noted.value), name, noted.made_at)


def needs_review(on: date, *, today: date) -> bool:
    """Whether a year has passed since somebody read the laws. Pure."""
    return today > add_months(on, MONTHS)
