"""Full time for a month is answered and leads somewhere (PLA-03); an end is met about (PLA-08)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from matchsvc.employments.daily import keep_employments
from matchsvc.employments.models import ReviewAnswer
from matchsvc.employments.reviews import AGAIN, answer_review
from matchsvc.errors import Invalid, RuleViolation
from matchsvc.placements.end_meetings import KIND as END_KIND
from matchsvc.placements.end_meetings import plan_end_meetings
from matchsvc.placements.full_time import KIND, ask_about_employment
from matchsvc.placements.models import DecisionAuthority
from matchsvc.workday.meeting_plans import Guest, Plan
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import book_meeting
from matchsvc.workday.models import Task
from tests.placements.factories import NOW, started

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def asked(session, make):
    """A placement at full time for a month, with its question."""
    there = started(session, make)
    there.placement.start_date = there.placement.begun_on = date(2026, 10, 1)
    there.placement.hours_start = 40
    session.flush()
    assert ask_about_employment(session, today=TODAY) == 1
    return there


def answer(session, there, said, **values):
    return answer_review(
        session, there.actor, there.placement.id, answer=said, today=TODAY, now=NOW, **values
    )


def open_kinds(session):
    found = select(Task.kind).where(Task.done_at.is_(None), Task.dropped_reason.is_(None))
    return set(session.scalars(found)) & {KIND, AGAIN, END_KIND}


@pytest.mark.parametrize("said", [ReviewAnswer.LOOK_NOW, ReviewAnswer.PART_TIME])
def test_a_yes_closes_the_question(session, asked, said):
    answer(session, asked, said)
    assert open_kinds(session) == set()
    assert ask_about_employment(session, today=TODAY + 40 * DAY) == 0


def test_not_yet_says_why_and_comes_back_on_its_day(session, asked):
    with pytest.raises(Invalid) as refusal:
        answer(session, asked, ReviewAnswer.NOT_YET)
    assert set(refusal.value.fields) == {"why", "look_again_on"}
    later = TODAY + 30 * DAY
    answer(session, asked, ReviewAnswer.NOT_YET, why="Vill pröva kassan först", look_again_on=later)
    assert open_kinds(session) == set()

    def daily(day):
        return keep_employments(session, today=day, now=datetime(2026, 12, 1, tzinfo=UTC))

    assert daily(later - DAY) == 0
    assert (daily(later), daily(later)) == (1, 0)
    assert open_kinds(session) == {AGAIN}
    answer(session, asked, ReviewAnswer.LOOK_NOW)
    assert daily(later + DAY) == 0
    assert open_kinds(session) == set()


def test_an_ended_placement_is_not_answered_about(session, asked):
    asked.placement.end_date = TODAY
    session.flush()
    with pytest.raises(RuleViolation):
        answer(session, asked, ReviewAnswer.LOOK_NOW)


END = date(2027, 2, 26)


def test_four_weeks_before_the_end_the_meeting_is_to_be_booked_and_booking_it_is_enough(
    session, make
):
    there = started(session, make)
    assert plan_end_meetings(session, today=END - 29 * DAY) == 0
    assert plan_end_meetings(session, today=END - 28 * DAY) == 1
    assert plan_end_meetings(session, today=END - 28 * DAY) == 0
    (task,) = session.scalars(select(Task).where(Task.kind == END_KIND))
    assert (task.owner_id, task.due_on) == (there.worker.id, END - 14 * DAY)
    guests = (Guest(Party.PARTICIPANT, there.participant.id), Guest(Party.AF, name="Af"))
    plan = Plan("three_party", END - 3 * DAY, time(9), guests=guests)
    book_meeting(
        session, there.actor, plan, unit_id=there.participant.unit_id, owner_id=there.worker.id
    )
    assert plan_end_meetings(session, today=END - 20 * DAY) == 0
    assert open_kinds(session) == set()


def test_a_later_end_moves_the_meeting_and_other_authorities_need_none(session, make):
    there = started(session, make)
    plan_end_meetings(session, today=END - 28 * DAY)
    there.placement.planned_end_date = END + 60 * DAY
    session.flush()
    plan_end_meetings(session, today=END - 27 * DAY)
    assert open_kinds(session) == set()
    there.placement.planned_end_date = END
    there.placement.decision_authority = DecisionAuthority.SOCIAL_BOARD
    session.flush()
    assert plan_end_meetings(session, today=END - 26 * DAY) == 0
