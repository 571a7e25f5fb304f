"""A month at full time that works gives the case worker something to look at (PLA-03, ACC-5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.placements.full_time import KIND, ask_about_employment, full_time_since
from matchsvc.placements.models import FollowUp
from matchsvc.workday.models import Task
from tests.placements.factories import started

START = date(2026, 3, 2)


def held(day, hours, works=True):
    return FollowUp(held_on=day, hours_next=hours, is_well_functioning=works)


@pytest.mark.parametrize(
    ("hours_start", "follow_ups", "since"),
    [
        (40, [], START),
        (20, [], None),
        (None, [], None),
        (20, [held(date(2026, 4, 2), 40)], date(2026, 4, 2)),
        (40, [held(date(2026, 4, 2), 40)], START),
        (40, [held(date(2026, 4, 2), None)], START),
        (40, [held(date(2026, 4, 2), 30)], None),
        (40, [held(date(2026, 4, 2), 30), held(date(2026, 5, 2), 40)], date(2026, 5, 2)),
        (40, [held(date(2026, 4, 2), 40, works=False)], None),
        (40, [held(date(2026, 4, 2), 40, works=None)], START),
    ],
)
def test_full_time_counts_from_when_it_began_unbroken_and_works(hours_start, follow_ups, since):
    assert full_time_since(START, hours_start, follow_ups, full_week=40) == since


@pytest.fixture
def full_time(session, make):
    """A placement at full time since 2026-03-02."""
    there = started(session, make)
    there.placement.start_date = there.placement.begun_on = START
    there.placement.hours_start = 40
    session.flush()
    return there


def tasks(session):
    return session.scalars(select(Task).where(Task.kind == KIND)).all()


def test_full_time_since_the_second_of_march_is_looked_at_on_the_first_of_april(session, full_time):
    assert ask_about_employment(session, today=date(2026, 3, 31)) == 0
    assert ask_about_employment(session, today=date(2026, 4, 1)) == 1
    (task,) = tasks(session)
    assert (task.due_on, task.owner_id) == (date(2026, 4, 1), full_time.placement.case_worker_id)


def test_it_is_asked_once_also_when_the_task_was_done_or_given_to_another(session, make, full_time):
    ask_about_employment(session, today=date(2026, 4, 1))
    (task,) = tasks(session)
    task.owner_id, task.dropped_reason = make.user().id, "Inte än"
    session.flush()
    for later in range(3):
        assert ask_about_employment(session, today=date(2026, 4, 2) + timedelta(later)) == 0


def test_an_ended_placement_is_not_asked_about(session, full_time):
    full_time.placement.end_date = date(2026, 3, 20)
    session.flush()
    assert ask_about_employment(session, today=date(2026, 4, 1)) == 0


def test_full_time_is_what_the_unit_says_it_is(session, make, full_time):
    make.setting("full_week_hours", "37")
    full_time.placement.hours_start = 37
    session.flush()
    assert ask_about_employment(session, today=date(2026, 4, 1)) == 1
