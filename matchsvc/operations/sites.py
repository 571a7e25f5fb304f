"""What the unit's own workplaces are like, and how much room there is day by day (PLA-12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers.models import Site
from matchsvc.errors import N_, Invalid
from matchsvc.operations.access import (
    SITE_READERS,
    SITE_WRITERS,
    get_own_site,
    is_season,
    own_sites,
)
from matchsvc.operations.models import OperationArea, OwnSite
from matchsvc.operations.presence import Presence, present_at
from matchsvc.swedish import contains_identity_number, is_holiday

WEEK = 7
_WORKDAYS = 5
_SEASON = re.compile(r"(\d\d)-(\d\d)/(\d\d)-(\d\d)", re.ASCII)
_LEAP_YEAR = 2028


@dataclass(frozen=True, kw_only=True)
class OwnSiteContent:
    """What a workplace is like, as somebody writes it."""

    area: OperationArea
    places: int
    tasks: str
    physical: str
    psychosocial: str
    season: str | None = None


@dataclass(frozen=True, slots=True)
class DayRoom:
    """One day at a workplace.

    Attributes:
        day: the day.
        used: how many are expected, of those who exist for the reader.
        is_open: it is a working day in season.
    """

    day: date
    used: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Described:
    """A workplace of one's own with the coming days.

    Attributes:
        site: the workplace.
        own: what it is like; None when nobody has said.
        days: the coming working days.
    """

    site: Site
    own: OwnSite | None
    days: Sequence[DayRoom]


def coming_days(today: date) -> list[date]:
    """The working days of the coming seven days. Pure."""
    days = [today + timedelta(days=number) for number in range(WEEK)]
    return [day for day in days if day.isoweekday() <= _WORKDAYS]


def list_own_sites(session: Session, actor: Actor, *, today: date) -> list[Described]:
    """The unit's own workplaces with their room in the coming days; the read is logged.

    Raises:
        Refused: the role has nothing to do with them.
    """
    actor.require_role(*SITE_READERS)
    sites, days = own_sites(session, actor), coming_days(today)
    ids = [site.id for site in sites]
    present = present_at(session, actor, ids, days, today=today)
    owns = {
        row.site_id: row for row in session.scalars(select(OwnSite).where(OwnSite.site_id.in_(ids)))
    }
    audit.record(session, actor, "list", "own_site")
    return [
        Described(
            site,
            owns.get(site.id),
            [_room(present, site.id, owns.get(site.id), day) for day in days],
        )
        for site in sites
    ]


def _room(present: Sequence[Presence], site_id: UUID, own: OwnSite | None, day: date) -> DayRoom:
    there = {
        each.participant.id for each in present if each.site_id == site_id and each.is_there(day)
    }
    is_open = not is_holiday(day) and is_season(own.season if own else None, day)
    return DayRoom(day, len(there) if is_open else 0, is_open)


def get_described(session: Session, actor: Actor, site_id: UUID) -> tuple[Site, OwnSite | None]:
    """One workplace and what it is like, for whoever may write it.

    Raises:
        Refused: the actor may not.
        NotFound: none of the unit's own.
    """
    actor.require_role(*SITE_WRITERS)
    site = get_own_site(session, actor, site_id)
    return site, session.scalar(select(OwnSite).where(OwnSite.site_id == site.id))


def describe_site(
    session: Session,
    actor: Actor,
    site_id: UUID,
    content: OwnSiteContent,
    *,
    version: int | None,
    today: date,
) -> OwnSite:
    """Say what a workplace is like.

    Raises:
        Refused, NotFound: as :func:`get_described`.
        Invalid: a season that is none, or an identity number.
        Conflict: it was saved since.
    """
    site, row = get_described(session, actor, site_id)
    wrong = {
        name: N_("Ta bort personnumret ur texten. Det har ett eget fält.")
        for name in ("tasks", "physical", "psychosocial")
        if contains_identity_number(getattr(content, name), today=today)
    }
    if content.season is not None and not _is_possible(content.season):
        wrong["season"] = N_("Skriv säsongen som 04-01/10-15.")
    if wrong:
        raise Invalid(wrong)
    if row is None:
        row = OwnSite(site_id=site.id, **asdict(content))
        session.add(row)
    else:
        check_version(row, version)
        for name, value in asdict(content).items():
            setattr(row, name, value)
    session.flush()
    audit.record(session, actor, "change", "own_site", site.id)
    return row


def _is_possible(season: str) -> bool:
    found = _SEASON.fullmatch(season)
    if found is None:
        return False
    first, second = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    try:
        for month, day in (first, second):
            date(_LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True
