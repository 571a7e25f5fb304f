"""Who sees and writes what of the unit's own workplaces, and what a person is called there.

A practical supervisor sees the times and tasks of the day of those she works with, and nothing that
was said, agreed or mapped. A supervisor sees her own, everybody else of the unit the alias.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Employer, EmployerType, Site
from matchsvc.errors import NotFound
from matchsvc.participants.access import ALIAS_ROLES, Sight, shown_name
from matchsvc.participants.models import Participant
from matchsvc.workday.archivable import stands

#: Who has a board in the morning.
BOARD_READERS = (
    Role.SUPERVISOR,
    Role.PRACTICAL_SUPERVISOR,
    Role.CASE_WORKER,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
)
#: Who gives out the work of the day.
LEADERS = (Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR)
#: Who reads what the workplaces are like.
SITE_READERS = (*BOARD_READERS, Role.EMPLOYER_LIAISON)
#: Who says what they are like; practical supervisors do not: others answer for the whole.
SITE_WRITERS = (Role.SUPERVISOR, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER)


def board_name(actor: Actor, participant: Participant, sight: Sight) -> str:
    """What somebody is called on the board: given name and an initial, or the alias.

    The board hangs on a wall, so not even her own workers see more there. Whoever knows no aliases
    works with her; a protected person goes by the alias everywhere.
    """
    if participant.protected or (actor.has_role(*ALIAS_ROLES) and sight < Sight.WORKPLACE):
        return shown_name(participant, Sight.ALIAS)
    given, family = participant.given_name or "", participant.family_name or ""
    return f"{given} {family[:1]}.".strip() if given and family else participant.alias


def own_sites(session: Session, actor: Actor) -> list[Site]:
    """The workplaces of the unit's own operations, in Swedish order."""
    return list(
        session.scalars(
            select(Site)
            .join(Employer, Employer.id == Site.employer_id)
            .where(
                Employer.unit_id == actor.unit_id,
                Employer.type == EmployerType.OWN_UNIT,
                stands(Employer),
            )
            .order_by(Site.sort_key, Site.id)
        )
    )


def get_own_site(session: Session, actor: Actor, site_id: UUID) -> Site:
    """One workplace of the unit's own operations.

    Raises:
        NotFound: unknown, another unit's, or somebody else's workplace.
    """
    for site in own_sites(session, actor):
        if site.id == site_id:
            return site
    raise NotFound("site")


def is_season(season: str | None, day: date) -> bool:
    """Whether a day lies in a season such as ``04-01/10-15``. Pure."""
    if season is None:
        return True
    first, last = season.split("/")
    at = f"{day:%m-%d}"
    return first <= at <= last if first <= last else at >= first or at <= last
