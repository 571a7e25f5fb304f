"""What has happened to a person: dates of enrolment, placements, jobs and the end. Plain dates.

The jobs that the figures of the last year rest on began 95 to 300 days ago, after a placement at
most 355 days back: that is within the last 365 days, twelve whole months and four whole quarters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from matchsvc.demo.lots import Lots, days
from matchsvc.demo.plan import Life
from matchsvc.participants.models import ExitDestination, ExitReason
from matchsvc.placements.calendar import follow_up_due_dates
from matchsvc.placements.models import EmploymentKind, Outcome
from matchsvc.swedish import last_day_of_period, working_day_on_or_before

_NOT_WAITING = {"mapping", "working", "resource", "left", "left_other"}
_OLDEST = 355
_NEWEST = 35  # by then a first follow-up has been due
_JOB_NEWEST = 95


@dataclass(slots=True)
class Stay:
    """One placement in outline; ``end`` is None while it runs or has not begun."""

    start: date
    planned_end: date
    end: date | None = None
    outcome: Outcome | None = None
    is_history: bool = False


@dataclass(slots=True)
class Job:
    """One job in outline; ``after`` is the place of the stay it grew out of."""

    start: date
    kind: EmploymentKind
    end: date | None = None
    planned_end: date | None = None
    after: int | None = None
    hours: int = 30


@dataclass(slots=True)
class Story:
    """A person's time with the unit.

    Attributes:
        ready: when mapping was far enough for matching.
        waits_from: since when she waits for a proposal; None while mapped, at work or gone.
    """

    enrolled: date
    ready: date | None
    waits_from: date | None = None
    matching_from: date | None = None
    stays: list[Stay] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    ended: date | None = None
    reason: ExitReason | None = None
    destination: ExitDestination | None = None


def tell(life: Life, lots: Lots, today: date) -> Story:
    """What has happened to this person so far."""
    story = Story(today, None)
    _HAPPENED[life.status](story, lots, today, life)
    if life.story.get("job"):
        told = life.story["job"]
        start = working_day_on_or_before(today + days(told["days"]))
        story.jobs.append(Job(start, EmploymentKind.EMPLOYMENT, hours=told["hours"]))
    if story.stays and not life.story:
        _add_earlier(story, lots, today)
    _enrol(story, lots, today, life)
    return story


def _enrol(story: Story, lots: Lots, today: date, life: Life) -> None:
    first = min((stay.start for stay in story.stays), default=None)
    if first is not None:
        story.enrolled = first - days(lots.randint(38, 95))
        story.ready = min(story.enrolled + days(lots.randint(14, 32)), first - days(4))
    elif life.status == "mapping":
        story.enrolled = today - days(lots.randint(5, 40))
    else:
        story.enrolled = today - days(lots.randint(60, 140))
        story.ready = story.enrolled + days(lots.randint(14, 40))
    if "enrolled" in life.story:
        story.enrolled = today + days(life.story["enrolled"])
        story.ready = today + days(life.story["ready"])
    if story.ready is not None:
        story.matching_from = today + days(life.story.get("matching_from", 0))
        story.matching_from = min(story.matching_from, story.ready)
        story.waits_from = _waits_from(story, story.ready, today, life)


def _waits_from(story: Story, ready: date, today: date, life: Life) -> date | None:
    """After a placement she is ready again; with a job or on the way out she does not wait."""
    if life.status in _NOT_WAITING:
        return None
    if "ready" in life.story or not story.stays:
        return ready
    last = story.stays[-1]
    if last.end is None:
        return max(ready, min(last.start, today) - days(30))
    ended = max([last.end, *(job.end for job in story.jobs if job.end is not None)])
    return min(ended + days(5), today)


def _add_earlier(story: Story, lots: Lots, today: date) -> None:
    """Some were here in the half year before, and a few had a short job then."""
    if not lots.chance(40):
        return
    start = working_day_on_or_before(today - days(lots.randint(470, 540)))
    end = start + days(lots.randint(30, 58))
    outcome = lots.choice([Outcome.COMPLETED, Outcome.COMPLETED, Outcome.ENDED_BY_PARTICIPANT])
    story.stays.insert(0, Stay(start, end, end, outcome, is_history=True))
    for job in story.jobs:
        job.after = None if job.after is None else job.after + 1
    if lots.chance(45):
        hired = end + days(1)
        kind = lots.choice([EmploymentKind.EMPLOYMENT, EmploymentKind.SUBSIDISED])
        story.stays[0].outcome = Outcome.BECAME_JOB
        story.jobs.insert(0, Job(hired, kind, end=hired + days(lots.randint(31, 40)), after=0))


def _mapping(_story: Story, _lots: Lots, _today: date, _life: Life) -> None:
    """Nothing but the first conversations yet."""


def _training(story: Story, lots: Lots, today: date, life: Life) -> None:
    start = today - days(lots.randint(_NEWEST, 150))
    end = today + days(lots.randint(6, 70))
    if life.story:
        earliest, latest = life.story["start"]
        end = today + days(life.story["planned_end"])
        start = _start_with_follow_up(life, today, end, earliest, latest)
    start = working_day_on_or_before(start)
    end = working_day_on_or_before(min(end, last_day_of_period(start, 6)))
    story.stays.append(Stay(start, max(end, start)))


def _start_with_follow_up(life: Life, today: date, end: date, earliest: int, latest: int) -> date:
    """A start in the window with a follow-up due on one of the days asked for, if there is one.

    ``follow_up`` is the first and last such day; the nearest days after it do when none fits, for
    nothing falls due on a day off.
    """
    first, last = life.story.get("follow_up", (-10_000, 10_000))
    for slack in (0, 4):
        for back in range(latest, earliest - 1, -1):
            start = working_day_on_or_before(today + days(back))
            due = follow_up_due_dates(start, min(end, last_day_of_period(start, 6)))
            if any(today + days(first) <= day <= today + days(last + slack) for day in due):
                return start
    return today + days(latest)


def _upcoming(story: Story, lots: Lots, today: date, life: Life) -> None:
    if not life.story:
        _past_stay(story, lots, today, latest=120)
    _planned(story, lots, today, life)


def _planned(story: Story, lots: Lots, today: date, life: Life) -> None:
    ahead = life.story["start"][0] if life.story else lots.randint(2, 12)
    start = working_day_on_or_before(today + days(ahead))
    start = max(start, today + days(1))
    end = working_day_on_or_before(start + days(lots.randint(80, 150)))
    story.stays.append(Stay(start, end))


def _past_stay(story: Story, lots: Lots, today: date, *, latest: int, earliest: int = 340) -> Stay:
    start = working_day_on_or_before(today - days(lots.randint(latest, earliest)))
    planned = start + days(lots.randint(40, 85))
    outcome, end = Outcome.COMPLETED, planned
    if lots.chance(25):
        outcome = lots.choice([Outcome.ENDED_BY_EMPLOYER, Outcome.ENDED_BY_PARTICIPANT])
        end = start + days(lots.randint(6, 30))
    stay = Stay(start, planned, min(end, today - days(2)), outcome)
    story.stays.append(stay)
    return stay


def _waiting(story: Story, lots: Lots, today: date, _life: Life) -> None:
    _past_stay(story, lots, today, latest=95, earliest=230)


def _hired(story: Story, lots: Lots, today: date, *, latest: int) -> Job:
    start = working_day_on_or_before(today - days(lots.randint(latest, 300)))
    before = max(today - days(_OLDEST), start - days(lots.randint(35, 110)))
    first = working_day_on_or_before(before)
    stay = Stay(first, start - days(1), start - days(1), Outcome.BECAME_JOB)
    story.stays.append(stay)
    subsidised = lots.chance(40)
    kind = EmploymentKind.SUBSIDISED if subsidised else EmploymentKind.EMPLOYMENT
    planned = last_day_of_period(start, 12) if subsidised else None
    job = Job(start, kind, planned_end=planned, after=len(story.stays) - 1)
    job.hours = lots.choice([20, 25, 30, 38, 40])
    story.jobs.append(job)
    return job


def _working(story: Story, lots: Lots, today: date, _life: Life) -> None:
    _hired(story, lots, today, latest=_JOB_NEWEST)


def _hired_once(story: Story, lots: Lots, today: date, _life: Life) -> None:
    job = _hired(story, lots, today, latest=130)
    job.end = job.start + days(lots.randint(31, 80))


def _left(story: Story, lots: Lots, today: date, _life: Life) -> None:
    job = _hired(story, lots, today, latest=_JOB_NEWEST)
    story.ended = job.start + days(lots.randint(30, 60))
    story.reason = ExitReason.GOAL_REACHED
    subsidised = job.kind is EmploymentKind.SUBSIDISED
    story.destination = (
        ExitDestination.SUBSIDISED_JOB if subsidised else ExitDestination.UNSUBSIDISED_JOB
    )


def _left_other(story: Story, lots: Lots, today: date, _life: Life) -> None:
    stay = _past_stay(story, lots, today, latest=120)
    story.ended = (stay.end or stay.planned_end) + days(lots.randint(5, 20))
    story.reason, story.destination = lots.choice(
        [
            (ExitReason.OTHER_MEASURE, ExitDestination.STUDIES),
            (ExitReason.OTHER_MEASURE, ExitDestination.AF_PLANNING),
            (ExitReason.MOVED, ExitDestination.UNKNOWN),
            (ExitReason.OWN_CHOICE, ExitDestination.OTHER),
        ]
    )


def _resource(story: Story, lots: Lots, today: date, _life: Life) -> None:
    stay = _past_stay(story, lots, today, latest=150)
    start = min((stay.end or stay.planned_end) + days(3), today - days(_NEWEST))
    start = working_day_on_or_before(start)
    job = Job(start, EmploymentKind.RESOURCE, planned_end=last_day_of_period(start, 12))
    job.after = len(story.stays) - 1
    story.jobs.append(job)


_HAPPENED: dict[str, Callable[[Story, Lots, date, Life], None]] = {
    "mapping": _mapping,
    "waiting_new": _mapping,
    "upcoming_new": _planned,
    "training": _training,
    "waiting": _waiting,
    "upcoming": _upcoming,
    "resource": _resource,
    "working": _working,
    "hired_once": _hired_once,
    "left": _left,
    "left_other": _left_other,
}
