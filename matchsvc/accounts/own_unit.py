"""What a unit is called, in which municipality, and whom to ring."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.staff import KEEPERS
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.swedish import sort_key


def own_unit(session: Session, actor: Actor, *, for_update: bool = False) -> Unit:
    """The unit that the actor keeps.

    Raises:
        Refused: the actor keeps no unit.
        NotFound: the actor has no unit (a command).
    """
    actor.require_role(*KEEPERS)
    found = select(Unit).where(Unit.id == actor.unit_id)
    unit = session.scalar(found.with_for_update() if for_update else found)
    if unit is None:
        raise NotFound("unit")
    return unit


def is_named(unit: Unit) -> bool:
    """Whether somebody has said what it is: a name alone stands there from the beginning."""
    return bool(unit.municipality.strip())


def name_unit(
    session: Session,
    actor: Actor,
    *,
    name: str,
    municipality: str,
    phone: str | None,
    version: int | None,
) -> Unit:
    """Say what the actor's unit is called.

    Args:
        session: a writing transaction.
        actor: an administrator or the unit's manager.
        name: as on papers and in the head of each page.
        municipality: for example ``Kvarnby kommun``.
        phone: whom an employer rings; None for no number.
        version: of the unit as it was shown.

    Raises:
        Refused: the actor keeps no unit.
        Invalid: no name, no municipality, or a name that another unit has.
        Conflict: it was saved since.
    """
    unit = own_unit(session, actor, for_update=True)
    check_version(unit, version)
    name, municipality = name.strip(), municipality.strip()
    errors = {}
    if not name:
        errors["name"] = N_("Skriv vad enheten heter.")
    if not municipality:
        errors["municipality"] = N_("Skriv vilken kommun enheten hör till.")
    taken = select(Unit.id).where(Unit.name == name, Unit.id != unit.id)
    if name and session.scalar(taken) is not None:
        errors["name"] = N_("En annan enhet heter redan så. Skriv ett annat namn.")
    if errors:
        raise Invalid(errors)
    unit.name, unit.sort_key = name, sort_key(name)
    unit.municipality, unit.phone = municipality, phone or None
    session.flush()
    audit.record(
        session, actor, "change", "unit", unit.id, fields=["name", "municipality", "phone"]
    )
    return unit
