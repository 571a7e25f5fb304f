"""JSON of referrals: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.participants import referral_schemas as schemas
from matchsvc.participants import referrals
from matchsvc.participants.frame import today
from matchsvc.participants.referral_content import content_of
from matchsvc.participants.referral_models import Referral
from matchsvc.participants.schemas import VersionSchema
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("referrals", "/referrals", "Referrals, from the day they come to an end.")


@api.get("")
@api.arguments(schemas.EndedSchema, location="query")
@api.response(200, schemas.ReferralLineSchema(many=True))
@errors(api, 401, 403)
@requires(*referrals.WORKERS)
def list_referrals(query: dict[str, Any]) -> list[Referral]:
    """Those that the user may see: open ones oldest first, or ended ones latest first."""
    with reading() as session:
        return referrals.list_referrals(session, current_actor(), ended=query["ended"])


@api.post("")
@api.arguments(schemas.ReferralSchema)
@api.response(201, schemas.ReferralLineSchema)
@errors(api, 401, 403)
@requires(*referrals.WORKERS)
def create_referral(data: dict[str, Any]) -> Referral:
    """Note a referral that has come."""
    with writing() as session:
        return referrals.note_referral(
            session, current_actor(), schemas.referral_of(data), today=today()
        )


@api.get("/workloads")
@api.response(200, schemas.WorkloadSchema(many=True))
@errors(api, 401, 403)
@requires(Role.UNIT_MANAGER)
def list_workloads() -> list[dict[str, Any]]:
    """Every case worker with her open cases and referrals."""
    with reading() as session:
        loads = referrals.workloads(session, current_actor())
    return [
        {
            "user_id": load.user.id,
            "name": load.user.name,
            "cases": load.cases,
            "referrals": load.referrals,
        }
        for load in loads
    ]


@api.get("/<uuid:referral_id>")
@api.response(200, schemas.ReferralReadSchema)
@errors(api, 401, 403, 404)
@requires(*referrals.WORKERS)
def show_referral(referral_id: UUID) -> dict[str, Any]:
    """One referral with what it says; the reading is logged."""
    with reading() as session:
        found = referrals.get_referral(session, current_actor(), referral_id)
    content = content_of(found)
    names = schemas.ReferralLineSchema().fields
    person = ("given_name", "family_name", "phone", "email")
    return {
        **{name: getattr(found, name) for name in names},
        **{name: getattr(content.details, name) for name in person},
        "reason": content.reason,
        "intake": content.intake,
    }


@api.put("/<uuid:referral_id>")
@api.arguments(schemas.ChangeReferralSchema)
@api.response(200, schemas.ReferralLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*referrals.WORKERS)
def change_referral(data: dict[str, Any], referral_id: UUID) -> Referral:
    """Write all of it anew; it is to be checked again."""
    with writing() as session:
        return referrals.change_referral(
            session,
            current_actor(),
            referral_id,
            schemas.referral_of(data),
            version=data["version"],
            today=today(),
        )


@api.post("/<uuid:referral_id>/check")
@api.arguments(VersionSchema)
@api.response(200, schemas.ReferralLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*referrals.WORKERS)
def check_referral(data: dict[str, Any], referral_id: UUID) -> Referral:
    """Go through the checklist: complete, or a code for each thing missing."""
    with writing() as session:
        return referrals.check_referral(
            session, current_actor(), referral_id, version=data["version"], today=today()
        )


@api.post("/<uuid:referral_id>/allocate")
@api.arguments(schemas.AllocateReferralSchema)
@api.response(200, schemas.ReferralLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(Role.UNIT_MANAGER)
def allocate_referral(data: dict[str, Any], referral_id: UUID) -> Referral:
    """Give a complete referral to a case worker."""
    with writing() as session:
        return referrals.allocate_referral(
            session,
            current_actor(),
            referral_id,
            data["worker_id"],
            version=data["version"],
            today=today(),
        )


@api.post("/<uuid:referral_id>/contact")
@api.arguments(schemas.FirstContactSchema)
@api.response(200, schemas.ReferralLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*referrals.WORKERS)
def note_contact(data: dict[str, Any], referral_id: UUID) -> Referral:
    """Note the first contact with the person."""
    with writing() as session:
        return referrals.note_contact(
            session,
            current_actor(),
            referral_id,
            data["first_contact_on"],
            version=data["version"],
            today=today(),
        )


@api.post("/<uuid:referral_id>/enrol")
@api.arguments(VersionSchema)
@api.response(200, schemas.ReferralLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*referrals.WORKERS)
def enrol_referral(data: dict[str, Any], referral_id: UUID) -> Referral:
    """Enrol the person. The answer names no participant, whatever became of the entry."""
    with writing() as session:
        return referrals.enrol_referral(
            session, current_actor(), referral_id, version=data["version"], today=today()
        )


@api.post("/<uuid:referral_id>/close")
@api.arguments(schemas.CloseReferralSchema)
@api.response(200, schemas.ReferralLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*referrals.WORKERS)
def close_referral(data: dict[str, Any], referral_id: UUID) -> Referral:
    """End it without an enrolment."""
    with writing() as session:
        return referrals.close_referral(
            session,
            current_actor(),
            referral_id,
            withdrawn=data["withdrawn"],
            reason=data["reason"],
            version=data["version"],
            today=today(),
        )
