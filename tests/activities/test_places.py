"""Places that become free: the longest wait gets them and her worker is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.activities import attendance, groups, members
from matchsvc.activities.models import GroupMember
from matchsvc.activities.places import free_places
from matchsvc.participants.access import get_visible
from matchsvc.participants.cases import end_case
from matchsvc.participants.models import ExitDestination, ExitReason
from matchsvc.workday.models import Task
from tests.activities.conftest import NOW
from tests.factories import TODAY


@pytest.fixture
def end(session, unit):
    def do(person, day=TODAY):
        return end_case(
            session, unit.actor["lena"], person.id, ended_on=day, reason=next(iter(ExitReason)),
            destination=next(iter(ExitDestination)), today=TODAY,
        )  # fmt: skip

    return do


@pytest.fixture
def full(unit, make, group, join):
    """A group of one place that Samira has, and somebody of hers who waits."""
    row, waits = group(capacity=1), make.participant(unit.lena)
    return row, join(row, unit.samira), join(row, waits, minutes=1)


def told(session):
    found = session.scalars(select(Task).where(Task.kind == "got_place").order_by(Task.created_at))
    return [(each.owner_id, each.about_id, each.due_on, each.words["group"]) for each in found]


def test_who_gets_a_place_has_a_worker_who_is_told(session, unit, full):
    row, has_place, waits = full
    assert told(session) == []
    members.leave(session, unit.actor["johan"], row.id, has_place.id, today=TODAY)
    due = TODAY + timedelta(days=3)
    assert told(session) == [(unit.lena.id, waits.participant_id, due, "Språkkafé, Måndagar")]


def test_a_place_in_another_group_is_told_of_in_the_task_that_is_open(
    session, unit, full, group, join
):
    row, has_place, waits = full
    other = group(name="Tisdagar", capacity=1)
    second = join(other, unit.samira)
    other_waits = GroupMember(
        group_id=other.id, participant_id=waits.participant_id, asked_at=NOW + timedelta(minutes=9)
    )
    session.add(other_waits)
    session.flush()
    for where, member in ((row, has_place), (other, second)):
        members.leave(session, unit.actor["lena"], where.id, member.id, today=TODAY)
    [(_owner, _about, _due, words)] = told(session)
    assert words == "Språkkafé, Måndagar; Språkkafé, Tisdagar"


def test_the_task_falls_when_the_case_ends(session, unit, full, end):
    row, has_place, waits = full
    members.leave(session, unit.actor["lena"], row.id, has_place.id, today=TODAY)
    person = waits.participant_id
    assert waits.joined_on == TODAY
    end(get_visible(session, unit.actor["lena"], person, today=TODAY))
    assert [each.dropped_reason is not None for each in session.scalars(select(Task))] == [True]


def test_an_ended_case_holds_no_place_the_same_day(session, unit, full, end):
    row, _has_place, waits = full
    end(unit.samira, TODAY - timedelta(days=1))
    shown = members.list_members(session, unit.actor["lena"], row, today=TODAY)
    assert [each.member.id for each in shown] == [waits.id]
    line = groups.line_of(session, row, now=NOW)
    assert (line.taken, line.waiting) == (0, 1)
    sheet = attendance.read_sheet(session, unit.actor["lena"], row.sessions[0].id, today=TODAY)
    assert sheet.rows == ()


def test_the_days_job_frees_the_place_on_the_last_day_once(session, unit, full, end):
    _row, has_place, waits = full
    ended = TODAY - timedelta(days=2)
    end(unit.samira, ended)
    assert free_places(session, today=TODAY) == 1
    assert (has_place.left_on, waits.joined_on) == (ended, TODAY)
    assert len(told(session)) == 1
    assert free_places(session, today=TODAY) == 0
    assert len(told(session)) == 1


def test_a_job_that_dies_half_way_has_done_nothing(session, unit, full, end, monkeypatch):
    _row, has_place, waits = full
    end(unit.samira)
    session.commit()

    def die(*_args, **_values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("matchsvc.activities.places.fill_places", die)
        with pytest.raises(KeyboardInterrupt):
            free_places(session, today=TODAY)
    session.rollback()
    assert (has_place.left_on, waits.joined_on) == (None, None)
    assert free_places(session, today=TODAY) == 1
    assert waits.joined_on == TODAY


def test_who_waits_in_an_ended_case_is_passed_over(session, unit, make, group, join, end):
    row, waits = group(capacity=1), make.participant(unit.lena)
    has_place, passed = join(row, unit.samira), join(row, waits, minutes=1)
    third = join(row, make.participant(unit.lena), minutes=2)
    end(waits)
    members.leave(session, unit.actor["lena"], row.id, has_place.id, today=TODAY)
    assert (passed.joined_on, third.joined_on) == (None, TODAY)
    assert free_places(session, today=TODAY) == 1
    assert passed.left_on == TODAY
