"""Who is at the unit's own workplaces on which days, by agreed times. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.participants import access as people
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Employment, Placement
from matchsvc.schedules.models import PhaseState, ScheduleBreak, SchedulePhase
from matchsvc.schedules.weeks import Day, DayOff, Phase, Times, read_days, times_on


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody at one of the unit's own workplaces in some time.

    Attributes:
        participant: who.
        site_id: where.
        is_employed: a job, for which no times are kept here.
        days: each day asked for, with its times or why there are none; None when nobody has
            agreed on times, so that the person is there whenever it is open.
    """

    participant: Participant
    site_id: UUID
    is_employed: bool
    days: Mapping[date, Day | None]

    def is_there(self, day: date) -> bool:
        """Whether the person is expected on a day."""
        known = self.days[day]
        return known is None or known.times is not None

    def times(self, day: date) -> Times | None:
        """From when to when, where it is agreed."""
        known = self.days[day]
        return known.times if known is not None else None


def present_at(
    session: Session, actor: Actor, site_ids: Collection[UUID], days: Sequence[date], *, today: date
) -> list[Presence]:
    """Those who exist for the actor and have a placement or a job at some sites on some days."""
    first, last = days[0], days[-1]
    placements = session.execute(
        select(Placement, Participant)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            people.is_visible_to(actor, today=today),
            Placement.site_id.in_(site_ids),
            Placement.called_off_on.is_(None),
            Placement.start_date <= last,
            or_(Placement.end_date.is_(None), Placement.end_date >= first),
        )
        .order_by(Participant.sort_key, Participant.id)
    ).all()
    jobs = session.execute(
        select(Employment, Participant)
        .join(Participant, Participant.id == Employment.participant_id)
        .where(
            people.is_visible_to(actor, today=today),
            Employment.site_id.in_(site_ids),
            Employment.start_date <= last,
            or_(Employment.end_date.is_(None), Employment.end_date >= first),
        )
        .order_by(Participant.sort_key, Participant.id)
    ).all()
    phases, breaks = _schedules(session, [row[0].id for row in placements])
    found = [
        Presence(
            participant,
            row.site_id,
            is_employed=False,
            days={day: _day(row, phases[row.id], breaks[row.id], day) for day in days},
        )
        for row, participant in placements
    ]
    trained = {(each.participant.id, each.site_id) for each in found}
    found += [
        Presence(participant, row.site_id, is_employed=True, days=dict.fromkeys(days))
        for row, participant in jobs
        if (participant.id, row.site_id) not in trained
    ]
    return found


def _day(
    row: Placement, phases: Sequence[Phase], breaks: Sequence[DayOff], day: date
) -> Day | None:
    inside = row.start_date <= day and (row.end_date is None or day <= row.end_date)
    if inside and not phases and not any(each.first_day <= day <= each.last_day for each in breaks):
        return None
    return times_on(phases, breaks, day, start=row.start_date, end=row.end_date)


def _schedules(
    session: Session, placement_ids: Collection[UUID]
) -> tuple[Mapping[UUID, list[Phase]], Mapping[UUID, list[DayOff]]]:
    phases: dict[UUID, list[Phase]] = defaultdict(list)
    breaks: dict[UUID, list[DayOff]] = defaultdict(list)
    agreed = select(SchedulePhase).where(
        SchedulePhase.placement_id.in_(placement_ids), SchedulePhase.state == PhaseState.AGREED
    )
    for phase in session.scalars(agreed):
        phases[phase.placement_id].append(Phase(phase.starts_on, read_days(phase.days)))
    off = select(ScheduleBreak).where(ScheduleBreak.placement_id.in_(placement_ids))
    for each in session.scalars(off):
        breaks[each.placement_id].append(DayOff(each.first_day, each.last_day))
    return phases, breaks
