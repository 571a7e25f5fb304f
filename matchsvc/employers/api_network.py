"""JSON of what stands beside the register, as the pages."""

from __future__ import annotations

from typing import Any

from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import bar_checks, carving, history, offer_calendar, offers, yearly_results
from matchsvc.employers import network_schemas as schemas
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.carving import CarvedTask
from matchsvc.employers.offer_calendar import Period
from matchsvc.employers.register_reads import get_employer
from matchsvc.employers.schemas import CreatedSchema
from matchsvc.employers.sites import get_site
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("network", "", "The register over time: changes, bars, capacity, results.")


@api.get("/employers/<key>/history")
@api.arguments(schemas.HistoryQuerySchema, location="query")
@api.response(200, schemas.HistorySchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_history(query: dict[str, Any], key: str) -> dict[str, Any]:
    """What changed about an employer, its sites, people and offers, newest first."""
    with reading() as session:
        found = history.list_changes(session, current_actor(), key, page=query["page"])
        rows = [
            {
                "at": row.created_at,
                "by": by,
                **{
                    name: getattr(row, name)
                    for name in ("subject", "name", "field", "before", "after")
                },
            }
            for row, by in found.rows
        ]
    return {"page": found.page, "pages": found.pages, "total": found.total, "changes": rows}


@api.get("/employers/<key>/bar-checks")
@api.response(200, schemas.BarChecksSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_bar_checks(key: str) -> dict[str, Any]:
    """Who looked for bars on placements, where and when."""
    with reading() as session:
        actor = current_actor()
        employer = get_employer(session, actor, key)
        audit.record(session, actor, "read", "employer", employer.id)
        standing = bar_checks.standing_of_bars(session, employer, today=day_of_request())
        rows = [
            {name: getattr(row, name) for name in ("id", "checked_on", "looked_for", "source")}
            | {"found": row.found, "by": by}
            for row, by in bar_checks.list_bar_checks(session, actor, employer)
        ]
    return {"is_old": standing.is_old, "months": standing.months, "checks": rows}


@api.post("/employers/<key>/bar-checks")
@api.arguments(schemas.BarCheckSchema)
@api.response(201, CreatedSchema)
@errors(api, 401, 403, 404)
@requires(*EDITORS)
def add_bar_check(data: dict[str, Any], key: str) -> Any:
    """Write down a check. A bar that was found stops placements there."""
    with writing() as session:
        return bar_checks.add_bar_check(
            session, current_actor(), key, **data, today=day_of_request()
        )


@api.get("/sites/<key>/periods")
@api.response(200, schemas.PeriodsOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def list_site_periods(key: str) -> dict[str, Any]:
    """How many a site can take at what times."""
    with reading() as session:
        actor = current_actor()
        site = get_site(session, actor, key)
        return {
            "periods": offer_calendar.list_periods(session, actor, site_id=site.id, offer_id=None)
        }


@api.put("/sites/<key>/periods")
@api.arguments(schemas.PeriodsSchema)
@api.response(200, CreatedSchema)
@errors(api, 401, 403, 404)
@requires(*EDITORS)
def set_site_periods(data: dict[str, Any], key: str) -> Any:
    """Say how many a site can take at what times; replaces what was said."""
    periods = [Period(**each) for each in data["periods"]]
    with writing() as session:
        return offer_calendar.set_site_periods(session, current_actor(), key, periods)


@api.get("/offers/<key>/calendar")
@api.response(200, schemas.OfferCalendarSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_calendar(key: str) -> dict[str, Any]:
    """Whether an offer takes anybody new today, and its places over time."""
    with reading() as session:
        actor = current_actor()
        offer = offers.get_offer(session, actor, key)
        return {
            "places_today": offer.places,
            "paused_until": offer.paused_until,
            "why_closed": offer_calendar.why_closed(offer, offer.site.employer, day_of_request()),
            "periods": offer_calendar.list_periods(
                session, actor, site_id=offer.site_id, offer_id=offer.id
            ),
        }


@api.put("/offers/<key>/periods")
@api.arguments(schemas.PeriodsSchema)
@api.response(200, CreatedSchema)
@errors(api, 401, 403, 404)
@requires(*EDITORS)
def set_offer_periods(data: dict[str, Any], key: str) -> Any:
    """Say how many places an offer has at what times; replaces what was said."""
    periods = [Period(**each) for each in data["periods"]]
    with writing() as session:
        return offer_calendar.set_offer_periods(
            session, current_actor(), key, periods, today=day_of_request()
        )


@api.post("/offers/<key>/copy")
@api.response(201, CreatedSchema)
@errors(api, 401, 403, 404)
@requires(*EDITORS)
def copy_offer(key: str) -> Any:
    """Make a draft that says the same."""
    with writing() as session:
        return offers.copy_offer(session, current_actor(), key, today=day_of_request())


@api.post("/offers/carve")
@api.arguments(schemas.CarveSchema)
@api.response(200, schemas.CarvedSchema)
@errors(api, 401, 403)
@requires(*EDITORS)
def carve_offer(data: dict[str, Any]) -> Any:
    """Make the beginning of an offer of tasks; nothing is saved."""
    with reading() as session:
        tasks = [CarvedTask(**each) for each in data["tasks"]]
        return carving.carve(session, current_actor(), tasks)


@api.get("/employers/results")
@api.arguments(schemas.YearSchema, location="query")
@api.response(200, schemas.ResultsListSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_results(query: dict[str, Any]) -> dict[str, Any]:
    """What came of a year at each employer, and who has been told."""
    year = query["year"] or day_of_request().year - 1
    with reading() as session:
        found = yearly_results.list_results(session, current_actor(), year)
        rows = [
            {
                "employer_id": employer.id,
                "employer": employer.name,
                "placed": results.placed,
                "completed": results.completed,
                "hired": results.hired,
                "sent_on": sent_on,
            }
            for employer, results, sent_on in found.rows
        ]
    return {"year": year, "told": found.told, "of": len(rows), "employers": rows}


@api.post("/employers/<key>/results")
@api.arguments(schemas.SendResultsSchema)
@api.response(201, CreatedSchema)
@errors(api, 401, 403, 404, 409)
@requires(*EDITORS)
def send_results(data: dict[str, Any], key: str) -> Any:
    """Send an employer its year, once, and log it as a contact."""
    with writing() as session:
        return yearly_results.send_results(
            session,
            current_actor(),
            key,
            data["year"],
            contact_id=data["contact_id"],
            today=day_of_request(),
        )
