"""Where things stand on a picture: period lanes on a time axis, shares with their intervals.

Only geometry, in percent of the width, so that a macro can write it as SVG attributes: the
content security policy forbids style attributes. What the figures mean is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

_MANY_MONTHS = 14  # more than this and every third month is named


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar.

    Attributes:
        x: start, percent of the axis.
        width: percent of the axis.
        planned: dashed, has not happened yet.
        open_ended: runs past the right edge.
    """

    x: float
    width: float
    planned: bool
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A named month on the axis: where it begins and what it is called."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """A stretch of days, drawn from 0 to 100 percent; both ends are inclusive."""

    start: date
    end: date

    def position(self, day: date) -> float:
        """Where the morning of a day stands, in percent, kept inside the axis."""
        days = (self.end - self.start).days + 1
        return round(min(max((day - self.start).days / days, 0), 1) * 100, 2)

    def now(self, today: date) -> float:
        """Where the line of today stands: between what has happened and what is planned."""
        return self.position(today + timedelta(days=1))

    def months(self, lang: str = "sv") -> list[Tick]:
        """The months that begin inside the axis; January, and the first, carry the year."""
        firsts = _first_days(self.start, self.end)
        step = 1 if len(firsts) <= _MANY_MONTHS else 3
        return [Tick(self.position(first), _month_name(first, lang)) for first in firsts[::step]]

    def segments(self, start: date, end: date | None, today: date) -> list[Segment]:
        """Split a period into what has happened, today included, and what is planned.

        Args:
            start: first day.
            end: last day, inclusive; None runs on without an end.
            today: the day of reading.
        """
        last = self.end if end is None else end
        tomorrow = today + timedelta(days=1)
        pieces = []
        if start <= today:
            pieces.append((start, min(last, today), False))
        if last >= tomorrow:
            pieces.append((max(start, tomorrow), last, True))
        return [
            Segment(x, round(to - x, 2), planned, open_ended=end is None and planned)
            for first, final, planned in pieces
            if (to := self.position(final + timedelta(days=1))) > (x := self.position(first))
        ]


def time_axis(start: date, end: date) -> TimeAxis:
    """Make an axis from whole months: the first of start's month to the last of end's."""
    after = (end.replace(day=28) + timedelta(days=4)).replace(day=1)
    return TimeAxis(start.replace(day=1), after - timedelta(days=1))


def nice_maximum(shares: Iterable[float | None]) -> int:
    """The end of a percent axis that starts at 0: the next ten above the largest, at most 100."""
    largest = max((share for share in shares if share is not None), default=0)
    return min(max(-(-int(largest + 0.999) // 10) * 10, 10), 100)


def bar_rows(
    rows: Iterable[Mapping[str, Any]], maximum: int
) -> list[tuple[Mapping[str, Any], float, float, float]]:
    """Place each row's bar and interval, as (row, bar end, interval start, interval end).

    Args:
        rows: mappings with ``percent``, ``low`` and ``high`` in percent units.
        maximum: the axis end in percent units.
    """

    def place(value: float | None) -> float:
        return 0.0 if value is None else round(min(value, maximum) / maximum * 100, 2)

    return [(r, place(r.get("percent")), place(r.get("low")), place(r.get("high"))) for r in rows]


def _first_days(start: date, end: date) -> list[date]:
    first = start if start.day == 1 else (start.replace(day=28) + timedelta(4)).replace(day=1)
    found = []
    while first <= end:
        found.append(first)
        first = (first + timedelta(days=32)).replace(day=1)
    return found


def _month_name(first: date, lang: str) -> str:
    name = format_date(first, "MMM", locale=lang).rstrip(".")
    return f"{name} {first.year}" if first.month == 1 else name
