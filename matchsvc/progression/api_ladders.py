"""JSON of ladders: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants.frame import today
from matchsvc.progression import ladders
from matchsvc.progression.ladders import LadderLine
from matchsvc.progression.schemas import LadderSchema, LadderShownSchema, content_of
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("ladders", "/ladders", "Ladders of a unit, version by version.")


@api.get("")
@api.response(200, LadderShownSchema(many=True))
@errors(api, 401, 403)
@requires(*ladders.READERS)
def list_ladders() -> list[LadderLine]:
    """Every ladder with its versions."""
    with reading() as session:
        return ladders.list_ladders(session, current_actor())


@api.post("")
@api.arguments(LadderSchema)
@api.response(201, LadderShownSchema)
@errors(api, 401, 403)
@requires(*ladders.CHANGERS)
def create_ladder(data: dict[str, Any]) -> LadderLine:
    """A new ladder with its first version."""
    with writing() as session:
        made = ladders.add_ladder(
            session, current_actor(), content_of(data), today=today(), now=db.utcnow()
        )
    return _shown(made.id)


@api.get("/<uuid:ladder_id>")
@api.response(200, LadderShownSchema)
@errors(api, 401, 403, 404)
@requires(*ladders.READERS)
def show_ladder(ladder_id: UUID) -> LadderLine:
    """One ladder with every version."""
    return _shown(ladder_id)


@api.post("/<uuid:ladder_id>/versions")
@api.arguments(LadderSchema)
@api.response(201, LadderShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*ladders.CHANGERS)
def create_version(data: dict[str, Any], ladder_id: UUID) -> LadderLine:
    """A version that replaces the latest; nobody who stands on a step is moved."""
    with writing() as session:
        ladders.add_version(
            session,
            current_actor(),
            ladder_id,
            content_of(data),
            base=data["base"],
            today=today(),
            now=db.utcnow(),
        )
    return _shown(ladder_id)


def _shown(ladder_id: UUID) -> LadderLine:
    with reading() as session:
        return ladders.get_ladder(session, current_actor(), ladder_id)
