"""How few are too few in the reports of a unit: the law's numbers, or higher ones of its own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.settings import numbers_by_unit, several
from matchsvc.reports.suppression import Limits

_KEYS = ("smallest_count", "smallest_denominator")


def limits_of(session: Session, unit_id: UUID | None) -> Limits:
    """A unit's limits; those of all units together, for None, are the strictest of any."""
    if unit_id is not None:
        found = [several(session, unit_id, *_KEYS)]
        return Limits(*(int(found[0][key]) for key in _KEYS))
    everybody = numbers_by_unit(session, *_KEYS).values()
    least = Limits()
    return Limits(
        max([least.count, *(numbers[_KEYS[0]] for numbers in everybody)]),
        max([least.denominator, *(numbers[_KEYS[1]] for numbers in everybody)]),
    )
