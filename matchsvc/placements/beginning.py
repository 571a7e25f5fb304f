"""Letting a placement begin: on its day when nothing stops it, else when the last stop is mended.

A start is never written while a hard stop is open, and never by anything but these functions.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.employers.models import Site
from matchsvc.errors import N_, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.access import get_placement
from matchsvc.placements.events import record_event
from matchsvc.placements.models import Placement
from matchsvc.placements.replanning import carry_start
from matchsvc.placements.start_stops import Stop, hard_stops
from matchsvc.placements.transitions import Act, require
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task, withdraw_tasks

#: The start day has come and something is missing.
STOPPED_TASK = "start_stopped"
_MAY_NOT = N_("Placeringen får inte börja än. Se vad som saknas under Beslut och gränser.")


def begin_placement(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Placement:
    """Begin a placement whose day has come, now that nothing stops it.

    Raises:
        NotFound: unknown or hidden.
        Refused: not for this role.
        RuleViolation: not on its day, begun already, or stopped, with the first reason.
    """
    placement = get_placement(session, actor, key, today=today, for_update=True).placement
    require(session, actor, placement, Act.BEGIN, today=today)
    stops = begin_if_ready(session, actor, placement, today=today)
    if stops:
        raise RuleViolation("start_stopped", _MAY_NOT, fields={"stops": stops[0].reason})
    return placement


def begin_if_ready(
    session: Session, actor: Actor, placement: Placement, *, today: date
) -> list[Stop]:
    """Let a locked placement begin if its day has come and nothing stops it. Asks no right.

    Returns:
        The hard stops that are open; none also for what has begun, is off or lies ahead.
    """
    is_due = placement.start_date <= today and placement.begun_on is None
    if not is_due or placement.called_off_on is not None or placement.end_date is not None:
        return []
    stops: list[Stop] = []
    for day in sorted({placement.start_date, today}):
        stops = hard_stops(session, placement, day=day)
        if not stops:
            _begin(session, actor, placement, day)
            return []
    return stops


def _begin(session: Session, actor: Actor, placement: Placement, day: date) -> None:
    if day > placement.start_date:
        placement.planned_start_date = placement.start_date
        carry_start(session, placement, day)
    placement.begun_on = day
    session.flush()
    participant = session.get_one(Participant, placement.participant_id)
    record_event(
        session,
        # One training at two workplaces is one start (decision 12).
        OutcomeKind.PLACEMENT_MOVED if placement.moved_from_id else OutcomeKind.PLACEMENT_STARTED,
        placement,
        participant,
        session.get_one(Case, placement.case_id),
        occurred_on=day,
        is_new=True,
    )
    withdraw_tasks(session, actor, [STOPPED_TASK], placement.id)
    audit.record(session, actor, "begin", "placement", placement.id, subjects=[participant.id])
    session.flush()


def start_due_placements(session: Session, *, today: date) -> int:
    """The daily job: begin every placement whose day has come and that nothing stops, once.

    It gives nobody anything to read, and a start counts whoever it is about: so it reaches the
    placements of protected participants too, under their pseudonymous key. Who is stopped gives
    the case worker a task; nothing is called off by itself.

    Returns:
        How many began.
    """
    actor = job_actor("start_what_is_due")
    due = session.scalars(
        select(Placement)
        .where(
            Placement.start_date <= today,
            Placement.begun_on.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
        )
        .order_by(Placement.start_date, Placement.id)
        .with_for_update()
    ).all()
    begun = 0
    for placement in due:
        if begin_if_ready(session, actor, placement, today=today):
            _tell_case_worker(session, actor, placement, today=today)
        else:
            begun += 1
    session.flush()
    return begun


def _tell_case_worker(session: Session, actor: Actor, placement: Placement, *, today: date) -> None:
    if placement.case_worker_id is None or was_told(
        session, STOPPED_TASK, placement.id, placement.start_date
    ):
        return
    participant = session.get_one(Participant, placement.participant_id)
    site = session.get_one(Site, placement.site_id)
    add_task(
        session,
        actor,
        owner_id=placement.case_worker_id,
        unit_id=placement.unit_id,
        kind=STOPPED_TASK,
        about_type="placement",
        about_id=placement.id,
        due_on=today,
        words={
            "alias": participant.alias,
            "site": site.name,
            "day": placement.start_date.isoformat(),
        },
        origin="PLA-14",
    )


def was_told(session: Session, kind: str, placement_id: UUID, day: date) -> bool:
    """Whether a task of a kind was made about a placement for a day, whatever became of it."""
    made = session.scalars(select(Task).where(Task.kind == kind, Task.about_id == placement_id))
    return any(task.words.get("day") == day.isoformat() for task in made)
