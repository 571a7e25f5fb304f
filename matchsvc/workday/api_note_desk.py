"""JSON of notes, the same for a case and an employer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.web.api import api_blueprint, errors
from matchsvc.workday import note_schemas as schemas
from matchsvc.workday import notes
from matchsvc.workday.note_models import Note
from matchsvc.workday.notes import NoteContent
from matchsvc.workday.views_notes import Find


def note_api(name: str, path: str, find: Find, roles: tuple[Role, ...]) -> Blueprint:
    """The operations on notes below ``path/<key>/notes``.

    Args:
        name: of the blueprint.
        path: what stands before the key.
        find: gives the place of a key, or raises NotFound or Refused.
        roles: who may come in at all.
    """
    api = api_blueprint(name, path, "Notes: written at once, corrected below, never overwritten.")

    @api.get("/<key>/notes")
    @api.arguments(schemas.NoteQuerySchema, location="query")
    @api.response(200, schemas.NoteListSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def list_notes(query: dict[str, Any], key: str) -> notes.NotePage:
        """A page of notes, latest first."""
        with reading() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return notes.list_notes(session, current_actor(), desk, **query)

    @api.post("/<key>/notes")
    @api.arguments(schemas.WriteNoteSchema)
    @api.response(201, schemas.NoteSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def create_note(data: dict[str, Any], key: str) -> Note:
        """Write a note."""
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return notes.write_note(
                session,
                current_actor(),
                desk,
                _content(data),
                today=day_of_request(),
                now=db.utcnow(),
            )

    @api.patch("/<key>/notes/<uuid:note_id>")
    @api.arguments(schemas.EditNoteSchema)
    @api.response(200, schemas.NoteSchema)
    @errors(api, 401, 403, 404, 409)
    @requires(*roles)
    def change_note(data: dict[str, Any], key: str, note_id: UUID) -> Note:
        """Change a note within a day of writing it; its author only."""
        version = data.pop("version")
        when: dict[str, Any] = {"today": day_of_request(), "now": db.utcnow()}
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return notes.edit_note(
                session, current_actor(), desk, note_id, _content(data), version=version, **when
            )

    @api.post("/<key>/notes/<uuid:note_id>/corrections")
    @api.arguments(schemas.CorrectNoteSchema)
    @api.response(201, schemas.AdditionSchema)
    @errors(api, 401, 403, 404, 409)
    @requires(*roles)
    def create_correction(data: dict[str, Any], key: str, note_id: UUID) -> object:
        """Add a correction below a note."""
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return notes.correct_note(
                session, current_actor(), desk, note_id, data["words"], now=db.utcnow()
            )

    @api.post("/<key>/notes/<uuid:note_id>/archive")
    @api.arguments(schemas.ArchiveNoteSchema)
    @api.response(200, schemas.NoteSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def archive_note(data: dict[str, Any], key: str, note_id: UUID) -> Note:
        """Put a note away, with a reason."""
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return notes.archive_note(
                session, current_actor(), desk, note_id, **data, now=db.utcnow()
            )

    @api.post("/<key>/notes/<uuid:note_id>/restore")
    @api.response(200, schemas.NoteSchema)
    @errors(api, 401, 403, 404)
    @requires(*roles)
    def restore_note(key: str, note_id: UUID) -> Note:
        """Bring back a note that was put away."""
        with writing() as session:
            desk = find(session, current_actor(), key, day_of_request()).desk
            return notes.restore_note(session, current_actor(), desk, note_id)

    return api


def _content(data: dict[str, Any]) -> NoteContent:
    return NoteContent(**{**data, "happened_on": data["happened_on"] or day_of_request()})
