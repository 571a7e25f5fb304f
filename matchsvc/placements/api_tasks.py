"""JSON of tasks, hand-overs and substitutes: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import STAFF, current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.placements import handover, moving, standing_in
from matchsvc.placements import task_schemas as schemas
from matchsvc.placements.handover import Piece
from matchsvc.placements.task_list import TaskPage, give_tasks, list_tasks, my_tasks, unit_tasks
from matchsvc.placements.views_tasks import chosen_of, write
from matchsvc.web.api import api_blueprint, errors
from matchsvc.workday import rules as tasks
from matchsvc.workday.models import Task
from matchsvc.workday.substitute_models import Substitute

api = api_blueprint("tasks", "", "Tasks, hand-overs and substitutes.")


@api.get("/tasks")
@api.arguments(schemas.TaskQuerySchema, location="query")
@api.response(200, schemas.TaskListSchema)
@errors(api, 401, 403)
@requires(*STAFF)
def list_open(query: dict[str, Any]) -> TaskPage:
    """Open tasks, the earliest due first; ``whose=unit`` gives leads the unit's."""
    actor = current_actor()
    choose = unit_tasks if query["whose"] == "unit" else my_tasks
    with reading() as session:
        found = choose(session, actor, today=day_of_request())
        return list_tasks(session, actor, found, page=query["page"])


@api.post("/tasks")
@api.arguments(schemas.WriteTaskSchema)
@api.response(201, schemas.TaskSchema)
@errors(api, 401, 403)
@requires(*STAFF)
def create_task(data: dict[str, Any]) -> Task:
    """Make a task by hand."""
    with writing() as session:
        return write(session, current_actor(), data, today=day_of_request())


@api.post("/tasks/done")
@api.arguments(schemas.ChosenTasksSchema)
@api.response(200, schemas.TaskSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*STAFF)
def finish(data: dict[str, Any]) -> list[Task]:
    """Mark tasks as done, all or none; each as ``<id>`` or ``<id>:<version>``."""
    with writing() as session:
        chosen = chosen_of(session, current_actor(), data)
        return tasks.finish_tasks(session, current_actor(), chosen, now=db.utcnow())


@api.post("/tasks/snooze")
@api.arguments(schemas.SnoozeTasksSchema)
@api.response(200, schemas.TaskSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*STAFF)
def snooze(data: dict[str, Any]) -> list[Task]:
    """Put tasks off to a day."""
    with writing() as session:
        chosen = chosen_of(session, current_actor(), data)
        return tasks.snooze_tasks(session, current_actor(), chosen, **data, today=day_of_request())


@api.post("/tasks/reassign")
@api.arguments(schemas.ReassignTasksSchema)
@api.response(200, schemas.TaskSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*STAFF)
def reassign(data: dict[str, Any]) -> list[Task]:
    """Give tasks to a colleague."""
    with writing() as session:
        chosen = chosen_of(session, current_actor(), data)
        return give_tasks(session, current_actor(), chosen, **data, today=day_of_request())


@api.post("/tasks/drop")
@api.arguments(schemas.DropTasksSchema)
@api.response(200, schemas.TaskSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*STAFF)
def drop(data: dict[str, Any]) -> list[Task]:
    """Put tasks away undone, with a reason."""
    with writing() as session:
        chosen = chosen_of(session, current_actor(), data)
        return tasks.drop_tasks(session, current_actor(), chosen, **data, now=db.utcnow())


@api.get("/users/<uuid:user_id>/work")
@api.response(200, schemas.WorkSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*STAFF)
def list_work(user_id: UUID) -> list[Piece]:
    """What somebody answers for: one's own, or for a manager anybody's of the unit."""
    with reading() as session:
        return handover.work_of(
            session, current_actor(), user_id, today=day_of_request(), now=db.utcnow()
        )


@api.post("/users/<uuid:user_id>/hand-over")
@api.arguments(schemas.HandOverSchema)
@api.response(200, schemas.MovedSchema)
@errors(api, 401, 403, 404)
@requires(*STAFF)
def hand_over(data: dict[str, Any], user_id: UUID) -> dict[str, Any]:
    """Move work to a colleague, all or nothing; pieces as ``case:<id>``."""
    with writing() as session:
        moved = handover.hand_over(
            session,
            current_actor(),
            from_id=user_id,
            to_id=data["to_id"] or user_id,
            pieces=set(data["pieces"]),
            reason=data["reason"],
            today=day_of_request(),
            now=db.utcnow(),
        )
    return {"moved": {kind.value: number for kind, number in moved.items()}}


@api.post("/participants/<key>/move")
@api.arguments(schemas.MoveCaseSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(Role.UNIT_MANAGER)
def move_case(data: dict[str, Any], key: str) -> None:
    """Give a case to another unit. 409 while something here must be ended first."""
    with writing() as session:
        moving.move_case(
            session, current_actor(), key, **data, today=day_of_request(), now=db.utcnow()
        )


@api.post("/substitutes")
@api.arguments(schemas.SubstituteSchema)
@api.response(201, schemas.SubstituteOutSchema)
@errors(api, 401, 403)
@requires(*STAFF)
def create_substitute(data: dict[str, Any]) -> Substitute:
    """Let a colleague do somebody's work for some days."""
    actor = current_actor()
    user_id = data.pop("user_id") or actor.require_user()
    data["substitute_id"] = data["substitute_id"] or user_id
    with writing() as session:
        return standing_in.begin_standing_in(
            session, actor, user_id=user_id, **data, today=day_of_request()
        )


@api.delete("/substitutes/<uuid:substitute_id>")
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*STAFF)
def end_substitute(substitute_id: UUID) -> None:
    """End a substitution now."""
    with writing() as session:
        standing_in.end_standing_in(session, current_actor(), substitute_id, today=day_of_request())
