"""The arithmetic of the reports, on whole numbers: shares, changes, intervals, ratios.

Rounding is half up on exact integers (domain.md 1K): truncation is disproved by the published
figures (62,68 is printed as 63), and floats round some ties the wrong way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Z_95 = 1.959963984540054  # the 97.5th percentile of the normal distribution


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval.

    Attributes:
        low: lower end.
        high: upper end.
    """

    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        """Whether the two have a point in common."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as large one rate is as another, with its 95 % interval."""

    value: float
    interval: Interval


def percent(n: int, of: int) -> int | None:
    """Whole percent, half up; None (shown as a dash) when there is nobody to be a part of."""
    return None if of == 0 else (200 * n + of) // (2 * of)


def percent_one_decimal(n: int, of: int) -> Decimal | None:
    """Percent with one decimal, half up; None when there is nobody to be a part of."""
    return None if of == 0 else Decimal((2000 * n + of) // (2 * of)) / 10


def change_in_points(n: int, of: int, n_before: int, of_before: int) -> Decimal | None:
    """How many percentage points a share has changed, one decimal.

    Taken between the unrounded shares: 25,84 to 26,06 is +0,2 although the rounded shares differ
    by 0,3. A tie rounds away from zero, so that a fall is as large as the rise would have been.
    """
    if of == 0 or of_before == 0:
        return None
    change = (Fraction(n, of) - Fraction(n_before, of_before)) * 1000  # tenths of a point
    size = (2 * abs(change.numerator) + change.denominator) // (2 * change.denominator)
    return Decimal(size if change >= 0 else -size) / 10


def wilson(n: int, of: int) -> Interval | None:
    """Wilson's 95 % interval of a share, in percent; it stays inside 0 to 100 for small groups."""
    if of == 0:
        return None
    share, z2 = n / of, Z_95**2
    middle = share + z2 / (2 * of)
    spread = Z_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    scale = 100 / (1 + z2 / of)
    low = 0.0 if n == 0 else max(0.0, (middle - spread) * scale)
    high = 100.0 if n == of else min(100.0, (middle + spread) * scale)
    return Interval(low, high)


def rate_ratio(n: int, of: int, n_other: int, of_other: int) -> Ratio | None:
    """One rate divided by another, with the 95 % interval of its logarithm.

    None when either rate is zero or has no denominator: then there is no such interval.
    """
    if min(n, of, n_other, of_other) <= 0:
        return None
    value = (n / of) / (n_other / of_other)
    error = math.sqrt(1 / n - 1 / of + 1 / n_other - 1 / of_other)
    factor = math.exp(Z_95 * error)
    return Ratio(value, Interval(value / factor, value * factor))
