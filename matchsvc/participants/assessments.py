"""Whether Arbetsförmedlingen was asked for an assessment, and has answered (MAP-04).

The code of a disability belongs in its own record: here stand two days and nothing else. What
is asked is a task of her case worker's, so it is waited for, handed over and put off as any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, RuleViolation
from matchsvc.participants.cases import open_case
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own
from matchsvc.swedish import local_date
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen, add_task, finish_tasks

KIND = "af_assessment"
#: Days until the case worker asks what became of it.
WAIT = 30


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of the latest one: the day it was asked for, and that of the answer."""

    task: Task
    asked_on: date
    answered_on: date | None


def latest_assessment(session: Session, participant_id: UUID) -> Assessment | None:
    """The latest that was asked for and not dropped. Asks no right."""
    task = session.scalar(
        select(Task)
        .where(Task.kind == KIND, Task.about_id == participant_id)
        .where(Task.dropped_reason.is_(None))
        .order_by(Task.created_at.desc(), Task.id.desc())
        .limit(1)
    )
    if task is None:
        return None
    answered = None if task.done_at is None else local_date(task.done_at)
    return Assessment(task, date.fromisoformat(task.words["asked_on"]), answered)


def ask_for_assessment(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> Assessment:
    """Note that the assessment was asked for; her case worker is reminded of the answer.

    Raises:
        Refused: not the actor's own.
        RuleViolation: asked already, and not answered.
    """
    participant = get_own(session, actor, key, today=today)
    standing = latest_assessment(session, participant.id)
    if standing is not None and standing.answered_on is None:
        raise RuleViolation("assessment_asked", N_("Bedömningen är redan begärd. Vänta på svaret."))
    case = open_case(session, participant)
    task = add_task(
        session,
        actor,
        owner_id=case.case_worker_id or actor.user_id,  # type: ignore[arg-type]
        unit_id=participant.unit_id,
        kind=KIND,
        about_type="participant",
        about_id=participant.id,
        due_on=today + timedelta(days=WAIT),
        words={"alias": participant.alias, "asked_on": today.isoformat()},
        origin="MAP-04",
    )
    _log(session, actor, participant, "asked")
    return Assessment(task, today, None)


def note_assessment(
    session: Session, actor: Actor, key: UUID | str, *, today: date, now: datetime
) -> Assessment:
    """Note that the answer has come; what it says is not written here.

    Raises:
        Refused: not the actor's own.
        RuleViolation: nothing was asked for.
    """
    participant = get_own(session, actor, key, today=today)
    standing = latest_assessment(session, participant.id)
    if standing is None or standing.answered_on is not None:
        raise RuleViolation("nothing_asked", N_("Ingen bedömning är begärd."))
    # Whoever has the task now, the case worker who holds the answer ends it.
    finish_tasks(session, actor, Chosen({standing.task.id: None}, select(Task)), now=now)
    _log(session, actor, participant, "answered")
    return Assessment(standing.task, standing.asked_on, today)


def _log(session: Session, actor: Actor, participant: Participant, action: str) -> None:
    audit.record(session, actor, action, "af_assessment", participant.id, subjects=[participant.id])
