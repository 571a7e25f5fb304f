"""The register of trainings: who has completed what, who may know, and what lacks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.learning import trainings
from matchsvc.learning.models import Level
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def starter(session, manager):
    trainings.switch_on_starter(session, manager)
    return {line.training.code: line.training for line in lines_of(session, manager)}


def lines_of(session, actor):
    return trainings.read_register(session, actor).lines


def line(session, actor, training, level=Level.COMPLETED):
    return next(
        each
        for each in lines_of(session, actor)
        if each.training.id == training.id and each.level is level
    )


def note(session, actor, training, *, level=Level.COMPLETED, on=YESTERDAY, **values):
    return trainings.note_done(
        session, actor, training.id, level=level, completed_on=on, today=TODAY, **values
    )


def test_the_starting_list_has_the_modules_in_two_levels_and_is_added_once(
    session, manager, starter
):
    assert len(starter) == len(trainings.STARTER)
    assert trainings.switch_on_starter(session, manager) == 0
    modules = [each for each in lines_of(session, manager) if each.training.has_levels]
    assert [each.level for each in modules[:2]] == [Level.KNOWLEDGE, Level.APPLICATION]
    assert len(modules) == 8


def test_110_of_150_is_73_percent(session, make, unit, manager, starter):
    staff = [make.user(unit=unit) for _ in range(149)]  # and the manager
    for each in staff[:110]:
        note(session, manager, starter["gender_awareness"], user_id=each.id)
    share = line(session, manager, starter["gender_awareness"]).share
    assert (share.n, share.of, share.percent) == (110, 150, 73)


def test_only_the_manager_sees_who_and_a_colleague_sees_her_own(
    session, make, unit, manager, starter
):
    lena, karin = (make.actor(unit=unit, name=name) for name in ("Lena", "Karin"))
    for _ in range(4):
        make.user(unit=unit)
    note(session, lena, starter["interpreter"])
    seen = line(session, karin, starter["interpreter"])
    assert (seen.done, seen.lacking, seen.mine, seen.is_lacking) == ((), (), None, True)
    own = line(session, lena, starter["interpreter"])
    assert (own.mine, own.is_lacking, own.share.n) == (YESTERDAY, False, 1)
    assert [name for _id, name, _on in line(session, manager, starter["interpreter"]).done] == [
        "Lena"
    ]
    assert "Lena" not in str(trainings.register_data(trainings.read_register(session, karin)))


def test_a_share_of_fewer_than_five_colleagues_is_for_the_manager_alone(
    session, make, unit, manager, starter
):
    lena = make.actor(unit=unit)
    note(session, lena, starter["sassam"])
    assert line(session, lena, starter["sassam"]).share.is_hidden
    assert line(session, manager, starter["sassam"]).share.n == 1


def test_who_has_all_that_are_expected_is_counted_once(session, make, unit, manager, starter):
    for each in (make.user(unit=unit), make.user(unit=unit)):
        for training in starter.values():
            if training.is_expected:
                note(session, manager, training, user_id=each.id)
    whole = trainings.read_register(session, manager).whole
    assert (whole.n, whole.of) == (2, 3)


def test_nobody_notes_for_a_colleague_but_the_manager(session, make, unit, manager, starter):
    lena, karin = make.actor(unit=unit), make.user(unit=unit)
    with pytest.raises(Refused):
        note(session, lena, starter["sassam"], user_id=karin.id)
    note(session, manager, starter["sassam"], user_id=karin.id)
    with pytest.raises(Refused):
        trainings.take_back(
            session, lena, starter["sassam"].id, level=Level.COMPLETED, user_id=karin.id
        )


def test_what_cannot_be_noted_is_refused_with_how_to_mend(session, make, unit, starter):
    lena = make.actor(unit=unit)
    with pytest.raises(Invalid):
        note(session, lena, starter["sassam"], on=TODAY + timedelta(days=1))
    with pytest.raises(Invalid):
        note(session, lena, starter["sassam"], level=Level.APPLICATION)
    note(session, lena, starter["sassam"])
    with pytest.raises(RuleViolation):
        note(session, lena, starter["sassam"])
    trainings.take_back(session, lena, starter["sassam"].id, level=Level.COMPLETED)
    with pytest.raises(NotFound):
        trainings.take_back(session, lena, starter["sassam"].id, level=Level.COMPLETED)
    other = make.actor(unit=make.unit(name="Grannkommunen"))
    with pytest.raises(NotFound):
        note(session, other, starter["sassam"])


def test_a_training_that_left_the_list_is_neither_shown_nor_noted(
    session, make, unit, manager, starter
):
    sassam = starter["sassam"]
    version = sassam.version
    change = {"is_expected": True, "ended": True, "today": TODAY}
    trainings.change_training(session, manager, sassam.id, version=version, **change)
    assert "sassam" not in {each.training.code for each in lines_of(session, manager)}
    with pytest.raises(RuleViolation):
        note(session, make.actor(unit=unit), sassam)
    with pytest.raises(Conflict):
        trainings.change_training(session, manager, sassam.id, version=version, **change)


def test_a_reminder_gives_each_who_lacks_it_one_task(session, make, unit, manager, starter):
    lena, karin = make.actor(unit=unit), make.actor(unit=unit)
    note(session, lena, starter["sassam"])
    wish = {"words": "Gå SASSAM", "due_on": TODAY + timedelta(days=30), "today": TODAY}
    assert trainings.remind(session, manager, starter["sassam"].id, **wish) == 2
    assert trainings.remind(session, manager, starter["sassam"].id, **wish) == 0
    assert set(session.scalars(select(Task.owner_id))) == {karin.user_id, manager.user_id}


def test_the_same_name_is_not_put_on_the_list_twice(session, manager, starter):
    wish = {"has_levels": False, "is_expected": True, "today": TODAY}
    with pytest.raises(Invalid):
        trainings.add_training(session, manager, name="genusmedvetenhet", **wish)
    with pytest.raises(Invalid):
        trainings.add_training(session, manager, name=f"Kurs {identity_number()}", **wish)
    made = trainings.add_training(session, manager, name="Lågaffektivt bemötande", **wish)
    assert made.code is None


def test_the_pages_note_remind_and_keep_what_was_typed(session, client_as, make, unit, starter):
    manager = make.user(Role.UNIT_MANAGER, unit=unit)
    lena = make.user(unit=unit, name="Lena Forsberg")
    session.commit()
    client = client_as(lena)
    what = f"{starter['interpreter'].id}.completed"
    wrong = client.post(
        "/learning/trainings/completed", data={"what": what, "completed_on": "9 maj"}
    )
    assert wrong.status_code == 422
    assert "9 maj" in wrong.text
    client.post("/learning/trainings/completed", data={"what": what, "completed_on": "2026-03-02"})
    page = client.get("/learning/trainings").text
    assert "2 mars 2026" in page
    assert "Vem har gått vad" not in page
    assert client.post("/learning/trainings/starting-list").status_code == 403
    page = client_as(manager).get("/learning/trainings").text
    assert "Lena Forsberg" in page
    answer = client_as(manager).post(
        "/learning/trainings/reminder",
        data={"training_id": str(starter["interpreter"].id), "due_on": "2099-01-01"},
    )
    assert "saved=reminded" in answer.headers["Location"]


def test_a_program_sees_no_names(session, client_as, make, unit, manager, starter):
    lena = make.user(unit=unit, name="Lena Forsberg")
    note(session, manager, starter["sassam"], user_id=lena.id, on=date(2026, 3, 2))
    session.commit()
    client = client_as(make.user(Role.AUDITOR, unit=unit))
    session.commit()
    assert "Lena" not in client.get("/api/v1/learning/trainings").text
