"""A placement beside something else: what may be combined, and what not (2.3, programme extent).

Allowed, once somebody says that it was thought of: different workplaces whose hours together are at
most full time. Never: the same workplace twice, hours that nobody has said, more than full time, or
practice by the social services beside what the employment service decides.

A job whose hours are known counts as another workplace does; one whose hours nobody has written is
left alone. Groups count the hours of each week that they meet. They are no work and can be left for
a day, so they alone never stand in the way: more than full time with them is only warned of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.settings import number
from matchsvc.activities.models import GroupMember, GroupSession
from matchsvc.errors import N_
from matchsvc.placements.calendar import periods_overlap
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import DecisionAuthority, Employment, Placement
from matchsvc.swedish import local_date

SAME_SITE = N_(
    "Deltagaren har redan en annan placering på arbetsplatsen under perioden. "
    "Ändra timmarna i den, eller välj en annan start."
)
TWO_AUTHORITIES = N_(
    "Deltagaren har en annan placering under perioden. SoL-praktik är för den som inte kan få en "
    "insats från Arbetsförmedlingen (SoL 12 kap. 4 §), så de kan inte pågå samtidigt."
)
NO_HOURS = N_(
    "Deltagaren har en annan placering under perioden. De får bara pågå samtidigt om timmarna är "
    "kända och tillsammans högst heltid. Skriv timmarna i båda."
)
TOO_MANY_HOURS = N_(
    "Deltagaren har en annan placering under perioden, och tillsammans blir det mer än heltid. "
    "Minska timmarna, avsluta den andra eller välj en annan start."
)
MAY_BE_COMBINED = N_(
    "Deltagaren har en annan placering under perioden. Tillsammans är de högst heltid, så de får "
    "pågå samtidigt. Kryssa i att det är meningen."
)
NO_HOURS_BESIDE_WORK = N_(
    "Deltagaren har ett arbete under perioden. Placeringen får bara pågå samtidigt om timmarna är "
    "kända och tillsammans högst heltid. Skriv timmarna."
)
TOO_MANY_WITH_WORK = N_(
    "Deltagaren har ett arbete under perioden, och tillsammans blir det mer än heltid. "
    "Minska timmarna eller välj en annan start."
)
WORK_MAY_BE_COMBINED = N_(
    "Deltagaren har ett arbete under perioden. Tillsammans är de högst heltid, så de får pågå "
    "samtidigt. Kryssa i att det är meningen."
)
TOO_MANY_WITH_GROUPS = N_(
    "Med deltagarens aktiviteter blir det mer än heltid någon vecka. Se över timmarna, eller "
    "kryssa i att det är meningen."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The period that somebody wants beside what there is.

    Attributes:
        participant_id: whose.
        site_id: where.
        form: of which form.
        start, end: first and last day; None runs on.
        hours: the most hours a week; None is not known.
        except_id: the placement that the wish is about itself.
    """

    participant_id: UUID
    site_id: UUID
    form: str
    start: date
    end: date | None
    hours: int | None
    except_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Something else at the same time.

    Attributes:
        sentence: what is said about it.
        may_be_combined: it is only warned of.
    """

    sentence: str
    may_be_combined: bool


def most_hours(hours_start: int | None, hours_goal: int | None) -> int | None:
    """The most hours a week that a placement aims for; None when nobody has said."""
    return max((each for each in (hours_start, hours_goal) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Spell:
    """Hours a week from a first to a last day."""

    start: date
    end: date
    hours: float


def find_overlap(session: Session, unit_id: UUID, wish: Wish) -> Overlap | None:
    """What is said of other placements, jobs and groups in the period; None when nothing is.

    One person: a fixed number of queries.
    """
    others, jobs = _others(session, wish), _jobs(session, wish)
    refusal = _refusal(session, wish, others, jobs)
    if refusal is not None:
        return Overlap(refusal, may_be_combined=False)
    full_week = number(session, unit_id, "full_week_hours")
    placed = [_spell_of(each) for each in others]
    if others and _most_at_once(wish, placed) > full_week:
        return Overlap(TOO_MANY_HOURS, may_be_combined=False)
    if jobs and _most_at_once(wish, [*placed, *jobs]) > full_week:
        return Overlap(TOO_MANY_WITH_WORK, may_be_combined=False)
    if wish.hours is not None:
        groups = _groups(session, wish)
        if groups and _most_at_once(wish, [*placed, *jobs, *groups]) > full_week:
            return Overlap(TOO_MANY_WITH_GROUPS, may_be_combined=True)
    if others:
        return Overlap(MAY_BE_COMBINED, may_be_combined=True)
    return Overlap(WORK_MAY_BE_COMBINED, may_be_combined=True) if jobs else None


def _refusal(
    session: Session, wish: Wish, others: Sequence[Placement], jobs: Sequence[_Spell]
) -> str | None:
    """Why it may not be whatever the hours, or because nobody has said them."""
    if any(other.site_id == wish.site_id for other in others):
        return SAME_SITE
    deciders = {
        get_form(session, code).decision_authority
        for code in (wish.form, *(other.form for other in others))
        if others
    }
    if {DecisionAuthority.AF, DecisionAuthority.SOCIAL_BOARD} <= deciders:
        return TWO_AUTHORITIES
    known = [most_hours(other.hours_start, other.hours_goal) for other in others]
    if others and (wish.hours is None or None in known):
        return NO_HOURS
    return NO_HOURS_BESIDE_WORK if jobs and wish.hours is None else None


def _spell_of(other: Placement) -> _Spell:
    hours = most_hours(other.hours_start, other.hours_goal) or 0
    return _Spell(other.start_date, other.end_date or other.planned_end_date or date.max, hours)


def _jobs(session: Session, wish: Wish) -> list[_Spell]:
    """Jobs in the period whose hours somebody has written. One query."""
    found = session.scalars(
        select(Employment).where(
            Employment.participant_id == wish.participant_id,
            Employment.hours.is_not(None),
            Employment.hours > 0,
        )
    )
    return [
        _Spell(job.start_date, end or date.max, job.hours or 0)
        for job in found
        for end in (job.end_date or job.planned_end_date,)
        if periods_overlap(wish.start, wish.end, job.start_date, end)
    ]


def _groups(session: Session, wish: Wish) -> list[_Spell]:
    """Each week of the period with the hours that groups with a place meet. One query."""
    sessions = session.execute(
        select(GroupSession.starts_at, GroupSession.ends_at, GroupMember.left_on)
        .join(GroupMember, GroupMember.group_id == GroupSession.group_id)
        .where(
            GroupMember.participant_id == wish.participant_id,
            GroupMember.joined_on.is_not(None),
            GroupSession.cancelled_at.is_(None),
        )
    )
    weeks: dict[date, float] = {}
    for starts_at, ends_at, left_on in sessions:
        day = local_date(starts_at)
        if wish.start <= day <= min(wish.end or date.max, left_on or date.max):
            monday = day - timedelta(days=day.weekday())
            hours = (ends_at - starts_at).total_seconds() / 3600
            weeks[monday] = weeks.get(monday, 0) + hours
    return [_Spell(monday, monday + timedelta(6), hours) for monday, hours in weeks.items()]


def _others(session: Session, wish: Wish) -> list[Placement]:
    found = session.scalars(
        select(Placement).where(
            Placement.participant_id == wish.participant_id, Placement.called_off_on.is_(None)
        )
    )
    return [
        other
        for other in found
        if other.id != wish.except_id
        and periods_overlap(
            wish.start, wish.end, other.start_date, other.end_date or other.planned_end_date
        )
    ]


def _most_at_once(wish: Wish, spells: Sequence[_Spell]) -> float:
    """The most hours a week on any day of the period, with those of the wish."""
    # The sum only rises on a day when one begins, so those days are enough to look at.
    last = wish.end or date.max
    days = {wish.start, *(each.start for each in spells if wish.start < each.start <= last)}
    return (wish.hours or 0) + max(
        sum(each.hours for each in spells if each.start <= day <= each.end) for day in days
    )


def has_overlap(session: Session, participant_id: UUID, *, start: date, end: date | None) -> bool:
    """Whether the participant is in another placement on any day of the period."""
    others = session.scalars(
        select(Placement).where(
            Placement.participant_id == participant_id, Placement.called_off_on.is_(None)
        )
    )
    return any(
        periods_overlap(start, end, other.start_date, other.end_date or other.planned_end_date)
        for other in others
    )
