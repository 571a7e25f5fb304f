"""JSON of the register of requests under the law, of restrictions and of the whole copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants.frame import today
from matchsvc.rights import passages, records, requests, restriction, whole_copy
from matchsvc.rights import schemas as shapes
from matchsvc.rights.copy_schema import copy_schema
from matchsvc.rights.models import RecordRequest, Restriction, RightsRequest
from matchsvc.rights.requests import KEEPERS
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("rights", "/rights", "Requests about what is kept about somebody.")


@api.get("/requests")
@api.response(200, shapes.RightsLineSchema(many=True))
@errors(api, 401, 403)
@requires(*KEEPERS)
def list_requests() -> list[requests.Line]:
    """Requests that wait, the earliest due first, without their words."""
    with reading() as session:
        return requests.list_register(session, current_actor(), today=today())


@api.post("/people/<key>/requests")
@api.arguments(shapes.RightsAskSchema)
@api.response(201, shapes.RightsRequestOutSchema)
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def create_request(data: dict[str, Any], key: str) -> RightsRequest:
    """Put a request into the register."""
    with writing() as session:
        asked = requests.Asked(**data)
        return requests.register(session, current_actor(), key, asked, today=today())


@api.get("/requests/<uuid:rights_request_id>")
@api.response(200, shapes.RightsRequestOutSchema)
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def show_request(rights_request_id: UUID) -> RightsRequest:
    """One request with its words and the answer."""
    with reading() as session:
        actor = current_actor()
        return requests.get_request(session, actor, rights_request_id, today=today())[0]


@api.post("/requests/<uuid:rights_request_id>/prolong")
@api.arguments(shapes.RightsProlongSchema)
@api.response(200, shapes.RightsRequestOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def prolong_request(data: dict[str, Any], rights_request_id: UUID) -> RightsRequest:
    """Take two months more."""
    with writing() as session:
        return requests.prolong(
            session, current_actor(), rights_request_id, **data, today=today(), now=db.utcnow()
        )


@api.post("/requests/<uuid:rights_request_id>/answer")
@api.arguments(shapes.RightsAnswerSchema)
@api.response(200, shapes.RightsRequestOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def answer_request(data: dict[str, Any], rights_request_id: UUID) -> RightsRequest:
    """Write down what was decided and how she was told."""
    version = data.pop("version")
    with writing() as session:
        return requests.answer(
            session,
            current_actor(),
            rights_request_id,
            requests.Answer(**data),
            version=version,
            today=today(),
            now=db.utcnow(),
        )


@api.post("/people/<key>/restriction")
@api.arguments(shapes.RestrictSchema)
@api.response(201, shapes.RestrictionOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def restrict(data: dict[str, Any], key: str) -> Restriction:
    """Let what is kept about her be stored and nothing more, at once."""
    version = data.pop("version")
    with writing() as session:
        why = restriction.Restricted(**data)
        return restriction.restrict(
            session, current_actor(), key, why, version=version, today=today()
        )


@api.post("/people/<key>/restriction/told")
@api.arguments(shapes.ToldOfLiftingSchema)
@api.response(200, shapes.RestrictionOutSchema)
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def tell_before_lifting(data: dict[str, Any], key: str) -> Restriction:
    """Note that she has been told that it will be lifted."""
    with writing() as session:
        return restriction.tell_before_lifting(
            session, current_actor(), key, data["told_how"], told_on=data["told_on"], today=today()
        )


@api.post("/people/<key>/restriction/lift")
@api.arguments(shapes.LiftSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def lift(data: dict[str, Any], key: str) -> None:
    """Lift it, once she has been told."""
    with writing() as session:
        restriction.lift(session, current_actor(), key, **data, today=today())


@api.get("/people/<key>/copy")
@api.response(200, shapes.WholeCopySchema)
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def show_copy(key: str) -> dict[str, Any]:
    """Every row that is kept about her."""
    with reading() as session:
        person = requests.get_person(session, current_actor(), key, today=today())
        kept = whole_copy.read_everything(session, current_actor(), person, form="json")
    return whole_copy.as_data(kept, made_on=today())


@api.get("/copy-schema")
@api.response(200, {"type": "object"})
@errors(api, 401, 403)
@requires(*KEEPERS)
def show_copy_schema() -> Response:
    """The form of the copy as a JSON Schema; it says nothing of anybody."""
    return jsonify(copy_schema())


@api.get("/people/<key>/records")
@api.response(200, shapes.RecordOutSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def list_records(key: str) -> Sequence[RecordRequest]:
    """Requests to read in her file."""
    with reading() as session:
        return records.list_of(session, current_actor(), key, today=today())


@api.post("/people/<key>/records")
@api.arguments(shapes.WantedSchema)
@api.response(201, shapes.RecordOutSchema)
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def create_record(data: dict[str, Any], key: str) -> RecordRequest:
    """Write down that somebody asks to read a part of her file."""
    with writing() as session:
        wanted = records.Wanted(**data)
        return records.register(session, current_actor(), key, wanted, today=today())


@api.get("/records/<uuid:record_request_id>/lines")
@api.response(200, shapes.RecordLineSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def list_lines(record_request_id: UUID) -> Any:
    """The lines of what was asked for, with what masks them."""
    with reading() as session:
        actor = current_actor()
        return records.get_record_request(session, actor, record_request_id, today=today())[2]


@api.get("/records/<uuid:record_request_id>/lines/<int:position>/masks")
@api.response(200, shapes.RecordMaskSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def list_masks(record_request_id: UUID, position: int) -> Any:
    """The log of what was marked in a line, also what was taken away again."""
    with reading() as session:
        actor = current_actor()
        return passages.get_line(session, actor, record_request_id, position, today=today()).log


@api.post("/records/<uuid:record_request_id>/lines/<int:position>/masks")
@api.arguments(shapes.MarkingSchema)
@api.response(201, shapes.RecordMaskSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def create_masks(data: dict[str, Any], record_request_id: UUID, position: int) -> Any:
    """Mark sentences (by place, from 0) or words (a line each) of a line to be masked."""
    version = data.pop("version")
    with writing() as session:
        marking = passages.Marking(**data | {"words": (data["words"] or "").splitlines()})
        actor, at = current_actor(), record_request_id
        return passages.mark(session, actor, at, position, marking, version=version, today=today())


@api.post("/records/<uuid:record_request_id>/masks/<uuid:record_mask_id>/remove")
@api.arguments(shapes.UnmarkSchema)
@api.response(200, shapes.RecordMaskSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def remove_mask(data: dict[str, Any], record_request_id: UUID, record_mask_id: UUID) -> Any:
    """Take a mark away; that it was there is kept."""
    with writing() as session:
        return passages.unmark(
            session,
            current_actor(),
            record_request_id,
            record_mask_id,
            **data,
            today=today(),
            now=db.utcnow(),
        )


@api.post("/records/<uuid:record_request_id>/handed")
@api.arguments(shapes.RecordHandedSchema)
@api.response(200, shapes.RecordOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def note_handed(data: dict[str, Any], record_request_id: UUID) -> RecordRequest:
    """Note that what may be read was given to whoever asked."""
    with writing() as session:
        return records.hand_over(
            session,
            current_actor(),
            record_request_id,
            data["handed_how"],
            version=data["version"],
            today=today(),
            now=db.utcnow(),
        )


@api.post("/records/<uuid:record_request_id>/decision")
@api.arguments(shapes.RulingSchema)
@api.response(200, shapes.RecordOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def decide(data: dict[str, Any], record_request_id: UUID) -> RecordRequest:
    """Say what may be read."""
    version = data.pop("version")
    with writing() as session:
        return records.decide(
            session,
            current_actor(),
            record_request_id,
            records.Ruling(**data),
            version=version,
            today=today(),
            now=db.utcnow(),
        )
