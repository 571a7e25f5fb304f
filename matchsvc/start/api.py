"""JSON of the first start: the same steps as the page."""

from __future__ import annotations

from typing import Any

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Unit
from matchsvc.accounts.own_unit import name_unit, own_unit
from matchsvc.accounts.staff import KEEPERS
from matchsvc.start import steps
from matchsvc.start.schemas import MailTestSchema, OwnUnitSchema, StartSchema, UnitShownSchema
from matchsvc.start.views import told, try_mail
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("start", "/start", "The first start of a unit.")


@api.get("")
@api.response(200, StartSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def show_start() -> dict[str, Any]:
    """How far the unit has come."""
    with reading() as session:
        start = steps.read_start(session, current_actor())
    return {
        "is_done": start.is_done,
        "is_put_aside": start.put_aside is not None,
        "steps": start.steps,
    }


@api.get("/unit")
@api.response(200, UnitShownSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def show_unit() -> Unit:
    """The unit's name, municipality and telephone."""
    with reading() as session:
        return own_unit(session, current_actor())


@api.put("/unit")
@api.arguments(OwnUnitSchema)
@api.response(200, UnitShownSchema)
@errors(api, 401, 403, 409, 422)
@requires(*KEEPERS)
def save_unit(data: dict[str, Any]) -> Unit:
    """Say what the unit is called."""
    with writing() as session:
        return name_unit(session, current_actor(), **data)


@api.post("/mail-test")
@api.response(200, MailTestSchema)
@errors(api, 401, 403, 409)
@requires(*KEEPERS)
def test_mail() -> dict[str, str]:
    """Send one letter to one's own address; the answer says how it went."""
    verdict = try_mail()
    return {"state": verdict.state, "sentence": told(verdict)}


@api.put("/aside")
@api.response(204)
@errors(api, 401, 403)
@requires(*KEEPERS)
def put_aside() -> None:
    """Take the guide off My week."""
    with writing() as session:
        steps.put_aside(session, current_actor(), now=db.utcnow())


@api.delete("/aside")
@api.response(204)
@errors(api, 401, 403)
@requires(*KEEPERS)
def take_up() -> None:
    """Show the guide on My week again."""
    with writing() as session:
        steps.take_up(session, current_actor())
