"""When a daily job is due, by clocks in Stockholm. Plain functions: they are told what time it is.

A day is due from its hour on. Asking which days are not done yet, again and again, survives what a
calendar of alarms does not: a process that was down, a clock that was changed, an hour that comes
twice or not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from matchsvc.swedish import STOCKHOLM

#: How far back missed days are done; what is older was somebody's decision.
LONGEST_GAP = 31


def due_days(
    now: datetime, *, hour: int, known: Collection[date], done: Collection[date], each_day: bool
) -> list[date]:
    """The days that a daily job has to be run for now, in order.

    Args:
        now: the instant.
        hour: from which on a day is due, 4 or later.
        known: days that the job was begun for; none when it never ran.
        done: those of them that need no more.
        each_day: its work depends on the day, so that a missed day is run too; at most 31.
    """
    local = now.astimezone(STOCKHOLM)
    today = local.date()
    last = today if local.hour >= hour else today - timedelta(days=1)
    if not each_day or not known:
        return [today] if last == today and today not in done else []
    first = max(min(known), last - timedelta(days=LONGEST_GAP - 1))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day not in done]


def next_run(now: datetime, *, hour: int, done: Collection[date]) -> datetime:
    """The instant at which the next day is due that is not done; ``now`` when one is overdue."""
    day = now.astimezone(STOCKHOLM).date()
    while day in done:
        day += timedelta(days=1)
    return max(now, datetime.combine(day, time(hour), STOCKHOLM).astimezone(UTC))
