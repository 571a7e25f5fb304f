"""Who sees which placement and what of it, and who may change it (contract.md section 5).

A placement exists for those for whom its participant exists. Its workplace, dates, start checklist
and support package are known by alias to the unit; what was said at follow-ups and which
adaptations there are is for the participant's own workers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import NotFound, Refused
from matchsvc.participants import access
from matchsvc.participants.access import ALIAS_ROLES, Sight
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement

Columns = TypeVarTuple("Columns")

#: Who may open the pages of placements at all.
READERS = (*ALIAS_ROLES, Role.SUPERVISOR)
#: Who may decide on a placement: a case worker on her own, a coordinator on all of the unit's.
DECIDERS = (Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR)
#: Who prepares a start and looks after the employer.
PREPARERS = (*DECIDERS, Role.EMPLOYER_LIAISON, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Seen:
    """A placement with what a page needs to name it.

    Attributes:
        placement: the placement.
        participant: whose; named only through ``name``.
        site: where.
        employer: whose site.
        sight: how much of the participant the reader sees.
    """

    placement: Placement
    participant: Participant
    site: Site
    employer: Employer
    sight: Sight

    @property
    def name(self) -> str:
        """What this reader calls the participant."""
        return access.shown_name(self.participant, self.sight)

    @property
    def is_own(self) -> bool:
        """Whether the reader sees what was said and agreed."""
        return self.sight >= Sight.WORKPLACE


def visible_placements(
    actor: Actor, *, today: date
) -> Select[Placement, Participant, Site, Employer]:
    """The placements that exist for this actor, with participant, site and employer."""
    return only_visible(select(Placement, Participant, Site, Employer), actor, today=today)


def only_visible(found: Select[*Columns], actor: Actor, *, today: date) -> Select[*Columns]:
    """Narrow a query that has Placement to what exists for this actor.

    Joins Participant, Site and Employer, which the query may name among its columns.
    """
    found = (
        found.join_from(Placement, Participant, Participant.id == Placement.participant_id)
        .join(Site, Site.id == Placement.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .where(access.is_visible_to(actor, today=today))
    )
    if not actor.is_system and not actor.has_role(*ALIAS_ROLES):
        found = found.where(Placement.supervisor_id == actor.user_id)
    return found


def get_placement(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    today: date,
    for_update: bool = False,
    options: Collection[Any] = (),
) -> Seen:
    """One placement by id or external id.

    Raises:
        NotFound: unknown, hidden, or of a protected participant: the same answer.
    """
    found = visible_placements(actor, today=today).options(*options)
    try:
        found = found.where(Placement.id == UUID(str(key)))
    except ValueError:
        found = found.where(Placement.external_id == str(key))
    if for_update:
        found = found.with_for_update(of=Placement)
    row = session.execute(found).unique().first()
    if row is None:
        raise NotFound("placement")
    return seen(session, actor, [row], today=today)[0]


def seen(session: Session, actor: Actor, rows: Collection[Any], *, today: date) -> list[Seen]:
    """Rows of :func:`visible_placements` with how much of each the actor sees. One query."""
    sights = access.sight_of(session, actor, {row[1].id for row in rows}, today=today)
    return [Seen(row[0], row[1], row[2], row[3], sights[row[1].id]) for row in rows]


def require_decider(actor: Actor, sight: Sight) -> None:
    """Refuse all but the participant's own case worker and the unit's coordinators.

    Raises:
        Refused: another role, or a case worker with whom the participant does not work.
    """
    actor.require_role(*DECIDERS)
    if actor.is_system or actor.has_role(Role.PLACEMENT_COORDINATOR):
        return
    if sight < Sight.FULL:
        raise Refused("not_your_case")


def can_decide(actor: Actor, sight: Sight) -> bool:
    """Whether :func:`require_decider` lets the actor through, for what a page offers."""
    try:
        require_decider(actor, sight)
    except Refused:
        return False
    return True


def logger_of(placement: Placement) -> UUID | None:
    """Who logs its follow-ups: the unit's supervisor named on it, else the case worker."""
    return placement.supervisor_id or placement.case_worker_id
