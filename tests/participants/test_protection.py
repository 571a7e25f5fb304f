"""Protected personal data fail closed: one sets the mark, two lift it, others find nothing."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import cases, protection
from matchsvc.participants.access import get_visible, shown_name, sight_of, visible_participants
from matchsvc.participants.listing import Scope, list_participants
from matchsvc.participants.models import Capacity, Participant, Step
from matchsvc.workday.models import Task
from tests.factories import TODAY


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker, phone="+46701740615", email="s@exempel.se")


def protect(session, actor, participant):
    return protection.protect(session, actor, participant.id, today=TODAY)


def test_the_mark_works_at_once_and_erases_every_way_to_reach_her(session, actor, samira):
    case = cases.latest_case(session, samira)
    cases.add_step(
        session, actor, case, Step.WORK, start_date=date(2026, 9, 1), label="Södergårdens kök"
    )

    protect(session, actor, samira)

    assert samira.protected
    assert samira.no_messages
    assert (samira.phone, samira.email) == (None, None)
    assert [step.label for step in cases.latest_case(session, samira, lock=True).steps] == [None]
    later = cases.add_step(
        session, actor, case, Step.WORK, start_date=TODAY, label="Södergårdens kök"
    )
    assert later.label is None


def test_no_table_can_hold_why_she_is_protected():
    columns = set(Participant.__table__.columns.keys())
    assert {name for name in columns if "protect" in name or "lift" in name} == {
        "protected",
        "lift_asked_by_id",
        "lift_asked_on",
    }


def test_whoever_has_the_case_sets_the_mark_and_nobody_else(session, make, samira):
    supervisor = make.user(Role.SUPERVISOR)
    make.involve(samira, supervisor, Capacity.SUPERVISOR)
    with pytest.raises(Refused):
        protect(session, make.actor(), samira)

    protect(session, make.actor(user=supervisor), samira)

    assert get_visible(session, make.actor(user=supervisor), samira.id, today=TODAY) is samira


@pytest.mark.parametrize("role", list(Role))
def test_to_every_role_she_is_as_unknown_as_somebody_who_never_was(
    session, make, actor, samira, role
):
    protect(session, actor, samira)
    other = make.actor(role)

    for key in (samira.id, samira.external_id, samira.alias, uuid4()):
        with pytest.raises(NotFound) as refusal:
            get_visible(session, other, key, today=TODAY)
        assert str(refusal.value) == str(NotFound())
    assert session.scalars(visible_participants(session, other, today=TODAY)).all() == []


def test_her_handlers_reach_her_by_alias_only(session, actor, samira):
    protect(session, actor, samira)

    def found(search):
        return list_participants(session, actor, today=TODAY, scope=Scope.MINE, search=search).lines

    sight = sight_of(session, actor, [samira.id], today=TODAY)[samira.id]
    assert shown_name(samira, sight) == samira.alias
    assert [line.name for line in found(samira.alias)] == [samira.alias]
    assert found("Samira") == []


def test_one_person_alone_cannot_lift_the_mark(session, make, actor, samira):
    protect(session, actor, samira)
    with pytest.raises(RuleViolation) as refusal:
        protection.ask_to_lift(session, actor, samira.id, today=TODAY)
    assert refusal.value.code == "second_person_missing"

    second = make.user(Role.UNIT_MANAGER)
    protection.add_handler(session, actor, samira.id, second.id, today=TODAY)
    protection.ask_to_lift(session, actor, samira.id, today=TODAY)
    with pytest.raises(RuleViolation) as refusal:
        protection.confirm_lift(session, actor, samira.id, today=TODAY)
    assert refusal.value.code == "same_person"
    assert samira.protected


def test_two_lift_it_and_what_was_erased_stays_erased(session, make, actor, samira):
    protect(session, actor, samira)
    second = make.actor(Role.UNIT_MANAGER)
    protection.add_handler(session, actor, samira.id, second.user_id, today=TODAY)
    protection.ask_to_lift(session, actor, samira.id, today=TODAY)
    assert session.scalar(select(Task.owner_id)) == second.user_id

    protection.confirm_lift(session, second, samira.id, today=TODAY)

    assert not samira.protected
    assert samira.phone is None
    assert samira.no_messages
    assert sight_of(session, second, [samira.id], today=TODAY)[samira.id].name == "ALIAS"


def test_nothing_is_lifted_that_nobody_asked_for_or_that_was_refused(session, make, actor, samira):
    protect(session, actor, samira)
    second = make.actor(Role.UNIT_MANAGER)
    protection.add_handler(session, actor, samira.id, second.user_id, today=TODAY)
    protection.ask_to_lift(session, actor, samira.id, today=TODAY)
    protection.refuse_lift(session, second, samira.id, today=TODAY)

    with pytest.raises(RuleViolation) as refusal:
        protection.confirm_lift(session, second, samira.id, today=TODAY)
    assert refusal.value.code == "lift_not_asked"


def test_only_staff_of_the_unit_can_be_named(session, make, actor, samira):
    protect(session, actor, samira)
    elsewhere = make.user(unit=make.unit(name="Lindvalla norra"))
    for wrong in (elsewhere, make.user(Role.EMPLOYER_LIAISON)):
        with pytest.raises(Invalid):
            protection.add_handler(session, actor, samira.id, wrong.id, today=TODAY)


def test_others_cannot_even_learn_that_there_is_something_to_lift(session, make, actor, samira):
    protect(session, actor, samira)
    with pytest.raises(NotFound):
        protection.ask_to_lift(session, make.actor(), samira.id, today=TODAY)


def test_the_mark_is_set_and_lifted_in_the_log_without_a_word_of_why(session, actor, samira):
    protect(session, actor, samira)
    rows = [row for row in session.info["audit_pending"] if row["action"] == "protect"]
    assert [(row["object_id"], row["reason"]) for row in rows] == [(str(samira.id), None)]
