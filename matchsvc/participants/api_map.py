"""JSON of the map and its summary: her own worker's only, as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants import map_schemas as schemas
from matchsvc.participants import summaries
from matchsvc.participants.assessments import Assessment, ask_for_assessment, note_assessment
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.participants.mapping import read_map, save_cells
from matchsvc.participants.mapping_models import MappingSummary
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("mapping", "/participants", "The map of a person, and its summary.")


@api.get("/<key>/map")
@api.response(200, schemas.CellSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def list_cells(key: str) -> list[dict[str, Any]]:
    """Every place that says something."""
    with reading() as session:
        cells = read_map(session, current_actor(), key, today=today()).cells
    return [
        {"area": area, "side": side, "words": cell.words, "version": cell.version}
        for (area, side), cell in cells.items()
    ]


@api.put("/<key>/map")
@api.arguments(schemas.SaveCellSchema)
@api.response(200, schemas.CellSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def save_cell(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Save one place. 409 when somebody saved it since; nothing is overwritten."""
    place = (data["area"], data["side"])
    said = {place: (data["words"], data["version"])}
    with writing() as session:
        versions = save_cells(session, current_actor(), key, said, today=today(), now=db.utcnow())
    return {**data, "version": versions[place]}


@api.get("/<key>/mapping-summaries")
@api.response(200, schemas.SummarySchema(many=True))
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def list_summaries(key: str) -> Sequence[MappingSummary]:
    """Every version, latest first."""
    with reading() as session:
        return summaries.read_summaries(session, current_actor(), key, today=today()).versions


@api.post("/<key>/mapping-summaries")
@api.arguments(schemas.WriteSummarySchema)
@api.response(200, schemas.SummarySchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def write_summary(data: dict[str, Any], key: str) -> MappingSummary:
    """Write the draft; a signed one gets a new version beside it."""
    with writing() as session:
        return summaries.write_summary(session, current_actor(), key, **data, today=today())


@api.post("/<key>/mapping-summaries/review")
@api.arguments(schemas.ReviewSummarySchema)
@api.response(200, schemas.SummarySchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def review_summary(data: dict[str, Any], key: str) -> MappingSummary:
    """Note that it was gone through, and what was said about it."""
    with writing() as session:
        return summaries.review_summary(session, current_actor(), key, **data, today=today())


@api.post("/<key>/af-assessment")
@api.response(200, schemas.AssessmentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def ask_assessment(key: str) -> Assessment:
    """Note that the assessment was asked for today. 409 when it is waited for already."""
    with writing() as session:
        return ask_for_assessment(session, current_actor(), key, today=today())


@api.post("/<key>/af-assessment/answer")
@api.response(200, schemas.AssessmentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def answer_assessment(key: str) -> Assessment:
    """Note that the answer came today. 409 when none was asked for."""
    with writing() as session:
        return note_assessment(session, current_actor(), key, today=today(), now=db.utcnow())
