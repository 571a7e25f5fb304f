"""JSON of notes about a participant."""

from __future__ import annotations

from typing import Any

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, requires, writing
from matchsvc.participants.frame import CHANGERS
from matchsvc.participants.views_notes import find_case_notes
from matchsvc.web.api import errors
from matchsvc.workday.api_note_desk import note_api
from matchsvc.workday.note_models import Note
from matchsvc.workday.note_schemas import NoteSchema, TimeSchema
from matchsvc.workday.time_spent import log_time

api = note_api("participant_notes", "/participants", find_case_notes, CHANGERS)


@api.post("/<key>/notes/time")
@api.arguments(TimeSchema)
@api.response(200, NoteSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def note_time(data: dict[str, Any], key: str) -> Note:
    """Note how long a talk of today took; again corrects it."""
    with writing() as session:
        desk = find_case_notes(session, current_actor(), key, day_of_request()).desk
        return log_time(
            session, current_actor(), desk, **data, today=day_of_request(), now=db.utcnow()
        )
