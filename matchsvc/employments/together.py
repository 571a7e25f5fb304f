"""A job on part time and continued work training at the same time: the hours together (PLA-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.settings import number
from matchsvc.employers.models import Site
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Employment, Placement


@dataclass(frozen=True, slots=True)
class Beside:
    """One of the things that somebody does at the same time.

    Attributes:
        what: the job or the placement.
        site: where.
        hours: a week; None when nobody has said.
    """

    what: Employment | Placement
    site: Site
    hours: int | None

    @property
    def is_job(self) -> bool:
        """Whether it is a job."""
        return isinstance(self.what, Employment)


@dataclass(frozen=True, slots=True)
class Together:
    """What somebody does in a week, and whether it is more than full time."""

    parts: Sequence[Beside]
    full_week: int

    @property
    def hours(self) -> int:
        """What is known, together."""
        return sum(each.hours or 0 for each in self.parts)

    @property
    def is_too_much(self) -> bool:
        """More than full time: a warning, since only the people know what it is like."""
        return self.hours > self.full_week


def together_on(session: Session, participant: Participant, day: date) -> Together:
    """Everything that goes on for a participant on a day. Three queries.

    Asks no right: the caller has got her by one.
    """
    jobs = session.execute(
        select(Employment, Site)
        .join(Site, Site.id == Employment.site_id)
        .where(
            Employment.participant_id == participant.id,
            Employment.start_date <= day,
            or_(Employment.end_date.is_(None), Employment.end_date >= day),
        )
        .order_by(Employment.start_date, Employment.id)
    )
    placements = session.execute(
        select(Placement, Site)
        .join(Site, Site.id == Placement.site_id)
        .where(
            Placement.participant_id == participant.id,
            Placement.called_off_on.is_(None),
            Placement.start_date <= day,
            or_(Placement.end_date.is_(None), Placement.end_date >= day),
        )
        .options(selectinload(Placement.follow_ups))
        .order_by(Placement.start_date, Placement.id)
    )
    parts = [Beside(job, site, job.hours) for job, site in jobs]
    parts += [Beside(each, site, hours_now(each)) for each, site in placements]
    return Together(parts, number(session, participant.unit_id, "full_week_hours"))


def hours_now(placement: Placement) -> int | None:
    """Hours a week by the latest follow-up that says so, else as at the start. Pure."""
    said = [each.hours_next for each in placement.follow_ups if each.held_on and each.hours_next]
    return said[-1] if said else placement.hours_start
