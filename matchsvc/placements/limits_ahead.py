"""Warnings before the last permitted day, and word when it has passed. Nothing ends by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.employers.models import Employer, Site
from matchsvc.participants.access import Sight
from matchsvc.participants.models import Participant
from matchsvc.placements.access import Seen
from matchsvc.placements.beginning import was_told
from matchsvc.placements.decisions import LIMIT_TASKS, owners_of, task_words
from matchsvc.placements.forms import list_forms, needs_a_look
from matchsvc.placements.models import Placement, PlacementForm
from matchsvc.placements.stages import last_permitted_day
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task, withdraw_tasks

#: Weeks before the last permitted day, and the task of each: a series needs a kind each.
WEEKS = ((1, "limit_1_week"), (4, "limit_4_weeks"), (8, "limit_8_weeks"))
BEYOND_TASK = "beyond_decision"
VERIFY_TASK = "verify_forms"
#: How long a warning may lie before it is late.
ANSWER_WITHIN = timedelta(days=7)


def warning_due(first: date, last: date, *, today: date) -> str | None:
    """Which warning holds today: the latest of the three whose day has come.

    None before the first, after the last day, and where the whole period is shorter than the
    warning: who begins a month knows that it is a month.
    """
    left = last - today
    for weeks, kind in WEEKS:
        ahead = timedelta(weeks=weeks)
        if timedelta(0) <= left <= ahead:
            return kind if last - first > ahead else None
    return None


def warn_of_limits(session: Session, *, today: date) -> int:
    """The daily job: a task at 8, 4 and 1 weeks, and one to the managers too when it has passed.

    Imported history gives nobody a task. Run again it makes nothing.

    Returns:
        How many tasks were made.
    """
    actor = job_actor("start_what_is_due")
    forms = {form.code: form for form in list_forms(session)}
    rows = session.execute(
        select(Placement, Participant, Site, Employer)
        .join(Participant, Participant.id == Placement.participant_id)
        .join(Site, Site.id == Placement.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .where(
            Placement.begun_on.is_not(None),
            Placement.end_date.is_(None),
            Placement.is_history.is_(False),
        )
        .order_by(Placement.id)
    ).all()
    made = 0
    for row in rows:
        found = Seen(row[0], row[1], row[2], row[3], Sight.ALIAS)
        made += _warn(session, actor, found, forms[found.placement.form], today)
    return made


def _warn(session: Session, actor: Actor, found: Seen, form: PlacementForm, today: date) -> int:
    placement = found.placement
    last = last_permitted_day(placement, form)
    if last is None:
        return 0
    if last < today:
        kind, owners = BEYOND_TASK, owners_of(session, found)
        due_on = today
    else:
        due = warning_due(placement.start_date, last, today=today)
        if due is None or placement.case_worker_id is None:
            return 0
        kind, owners = due, [placement.case_worker_id]
        due_on = min(today + ANSWER_WITHIN, last)
    if was_told(session, kind, placement.id, last):
        return 0
    # A nearer warning takes the place of the one before it.
    withdraw_tasks(session, actor, [each for each in LIMIT_TASKS if each != kind], placement.id)
    for owner_id in owners:
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=placement.unit_id,
            kind=kind,
            about_type="placement",
            about_id=placement.id,
            due_on=due_on,
            words=task_words(found) | {"day": last.isoformat()},
            origin="2.3",
        )
    return len(owners)


def ask_to_verify(session: Session, *, today: date) -> int:
    """The daily job: managers get a task when the law of a form was last read a year ago.

    Returns:
        How many tasks were made.
    """
    old = [form for form in list_forms(session) if needs_a_look(form, today=today)]
    if not old:
        return 0
    actor = job_actor("start_what_is_due")
    day = min(form.verified_on for form in old).isoformat()
    told = {
        task.owner_id
        for task in session.scalars(select(Task).where(Task.kind == VERIFY_TASK))
        if task.words.get("day") == day
    }
    made = 0
    for owner_id, unit_id in _managers(session):
        if owner_id in told:
            continue
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=unit_id,
            kind=VERIFY_TASK,
            about_type="placement_forms",
            about_id=unit_id,
            due_on=today + ANSWER_WITHIN,
            words={"day": day},
            origin="2.3",
        )
        made += 1
    return made


def _managers(session: Session) -> Iterable[tuple[UUID, UUID]]:
    rows = session.execute(
        select(User.id, User.unit_id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.is_active, UserRole.role == Role.UNIT_MANAGER)
        .order_by(User.id)
    )
    return [(row[0], row[1]) for row in rows if row[1] is not None]
