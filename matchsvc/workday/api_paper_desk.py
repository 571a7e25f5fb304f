"""JSON of papers, the same whatever they are about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.web.api import api_blueprint, errors
from matchsvc.workday import paper_schemas as schemas
from matchsvc.workday import papers
from matchsvc.workday.paper_models import Paper
from matchsvc.workday.views_notes import Find
from matchsvc.workday.views_papers import hand_out, keep, open_it

BYTES = "application/octet-stream"


def paper_api(name: str, path: str, find: Find, roles: tuple[Role, ...]) -> Blueprint:
    """The operations on papers below ``path/<key>/papers``.

    Args:
        name: of the blueprint.
        path: what stands before the key.
        find: gives the place of a key, or raises NotFound or Refused.
        roles: who may come in at all.
    """
    api = api_blueprint(name, path, "Papers: PDF, JPEG and PNG, checked by their content.")

    @api.get("/<key>/papers")
    @api.arguments(schemas.PaperQuerySchema, location="query")
    @api.response(200, schemas.PaperListSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def list_papers(query: dict[str, Any], key: str) -> papers.PaperPage:
        """A page of papers without their bytes, latest first."""
        with reading() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return papers.list_papers(session, current_actor(), desk, **query)

    @api.post("/<key>/papers")
    @api.arguments(schemas.PutUpSchema, location="form", content_type="multipart/form-data")
    @api.response(201, schemas.PaperSchema)
    @errors(api, 401, 403, 404, 413)
    @requires(*roles)
    def create_paper(data: dict[str, Any], key: str) -> Paper:
        """Put up a paper; the same file again gives the one there is."""
        file = data.pop("file")
        return keep(find, key, file, data)[0]

    @api.get("/<key>/papers/<uuid:paper_id>")
    @api.response(200, schemas.PaperSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def get_paper(key: str, paper_id: UUID) -> Paper:
        """What is said about a paper."""
        with reading() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return papers.read_paper(session, current_actor(), desk, paper_id)

    @api.get("/<key>/papers/<uuid:paper_id>/file")
    @api.response(200, {"type": "string", "format": "binary"}, content_type=BYTES)
    @errors(api, 401, 403, 404, 409)
    @requires(*roles)
    def get_file(key: str, paper_id: UUID) -> Response:
        """The file, as bytes; its type is the paper's ``media_type``."""
        return hand_out(*open_it(find, key, paper_id, how="export"), media_type=BYTES)

    @api.post("/<key>/papers/<uuid:paper_id>/take-away")
    @api.arguments(schemas.TakeAwaySchema)
    @api.response(200, schemas.PaperSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def take_away_paper(data: dict[str, Any], key: str, paper_id: UUID) -> Paper:
        """Take a paper away, with a reason; its bytes are erased ten minutes later."""
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return papers.take_away(
                session, current_actor(), desk, paper_id, **data, now=db.utcnow()
            )

    @api.post("/<key>/papers/<uuid:paper_id>/undo")
    @api.response(200, schemas.PaperSchema)
    @errors(api, 401, 403, 404, 409)
    @requires(*roles)
    def undo_taking_away(key: str, paper_id: UUID) -> Paper:
        """Bring back what one took away oneself within ten minutes."""
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return papers.undo_taking_away(
                session, current_actor(), desk, paper_id, now=db.utcnow()
            )

    return api
