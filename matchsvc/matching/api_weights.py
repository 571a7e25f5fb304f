"""JSON of the unit's table of points: the same rules as the pages."""

from __future__ import annotations

from typing import Any

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.matching.schemas import (
    SaveWeightsSchema,
    TableHistorySchema,
    TableSchema,
    WeightsSchema,
    WhatIfSchema,
)
from matchsvc.matching.weights_table import TABLE_READERS, UnitTable, save_table, table_history
from matchsvc.matching.what_if import what_if
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("weights", "/matching", "The unit's table of points, its versions, a what-if")


@api.route("/weights")
@api.response(200, TableHistorySchema)
@errors(api, 401, 403)
@requires(*TABLE_READERS)
def get_weights() -> dict[str, Any]:
    """The unit's table and every version it has had."""
    with reading() as session:
        versions = [as_json(table) for table in table_history(session, current_actor())]
    return {"current": versions[0], "versions": versions}


@api.route("/weights/what-if")
@api.arguments(WeightsSchema, location="query")
@api.response(200, WhatIfSchema)
@errors(api, 401, 403, 409)
@requires(Role.UNIT_MANAGER)
def get_what_if(query: dict[str, Any]) -> dict[str, Any]:
    """What these numbers would change. Nothing is saved."""
    with reading() as session:
        found = what_if(session, current_actor(), query, today=local_date(db.utcnow()))
        names = ("people", "offers", "for_offers", "for_people", "usable_before", "usable_after")
        told = {name: getattr(found, name) for name in (*names, "examples")}
        return {"base": found.current.number, "seen": found.seal, **told}


@api.route("/weights", methods=["POST"])
@api.arguments(SaveWeightsSchema)
@api.response(201, TableSchema)
@errors(api, 401, 403, 409)
@requires(Role.UNIT_MANAGER)
def create_weights(data: dict[str, Any]) -> dict[str, Any]:
    """Save a new version, after its what-if and with a reason."""
    said = {name: data.pop(name) for name in ("reason", "base", "seen")}
    now = db.utcnow()
    with writing() as session:
        saved = save_table(session, current_actor(), data, **said, now=now, today=local_date(now))
        return as_json(saved)


def as_json(table: UnitTable) -> dict[str, Any]:
    """A version as the API shows it."""
    return {
        "version": table.label,
        "number": table.number,
        "numbers": table.numbers,
        "reason": table.reason,
        "made_by": table.made_by,
        "valid_from": table.valid_from.isoformat() if table.valid_from else None,
    }
