"""JSON of the employment service's visit: the rules of its page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.diary import af_visits, changing, schemas
from matchsvc.diary.access import BOOKERS, READERS
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "visits",
    "/meetings/<uuid:meeting_id>/visit",
    "The employment service's visit: its slots, their order, who has waited longest.",
)


@api.get("")
@api.response(200, schemas.VisitOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def read_visit(meeting_id: UUID) -> af_visits.Visit:
    """The slots of a visit, and of the caller's own those who have waited longest."""
    with reading() as session:
        return af_visits.read_visit(session, current_actor(), meeting_id, today=day_of_request())


@api.post("/slots")
@api.arguments(schemas.SlotSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def give_slot(data: dict[str, Any], meeting_id: UUID) -> None:
    """Give somebody a slot, if those who come may be told."""
    with writing() as session:
        changing.give_slot(session, current_actor(), meeting_id, **data, today=day_of_request())


@api.post("/slots/move")
@api.arguments(schemas.MoveSlotSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def move_slot(data: dict[str, Any], meeting_id: UUID) -> None:
    """Let somebody change places with the slot before or after."""
    with writing() as session:
        af_visits.move_slot(session, current_actor(), meeting_id, **data, today=day_of_request())


@api.put("/general")
@api.arguments(schemas.GeneralPartSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def set_general_part(data: dict[str, Any], meeting_id: UUID) -> None:
    """How long is what concerns everybody."""
    with writing() as session:
        af_visits.set_general_part(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )
