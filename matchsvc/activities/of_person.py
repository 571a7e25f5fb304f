"""One person's activities: what she is in, how often she came, and what she can choose.

For her own worker alone: the orientation is a judgement of her needs (MAP-10, GRP-06).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.attendance import Share, group_minutes, shares_of
from matchsvc.activities.catalogue import list_activities
from matchsvc.activities.groups import GroupLine, list_groups, next_session
from matchsvc.activities.models import Activity, ActivityGroup, GroupMember, GroupSession
from matchsvc.errors import Refused
from matchsvc.participants.access import get_visible
from matchsvc.participants.mapping import latest_orientation
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.models import Participant
from matchsvc.participants.own import NOT_YOURS, is_own
from matchsvc.workday.archivable import stands
from matchsvc.workday.note_models import Note


@dataclass(frozen=True, slots=True)
class Place:
    """One group that she is in, waits for, or has left."""

    member: GroupMember
    group: ActivityGroup
    next: GroupSession | None
    share: Share


@dataclass(frozen=True, slots=True)
class Choosable:
    """An activity that she can choose, with its groups that still meet."""

    activity: Activity
    groups: tuple[GroupLine, ...]


@dataclass(frozen=True, slots=True)
class PersonActivities:
    """Everything on her page of activities.

    Attributes:
        participant: who.
        orientation: the judgement that counts; None when nobody has made one.
        places: her groups, the latest first.
        share: over all of them.
        choosable: what suits her orientation; everything when nobody has said one.
        group_minutes: leaders' minutes for her in groups.
        note_minutes: minutes that stand in notes about her.
    """

    participant: Participant
    orientation: Orientation | None
    places: tuple[Place, ...]
    share: Share
    choosable: tuple[Choosable, ...]
    group_minutes: int
    note_minutes: int


def read_person(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    everything: bool = False,
    today: date,
    now: datetime,
) -> PersonActivities:
    """Her activities; the reading is logged. The number of queries does not depend on how many.

    Args:
        session: any transaction.
        actor: her own worker.
        key: id, external id or alias.
        everything: what she can choose whatever her orientation.
        today: the day.
        now: the instant.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: not the actor's own.
    """
    participant = get_visible(session, actor, key, today=today)
    if not is_own(session, actor, participant.id, today=today):
        raise Refused("not_your_case", NOT_YOURS)
    judged = latest_orientation(session, participant.id)
    orientation = judged.orientation if judged else None
    members = session.scalars(
        select(GroupMember)
        .where(GroupMember.participant_id == participant.id)
        .order_by(GroupMember.asked_at.desc(), GroupMember.id)
    ).all()
    groups = {
        each.id: each
        for each in session.scalars(
            select(ActivityGroup)
            .where(ActivityGroup.id.in_([each.group_id for each in members]))
            .options(joinedload(ActivityGroup.activity), selectinload(ActivityGroup.sessions))
        )
    }
    ids = [each.id for each in members]
    shares = shares_of(session, ids)
    audit.record(
        session, actor, "read", "activity_member", participant.id, subjects=[participant.id]
    )
    return PersonActivities(
        participant,
        orientation,
        tuple(
            Place(
                each,
                groups[each.group_id],
                next_session(groups[each.group_id], now=now),
                shares.get(each.id, Share()),
            )
            for each in members
        ),
        _sum(list(shares.values())),
        _choosable(session, actor, None if everything else orientation, now=now),
        group_minutes(session, ids),
        _note_minutes(session, participant.id),
    )


def _choosable(
    session: Session,
    actor: Actor,
    orientation: Orientation | None,
    *,
    now: datetime,
) -> tuple[Choosable, ...]:
    activities = list_activities(session, actor, orientation=orientation)
    lines = list_groups(session, actor, now=now, activity_ids=[each.id for each in activities])
    found = [
        Choosable(each, tuple(line for line in lines if line.group.activity_id == each.id))
        for each in activities
    ]
    # What somebody can join today comes first; otherwise the order of the catalogue.
    return tuple(sorted(found, key=lambda each: not each.groups))


def _sum(shares: list[Share]) -> Share:
    return Share(
        sum(each.came for each in shares),
        sum(each.late for each in shares),
        sum(each.valid for each in shares),
        sum(each.not_known for each in shares),
    )


def _note_minutes(session: Session, participant_id: UUID) -> int:
    about = (Note.about_type == "participant", Note.about_id == participant_id, stands(Note))
    return session.scalar(select(func.coalesce(func.sum(Note.minutes), 0)).where(*about)) or 0
