"""JSON of the glossary: the same words as the page."""

from __future__ import annotations

from typing import Any

from matchsvc.accounts.guard import STAFF, requires
from matchsvc.help.glossary import find_terms
from matchsvc.help.schemas import GlossarySchema, LookUpSchema
from matchsvc.web.api import api_blueprint, errors
from matchsvc.web.words import language_of_reader

api = api_blueprint("help", "/help", "What words mean.")


@api.get("/glossary")
@api.arguments(LookUpSchema, location="query")
@api.response(200, GlossarySchema)
@errors(api, 401, 403)
@requires(*STAFF)
def list_terms(data: dict[str, Any]) -> dict[str, Any]:
    """The words of the service, or those that hold ``q``."""
    return {"terms": find_terms(data["q"] or "", language_of_reader())}
