"""Letting a case stand still, with a reason in a code, and go on again (PRO-15, PRO-17)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.case_models import CasePause, PauseReason
from matchsvc.participants.cases import open_case
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import get_own
from matchsvc.participants.pauses import pauses_of, running_pause
from matchsvc.workday.rules import add_task, settle_tasks, withdraw_tasks

#: The task that a planned return becomes, and what a leave becomes later on.
TASK = "planned_return"
_LEAVE_TASK = "parental_contact"


def pause_case(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    reason: PauseReason,
    paused_on: date,
    returns_on: date,
    today: date,
) -> CasePause:
    """Let a case stand still; the planned return becomes a task for the case worker.

    Args:
        session: a writing transaction.
        actor: the participant's own worker.
        key: the participant.
        reason: why, as a code.
        paused_on: the first day, not later than today.
        returns_on: the first day back, as planned.
        today: the day.

    Raises:
        Refused: not the participant's own worker.
        RuleViolation: the case has ended, or is paused already.
        Invalid: a day is not possible.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    if running_pause(session, case) is not None:
        raise RuleViolation("already_paused", N_("Ärendet är redan pausat."))
    wrong: dict[str, str] = {}
    ends = [each.resumed_on for each in pauses_of(session, [case.id]) if each.resumed_on]
    if not max([case.enrolled_on, *ends]) <= paused_on <= today:
        wrong["paused_on"] = N_("Skriv en dag mellan inskrivningen, eller förra pausen, och i dag.")
    if returns_on <= paused_on:
        wrong["returns_on"] = N_("Skriv en dag efter den första dagen.")
    if wrong:
        raise Invalid(wrong)
    pause = CasePause(
        case_id=case.id,
        reason=reason,
        paused_on=paused_on,
        returns_on=returns_on,
        noted_by_id=actor.user_id,
    )
    session.add(pause)
    case.is_paused = True
    session.flush()
    audit.record(session, actor, "create", "case_pause", pause.id, subjects=[participant.id])
    _plan_return(session, actor, participant, case, returns_on)
    return pause


def move_return(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    returns_on: date,
    version: int | None,
    today: date,
) -> CasePause:
    """Plan another first day back; the task moves with it.

    Raises:
        Refused: not the participant's own worker.
        RuleViolation: the case is not paused.
        Invalid: the day is not after the first of the pause.
        Conflict: the pause was saved since the page was shown.
    """
    participant, case, pause = _running(session, actor, key, version, today)
    if returns_on <= pause.paused_on:
        raise Invalid({"returns_on": N_("Skriv en dag efter den första dagen.")})
    pause.returns_on = returns_on
    _save(session, actor, pause, participant, "returns_on")
    withdraw_tasks(session, actor, (TASK,), participant.id)
    _plan_return(session, actor, participant, case, returns_on)
    return pause


def resume_case(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    resumed_on: date,
    version: int | None,
    today: date,
    now: datetime,
) -> CasePause:
    """Let a case go on.

    Raises:
        Refused: not the participant's own worker.
        RuleViolation: the case is not paused.
        Invalid: the day is not between the first of the pause and today.
        Conflict: the pause was saved since the page was shown.
    """
    participant, case, pause = _running(session, actor, key, version, today)
    if not pause.paused_on <= resumed_on <= today:
        raise Invalid({"resumed_on": N_("Skriv en dag mellan pausens första dag och i dag.")})
    pause.resumed_on = resumed_on
    case.is_paused = False
    _save(session, actor, pause, participant, "resumed_on")
    settle_tasks(session, actor, (TASK,), participant.id, now=now)
    return pause


def withdraw_pause(
    session: Session,
    actor: Actor,
    key: UUID | str,
    pause_id: UUID,
    *,
    version: int | None,
    today: date,
) -> CasePause:
    """Take back a pause that was entered by mistake; the row stays, and counts for nothing.

    Raises:
        Refused: not the participant's own worker.
        NotFound: no pause of hers.
        Conflict: it was saved since the page was shown.
    """
    participant = get_own(session, actor, key, today=today)
    pause = session.scalar(
        select(CasePause)
        .join(Case, Case.id == CasePause.case_id)
        .where(
            CasePause.id == pause_id,
            CasePause.is_withdrawn.is_(False),
            Case.participant_id == participant.id,
        )
    )
    if pause is None:
        raise NotFound("case_pause")
    check_version(pause, version)
    pause.is_withdrawn = True
    if pause.resumed_on is None:
        session.get_one(Case, pause.case_id).is_paused = False
    _save(session, actor, pause, participant, "is_withdrawn")
    if pause.resumed_on is None:
        withdraw_tasks(session, actor, (TASK,), participant.id)
    if pause.reason is PauseReason.PARENTAL_LEAVE:
        withdraw_tasks(session, actor, (_LEAVE_TASK,), participant.id)
    return pause


def _running(
    session: Session, actor: Actor, key: UUID | str, version: int | None, today: date
) -> tuple[Participant, Case, CasePause]:
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    pause = running_pause(session, case)
    if pause is None:
        raise RuleViolation("not_paused", N_("Ärendet är inte pausat."))
    check_version(pause, version)
    return participant, case, pause


def _save(
    session: Session, actor: Actor, pause: CasePause, participant: Participant, field: str
) -> None:
    session.flush()
    audit.record(
        session, actor, "change", "case_pause", pause.id, fields=[field], subjects=[participant.id]
    )


def _plan_return(
    session: Session, actor: Actor, participant: Participant, case: Case, day: date
) -> None:
    owner_id = case.case_worker_id or actor.user_id
    if owner_id is not None:
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=case.unit_id,
            kind=TASK,
            about_type="participant",
            about_id=participant.id,
            due_on=day,
            words={"alias": participant.alias},
            origin="PRO-15",
        )
