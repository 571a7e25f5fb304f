"""Arithmetic of the reports: exact, half up, and never surprising."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from matchsvc.reports.figures import (
    change_in_points,
    percent,
    percent_one_decimal,
    rate_ratio,
    wilson,
)

parts = some.integers(1, 10**7).flatmap(lambda of: some.tuples(some.integers(0, of), some.just(of)))


def half_up(value: Fraction, places: str) -> Decimal:
    """Half up with hundreds of digits, by another route than the code's."""
    from decimal import localcontext

    with localcontext() as context:
        context.prec = 400
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact.quantize(Decimal(places), rounding=ROUND_HALF_UP)


@given(parts)
def test_whole_percent_is_half_up(part):
    n, of = part

    assert percent(n, of) == half_up(Fraction(100 * n, of), "1")


@given(parts)
def test_one_decimal_is_half_up(part):
    n, of = part

    assert percent_one_decimal(n, of) == half_up(Fraction(100 * n, of), "0.1")


@pytest.mark.parametrize(("n", "of", "expected"), [(1, 200, 1), (1, 8, 13), (5, 8, 63), (3, 8, 38)])
def test_a_tie_goes_up(n, of, expected):
    assert percent(n, of) == expected


@pytest.mark.parametrize(("n", "of", "expected"), [(5737, 9153, 63), (1268, 9153, 14)])
def test_truncation_would_be_wrong(n, of, expected):
    assert percent(n, of) == expected != 100 * n // of


def test_a_share_of_nobody_is_not_zero_percent():
    assert percent(0, 0) is None
    assert percent_one_decimal(0, 0) is None
    assert wilson(0, 0) is None
    assert change_in_points(1, 2, 0, 0) is None
    assert change_in_points(0, 0, 1, 2) is None


def test_a_change_is_taken_between_unrounded_shares():
    # 25,84 % and 26,06 %: the rounded ones differ by 0,3.
    assert percent_one_decimal(2584, 10000) == Decimal("25.8")
    assert percent_one_decimal(2606, 10000) == Decimal("26.1")
    assert change_in_points(2606, 10000, 2584, 10000) == Decimal("0.2")


@given(parts, parts)
def test_a_fall_is_as_large_as_the_rise_would_have_been(one, other):
    assert change_in_points(*one, *other) == -change_in_points(*other, *one)


@given(parts)
def test_the_interval_holds_the_share_and_stays_inside_0_to_100(part):
    n, of = part
    interval = wilson(n, of)

    assert 0 <= interval.low <= 100 * n / of + 1e-9
    assert 100 * n / of - 1e-9 <= interval.high <= 100


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [
        (200, 832, 21.3, 27.1),
        (49, 609, 6.1, 10.5),
        (0, 10, 0.0, 27.8),  # Wilson 1927, tabulated in Newcombe 1998
        (10, 10, 72.2, 100.0),
        (81, 263, 25.5, 36.6),  # Newcombe 1998, table I
        (15, 148, 6.2, 16.0),
    ],
)
def test_the_interval_is_wilsons(n, of, low, high):
    interval = wilson(n, of)

    assert (round(interval.low, 1), round(interval.high, 1)) == (low, high)


def test_a_rate_ratio_tells_how_many_times_as_large():
    ratio = rate_ratio(20, 100, 10, 100)

    assert ratio.value == pytest.approx(2)
    assert ratio.interval.low == pytest.approx(0.9866, abs=0.0001)  # exp(ln 2 -+ 1.96 * 0.360)
    assert ratio.interval.high == pytest.approx(4.05, abs=0.01)


@pytest.mark.parametrize("counts", [(0, 10, 5, 10), (5, 10, 0, 10), (5, 0, 5, 10), (5, 10, 5, 0)])
def test_a_rate_ratio_of_nothing_does_not_exist(counts):
    assert rate_ratio(*counts) is None


def test_intervals_overlap_or_do_not():
    assert not wilson(200, 832).overlaps(wilson(49, 609))
    assert wilson(10, 100).overlaps(wilson(12, 100))
