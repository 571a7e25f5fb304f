"""JSON of the schedule of a placement: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.placements.access import READERS
from matchsvc.schedules import rules, schemas
from matchsvc.schedules.models import ScheduleBreak, SchedulePhase
from matchsvc.schedules.rules import Schedule
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "schedules",
    "/placements/<uuid:placement_id>/schedule",
    "When somebody is at a placement: phases that both agree on, and days without.",
)


@api.get("")
@api.response(200, schemas.ScheduleSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def read_schedule(placement_id: UUID) -> Schedule:
    """The phases and the days without, in order."""
    with reading() as session:
        return rules.read_schedule(session, current_actor(), placement_id, today=day_of_request())


@api.post("/phases")
@api.arguments(schemas.PhaseSchema)
@api.response(201, schemas.PhaseOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def add_phase(data: dict[str, Any], placement_id: UUID) -> SchedulePhase:
    """Propose times from a day on."""
    with writing() as session:
        return rules.add_phase(
            session,
            current_actor(),
            placement_id,
            schemas.content_of(data),
            today=day_of_request(),
        )


@api.put("/phases/<uuid:phase_id>")
@api.arguments(schemas.PhaseSchema)
@api.response(200, schemas.PhaseOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def change_phase(data: dict[str, Any], placement_id: UUID, phase_id: UUID) -> SchedulePhase:
    """Change a phase; other times are a proposal again."""
    with writing() as session:
        return rules.change_phase(
            session,
            current_actor(),
            placement_id,
            phase_id,
            schemas.content_of(data),
            version=data["version"],
            today=day_of_request(),
        )


@api.delete("/phases/<uuid:phase_id>")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def remove_phase(placement_id: UUID, phase_id: UUID) -> None:
    """Take away a phase that has not begun."""
    with writing() as session:
        rules.remove_phase(session, current_actor(), placement_id, phase_id, today=day_of_request())


@api.post("/phases/<uuid:phase_id>/agree")
@api.arguments(schemas.AgreeSchema)
@api.response(200, schemas.PhaseOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def agree_phase(data: dict[str, Any], placement_id: UUID, phase_id: UUID) -> SchedulePhase:
    """Participant and case worker agree on a phase."""
    with writing() as session:
        return rules.agree_phase(
            session, current_actor(), placement_id, phase_id, **data, today=day_of_request()
        )


@api.post("/breaks")
@api.arguments(schemas.BreakSchema)
@api.response(201, schemas.BreakOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def add_break(data: dict[str, Any], placement_id: UUID) -> ScheduleBreak:
    """Note days when nobody is there."""
    with writing() as session:
        return rules.add_break(
            session, current_actor(), placement_id, **data, today=day_of_request()
        )


@api.delete("/breaks/<uuid:break_id>")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def remove_break(placement_id: UUID, break_id: UUID) -> None:
    """Take days back."""
    with writing() as session:
        rules.remove_break(session, current_actor(), placement_id, break_id, today=day_of_request())
