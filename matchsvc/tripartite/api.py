"""JSON of the agreement of a placement: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.placements.access import READERS
from matchsvc.tripartite import desk as desks
from matchsvc.tripartite import drafting, schemas, signing
from matchsvc.tripartite.content import from_text
from matchsvc.tripartite.desk import Desk
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.tripartite.signing import Signing
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "tripartite",
    "/placements/<uuid:placement_id>/agreement",
    "What participant, employer and unit agree on about a placement, version by version.",
)


@api.get("")
@api.response(200, schemas.TripartiteAgreementSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_versions(placement_id: UUID) -> list[dict[str, Any]]:
    """Every version, the newest first."""
    with reading() as session:
        desk = desks.open_desk(session, current_actor(), placement_id, today=day_of_request())
        return [_as_json(desk, each) for each in desk.versions]


@api.post("")
@api.response(201, schemas.TripartiteAgreementSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def begin(placement_id: UUID) -> dict[str, Any]:
    """Begin a version, filled with what is agreed or planned."""
    with writing() as session:
        drafting.begin(session, current_actor(), placement_id, today=day_of_request())
    return _open(placement_id)


@api.put("")
@api.arguments(schemas.ContentSchema)
@api.response(200, schemas.TripartiteAgreementSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def save(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Save what the open version says; signatures on other words fall."""
    with writing() as session:
        drafting.save(
            session,
            current_actor(),
            placement_id,
            schemas.content_of(data),
            version=data["version"],
            today=day_of_request(),
        )
    return _open(placement_id)


@api.post("/offer")
@api.arguments(schemas.OpenVersionSchema)
@api.response(200, schemas.TripartiteAgreementSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def offer(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Fix the words of the open version, to be signed."""
    with writing() as session:
        signing.offer_for_signing(
            session, current_actor(), placement_id, **data, today=day_of_request()
        )
    return _open(placement_id)


@api.post("/sign")
@api.arguments(schemas.SignSchema)
@api.response(200, schemas.TripartiteAgreementSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def sign(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Note a signature; the case worker's comes last."""
    with writing() as session:
        row = signing.sign_version(
            session,
            current_actor(),
            placement_id,
            Signing(**data),
            today=day_of_request(),
            now=db.utcnow(),
        )
        number = row.number
    return _version(placement_id, number)


@api.post("/approve")
@api.arguments(schemas.OpenVersionSchema)
@api.response(200, schemas.TripartiteAgreementSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def approve(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """The second pair of eyes says yes."""
    with writing() as session:
        row = signing.approve(
            session,
            current_actor(),
            placement_id,
            **data,
            today=day_of_request(),
            now=db.utcnow(),
        )
        number = row.number
    return _version(placement_id, number)


@api.post("/drop")
@api.arguments(schemas.DropSchema)
@api.response(200, schemas.TripartiteAgreementSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def drop(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Give up the open version, with a reason."""
    with writing() as session:
        row = drafting.drop(session, current_actor(), placement_id, **data, today=day_of_request())
        number = row.number
    return _version(placement_id, number)


def _open(placement_id: UUID) -> dict[str, Any]:
    with reading() as session:
        desk = desks.open_desk(session, current_actor(), placement_id, today=day_of_request())
        return _as_json(desk, desk.open or desk.versions[0])


def _version(placement_id: UUID, number: int) -> dict[str, Any]:
    with reading() as session:
        desk, row = desks.get_version(
            session, current_actor(), placement_id, number, today=day_of_request()
        )
        return _as_json(desk, row)


def _as_json(desk: Desk, row: TripartiteAgreement) -> dict[str, Any]:
    content = from_text(row.content)
    return {
        "number": row.number,
        "state": row.state.value,
        "version": row.version,
        "content": {
            name: str(value) if value is not None else None
            for name in content.__dataclass_fields__
            for value in (getattr(content, name),)
        },
        "content_hash": row.content_hash,
        "signed": list(desk.signed(row)),
        "agreed_at": row.agreed_at,
    }
