"""Where a follow-up stands, and how it may go on."""

from __future__ import annotations

import enum

from matchsvc.placements.models import FollowUp


class FollowUpState(enum.StrEnum):
    """Derived from its dates."""

    PLANNED = "planned"
    LOGGED = "logged"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


#: From, to: who may, and what is checked.
TRANSITIONS = {
    (FollowUpState.PLANNED, FollowUpState.LOGGED),  # its logger; a placement that has begun
    (FollowUpState.PLANNED, FollowUpState.CANCELLED),  # the end of the placement
    (FollowUpState.LOGGED, FollowUpState.LOGGED),  # two versions were compared
    (FollowUpState.LOGGED, FollowUpState.COMPLETED),  # her own case worker
    (FollowUpState.COMPLETED, FollowUpState.LOGGED),  # versions were compared after that
    (FollowUpState.COMPLETED, FollowUpState.COMPLETED),  # the case worker adds words
}


def state_of(row: FollowUp) -> FollowUpState:
    """Where a follow-up stands."""
    if row.completed_at is not None:
        return FollowUpState.COMPLETED
    if row.held_on is not None:
        return FollowUpState.LOGGED
    return FollowUpState.PLANNED if row.cancelled_on is None else FollowUpState.CANCELLED


def may_become(row: FollowUp, state: FollowUpState) -> bool:
    """Whether a follow-up may go on to a state."""
    return (state_of(row), state) in TRANSITIONS
