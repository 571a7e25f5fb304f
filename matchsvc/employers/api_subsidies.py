"""JSON of subsidies, as the pages."""

from __future__ import annotations

from typing import Any

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import network_schemas as schemas
from matchsvc.employers import subsidies
from matchsvc.employers.schemas import CreatedSchema
from matchsvc.employers.subsidies import SubsidyContent
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("subsidies", "/subsidies", "Subsidies that employers are told of.")


@api.get("")
@api.response(200, schemas.SubsidiesSchema)
@errors(api, 401, 403)
@requires(*subsidies.SEERS)
def list_subsidies() -> dict[str, Any]:
    """Every subsidy as it is known today, with source and day. Arbetsförmedlingen decides."""
    with reading() as session:
        found = subsidies.list_subsidies(session, current_actor(), today=day_of_request())
    return {"decided_by": "Arbetsförmedlingen", "subsidies": found}


@api.post("/<code>")
@api.arguments(schemas.SubsidySchema)
@api.response(201, CreatedSchema)
@errors(api, 401, 403, 404)
@requires(*subsidies.CHANGERS)
def add_version(data: dict[str, Any], code: str) -> Any:
    """Write down what holds from a day on; what stood before is kept."""
    with writing() as session:
        return subsidies.add_version(
            session, current_actor(), code, SubsidyContent(**data), today=day_of_request()
        )
