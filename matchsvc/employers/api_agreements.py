"""JSON of agreements, as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import agreement_schemas as schemas
from matchsvc.employers import agreements
from matchsvc.employers.access import READERS
from matchsvc.employers.agreements import AgreementContent
from matchsvc.employers.schemas import CreatedSchema
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("agreements", "/agreements", "Agreements with employers.")


@api.get("")
@api.response(200, schemas.AgreementListSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_agreements() -> dict[str, Any]:
    """Every agreement of the unit, with what it covers and what has come of it."""
    with reading() as session:
        return {"agreements": agreements.list_agreements(session, current_actor())}


@api.post("")
@api.arguments(schemas.AgreementSchema)
@api.response(201, CreatedSchema)
@errors(api, 401, 403)
@requires(*agreements.CHANGERS)
def create_agreement(data: dict[str, Any]) -> Any:
    """Write down an agreement."""
    with writing() as session:
        return agreements.create_agreement(
            session, current_actor(), AgreementContent(**data), today=day_of_request()
        )


@api.put("/<uuid:agreement_id>")
@api.arguments(schemas.EditAgreementSchema)
@api.response(200, CreatedSchema)
@errors(api, 401, 403, 404, 409)
@requires(*agreements.CHANGERS)
def edit_agreement(data: dict[str, Any], agreement_id: UUID) -> Any:
    """All of an agreement anew. 409 when somebody saved it since."""
    version = data.pop("version")
    with writing() as session:
        return agreements.edit_agreement(
            session,
            current_actor(),
            agreement_id,
            AgreementContent(**data),
            version=version,
            today=day_of_request(),
        )
