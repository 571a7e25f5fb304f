"""JSON of archiving: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.archive import rules
from matchsvc.archive.rules import LISTERS, Kind
from matchsvc.archive.schemas import ArchivedListSchema, ArchiveSchema, BringBackSchema
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("archive", "/archived", "What was entered by mistake.")
_PATH = "/<any(participant, employer, offer):kind>/<uuid:key>"


@api.get("")
@api.response(200, ArchivedListSchema)
@errors(api, 401, 403)
@requires(*LISTERS)
def list_all() -> dict[str, Any]:
    """What is archived, the latest first."""
    with reading() as session:
        found = rules.list_archived(
            session, current_actor(), today=day_of_request(), now=db.utcnow()
        )
    return {"archived": found}


@api.put(_PATH)
@api.arguments(ArchiveSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409, 422)
@requires(*LISTERS)
def archive(data: dict[str, Any], kind: str, key: UUID) -> None:
    """Archive it, with a reason."""
    with writing() as session:
        rules.archive_row(
            session,
            current_actor(),
            Kind(kind),
            key,
            **data,
            today=day_of_request(),
            now=db.utcnow(),
        )


@api.post(f"{_PATH}/undo")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*LISTERS)
def undo(kind: str, key: UUID) -> None:
    """Take one's own archiving back within ten minutes."""
    with writing() as session:
        rules.undo_archiving(
            session, current_actor(), Kind(kind), key, today=day_of_request(), now=db.utcnow()
        )


@api.post(f"{_PATH}/bring-back")
@api.arguments(BringBackSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409, 422)
@requires(Role.UNIT_MANAGER)
def bring_back(data: dict[str, Any], kind: str, key: UUID) -> None:
    """Put it back at any time, with a reason."""
    with writing() as session:
        rules.bring_back(session, current_actor(), Kind(kind), key, **data, today=day_of_request())
