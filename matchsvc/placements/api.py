"""Placements for programs: the same rules as the pages."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.placements import ending, starting
from matchsvc.placements.access import DECIDERS, READERS, Seen, get_placement
from matchsvc.placements.limits import plan_from
from matchsvc.placements.my_week import my_week
from matchsvc.placements.overview import State, list_placements, read_placement
from matchsvc.placements.schemas import (
    EndPlacementSchema,
    PlacementListSchema,
    PlacementOutSchema,
    PlacementQuerySchema,
    StartPlacementSchema,
    WeekOutSchema,
)
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint("placements", "", "Placements.")


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
