"""The day's work: contacts whose day has come become tasks, and those no longer planned fall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.models import User
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.participants.case_models import CasePause, PauseReason
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.pauses import pauses_of
from matchsvc.progression.contacts import (
    EXIT_SETTINGS,
    TASKS,
    Planned,
    contacts_of,
    planned_of,
)
from matchsvc.progression.models import Series
from matchsvc.swedish import add_months
from matchsvc.workday.archivable import stands
from matchsvc.workday.models import Task
from matchsvc.workday.rules import WITHDRAWN, add_task, managers_of, open_tasks, withdraw_tasks

#: The longest that anything is planned ahead: three years, both after an end and a leave.
_LONGEST = 36
#: A contact whose day was longer ago makes no task: cases that came by a file have old ends.
_FRESH = timedelta(days=31)


def plan_contacts(session: Session, *, today: date) -> int:
    """Make tasks of the contacts whose day has come; a job of the day.

    The same day again makes none, and a task that somebody has closed is not made anew.

    Returns:
        How many tasks were made.
    """
    rows = _cases(session, today)
    case_ids = [case.id for case, _number in rows]
    pauses, contacts = defaultdict(list), defaultdict(list)
    for pause in pauses_of(session, case_ids):
        pauses[pause.case_id].append(pause)
    for contact in contacts_of(session, case_ids):
        contacts[contact.case_id].append(contact)
    months = numbers_by_unit(session, *EXIT_SETTINGS)
    due: dict[UUID, tuple[Case, int, list[Planned]]] = {}
    for case, number in rows:
        asked = tuple(months[case.unit_id].values())
        planned = planned_of(case, pauses[case.id], contacts[case.id], asked)
        waiting = [each for each in planned if each.is_due(today)]
        if waiting:
            due[case.participant_id] = (case, number, waiting)
    _withdraw(session, due)
    made = _made(session, due)
    count = 0
    for case, number, waiting in due.values():
        owner_id = _owner(session, case)
        for each in waiting:
            is_known = (case.participant_id, TASKS[each.series], each.due_on) in made
            if owner_id is None or is_known or each.due_on < today - _FRESH:
                continue
            task = add_task(
                session,
                job_actor("plan_contacts"),
                owner_id=owner_id,
                unit_id=case.unit_id,
                kind=TASKS[each.series],
                about_type="participant",
                about_id=case.participant_id,
                due_on=each.due_on,
                words={"alias": f"D-{number}"},
                origin="PRO-16" if each.series is Series.EXIT else "PRO-17",
            )
            count += task.due_on == each.due_on  # an earlier one, still open, stands for both
    return count


def _cases(session: Session, today: date) -> list[tuple[Case, int]]:
    """Each person's present case, where something may be planned, with the number of the alias."""
    back = add_months(today, -_LONGEST) - _FRESH
    on_leave = select(CasePause.case_id).where(
        CasePause.reason == PauseReason.PARENTAL_LEAVE,
        CasePause.is_withdrawn.is_(False),
        CasePause.paused_on >= back,
    )
    later = select(Case.id).where(Case.ended_on.is_(None)).with_only_columns(Case.participant_id)
    found = session.execute(
        select(Case, Participant.number)
        .join(Participant, Participant.id == Case.participant_id)
        .where(
            stands(Participant),
            or_(
                Case.id.in_(on_leave),
                (Case.ended_on >= back) & Case.participant_id.not_in(later),
            ),
        )
        .order_by(Case.enrolled_on, Case.created_at)
    )
    present = {case.participant_id: (case, number) for case, number in found}
    return list(present.values())


def _owner(session: Session, case: Case) -> UUID | None:
    """The last case worker, or a manager when that account has ended."""
    if case.case_worker_id is not None:
        worker = session.get(User, case.case_worker_id)
        if worker is not None and worker.is_active:
            return worker.id
    return next(iter(managers_of(session, case.unit_id)), None)


def _made(session: Session, people: Collection[UUID]) -> set[tuple[UUID, str, date]]:
    rows = session.execute(
        select(Task.about_id, Task.kind, Task.due_on, Task.first_due_on).where(
            Task.about_id.in_(people),
            Task.kind.in_(TASKS.values()),
            or_(Task.dropped_reason.is_(None), Task.dropped_reason != WITHDRAWN),
        )
    )
    return {(about, kind, first or due) for about, kind, due, first in rows}


def _withdraw(session: Session, due: Mapping[UUID, tuple[Case, int, list[Planned]]]) -> None:
    """Close the tasks of contacts that are no longer planned: enrolled again, or a mistake."""
    still = {
        (about, TASKS[each.series])
        for about, (_case, _number, waiting) in due.items()
        for each in waiting
    }
    rows = session.execute(
        open_tasks()
        .where(Task.kind.in_(TASKS.values()))
        .with_only_columns(Task.about_id, Task.kind)
    ).all()
    for about, kind in rows:
        if (about, kind) not in still:
            withdraw_tasks(session, job_actor("plan_contacts"), (kind,), about)
