"""JSON of the unit's own workplaces: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.operations import board, schemas, sites
from matchsvc.operations.access import BOARD_READERS, LEADERS, SITE_READERS, SITE_WRITERS
from matchsvc.operations.models import DayTask
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "operations", "", "The unit's own workplaces: who is there today, what is done, what room is."
)


@api.get("/morning")
@api.response(200, schemas.BoardOutSchema)
@errors(api, 401, 403)
@requires(*BOARD_READERS)
def read_board() -> dict[str, Any]:
    """The board of today."""
    with reading() as session:
        return {"sites": board.morning_board(session, current_actor(), today=day_of_request())}


@api.post("/morning/tasks")
@api.arguments(schemas.DayTaskSchema)
@api.response(201, schemas.NewDayTaskOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*LEADERS)
def add_task(data: dict[str, Any]) -> DayTask:
    """Write something to do today."""
    with writing() as session:
        return board.add_day_task(session, current_actor(), **data, today=day_of_request())


@api.post("/morning/tasks/<uuid:task_id>/done")
@api.arguments(schemas.DayTaskDoneSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*LEADERS)
def finish_task(data: dict[str, Any], task_id: UUID) -> None:
    """Done, or not after all."""
    now = db.utcnow()
    with writing() as session:
        board.finish_day_task(
            session, current_actor(), task_id, **data, today=local_date(now), now=now
        )


@api.put("/morning/tasks/<uuid:task_id>/people")
@api.arguments(schemas.AllocationSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*LEADERS)
def allocate_people(data: dict[str, Any], task_id: UUID) -> None:
    """Say who does a task of today."""
    with writing() as session:
        board.allocate(
            session,
            current_actor(),
            task_id,
            data["people"],
            version=data["version"],
            today=day_of_request(),
        )


@api.delete("/morning/tasks/<uuid:task_id>")
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*LEADERS)
def remove_task(task_id: UUID) -> None:
    """Take a task of today away."""
    with writing() as session:
        board.remove_day_task(session, current_actor(), task_id, today=day_of_request())


@api.put("/morning/absences/<uuid:participant_id>")
@api.arguments(schemas.DayAbsenceSchema)
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*LEADERS)
def note_absence(data: dict[str, Any], participant_id: UUID) -> None:
    """Did not come today, or came after all. Never why."""
    with writing() as session:
        board.note_absence(session, current_actor(), participant_id, **data, today=day_of_request())


@api.get("/own-operations")
@api.response(200, schemas.OwnSiteListSchema)
@errors(api, 401, 403)
@requires(*SITE_READERS)
def list_sites() -> dict[str, Any]:
    """The unit's own workplaces, with room on the coming working days."""
    with reading() as session:
        return {"sites": sites.list_own_sites(session, current_actor(), today=day_of_request())}


@api.put("/own-operations/<uuid:site_id>")
@api.arguments(schemas.OwnSiteSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*SITE_WRITERS)
def describe_site(data: dict[str, Any], site_id: UUID) -> None:
    """Say what a workplace is like."""
    version = data.pop("version")
    with writing() as session:
        sites.describe_site(
            session,
            current_actor(),
            site_id,
            sites.OwnSiteContent(**data),
            version=version,
            today=day_of_request(),
        )
