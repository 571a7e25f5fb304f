"""Starting a placement: each test is one sentence the service would sign."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Bar, EmployerStatus
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.matching.models import Proposal, ProposalEvent, ProposalState
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants.access import Sight, sight_of
from matchsvc.participants.models import Capacity, CaseStep, Step
from matchsvc.placements.access import get_placement
from matchsvc.placements.beginning import start_due_placements
from matchsvc.placements.checklist import CHECKLIST
from matchsvc.placements.ending import call_off_placement
from matchsvc.placements.models import DecisionAuthority, Part
from matchsvc.placements.preparing import tick_checklist
from matchsvc.placements.starting import start_placement
from tests.factories import TODAY, identity_number
from tests.placements.factories import NOW, plan, started, world

LATER = TODAY + timedelta(days=10)


def events(session, kind=OutcomeKind.PLACEMENT_STARTED):
    return list(session.scalars(select(OutcomeEvent).where(OutcomeEvent.kind == kind)))


def refused(session, there, actor=None, **values):
    with pytest.raises(RuleViolation) as refusal:
        start_placement(session, actor or there.actor, plan(there, **values), today=TODAY, now=NOW)
    return refusal.value


def test_a_start_brings_its_checklist_package_and_follow_ups(session, make):
    placement = started(session, make).placement

    assert [item.code for item in placement.checklist] == list(CHECKLIST)
    assert len(CHECKLIST) == 10
    assert [part.part for part in placement.package] == list(Part)
    assert [one.due_on for one in placement.follow_ups] == [
        date(2026, 12, 23),
        date(2027, 1, 22),
        date(2027, 2, 23),
        date(2027, 2, 26),
    ]


def test_a_start_is_written_as_an_outcome_on_its_day(session, make):
    there = started(session, make)

    (event,) = events(session)
    assert event.source_id == there.placement.id
    assert event.occurred_on == TODAY
    assert event.detail == "work_training"
    assert event.employer_id == there.employer.id
    assert event.person_key == there.participant.outcome_key


def test_a_later_start_is_written_by_the_daily_job_and_only_once(session, make):
    there = started(session, make, start_date=LATER)
    assert events(session) == []

    assert start_due_placements(session, today=LATER - timedelta(days=1)) == 0
    assert start_due_placements(session, today=LATER + timedelta(days=1)) == 1
    assert start_due_placements(session, today=LATER + timedelta(days=2)) == 0

    (event,) = events(session)
    assert event.occurred_on == LATER
    assert event.source_id == there.placement.id


def test_a_placement_that_was_called_off_never_counts_and_frees_the_participant(session, make):
    there = started(session, make, start_date=LATER)
    call_off_placement(
        session, there.actor, there.placement.id, reason="Köket byggs om.", today=TODAY
    )

    assert start_due_placements(session, today=LATER) == 0
    assert session.scalars(select(CaseStep)).all() == []
    started(session, make, there=there, start_date=LATER)


def test_a_start_draws_a_lane_of_work_training(session, make):
    there = started(session, make)

    step = session.scalar(select(CaseStep))
    assert (step.step, step.source_id) == (Step.WORK_TRAINING, there.placement.id)
    assert step.label == there.site.name


def test_the_named_supervisor_sees_the_participant_from_then_on(session, make):
    there = started(session, make)
    karin = make.actor(user=there.supervisor)

    found = get_placement(session, karin, there.placement.id, today=TODAY)
    assert found.sight is Sight.WORKPLACE
    other = make.actor(Role.SUPERVISOR)
    with pytest.raises(NotFound):
        get_placement(session, other, there.placement.id, today=TODAY)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"planned_end_date": date(2027, 5, 23)}, "planned_end_date"),
        ({"planned_end_date": None}, "planned_end_date"),
        ({"form": "sol_practice", "planned_end_date": date(2031, 11, 23)}, "planned_end_date"),
        ({"planned_end_date": TODAY - timedelta(days=1)}, "planned_end_date"),
        ({"decision_authority": DecisionAuthority.NONE}, "decision_authority"),
        ({"decision_ref": " "}, "decision_ref"),
        ({"decision_from": TODAY + timedelta(days=1)}, "decision_from"),
        ({"decision_to": date(2027, 2, 25)}, "decision_to"),
        ({"decision_to": None}, "decision_to"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": f"Pröva kök. {identity_number()}"}, "purpose"),
        ({"supervisor_id": None, "contact_id": None}, "supervisor_id"),
        ({"hours_goal": 10}, "hours_goal"),
    ],
)
def test_a_start_is_stopped_with_a_sentence_on_the_field(session, make, values, field):
    error = refused(session, world(make), **values)

    assert error.code == "placement_not_possible"
    assert field in error.fields


def test_all_that_is_wrong_is_said_at_once(session, make):
    error = refused(session, world(make), purpose=None, decision_ref=None, planned_end_date=None)

    assert {"purpose", "decision_ref", "planned_end_date"} <= error.fields.keys()


def test_450_compensated_days_make_twelve_months_possible(session, make):
    there = world(make)
    long = {"planned_end_date": date(2027, 11, 22), "decision_to": date(2027, 11, 22)}
    assert "planned_end_date" in refused(session, there, **long).fields

    started(session, make, there=there, extended=True, **long)


def test_a_workplaces_own_supervisor_is_enough(session, make):
    started(session, make, supervisor_id=None)


def test_a_taster_needs_no_decision(session, make):
    started(
        session,
        make,
        form="taster",
        planned_end_date=date(2026, 12, 22),
        decision_authority=DecisionAuthority.NONE,
        decision_ref=None,
        decision_from=None,
        decision_to=None,
        supervisor_id=None,
        contact_id=None,
    )


def test_a_participant_is_never_in_two_placements_at_once(session, make):
    there = started(session, make)

    error = refused(session, there, start_date=date(2027, 2, 26), decision_from=TODAY)
    assert "start_date" in error.fields
    started(
        session,
        make,
        there=there,
        start_date=date(2027, 2, 27),
        planned_end_date=date(2027, 4, 1),
    )


@pytest.mark.parametrize(
    "values", [{"bar": Bar.TRADING_BAN}, {"status": EmployerStatus.DO_NOT_CONTACT}]
)
def test_a_barred_employer_gets_nobody(session, make, values):
    there = world(make)
    for name, value in values.items():
        setattr(there.employer, name, value)
    session.flush()

    assert "site_id" in refused(session, there).fields


def test_an_offer_takes_no_more_people_than_it_has_places(session, make):
    there = world(make)
    offer = make.offer(there.site, places=1)
    started(session, make, there=there, offer_id=offer.id)
    other = make.participant(there.worker)

    error = refused(session, there, participant_id=other.id, offer_id=offer.id)
    assert "offer_id" in error.fields
    started(
        session,
        make,
        there=there,
        participant_id=other.id,
        offer_id=offer.id,
        start_date=date(2027, 3, 1),
        planned_end_date=date(2027, 4, 1),
    )


def test_an_offer_that_names_its_forms_takes_no_other(session, make):
    there = world(make)
    offer = make.offer(there.site, forms=["taster"])

    assert "form" in refused(session, there, offer_id=offer.id).fields


def test_work_practice_does_not_fill_a_season(session, make):
    there = world(make)
    offer = make.offer(there.site, season_start="11-01", season_end="03-15")
    practice = {"form": "work_practice", "offer_id": offer.id}

    assert "form" in refused(session, there, **practice).fields
    started(session, make, there=there, planned_end_date=date(2027, 3, 31), **practice)


def proposal(make, there, offer, state):
    return make.save(
        Proposal(
            unit_id=there.participant.unit_id,
            participant_id=there.participant.id,
            offer_id=offer.id,
            state=state,
            explanation={},
            weights_version="v1",
            proposed_by_id=there.worker.id,
            proposed_on=TODAY,
            reason="Hon vill.",
        )
    )


def test_an_accepted_proposal_becomes_a_placement(session, make):
    there = world(make)
    offer = make.offer(there.site)
    asked = proposal(make, there, offer, ProposalState.ACCEPTED)
    started(session, make, there=there, offer_id=offer.id, proposal_id=asked.id)

    assert asked.state is ProposalState.PLACED
    again = refused(session, there, offer_id=offer.id, proposal_id=asked.id)
    assert "proposal_id" in again.fields


@pytest.mark.parametrize(
    "state", [ProposalState.DRAFTED, ProposalState.WANTED, ProposalState.PRESENTED]
)
def test_a_proposal_that_not_both_have_accepted_is_not_started(session, make, state):
    there = world(make)
    offer = make.offer(there.site)
    asked = proposal(make, there, offer, state)

    assert "proposal_id" in refused(session, there, offer_id=offer.id, proposal_id=asked.id).fields


def test_for_enhanced_work_training_the_employer_is_not_asked_to_choose(session, make):
    there = world(make)
    offer = make.offer(there.site)
    chosen = proposal(make, there, offer, ProposalState.ACCEPTED)
    make.save(
        ProposalEvent(
            proposal_id=chosen.id,
            at=NOW,
            actor="user:x",
            from_state=ProposalState.WANTED,
            to_state=ProposalState.PRESENTED,
        )
    )
    unseen = proposal(make, there, offer, ProposalState.ACCEPTED)
    enhanced = {"form": "enhanced_work_training", "offer_id": offer.id}

    assert "proposal_id" in refused(session, there, proposal_id=chosen.id, **enhanced).fields
    started(session, make, there=there, proposal_id=unseen.id, **enhanced)


def test_only_her_own_case_worker_or_a_coordinator_decides(session, make):
    there = world(make)
    for role in (Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.UNIT_MANAGER):
        with pytest.raises(Refused):
            start_placement(session, make.actor(role), plan(there), today=TODAY, now=NOW)

    start_placement(
        session, make.actor(Role.PLACEMENT_COORDINATOR), plan(there), today=TODAY, now=NOW
    )


def test_a_protected_participant_does_not_exist_for_others(session, make):
    there = world(make, protected=True)
    with pytest.raises(NotFound):
        start_placement(
            session, make.actor(Role.PLACEMENT_COORDINATOR), plan(there), today=TODAY, now=NOW
        )


def test_a_protected_participant_is_placed_after_a_written_risk_decision(session, make):
    there = world(make, protected=True)
    error = refused(session, there)
    assert {"risk_decision", "supervisor_id"} <= error.fields.keys()

    started(session, make, there=there, risk_decision="Prövat 20 nov.", supervisor_id=None)
    assert session.scalar(select(CaseStep.label)) is None
    sights = sight_of(
        session, make.actor(user=there.supervisor), [there.participant.id], today=TODAY
    )
    assert sights[there.participant.id] is Sight.ALIAS
    liaison = make.actor(user=there.liaison)
    with pytest.raises(NotFound):
        get_placement(session, liaison, there.placement.id, today=TODAY)


def test_a_protected_participants_handler_may_supervise(session, make):
    there = world(make, protected=True)
    make.involve(there.participant, there.supervisor, Capacity.PROTECTED_HANDLER)
    started(session, make, there=there, risk_decision="Prövat 20 nov.")
    karin = make.actor(user=there.supervisor)

    assert get_placement(session, karin, there.placement.id, today=TODAY)


def test_another_units_workplace_is_not_there(session, make):
    there = world(make)
    far = make.employer(unit=make.unit(name="Grannkommunen"))
    with pytest.raises(NotFound):
        start_placement(
            session, there.actor, plan(there, site_id=make.site(far).id), today=TODAY, now=NOW
        )


def test_one_who_is_not_enrolled_that_day_is_not_placed(session, make):
    there = world(make)
    early = date(2026, 8, 9)
    with pytest.raises(RuleViolation) as refusal:
        start_placement(
            session,
            there.actor,
            replace(plan(there), start_date=early, decision_from=early),
            today=TODAY,
            now=NOW,
        )
    assert refusal.value.code == "no_open_case"


def test_a_thing_on_the_checklist_is_ticked_and_unticked(session, make):
    there = started(session, make)
    liaison = make.actor(user=there.liaison)
    item = tick_checklist(session, liaison, there.placement.id, "agreement", done=True, today=TODAY)
    assert (item.done_on, item.done_by_id) == (TODAY, there.liaison.id)

    tick_checklist(session, liaison, there.placement.id, "agreement", done=False, today=TODAY)
    assert item.done_on is None
    with pytest.raises(Refused):
        tick_checklist(
            session,
            make.actor(Role.UNIT_MANAGER),
            there.placement.id,
            "agreement",
            done=True,
            today=TODAY,
        )
