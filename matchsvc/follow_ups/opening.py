"""One follow-up with everything that its page shows and asks about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.settings import number
from matchsvc.errors import NotFound, Refused
from matchsvc.follow_ups.development import rows_of
from matchsvc.follow_ups.models import (
    DevelopmentRow,
    DevelopmentState,
    FollowUpVersion,
    Standing,
)
from matchsvc.follow_ups.observed import AtWork, competences_at
from matchsvc.participants.own import is_own
from matchsvc.placements.access import Seen, get_placement, logger_of
from matchsvc.placements.accommodations import accommodations_of
from matchsvc.placements.follow_ups import list_held
from matchsvc.placements.models import Accommodation, AgreedAction, FollowUp
from matchsvc.placements.workplace import Said, words_for
from matchsvc.schedules.models import PhaseState, SchedulePhase
from matchsvc.schedules.rules import phases_of


@dataclass(frozen=True, slots=True)
class Opened:
    """A follow-up with what its page shows.

    Attributes:
        seen: the placement and whose it is.
        follow_up: the row, its actions loaded.
        previous: the last one held before it, its actions loaded.
        following: the next one that is planned.
        hours_now: hours a week as last agreed.
        is_logger: whether the reader is the one who logs it.
        may_complete: whether the reader is the participant's own case worker.
        full_week: hours of full time in the unit.
        said: what the workplace has said since the one before, the latest first.
        adaptations: those of the placement, reviews loaded.
        development: the rows of the development plan.
        at_work: the competences that can be said to have been seen.
        phase: the times that both have agreed on and that hold now, with what both look for.
        beside: versions that wait to be compared.
    """

    seen: Seen
    follow_up: FollowUp
    previous: FollowUp | None
    following: FollowUp | None
    hours_now: int | None
    is_logger: bool
    may_complete: bool
    full_week: int
    said: list[Said]
    adaptations: Sequence[Accommodation]
    development: Sequence[DevelopmentRow]
    at_work: list[AtWork]
    phase: SchedulePhase | None
    beside: Sequence[FollowUpVersion]

    @property
    def promises(self) -> list[AgreedAction]:
        """What was agreed last time."""
        return list(self.previous.actions) if self.previous else []

    @property
    def ongoing(self) -> list[DevelopmentRow]:
        """Rows of the development plan that go on, but for those of this follow-up itself."""
        return [
            row
            for row in self.development
            if row.state is DevelopmentState.ONGOING and row.follow_up_id != self.follow_up.id
        ]


def get_follow_up(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    *,
    today: date,
    for_update: bool = False,
) -> Opened:
    """One follow-up, for those who work with the participant. Logged.

    Raises:
        NotFound: unknown or hidden.
        Refused: the participant is not the actor's own.
    """
    found = select(FollowUp).where(FollowUp.id == follow_up_id)
    if for_update:
        found = found.with_for_update(of=FollowUp)
    follow_up = session.scalar(found.options(selectinload(FollowUp.actions)))
    if follow_up is None:
        raise NotFound("follow_up")
    shown = get_placement(session, actor, follow_up.placement_id, today=today)
    if not (shown.is_own or actor.is_system):
        raise Refused("not_your_case")
    placement = shown.placement
    earlier = [one for one in list_held(session, placement.id) if one.number < follow_up.number]
    hours = [one.hours_next for one in earlier if one.hours_next is not None]
    audit.record(session, actor, "read", "follow_up", follow_up.id, subjects=[shown.participant.id])
    return Opened(
        seen=shown,
        follow_up=follow_up,
        previous=earlier[-1] if earlier else None,
        following=_following(session, follow_up),
        hours_now=hours[-1] if hours else placement.hours_start,
        is_logger=actor.user_id is not None and actor.user_id == logger_of(placement),
        may_complete=is_own(session, actor, shown.participant.id, today=today),
        full_week=number(session, placement.unit_id, "full_week_hours"),
        said=words_for(session, follow_up),
        adaptations=accommodations_of(session, placement.id),
        development=rows_of(session, placement.id),
        at_work=competences_at(session, shown),
        phase=_phase(session, placement.id, today=today),
        beside=versions_beside(session, follow_up.id),
    )


def versions_beside(session: Session, follow_up_id: UUID) -> Sequence[FollowUpVersion]:
    """Versions that wait to be compared with the one that stands, the oldest first."""
    return session.scalars(
        select(FollowUpVersion)
        .where(
            FollowUpVersion.follow_up_id == follow_up_id,
            FollowUpVersion.standing == Standing.BESIDE,
        )
        .order_by(FollowUpVersion.saved_at, FollowUpVersion.id)
    ).all()


def _following(session: Session, follow_up: FollowUp) -> FollowUp | None:
    return session.scalar(
        select(FollowUp)
        .where(
            FollowUp.placement_id == follow_up.placement_id,
            FollowUp.number > follow_up.number,
            FollowUp.held_on.is_(None),
            FollowUp.cancelled_on.is_(None),
        )
        .order_by(FollowUp.number)
        .limit(1)
    )


def _phase(session: Session, placement_id: UUID, *, today: date) -> SchedulePhase | None:
    begun = [
        each
        for each in phases_of(session, placement_id)
        if each.state is PhaseState.AGREED and each.starts_on <= today
    ]
    return begun[-1] if begun else None
