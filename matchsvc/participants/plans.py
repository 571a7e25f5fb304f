"""The individual plan: goals in her own words, sub-goals, and who does what by when (MAT-03).

Only her own worker reads or writes it; every reading is logged. What is signed never changes: a
new version is written beside it. How far things have come is noted on the signed plan too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.rules import actor_of
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.cases import latest_case, open_case
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import get_own, is_own, plain_text
from matchsvc.participants.plan_models import (
    Childcare,
    MeasureState,
    Plan,
    PlanMeasure,
    PlanState,
    PlanSubGoal,
    Responsible,
    SubGoalState,
    Supporter,
    Track,
)
from matchsvc.participants.plan_tracks import ACTIVITIES, CHECKLISTS
from matchsvc.workday.rules import is_colleague
from matchsvc.workday.signature_models import Signature
from matchsvc.workday.signing import signatures_on

#: From, to: who may is her own worker; what is checked stands in the rule.
TRANSITIONS = {
    (PlanState.DRAFT, PlanState.REVIEWED),
    (PlanState.REVIEWED, PlanState.REVIEWED),
    (PlanState.REVIEWED, PlanState.DRAFT),  # its words were changed again
    (PlanState.REVIEWED, PlanState.SIGNED),
    (PlanState.SIGNED, PlanState.SUPERSEDED),
    (PlanState.DRAFT, PlanState.DROPPED),
    (PlanState.REVIEWED, PlanState.DROPPED),
}
OPEN = (PlanState.DRAFT, PlanState.REVIEWED)
FIXED = N_("Planen är undertecknad och ändras inte. Skriv en ny version.")
MOST_ROWS = 40
_WITH_ROWS = (selectinload(Plan.sub_goals), selectinload(Plan.measures))

RowT = TypeVar("RowT", PlanSubGoal, PlanMeasure)


@dataclass(frozen=True, slots=True)
class Plans:
    """Every version of a case's plan, latest first, with the signatures on each."""

    participant: Participant
    case: Case
    versions: Sequence[Plan]
    signatures: dict[UUID, list[Signature]]

    @property
    def latest(self) -> Plan | None:
        """The newest version."""
        return self.versions[0] if self.versions else None

    @property
    def standing(self) -> Plan | None:
        """The signed version that counts."""
        return next((each for each in self.versions if each.state is PlanState.SIGNED), None)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the table: her goals, the children, somebody to look up to or ask."""

    goals: str = ""
    childcare: Childcare = Childcare.NOT_ASKED
    childcare_words: str | None = None
    supporter: Supporter = Supporter.NONE_YET
    supporter_words: str | None = None


@dataclass(frozen=True, slots=True)
class MeasureInput:
    """A row of the table as a form sends it."""

    what: str
    due_on: date
    responsible: Responsible
    activity: str = "other"
    colleague_id: UUID | None = None
    other_name: str | None = None
    starts_on: date | None = None


def read_plans(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Plans:
    """Her plan, every version; logged.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: not the actor's own; a manager's logged reason does not open it.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant)
    versions = versions_of(session, case)
    audit.record(session, actor, "read", "plan", case.id, subjects=[participant.id])
    on_them = signatures_on(session, "plan", [each.id for each in versions])
    return Plans(participant, case, versions, on_them)


def versions_of(session: Session, case: Case) -> Sequence[Plan]:
    """Every version with its rows, latest first; asks no right."""
    return session.scalars(
        select(Plan)
        .where(Plan.case_id == case.id)
        .order_by(Plan.number.desc())
        .options(*_WITH_ROWS)
        .execution_options(populate_existing=True)
    ).all()


