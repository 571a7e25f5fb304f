"""JSON of somebody's way: the rules of the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants.cases import allocate_case_worker
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.participants.schemas import VersionSchema
from matchsvc.progression import climbing, contacts, pausing, schemas, study_visits
from matchsvc.progression.contacts import Planned
from matchsvc.progression.models import StudyVisit
from matchsvc.progression.overview import get_progress
from matchsvc.progression.study_visits import limits_of
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("progress", "/progress", "Steps of a ladder, pauses, visits, what came after.")


@api.get("/<key>")
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def show_progress(key: str) -> dict[str, Any]:
    """How far somebody has come; the reading is logged."""
    return _shown(key)


@api.post("/<key>/steps")
@api.arguments(schemas.StepMoveSchema)
@api.response(201, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def move_to_step(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Put the person on a step of a ladder, up or down."""
    with writing() as session:
        climbing.move_to_step(session, current_actor(), key, **data, today=today())
    return _shown(key)


@api.post("/<key>/pauses")
@api.arguments(schemas.CasePauseSchema)
@api.response(201, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def pause_case(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Let the case stand still until a planned day."""
    with writing() as session:
        pausing.pause_case(session, current_actor(), key, **data, today=today())
    return _shown(key)


@api.put("/<key>/pauses/return")
@api.arguments(schemas.PauseReturnSchema)
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def move_return(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Plan another first day back."""
    with writing() as session:
        pausing.move_return(session, current_actor(), key, **data, today=today())
    return _shown(key)


@api.post("/<key>/pauses/resume")
@api.arguments(schemas.PauseResumeSchema)
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def resume_case(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Let the case go on."""
    with writing() as session:
        pausing.resume_case(session, current_actor(), key, **data, today=today(), now=db.utcnow())
    return _shown(key)


@api.post("/<key>/pauses/<uuid:pause_id>/withdraw")
@api.arguments(VersionSchema)
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def withdraw_pause(data: dict[str, Any], key: str, pause_id: UUID) -> dict[str, Any]:
    """Take back a pause that was entered by mistake."""
    with writing() as session:
        pausing.withdraw_pause(session, current_actor(), key, pause_id, **data, today=today())
    return _shown(key)


@api.post("/<key>/visit")
@api.arguments(schemas.StudyVisitSchema)
@api.response(201, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def begin_visit(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Begin an in-depth study visit; it cannot be prolonged."""
    with writing() as session:
        study_visits.begin_visit(session, current_actor(), key, **data, today=today())
    return _shown(key)


@api.put("/<key>/visit/outcome")
@api.arguments(schemas.StudyVisitEndSchema)
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def end_visit(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Write what the person chose."""
    with writing() as session:
        study_visits.end_visit(
            session, current_actor(), key, **data, today=today(), now=db.utcnow()
        )
    return _shown(key)


@api.post("/<key>/visit/withdraw")
@api.arguments(VersionSchema)
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def withdraw_visit(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Take back a visit that was entered by mistake."""
    with writing() as session:
        study_visits.withdraw_visit(session, current_actor(), key, **data, today=today())
    return _shown(key)


@api.put("/<key>/contacts")
@api.arguments(schemas.LaterContactSchema)
@api.response(200, schemas.ProgressShownSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def log_contact(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Write what was heard at a planned contact."""
    with writing() as session:
        contacts.log_contact(session, current_actor(), key, **data, today=today(), now=db.utcnow())
    return _shown(key)


@api.put("/<key>/case-worker")
@api.arguments(schemas.AllocateWorkerSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def allocate_worker(data: dict[str, Any], key: str) -> None:
    """Let somebody else answer for the case; whoever did loses sight of it at once."""
    with writing() as session:
        user_id = data.pop("case_worker_id")
        allocate_case_worker(session, current_actor(), key, user_id, **data, today=today())


def _shown(key: str) -> dict[str, Any]:
    day = today()
    with reading() as session:
        progress = get_progress(session, current_actor(), key, today=day)
    return {
        "participant_id": progress.participant.id,
        "case_version": progress.case.version,
        "is_open": progress.is_open,
        "is_paused": progress.pause is not None,
        "stays": progress.stays,
        "pauses": progress.pauses,
        "visit": _visit(progress.visit),
        "contacts": [_contact(each, is_late=each.is_late(day)) for each in progress.planned],
        "success": progress.success,
        "changes": progress.changes,
    }


def _visit(visit: StudyVisit | None) -> dict[str, Any] | None:
    if visit is None:
        return None
    limits = limits_of(visit.started_on)
    return {
        "started_on": visit.started_on,
        "follow_up_due": limits.follow_up_due,
        "hard_end": limits.hard_end,
        "ended_on": visit.ended_on,
        "outcome": visit.outcome,
        "version": visit.version,
    }


def _contact(planned: Planned, *, is_late: bool) -> dict[str, Any]:
    held = planned.contact
    return {
        "series": planned.series,
        "source_id": planned.source_id,
        "months": planned.months,
        "due_on": planned.due_on,
        "is_late": is_late,
        "held_on": held.held_on if held else None,
        "outcome": held.outcome if held else None,
        "version": held.version if held else None,
    }
