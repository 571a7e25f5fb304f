"""What may be shown of one figure that stands by itself: a share, a middle time, a row of steps.

Tables by group go through reports/suppression.py; what is here has no other figure beside it that
it could be subtracted from.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from matchsvc.reports.outcomes import Share
from matchsvc.reports.suppression import Limits

Key = TypeVar("Key", bound=Hashable)


def shown_share(n: int, of: int, limits: Limits) -> Share:
    """``n`` of ``of`` people or of what happened to them; hidden where it or the rest is small."""
    if limits.is_small(of):
        return Share(None, None)
    if of and (not limits.may_show_rate(of) or limits.is_small(n) or limits.is_small(of - n)):
        return Share(None, of)
    return Share(n, of)


def shown_count(n: int, limits: Limits) -> int | None:
    """A count of people; None where it is small."""
    return None if limits.is_small(n) else n


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took.

    Attributes:
        n: how many times lie behind; None where so few are hidden.
        quartiles: days that a quarter, half and three quarters took at most; None of too few.
    """

    n: int | None
    quartiles: tuple[int, int, int] | None


def shown_times(days: Sequence[int], limits: Limits) -> Times:
    """Number and quartiles of times in days, in any order."""
    if limits.is_small(len(days)):
        return Times(None, None)
    if not days:
        return Times(0, None)
    sorted_days = sorted(days)
    lower, middle, upper = (
        sorted_days[math.ceil(len(sorted_days) * part / 4) - 1] for part in (1, 2, 3)
    )
    return Times(len(sorted_days), (lower, middle, upper))


def shown_steps(steps: Mapping[Key, tuple[int, int]], limits: Limits) -> dict[Key, int | None]:
    """Events by step, each step a part of the one before; None where few are behind.

    Two steps that are shown never differ by one to four people or events.

    Args:
        steps: in order; events and people.
        limits: how few are too few.
    """
    shown: dict[Key, int | None] = {}
    last: tuple[int, int] | None = None
    for name, (events, people) in steps.items():
        lost = (0, 0) if last is None else (last[0] - events, last[1] - people)
        if any(limits.is_small(each) for each in (events, people, *lost)):
            shown[name] = None
        else:
            shown[name], last = events, (events, people)
    return shown
