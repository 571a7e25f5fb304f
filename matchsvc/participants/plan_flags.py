"""What calls for attention about plans: 60 days, only Swedish, nothing planned (PRO-10, 18, 19).

Said on the case's page and in my week, of open cases and to their own workers. No rule decides
anything from it.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.settings import number
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Case, CaseStep, Involvement, Participant, Step
from matchsvc.participants.own import CHANGING
from matchsvc.participants.plan_models import MeasureState, Plan, PlanMeasure, PlanState
from matchsvc.participants.plan_tracks import SWEDISH
from matchsvc.swedish import STOCKHOLM
from matchsvc.workday.meeting_reads import met_between

#: The last day is near from this long before it.
NEAR = timedelta(days=14)
#: Something shall be planned on one of the days from today to this long after it.
AHEAD = timedelta(days=14)
_AT_WORK = (Step.WORK_TRAINING, Step.WORK)


class PlanFlag(enum.StrEnum):
    """What calls for attention."""

    LATE = "late"
    NEAR = "near"
    ONLY_SWEDISH = "only_swedish"
    NOTHING_PLANNED = "nothing_planned"


@dataclass(frozen=True, slots=True)
class Attention:
    """What calls for attention in one case.

    Attributes:
        alias, participant_id: whose.
        flags: in order of weight; empty when nothing does.
        last_day: the last day for the plan to be signed by all.
    """

    alias: str
    participant_id: UUID
    flags: tuple[PlanFlag, ...]
    last_day: date


def attention_of(
    session: Session, participant: Participant, case: Case | None, *, today: date
) -> Attention | None:
    """What calls for attention in a case; None when it has ended. Asks no right."""
    if case is None or case.ended_on is not None:
        return None
    return _attention(session, participant.unit_id, [(participant, case)], today=today)[0]


def my_attention(session: Session, actor: Actor, *, today: date) -> list[Attention]:
    """The open cases of the actor's own participants that call for attention, heaviest first.

    The number of queries does not depend on how many there are.
    """
    own = select(Involvement.participant_id).where(
        Involvement.user_id == actor.user_id,
        Involvement.capacity.in_(CHANGING),
        or_(Involvement.until.is_(None), Involvement.until >= today),
    )
    found = (
        visible_participants(session, actor, today=today)
        .where(Participant.id.in_(own), Case.ended_on.is_(None))
        .join(Case, Case.participant_id == Participant.id)
        .add_columns(Case)
    )
    rows = [(row[0], row[1]) for row in session.execute(found)]
    seen = _attention(session, actor.unit_id, rows, today=today) if rows else []
    order = list(PlanFlag)
    return sorted(
        (each for each in seen if each.flags),
        key=lambda each: (order.index(each.flags[0]), each.last_day, each.alias),
    )


def _attention(
    session: Session,
    unit_id: UUID | None,
    rows: Sequence[tuple[Participant, Case]],
    *,
    today: date,
) -> list[Attention]:
    within = timedelta(days=number(session, unit_id, "plan_within_days"))
    cases = [case.id for _person, case in rows]
    agreed = set(
        session.scalars(
            select(Plan.case_id).where(Plan.case_id.in_(cases), Plan.signed_on.is_not(None))
        )
    )
    plans = _standing(session, cases)
    at_work = _at_work(session, cases, today=today)
    met = met_between(
        session,
        [person.id for person, _case in rows],
        _midnight(today),
        _midnight(today + AHEAD + timedelta(days=1)),
    )
    found = []
    for person, case in rows:
        last_day = case.enrolled_on + within
        flags = []
        if case.id not in agreed and today > last_day:
            flags.append(PlanFlag.LATE)
        elif case.id not in agreed and today >= last_day - NEAR:
            flags.append(PlanFlag.NEAR)
        plan = plans.get(case.id)
        if plan is not None and case.id not in at_work:
            left = [row for row in plan.measures if row.state is MeasureState.PLANNED]
            if left and all(row.activity in SWEDISH for row in left):
                flags.append(PlanFlag.ONLY_SWEDISH)
            if person.id not in met and not any(is_soon(row, today=today) for row in left):
                flags.append(PlanFlag.NOTHING_PLANNED)
        found.append(Attention(person.alias, person.id, tuple(flags), last_day))
    return found


def is_soon(row: PlanMeasure, *, today: date) -> bool:
    """Whether a measure has a day from today to 14 days after it.

    With a first day it goes on until it is due; without one it counts on the day it is due.
    """
    return (row.starts_on or row.due_on) <= today + AHEAD and row.due_on >= today


def _standing(session: Session, cases: Collection[UUID]) -> dict[UUID, Plan]:
    """The signed plan of each case that has one."""
    found = session.scalars(
        select(Plan)
        .where(Plan.case_id.in_(cases), Plan.state == PlanState.SIGNED)
        .options(selectinload(Plan.measures))
    )
    return {plan.case_id: plan for plan in found}


def _at_work(session: Session, cases: Collection[UUID], *, today: date) -> set[UUID]:
    """Cases whose person is at a workplace, or will be within the days ahead."""
    end = func.coalesce(CaseStep.end_date, CaseStep.planned_end_date)
    return set(
        session.scalars(
            select(CaseStep.case_id).where(
                CaseStep.case_id.in_(cases),
                CaseStep.step.in_(_AT_WORK),
                CaseStep.start_date <= today + AHEAD,
                or_(end.is_(None), end >= today),
            )
        )
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, STOCKHOLM)
