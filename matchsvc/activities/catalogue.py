"""The activities that a unit offers: the list, what suits an orientation, changing it (PRO-19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.activities.kinds import USUAL, ask_why, unusual
from matchsvc.activities.models import Activity, ActivityKind
from matchsvc.activities.starter import STARTER
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, Refused, RuleViolation
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.models import Step
from matchsvc.participants.own import plain_text
from matchsvc.participants.plan_models import Track
from matchsvc.swedish import sort_key

#: Who may read activities and groups.
READERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.SUPERVISOR,
    Role.UNIT_MANAGER,
)
#: Who looks after the catalogue, the service map and the state of obstacles.
KEEPERS = (Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)


@dataclass(frozen=True, slots=True)
class ActivityInput:
    """An activity as a form sends it; None and empty mean any, or what is usual."""

    name: str
    kind: ActivityKind = ActivityKind.OTHER
    track: Track | None = None
    step: Step | None = None
    orientations: Sequence[Orientation] = ()
    is_group: bool = True
    minutes: int | None = None
    sessions: int | None = None
    size: int | None = None
    provider: str | None = None
    limit_reason: str | None = None


def unit_of(actor: Actor) -> UUID:
    """The unit that the actor works in.

    Raises:
        Refused: a command or a job has none.
    """
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id


def list_activities(
    session: Session,
    actor: Actor,
    *,
    track: Track | None = None,
    step: Step | None = None,
    orientation: Orientation | None = None,
    ended: bool = False,
) -> list[Activity]:
    """The unit's activities by name, those that suit what is asked for.

    What belongs to any track, step or orientation suits every one (MAP-10).

    Raises:
        Refused: the role does not read activities.
    """
    actor.require_role(*READERS)
    found = select(Activity).where(Activity.unit_id == unit_of(actor))
    found = found.where(Activity.ended_on.is_not(None) if ended else Activity.ended_on.is_(None))
    if track is not None:
        found = found.where(or_(Activity.track == track, Activity.track.is_(None)))
    if step is not None:
        found = found.where(or_(Activity.step == step, Activity.step.is_(None)))
    rows = session.scalars(found.order_by(Activity.sort_key))
    return [row for row in rows if suits(row, orientation)]


def suits(activity: Activity, orientation: Orientation | None) -> bool:
    """Whether somebody with this orientation can choose it (GRP-06); None asks nothing."""
    return (
        orientation is None
        or not activity.orientations
        or orientation.value in activity.orientations
    )


def get_activity(
    session: Session, actor: Actor, activity_id: UUID, *, for_update: bool = False
) -> Activity:
    """One activity of the unit.

    Raises:
        NotFound: unknown, or another unit's.
    """
    actor.require_role(*READERS)
    found = select(Activity).where(Activity.id == activity_id, Activity.unit_id == actor.unit_id)
    activity = session.scalar(found.with_for_update() if for_update else found)
    if activity is None:
        raise NotFound("activity")
    return activity


def add_activity(session: Session, actor: Actor, said: ActivityInput, *, today: date) -> Activity:
    """Put an activity into the catalogue.

    Raises:
        Refused: the role does not keep the catalogue.
        Invalid: an identity number in a text.
        RuleViolation: it is not as its kind usually is, and nobody said why.
    """
    actor.require_role(*KEEPERS)
    activity = Activity(unit_id=unit_of(actor), code=None)
    _write(activity, said, today=today)
    session.add(activity)
    session.flush()
    audit.record(session, actor, "create", "activity", activity.id)
    return activity


def change_activity(
    session: Session,
    actor: Actor,
    activity_id: UUID,
    said: ActivityInput,
    *,
    version: int | None,
    today: date,
) -> Activity:
    """Write an activity anew; groups that run keep their own length and size.

    Raises:
        Refused, Invalid, RuleViolation: as :func:`add_activity`; or it is archived.
        NotFound: unknown, or another unit's.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    activity = get_activity(session, actor, activity_id, for_update=True)
    check_version(activity, version)
    refuse_ended(activity)
    _write(activity, said, today=today)
    session.flush()
    audit.record(session, actor, "change", "activity", activity.id)
    return activity


def set_ended(
    session: Session,
    actor: Actor,
    activity_id: UUID,
    *,
    ended: bool,
    version: int | None,
    today: date,
) -> Activity:
    """Archive an activity, so that no new group is made of it, or take it back.

    Raises:
        Refused: the role does not keep the catalogue.
        NotFound: unknown, or another unit's.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    activity = get_activity(session, actor, activity_id, for_update=True)
    check_version(activity, version)
    activity.ended_on = (activity.ended_on or today) if ended else None
    session.flush()
    audit.record(session, actor, "archive" if ended else "restore", "activity", activity.id)
    return activity


def refuse_ended(activity: Activity) -> None:
    """Raise RuleViolation when the activity is archived."""
    if activity.ended_on is not None:
        raise RuleViolation(
            "ended", N_("Aktiviteten är arkiverad. Ta tillbaka den först, eller välj en annan.")
        )


def switch_on_starter(session: Session, actor: Actor) -> int:
    """Put what the unit does not have of the starting list into its catalogue; how many came.

    Raises:
        Refused: the role does not keep the catalogue.
    """
    actor.require_role(*KEEPERS)
    unit_id = unit_of(actor)
    known = set(session.scalars(select(Activity.code).where(Activity.unit_id == unit_id)))
    added = 0
    for each in STARTER:
        if each.code in known:
            continue
        usual = USUAL[each.kind]
        session.add(
            Activity(
                unit_id=unit_id,
                code=each.code,
                name=each.name,
                sort_key=sort_key(each.name),
                kind=each.kind,
                track=each.track,
                step=each.step,
                orientations=[one.value for one in each.orientations],
                is_group=each.is_group,
                minutes=each.minutes or usual.default,
                sessions=usual.times,
                size=usual.size if each.is_group else None,
                provider=each.provider,
            )
        )
        added += 1
    session.flush()
    audit.record(session, actor, "create", "activity", fields=["starter"])
    return added


def _write(activity: Activity, said: ActivityInput, *, today: date) -> None:
    usual, values = USUAL[said.kind], asdict(said)
    for name in ("name", "provider", "limit_reason"):
        values[name] = plain_text(name, values[name], today=today)
    values["orientations"] = sorted({each.value for each in said.orientations})
    values["minutes"] = said.minutes or usual.default
    values["sessions"] = said.sessions or usual.times
    values["size"] = said.size or (usual.size if said.is_group else None)
    found = unusual(
        said.kind,
        minutes=values["minutes"],
        sessions=values["sessions"],
        people=values["size"],
    )
    ask_why(found, values["limit_reason"])
    for name, value in values.items():
        setattr(activity, name, value)
    activity.sort_key = sort_key(said.name)
