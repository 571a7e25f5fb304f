"""JSON of the catalogue, the service map and the obstacles: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.activities import catalogue, obstacles, services
from matchsvc.activities import schemas as shapes
from matchsvc.activities.catalogue import KEEPERS, READERS
from matchsvc.activities.models import Activity, LocalService, StructuralObstacle
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("activities", "/activities", "Activities, local services and obstacles.")


@api.get("")
@api.arguments(shapes.ActivityFilterSchema, location="query")
@api.response(200, shapes.ActivityOutSchema(many=True))
@errors(api, 401, 403)
@requires(*READERS)
def list_activities(query: dict[str, Any]) -> list[Activity]:
    """The unit's activities, those that suit a track, a step and an orientation."""
    with reading() as session:
        return catalogue.list_activities(session, current_actor(), **query)


@api.post("")
@api.arguments(shapes.ActivitySchema)
@api.response(201, shapes.ActivityOutSchema)
@errors(api, 401, 403, 409)
@requires(*KEEPERS)
def create_activity(data: dict[str, Any]) -> Activity:
    """Put an activity into the catalogue."""
    today = local_date(db.utcnow())
    with writing() as session:
        return catalogue.add_activity(
            session, current_actor(), shapes.activity_of(data), today=today
        )


@api.post("/starting-list")
@api.response(200, shapes.AddedSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def switch_on_starter() -> dict[str, int]:
    """Add what the unit lacks of the starting list."""
    with writing() as session:
        return {"added": catalogue.switch_on_starter(session, current_actor())}


@api.get("/<uuid:activity_id>")
@api.response(200, shapes.ActivityOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_activity(activity_id: UUID) -> Activity:
    """One activity."""
    with reading() as session:
        return catalogue.get_activity(session, current_actor(), activity_id)


@api.put("/<uuid:activity_id>")
@api.arguments(shapes.ChangeActivitySchema)
@api.response(200, shapes.ActivityOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def change_activity(data: dict[str, Any], activity_id: UUID) -> Activity:
    """Write an activity anew."""
    version = data.pop("version")
    with writing() as session:
        return catalogue.change_activity(
            session,
            current_actor(),
            activity_id,
            shapes.activity_of(data),
            version=version,
            today=local_date(db.utcnow()),
        )


@api.post("/<uuid:activity_id>/ended")
@api.arguments(shapes.EndActivitySchema)
@api.response(200, shapes.ActivityOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def end_activity(data: dict[str, Any], activity_id: UUID) -> Activity:
    """Archive an activity, or take it back."""
    with writing() as session:
        return catalogue.set_ended(
            session, current_actor(), activity_id, **data, today=local_date(db.utcnow())
        )


@api.get("/services")
@api.arguments(shapes.ServiceFilterSchema(only=("on",)), location="query")
@api.response(200, shapes.ServiceMapSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_services(query: dict[str, Any]) -> dict[str, Any]:
    """The service map of a day (``on``, today when absent), with gaps and overlaps."""
    with reading() as session:
        rows = services.list_services(
            session, current_actor(), on=query["on"] or local_date(db.utcnow())
        )
    found = services.map_of(rows)
    return {
        "services": rows,
        "gaps": [step.value for step in found.gaps],
        "ladder_gaps": list(found.ladder_gaps),
        "overlaps": [
            {"step": step.value, "ladder": ladder, "services": [each.id for each in held]}
            for step, ladder, held in found.overlaps
        ],
    }


@api.post("/services")
@api.arguments(shapes.ServiceSchema)
@api.response(201, shapes.ServiceOutSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def create_service(data: dict[str, Any]) -> LocalService:
    """Put a service on the map."""
    with writing() as session:
        return services.save_service(
            session, current_actor(), shapes.service_of(data), today=local_date(db.utcnow())
        )


@api.put("/services/<uuid:service_id>")
@api.arguments(shapes.ChangeServiceSchema)
@api.response(200, shapes.ServiceOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def change_service(data: dict[str, Any], service_id: UUID) -> LocalService:
    """Write a service anew; one that ends gets its last day."""
    version = data.pop("version")
    with writing() as session:
        return services.save_service(
            session,
            current_actor(),
            shapes.service_of(data),
            service_id=service_id,
            version=version,
            today=local_date(db.utcnow()),
        )


@api.get("/obstacles")
@api.arguments(shapes.ObstacleFilterSchema, location="query")
@api.response(200, shapes.ObstacleLineSchema(many=True))
@errors(api, 401, 403)
@requires(*READERS)
def list_obstacles(query: dict[str, Any]) -> list[dict[str, Any]]:
    """The unit's structural obstacles, the most seen first."""
    with reading() as session:
        lines = obstacles.list_obstacles(session, current_actor(), state=query["state"])
    names = shapes.ObstacleOutSchema().fields
    return [
        {name: getattr(line.obstacle, name) for name in names}
        | {"count": line.count, "last_seen": line.last_seen}
        for line in lines
    ]


@api.post("/obstacles")
@api.arguments(shapes.ObstacleSchema)
@api.response(201, shapes.ObstacleOutSchema)
@errors(api, 401, 403)
@requires(*READERS)
def create_obstacle(data: dict[str, Any]) -> StructuralObstacle:
    """Note a structural obstacle; texts that name a participant are refused."""
    with writing() as session:
        return obstacles.add_obstacle(
            session, current_actor(), **data, today=local_date(db.utcnow())
        )


@api.post("/obstacles/<uuid:obstacle_id>/seen")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def see_obstacle_again(obstacle_id: UUID) -> None:
    """Count that it was seen again today."""
    with writing() as session:
        obstacles.see_again(session, current_actor(), obstacle_id, today=local_date(db.utcnow()))


@api.post("/obstacles/<uuid:obstacle_id>/state")
@api.arguments(shapes.ObstacleStateSchema)
@api.response(200, shapes.ObstacleOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def set_obstacle_state(data: dict[str, Any], obstacle_id: UUID) -> StructuralObstacle:
    """Say how far its removal has come."""
    with writing() as session:
        return obstacles.set_state(
            session, current_actor(), obstacle_id, **data, today=local_date(db.utcnow())
        )
