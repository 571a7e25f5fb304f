"""Two placements at the same time: what may be combined, and what may not (2.3, programme extent).

Allowed, once somebody says that it was thought of: different workplaces whose hours together are at
most full time. Never: the same workplace twice, hours that nobody has said, more than full time, or
practice by the social services beside what the employment service decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.settings import number
from matchsvc.errors import N_
from matchsvc.placements.calendar import periods_overlap
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import DecisionAuthority, Placement

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
    """Another placement at the same time.

    Attributes:
        sentence: what is said about it.
        may_be_combined: it is only warned of.
    """

    sentence: str
    may_be_combined: bool


def most_hours(hours_start: int | None, hours_goal: int | None) -> int | None:
    """The most hours a week that a placement aims for; None when nobody has said."""
    return max((each for each in (hours_start, hours_goal) if each is not None), default=None)


def find_overlap(session: Session, unit_id: UUID, wish: Wish) -> Overlap | None:
    """What is said of other placements in the period; None when there are none.

    The placements of one person: a fixed number of queries.
    """
    others = _others(session, wish)
    if not others:
        return None
    if any(other.site_id == wish.site_id for other in others):
        return Overlap(SAME_SITE, may_be_combined=False)
    deciders = {
        get_form(session, code).decision_authority
        for code in (wish.form, *(other.form for other in others))
    }
    if {DecisionAuthority.AF, DecisionAuthority.SOCIAL_BOARD} <= deciders:
        return Overlap(TWO_AUTHORITIES, may_be_combined=False)
    most = _most_at_once(wish, others)
    if most is None:
        return Overlap(NO_HOURS, may_be_combined=False)
    if most > number(session, unit_id, "full_week_hours"):
        return Overlap(TOO_MANY_HOURS, may_be_combined=False)
    return Overlap(MAY_BE_COMBINED, may_be_combined=True)


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


def _most_at_once(wish: Wish, others: Sequence[Placement]) -> int | None:
    """The most hours a week on any day; None when somebody's are not known."""
    periods = [
        (
            other.start_date,
            other.end_date or other.planned_end_date or date.max,
            most_hours(other.hours_start, other.hours_goal),
        )
        for other in others
    ]
    if wish.hours is None or any(hours is None for _start, _end, hours in periods):
        return None
    # The sum only rises on a day when one begins, so those days are enough to look at.
    days = {wish.start, *(start for start, _end, _hours in periods if start > wish.start)}
    return wish.hours + max(
        sum(hours or 0 for start, end, hours in periods if start <= day <= end) for day in days
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
