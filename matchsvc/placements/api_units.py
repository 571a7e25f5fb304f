"""JSON of the installation's units: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts import api_schemas as schemas
from matchsvc.accounts import units
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.models import Role, Unit
from matchsvc.accounts.schemas import ChangeUnitSchema, FirstManagerSchema, OpenUnitSchema
from matchsvc.accounts.units import UnitLine
from matchsvc.messages.views_users import send_address
from matchsvc.placements.views_units import content_of, count_open_cases, manager_of
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("units", "/units", "The units: how many accounts and when, no content.")


@api.get("")
@api.response(200, schemas.UnitLineSchema(many=True))
@errors(api, 401, 403)
@requires(Role.ADMIN)
def list_units() -> list[UnitLine]:
    """Every unit with its accounts, log-ins and last activity."""
    with reading() as session:
        return units.list_units(session, current_actor(), now=db.utcnow())


@api.post("")
@api.arguments(OpenUnitSchema)
@api.response(201, schemas.UnitSchema)
@errors(api, 401, 403, 409)
@requires(Role.ADMIN)
@asks_again()
def open_unit(data: dict[str, Any]) -> Unit:
    """Open a unit; its first manager gets a letter with a one-time address."""
    with writing() as session:
        unit, user, token = units.open_unit(
            session, current_actor(), content_of(data), manager_of(data), now=db.utcnow()
        )
        send_address(session, user, token)
        return unit


@api.patch("/<uuid:unit_id>")
@api.arguments(ChangeUnitSchema)
@api.response(200, schemas.UnitSchema)
@errors(api, 401, 403, 404, 409)
@requires(Role.ADMIN)
def change_unit(data: dict[str, Any], unit_id: UUID) -> Unit:
    """Give a unit another name, municipality and phone; all three are replaced."""
    with writing() as session:
        return units.change_unit(
            session, current_actor(), unit_id, content_of(data), version=data["version"]
        )


@api.post("/<uuid:unit_id>/close")
@api.response(200, schemas.UnitSchema)
@errors(api, 401, 403, 404, 409)
@requires(Role.ADMIN)
@asks_again()
def close_unit(unit_id: UUID) -> Unit:
    """Close a unit that has nothing left to do; refused with what is in the way."""
    with writing() as session:
        return units.close_unit(
            session,
            current_actor(),
            unit_id,
            open_cases=count_open_cases(session, unit_id),
            now=db.utcnow(),
        )


@api.post("/<uuid:unit_id>/open")
@api.arguments(FirstManagerSchema)
@api.response(200, schemas.UnitSchema)
@errors(api, 401, 403, 404, 409)
@requires(Role.ADMIN)
@asks_again()
def reopen_unit(data: dict[str, Any], unit_id: UUID) -> Unit:
    """Open a closed unit again, with a manager."""
    actor = current_actor()
    with writing() as session:
        user, token = units.reopen_unit(session, actor, unit_id, manager_of(data), now=db.utcnow())
        send_address(session, user, token)
        return units.get_unit(session, actor, unit_id)
