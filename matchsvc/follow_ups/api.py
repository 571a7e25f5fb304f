"""Follow-ups and the development plan for programs: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict
from matchsvc.follow_ups import completing, development, keeping, schemas
from matchsvc.follow_ups.answers import Development
from matchsvc.follow_ups.completing import LATE_READERS
from matchsvc.follow_ups.models import DevelopmentRow
from matchsvc.follow_ups.opening import get_follow_up, versions_beside
from matchsvc.follow_ups.states import FollowUpState, state_of
from matchsvc.follow_ups.views import AHEAD
from matchsvc.placements import follow_ups
from matchsvc.placements.access import READERS
from matchsvc.placements.models import FollowUp
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint("follow_ups", "", "Monthly follow-ups and the development plan.")


@api.get("/follow-ups")
@api.arguments(schemas.FollowUpQuerySchema, location="query")
@api.response(200, schemas.FollowUpListSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_follow_ups(query: dict[str, Any]) -> dict[str, Any]:
    """The follow-ups that the caller is to log, the oldest due first; fifty a page."""
    today = day_of_request()
    until = query["until"] or today + AHEAD
    actor, page = current_actor(), query["page"]
    with reading() as session:
        total = follow_ups.count_my_follow_ups(session, actor, until=until, today=today)
        rows = follow_ups.list_my_follow_ups(session, actor, until=until, today=today, page=page)
        return {
            "page": page,
            "pages": max(1, -(-total // follow_ups.PAGE_SIZE)),
            "total": total,
            "follow_ups": [_known(row) for row, _seen in rows],
        }


@api.get("/follow-ups/late")
@api.arguments(schemas.LateQuerySchema, location="query")
@api.response(200, schemas.LateListSchema)
@errors(api, 401, 403)
@requires(*LATE_READERS)
def list_late(query: dict[str, Any]) -> dict[str, Any]:
    """What is late: one's own as case worker, the unit's as its manager; the longest wait first."""
    with reading() as session:
        found = completing.list_late(
            session, current_actor(), today=day_of_request(), page=query["page"]
        )
        return {
            "page": found.page,
            "pages": found.pages,
            "total": found.total,
            "grace": found.grace,
            "follow_ups": [
                _known(each.follow_up)
                | {
                    "participant": each.seen.participant.alias,
                    "site": each.seen.site.name,
                    "days": each.days,
                }
                for each in found.rows
            ],
            "to_complete": [_known(row) for row, _seen in found.to_complete],
        }


@api.get("/follow-ups/<uuid:follow_up_id>")
@api.response(200, schemas.FollowUpOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_follow_up(follow_up_id: UUID) -> dict[str, Any]:
    """One follow-up, with what was said."""
    with reading() as session:
        opened = get_follow_up(session, current_actor(), follow_up_id, today=day_of_request())
        beside = [version.id for version in opened.beside]
        return _told(opened.follow_up) | {"versions_beside": beside}


@api.post("/follow-ups/<uuid:follow_up_id>/log")
@api.arguments(schemas.LogFollowUpSchema)
@api.response(200, schemas.FollowUpOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def log_follow_up(data: dict[str, Any], follow_up_id: UUID) -> dict[str, Any]:
    """Log a follow-up. The same ``submission_id`` again changes nothing.

    When another stands already, this one is kept beside it, and the answer is 409 until somebody
    has compared the two.
    """
    now = db.utcnow()
    with writing() as session:
        kept = keeping.log_follow_up(
            session, current_actor(), follow_up_id, **data, today=local_date(now), now=now
        )
        told = _told(kept.follow_up)
    if kept.beside is not None:
        raise Conflict(told)
    return told


@api.post("/follow-ups/<uuid:follow_up_id>/complete")
@api.arguments(schemas.CompleteSchema)
@api.response(200, schemas.FollowUpOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def complete_follow_up(data: dict[str, Any], follow_up_id: UUID) -> dict[str, Any]:
    """Her own case worker has gone through it."""
    now = db.utcnow()
    with writing() as session:
        row = completing.complete_follow_up(
            session, current_actor(), follow_up_id, **data, today=local_date(now), now=now
        )
        return _told(row)


@api.get("/follow-ups/<uuid:follow_up_id>/versions/<uuid:version_id>")
@api.response(200, schemas.ComparedOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def compare_versions(follow_up_id: UUID, version_id: UUID) -> dict[str, Any]:
    """A version that waits, beside the one that stands."""
    with reading() as session:
        found = keeping.compare_versions(
            session, current_actor(), follow_up_id, version_id, today=day_of_request()
        )
        return {
            "saved_at": found.version.saved_at,
            "differences": found.differences,
            "stood": found.opened.follow_up.version,
        }


@api.post("/follow-ups/<uuid:follow_up_id>/versions/<uuid:version_id>")
@api.arguments(schemas.MergeVersionsSchema)
@api.response(200, schemas.FollowUpOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def merge_versions(data: dict[str, Any], follow_up_id: UUID, version_id: UUID) -> dict[str, Any]:
    """Make one of the two, field by field; both are kept as they were."""
    now = db.utcnow()
    with writing() as session:
        row = keeping.merge_versions(
            session,
            current_actor(),
            follow_up_id,
            version_id,
            **data,
            today=local_date(now),
            now=now,
        )
        beside = [version.id for version in versions_beside(session, row.id)]
        return _told(row) | {"versions_beside": beside}


@api.post("/placements/<uuid:placement_id>/development")
@api.arguments(schemas.DevelopmentRowSchema)
@api.response(201, schemas.DevelopmentOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def add_development(data: dict[str, Any], placement_id: UUID) -> DevelopmentRow:
    """Write a row that the participant has proposed between two follow-ups."""
    said = {name: data.pop(name) for name in ("she_proposed", "keeps_health_words")}
    with writing() as session:
        return development.add_row(
            session,
            current_actor(),
            placement_id,
            Development(**data),
            **said,
            today=day_of_request(),
        )


@api.post("/placements/<uuid:placement_id>/development/<uuid:row_id>")
@api.arguments(schemas.DevelopmentStateSchema)
@api.response(200, schemas.DevelopmentOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def set_development_state(data: dict[str, Any], placement_id: UUID, row_id: UUID) -> DevelopmentRow:
    """Say how far a row has come."""
    with writing() as session:
        return development.set_state(
            session, current_actor(), placement_id, row_id, **data, today=day_of_request()
        )


def _known(row: FollowUp) -> dict[str, Any]:
    return {
        "id": row.id,
        "placement_id": row.placement_id,
        "number": row.number,
        "due_on": row.due_on,
        "held_on": row.held_on,
        "cancelled_on": row.cancelled_on,
        "state": state_of(row).value,
    }


def _told(row: FollowUp) -> dict[str, Any]:
    known = _known(row) | {"version": row.version}
    if state_of(row) in {FollowUpState.PLANNED, FollowUpState.CANCELLED}:
        return known
    said = (
        *("mood", "own_words", "attendance", "hours_next", "adaptations_work", "support_wanted"),
        *("is_well_functioning", "next_goal", "next_on", "participant_agrees"),
        "completion_words",
    )
    return (
        known
        | {name: getattr(row, name) for name in said}
        | {"agreed": [action.text for action in row.actions]}
    )
