"""Import for programs: the same check and the same all-or-nothing write as the page."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, requires
from matchsvc.errors import NotFound
from matchsvc.imports.runs import ANY_IMPORTER, IMPORTERS
from matchsvc.imports.schemas import DryRunSchema, FileSchema, ImportResultSchema
from matchsvc.imports.whole import Upload, import_whole
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint("imports", "/imports", "Files in.")


@api.route("/<kind>", methods=["POST"])
@api.arguments(DryRunSchema, location="query")
@api.arguments(FileSchema, location="files")
@api.response(200, ImportResultSchema)
@errors(api, 401, 403, 404, 413)
@requires(*ANY_IMPORTER)
def import_file(query: dict[str, Any], files: dict[str, Any], kind: str) -> dict[str, Any]:
    """Check a file of participants, employers, offers or placements and, unless dry_run, write it.

    With any error nothing is written; ``errors`` then lists every one of every row.
    """
    actor = current_actor()
    if kind not in IMPORTERS:
        raise NotFound("import kind")
    actor.require_role(*IMPORTERS[kind])
    content = files["file"].read()
    upload = Upload(kind, content, actor, local_date(db.utcnow()))
    result = import_whole(upload, dry_run=query["dry_run"])
    name = files["file"].filename or ""
    return result.as_json(kind=kind, file=name, dry_run=query["dry_run"])
