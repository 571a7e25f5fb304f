"""The board of the morning: who is where, which tasks there are today and who does them (PLA-13).

Only today's. Supervisors and practical supervisors go through it together and write it; who did
not come is noted, never why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers.models import Site
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.operations.access import (
    BOARD_READERS,
    LEADERS,
    board_name,
    get_own_site,
    is_season,
    own_sites,
)
from matchsvc.operations.models import DayAbsence, DayAllocation, DayTask, OwnSite
from matchsvc.operations.presence import Presence, present_at
from matchsvc.participants import access as people
from matchsvc.schedules.weeks import Times
from matchsvc.swedish import contains_identity_number

MOST = 40


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who is expected today.

    Attributes:
        participant_id: who.
        name: what the reader calls the person.
        times: from when to when, where it is agreed.
        is_employed: has a job here.
        is_absent: did not come.
    """

    participant_id: UUID
    name: str
    times: Times | None
    is_employed: bool
    is_absent: bool


@dataclass(frozen=True, slots=True)
class TaskOfDay:
    """A task of today and the names of those who do it, as far as the reader knows them."""

    task: DayTask
    people: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class BoardSite:
    """One workplace today.

    Attributes:
        site: the workplace.
        own: what it is like, when somebody has said.
        is_open: it is in season.
        here: who is expected, by time.
        tasks: what is to be done.
    """

    site: Site
    own: OwnSite | None
    is_open: bool
    here: Sequence[Here]
    tasks: Sequence[TaskOfDay]

    @property
    def came(self) -> int:
        """How many are there."""
        return sum(not each.is_absent for each in self.here)


def morning_board(session: Session, actor: Actor, *, today: date) -> list[BoardSite]:
    """Everything that goes on today at the unit's own workplaces; the read is logged.

    Raises:
        Refused: the role has no board.
    """
    actor.require_role(*BOARD_READERS)
    sites = own_sites(session, actor)
    present = _present(session, actor, sites, today)
    names = _names(session, actor, present, today)
    absent = set(
        session.scalars(
            select(DayAbsence.participant_id).where(
                DayAbsence.day == today, DayAbsence.participant_id.in_(names)
            )
        )
    )
    owns = {row.site_id: row for row in session.scalars(_of_sites(sites))}
    tasks = session.scalars(
        select(DayTask)
        .where(DayTask.site_id.in_([site.id for site in sites]), DayTask.day == today)
        .options(selectinload(DayTask.people))
        .order_by(DayTask.created_at, DayTask.id)
    ).all()
    audit.record(session, actor, "list", "morning_board", subjects=set(names))
    told = [
        BoardSite(
            site,
            owns.get(site.id),
            is_season(owns[site.id].season, today) if site.id in owns else True,
            _here(present, names, absent, site.id, today),
            [_told(task, names) for task in tasks if task.site_id == site.id],
        )
        for site in sites
    ]
    # Where something goes on comes first: the board is read on a phone.
    return sorted(told, key=lambda each: not (each.here or each.tasks))


def _of_sites(sites: Collection[Site]) -> Select[OwnSite]:
    return select(OwnSite).where(OwnSite.site_id.in_([site.id for site in sites]))


def _present(
    session: Session, actor: Actor, sites: Collection[Site], today: date
) -> list[Presence]:
    found = present_at(session, actor, [site.id for site in sites], [today], today=today)
    return [each for each in found if each.is_there(today)]


def _names(
    session: Session, actor: Actor, present: Collection[Presence], today: date
) -> dict[UUID, str]:
    known = {each.participant.id: each.participant for each in present}
    sights = people.sight_of(session, actor, list(known), today=today)
    return {key: board_name(actor, person, sights[key]) for key, person in known.items()}


def _here(
    present: Collection[Presence],
    names: Mapping[UUID, str],
    absent: Collection[UUID],
    site_id: UUID,
    today: date,
) -> list[Here]:
    found = [
        Here(
            each.participant.id,
            names[each.participant.id],
            each.times(today),
            each.is_employed,
            each.participant.id in absent,
        )
        for each in present
        if each.site_id == site_id
    ]
    return sorted(found, key=lambda one: one.times.start if one.times else time.max)


def _told(task: DayTask, names: Mapping[UUID, str]) -> TaskOfDay:
    known = {row.participant_id: names.get(row.participant_id) for row in task.people}
    return TaskOfDay(task, {key: name for key, name in known.items() if name is not None})