def begin_plan(
    session: Session, actor: Actor, key: UUID | str, *, goals: str = "", today: date
) -> Plan:
    """Begin the plan, or the next version of a signed one, with a copy of what is not yet done.

    Args:
        session: a writing transaction.
        actor: her own worker.
        key: the participant.
        goals: hers, word for word; empty takes those of the version before.
        today: the day of the involvement.

    Returns:
        The draft; the one there is when it was begun already.

    Raises:
        Refused: not the actor's own.
        RuleViolation: the case has ended.
        Invalid: no goals, or an identity number in them.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    versions = versions_of(session, case)
    before = versions[0] if versions else None
    if before is not None and before.state in OPEN:
        return before
    words = plain_text("goals", goals, today=today) or (before.goals if before else None)
    if words is None:
        raise Invalid({"goals": _NO_GOALS})
    plan = Plan(
        participant_id=participant.id,
        case_id=case.id,
        unit_id=participant.unit_id,
        number=len(versions) + 1,
        goals=words,
        written_by_id=actor.require_user(),
        sub_goals=[],
        measures=[],
    )
    if before is not None:
        _copy(before, plan)
    session.add(plan)
    session.flush()
    audit.record(session, actor, "create", "plan", plan.id, subjects=[participant.id])
    return plan


_NO_GOALS = N_("Skriv vad personen vill nå, med personens egna ord. Det kan vara ”ett jobb”.")


def _copy(before: Plan, plan: Plan) -> None:
    for name in ("childcare", "childcare_words", "supporter", "supporter_words"):
        setattr(plan, name, getattr(before, name))
    for goal in before.sub_goals:
        kept = {name: getattr(goal, name) for name in _GOAL_FIELDS}
        plan.sub_goals.append(PlanSubGoal(position=len(plan.sub_goals), **kept))
    for measure in before.measures:
        if measure.state is MeasureState.PLANNED:
            kept = {name: getattr(measure, name) for name in _MEASURE_FIELDS}
            plan.measures.append(PlanMeasure(position=len(plan.measures), **kept))


_GOAL_FIELDS = ("thread_id", "track", "code", "words", "state", "state_on", "note")
_SAID_OF_MEASURE = (
    *("activity", "what", "responsible", "colleague_id", "other_name"),
    *("starts_on", "due_on"),
)
_MEASURE_FIELDS = ("thread_id", *_SAID_OF_MEASURE)


def write_frame(
    session: Session,
    actor: Actor,
    key: UUID | str,
    frame: Frame,
    *,
    version: int,
    today: date,
) -> Plan:
    """Save the goals and what stands around them in the draft.

    Raises:
        Refused: not the actor's own.
        NotFound: no plan is begun.
        RuleViolation: it is signed, or the case has ended.
        Invalid: no goals, too little said, or an identity number.
        Conflict: the plan was saved since.
    """
    plan = _draft(session, actor, key, today=today)
    said = {
        name: plain_text(name, getattr(frame, name), today=today)
        for name in ("goals", "childcare_words", "supporter_words")
    }
    errors = {}
    if said["goals"] is None:
        errors["goals"] = _NO_GOALS
    if frame.supporter is not Supporter.NONE_YET and said["supporter_words"] is None:
        errors["supporter_words"] = N_("Skriv vem det är.")
    if frame.childcare is Childcare.MISSING and said["childcare_words"] is None:
        errors["childcare_words"] = N_("Skriv vad som behövs, så att det går att ordna.")
    if errors:
        raise Invalid(errors)
    check_version(plan, version)
    values = {**said, "childcare": frame.childcare, "supporter": frame.supporter}
    if any(getattr(plan, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(plan, name, value)
        _changed(session, actor, plan, "frame")
    return plan


def draft_of(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Plan:
    """The draft that may be written in, for a form; the reading is logged.

    Raises:
        Refused: not the actor's own.
        NotFound: no plan is begun.
        RuleViolation: it is signed, or the case has ended.
    """
    plan = _draft(session, actor, key, today=today)
    audit.record(session, actor, "read", "plan", plan.id, subjects=[plan.participant_id])
    return plan


def _draft(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Plan:
    participant = get_own(session, actor, key, today=today)
    return newest(session, open_case(session, participant))


def newest(session: Session, case: Case) -> Plan:
    """The draft of a case; asks no right.

    Raises:
        NotFound: no plan is begun.
        RuleViolation: it is signed.
    """
    versions = versions_of(session, case)
    if not versions:
        raise NotFound("plan")
    if versions[0].state not in OPEN:
        raise RuleViolation("plan_signed", FIXED)
    return versions[0]


def move(plan: Plan, to: PlanState) -> None:
    """Change the state.

    Raises:
        RuleViolation: the plan cannot go there from where it is.
    """
    if (plan.state, to) not in TRANSITIONS:
        raise RuleViolation("plan_signed", FIXED)
    plan.state = to


def _changed(session: Session, actor: Actor, plan: Plan, field: str) -> None:
    """Count the version up, and let a plan that was gone through be a draft again."""
    if plan.state is PlanState.REVIEWED:
        move(plan, PlanState.DRAFT)
        plan.reviewed_on = None
    flag_modified(plan, "created_at")
    plan.written_by_id = actor.require_user()
    session.flush()
    audit.record(
        session, actor, "change", "plan", plan.id, fields=[field], subjects=[plan.participant_id]
    )


def add_track(
    session: Session, actor: Actor, key: UUID | str, track: Track, *, today: date
) -> Plan:
    """Add the fixed sub-goals of a track; those that stand there already stay as they are.

    Raises:
        Refused, NotFound, RuleViolation: as :func:`draft_of`.
    """
    plan = _draft(session, actor, key, today=today)
    held = {goal.code for goal in plan.sub_goals}
    missing = [code for code in CHECKLISTS[track] if code not in held]
    _room(plan.sub_goals, len(missing))
    for code in missing:
        plan.sub_goals.append(PlanSubGoal(position=_end(plan.sub_goals), track=track, code=code))
    if missing:
        _changed(session, actor, plan, "sub_goals")
    return plan


def save_sub_goal(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    track: Track,
    words: str,
    goal_id: UUID | None = None,
    version: int | None = None,
    today: date,
) -> PlanSubGoal:
    """Write a sub-goal in own words: a new one, or another wording of one there is.

    Raises:
        Refused, NotFound, RuleViolation: as :func:`draft_of`; or there is no such sub-goal.
        Invalid: no words, or an identity number in them.
        Conflict: it was saved since.
    """
    plan = _draft(session, actor, key, today=today)
    said = plain_text("words", words, today=today)
    if goal_id is None:
        if said is None:
            raise Invalid({"words": N_("Skriv delmålet, till exempel körkort eller svenska.")})
        _room(plan.sub_goals)
        goal = PlanSubGoal(position=_end(plan.sub_goals), track=track, words=said)
        plan.sub_goals.append(goal)
    else:
        goal = row_of(plan.sub_goals, goal_id, "plan_sub_goal")
        if said is None and goal.code is None:
            raise Invalid({"words": N_("Skriv delmålet, till exempel körkort eller svenska.")})
        check_version(goal, version)
        goal.track, goal.words = track, said
    _changed(session, actor, plan, "sub_goals")
    return goal


def save_measure(
    session: Session,
    actor: Actor,
    key: UUID | str,
    said: MeasureInput,
    *,
    measure_id: UUID | None = None,
    version: int | None = None,
    today: date,
) -> PlanMeasure:
    """Write a row of the table: a new one, or other words in one there is.

    Raises:
        Refused, NotFound, RuleViolation: as :func:`draft_of`; or there is no such row.
        Invalid: what, who or when is missing or cannot be.
        Conflict: the row was saved since.
    """
    plan = _draft(session, actor, key, today=today)
    participant = session.get_one(Participant, plan.participant_id)
    values = _checked(session, participant, said, today=today)
    if measure_id is None:
        _room(plan.measures)
        measure = PlanMeasure(position=_end(plan.measures), **values)
        plan.measures.append(measure)
    else:
        measure = row_of(plan.measures, measure_id, "plan_measure")
        check_version(measure, version)
        for name, value in values.items():
            setattr(measure, name, value)
    _changed(session, actor, plan, "measures")
    return measure


def _checked(
    session: Session, participant: Participant, said: MeasureInput, *, today: date
) -> dict[str, object]:
    values = {name: getattr(said, name) for name in _SAID_OF_MEASURE}
    values["what"] = plain_text("what", said.what, today=today)
    values["other_name"] = plain_text("other_name", said.other_name, today=today)
    errors = {}
    if values["what"] is None:
        errors["what"] = N_("Skriv vad som ska göras.")
    if said.activity not in ACTIVITIES:
        errors["activity"] = N_("Välj ett av alternativen.")
    if said.due_on < today:
        errors["due_on"] = N_("Den dagen har redan varit. Skriv en dag som kommer.")
    if said.starts_on is not None and said.starts_on > said.due_on:
        errors["starts_on"] = N_("Skriv en dag som inte är efter den dag då det ska vara klart.")
    if said.responsible is Responsible.COLLEAGUE:
        values["other_name"] = None
        if not _may_answer(session, participant, said.colleague_id, today=today):
            errors["colleague_id"] = N_("Välj en kollega som får se personen.")
    elif said.responsible is Responsible.OTHER:
        values["colleague_id"] = None
        if values["other_name"] is None:
            errors["other_name"] = N_("Skriv vem, till exempel Arbetsförmedlingen, Anna.")
    else:
        values["colleague_id"] = values["other_name"] = None
    if errors:
        raise Invalid(errors)
    return values


def _may_answer(
    session: Session, participant: Participant, user_id: UUID | None, *, today: date
) -> bool:
    """A protected person's measures are for her handlers alone: others may not know of her."""
    if user_id is None or not is_colleague(session, user_id, participant.unit_id):
        return False
    if not participant.protected:
        return True
    return is_own(session, actor_of(session, user_id), participant.id, today=today)


