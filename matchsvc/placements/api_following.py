"""Adaptations of a placement and what went wrong at it, for programs: the rules of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.placements import accommodations, disturbances
from matchsvc.placements import following_schemas as schemas
from matchsvc.placements.access import READERS
from matchsvc.placements.accommodations import Adaptation
from matchsvc.placements.disturbance_models import Disturbance
from matchsvc.placements.disturbances import Happened, Told
from matchsvc.placements.models import Accommodation
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "following",
    "/placements/<uuid:placement_id>",
    "What is adapted at a placement, and what went wrong there.",
)


@api.get("/accommodations")
@api.response(200, schemas.AccommodationOutSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_accommodations(placement_id: UUID) -> Sequence[Accommodation]:
    """The adaptations with everything that was said of them."""
    with reading() as session:
        return accommodations.read_accommodations(
            session, current_actor(), placement_id, today=day_of_request()
        ).rows


@api.post("/accommodations")
@api.arguments(schemas.AccommodationSchema)
@api.response(201, schemas.AccommodationOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def add_accommodation(data: dict[str, Any], placement_id: UUID) -> Accommodation:
    """Note an adaptation."""
    with writing() as session:
        return accommodations.add_accommodation(
            session, current_actor(), placement_id, Adaptation(**data), today=day_of_request()
        )


@api.post("/accommodations/<uuid:accommodation_id>/judgement")
@api.arguments(schemas.JudgeSchema)
@api.response(200, schemas.AccommodationOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def judge_accommodation(
    data: dict[str, Any], placement_id: UUID, accommodation_id: UUID
) -> Accommodation:
    """Say whether it works."""
    with writing() as session:
        return accommodations.judge_accommodation(
            session,
            current_actor(),
            placement_id,
            accommodation_id,
            **data,
            today=day_of_request(),
        )


@api.post("/accommodations/<uuid:accommodation_id>/share")
@api.arguments(schemas.ShareAccommodationSchema)
@api.response(200, schemas.AccommodationOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def share_accommodation(
    data: dict[str, Any], placement_id: UUID, accommodation_id: UUID
) -> Accommodation:
    """Say whether the participant lets the employer see it."""
    with writing() as session:
        return accommodations.share_accommodation(
            session,
            current_actor(),
            placement_id,
            accommodation_id,
            **data,
            today=day_of_request(),
        )


@api.get("/disturbances")
@api.response(200, schemas.DisturbanceOutSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_disturbances(placement_id: UUID) -> list[Disturbance]:
    """What went wrong, open ones first."""
    with reading() as session:
        _seen, rows = disturbances.read_disturbances(
            session, current_actor(), placement_id, today=day_of_request()
        )
        return [each.row for each in rows]


@api.post("/disturbances")
@api.arguments(schemas.DisturbanceSchema)
@api.response(201, schemas.DisturbanceOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def note_disturbance(data: dict[str, Any], placement_id: UUID) -> Disturbance:
    """Note that something went wrong; its owner gets a task."""
    with writing() as session:
        return disturbances.note_disturbance(
            session, current_actor(), placement_id, Happened(**data), today=day_of_request()
        )


@api.post("/disturbances/<uuid:disturbance_id>/close")
@api.arguments(schemas.CloseDisturbanceSchema)
@api.response(200, schemas.DisturbanceOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def close_disturbance(
    data: dict[str, Any], placement_id: UUID, disturbance_id: UUID
) -> Disturbance:
    """Say how it ended."""
    now = db.utcnow()
    with writing() as session:
        return disturbances.close_disturbance(
            session,
            current_actor(),
            placement_id,
            disturbance_id,
            **data,
            today=local_date(now),
            now=now,
        )


@api.post("/disturbances/<uuid:disturbance_id>/told")
@api.arguments(schemas.ToldAfSchema)
@api.response(200, schemas.DisturbanceOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def note_told(data: dict[str, Any], placement_id: UUID, disturbance_id: UUID) -> Disturbance:
    """Note that the employment service was told, when and how. Nothing is sent."""
    now = db.utcnow()
    with writing() as session:
        return disturbances.note_told(
            session,
            current_actor(),
            placement_id,
            disturbance_id,
            Told(data["af_told_on"], data["af_channel"]),
            version=data["version"],
            today=local_date(now),
            now=now,
        )
