"""Reading somebody's case with a reason is told at once to those who should know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.messages.models import OutboxMessage
from matchsvc.participants.access import read_with_reason
from matchsvc.participants.reason_alerts import LETTER, TASK
from matchsvc.workday.models import Task
from tests.factories import TODAY, Make


@pytest.fixture
def make(session):
    return Make(session)


@pytest.fixture
def people(make):
    """Her worker, who reads, another manager, an auditor and an administrator."""
    worker = make.user()
    return {
        "worker": worker,
        "reader": make.actor(Role.UNIT_MANAGER, name="Lena Forsberg"),
        "manager": make.user(Role.UNIT_MANAGER),
        "auditor": make.user(Role.AUDITOR),
        "admin": make.user(Role.ADMIN),
        "samira": make.participant(worker),
    }


def read(session, people, *, reason="Klagomål från en anhörig", today=TODAY):
    read_with_reason(session, people["reader"], people["samira"], reason=reason, today=today)


def owners(session):
    return set(session.scalars(select(Task.owner_id).where(Task.kind == TASK)))


def letters(session):
    found = select(OutboxMessage).where(OutboxMessage.kind == LETTER)
    return list(session.scalars(found))


def test_her_worker_and_the_other_manager_have_a_task_that_does_not_say_why(session, people):
    read(session, people)
    assert owners(session) == {people["worker"].id, people["manager"].id}
    task = session.scalar(select(Task).where(Task.kind == TASK))
    assert task.words == {"alias": people["samira"].alias, "colleague": "Lena Forsberg"}
    assert task.due_on == TODAY


def test_the_auditor_has_a_letter_that_names_nobody(session, people):
    read(session, people)
    (letter,) = letters(session)
    assert letter.recipient == people["auditor"].email
    for word in ("Lena", "Samira", people["samira"].alias, "Klagomål"):
        assert word not in letter.subject + letter.body


def test_once_a_day_is_enough_and_the_next_day_is_told_again(session, people):
    read(session, people)
    read(session, people, reason="Glömde en sak")
    assert len(letters(session)) == 1
    read(session, people, today=TODAY + timedelta(days=1))
    assert len(letters(session)) == 2


def test_somebody_else_knows_also_where_there_is_one_manager_and_no_auditor(session, people):
    people["manager"].is_active = people["auditor"].is_active = False
    session.flush()
    read(session, people)
    assert [letter.recipient for letter in letters(session)] == [people["admin"].email]


def test_of_a_protected_person_only_her_handlers_have_a_task(session, people):
    people["samira"].protected = True
    session.flush()
    read(session, people)
    assert owners(session) == {people["worker"].id}
    assert len(letters(session)) == 1
