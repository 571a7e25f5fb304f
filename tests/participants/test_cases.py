"""The case: responsibility, overlapping steps, the end, and corrections of what is counted."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import record_outcome, standing_events
from matchsvc.participants import cases, enrolment
from matchsvc.participants.access import get_visible, read_with_reason, sight_of
from matchsvc.participants.case_models import WorkerChange, WorkerReason
from matchsvc.participants.cases import Person
from matchsvc.participants.models import (
    BirthRegion,
    Capacity,
    ExitDestination,
    ExitReason,
    Sex,
    Step,
)
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number

AUGUST = date(2026, 8, 10)


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker)


def standing(session, kind):
    return list(session.scalars(standing_events().where(OutcomeEvent.kind == kind)))


def end(session, actor, participant, **changes):
    values = {
        "ended_on": TODAY,
        "reason": ExitReason.GOAL_REACHED,
        "destination": ExitDestination.UNSUBSIDISED_JOB,
        "today": TODAY,
    }
    return cases.end_case(session, actor, participant.id, **values | changes)


def person(**changes):
    values = {"sex": Sex.WOMAN, "birth_region": BirthRegion.OUTSIDE_EUROPE, "birth_year": 1985}
    return Person(**values | changes)


def test_work_and_work_training_may_run_at_the_same_time(session, actor, samira):
    for step in (Step.WORK_TRAINING, Step.WORK):
        cases.start_step(session, actor, samira.id, step, start_date=TODAY, today=TODAY)

    running = [step.step for step in cases.latest_case(session, samira).steps]
    assert set(running) == {Step.WORK_TRAINING, Step.WORK}


def test_the_same_step_is_open_once_by_hand(session, actor, samira):
    cases.start_step(session, actor, samira.id, Step.MATCHING, start_date=TODAY, today=TODAY)
    with pytest.raises(RuleViolation) as refusal:
        cases.start_step(session, actor, samira.id, Step.MATCHING, start_date=TODAY, today=TODAY)
    assert refusal.value.code == "step_open"


def test_going_back_a_step_is_allowed(session, actor, samira):
    first = cases.start_step(
        session, actor, samira.id, Step.MAPPING, start_date=AUGUST, today=TODAY
    )
    cases.end_step(session, actor, samira.id, first.id, end_date=TODAY, today=TODAY)
    again = cases.start_step(session, actor, samira.id, Step.MAPPING, start_date=TODAY, today=TODAY)

    assert again.id != first.id


def test_no_step_begins_before_enrolment_or_ends_before_it_begins(session, actor, samira):
    with pytest.raises(Invalid) as refusal:
        cases.start_step(
            session,
            actor,
            samira.id,
            Step.WORK,
            start_date=AUGUST - timedelta(days=1),
            planned_end_date=AUGUST - timedelta(days=2),
            today=TODAY,
        )
    assert set(refusal.value.fields) == {"start_date", "planned_end_date"}


def test_a_step_that_stands_for_a_placement_is_ended_with_the_placement(session, actor, samira):
    case = cases.latest_case(session, samira)
    source = uuid4()
    step = cases.add_step(
        session, actor, case, Step.WORK_TRAINING, start_date=TODAY, source_id=source
    )

    assert cases.find_step_of(session, source) is step
    with pytest.raises(RuleViolation) as refusal:
        cases.end_step(session, actor, samira.id, step.id, end_date=TODAY, today=TODAY)
    assert refusal.value.code == "step_has_source"


def test_an_end_needs_reason_and_destination_and_a_day_within_the_case(session, actor, samira):
    with pytest.raises(Invalid) as refusal:
        end(session, actor, samira, reason=None, destination=None, ended_on=date(2026, 8, 9))
    assert set(refusal.value.fields) == {"reason", "destination", "ended_on"}


def test_an_end_is_counted_with_where_she_went_and_ends_what_runs(session, actor, samira):
    cases.start_step(session, actor, samira.id, Step.WORK, start_date=AUGUST, today=TODAY)

    case = end(session, actor, samira)

    (event,) = standing(session, OutcomeKind.EXITED)
    assert (event.occurred_on, event.detail) == (TODAY, "unsubsidised_job")
    assert [step.end_date for step in case.steps] == [TODAY]


def test_a_corrected_end_replaces_the_first_in_what_stands(session, actor, samira):
    end(session, actor, samira)
    end(session, actor, samira, destination=ExitDestination.STUDIES)

    (event,) = standing(session, OutcomeKind.EXITED)
    assert event.detail == "studies"
    assert event.corrects_id is not None
    kinds = session.scalars(
        select(OutcomeEvent).where(OutcomeEvent.kind == OutcomeKind.EXITED)
    ).all()
    assert len(kinds) == 2


def test_an_end_that_was_a_mistake_is_taken_back(session, actor, samira):
    end(session, actor, samira)
    cases.reopen_case(session, actor, samira.id, today=TODAY)

    assert standing(session, OutcomeKind.EXITED) == []
    assert cases.open_case(session, samira).ended_on is None


def test_a_case_with_a_running_placement_is_not_ended(session, actor, samira):
    case = cases.latest_case(session, samira)
    cases.add_step(session, actor, case, Step.WORK_TRAINING, start_date=AUGUST, source_id=uuid4())
    with pytest.raises(RuleViolation) as refusal:
        end(session, actor, samira)
    assert refusal.value.code == "placement_running"


def test_the_second_to_save_an_old_version_gets_a_conflict(session, actor, samira):
    version = cases.latest_case(session, samira).version
    end(session, actor, samira, version=version)
    with pytest.raises(Conflict):
        end(session, actor, samira, version=version)


def test_handing_over_takes_sight_from_the_one_before(session, make, actor, samira):
    successor = make.actor()

    cases.allocate_case_worker(
        session, actor, samira.id, successor.user_id, reason=WorkerReason.WORKLOAD, today=TODAY
    )

    seen = sight_of(session, actor, [samira.id], today=TODAY)
    assert seen[samira.id] < sight_of(session, successor, [samira.id], today=TODAY)[samira.id]


def test_a_manager_allocates_and_other_case_workers_do_not(session, make, samira):
    manager, other = make.actor(Role.UNIT_MANAGER), make.actor()

    with pytest.raises(Refused):
        cases.allocate_case_worker(
            session, other, samira.id, other.user_id, reason=WorkerReason.OTHER, today=TODAY
        )
    case = cases.allocate_case_worker(
        session, manager, samira.id, other.user_id, reason=WorkerReason.OTHER, today=TODAY
    )

    assert case.case_worker_id == other.user_id


@pytest.mark.parametrize("reason", [None, WorkerReason.FIRST])
def test_nobody_takes_over_without_a_reason(session, make, actor, samira, reason):
    with pytest.raises(Invalid) as refusal:
        cases.allocate_case_worker(
            session, actor, samira.id, make.user().id, reason=reason, today=TODAY
        )
    assert set(refusal.value.fields) == {"reason"}


def test_who_answered_for_a_case_is_kept_with_the_reason(session, make, actor, worker):
    manager, successor = make.actor(Role.UNIT_MANAGER), make.user()
    newcomer = make.participant()

    cases.allocate_case_worker(session, manager, newcomer.id, worker.id, reason=None, today=AUGUST)
    for _ in range(2):  # the same again is no change
        cases.allocate_case_worker(
            session,
            manager,
            newcomer.id,
            successor.id,
            reason=WorkerReason.PARTICIPANT_WISH,
            today=TODAY,
        )

    kept = session.scalars(select(WorkerChange).order_by(WorkerChange.changed_on)).all()
    assert [(each.from_id, each.to_id, each.reason) for each in kept] == [
        (None, worker.id, WorkerReason.FIRST),
        (worker.id, successor.id, WorkerReason.PARTICIPANT_WISH),
    ]
    assert {each.decided_by_id for each in kept} == {manager.user_id}


def test_reading_with_a_reason_gives_no_right_to_change(session, make, samira):
    manager = make.actor(Role.UNIT_MANAGER)
    read_with_reason(session, manager, samira, reason="Klagomål", today=TODAY)

    with pytest.raises(Refused):
        cases.change_person(session, manager, samira.id, person(), today=TODAY)


def test_changed_sex_and_region_correct_every_standing_event(session, make, actor, samira):
    case = cases.latest_case(session, samira)
    subject = enrolment.subject_of(samira, case)
    for kind, source in ((OutcomeKind.ENROLLED, case.id), (OutcomeKind.PLACEMENT_STARTED, uuid4())):
        record_outcome(session, kind, source, subject, occurred_on=AUGUST, detail="work_training")

    changed = person(sex=Sex.MAN, birth_region=BirthRegion.EUROPE)
    cases.change_person(session, actor, samira.id, changed, today=TODAY)

    for kind in (OutcomeKind.ENROLLED, OutcomeKind.PLACEMENT_STARTED):
        (event,) = standing(session, kind)
        assert (event.sex, event.birth_region) == ("man", "europe")
        assert (event.occurred_on, event.detail) == (AUGUST, "work_training")


def test_a_change_of_name_corrects_nothing(session, actor, samira):
    case = cases.latest_case(session, samira)
    subject = enrolment.subject_of(samira, case)
    record_outcome(session, OutcomeKind.ENROLLED, case.id, subject, occurred_on=AUGUST)

    cases.change_person(session, actor, samira.id, person(given_name="Sam"), today=TODAY)

    assert len(session.scalars(select(OutcomeEvent)).all()) == 1


def taken_number(session, make, **values):
    """A number in any usual notation that somebody else has, and that person."""
    digits = identity_number()
    holder = make.participant(**values)
    enrolment.set_identity(holder, enrolment.parse_identity_number(digits, today=TODAY))
    session.flush()
    return digits, holder


def test_the_identity_number_of_somebody_known_is_refused_without_saying_whose(
    session, make, actor, samira
):
    digits, _holder = taken_number(session, make)

    with pytest.raises(RuleViolation) as refusal:
        cases.change_person(session, actor, samira.id, person(personal_id=digits), today=TODAY)

    assert refusal.value.code == "identity_taken"
    assert "D-" not in str(refusal.value)


@pytest.mark.parametrize("where", ["protected", "another unit"])
def test_the_identity_number_of_somebody_hidden_is_answered_as_any_other(
    session, make, actor, samira, where
):
    handler = make.user()
    values = {"protected": True} if where == "protected" else {"unit": make.unit(name="Söder")}
    digits, holder = taken_number(session, make, case_worker=handler, **values)

    cases.change_person(session, actor, samira.id, person(personal_id=digits), today=TODAY)
    session.flush()

    assert samira.personal_id == holder.personal_id, "what was written stands in the copy"
    found = enrolment.find_by_identity(
        session, enrolment.parse_identity_number(digits, today=TODAY)
    )
    assert found is holder, "the number still finds only whom it found before"
    (task,) = session.scalars(select(Task).where(Task.kind == "protected_hit"))
    assert (task.owner_id, task.about_id) == (handler.id, holder.id)


def test_a_conflict_about_the_person_says_what_is_saved_now(session, actor, samira):
    with pytest.raises(Conflict) as refusal:
        cases.change_person(
            session, actor, samira.id, person(), today=TODAY, version=samira.version + 1
        )
    assert refusal.value.theirs["given_name"] == "Samira"


def test_an_involvement_that_ended_gives_no_right(session, make, samira):
    former = make.user()
    make.involve(samira, former, Capacity.CASE_WORKER, until=TODAY - timedelta(days=1))
    with pytest.raises(Refused):
        cases.change_person(session, make.actor(user=former), samira.id, person(), today=TODAY)


def test_other_units_get_the_same_answer_as_for_somebody_unknown(session, make, samira):
    elsewhere = make.actor(unit=make.unit(name="Lindvalla norra"))
    for key in (samira.id, uuid4()):
        with pytest.raises(NotFound) as refusal:
            get_visible(session, elsewhere, key, today=TODAY)
        assert str(refusal.value) == str(NotFound())
