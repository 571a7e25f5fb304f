"""Who may see and change employers and offers (contract.md section 5): always one's own unit."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Contact, Employer, Offer, Site
from matchsvc.errors import N_, Refused
from matchsvc.workday.archivable import stands

#: Who changes employers and offers.
EDITORS = (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR)
#: Who may log a contact, too.
LOGGERS = (*EDITORS, Role.CASE_WORKER)
#: Who may read.
READERS = (*LOGGERS, Role.UNIT_MANAGER)

#: No 0/O, 1/I: ids are read aloud on the telephone.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 6

Row = TypeVar("Row", Employer, Site, Contact, Offer)


def can_edit(actor: Actor) -> bool:
    """Whether the actor may change employers and offers."""
    return actor.is_system or actor.has_role(*EDITORS)


def can_log(actor: Actor) -> bool:
    """Whether the actor may log a contact."""
    return actor.is_system or actor.has_role(*LOGGERS)


def in_own_unit(actor: Actor, unit_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition that a row belongs to the actor's unit; commands and jobs reach all."""
    if actor.is_system and actor.unit_id is None:
        return true()
    return unit_id == actor.unit_id


def employers_of(actor: Actor) -> Select[Employer]:
    """The employers that exist for this actor."""
    actor.require_role(*READERS)
    return select(Employer).where(in_own_unit(actor, Employer.unit_id.expression), stands(Employer))


def offers_of(actor: Actor) -> Select[Offer]:
    """The offers that exist for this actor."""
    actor.require_role(*READERS)
    return select(Offer).where(in_own_unit(actor, Offer.unit_id.expression), stands(Offer))


def is_called(model: type[Row], key: UUID | str) -> ColumnElement[bool]:
    """Whether a row has this id: a UUID or, where there is one, its external id."""
    if isinstance(key, UUID):
        return model.id == key
    try:
        return model.id == UUID(key)
    except ValueError:
        external_id = getattr(model, "external_id", None)
        # PostgreSQL cannot even be asked about a text that holds a NUL.
        return false() if external_id is None or "\x00" in key else external_id == key


def own_unit_of(actor: Actor, given: UUID | None) -> UUID:
    """The unit a new row belongs to: the user's own, or the one a command names.

    Raises:
        Refused: a user names another unit, or a command names none.
    """
    unit_id = given or actor.unit_id
    if unit_id is None or (actor.unit_id is not None and unit_id != actor.unit_id):
        raise Refused("other_unit", N_("Det hör till en annan enhet."))
    return unit_id


def new_external_id(prefix: str) -> str:
    """A short id for a row made by hand, for example ``A-7K3M9P``."""
    return f"{prefix}-{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"


def keys_that_moved(
    session: Session, unit_id: UUID, external_ids: Collection[str]
) -> dict[str, str]:
    """Of these external ids those of rows merged away, with the id of the row that stands now."""
    gone, stands = aliased(Employer), aliased(Employer)
    rows = session.execute(
        select(gone.external_id, stands.external_id)
        .join(stands, stands.id == gone.merged_into_id)
        .where(gone.unit_id == unit_id, gone.external_id.in_(external_ids))
    )
    return {old: new for old, new in rows}  # noqa: C416 - a result is no mapping
