"""Going through the plan with everybody who takes something on, and their signatures (MAT-03).

A signature is on the words as they were shown: a plan that is changed carries none. The case
worker signs last; then the plan is fixed, the one before it is replaced, and every measure gets a
task for the day when it shall be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.participants.cases import latest_case, open_case
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import get_own
from matchsvc.participants.plan_models import (
    MeasureState,
    Plan,
    PlanMeasure,
    PlanState,
    Responsible,
    Track,
)
from matchsvc.participants.plans import draft_of, move, newest, row_of, versions_of
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen, finish_tasks, open_tasks
from matchsvc.workday.signature_models import IdentifiedHow, Signature
from matchsvc.workday.signing import hash_of, sign, signatures_on

PARTICIPANT, CASE_WORKER = "participant", "case_worker"
TASK_KIND = "plan_measure"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who has to sign.

    Attributes:
        capacity: as the signature has it: ``participant``, ``case_worker`` or ``party:<id>``, the
            id of the colleague or of the first measure that a party without a row answers for.
        user_id: a colleague.
        name: of a party in free words.
        signature: None until there is one on the words as they are.
    """

    capacity: str
    user_id: UUID | None = None
    name: str | None = None
    signature: Signature | None = None


def content_hash_of(plan: Plan) -> str:
    """The hash of what is signed: all that was agreed, not how far it has come."""
    parts = [
        plan.goals,
        *(plan.childcare, plan.childcare_words or ""),
        *(plan.supporter, plan.supporter_words or ""),
    ]
    for goal in plan.sub_goals:
        parts += ["sub_goal", goal.track, goal.code or "", goal.words or ""]
    for each in plan.measures:
        parts += [
            *("measure", each.activity, each.what, each.responsible),
            *(str(each.colleague_id or ""), each.other_name or ""),
            *(str(each.starts_on or ""), each.due_on.isoformat()),
        ]
    return hash_of(parts)


def parties_of(plan: Plan, signatures: list[Signature]) -> list[Party]:
    """Everybody who has to sign, the case worker last, with the signatures on these words."""
    shown = plan.content_hash or content_hash_of(plan)
    signed = {each.capacity: each for each in signatures if each.content_hash == shown}
    found = {PARTICIPANT: Party(PARTICIPANT, signature=signed.get(PARTICIPANT))}
    named: dict[str, str] = {}
    for each in plan.measures:
        if each.responsible is Responsible.COLLEAGUE:
            capacity = f"party:{each.colleague_id}"
        elif each.responsible is Responsible.OTHER:
            capacity = named.setdefault((each.other_name or "").casefold(), f"party:{each.id}")
        else:
            continue
        found.setdefault(
            capacity,
            Party(capacity, each.colleague_id, each.other_name, signed.get(capacity)),
        )
    found[CASE_WORKER] = Party(CASE_WORKER, signature=signed.get(CASE_WORKER))
    return list(found.values())


def review_plan(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    version: int,
    interpreter_language: str | None = None,
    today: date,
) -> Plan:
    """Note that the plan was read through with everybody who is named in it.

    Raises:
        Refused: not the actor's own.
        NotFound: no plan is begun.
        RuleViolation: it is signed, or something is missing in it.
        Conflict: it was saved since.
    """
    plan = draft_of(session, actor, key, today=today)
    check_version(plan, version)
    _require_whole(plan)
    move(plan, PlanState.REVIEWED)
    plan.interpreter_language, plan.reviewed_on = interpreter_language, today
    session.flush()
    audit.record(
        session, actor, "change", "plan", plan.id, fields=["reviewed"],
        subjects=[plan.participant_id],
    )  # fmt: skip
    return plan


def _require_whole(plan: Plan) -> None:
    if not plan.measures:
        raise RuleViolation(
            "plan_empty",
            N_("Planen säger inte vad som ska göras. Lägg till minst en sak, och vem som gör den."),
        )
    tracks = {goal.track for goal in plan.sub_goals}
    if tracks == {Track.HEALTH}:
        raise RuleViolation(
            "health_only",
            N_("Spåret Hälsa behöver följas av utbildning eller arbete. Lägg till ett delmål där."),
        )


