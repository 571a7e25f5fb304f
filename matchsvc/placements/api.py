"""Placements, follow-ups and employments for programs: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.placements import employments, ending, follow_ups, starting
from matchsvc.placements.access import DECIDERS, READERS, Seen, get_placement
from matchsvc.placements.employments import Job
from matchsvc.placements.limits import plan_from
from matchsvc.placements.models import Employment, FollowUp
from matchsvc.placements.my_week import my_week
from matchsvc.placements.overview import State, list_placements, read_placement
from matchsvc.placements.schemas import (
    EmploymentOutSchema,
    EmploymentSchema,
    EndPlacementSchema,
    FollowUpListSchema,
    FollowUpOutSchema,
    FollowUpQuerySchema,
    LogFollowUpSchema,
    PlacementListSchema,
    PlacementOutSchema,
    PlacementQuerySchema,
    StartPlacementSchema,
    WeekOutSchema,
)
from matchsvc.placements.views_follow_ups import AHEAD, answers_from
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint("placements", "", "Placements, their follow-ups, and jobs.")


@api.route("/my-week")
@api.response(200, WeekOutSchema)
@errors(api, 401, 403)
@requires(*READERS)
def show_week() -> Any:
    """What the caller has to do: overdue, today and later this week."""
    with reading() as session:
        now = db.utcnow()
        return my_week(session, current_actor(), today=local_date(now), now=now)


@api.route("/placements")
@api.arguments(PlacementQuerySchema, location="query")
@api.response(200, PlacementListSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """The placements that exist for the caller, fifty a page, by state and day."""
    wanted = tuple(State) if query["state"] == "all" else (State(query["state"]),)
    with reading() as session:
        listed = list_placements(
            session,
            current_actor(),
            states=wanted,
            today=local_date(db.utcnow()),
            page=query["page"],
        )
        return {
            "page": listed.page,
            "pages": listed.pages,
            "total": listed.total,
            "placements": [_placement(seen) for _state, seen in listed.rows],
        }


@api.route("/placements", methods=["POST"])
@api.arguments(StartPlacementSchema)
@api.response(201, PlacementOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def create(data: dict[str, Any]) -> dict[str, Any]:
    """Plan a placement; it starts on its day."""
    now = db.utcnow()
    today = local_date(now)
    with writing() as session:
        placement = starting.start_placement(
            session, current_actor(), plan_from(data), today=today, now=now
        )
        return _placement(get_placement(session, current_actor(), placement.id, today=today))


@api.route("/placements/<key>")
@api.response(200, PlacementOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show(key: str) -> dict[str, Any]:
    """One placement, by id or external id."""
    with reading() as session:
        return _placement(
            read_placement(session, current_actor(), key, today=local_date(db.utcnow()))
        )


@api.route("/placements/<key>/end", methods=["POST"])
@api.arguments(EndPlacementSchema)
@api.response(200, PlacementOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def end(data: dict[str, Any], key: str) -> dict[str, Any]:
    """End a placement; the employer's survey goes out with it."""
    now = db.utcnow()
    with writing() as session:
        ending.end_placement(
            session,
            current_actor(),
            key,
            **data,
            base_url=current_app.config["MATCHSVC"].base_url,
            today=local_date(now),
            now=now,
        )
        return _placement(get_placement(session, current_actor(), key, today=local_date(now)))


@api.route("/follow-ups")
@api.arguments(FollowUpQuerySchema, location="query")
@api.response(200, FollowUpListSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_follow_ups(query: dict[str, Any]) -> dict[str, Any]:
    """The follow-ups that the caller is to log, the oldest due first; fifty a page."""
    today = local_date(db.utcnow())
    until = query["until"] or today + AHEAD
    actor, page = current_actor(), query["page"]
    with reading() as session:
        total = follow_ups.count_my_follow_ups(session, actor, until=until, today=today)
        rows = follow_ups.list_my_follow_ups(session, actor, until=until, today=today, page=page)
        return {
            "page": page,
            "pages": max(1, -(-total // follow_ups.PAGE_SIZE)),
            "total": total,
            "follow_ups": [_follow_up(row, told=False) for row, _seen in rows],
        }


@api.route("/follow-ups/<uuid:follow_up_id>")
@api.response(200, FollowUpOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_follow_up(follow_up_id: UUID) -> dict[str, Any]:
    """One follow-up, with what was said."""
    with reading() as session:
        opened = follow_ups.get_follow_up(
            session, current_actor(), follow_up_id, today=local_date(db.utcnow())
        )
        return _follow_up(opened.follow_up, told=True)


@api.route("/follow-ups/<uuid:follow_up_id>/log", methods=["POST"])
@api.arguments(LogFollowUpSchema)
@api.response(200, FollowUpOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def log_follow_up(data: dict[str, Any], follow_up_id: UUID) -> dict[str, Any]:
    """Log a follow-up. The same ``submission_id`` again changes nothing."""
    now = db.utcnow()
    with writing() as session:
        row = follow_ups.log_follow_up(
            session,
            current_actor(),
            follow_up_id,
            answers_from(data),
            submission_id=data["submission_id"],
            today=local_date(now),
            now=now,
        )
        return _follow_up(row, told=True)


@api.route("/employments", methods=["POST"])
@api.arguments(EmploymentSchema)
@api.response(201, EmploymentOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def create_employment(data: dict[str, Any]) -> dict[str, Any]:
    """Register a job."""
    with writing() as session:
        row = employments.register_employment(
            session, current_actor(), Job(**data), today=local_date(db.utcnow())
        )
        return _employment(row)


def _placement(seen: Seen) -> dict[str, Any]:
    placement = seen.placement
    return {
        "id": placement.id,
        "external_id": placement.external_id,
        "participant_id": placement.participant_id,
        "participant": seen.participant.alias,
        "site_id": placement.site_id,
        "site": seen.site.name,
        "offer_id": placement.offer_id,
        "form": placement.form,
        "start_date": placement.start_date,
        "planned_end_date": placement.planned_end_date,
        "end_date": placement.end_date,
        "outcome": placement.outcome,
        "called_off_on": placement.called_off_on,
        "version": placement.version,
    }


def _follow_up(row: FollowUp, *, told: bool) -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": row.id,
        "placement_id": row.placement_id,
        "number": row.number,
        "due_on": row.due_on,
        "held_on": row.held_on,
        "cancelled_on": row.cancelled_on,
    }
    if not told or row.held_on is None:
        return known
    return known | {
        "mood": row.mood,
        "own_words": row.own_words,
        "hours_next": row.hours_next,
        "adaptations_work": row.adaptations_work,
        "support_wanted": row.support_wanted,
        "is_well_functioning": row.is_well_functioning,
        "next_goal": row.next_goal,
        "agreed": [action.text for action in row.actions],
    }


def _employment(row: Employment) -> dict[str, Any]:
    return {
        "id": row.id,
        "external_id": row.external_id,
        "participant_id": row.participant_id,
        "site_id": row.site_id,
        "placement_id": row.placement_id,
        "kind": row.kind,
        "start_date": row.start_date,
        "planned_end_date": row.planned_end_date,
        "end_date": row.end_date,
        "hours": row.hours,
    }
