"""JSON of the documents of a placement: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.documents import by_link, schemas, signing
from matchsvc.documents import writing as words_of
from matchsvc.documents.card import KIND, assess
from matchsvc.documents.content import from_text, with_sources
from matchsvc.documents.delivering import Giving
from matchsvc.documents.desk import Desk, open_desk, signers_of
from matchsvc.documents.frame import kind_of
from matchsvc.documents.models import EndDocument
from matchsvc.documents.overview import read_stands
from matchsvc.errors import NotFound
from matchsvc.placements.access import DECIDERS, READERS
from matchsvc.tripartite.schemas import SignSchema
from matchsvc.tripartite.signing import Signing
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "documents",
    "/placements/<uuid:placement_id>/documents",
    "What is written when a placement ends: final documentation, card, certificate, account.",
)


@api.get("")
@api.response(200, schemas.DocumentStateSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_documents(placement_id: UUID) -> list[dict[str, Any]]:
    """How far each kind of document has come."""
    with reading() as session:
        _seen, stands = read_stands(session, current_actor(), placement_id, today=day_of_request())
        return [
            {
                "kind": each.kind.value,
                "number": each.row.number if each.row else None,
                "state": each.row.state.value if each.row else None,
            }
            for each in stands
        ]


@api.get("/<kind>")
@api.response(200, schemas.EndDocumentSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_versions(placement_id: UUID, kind: str) -> list[dict[str, Any]]:
    """Every version of one kind, the newest first."""
    which = kind_of(kind)
    with reading() as session:
        desk = open_desk(session, current_actor(), placement_id, which, today=day_of_request())
        return [_as_json(session, desk, each) for each in desk.versions]


@api.post("/<kind>")
@api.response(201, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def begin(placement_id: UUID, kind: str) -> dict[str, Any]:
    """Begin a version, drafted from the follow-ups; sections 1 and 2 are empty."""
    which = kind_of(kind)
    with writing() as session:
        words_of.begin(session, current_actor(), placement_id, which, today=day_of_request())
    return _newest(placement_id, kind)


@api.put("/<kind>/sections/<code>")
@api.arguments(schemas.DocumentSectionInSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def save_section(data: dict[str, Any], placement_id: UUID, kind: str, code: str) -> dict[str, Any]:
    """Save one part against its version; signatures on other words fall."""
    with writing() as session:
        words_of.save_section(
            session,
            current_actor(),
            placement_id,
            kind_of(kind),
            code,
            **data,
            today=day_of_request(),
        )
    return _newest(placement_id, kind)


@api.put("/card/assessments")
@api.arguments(schemas.AssessSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def save_assessments(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Say what was seen; the first time begins the card."""
    with writing() as session:
        assess(
            session,
            current_actor(),
            placement_id,
            schemas.judged_of(data),
            version=data["version"],
            today=day_of_request(),
        )
    return _newest(placement_id, KIND.value)


@api.post("/<kind>/renew")
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def renew(placement_id: UUID, kind: str) -> dict[str, Any]:
    """Add what has been said since the draft was made."""
    which = kind_of(kind)
    with writing() as session:
        words_of.renew(session, current_actor(), placement_id, which, today=day_of_request())
    return _newest(placement_id, kind)


@api.post("/<kind>/offer")
@api.arguments(schemas.DocumentOfferSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def offer(data: dict[str, Any], placement_id: UUID, kind: str) -> dict[str, Any]:
    """Fix the words as they were shown, to be signed."""
    which = kind_of(kind)
    with writing() as session:
        signing.offer_for_signing(
            session, current_actor(), placement_id, which, **data, today=day_of_request()
        )
    return _newest(placement_id, kind)


@api.post("/<kind>/reopen")
@api.arguments(schemas.DocumentVersionSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def reopen(data: dict[str, Any], placement_id: UUID, kind: str) -> dict[str, Any]:
    """Take it back from signing; signatures on it no longer count."""
    which = kind_of(kind)
    with writing() as session:
        words_of.reopen(
            session, current_actor(), placement_id, which, **data, today=day_of_request()
        )
    return _newest(placement_id, kind)


@api.post("/<kind>/sign")
@api.arguments(SignSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def sign(data: dict[str, Any], placement_id: UUID, kind: str) -> dict[str, Any]:
    """Note a signature; the last one makes the version stand."""
    which = kind_of(kind)
    with writing() as session:
        signing.sign_document(
            session,
            current_actor(),
            placement_id,
            which,
            Signing(**data),
            today=day_of_request(),
            now=db.utcnow(),
        )
    return _newest(placement_id, kind)


@api.post("/<kind>/drop")
@api.arguments(schemas.DocumentDropSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def drop(data: dict[str, Any], placement_id: UUID, kind: str) -> dict[str, Any]:
    """Give up the open version, with a reason."""
    which = kind_of(kind)
    with writing() as session:
        words_of.drop(session, current_actor(), placement_id, which, **data, today=day_of_request())
    return _newest(placement_id, kind)


@api.post("/<kind>/<int:number>/give")
@api.arguments(schemas.GiveSchema)
@api.response(200, schemas.EndDocumentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def give(data: dict[str, Any], placement_id: UUID, kind: str, number: int) -> dict[str, Any]:
    """Note that a signed document is given; to others than the participant as a disclosure too.

    ``how`` ``link`` sends the participant, or the employer's ``contact_id``, a link to it.
    """
    which = kind_of(kind)
    with writing() as session:
        by_link.give(
            session,
            current_actor(),
            placement_id,
            which,
            number,
            Giving(**data),
            base_url=current_app.config["MATCHSVC"].base_url,
            today=day_of_request(),
            now=db.utcnow(),
        )
    return _newest(placement_id, kind)


@api.delete("/<kind>/<int:number>/deliveries/<uuid:delivery_id>/link")
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*DECIDERS)
def revoke_document_link(placement_id: UUID, kind: str, number: int, delivery_id: UUID) -> None:
    """Stop the link by which a document was given; again changes nothing."""
    which = kind_of(kind)
    with writing() as session:
        by_link.revoke(
            session,
            current_actor(),
            placement_id,
            which,
            number,
            delivery_id,
            today=day_of_request(),
            now=db.utcnow(),
        )


def _newest(placement_id: UUID, kind: str) -> dict[str, Any]:
    with reading() as session:
        desk = open_desk(
            session, current_actor(), placement_id, kind_of(kind), today=day_of_request()
        )
        if not desk.versions:
            raise NotFound("end_document")
        return _as_json(session, desk, desk.versions[0])


def _as_json(session: Any, desk: Desk, row: EndDocument) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "number": row.number,
        "state": row.state.value,
        "version": row.version,
        "shown_hash": signing.hash_shown(session, desk.seen, row),
        "sections": [
            {
                "code": each.code,
                "version": each.version,
                "lines": [
                    {
                        "text": text,
                        "source": line.source if line else None,
                        "follow_ups": list(line.numbers) if line else [],
                    }
                    for text, line in with_sources(each.text, from_text(each.drafted))
                ],
            }
            for each in row.sections
        ],
        "seen": row.seen,
        "signers": list(signers_of(row)),
        "signed": list(desk.signatures_of(row)),
        "signed_at": row.signed_at,
        "deliveries": desk.deliveries[row.id],
    }
