"""Bars on organisers (2000:628 9 b-c §§, domain.md 2.3): who looked, where, when, and what for.

Nothing is fetched: a person looks in the registers and writes down what was seen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.settings import number
from matchsvc.employers import checks
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import Bar, Employer
from matchsvc.employers.network_models import BarCheck
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_
from matchsvc.swedish import add_months

NOTHING_LOOKED_FOR = N_("Kryssa i vad du har kontrollerat.")
NOT_LOOKED_FOR = N_("Du har inte kryssat i att du kontrollerade det.")
NOT_YET = N_("Kontrollen kan inte vara gjord i framtiden.")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """What the latest check says.

    Attributes:
        latest: the latest one; None when nobody has looked.
        is_old: whether nobody has looked within the unit's months.
        months: how many they are.
    """

    latest: BarCheck | None
    is_old: bool
    months: int


def add_bar_check(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    checked_on: date,
    looked_for: Collection[Bar],
    source: str,
    found: Bar | None,
    today: date,
    version: int | None = None,
) -> BarCheck:
    """Write down a check. A bar that was found stops placements until a later check clears it.

    Args:
        session: a writing transaction.
        actor: liaison or placement coordinator.
        key: the employer.
        checked_on: the day; not in the future.
        looked_for: what was looked for.
        source: where.
        found: the bar there was; one of those looked for.
        today: the day of writing.
        version: the employer's, as it was shown.

    Raises:
        NotFound: the employer is unknown or another unit's.
        Invalid: with a sentence for every wrong field.
        Conflict: the employer was saved by somebody else since.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, key, for_update=True)
    db.check_version(employer, version)
    checks.refuse(
        {
            "checked_on": NOT_YET if checked_on > today else None,
            "looked_for": None if looked_for else NOTHING_LOOKED_FOR,
            "source": checks.text_fault(source, today=today) if source.strip() else checks.REQUIRED,
            "found": NOT_LOOKED_FOR if found is not None and found not in looked_for else None,
        }
    )
    check = BarCheck(
        employer_id=employer.id,
        checked_on=checked_on,
        by_id=actor.require_user(),
        looked_for=[bar.value for bar in Bar if bar in looked_for],
        source=source.strip(),
        found=found,
    )
    newest = session.scalar(
        select(BarCheck.checked_on)
        .where(BarCheck.employer_id == employer.id)
        .order_by(BarCheck.checked_on.desc())
        .limit(1)
    )
    session.add(check)
    is_latest = newest is None or newest <= checked_on
    stands = found if found is not None else (None if employer.bar in looked_for else employer.bar)
    if is_latest and stands is not employer.bar:
        before, employer.bar = {"bar": employer.bar}, stands
        note_changes(
            session, actor, employer.id, "employer", employer.name, before, {"bar": stands}
        )
    session.flush()
    audit.record(session, actor, "create", "bar_check", check.id)
    return check


def list_bar_checks(
    session: Session, actor: Actor, employer: Employer
) -> list[tuple[BarCheck, str]]:
    """The latest checks with the names of who made them, newest first. One query."""
    actor.require_role(*READERS)
    rows = session.execute(
        select(BarCheck, User.name)
        .join(User, User.id == BarCheck.by_id)
        .where(BarCheck.employer_id == employer.id)
        .order_by(BarCheck.checked_on.desc(), BarCheck.created_at.desc())
        .limit(_SHOWN)
    )
    return [(row[0], row[1]) for row in rows]


def standing_of_bars(session: Session, employer: Employer, *, today: date) -> Standing:
    """Whether somebody has looked lately enough, as it was known on a day. Two queries."""
    latest = session.scalar(
        select(BarCheck)
        .where(BarCheck.employer_id == employer.id, BarCheck.checked_on <= today)
        .order_by(BarCheck.checked_on.desc(), BarCheck.created_at.desc())
        .limit(1)
    )
    months = number(session, employer.unit_id, "bar_check_months")
    is_old = latest is None or add_months(latest.checked_on, months) < today
    return Standing(latest, is_old, months)
