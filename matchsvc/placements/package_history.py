"""What was known of a part of the support package at an instant: every state is kept, with when.

A report on a past day counts what had been recorded by then, as it does of outcome events. States
are only added: one that is taken back still stood until it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from matchsvc.placements.models import PartState, morning


def state_at(
    state: PartState, said: Sequence[str], happened_on: date | None, at: datetime | None
) -> PartState:
    """The state that was recorded by an instant; None is now. Pure.

    Args:
        state: as it stands.
        said: as the row keeps it.
        happened_on: the day of the state; counts for one from before states were kept.
        at: the instant.
    """
    if at is None:
        return state
    if not said:
        is_known = happened_on is not None and morning(happened_on) <= at
        return state if is_known else PartState.PLANNED
    known = PartState.PLANNED
    for each in said:
        name, _space, recorded = each.partition(" ")
        if datetime.fromisoformat(recorded) <= at:
            known = PartState(name)
    return known
