"""Who has a place in a group and who waits for one: the longest wait comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.groups import get_group, is_over
from matchsvc.activities.models import ActivityGroup, GroupMember
from matchsvc.activities.places import fill_places, holds
from matchsvc.errors import N_, NotFound, Refused, RuleViolation
from matchsvc.participants.access import (
    ALIAS_ROLES,
    Sight,
    guarded_from,
    led_participants,
    name_to_leader,
    shown_name,
    sight_of,
    visible_participants,
)
from matchsvc.participants.cases import open_case
from matchsvc.participants.models import Participant
from matchsvc.participants.own import NOT_YOURS, get_own, is_own


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody in a group, as the reader may see her.

    Attributes:
        member: her place.
        name: name or alias.
        alias: always the alias.
        is_own: whether the reader may let her leave: her own worker, or who leads the group.
        may_open: whether the reader may open her page; who leads a group may know of her there
            alone.
    """

    member: GroupMember
    name: str
    alias: str
    is_own: bool
    may_open: bool

    @property
    def has_place(self) -> bool:
        """Whether she has a place, rather than waiting for one."""
        return self.member.joined_on is not None


def leads(actor: Actor, group: ActivityGroup) -> bool:
    """Whether the actor is the one who leads the group."""
    return actor.user_id is not None and actor.user_id == group.leader_id


def people_in(
    session: Session,
    actor: Actor,
    group: ActivityGroup,
    members: list[GroupMember],
    *,
    today: date,
) -> dict[UUID, Participant]:
    """Those of a group's members whom the actor may know of, by id. One query.

    Whoever leads the group knows of everybody in it; protected people as everywhere.
    """
    found = visible_participants(session, actor, today=today)
    if leads(actor, group):
        found = led_participants(actor, today=today)
    ids = [each.participant_id for each in members]
    return {each.id: each for each in session.scalars(found.where(Participant.id.in_(ids)))}


def name_for(
    actor: Actor, group: ActivityGroup, participant: Participant, sight: Sight | None
) -> str:
    """Her name to who leads the group, who has to know whose name to call; else as everywhere."""
    if leads(actor, group):
        return name_to_leader(participant)
    return shown_name(participant, sight or Sight.ALIAS)


def list_members(
    session: Session, actor: Actor, group: ActivityGroup, *, today: date
) -> list[Shown]:
    """Those who have a place, then those who wait, each as the reader may see her; logged.

    Whoever the reader may not know of is not there. Three queries.
    """
    members = list(
        session.scalars(
            select(GroupMember)
            .where(GroupMember.group_id == group.id, holds())
            .order_by(GroupMember.asked_at, GroupMember.id)
        )
    )
    people = people_in(session, actor, group, members, today=today)
    sights = sight_of(session, actor, list(people), today=today)
    knows_all = actor.has_role(*ALIAS_ROLES)
    shown = [
        Shown(
            each,
            name_for(actor, group, people[each.participant_id], sights.get(each.participant_id)),
            people[each.participant_id].alias,
            leads(actor, group) or sights[each.participant_id] >= Sight.FULL,
            knows_all or sights[each.participant_id] >= Sight.WORKPLACE,
        )
        for each in members
        if each.participant_id in people
    ]
    audit.record(session, actor, "list", "activity_member", group.id, subjects=list(people))
    return sorted(shown, key=lambda each: (not each.has_place, each.member.asked_at))


def join(
    session: Session,
    actor: Actor,
    group_id: UUID,
    key: UUID | str,
    *,
    today: date,
    now: datetime,
) -> GroupMember:
    """Give a participant a place in a group, or put her last on its waiting list.

    Args:
        session: a writing transaction.
        actor: her own worker; she has chosen it together with her (GRP-06).
        group_id: which.
        key: id, external id or alias.
        today: the day.
        now: since when she waits, if she has to.

    Raises:
        NotFound: no such group or participant for the actor.
        Refused: not the actor's own.
        RuleViolation: the case or the group has ended; she is there already; she is protected and
            the leader is not her handler.
    """
    participant = get_own(session, actor, key, today=today)
    open_case(session, participant)
    group = get_group(session, actor, group_id, for_update=True)
    if group.unit_id != participant.unit_id:
        raise NotFound("activity_group")
    if is_over(group, today=today):
        raise RuleViolation("over", N_("Gruppen träffas inte mer. Välj en annan."))
    if guarded_from(session, group.leader_id, [participant.id]):
        said = N_(
            "Personen har skyddade uppgifter. Bara en utsedd handläggare kan leda gruppen. "
            "Välj en annan grupp."
        )
        raise RuleViolation("not_handler", said, fields={"participant": said})
    member = session.scalar(
        select(GroupMember).where(
            GroupMember.group_id == group.id, GroupMember.participant_id == participant.id
        )
    )
    if member is not None and member.left_on is None:
        said = N_("Personen har redan plats i gruppen, eller står på väntelistan.")
        raise RuleViolation("there_already", said, fields={"participant": said})
    if member is None:
        member = GroupMember(group_id=group.id, participant_id=participant.id)
        session.add(member)
    member.asked_at, member.joined_on, member.left_on = now, None, None
    session.flush()
    audit.record(
        session, actor, "ask_for_place", "activity_group", group.id, subjects=[participant.id]
    )
    fill_places(session, actor, group, today=today, asking=participant.id)
    return member


def leave(session: Session, actor: Actor, group_id: UUID, member_id: UUID, *, today: date) -> int:
    """Let somebody leave a group or its waiting list; how many others got a place by it.

    Raises:
        NotFound: no such group, or nobody in it whom the actor may know of.
        Refused: neither her own worker nor who leads the group.
    """
    group = get_group(session, actor, group_id, for_update=True)
    member = session.scalar(
        select(GroupMember).where(
            GroupMember.id == member_id,
            GroupMember.group_id == group.id,
            GroupMember.left_on.is_(None),
        )
    )
    if member is None or not people_in(session, actor, group, [member], today=today):
        raise NotFound("activity_member")
    is_hers = is_own(session, actor, member.participant_id, today=today)
    if not is_hers and actor.user_id != group.leader_id:
        raise Refused("not_your_case", NOT_YOURS)
    member.left_on = today
    session.flush()
    audit.record(
        session, actor, "leave", "activity_group", group.id, subjects=[member.participant_id]
    )
    return fill_places(session, actor, group, today=today)
