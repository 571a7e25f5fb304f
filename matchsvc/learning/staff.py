"""Who works in the unit, and who does what with what it learns."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.errors import NotFound, Refused

#: Who works with participants and employers: they train and assess themselves.
WORKERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.SUPERVISOR,
    Role.PRACTICAL_SUPERVISOR,
    Role.UNIT_MANAGER,
)
#: Who keeps the lists, enters costs and closes reviews.
KEEPERS = (Role.UNIT_MANAGER,)
#: Who reads what is counted of the whole unit.
COUNTERS = (Role.UNIT_MANAGER, Role.AUDITOR)
#: Who may open the card page at all.
READERS = (*WORKERS, Role.AUDITOR)
#: Years that anything can be asked of.
FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works in the unit."""

    id: UUID
    name: str


def unit_of(actor: Actor) -> UUID:
    """The unit that the actor works in.

    Raises:
        Refused: a command or a job has none.
    """
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id


def colleagues(session: Session, unit_id: UUID) -> list[Colleague]:
    """The active users of a unit who work there, by name. One query."""
    works = (
        select(UserRole.user_id)
        .where(UserRole.user_id == User.id, UserRole.role.in_(WORKERS))
        .exists()
    )
    found = session.execute(
        select(User.id, User.name)
        .where(User.unit_id == unit_id, User.is_active, works)
        .order_by(User.sort_key, User.id)
    )
    return [Colleague(*row) for row in found]


def require_year(year: int) -> None:
    """Refuse what is no year of any unit's.

    Raises:
        NotFound: before 2000 or after 2199.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound("year")
