"""What is heard of a job, how it closes, and which jobs the national measure counts (REP-07)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employments.daily import keep_employments
from matchsvc.employments.follow_ups import (
    TASK,
    Heard,
    held_of,
    log_job_follow_up,
    planned_of,
)
from matchsvc.employments.found_tasks import add_found_task, found_tasks_of
from matchsvc.employments.lasting import keep_lasting
from matchsvc.employments.models import Lasts, SupportWish
from matchsvc.employments.registering import end_job
from matchsvc.employments.together import together_on
from matchsvc.employments.try_outs import TryOutContent, plan_try_out, withdraw_try_out
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.own_page import own_copy
from matchsvc.placements.models import Employment, EmploymentKind, Outcome
from matchsvc.swedish import add_months
from matchsvc.workday.meeting_plans import Guest, Plan
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import book_meeting
from matchsvc.workday.models import Task
from tests.employments.factories import END, employed, hired
from tests.factories import TODAY, identity_number
from tests.placements.factories import started, world

DAY = timedelta(days=1)


def at(day):
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def daily(session, day):
    return keep_employments(session, today=day, now=at(day))


def heard(there, session, day, *, months=None, **values):
    said = Heard(**{"held_on": day, "lasts": Lasts.YES, "support": SupportWish.AS_NOW} | values)
    return log_job_follow_up(
        session, there.actor, there.job.id, said,
        months=months, version=None, today=day, now=at(day),
    )  # fmt: skip


def dues(row, held=(), case_ended_on=None):
    return [each.due_on for each in planned_of(row, held, case_ended_on=case_ended_on)]


def row(kind=EmploymentKind.EMPLOYMENT, **values):
    return Employment(kind=kind, start_date=date(2026, 1, 31), **values)


def test_a_job_is_heard_of_after_one_three_and_six_months():
    assert dues(row()) == [date(2026, 2, 28), date(2026, 4, 30), date(2026, 7, 31)]
    assert dues(row(end_date=date(2026, 5, 1))) == [date(2026, 2, 28), date(2026, 4, 30)]
    assert dues(row(), case_ended_on=date(2026, 3, 1)) == [date(2026, 2, 28)]  # contacts take over


def test_a_resource_employment_is_heard_of_every_month_of_its_year():
    year = row(EmploymentKind.RESOURCE, planned_end_date=date(2027, 1, 30))
    assert len(dues(year)) == 11


def test_what_is_heard_settles_the_task_and_support_without_end_is_never_late(session, make):
    there = hired(session, make)
    month = date(2026, 12, 23)
    assert daily(session, month - DAY) == 1  # it has lasted a month; nothing to hear yet
    assert daily(session, month) == 1
    assert daily(session, month) == 0
    (task,) = session.scalars(select(Task).where(Task.kind == TASK))
    assert (task.owner_id, task.due_on, task.words["alias"]) == (
        there.worker.id, month, there.participant.alias,
    )  # fmt: skip
    heard(there, session, month, months=1, hours=20, next_on=date(2027, 1, 11))
    assert task.done_at is not None
    assert there.job.hours == 20
    planned = planned_of(there.job, held_of(session, [there.job.id]), case_ended_on=None)
    agreed = next(each for each in planned if each.due_on == date(2027, 1, 11))
    assert agreed.is_due(date(2027, 1, 20))
    assert not agreed.is_late(date(2027, 1, 20))
    assert planned[-1].is_late(date(2027, 6, 1))  # the sixth month is a day of the plan


def test_what_was_heard_stands_in_her_own_copy(session, make, app):
    there = hired(session, make)
    heard(there, session, TODAY, said="Trivs med kollegorna")
    with app.test_request_context():
        told = own_copy._work(
            session, there.actor, SimpleNamespace(participant=there.participant), TODAY
        )
    assert any("Trivs med kollegorna" in words for _where, words in told)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"held_on": TODAY - DAY}, "held_on"),
        ({"next_on": TODAY}, "next_on"),
        ({"support": None}, "support"),
        ({"said": f"Ring {identity_number()}"}, "said"),
    ],
)
def test_what_cannot_have_been_heard_is_refused(session, make, values, field):
    there = hired(session, make)
    with pytest.raises(Invalid) as refusal:
        heard(there, session, TODAY, **values)
    assert list(refusal.value.fields) == [field]


def test_only_her_own_worker_writes_what_was_heard(session, make):
    there = hired(session, make)
    there.actor = make.actor(Role.PLACEMENT_COORDINATOR)
    with pytest.raises(Refused):
        heard(there, session, TODAY)
    with pytest.raises(NotFound):  # no such month
        hired_there = hired(session, make)
        heard(hired_there, session, TODAY, months=2)


def closing(session):
    found = select(Task).where(Task.kind.like("closing%"), Task.dropped_reason.is_(None))
    return {task.kind: task.due_on for task in session.scalars(found) if task.done_at is None}


def test_the_closing_is_a_chain_of_eight_weeks_four_and_none(session, make):
    there = employed(session, make)
    there.job.placement_id = None  # the documents of a placement are asked for with it
    week = timedelta(weeks=1)
    daily(session, END - 9 * week - DAY)
    assert closing(session) == {}
    daily(session, END - 9 * week)
    assert closing(session) == {"closing_plan": END - 8 * week}
    guests = (Guest(Party.PARTICIPANT, there.participant.id), Guest(Party.AF, name="Af"))
    plan = Plan("closing_meeting", END - 3 * week, at(END).time(), guests=guests)
    book_meeting(
        session, there.actor, plan, unit_id=there.participant.unit_id, owner_id=there.worker.id
    )
    daily(session, END - 5 * week)
    assert closing(session) == {"closing_meeting": END - 4 * week}  # booked: the first one falls
    daily(session, END - week)
    assert closing(session) == {"closing_documents": END}
    end_job(
        session, there.actor, there.job.id,
        end_date=END, outcome=Outcome.COMPLETED, today=END,
    )  # fmt: skip
    daily(session, END + DAY)
    assert closing(session) == {"closing_documents": END}  # written after the employment


def test_an_employment_that_ends_early_needs_no_meeting(session, make):
    there = employed(session, make)
    daily(session, END - timedelta(weeks=9))
    early = END - timedelta(weeks=8)
    end_job(
        session, there.actor, there.job.id,
        end_date=early, outcome=Outcome.OTHER, today=early,
    )  # fmt: skip
    assert closing(session) == {}
    assert session.scalars(select(Task).where(Task.kind == TASK, Task.done_at.is_(None),
        Task.dropped_reason.is_(None))).all() == []  # fmt: skip


def try_out(there, make, **values):
    company = make.employer(name="Bageriet Axet")
    chief = make.user(Role.UNIT_MANAGER)
    return TryOutContent(
        **{
            "site_id": make.site(company).id,
            "first_day": date(2027, 2, 1),
            "last_day": date(2027, 3, 31),
            "purpose": "Prövar på bageriet",
            "agreement_ref": "AM 4/2026",
            "agreed_on": TODAY,
            "agreed_by": "Ägaren",
            "manager_id": chief.id,
            "insurance_ref": "K-118",
        }
        | values
    )


def test_a_try_out_lies_within_its_employment_and_ends_with_it(session, make):
    there = employed(session, make)
    known = plan_try_out(session, there.actor, there.job.id, try_out(there, make), today=TODAY)
    with pytest.raises(RuleViolation, match="samma dagar"):
        plan_try_out(session, there.actor, there.job.id, try_out(there, make), today=TODAY)
    end_job(
        session, there.actor, there.job.id,
        end_date=date(2027, 2, 28), outcome=Outcome.OTHER, today=date(2027, 2, 28),
    )  # fmt: skip
    assert known.last_day == date(2027, 2, 28)
    with pytest.raises(RuleViolation, match="slut"):
        withdraw_try_out(session, there.actor, there.job.id, known.id, version=None, today=TODAY)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first_day": TODAY - DAY}, "first_day"),
        ({"last_day": END + DAY}, "first_day"),
        ({"last_day": date(2027, 1, 1)}, "last_day"),
        ({"agreed_on": TODAY + DAY}, "agreed_on"),
    ],
)
def test_a_try_out_without_its_agreement_in_time_is_refused(session, make, values, field):
    there = employed(session, make)
    with pytest.raises(Invalid) as refusal:
        plan_try_out(
            session, there.actor, there.job.id, try_out(there, make, **values), today=TODAY
        )
    assert field in refusal.value.fields


def test_only_companies_and_only_resource_employments(session, make):
    there = employed(session, make)
    municipal = make.site(make.employer(type="municipal"))
    with pytest.raises(Invalid) as refusal:
        content = try_out(there, make, site_id=municipal.id, manager_id=there.worker.id)
        plan_try_out(session, there.actor, there.job.id, content, today=TODAY)
    assert set(refusal.value.fields) == {"site_id", "manager_id"}
    with pytest.raises(RuleViolation, match="resursanställd"):
        other = hired(session, make)
        plan_try_out(session, other.actor, other.job.id, try_out(other, make), today=TODAY)


def test_tasks_found_together_say_with_whom_and_when(session, make):
    there = hired(session, make)

    def add(day):
        add_found_task(
            session, there.actor, there.job.id,
            text="Packar upp varor", agreed_by="Butikschefen", agreed_on=day, today=TODAY,
        )  # fmt: skip

    add(TODAY)
    with pytest.raises(Invalid, check=lambda refusal: "agreed_on" in refusal.fields):
        add(TODAY + DAY)
    assert [each.text for each in found_tasks_of(session, there.job.id)] == ["Packar upp varor"]


def test_a_job_and_a_placement_at_once_are_counted_together(session, make):
    there = started(session, make)  # 15 hours a week
    hired(session, make, there=there, hours=25)
    assert not together_on(session, there.participant, TODAY).is_too_much
    there.job.hours = 26
    session.flush()
    together = together_on(session, there.participant, TODAY)
    assert (together.hours, together.full_week, together.is_too_much) == (41, 40, True)


def lasted(session):
    found = standing_events()
    return [
        (event.source_id, event.occurred_on)
        for event in session.scalars(found)
        if event.kind is OutcomeKind.EMPLOYMENT_LASTED
    ]


def test_a_job_counts_when_it_has_lasted_a_month_and_not_a_day_less(session, make):
    there = hired(session, make)
    keep_lasting(session, today=date(2026, 12, 21))
    assert lasted(session) == []
    assert keep_lasting(session, today=date(2026, 12, 22)) == 1
    assert keep_lasting(session, today=date(2026, 12, 22)) == 0
    assert lasted(session) == [(there.job.id, date(2026, 12, 22))]


def test_an_end_that_is_written_late_takes_it_back(session, make):
    there = hired(session, make)
    keep_lasting(session, today=date(2026, 12, 22))
    end_job(
        session, there.actor, there.job.id,
        end_date=date(2026, 12, 21), outcome=Outcome.OTHER, today=date(2026, 12, 28),
    )  # fmt: skip
    assert lasted(session) == []
    assert keep_lasting(session, today=date(2026, 12, 28)) == 0


def test_municipal_employment_and_jobs_of_three_weeks_never_count(session, make):
    employed(session, make)
    short = hired(session, make)
    short.job.end_date = TODAY + 20 * DAY
    session.flush()
    assert keep_lasting(session, today=date(2027, 3, 1)) == 0
    assert lasted(session) == []


def test_each_of_two_jobs_is_told_once_however_often_the_day_runs(session, make):
    there = world(make)
    for _twice in range(2):
        hired(session, make, there=there)
    for _again in range(2):
        keep_lasting(session, today=date(2027, 1, 4))
    assert len(lasted(session)) == 2


def test_half_a_year_is_said_of_a_job_that_still_stands(session, make):
    there = hired(session, make)
    day = add_months(there.job.start_date, 6) - DAY
    keep_lasting(session, today=day - DAY)
    stayed = standing_events().where(OutcomeEvent.kind == OutcomeKind.EMPLOYMENT_STAYED)
    assert session.scalars(stayed).all() == []
    keep_lasting(session, today=day)
    assert session.scalars(stayed).one().occurred_on == day
    end_job(
        session, there.actor, there.job.id, end_date=day - DAY, outcome=Outcome.OTHER, today=day
    )
    assert session.scalars(stayed).all() == []
