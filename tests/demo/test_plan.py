"""Shares become people: any number of them, clear of what a report hides."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchsvc.demo.lots import Lots
from matchsvc.demo.numbers import IdentityNumbers, mobile_numbers, office_numbers, org_number
from matchsvc.demo.plan import HIRED, clear_of_small, plan_lives
from matchsvc.demo.stories import tell
from matchsvc.swedish import format_phone, parse_identity_number, parse_org_number
from tests.demo.factories import TODAY


@given(st.integers(1, 3000))
@settings(max_examples=30, deadline=None)
def test_a_town_has_as_many_people_as_asked_for(number):
    lives = plan_lives(number, seed=1)
    assert len(lives) == number
    assert [life.place for life in lives] == list(range(number))
    assert len({life.number for life in lives}) == number


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_count_is_none_or_large_enough_to_be_shown(wanted, most):
    cleared = clear_of_small(min(wanted, most), most)
    assert cleared == 0 or cleared >= 5
    assert cleared <= most


def test_hires_of_each_group_can_be_shown():
    lives = plan_lives(60, seed=1)
    hired = Counter((life.sex, life.region) for life in lives if life.status in HIRED)
    assert all(number >= 5 for number in hired.values())
    assert hired["woman", "outside_europe"] == 5


def test_a_large_town_has_people_of_unknown_sex_and_region_too():
    assert sum(life.sex == "unknown" for life in plan_lives(600, seed=1)) == 6


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2028, 2, 29), date(2026, 12, 31)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_dates_of_a_life_stand_in_order(today, seed):
    for life in plan_lives(200, seed):
        story = tell(life, Lots(seed, "person", life.place), today)
        assert story.enrolled <= today
        assert story.ready is None or story.enrolled <= story.ready <= today
        last = story.ended or date.max
        for stay in story.stays:
            assert story.enrolled <= stay.start <= stay.planned_end
            assert stay.end is None or stay.start <= stay.end <= min(today, last)
        for job in story.jobs:
            assert story.enrolled <= job.start <= min(today, last)
            assert job.end is None or job.start <= job.end <= today
        ordered = sorted(story.stays, key=lambda stay: stay.start)
        assert all(a.end is not None and a.end < b.start for a, b in pairwise(ordered))


def test_the_same_identity_number_is_never_given_twice():
    numbers = IdentityNumbers()
    lots = Lots(1, "test")
    given_out = [numbers.new(lots, "woman", date(1985, 3, 28)) for _ in range(40)]
    assert len(set(given_out)) == 40
    for digits in given_out:
        identity = parse_identity_number(digits, today=TODAY)
        assert identity.is_test_number
        assert int(digits[10]) % 2 == 0


def test_a_coordination_number_is_of_the_test_series_too():
    digits = IdentityNumbers().new(Lots(1, "test"), "man", date(1985, 3, 12), coordination=True)
    identity = parse_identity_number(digits, today=TODAY)
    assert identity.is_coordination
    assert identity.is_test_number


def test_organisation_numbers_are_rightly_formed_and_of_no_kind_that_exists():
    number = org_number(17)
    assert parse_org_number(number) == number
    assert number[0] == "4"


def test_telephone_numbers_are_those_kept_free_for_fiction():
    mobiles, offices = mobile_numbers(), office_numbers()
    assert all(format_phone(next(mobiles)).startswith("070-174 06 ") for _ in range(200))
    shown = {format_phone(next(offices))[:7] for _ in range(300)}
    assert shown == {"08-465 ", "031-390"}
