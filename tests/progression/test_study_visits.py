"""The in-depth study visit and its two last days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.progression import study_visits
from matchsvc.progression.models import VisitOutcome
from matchsvc.progression.overview import get_progress
from matchsvc.progression.study_visits import limits_of
from matchsvc.workday.rules import open_tasks
from tests.factories import TODAY
from tests.progression.conftest import NOW


def begin(session, town, actor=None, started_on=TODAY):
    return study_visits.begin_visit(
        session, actor or town.lena, town.samira.id, started_on=started_on, today=TODAY
    )


def choose(session, town, **values):
    options = {
        "outcome": VisitOutcome.REGISTERED, "ended_on": TODAY, "version": None, "today": TODAY,
        "now": NOW,
    }  # fmt: skip
    return study_visits.end_visit(session, town.lena, town.samira.id, **options | values)


@pytest.mark.parametrize(
    ("start", "talk", "end"),
    [
        (date(2026, 1, 15), date(2026, 4, 15), date(2026, 4, 15)),
        (date(2026, 7, 1), date(2026, 9, 29), date(2026, 10, 1)),
        (date(2026, 12, 1), date(2027, 3, 1), date(2027, 3, 1)),
        (date(2026, 11, 30), date(2027, 2, 28), date(2027, 2, 28)),
        (date(2027, 2, 1), date(2027, 5, 2), date(2027, 5, 1)),
    ],
)
def test_both_last_days_are_reckoned_and_the_earlier_one_warns(start, talk, end):
    limits = limits_of(start)
    assert (limits.follow_up_due, limits.hard_end) == (talk, end)
    assert limits.warn_by == min(talk, end)


def test_the_talk_is_a_task_by_the_earlier_day(session, town):
    begin(session, town, started_on=date(2026, 8, 31))

    (task,) = session.scalars(open_tasks()).all()
    assert (task.kind, task.due_on) == ("study_visit", date(2026, 11, 29))


def test_the_page_warns_before_the_earlier_day_until_something_is_chosen(session, town):
    begin(session, town, started_on=date(2026, 8, 31))

    def warns(day):
        return get_progress(session, town.lena, town.samira.id, today=TODAY).visit_warns(day)

    due = date(2026, 11, 29)
    assert not warns(due - timedelta(days=15))
    assert warns(due - timedelta(days=14))
    assert warns(due + timedelta(days=1))
    choose(session, town)
    assert not warns(due)


def test_a_choice_does_the_task_and_can_be_corrected(session, town):
    begin(session, town)

    choose(session, town)
    visit = choose(session, town, outcome=VisitOutcome.ENDED)

    assert visit.outcome is VisitOutcome.ENDED
    assert session.scalars(open_tasks()).all() == []


def test_a_late_choice_is_taken_as_it_is(session, town):
    begin(session, town, started_on=date(2026, 8, 10))
    assert choose(session, town).ended_on == TODAY


def test_it_cannot_be_prolonged_by_a_second_one(session, town):
    begin(session, town)
    choose(session, town)
    with pytest.raises(RuleViolation) as refusal:
        begin(session, town)
    assert refusal.value.code == "one_visit"


def test_one_by_mistake_is_taken_back_and_a_real_one_may_begin(session, town):
    held = begin(session, town)
    options = {"version": held.version, "today": TODAY}

    study_visits.withdraw_visit(session, town.lena, town.samira.id, **options)

    assert session.scalars(open_tasks()).all() == []
    assert begin(session, town).id != held.id


def test_days_must_be_possible(session, town):
    for day in (date(2026, 8, 9), TODAY + timedelta(days=1)):
        with pytest.raises(Invalid):
            begin(session, town, started_on=day)
    begin(session, town)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(Invalid):
            choose(session, town, ended_on=day)


def test_only_the_own_worker_and_only_what_there_is(session, town, end):
    with pytest.raises(Refused):
        begin(session, town, actor=town.johan)
    with pytest.raises(NotFound):
        choose(session, town)
    held = begin(session, town)
    old = held.version
    choose(session, town, version=old)
    with pytest.raises(Conflict):
        choose(session, town, version=old)


def test_the_end_of_the_case_drops_the_task_and_the_choice_can_still_be_written(session, town, end):
    begin(session, town)
    end(TODAY)

    assert session.scalars(open_tasks()).all() == []
    assert choose(session, town, outcome=VisitOutcome.ENDED).outcome is VisitOutcome.ENDED
    with pytest.raises(RuleViolation):
        begin(session, town)
