"""JSON of programmes and their versions: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants import programme_schemas as schemas
from matchsvc.participants import programmes
from matchsvc.participants.frame import today
from matchsvc.participants.programmes import ProgrammeLine
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("programmes", "/programmes", "Programmes, and whom they are for.")


@api.get("")
@api.response(200, schemas.ProgrammeSchema(many=True))
@errors(api, 401, 403)
@requires(*programmes.READERS)
def list_programmes() -> list[dict[str, Any]]:
    """Every programme of the unit with every version."""
    with reading() as session:
        lines = programmes.list_programmes(session, current_actor(), today=today())
    return [_line(each) for each in lines]


@api.post("")
@api.arguments(schemas.NewProgrammeSchema)
@api.response(201, schemas.ProgrammeSchema)
@errors(api, 401, 403, 409)
@requires(*programmes.CHANGERS)
def create_programme(data: dict[str, Any]) -> dict[str, Any]:
    """A programme with its first version; ``countries`` one a line."""
    actor, day = current_actor(), today()
    with writing() as session:
        made = programmes.add_programme(
            session,
            actor,
            code=data["code"],
            name=data["name"],
            content=schemas.content_of(data),
            today=day,
            now=db.utcnow(),
        )
        return _line(programmes.get_programme(session, actor, made.id, today=day))


@api.get("/<uuid:programme_id>")
@api.response(200, schemas.ProgrammeSchema)
@errors(api, 401, 403, 404)
@requires(*programmes.READERS)
def show_programme(programme_id: UUID) -> dict[str, Any]:
    """One programme with every version."""
    with reading() as session:
        line = programmes.get_programme(session, current_actor(), programme_id, today=today())
    return _line(line)


@api.post("/<uuid:programme_id>/versions")
@api.arguments(schemas.NewVersionSchema)
@api.response(201, schemas.ProgrammeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*programmes.CHANGERS)
def create_version(data: dict[str, Any], programme_id: UUID) -> dict[str, Any]:
    """A version that replaces the latest from its first day. 409 when ``base`` is old."""
    actor, day = current_actor(), today()
    with writing() as session:
        programmes.add_version(
            session,
            actor,
            programme_id,
            schemas.content_of(data),
            base=data["base"],
            today=day,
            now=db.utcnow(),
        )
        return _line(programmes.get_programme(session, actor, programme_id, today=day))


def _line(line: ProgrammeLine) -> dict[str, Any]:
    return {
        "id": line.programme.id,
        "code": line.programme.code,
        "name": line.programme.name,
        "in_force": line.in_force.number if line.in_force else None,
        "versions": line.versions,
    }
