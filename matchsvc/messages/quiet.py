"""Quiet hours: when a reminder to somebody outside the unit waits for the morning.

An answer that somebody waits for, such as a letter with a log-in, never waits. Hours are those of
clocks in Stockholm; the end of the quiet never falls into the hour that a clock change takes away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from matchsvc.swedish import STOCKHOLM, is_working_day

#: The unit's settings that say when it is quiet.
SETTINGS = ("quiet_from", "quiet_until", "quiet_days_off")


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a unit keeps quiet.

    Attributes:
        starts: the hour in the evening, 17 to 23.
        ends: the hour in the morning, 6 to 10.
        days_off: whether weekends and public holidays are quiet altogether.
    """

    starts: int = 19
    ends: int = 7
    days_off: bool = True


def quiet_of(said: Mapping[str, str]) -> Quiet:
    """What the unit's settings say, by :data:`SETTINGS`."""
    first, last, days_off = (int(said[key]) for key in SETTINGS)
    return Quiet(first, last, bool(days_off))


def first_open(at: datetime, quiet: Quiet) -> datetime:
    """The first instant from ``at`` on that is not quiet; ``at`` itself when it is not."""
    local = at.astimezone(STOCKHOLM)
    day = local.date()
    if local.hour >= quiet.starts:
        day += timedelta(days=1)
    while quiet.days_off and not is_working_day(day):
        day += timedelta(days=1)
    opens = datetime.combine(day, time(quiet.ends), STOCKHOLM).astimezone(UTC)
    return max(at, opens)
