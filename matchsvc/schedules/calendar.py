"""The schedule as a calendar file: recurring times, holidays and breaks left out (RFC 5545)."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event

from matchsvc.schedules.rules import Schedule
from matchsvc.swedish import STOCKHOLM

_PRODUCT = "-//matchsvc//schedule//SV"


def schedule_calendar(schedule: Schedule, *, title: str, place: str, now: datetime) -> bytes:
    """Every time of the schedule as an event of its own, named by the workplace, nobody's name.

    Args:
        schedule: its weeks are what is agreed.
        title: what each event is called.
        place: where.
        now: stands in the file.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for week in schedule.weeks:
        for each in week.days:
            if each.times is None:
                continue
            event = Event()
            event.add("uid", f"{schedule.seen.placement.id}-{each.day.isoformat()}@matchsvc")
            event.add("dtstamp", now)
            start = datetime.combine(each.day, each.times.start, STOCKHOLM)
            event.add("dtstart", start)
            event.add("dtend", datetime.combine(each.day, each.times.end, STOCKHOLM))
            event.add("summary", title)
            event.add("location", place)
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