def add_day_task(
    session: Session, actor: Actor, *, site_id: UUID, text: str, today: date
) -> DayTask:
    """Write something to do today.

    Raises:
        Refused: the actor leads no work.
        NotFound: none of the unit's own workplaces.
        Invalid: an identity number.
        RuleViolation: there are too many.
    """
    actor.require_role(*LEADERS)
    site = get_own_site(session, actor, site_id)
    if contains_identity_number(text, today=today):
        raise Invalid({"text": N_("Ta bort personnumret ur texten. Det har ett eget fält.")})
    held = select(DayTask.id).where(DayTask.site_id == site.id, DayTask.day == today)
    if len(session.scalars(held).all()) >= MOST:
        raise RuleViolation(
            "too_many_tasks", N_("Det är redan många uppgifter. Ta bort någon först.")
        )
    row = DayTask(
        unit_id=actor.unit_id,
        site_id=site.id,
        day=today,
        text=text,
        made_by_id=actor.user_id,
        people=[],
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "day_task", row.id)
    return row


def _task(
    session: Session, actor: Actor, task_id: UUID, *, version: int | None, today: date
) -> DayTask:
    """A task of today, locked.

    Raises:
        Refused: the actor leads no work.
        NotFound: none of today, or another unit's.
        Conflict: it was saved since.
    """
    actor.require_role(*LEADERS)
    row = session.scalar(
        select(DayTask)
        .where(DayTask.id == task_id, DayTask.unit_id == actor.unit_id, DayTask.day == today)
        .options(selectinload(DayTask.people))
        .with_for_update(of=DayTask)
    )
    if row is None:
        raise NotFound("day_task")
    check_version(row, version)
    return row


def allocate(
    session: Session,
    actor: Actor,
    task_id: UUID,
    participant_ids: Collection[UUID],
    *,
    version: int | None = None,
    today: date,
) -> DayTask:
    """Say who does a task; those whom the actor may not know of stay as they were.

    Raises:
        Refused, Conflict: as everywhere.
        NotFound: no such task today.
        Invalid: somebody is not expected at any of the workplaces today.
    """
    row = _task(session, actor, task_id, version=version, today=today)
    present = _present(session, actor, own_sites(session, actor), today)
    known = {each.participant.id for each in present}
    if not set(participant_ids) <= known:
        raise Invalid({"people": N_("Välj bland dem som är här i dag.")})
    kept = [each for each in row.people if each.participant_id not in known]
    held = {each.participant_id: each for each in row.people}
    row.people = kept + [
        held.get(key) or DayAllocation(participant_id=key) for key in sorted(set(participant_ids))
    ]
    flag_modified(row, "text")  # who does it is part of the task: its version counts up
    session.flush()
    audit.record(
        session, actor, "change", "day_task", row.id, fields=["people"], subjects=participant_ids
    )
    return row


def finish_day_task(
    session: Session,
    actor: Actor,
    task_id: UUID,
    *,
    done: bool,
    version: int | None = None,
    today: date,
    now: datetime,
) -> DayTask:
    """Note that a task is done, or not after all.

    Raises:
        Refused, NotFound, Conflict: as :func:`allocate`.
    """
    row = _task(session, actor, task_id, version=version, today=today)
    row.done_at = now if done else None
    session.flush()
    audit.record(session, actor, "change", "day_task", row.id, fields=["done_at"])
    return row


def remove_day_task(
    session: Session, actor: Actor, task_id: UUID, *, version: int | None = None, today: date
) -> None:
    """Take a task of today away.

    Raises:
        Refused, NotFound, Conflict: as :func:`allocate`.
    """
    row = _task(session, actor, task_id, version=version, today=today)
    session.delete(row)
    session.flush()
    audit.record(session, actor, "delete", "day_task", task_id)


def note_absence(
    session: Session, actor: Actor, participant_id: UUID, *, absent: bool, today: date
) -> None:
    """Note that somebody did not come today, or came after all. Said again, nothing.

    Raises:
        Refused: the actor leads no work.
        NotFound: nobody whom the actor knows is expected by that name.
    """
    actor.require_role(*LEADERS)
    present = _present(session, actor, own_sites(session, actor), today)
    if participant_id not in {each.participant.id for each in present}:
        raise NotFound("participant")
    row = session.scalar(
        select(DayAbsence).where(
            DayAbsence.participant_id == participant_id, DayAbsence.day == today
        )
    )
    if absent and row is None:
        session.add(DayAbsence(participant_id=participant_id, day=today, noted_by_id=actor.user_id))
    elif not absent and row is not None:
        session.delete(row)
    session.flush()
    audit.record(session, actor, "change", "day_absence", participant_id, subjects=[participant_id])


def absences_of(session: Session, participant_id: UUID) -> list[date]:
    """The days on which somebody did not come, in order; for her own copy. Asks no right."""
    found = select(DayAbsence.day).where(DayAbsence.participant_id == participant_id)
    return list(session.scalars(found.order_by(DayAbsence.day)))
