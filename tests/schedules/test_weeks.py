"""Arithmetic of the weeks: the latest phase holds, holidays and breaks have no times."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.errors import Invalid
from matchsvc.schedules.rules import times_of_week
from matchsvc.schedules.weeks import (
    DayOff,
    Phase,
    Times,
    Why,
    keep_days,
    read_days,
    swedish_week,
    times_on,
    weeks_of,
)
from matchsvc.swedish import is_holiday

MORNINGS = tuple(Times(day, time(9), time(12)) for day in (1, 2, 3))
START, END = date(2026, 12, 14), date(2027, 1, 15)


def test_hours_of_a_week_are_summed_exactly():
    phase = Phase(START, (Times(1, time(9), time(12, 20)), Times(2, time(9), time(9, 40))))
    assert phase.hours == Decimal(4)


def test_christmas_has_no_times_and_the_week_counts_what_is_left():
    weeks = list(weeks_of([Phase(START, MORNINGS)], [], start=START, end=END))
    assert [week.number for week in weeks] == [51, 52, 53, 1, 2]
    assert [week.hours for week in weeks] == [9, 9, 9, 6, 9]  # Epiphany is a Wednesday
    eve = next(day for week in weeks for day in week.days if day.day == date(2026, 12, 24))
    assert (eve.times, eve.why) == (None, Why.FREE)  # a Thursday: nothing was planned
    thursdays = Phase(START, (Times(4, time(9), time(12)),))
    eve = times_on([thursdays], [], date(2026, 12, 24), start=START, end=END)
    assert (eve.times, eve.why) == (None, Why.HOLIDAY)


def test_a_later_phase_holds_from_its_day_and_the_end_ends_it():
    later = Phase(date(2027, 1, 5), (Times(2, time(8), time(16)),))
    shown = [Phase(START, MORNINGS), later]
    assert times_on(shown, [], date(2027, 1, 4), start=START, end=END).times.hours == 3
    assert times_on(shown, [], date(2027, 1, 5), start=START, end=END).times.hours == 8
    assert times_on(shown, [], date(2027, 1, 11), start=START, end=END).why is Why.FREE
    assert times_on(shown, [], END + timedelta(days=4), start=START, end=END).why is Why.OUTSIDE


def test_support_without_an_end_shows_twelve_weeks():
    weeks = list(weeks_of([Phase(START, MORNINGS)], [], start=START, end=None))
    assert len(weeks) == 13


def test_half_a_time_and_an_end_before_the_start_are_told_by_their_day():
    with pytest.raises(Invalid) as refused:
        times_of_week([(1, time(9), None), (2, time(12), time(9)), (3, None, None)])
    assert sorted(refused.value.fields) == ["end_1", "end_2"]


def test_a_week_in_words():
    assert swedish_week([Times(1, time(9), time(12)), Times(5, time(9, 30), time(11))]) == (
        "måndag 9–12, fredag 9.30–11"
    )


times = st.builds(
    lambda weekday, start, length: Times(weekday, time(start), time(start + length)),
    st.integers(1, 7), st.integers(5, 15), st.integers(1, 8),
)  # fmt: skip
weeks = st.lists(times, max_size=7, unique_by=lambda each: each.weekday).map(tuple)
phases = st.lists(
    st.builds(Phase, st.dates(date(2026, 6, 1), date(2027, 6, 1)), weeks),
    max_size=4, unique_by=lambda each: each.starts_on,
)  # fmt: skip
breaks = st.lists(
    st.builds(
        lambda day, days: DayOff(day, day + timedelta(days=days)),
        st.dates(date(2026, 6, 1), date(2027, 6, 1)), st.integers(0, 20),
    ),
    max_size=3,
)  # fmt: skip


@given(phases, breaks, st.dates(date(2026, 6, 1), date(2026, 12, 1)), st.integers(0, 300))
def test_every_day_is_shown_once_and_times_stand_only_where_they_may(shown, off, start, length):
    end = start + timedelta(days=length)
    found = list(weeks_of(shown, off, start=start, end=end))
    days = [day for week in found for day in week.days]
    assert [each.day for each in days] == [
        found[0].monday + timedelta(days=n) for n in range(7 * len(found))
    ]
    for each in days:
        if each.times is None:
            assert each.why is not None
            continue
        assert start <= each.day <= end
        assert not is_holiday(each.day)
        assert not any(one.first_day <= each.day <= one.last_day for one in off)
    assert sum(week.hours for week in found) == sum(each.times.hours for each in days if each.times)


@given(weeks)
def test_times_are_read_as_they_were_kept(kept):
    assert read_days(keep_days(kept)) == tuple(sorted(kept, key=lambda each: each.weekday))
