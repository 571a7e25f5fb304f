"""Who leads a group, when work is handed over: no group may be left without somebody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.models import ActivityGroup, GroupMember, GroupSession
from matchsvc.errors import N_, Invalid
from matchsvc.participants.access import guarded_from


def still_meets(now: datetime) -> ColumnElement[bool]:
    """Whether a group has a session that stands and is not over."""
    return ActivityGroup.id.in_(
        select(GroupSession.group_id).where(
            GroupSession.ends_at >= now, GroupSession.cancelled_at.is_(None)
        )
    )


def led_by(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> list[ActivityGroup]:
    """The groups of the unit that somebody leads and that still meet. One query."""
    found = (
        select(ActivityGroup)
        .where(
            ActivityGroup.leader_id == user_id,
            ActivityGroup.unit_id == actor.unit_id,
            still_meets(now),
        )
        .options(joinedload(ActivityGroup.activity))
        .order_by(ActivityGroup.name, ActivityGroup.id)
    )
    return list(session.scalars(found))


def give_groups(
    session: Session, actor: Actor, group_ids: Collection[UUID], to_id: UUID, *, reason: str
) -> None:
    """Let a colleague lead groups. The caller has checked whose they are and who may take them.

    Raises:
        Invalid: somebody in one of them is protected and the colleague is not her handler; the
            sentence does not say so.
    """
    rows = session.scalars(
        select(ActivityGroup).where(ActivityGroup.id.in_(group_ids)).with_for_update()
    ).all()
    there = session.scalars(
        select(GroupMember.participant_id).where(
            GroupMember.group_id.in_(group_ids), GroupMember.left_on.is_(None)
        )
    ).all()
    if guarded_from(session, to_id, there):
        raise Invalid(
            {"pieces.group": N_("Den du valde kan inte leda alla grupperna. Välj en annan.")}
        )
    for row in rows:
        row.leader_id = to_id
        audit.record(
            session, actor, "change", "activity_group", row.id, fields=["leader_id"], reason=reason
        )
    session.flush()
