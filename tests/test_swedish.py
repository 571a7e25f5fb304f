"""Swedish things: numbers with check digits, periods, working days, order."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.swedish import (
    add_months,
    check_digit,
    contains_identity_number,
    format_phone,
    is_working_day,
    last_day_of_period,
    parse_identity_number,
    parse_org_number,
    parse_phone,
    working_day_on_or_before,
)

TODAY = date(2026, 11, 23)


def numbered(six, birth_number):
    return f"{six}{birth_number}{check_digit(six + birth_number)}"


@pytest.mark.parametrize("notation", ["{c}{n}", "{n}", "{s}-{e}", "{c}{s}-{e}", " {s}-{e} "])
def test_an_identity_number_is_read_in_every_usual_notation(notation):
    number = numbered("850312", "238")
    text = notation.format(c="19", n=number, s=number[:6], e=number[6:])
    read = parse_identity_number(text, today=TODAY)
    assert read is not None
    assert read.digits == f"19{number}"
    assert read.birth_year == 1985
    assert read.is_test_number
    assert read.masked() == "19850312-****"


def test_a_coordination_number_has_the_day_plus_sixty():
    read = parse_identity_number(numbered("850372", "981"), today=TODAY)
    assert read is not None
    assert read.is_coordination


@pytest.mark.parametrize(
    "text",
    ["", "abc", "850312-2380", "851312-2389", "850231-2383", "19850312", "8503122387x", "²" * 10],
)
def test_what_is_not_an_identity_number_gives_none(text):
    assert parse_identity_number(text, today=TODAY) is None


def test_a_number_from_the_future_is_refused():
    assert parse_identity_number("20" + numbered("991231", "980"), today=TODAY) is None


def test_a_plus_sign_means_over_a_hundred():
    number = numbered("210312", "980")
    read = parse_identity_number(f"{number[:6]}+{number[6:]}", today=TODAY)
    assert read is not None
    assert read.birth_year == 1921


def test_free_text_with_an_identity_number_is_noticed():
    number = numbered("850312", "999")
    assert contains_identity_number(f"ring om {number[:6]}-{number[6:]} i morgon", today=TODAY)
    assert contains_identity_number(f"19{number}", today=TODAY)
    assert not contains_identity_number("ring 070-174 06 15 den 2026-03-02", today=TODAY)


@pytest.mark.parametrize("text", ["0-", "sov 5- 6 timmar", "-", "1+", "2026-"])
def test_a_sign_after_few_digits_is_no_identity_number(text):
    assert not contains_identity_number(text, today=TODAY)


def test_organisation_numbers_are_read_with_and_without_their_prefix():
    assert parse_org_number("556703-7485") == "5567037485"
    assert parse_org_number("165567037485") == "5567037485"
    assert parse_org_number("556703-7486") is None


def test_telephone_numbers_are_kept_in_one_form_and_shown_in_the_swedish():
    assert parse_phone("070-174 06 15") == "+46701740615"
    assert format_phone("+46701740615") == "070-174 06 15"
    assert parse_phone("tolv") is None


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 2, 1), 6, date(2026, 7, 31)),
        (date(2026, 2, 1), 12, date(2027, 1, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
    ],
)
def test_periods_of_months_are_inclusive(start, months, last):
    assert last_day_of_period(start, months) == last


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_adding_months_never_leaves_the_month_meant(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 24),  # Christmas Eve
        date(2026, 6, 19),  # Midsummer Eve
        date(2026, 12, 25),
        date(2026, 11, 22),  # a Sunday
        date(2026, 6, 6),  # the national day
    ],
)
def test_nobody_works_on_holidays_nor_on_the_eves_that_everybody_takes(day):
    assert not is_working_day(day)


def test_the_working_day_before_christmas():
    assert working_day_on_or_before(date(2026, 12, 27)) == date(2026, 12, 23)
