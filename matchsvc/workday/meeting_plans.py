"""A meeting as somebody wants it, its limits, and the days of a series. No clock, no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.swedish import (
    STOCKHOLM,
    contains_identity_number,
    local_date,
    working_day_on_or_after,
)
from matchsvc.workday.meeting_models import Authorised, InterpreterState, Meeting
from matchsvc.workday.meeting_types import MEETING_TYPES, Breach, MeetingType, Party, breaches

MOST_TIMES = 26  # a series of half a year
LONGEST = 12 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who shall take part.

    Attributes:
        party: as what.
        ref_id: of the participant, the colleague or the employer's contact.
        name, email: of somebody from outside who is not in a register.
    """

    party: Party
    ref_id: UUID | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Interpreting:
    """What is asked of an interpreter, and how far the booking has come."""

    language: str
    authorised: Authorised = Authorised.ASKED
    wishes: tuple[str, ...] = ()
    state: InterpreterState = InterpreterState.TO_ASK


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as somebody wants it.

    Attributes:
        kind: a code of MEETING_TYPES.
        day, at: when it begins, in Stockholm.
        minutes: how long; None takes the type's own length.
        guests: who takes part beside the owner.
        room_id, place: where.
        agenda: what it is about; never about health.
        general_minutes: before the first slot; None takes the type's own.
        limit_reason: why a soft limit is passed.
        interpreters: one a language.
    """

    kind: str
    day: date
    at: time
    minutes: int | None = None
    guests: tuple[Guest, ...] = ()
    room_id: UUID | None = None
    place: str | None = None
    agenda: str | None = None
    general_minutes: int | None = None
    limit_reason: str | None = None
    interpreters: tuple[Interpreting, ...] = field(default=())

    @property
    def type(self) -> MeetingType:
        """Its type.

        Raises:
            Invalid: there is none of that code.
        """
        found = MEETING_TYPES.get(self.kind)
        if found is None:
            raise Invalid({"kind": N_("Välj vad det är för möte.")})
        return found

    @property
    def length(self) -> int:
        """Minutes, whether given or the type's own."""
        return self.minutes or self.type.minutes

    @property
    def starts_at(self) -> datetime:
        """The instant it begins."""
        return instant(self.day, self.at)

    @property
    def ends_at(self) -> datetime:
        """The instant it ends."""
        return self.starts_at + timedelta(minutes=self.length)


def instant(day: date, at: time) -> datetime:
    """A day and a time on the wall in Stockholm as an instant."""
    return datetime.combine(day, at, tzinfo=STOCKHOLM)


def check_plan(plan: Plan, *, today: date, more: Sequence[Breach] = ()) -> None:
    """Refuse what a limit forbids.

    Args:
        plan: what is wanted.
        today: texts are looked through for identity numbers.
        more: soft limits that only the caller can know of.

    Raises:
        Invalid: a field is wrong, or a soft limit is passed without a reason.
        RuleViolation: a hard limit.
    """
    kind = plan.type
    if not 5 <= plan.length <= LONGEST:  # noqa: PLR2004
        raise Invalid({"minutes": N_("Skriv hur många minuter mötet tar, mellan 5 och 720.")})
    for name in ("place", "agenda", "limit_reason"):
        if contains_identity_number(getattr(plan, name) or "", today=today):
            raise Invalid({name: N_("Ta bort personnumret ur texten. Det har ett eget fält.")})
    general = kind.general if plan.general_minutes is None else plan.general_minutes
    if kind.slot and not 0 <= general <= plan.length:
        raise Invalid({"general_minutes": N_("Den gemensamma delen ryms inte i mötet.")})
    languages = [each.language for each in plan.interpreters]
    if len(set(languages)) < len(languages):
        raise Invalid({"language": N_("Varje språk står en gång.")})
    parties = [Party.STAFF, *(guest.party for guest in plan.guests)]
    found = breaches(kind, minutes=plan.length, parties=parties)
    for breach in found:
        if breach.is_hard:
            where = "minutes" if breach.code in {"too_long", "too_short"} else "kind"
            raise RuleViolation(
                breach.code, breach.message, fields={where: breach.message}, values=breach.values
            )
    if (soft := [*found, *more]) and not plan.limit_reason:
        raise RuleViolation(
            "over_soft_limit",
            soft[0].message,
            fields={"limit_reason": soft[0].message},
            values=soft[0].values,
        )


def days_of_series(first: date, *, every_weeks: int, times: int) -> list[date]:
    """The days of a series: every one or two weeks, a day off gives the next working day.

    Raises:
        Invalid: too many times, or neither one nor two weeks apart.
    """
    if every_weeks not in {1, 2}:
        raise Invalid({"every_weeks": N_("Välj varje vecka eller varannan vecka.")})
    if not 1 <= times <= MOST_TIMES:
        raise Invalid({"times": N_("En serie kan ha högst 26 gånger.")})
    wanted = (first + timedelta(weeks=every_weeks * number) for number in range(times))
    return [first, *(working_day_on_or_after(day) for day in list(wanted)[1:])]


def participants_on(meeting: Meeting) -> list[UUID]:
    """Ids of the participants who take part."""
    return [
        person.ref_id
        for person in meeting.people
        if person.party is Party.PARTICIPANT and person.ref_id is not None
    ]


def staff_on(meeting: Meeting) -> list[UUID]:
    """Ids of the colleagues who take part, the owner first."""
    others = [p.ref_id for p in meeting.people if p.party is Party.STAFF and p.ref_id is not None]
    return list(dict.fromkeys([meeting.owner_id, *others]))


def plan_of(meeting: Meeting, *, starts_at: datetime | None = None) -> Plan:
    """A meeting as a plan, perhaps at another time, to be checked again."""
    start = (starts_at or meeting.starts_at).astimezone(STOCKHOLM)
    minutes = round((meeting.ends_at - meeting.starts_at).total_seconds() / 60)
    return Plan(
        kind=meeting.kind,
        day=start.date(),
        at=start.time(),
        minutes=minutes,
        guests=tuple(
            Guest(person.party, person.ref_id, person.name, person.email)
            for person in meeting.people
        ),
        room_id=meeting.room_id,
        place=meeting.place,
        agenda=meeting.agenda,
        general_minutes=meeting.general_minutes,
        limit_reason=meeting.limit_reason,
        interpreters=tuple(
            Interpreting(each.language, each.authorised, tuple(each.wishes), each.state)
            for each in meeting.interpreters
        ),
    )


def moved_plans(
    meetings: Sequence[Meeting], *, day: date, at: time, minutes: int | None
) -> Iterator[tuple[Meeting, Plan]]:
    """The first meeting at its new time and those after it as many days later or earlier.

    Days off give the next working day, except where somebody chose the day: the first.
    """
    first = meetings[0]
    shift = day - local_date(first.starts_at)
    for meeting in meetings:
        new_day = day
        if meeting is not first:
            new_day = working_day_on_or_after(local_date(meeting.starts_at) + shift)
        plan = replace(plan_of(meeting), day=new_day, at=at)
        yield meeting, replace(plan, minutes=minutes) if minutes else plan
