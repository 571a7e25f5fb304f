"""One proposes, another approves, and exactly those people's records go."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Uuid, select

from matchsvc import db
from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants.models import Capacity, Participant
from matchsvc.participants.referral_models import Referral, ReferralState, Route
from matchsvc.retention import holds, plans, proof
from matchsvc.retention.models import HoldReason, PlanState, RetentionItem
from matchsvc.retention.reminding import TASK, tell_managers
from matchsvc.workday.models import Task
from tests.factories import TODAY
from tests.reports.factories import Facts
from tests.retention.test_due import noted

NOW = db.utcnow()
JOB = job_actor("delete_approved")


@pytest.fixture
def colleague(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def proposed(session, manager, ended):
    people = [ended(), ended()]
    return plans.propose(session, manager, today=TODAY, now=NOW), people


def approve(session, actor, plan, **values):
    given = {"list_hash": plan.list_hash, "version": plan.version, "today": TODAY, "now": NOW}
    return plans.approve(session, actor, plan.id, **given | values)


def run(session):
    gone = 0
    while (item := plans.next_item(session)) is not None:
        gone += plans.delete_next(session, JOB, item, today=TODAY)
    plans.finish_plans(session, JOB, now=NOW)
    return gone


def test_what_two_have_decided_goes_and_the_proof_names_nobody(session, colleague, proposed):
    plan, people = proposed
    keys = [person.id for person in people]
    approve(session, colleague, plan)
    assert run(session) == 2
    assert session.scalars(select(Participant).where(Participant.id.in_(keys))).all() == []
    assert (plan.state, plan.deleted, plan.rows["case_file"]) == (PlanState.DONE, 2, 2)
    told = str(proof.proof(plan))
    assert not any(str(key) in told for key in keys)
    assert plan.proof_hash == proof.proof_hash(plan)
    assert session.scalars(select(RetentionItem)).all() == []


def test_nobody_approves_her_own_list(session, manager, proposed):
    with pytest.raises(Refused):
        approve(session, manager, proposed[0])


def test_only_exactly_the_list_that_was_shown_is_approved(session, make, unit, colleague, proposed):
    plan, people = proposed
    with pytest.raises(RuleViolation) as refused:
        approve(session, colleague, plan, list_hash="0" * 64)
    assert refused.value.code == "list_changed"
    noted(make, unit, people[0], date(2026, 1, 1))
    with pytest.raises(RuleViolation) as refused:
        approve(session, colleague, plan)
    assert refused.value.code == "list_changed"
    with pytest.raises(Conflict):
        approve(session, colleague, plan, version=plan.version + 1)


def test_everything_is_asked_again_when_her_turn_comes(
    session, make, unit, manager, colleague, proposed
):
    plan, (first, second) = proposed
    approve(session, colleague, plan)
    holds.set_hold(
        session, manager, first.id, HoldReason.DISPUTE, "Mål 1-26", date(2027, 1, 1), today=TODAY
    )
    noted(make, unit, second, date(2026, 11, 1))
    assert run(session) == 0
    assert plan.state is PlanState.DONE
    assert plan.kept == {"hold": 1, "not_due": 1}
    assert session.get(Participant, first.id) is not None


def test_who_becomes_protected_after_the_approval_stays(session, colleague, proposed):
    plan, (first, _) = proposed
    approve(session, colleague, plan)
    first.protected = True
    session.flush()
    assert run(session) == 1
    assert plan.kept == {"unseen": 1}
    assert session.get(Participant, first.id) is not None


def test_a_list_with_somebody_protected_exists_for_her_handlers_alone(
    session, make, unit, manager, ended
):
    person = ended(protected=True)
    first, second = make.user(unit=unit), make.user(unit=unit)
    for handler in (first, second):
        make.involve(person, handler, Capacity.PROTECTED_HANDLER)
    ended()  # unprotected: the manager's to decide, not a case worker's
    plan = plans.propose(session, make.actor(user=first), today=TODAY, now=NOW)
    assert plan.people == 1
    assert plans.list_plans(session, manager) == []
    with pytest.raises(NotFound):
        plans.read_plan(session, manager, plan.id, today=TODAY)
    approve(session, make.actor(user=second), plan)
    assert run(session) == 1
    assert [each.id for each in plans.list_plans(session, manager)] == [plan.id]  # numbers alone


def test_a_list_that_was_taken_back_deletes_nothing(session, manager, colleague, proposed):
    plan, _ = proposed
    plans.withdraw(session, manager, plan.id, version=plan.version, now=NOW)
    with pytest.raises(RuleViolation):
        approve(session, colleague, plan)
    assert run(session) == 0


def test_one_list_at_a_time_and_none_of_nobody(session, make, manager, proposed):
    with pytest.raises(RuleViolation) as refused:
        plans.propose(session, manager, today=TODAY, now=NOW)
    assert refused.value.code == "list_waits"
    alone = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Tomt"))
    with pytest.raises(RuleViolation) as refused:
        plans.propose(session, alone, today=TODAY, now=NOW)
    assert refused.value.code == "nobody_due"


def test_what_was_counted_stays_counted_and_leads_back_to_nobody(
    session, make, unit, colleague, manager, ended
):
    person = ended()
    case = make.case(person, enrolled_on=date(2018, 1, 1), ended_on=date(2018, 9, 1))
    facts = Facts(session, unit.id)
    key = [(person.outcome_key, case.outcome_key, "woman", "outside_europe")]
    facts.enrolled(key, date(2018, 1, 1))
    facts.add(key, OutcomeKind.EMPLOYMENT_STARTED, date(2018, 8, 1))
    keys = {person.outcome_key, case.outcome_key}
    plan = plans.propose(session, manager, today=TODAY, now=NOW)
    approve(session, colleague, plan)
    run(session)
    session.commit()
    kinds = session.scalars(select(OutcomeEvent.kind).order_by(OutcomeEvent.occurred_on)).all()
    assert kinds == [OutcomeKind.ENROLLED, OutcomeKind.EMPLOYMENT_STARTED]
    assert not named(session, keys)


def named(session, ids):
    """Where any of some ids still stands."""
    return [
        (table.name, column.name)
        for table in db.Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Uuid)
        and session.scalar(select(column).where(column.in_(ids)).limit(1))
    ]


def test_the_log_says_that_somebody_went_and_who_decided(session, colleague, proposed):
    plan, people = proposed
    keys = {str(person.id) for person in people}
    approve(session, colleague, plan)
    run(session)
    session.commit()
    rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "delete")).all()
    assert {row.object_id for row in rows} == keys
    assert {row.reason for row in rows} == {f"retention_plan {plan.id}"}


def test_a_hold_is_lifted_by_somebody_else_with_a_reason(session, manager, colleague, ended):
    hold = holds.set_hold(
        session, manager, ended().alias, HoldReason.OTHER, "Utredning", date(2027, 1, 1),
        today=TODAY,
    )  # fmt: skip
    with pytest.raises(Refused):
        holds.lift_hold(session, manager, hold.id, "Klart", today=TODAY)
    with pytest.raises(Invalid):
        holds.lift_hold(session, colleague, hold.id, " ", today=TODAY)
    holds.lift_hold(session, colleague, hold.id, "Klart", today=TODAY)
    assert holds.list_holds(session, colleague, today=TODAY) == []


def test_managers_are_told_once_and_not_while_a_list_waits(session, manager, ended):
    ended()
    for _ in range(2):
        tell_managers(session, JOB, today=TODAY)
    (task,) = session.scalars(select(Task).where(Task.kind == TASK)).all()
    assert (task.owner_id, task.words) == (manager.user_id, {})
    plans.propose(session, manager, today=TODAY, now=NOW)
    assert tell_managers(session, JOB, today=TODAY) == 0


def test_referrals_closed_as_long_ago_go_with_the_list(session, make, unit, manager, colleague):
    for number, (ended_on, state) in enumerate(
        [
            (date(2020, 1, 1), ReferralState.DECLINED),
            (date(2024, 1, 1), ReferralState.DECLINED),
            (None, ReferralState.RECEIVED),
        ]
    ):
        row = Referral(
            unit_id=unit.id, number=number + 1, route=Route.SELF, state=state, content="{}",
            received_on=date(2019, 1, 1), ended_on=ended_on, noted_by_id=make.user(unit=unit).id,
        )  # fmt: skip
        make.save(row)
    plan = plans.propose(session, manager, today=TODAY, now=NOW)
    assert (plan.people, plan.referrals) == (0, 1)
    approve(session, colleague, plan)
    run(session)
    assert session.scalars(select(Referral.number).order_by(Referral.number)).all() == [2, 3]
    assert plan.rows == {"referral": 1}