def sign_plan(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    capacity: str,
    version: int,
    shown_hash: str,
    identified_how: IdentifiedHow,
    today: date,
    now: datetime,
) -> Plan:
    """Note one party's signature; with the case worker's, the last, the plan is signed.

    Args:
        session: a writing transaction.
        actor: her own worker, who attests it and signs as case worker.
        key: the participant.
        capacity: of the party, see :class:`Party`.
        version: of the plan as it was shown.
        shown_hash: of the words as they were shown.
        identified_how: how the signer was known.
        today: the day of the signature.
        now: the instant.

    Raises:
        Refused: not the actor's own.
        NotFound: no plan is begun, or no such party is named in it.
        RuleViolation: not gone through, signed already, other words, or others sign first.
        Conflict: the plan was saved since.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    plan = newest(session, case)
    check_version(plan, version)
    if plan.state is not PlanState.REVIEWED:
        raise RuleViolation(
            "not_reviewed", N_("Läs igenom planen tillsammans först. Sedan kan alla skriva under.")
        )
    parties = parties_of(plan, signatures_on(session, "plan", [plan.id])[plan.id])
    party = next((each for each in parties if each.capacity == capacity), None)
    if party is None:
        raise NotFound("party")
    waiting = [each for each in parties if each.signature is None and each is not party]
    own = f"party:{actor.user_id}"
    if capacity == CASE_WORKER and any(each.capacity != own for each in waiting):
        raise RuleViolation(
            "others_first", N_("Handläggaren skriver under sist, när alla andra har gjort det.")
        )
    for each in [party, *(waiting if capacity == CASE_WORKER else ())]:
        _sign_one(session, actor, plan, each, shown_hash, identified_how, now=now)
    if capacity == CASE_WORKER:
        _fix(session, actor, participant, case, plan, today=today, now=now)
    return plan


def _sign_one(
    session: Session,
    actor: Actor,
    plan: Plan,
    party: Party,
    shown_hash: str,
    identified_how: IdentifiedHow,
    *,
    now: datetime,
) -> None:
    signer = {PARTICIPANT: plan.participant_id, CASE_WORKER: actor.user_id}
    sign(
        session,
        actor,
        unit_id=plan.unit_id,
        about_type="plan",
        about_id=plan.id,
        content_hash=content_hash_of(plan),
        shown_hash=shown_hash,
        capacity=party.capacity,
        identified_how=IdentifiedHow.KNOWN if party.capacity == CASE_WORKER else identified_how,
        signer_id=signer.get(party.capacity, party.user_id),
        signer_name=party.name,
        interpreter_language=plan.interpreter_language if party.capacity == PARTICIPANT else None,
        now=now,
    )


def _fix(
    session: Session,
    actor: Actor,
    participant: Participant,
    case: Case,
    plan: Plan,
    *,
    today: date,
    now: datetime,
) -> None:
    for older in versions_of(session, case):
        if older.state is PlanState.SIGNED:
            move(older, PlanState.SUPERSEDED)
    move(plan, PlanState.SIGNED)
    plan.signed_on, plan.content_hash = today, content_hash_of(plan)
    session.flush()
    _renew_tasks(session, actor, participant, case, plan, now=now)


def _renew_tasks(
    session: Session,
    actor: Actor,
    participant: Participant,
    case: Case,
    plan: Plan,
    *,
    only: PlanMeasure | None = None,
    now: datetime,
) -> None:
    """One task for each who answers, and day: nothing stands in it of what the plan says.

    What the participant or a party outside answers for is asked about by her case worker. With
    ``only`` the tasks of other measures are left alone, whatever people have done with them.
    """

    def whose(each: PlanMeasure) -> tuple[UUID, date]:
        return each.colleague_id or case.case_worker_id or actor.require_user(), each.due_on

    wanted = {whose(each) for each in plan.measures if each.state is MeasureState.PLANNED}
    held = session.scalars(_tasks_of(participant.id)).all()
    kept = {(task.owner_id, task.first_due_on or task.due_on): task for task in held}
    if only is not None:
        wanted &= {whose(only)}
        kept = {what: task for what, task in kept.items() if what == whose(only)}
    gone = {task.id: None for what, task in kept.items() if what not in wanted}
    finish_tasks(session, actor, Chosen(gone, open_tasks()), now=now)
    for owner_id, due_on in sorted(wanted - kept.keys(), key=str):
        # Not add_task: it knows one open task of a kind for each owner and participant.
        task = Task(
            unit_id=plan.unit_id,
            owner_id=owner_id,
            kind=TASK_KIND,
            words={"alias": participant.alias},
            about_type="participant",
            about_id=participant.id,
            due_on=due_on,
            origin="MAT-03",
        )
        session.add(task)
        session.flush()
        audit.record(session, actor, "create", "task", task.id)


def _tasks_of(participant_id: UUID) -> Select[Task]:
    return open_tasks().where(
        Task.kind == TASK_KIND,
        Task.about_type == "participant",
        Task.about_id == participant_id,
    )


def note_measure(
    session: Session,
    actor: Actor,
    key: UUID | str,
    measure_id: UUID,
    *,
    state: MeasureState,
    version: int,
    today: date,
    now: datetime,
) -> PlanMeasure:
    """Note on the plan that counts whether a measure was done, and in a draft of the next.

    Raises:
        Refused: not the actor's own.
        NotFound: there is no such measure in a signed plan.
        RuleViolation: the case has ended.
        Conflict: it was saved since.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    plans = [plan for plan in versions_of(session, case) if plan.state is not PlanState.SUPERSEDED]
    signed = next((plan for plan in plans if plan.state is PlanState.SIGNED), None)
    if signed is None:
        raise NotFound("plan_measure")
    measure = row_of(signed.measures, measure_id, "plan_measure")
    check_version(measure, version)
    for plan in plans:
        for each in plan.measures:
            if each.thread_id == measure.thread_id:
                each.state, each.state_on = state, today
    session.flush()
    audit.record(session, actor, "change", "plan_measure", measure.id, subjects=[participant.id])
    _renew_tasks(session, actor, participant, case, signed, only=measure, now=now)
    return measure


def drop_plan(
    session: Session, actor: Actor, key: UUID | str, *, version: int, today: date
) -> Plan:
    """Say that a plan of a case that has ended is never signed; nothing in it is lost.

    Raises:
        Refused: not the actor's own.
        NotFound: no plan was begun.
        RuleViolation: the case is open, or the plan is signed.
        Conflict: it was saved since.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant)
    if case.ended_on is None:
        raise RuleViolation(
            "case_open", N_("Ärendet är öppet. Skriv under planen, eller ändra i den.")
        )
    plan = newest(session, case)
    check_version(plan, version)
    move(plan, PlanState.DROPPED)
    session.flush()
    audit.record(session, actor, "drop", "plan", plan.id, subjects=[participant.id])
    return plan


def agreed_on(session: Session, case_id: UUID) -> date | None:
    """The day when a case's first plan was signed by all (PRO-10). Asks no right."""
    return session.scalar(
        select(Plan.signed_on)
        .where(Plan.case_id == case_id, Plan.signed_on.is_not(None))
        .order_by(Plan.number)
        .limit(1)
    )
