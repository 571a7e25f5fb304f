"""JSON of search: the same hits as the page."""

from __future__ import annotations

from typing import Any

from matchsvc import db
from matchsvc.accounts.guard import requires
from matchsvc.search.schemas import FoundSchema, SearchSchema
from matchsvc.search.views import SEARCHERS, look
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("search", "", "Finding people, employers and offers.")


@api.post("/search")
@api.arguments(SearchSchema)
@api.response(200, FoundSchema)
@errors(api, 401, 403, 409)
@requires(*SEARCHERS)
def search(data: dict[str, Any]) -> dict[str, Any]:
    """The best ten of each kind; a POST, because what is looked for is somebody's name."""
    return {"hits": look(data["q"] or "", today=local_date(db.utcnow()))}
