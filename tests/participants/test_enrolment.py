"""Enrolling: who may, what is kept, and what a hidden person's number gives away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from matchsvc.accounts.models import Role
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants import cases, enrolment
from matchsvc.participants.access import get_visible
from matchsvc.participants.enrolment import Details, enrol
from matchsvc.participants.models import (
    BirthRegion,
    Capacity,
    Case,
    ExitDestination,
    ExitReason,
    Participant,
    Sex,
    Step,
)
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number

DETAILS = Details(
    sex=Sex.WOMAN,
    birth_region=BirthRegion.OUTSIDE_EUROPE,
    enrolled_on=TODAY,
    given_name="Amina",
    family_name="Dahl",
)


def events(session, kind=None):
    found = select(OutcomeEvent)
    return list(session.scalars(found.where(OutcomeEvent.kind == kind) if kind else found))


def enrolled(session, actor, today=TODAY, **changes):
    receipt = enrol(session, actor, replace(DETAILS, **changes), today=today)
    return session.get(Participant, receipt.id)


def test_the_case_worker_who_enrols_somebody_gets_the_case(session, make):
    actor = make.actor()

    amina = enrolled(session, actor)

    case = cases.latest_case(session, amina)
    assert case.case_worker_id == actor.user_id
    assert [step.step for step in case.steps] == [Step.MAPPING]
    assert get_visible(session, actor, amina.alias, today=TODAY) is amina


def test_a_manager_may_choose_a_case_worker_or_leave_it_open(session, make):
    manager, worker = make.actor(Role.UNIT_MANAGER), make.user()

    chosen = enrolled(session, manager, case_worker_id=worker.id)
    waiting = enrolled(session, manager)

    assert cases.latest_case(session, chosen).case_worker_id == worker.id
    assert cases.latest_case(session, waiting).case_worker_id is None


def test_only_case_workers_and_managers_enrol(session, make):
    for role in set(Role) - {Role.CASE_WORKER, Role.UNIT_MANAGER}:
        with pytest.raises(Refused):
            enrol(session, make.actor(role), DETAILS, today=TODAY)


def test_only_an_active_case_worker_of_the_unit_can_be_responsible(session, make):
    actor = make.actor()
    elsewhere = make.user(unit=make.unit(name="Lindvalla norra"))
    for wrong in (make.user(Role.EMPLOYER_LIAISON), make.user(is_active=False), elsewhere):
        with pytest.raises(Invalid) as refusal:
            enrolled(session, actor, case_worker_id=wrong.id)
        assert "case_worker_id" in refusal.value.fields


def test_every_enrolment_has_the_next_alias(session, make):
    actor = make.actor()

    first, second = enrolled(session, actor), enrolled(session, actor)

    assert second.number == first.number + 1
    assert first.alias == f"D-{first.number}"


def test_the_identity_number_is_never_stored_in_plain(session, make):
    digits = identity_number()

    amina = enrolled(session, make.actor(), personal_id=f"{digits[:8]}-{digits[8:]}")

    stored = session.execute(
        text("select personal_id, personal_id_index from participant where number = :number"),
        {"number": amina.number},
    ).one()
    assert amina.personal_id == digits
    assert amina.birth_year == 1985
    assert digits not in str(stored)
    assert digits[2:] not in str(stored)


def test_everything_wrong_is_said_at_once(session, make):
    with pytest.raises(Invalid) as refusal:
        enrolled(
            session,
            make.actor(),
            personal_id="19850312-1234",
            birth_year=1850,
            phone="ring mig",
            email="nej",
            enrolled_on=TODAY + timedelta(days=1),
        )

    assert set(refusal.value.fields) == {
        "personal_id",
        "birth_year",
        "phone",
        "email",
        "enrolled_on",
    }


def test_the_birth_year_must_agree_with_the_number(session, make):
    with pytest.raises(Invalid) as refusal:
        enrolled(session, make.actor(), personal_id=identity_number(), birth_year=1986)

    assert set(refusal.value.fields) == {"birth_year"}


def test_contact_data_of_a_protected_person_are_refused_at_enrolment(session, make):
    with pytest.raises(Invalid) as refusal:
        enrolled(session, make.actor(), protected=True, phone="070-174 06 15", email="a@b.se")

    assert set(refusal.value.fields) == {"phone", "email"}


def test_the_country_of_birth_is_kept_only_where_the_programme_needs_it(session, make):
    assert enrolled(session, make.actor(), birth_country="SY").birth_country is None


def test_an_enrolment_is_counted_once_in_the_groups_of_reports(session, make):
    amina = enrolled(session, make.actor(), personal_id=identity_number())

    (event,) = events(session)
    assert (event.kind, event.occurred_on) == (OutcomeKind.ENROLLED, TODAY)
    assert (event.sex, event.birth_region, event.age_band) == ("woman", "outside_europe", "35-44")
    assert event.person_key == amina.outcome_key != amina.id


def test_somebody_with_an_open_case_is_not_enrolled_again(session, make):
    digits = identity_number()
    enrolled(session, make.actor(), personal_id=digits)

    with pytest.raises(RuleViolation) as refusal:
        enrolled(session, make.actor(), personal_id=digits)

    assert refusal.value.code == "already_enrolled"
    assert digits not in str(refusal.value)


def test_somebody_whose_case_ended_gets_a_new_case_and_a_new_wait(session, make):
    first, second, digits = make.actor(), make.actor(), identity_number()
    amina = enrolled(session, first, personal_id=digits)
    amina.ready_on = TODAY
    cases.end_case(
        session,
        first,
        amina.id,
        ended_on=TODAY,
        reason=ExitReason.MOVED,
        destination=ExitDestination.UNKNOWN,
        today=TODAY,
    )
    later = TODAY + timedelta(days=90)

    again = enrolled(session, second, today=later, personal_id=digits, enrolled_on=later)

    assert again is amina
    assert amina.ready_on is None
    assert session.scalar(select(func.count(Case.id)).where(Case.participant_id == amina.id)) == 2
    assert len(events(session, OutcomeKind.ENROLLED)) == 2


def test_a_hit_on_a_protected_person_answers_as_any_entry_and_tells_her_handlers(session, make):
    handler, other, digits = make.actor(), make.actor(), identity_number()
    hidden = enrolled(session, handler, personal_id=digits, protected=True)
    before = session.scalar(select(func.count(Participant.id)))

    receipt = enrol(session, other, replace(DETAILS, personal_id=digits), today=TODAY)

    assert receipt.id != hidden.id
    assert receipt.external_id == str(receipt.id)
    assert session.scalar(select(func.count(Participant.id))) == before
    assert len(events(session, OutcomeKind.ENROLLED)) == 1
    (task,) = session.scalars(select(Task))
    assert (task.owner_id, task.kind, task.about_id) == (
        handler.user_id,
        "protected_hit",
        hidden.id,
    )
    with pytest.raises(NotFound):
        get_visible(session, other, receipt.id, today=TODAY)


def test_a_hit_by_external_id_gives_away_as_little(session, make):
    hidden = enrolled(session, make.actor(), external_id="K17", protected=True)

    receipt = enrol(session, make.actor(), replace(DETAILS, external_id="K17"), today=TODAY)

    assert receipt.external_id == "K17"
    assert receipt.id != hidden.id


def test_a_person_of_another_unit_is_as_hidden(session, make):
    there, digits = make.actor(unit=make.unit(name="Lindvalla norra")), identity_number()
    enrolled(session, there, personal_id=digits)

    receipt = enrol(session, make.actor(), replace(DETAILS, personal_id=digits), today=TODAY)

    assert session.get(Participant, receipt.id) is None
    assert session.scalar(select(Task.owner_id)) == there.user_id


def test_an_external_id_that_is_seen_and_taken_is_refused(session, make):
    actor = make.actor()
    enrolled(session, actor, external_id="K18")

    with pytest.raises(RuleViolation) as refusal:
        enrolled(session, actor, external_id="K18")

    assert refusal.value.code == "external_id_taken"


def test_rows_for_a_whole_file_are_built_without_a_query(session, make, queries):
    unit = make.unit()
    with queries(least=0) as count:
        rows = [
            enrolment.build_participant(
                replace(DETAILS, external_id=f"F{number}"),
                unit_id=unit.id,
                number=number,
                identity=None,
            )
            for number in range(100)
        ]
        case = Case(unit_id=unit.id, enrolled_on=date(2026, 1, 1), outcome_key=uuid4())
        rows[0].outcome_key = uuid4()
        enrolment.subject_of(rows[0], case)

    assert count.total == 0


def test_the_handler_who_enrols_a_protected_person_is_named_beside_the_case_worker(session, make):
    manager, worker = make.actor(Role.UNIT_MANAGER), make.user()

    hidden = enrolled(session, manager, case_worker_id=worker.id, protected=True)

    assert get_visible(session, manager, hidden.id, today=TODAY) is hidden
    assert get_visible(session, make.actor(user=worker), hidden.id, today=TODAY) is hidden
    assert hidden.no_messages
    assert Capacity.PROTECTED_HANDLER in {
        held.capacity for held in session.scalars(select(enrolment.Involvement))
    }
