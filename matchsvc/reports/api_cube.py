"""GET /api/v1/reports/cube: flows, lead times and results by any groups, for internal use."""

from __future__ import annotations

from typing import Any

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.reports.counts import Period
from matchsvc.reports.cube import READERS, cube, cube_data
from matchsvc.reports.cube_counts import Asked
from matchsvc.reports.schemas_cube import CubeQuerySchema, CubeSchema
from matchsvc.swedish import end_of_day, local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("cube", "/reports", "Internal tables of flows, lead times and results.")


@api.route("/cube")
@api.arguments(CubeQuerySchema, location="query")
@api.response(200, CubeSchema)
@errors(api, 401, 403, 409, 422)
@requires(*READERS)
def show_cube(query: dict[str, Any]) -> dict[str, Any]:
    """Persons, events and lead times by any groups; not for publication, and logged."""
    asked = Asked(
        Period(query["start"], query["end"]),
        query["by"],
        until=query["until"] or local_date(db.utcnow()),
        months=query["months"],
        as_of=end_of_day(query["as_of"]) if query["as_of"] else None,
    )
    with reading() as session:
        return cube_data(cube(session, current_actor(), asked))
