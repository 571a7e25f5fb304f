"""Arithmetic of a schedule: which times hold on a day, what the weeks look like. No database."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from matchsvc.swedish import is_holiday

WEEK = timedelta(days=7)
#: Without a last day the picture shows this much.
OPEN_ENDED = timedelta(weeks=12)


_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


class Why(enum.StrEnum):
    """What a day without times is."""

    OUTSIDE = "outside"  # before the start or after the end
    FREE = "free"
    HOLIDAY = "holiday"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Times:
    """From when to when, on one day of the week (1 is Monday)."""

    weekday: int
    start: time
    end: time

    @property
    def hours(self) -> Decimal:
        """How long, in hours."""
        day = date(2026, 1, 1)
        length = datetime.combine(day, self.end) - datetime.combine(day, self.start)
        return Decimal(int(length.total_seconds())) / 3600


@dataclass(frozen=True, slots=True)
class Phase:
    """Times from one day on."""

    starts_on: date
    times: tuple[Times, ...]

    @property
    def hours(self) -> Decimal:
        """Hours a week."""
        return sum((each.hours for each in self.times), Decimal(0))


@dataclass(frozen=True, slots=True)
class DayOff:
    """Days without times, first and last inclusive."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a week: its times, or why there are none."""

    day: date
    times: Times | None
    why: Why | None


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday.

    Attributes:
        monday: its first day.
        days: seven.
        hours: what they sum to.
        begins: a phase begins in it.
    """

    monday: date
    days: tuple[Day, ...]
    hours: Decimal
    begins: bool

    @property
    def number(self) -> int:
        """As the calendar counts weeks (ISO 8601)."""
        return self.monday.isocalendar().week


def read_days(kept: Iterable[dict[str, Any]]) -> tuple[Times, ...]:
    """Times from how they are kept, in the order of the week."""
    return tuple(
        sorted(
            (
                Times(
                    int(each["weekday"]),
                    time.fromisoformat(each["start"]),
                    time.fromisoformat(each["end"]),
                )
                for each in kept
            ),
            key=lambda each: each.weekday,
        )
    )


def keep_days(times: Iterable[Times]) -> list[dict[str, Any]]:
    """Times as they are kept."""
    return [
        {
            "weekday": each.weekday,
            "start": each.start.isoformat("minutes"),
            "end": each.end.isoformat("minutes"),
        }
        for each in sorted(times, key=lambda each: each.weekday)
    ]


def clock(times: Times) -> str:
    """``9–12`` or ``9.30–12``."""
    return "–".join(
        f"{each.hour}.{each.minute:02}" if each.minute else str(each.hour)
        for each in (times.start, times.end)
    )


def swedish_week(times: Iterable[Times]) -> str:
    """``måndag 9–12, tisdag 9–12``: for a text that is kept as it is written."""
    return ", ".join(f"{_WEEKDAYS[each.weekday - 1]} {clock(each)}" for each in times)


def phase_on(phases: Sequence[Phase], day: date) -> Phase | None:
    """The phase that holds on a day: the latest that has begun."""
    begun = [each for each in phases if each.starts_on <= day]
    return max(begun, key=lambda each: each.starts_on) if begun else None


def times_on(
    phases: Sequence[Phase], breaks: Sequence[DayOff], day: date, *, start: date, end: date | None
) -> Day:
    """What holds on one day of a placement."""
    if day < start or (end is not None and day > end):
        return Day(day, None, Why.OUTSIDE)
    if any(each.first_day <= day <= each.last_day for each in breaks):
        return Day(day, None, Why.BREAK)
    phase = phase_on(phases, day)
    times = (
        next((each for each in phase.times if each.weekday == day.isoweekday()), None)
        if phase
        else None
    )
    if times is None:
        return Day(day, None, Why.FREE)
    if is_holiday(day):
        return Day(day, None, Why.HOLIDAY)
    return Day(day, times, None)


def weeks_of(
    phases: Sequence[Phase], breaks: Sequence[DayOff], *, start: date, end: date | None
) -> Iterator[Week]:
    """Every week of a placement, the first to the last.

    Args:
        phases: in any order.
        breaks: days without times.
        start: first day of the placement.
        end: its last day; None shows the weeks of OPEN_ENDED from the start or the last phase.
    """
    latest = max((each.starts_on for each in phases), default=start)
    last = end if end is not None else max(start, latest) + OPEN_ENDED
    monday = start - timedelta(days=start.weekday())
    while monday <= last:
        days = tuple(
            times_on(phases, breaks, monday + timedelta(days=n), start=start, end=end)
            for n in range(7)
        )
        hours = sum((each.times.hours for each in days if each.times), Decimal(0))
        begins = any(monday <= each.starts_on < monday + WEEK for each in phases)
        yield Week(monday, days, hours, begins)
        monday += WEEK
