"""How often a unit may call on an employer unasked (EMP-04): a cap that is passed with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import User
from matchsvc.accounts.settings import number
from matchsvc.employers.models import Interaction, Purpose

#: What an employer has not asked for. A problem, a follow-up and a thank-you are kept promises.
UNASKED = (Purpose.BUILD, Purpose.FOR_A_PERSON, Purpose.SUBSIDIES)
#: The days that are counted, the one in question among them.
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cap:
    """How much of the cap is used.

    Attributes:
        limit: unasked contacts in the window that the unit allows.
        used: those there were: the colleague's name and the day, latest first.
    """

    limit: int
    used: tuple[tuple[str, date], ...]

    @property
    def is_reached(self) -> bool:
        """Whether one more needs a reason."""
        return len(self.used) >= self.limit


def cap_on(session: Session, employer_id: UUID, unit_id: UUID, day: date) -> Cap:
    """The cap of an employer on a day. Two queries.

    Args:
        session: a transaction.
        employer_id: whose.
        unit_id: the unit whose setting counts.
        day: the last day of the window.
    """
    used = session.execute(
        select(User.name, Interaction.happened_on)
        .join(User, User.id == Interaction.by_id)
        .where(
            Interaction.employer_id == employer_id,
            Interaction.purpose.in_(UNASKED),
            Interaction.is_theirs.is_(False),
            Interaction.happened_on > day - WINDOW,
            Interaction.happened_on <= day,
        )
        .order_by(Interaction.happened_on.desc(), Interaction.created_at.desc())
    )
    limit = number(session, unit_id, "employer_contact_cap")
    return Cap(limit, tuple((name, when) for name, when in used))
