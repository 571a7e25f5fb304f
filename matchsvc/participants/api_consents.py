"""JSON of consents and disclosures: the same rules as their pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants import consent_schemas as schemas
from matchsvc.participants.consent_models import Consent, Disclosure
from matchsvc.participants.consents import Answer, answer_consent, list_consents, revoke_consent
from matchsvc.participants.disclosures import Told, disclose, list_disclosures
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("consents", "/participants", "Consents to lift secrecy, and disclosures.")


@api.get("/<key>/consents")
@api.response(200, schemas.ConsentSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def list_answers(key: str) -> Sequence[Consent]:
    """Everything that was answered, latest first."""
    with reading() as session:
        return list_consents(session, current_actor(), key, today=today()).consents


@api.post("/<key>/consents")
@api.arguments(schemas.AnswerConsentSchema)
@api.response(201, schemas.ConsentSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def create_answer(data: dict[str, Any], key: str) -> Consent:
    """Record an answer, given or refused."""
    data["scopes"] = frozenset(data["scopes"])
    with writing() as session:
        return answer_consent(
            session, current_actor(), key, Answer(**data), today=today(), now=db.utcnow()
        )


@api.post("/<key>/consents/<uuid:consent_id>/revoke")
@api.arguments(schemas.RevokeConsentSchema)
@api.response(200, schemas.ConsentSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def revoke(data: dict[str, Any], key: str, consent_id: UUID) -> Consent:
    """Take a consent back, all of it or for some parties."""
    with writing() as session:
        return revoke_consent(
            session, current_actor(), key, consent_id, **data, today=today(), now=db.utcnow()
        )


@api.get("/<key>/disclosures")
@api.response(200, schemas.DisclosureSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def list_told(key: str) -> Sequence[Disclosure]:
    """What was told to others, latest first."""
    with reading() as session:
        return list_disclosures(session, current_actor(), key, today=today())


@api.post("/<key>/disclosures")
@api.arguments(schemas.DiscloseSchema)
@api.response(201, schemas.DisclosureSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def create_disclosure(data: dict[str, Any], key: str) -> Disclosure:
    """Note that something is told, if a rule opens it now."""
    with writing() as session:
        return disclose(session, current_actor(), key, Told(**data), today=today(), now=db.utcnow())
