"""How far some of the town's people have come: steps of a ladder, a pause, a visit, an end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.lots import days
from matchsvc.participants.case_models import PauseReason
from matchsvc.participants.models import Case, Participant, Step
from matchsvc.progression import contacts, ladders
from matchsvc.progression.climbing import move_to_step
from matchsvc.progression.contacts import plan_for
from matchsvc.progression.daily import plan_contacts
from matchsvc.progression.models import ContactOutcome, Ladder
from matchsvc.progression.pausing import pause_case
from matchsvc.progression.study_visits import begin_visit
from matchsvc.swedish import add_months

#: For each of some people: the steps and how many days ago each began.
_CLIMBED: tuple[tuple[tuple[int, int], ...], ...] = (
    ((6, 50), (7, 38), (9, 12)),  # skipped one
    ((7, 45), (8, 30), (7, 9)),  # went back
    ((10, 20),),
)
_PAUSED, _VISITED = 21, 80
_AT_LEAST = 60  # days since the enrolment, so that all of it fits
_HEARD = (ContactOutcome.IN_WORK, ContactOutcome.NOT_REACHED)


def build_ways(session: Session, *, today: date, now: datetime) -> None:
    """Give a few people a way; the ladder is the example."""
    manager = session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.UNIT_MANAGER)
        .order_by(User.sort_key)
    ).first()
    if manager is None:
        return
    ladder = _ladder(session, accounts.actor_of(session, manager.id), today=today, now=now)
    going = _cases(session, today=today)
    for case, climbed in zip(going[2:], _CLIMBED, strict=False):
        for step, ago in climbed:
            move_to_step(
                session,
                _worker(session, case),
                case.participant_id,
                ladder_id=ladder.id,
                step=step,
                since=today - days(ago),
                seen=None,
                today=today,
            )
    for case in going[:1]:
        pause_case(
            session,
            _worker(session, case),
            case.participant_id,
            reason=PauseReason.PARENTAL_LEAVE,
            paused_on=today - days(_PAUSED),
            returns_on=add_months(today, 8),
            today=today,
        )
    for case in going[1:2]:
        begin_visit(
            session,
            _worker(session, case),
            case.participant_id,
            started_on=max(case.enrolled_on, today - days(_VISITED)),
            today=today,
        )
    _hear(session, today=today, now=now)
    plan_contacts(session, today=today)


def _ladder(session: Session, actor: Actor, *, today: date, now: datetime) -> Ladder:
    told = ladders.examples()["newcastle"]
    content = ladders.LadderContent(
        name=told["name"],
        target_group=told["target_group"],
        steps=tuple(told["steps"]),
        reason=told["reason"],
    )
    return ladders.add_ladder(session, actor, content, today=today, now=now)


def _cases(session: Session, *, today: date) -> Sequence[Case]:
    """People being mapped, longest enrolled first: nobody who waits for a place or has one."""
    found = session.scalars(
        select(Case)
        .join(Participant, Participant.id == Case.participant_id)
        .where(
            Case.ended_on.is_(None),
            Case.case_worker_id.is_not(None),
            Case.enrolled_on <= today - days(_AT_LEAST),
            Participant.protected.is_(False),
        )
        .order_by(Participant.ready_on.is_not(None), Case.enrolled_on, Participant.number)
        .options(selectinload(Case.steps))
    )
    early = (Step.MAPPING, Step.MATCHING)
    calm = [
        case
        for case in found
        if all(step.step in early or step.end_date is not None for step in case.steps)
    ]
    return calm[: len(_CLIMBED) + 2]


def _hear(session: Session, *, today: date, now: datetime) -> None:
    """Answer the first contacts of somebody who has left; the others' are to be made."""
    ended = session.scalars(
        select(Case)
        .join(Participant, Participant.id == Case.participant_id)
        .where(
            Case.ended_on <= add_months(today, -2),
            Case.case_worker_id.is_not(None),
            Participant.protected.is_(False),
        )
        .order_by(Case.ended_on.desc(), Participant.number)
    ).first()
    if ended is None:
        return
    due = [each for each in plan_for(session, ended) if each.is_due(today)]
    for each, outcome in zip(due, _HEARD, strict=False):
        contacts.log_contact(
            session,
            _worker(session, ended),
            ended.participant_id,
            series=each.series,
            source_id=each.source_id,
            months=each.months,
            held_on=each.due_on,
            outcome=outcome,
            version=None,
            today=today,
            now=now,
        )


def _worker(session: Session, case: Case) -> Actor:
    if case.case_worker_id is None:  # the questions above leave nobody without one
        raise ValueError("a case without a worker has no way")
    return accounts.actor_of(session, case.case_worker_id)