def remove_row(
    session: Session, actor: Actor, key: UUID | str, row_id: UUID, *, version: int, today: date
) -> Plan:
    """Take a sub-goal or a measure out of the draft; signed versions keep theirs.

    Raises:
        Refused, NotFound, RuleViolation: as :func:`draft_of`; or there is no such row.
        Conflict: it was saved since.
    """
    plan = _draft(session, actor, key, today=today)
    for goal in plan.sub_goals:
        if goal.id == row_id:
            check_version(goal, version)
            plan.sub_goals.remove(goal)
            _changed(session, actor, plan, "sub_goals")
            return plan
    measure = row_of(plan.measures, row_id, "plan_measure")
    check_version(measure, version)
    plan.measures.remove(measure)
    _changed(session, actor, plan, "measures")
    return plan


def note_sub_goal(
    session: Session,
    actor: Actor,
    key: UUID | str,
    goal_id: UUID,
    *,
    state: SubGoalState,
    note: str | None = None,
    version: int,
    today: date,
) -> PlanSubGoal:
    """Note how far a sub-goal has come, in the plan that counts and in a draft of the next.

    Raises:
        Refused: not the actor's own.
        RuleViolation: the case has ended.
        NotFound: there is no such sub-goal.
        Conflict: it was saved since.
        Invalid: an identity number in the note.
    """
    participant = get_own(session, actor, key, today=today)
    rows = [
        goal
        for plan in versions_of(session, open_case(session, participant))
        if plan.state is not PlanState.SUPERSEDED
        for goal in plan.sub_goals
    ]
    goal = row_of(rows, goal_id, "plan_sub_goal")
    check_version(goal, version)
    words = plain_text("note", note, today=today)
    for each in rows:
        if each.thread_id == goal.thread_id:
            each.state, each.state_on, each.note = state, today, words
    session.flush()
    audit.record(session, actor, "change", "plan_sub_goal", goal.id, subjects=[participant.id])
    return goal


def row_of(rows: Sequence[RowT], row_id: UUID, kind: str) -> RowT:
    """One of a plan's rows.

    Raises:
        NotFound: there is none of that id.
    """
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound(kind)
    return found


def _end(rows: Sequence[PlanSubGoal] | Sequence[PlanMeasure]) -> int:
    return max((row.position for row in rows), default=-1) + 1


def _room(rows: Sequence[PlanSubGoal] | Sequence[PlanMeasure], more: int = 1) -> None:
    if len(rows) + more > MOST_ROWS:
        raise RuleViolation(
            "plan_full", N_("Planen har redan 40 rader. Ta bort någon, eller slå ihop två.")
        )
