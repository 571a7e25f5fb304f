"""Follow-ups as the working day sees them: which were held, which somebody is to log (PLA-05)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Employer, Site
from matchsvc.participants.models import Participant
from matchsvc.placements.access import Seen, only_visible, seen
from matchsvc.placements.models import FollowUp, Placement

PAGE_SIZE = 50


def list_held(session: Session, placement_id: UUID) -> list[FollowUp]:
    """The follow-ups of a placement that were held, in order, with their actions."""
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.placement_id == placement_id, FollowUp.held_on.is_not(None))
            .order_by(FollowUp.number)
            .options(selectinload(FollowUp.actions))
        )
    )


def list_my_follow_ups(
    session: Session, actor: Actor, *, until: date, today: date, page: int | None = None
) -> list[tuple[FollowUp, Seen]]:
    """The follow-ups that the actor is to log by a day, the oldest due first.

    ``page`` counts from 1, PAGE_SIZE a page; None gives all.
    """
    found = _mine(actor, until=until, today=today).order_by(FollowUp.due_on, FollowUp.id)
    if page is not None:
        found = found.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = session.execute(found).all()
    shown = seen(session, actor, [tuple(row)[1:] for row in rows], today=today)
    audit.record(
        session, actor, "list", "follow_up", subjects={one.participant.id for one in shown}
    )
    return [(row[0], one) for row, one in zip(rows, shown, strict=True)]


def count_my_follow_ups(session: Session, actor: Actor, *, until: date, today: date) -> int:
    """How many :func:`list_my_follow_ups` has on all pages."""
    mine = _mine(actor, until=until, today=today).with_only_columns(FollowUp.id)
    return session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def _mine(
    actor: Actor, *, until: date, today: date
) -> Select[FollowUp, Placement, Participant, Site, Employer]:
    logger = func.coalesce(Placement.supervisor_id, Placement.case_worker_id)
    found = select(FollowUp, Placement, Participant, Site, Employer)
    return only_visible(
        found.join_from(Placement, FollowUp, FollowUp.placement_id == Placement.id),
        actor,
        today=today,
    ).where(
        logger == actor.user_id,
        FollowUp.held_on.is_(None),
        FollowUp.cancelled_on.is_(None),
        FollowUp.due_on <= until,
        Placement.is_history.is_(False),
    )
