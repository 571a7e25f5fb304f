"""The individual schedule of a placement: phases that both agree on, and days without (PLA-02)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import number
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.placements.access import READERS, Seen, can_decide, get_placement, require_decider
from matchsvc.placements.forms import get_form
from matchsvc.placements.stages import last_permitted_day
from matchsvc.placements.transitions import Act, require
from matchsvc.schedules.models import BreakReason, PhaseState, ScheduleBreak, SchedulePhase
from matchsvc.schedules.weeks import (
    DayOff,
    Phase,
    Times,
    Week,
    keep_days,
    read_days,
    weeks_of,
)
from matchsvc.swedish import contains_identity_number

LONGEST_DAY = 10  # hours; a longer one is a slip of the finger
MOST_PHASES = 30


@dataclass(frozen=True, slots=True)
class Schedule:
    """A placement's schedule as its page shows it.

    Attributes:
        seen: the placement.
        phases: in order of their days, agreed and proposed.
        breaks: in order.
        weeks: of the phases that are agreed.
        full_week: hours of full time in the unit.
        can_write: the reader may change it.
    """

    seen: Seen
    phases: Sequence[SchedulePhase]
    breaks: Sequence[ScheduleBreak]
    weeks: Sequence[Week]
    full_week: int
    can_write: bool

    def percent(self, phase: SchedulePhase) -> int:
        """How much of full time a phase is, in whole percent."""
        return round(hours_of(phase) * 100 / self.full_week)


@dataclass(frozen=True, kw_only=True)
class PhaseContent:
    """A phase as somebody wants it.

    Attributes:
        starts_on: its first day.
        times: for each day of the week that has any.
        step_up, hold, step_back: what both look for before the hours grow, stay or shrink.
    """

    starts_on: date
    times: tuple[Times, ...]
    step_up: str | None = None
    hold: str | None = None
    step_back: str | None = None


def hours_of(phase: SchedulePhase) -> Decimal:
    """Hours a week."""
    return _phase(phase).hours


def read_schedule(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Schedule:
    """The schedule of a placement. Logged.

    Raises:
        NotFound: the placement is unknown or hidden.
        Refused: the reader only knows an alias.
    """
    seen = _see(session, actor, placement_id, today=today)
    phases, breaks = phases_of(session, seen.placement.id), _breaks(session, seen.placement.id)
    placement = seen.placement
    agreed = [_phase(each) for each in phases if each.state is PhaseState.AGREED]
    off = [DayOff(each.first_day, each.last_day) for each in breaks]
    end = placement.end_date or placement.planned_end_date
    audit.record(session, actor, "read", "schedule", placement.id, subjects=[seen.participant.id])
    return Schedule(
        seen=seen,
        phases=phases,
        breaks=breaks,
        weeks=tuple(weeks_of(agreed, off, start=placement.start_date, end=end)) if agreed else (),
        full_week=number(session, placement.unit_id, "full_week_hours"),
        can_write=can_decide(actor, seen.sight) and placement.end_date is None,
    )


def add_phase(
    session: Session, actor: Actor, placement_id: UUID, content: PhaseContent, *, today: date
) -> SchedulePhase:
    """Propose times from a day on.

    Raises:
        NotFound, Refused: as everywhere.
        Invalid: no times, a day that ends before it begins, hours beyond full time, an identity
            number, or a day outside the placement.
        RuleViolation: another phase begins that day, or there are too many.
    """
    seen = _writable(session, actor, placement_id, today=today)
    phases = phases_of(session, seen.placement.id)
    _check(session, seen, content, phases, None, today=today)
    phase = SchedulePhase(placement_id=seen.placement.id, starts_on=content.starts_on, days=[])
    _fill(phase, content)
    session.add(phase)
    session.flush()
    _record(session, actor, "create", phase, seen)
    return phase


def change_phase(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    phase_id: UUID,
    content: PhaseContent,
    *,
    version: int | None,
    today: date,
) -> SchedulePhase:
    """Change a phase; other times are a proposal again until both agree.

    Raises:
        NotFound, Refused, Invalid, RuleViolation: as :func:`add_phase`.
        Conflict: it was saved since.
    """
    seen, phase = _own_phase(session, actor, placement_id, phase_id, today=today)
    check_version(phase, version)
    _check(session, seen, content, phases_of(session, seen.placement.id), phase, today=today)
    before = phase.starts_on, phase.days
    _fill(phase, content)
    if (phase.starts_on, phase.days) != before:
        phase.state, phase.agreed_on, phase.agreed_by_id = PhaseState.PROPOSED, None, None
    session.flush()
    _record(session, actor, "change", phase, seen)
    return phase


def agree_phase(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    phase_id: UUID,
    *,
    said_yes: bool,
    version: int | None,
    today: date,
) -> SchedulePhase:
    """Participant and case worker agree on a phase.

    Raises:
        NotFound, Refused, Conflict: as everywhere.
        Invalid: the participant has not said yes.
    """
    seen, phase = _own_phase(session, actor, placement_id, phase_id, today=today)
    check_version(phase, version)
    if not said_yes:
        raise Invalid({"said_yes": N_("Fråga personen, och kryssa i när personen har sagt ja.")})
    require(session, actor, seen.placement, Act.AGREE_HOURS, today=today)
    last = last_permitted_day(seen.placement, get_form(session, seen.placement.form))
    if last is not None and phase.starts_on > last:
        raise RuleViolation(
            "phase_beyond_decision",
            N_("Tiderna börjar efter sista dagen i beslutet. Skriv in ett nytt beslut först."),
        )
    phase.state, phase.agreed_on = PhaseState.AGREED, today
    phase.agreed_by_id = actor.require_user()
    session.flush()
    _record(session, actor, "agree", phase, seen)
    return phase


def remove_phase(
    session: Session, actor: Actor, placement_id: UUID, phase_id: UUID, *, today: date
) -> None:
    """Take away a phase that has not begun, or that nobody agreed on.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: it is agreed and has begun: it happened.
    """
    seen, phase = _own_phase(session, actor, placement_id, phase_id, today=today)
    if phase.state is PhaseState.AGREED and phase.starts_on <= today:
        raise RuleViolation(
            "phase_begun",
            N_("Tiderna har börjat gälla. Lägg till nya från en senare dag i stället."),
        )
    session.delete(phase)
    session.flush()
    _record(session, actor, "delete", phase, seen)


def add_break(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    first_day: date,
    last_day: date,
    reason: BreakReason,
    today: date,
) -> ScheduleBreak:
    """Note days when nobody is there, such as a summer closure. Never illness.

    Raises:
        NotFound, Refused: as everywhere.
        Invalid: the last day is before the first.
    """
    seen = _writable(session, actor, placement_id, today=today)
    if last_day < first_day:
        raise Invalid({"last_day": N_("Sista dagen ligger före den första. Ändra en av dem.")})
    row = ScheduleBreak(
        placement_id=seen.placement.id, first_day=first_day, last_day=last_day, reason=reason
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "schedule_break", row.id, subjects=[seen.participant.id])
    return row


def remove_break(
    session: Session, actor: Actor, placement_id: UUID, break_id: UUID, *, today: date
) -> None:
    """Take days back.

    Raises:
        NotFound, Refused: as everywhere.
    """
    seen = _writable(session, actor, placement_id, today=today)
    row = session.get(ScheduleBreak, break_id)
    if row is None or row.placement_id != seen.placement.id:
        raise NotFound("schedule_break")
    session.delete(row)
    session.flush()
    audit.record(
        session, actor, "delete", "schedule_break", break_id, subjects=[seen.participant.id]
    )


def phases_of(session: Session, placement_id: UUID) -> Sequence[SchedulePhase]:
    """The phases of a placement in order. Asks no right."""
    return session.scalars(
        select(SchedulePhase)
        .where(SchedulePhase.placement_id == placement_id)
        .order_by(SchedulePhase.starts_on, SchedulePhase.id)
    ).all()


def times_of_week(days: Iterable[tuple[int, time | None, time | None]]) -> tuple[Times, ...]:
    """Times from the rows of a form; a row with nothing in it has none.

    Raises:
        Invalid: only one of the two times, or an end that is not after the start.
    """
    found, wrong = [], {}
    for weekday, start, end in days:
        if start is None and end is None:
            continue
        if start is None or end is None:
            wrong[f"end_{weekday}"] = N_("Skriv både när det börjar och när det slutar.")
        elif end <= start:
            wrong[f"end_{weekday}"] = N_("Slutet ligger före början. Ändra en av tiderna.")
        else:
            found.append(Times(weekday, start, end))
    if wrong:
        raise Invalid(wrong)
    return tuple(found)


def _check(
    session: Session,
    seen: Seen,
    content: PhaseContent,
    phases: Sequence[SchedulePhase],
    changed: SchedulePhase | None,
    *,
    today: date,
) -> None:
    wrong: dict[str, str] = {}
    placement = seen.placement
    end = placement.end_date or placement.planned_end_date
    if content.starts_on < placement.start_date or (end and content.starts_on > end):
        wrong["starts_on"] = N_("Dagen ligger utanför perioden. Välj en annan dag.")
    elif any(each is not changed and each.starts_on == content.starts_on for each in phases):
        wrong["starts_on"] = N_("Andra tider börjar redan den dagen. Ändra dem i stället.")
    wrong |= _problems_with_times(content, number(session, placement.unit_id, "full_week_hours"))
    for name in ("step_up", "hold", "step_back"):
        if contains_identity_number(getattr(content, name) or "", today=today):
            wrong[name] = N_("Skriv inga personnummer här.")
    if wrong:
        raise Invalid(wrong)
    if changed is None and len(phases) >= MOST_PHASES:
        raise RuleViolation(
            "too_many_phases", N_("Schemat har redan trettio steg. Ändra ett av dem.")
        )


def _problems_with_times(content: PhaseContent, full_week: int) -> dict[str, str]:
    wrong = {
        f"end_{each.weekday}": N_("Det är mer än tio timmar. Stämmer tiderna?")
        for each in content.times
        if each.hours > LONGEST_DAY
    }
    if not content.times:
        wrong["start_1"] = N_("Skriv tider för minst en dag.")
    elif Phase(content.starts_on, content.times).hours > full_week:
        wrong["start_1"] = N_("Det blir mer än heltid. Ta bort några timmar.")
    return wrong


def _fill(phase: SchedulePhase, content: PhaseContent) -> None:
    phase.starts_on, phase.days = content.starts_on, keep_days(content.times)
    phase.step_up = (content.step_up or "").strip() or None
    phase.hold = (content.hold or "").strip() or None
    phase.step_back = (content.step_back or "").strip() or None


def _phase(row: SchedulePhase) -> Phase:
    return Phase(row.starts_on, read_days(row.days))


def _breaks(session: Session, placement_id: UUID) -> Sequence[ScheduleBreak]:
    return session.scalars(
        select(ScheduleBreak)
        .where(ScheduleBreak.placement_id == placement_id)
        .order_by(ScheduleBreak.first_day, ScheduleBreak.id)
    ).all()


def _see(
    session: Session, actor: Actor, placement_id: UUID, *, today: date, for_update: bool = False
) -> Seen:
    actor.require_role(*READERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=for_update)
    if not seen.is_own and not actor.has_role(Role.PLACEMENT_COORDINATOR):
        raise Refused("not_your_case")
    return seen


def _writable(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Seen:
    seen = _see(session, actor, placement_id, today=today, for_update=True)
    require_decider(actor, seen.sight)
    if seen.placement.end_date is not None or seen.placement.called_off_on is not None:
        raise RuleViolation("placement_ended", N_("Placeringen är slut. Då ändras inget mer."))
    return seen


def _own_phase(
    session: Session, actor: Actor, placement_id: UUID, phase_id: UUID, *, today: date
) -> tuple[Seen, SchedulePhase]:
    seen = _writable(session, actor, placement_id, today=today)
    phase = session.get(SchedulePhase, phase_id)
    if phase is None or phase.placement_id != seen.placement.id:
        raise NotFound("schedule_phase")
    return seen, phase


def _record(session: Session, actor: Actor, action: str, phase: SchedulePhase, seen: Seen) -> None:
    audit.record(session, actor, action, "schedule_phase", phase.id, subjects=[seen.participant.id])
