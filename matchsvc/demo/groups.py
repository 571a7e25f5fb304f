"""What people do together in the town: activities, two groups, and the network around the unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.activities import attendance, catalogue, groups, members, obstacles, services
from matchsvc.activities.models import (
    Activity,
    GroupMember,
    GroupSession,
    Mark,
    ObstacleLevel,
    ObstacleState,
    ProviderType,
)
from matchsvc.demo.lots import days
from matchsvc.participants.mapping import set_orientation
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.models import Case, Involvement, Participant, Step
from matchsvc.swedish import local_date

_KINDS = (Mark.PRESENT, Mark.PRESENT, Mark.LATE, Mark.PRESENT, Mark.VALID_ABSENCE, Mark.NOT_KNOWN)
#: Step, ladder, organisation, type, what, capacity, requirement. Nobody offers anything for work.
_SERVICES = (
    (Step.MAPPING, 1, "Lindvalla kommun", ProviderType.MUNICIPALITY, "Kartläggning", 40, None),
    (
        *(Step.MAPPING, 1, "Föreningen Mötesplatsen", ProviderType.CIVIL_SOCIETY),
        *("Språkkafé på lördagar", 20, None),
    ),
    (
        *(Step.MATCHING, 2, "Arbetsförmedlingen", ProviderType.AUTHORITY),
        *("Stöd och matchning", 30, "Inskriven på Arbetsförmedlingen"),
    ),
    (
        *(Step.WORK_TRAINING, 4, "Återbruket", ProviderType.PARTNERSHIP),
        *("Arbetsträning i butik", 6, "Beslut från enheten"),
    ),
)
_OBSTACLES = (
    ("Kön till svenska för invandrare är fyra månader.", ObstacleLevel.MUNICIPALITY,
     "Vuxenutbildningen", 4),
    ("Bussen till industriområdet börjar gå först klockan sju.", ObstacleLevel.REGION,
     "Kollektivtrafiken", 2),
    ("Förskolan öppnar efter att skiften i köken börjar.", ObstacleLevel.MUNICIPALITY,
     "Barn- och utbildningsförvaltningen", 1),
)  # fmt: skip


def build_groups(session: Session, *, today: date, now: datetime) -> None:
    """The catalogue, a language café and an education package with people, services, obstacles."""
    manager, worker = (_first(session, role) for role in (Role.UNIT_MANAGER, Role.CASE_WORKER))
    if manager is None or worker is None:
        return
    keeper, leader = (accounts.actor_of(session, each.id) for each in (manager, worker))
    catalogue.switch_on_starter(session, keeper)
    start = today - timedelta(days=21)
    own = _people_of(session, worker)
    for key, orientation in zip(own, Orientation, strict=False):
        set_orientation(session, leader, key, orientation, today=today)
    series = groups.SeriesInput(start, time(13), times=3, room="Stora rummet")
    cafe = _group(session, leader, "language_cafe", "Varje vecka, alla språk", 6, series, today)
    # The first of a series stands on any day: the town has a session today, also on a Sunday.
    rest = groups.SeriesInput(today, time(13), times=9, room="Stora rummet")
    groups.add_sessions(session, leader, cafe, rest, today=today)
    _place(session, leader, cafe, own[:7], today=today, start=start, now=now)
    later = groups.SeriesInput(start + timedelta(days=1), time(9), room="Stora rummet")
    package = _group(session, leader, "education_package", "Vinterns grupp", 10, later, today)
    _place(session, leader, package, own[2:6], today=today, start=start, now=now)
    for step, ladder, organisation, kind, name, capacity, requirement in _SERVICES:
        said = services.ServiceInput(
            step, organisation, name, today - days(200), kind, ladder,
            "Växeln, 08-465 004 00", capacity, requirement,
        )  # fmt: skip
        services.save_service(session, keeper, said, today=today)
    for number, (description, level, owner, seen) in enumerate(_OBSTACLES):
        row = obstacles.add_obstacle(
            session, leader, description=description, level=level, owner=owner, today=today
        )
        for ago in range(1, seen):
            obstacles.see_again(session, leader, row.id, today=today - days(7 * ago))
        if number == 1:
            state = ObstacleState.IN_PROGRESS
            obstacles.set_state(session, keeper, row.id, state, version=None, today=today)


def _group(
    session: Session,
    actor: Actor,
    code: str,
    name: str,
    capacity: int,
    series: groups.SeriesInput,
    today: date,
) -> UUID:
    activity_id = session.scalars(select(Activity.id).where(Activity.code == code)).one()
    said = groups.GroupInput(name, actor.require_user(), capacity, ("ar",), interpreter=True)
    return groups.start_group(session, actor, activity_id, said, series, today=today).id


def _place(
    session: Session,
    actor: Actor,
    group_id: UUID,
    keys: Sequence[UUID],
    *,
    today: date,
    start: date,
    now: datetime,
) -> None:
    """Places for some people from the start, and who came to what has been."""
    for number, key in enumerate(keys):
        asked = now - timedelta(days=25, minutes=-number)
        members.join(session, actor, group_id, key, today=start, now=asked)
    session.flush()
    held = session.scalars(
        select(GroupSession)
        .where(GroupSession.group_id == group_id, GroupSession.ends_at < now)
        .order_by(GroupSession.starts_at)
    ).all()
    placed = session.scalars(
        select(GroupMember.id)
        .where(GroupMember.group_id == group_id, GroupMember.joined_on.is_not(None))
        .order_by(GroupMember.asked_at)
    ).all()
    for week, row in enumerate(held):
        if local_date(row.starts_at) >= today:
            continue  # today's is there to be tried
        marks = {key: _KINDS[(number + week) % len(_KINDS)] for number, key in enumerate(placed)}
        attendance.write_attendance(
            session, actor, row.id, marks, version=None, today=today, now=row.ends_at
        )


def _first(session: Session, role: Role) -> User | None:
    found = select(User).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == role)
    return session.scalars(found.order_by(User.sort_key)).first()


def _people_of(session: Session, worker: User) -> list[UUID]:
    """The open cases of a worker, nobody protected."""
    found = (
        select(Participant.id)
        .join(Involvement, Involvement.participant_id == Participant.id)
        .join(Case, Case.participant_id == Participant.id)
        .where(
            Involvement.user_id == worker.id,
            Case.ended_on.is_(None),
            Participant.protected.is_(False),
        )
        .order_by(Participant.number)
        .distinct()
        .limit(7)
    )
    return [row[0] for row in session.execute(found.add_columns(Participant.number))]
