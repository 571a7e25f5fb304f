"""When follow-ups and the parts of the support package fall due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.placements.calendar import (
    follow_up_due_dates,
    latest_end,
    lies_within_season,
    package_due_dates,
)
from matchsvc.placements.forms import _forms
from matchsvc.placements.models import Part
from matchsvc.swedish import add_months, is_working_day, working_day_on_or_before

FORMS = {form.code: form for form in _forms()}
days = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))
lengths = st.integers(min_value=0, max_value=800).map(timedelta)


def test_the_example_of_the_design():
    assert follow_up_due_dates(date(2026, 1, 30), date(2026, 4, 24)) == [
        date(2026, 2, 27),
        date(2026, 3, 30),
        date(2026, 4, 24),
    ]


def test_the_last_of_january_becomes_the_last_of_february():
    # 28 February 2026 is a Saturday.
    assert follow_up_due_dates(date(2026, 1, 31), date(2026, 6, 30))[0] == date(2026, 2, 27)
    # Counted from the start every time: March has its 31st again.
    assert follow_up_due_dates(date(2026, 1, 31), date(2026, 6, 30))[1] == date(2026, 3, 31)
    assert follow_up_due_dates(date(2028, 1, 31), date(2028, 6, 30))[0] == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (date(2026, 11, 24), date(2026, 12, 23)),  # Christmas Eve
        (date(2026, 11, 26), date(2026, 12, 23)),  # Boxing Day, Christmas Day and Eve before it
        (date(2026, 5, 19), date(2026, 6, 18)),  # Midsummer Eve
        (date(2026, 11, 30), date(2026, 12, 30)),
        (date(2026, 10, 31), date(2026, 11, 30)),
    ],
)
def test_a_day_off_moves_back_to_the_nearest_earlier_working_day(start, due):
    assert follow_up_due_dates(start, start + timedelta(days=200))[0] == due


def test_a_short_period_has_one_on_its_last_working_day():
    assert follow_up_due_dates(date(2026, 11, 23), date(2026, 11, 29)) == [date(2026, 11, 27)]
    assert follow_up_due_dates(date(2026, 11, 23), date(2026, 11, 23)) == [date(2026, 11, 23)]


def test_a_period_without_any_working_day_has_one_on_its_last_day():
    assert follow_up_due_dates(date(2026, 11, 28), date(2026, 11, 29)) == [date(2026, 11, 29)]


def test_a_monthly_day_that_falls_on_the_end_is_not_there_twice():
    assert follow_up_due_dates(date(2026, 1, 30), date(2026, 3, 30)) == [
        date(2026, 2, 27),
        date(2026, 3, 30),
    ]
    # The third month ends on Sunday 29 March and is moved back to the last working day.
    assert follow_up_due_dates(date(2026, 2, 28), date(2026, 3, 29))[-1] == date(2026, 3, 27)
    assert len(follow_up_due_dates(date(2026, 2, 28), date(2026, 3, 29))) == 1


@given(start=days, length=lengths)
def test_follow_ups_are_in_order_inside_the_period_and_on_working_days(start, length):
    end = start + length
    due = follow_up_due_dates(start, end)

    assert due
    assert due == sorted(set(due))
    assert all(start <= day <= end for day in due)
    last = working_day_on_or_before(end)
    assert due[-1] == (last if last >= start else end)
    assert all(is_working_day(day) for day in due[:-1])


@given(start=days, length=lengths)
def test_every_month_before_the_end_has_its_follow_up(start, length):
    end = start + length
    due = follow_up_due_dates(start, end)
    number = 1
    while working_day_on_or_before(add_months(start, number)) < end:
        assert working_day_on_or_before(add_months(start, number)) in due
        number += 1
    assert len(due) in {number - 1, number}


@given(start=days)
def test_support_without_an_end_is_planned_six_months_ahead(start):
    due = follow_up_due_dates(start, None)
    assert len(due) == 6
    assert due[-1] == working_day_on_or_before(add_months(start, 6))


@pytest.mark.parametrize(
    ("form", "start", "extended", "end"),
    [
        ("work_training", date(2026, 2, 1), False, date(2026, 7, 31)),  # ACC-5
        ("work_training", date(2026, 2, 1), True, date(2027, 1, 31)),
        ("enhanced_work_training", date(2026, 2, 1), False, date(2027, 1, 31)),
        ("work_practice", date(2026, 8, 31), True, date(2027, 2, 27)),
        ("taster", date(2026, 11, 23), False, date(2026, 12, 22)),
        ("sol_practice", date(2026, 2, 1), False, None),
    ],
)
def test_a_form_has_its_latest_end(form, start, extended, end):
    assert latest_end(FORMS[form], start, extended=extended) == end


def test_the_package_is_due_before_the_start_and_the_survey_at_the_end():
    due = package_due_dates(date(2026, 12, 14), date(2027, 2, 26), today=date(2026, 11, 23))
    assert due[Part.PRE_MEETING] == date(2026, 12, 7)
    assert due[Part.QUESTIONS] == date(2026, 12, 11)
    assert due[Part.KEY_CONTACTS] == date(2026, 12, 11)
    assert due[Part.END_SURVEY] == date(2027, 2, 26)


def test_a_part_that_can_no_longer_be_in_time_is_due_today():
    due = package_due_dates(date(2026, 11, 24), None, today=date(2026, 11, 23))
    assert due[Part.PRE_MEETING] == date(2026, 11, 23)
    assert due[Part.END_SURVEY] is None


@pytest.mark.parametrize(
    ("start", "end", "within"),
    [
        (date(2026, 4, 1), date(2026, 10, 15), True),
        (date(2026, 3, 31), date(2026, 6, 1), False),
        (date(2026, 9, 1), date(2026, 10, 16), False),
    ],
)
def test_a_period_lies_within_a_season_or_not(start, end, within):
    assert lies_within_season(start, end, "04-01", "10-15") is within


def test_a_season_may_pass_new_year():
    assert lies_within_season(date(2027, 1, 4), date(2027, 2, 26), "11-15", "03-15")
    assert not lies_within_season(date(2027, 1, 4), date(2027, 3, 26), "11-15", "03-15")
