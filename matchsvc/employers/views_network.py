"""Pages beside the register: what changed, bars on placements, places over time, yearly results."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import bar_checks, history, offer_calendar, yearly_results
from matchsvc.employers import network_schemas as schemas
from matchsvc.employers import views_change_words as change_words
from matchsvc.employers import views_labels as labels
from matchsvc.employers.access import EDITORS, READERS, can_edit
from matchsvc.employers.offer_calendar import Period
from matchsvc.employers.offers import get_offer
from matchsvc.employers.register_reads import get_employer
from matchsvc.employers.sites import get_site
from matchsvc.errors import DomainError
from matchsvc.web.forms import form_values, load, load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

network_pages = Blueprint("network", __name__)

_ROW = re.compile(r"periods/(\d{1,2})/(first_day|last_day|places|supervisors)")
_MORE_ROWS = 3


@network_pages.get("/employers/<key>/history")
@requires(*READERS)
def show_history(key: str) -> ResponseReturnValue:
    """What changed, when, by whom, from what to what."""
    query = load_query(schemas.HistoryQuerySchema())
    with reading() as session:
        found = history.list_changes(session, current_actor(), key, page=query["page"])
        return render_template(
            "employers/history.html",
            found=found,
            employer=found.employer,
            rows=change_words.rows_in_words(session, found),
            page_url=url_for("employers.network.show_history", key=key) + "?page={page}",
        ), 200


@network_pages.get("/employers/<key>/bars")
@requires(*READERS)
def show_bars(key: str) -> ResponseReturnValue:
    """Who looked for bars, and the form for looking again."""
    return _bars_page(key, {"checked_on": day_of_request().isoformat()}, {}), 200


@network_pages.post("/employers/<key>/bars")
@requires(*EDITORS)
def submit_bars(key: str) -> ResponseReturnValue:
    """Write down a check."""
    schema = schemas.BarCheckFormSchema()
    try:
        data = load_form(schema)
        with writing() as session:
            bar_checks.add_bar_check(session, current_actor(), key, **data, today=day_of_request())
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _bars_page(key, typed, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("employers.network.show_bars", key=key), 303)


def _bars_page(key: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        employer = get_employer(session, actor, key)
        audit.record(session, actor, "read", "employer", employer.id)
        return render_template(
            "employers/bars.html",
            employer=employer,
            checks=bar_checks.list_bar_checks(session, actor, employer),
            standing=bar_checks.standing_of_bars(session, employer, today=day_of_request()),
            values=values,
            errors=errors,
            can_edit=can_edit(actor),
            w=labels,
        )


@network_pages.get("/employers/<key>/sites/<uuid:site_id>/periods")
@requires(*EDITORS)
def show_site_periods(key: str, site_id: UUID) -> ResponseReturnValue:
    """How many a site can take at what times, to be changed."""
    return _periods_page(None, {}, site_id=site_id, key=key), 200


@network_pages.post("/employers/<key>/sites/<uuid:site_id>/periods")
@requires(*EDITORS)
def submit_site_periods(key: str, site_id: UUID) -> ResponseReturnValue:
    """Replace what was said of a site's places over time."""
    rows = _typed_rows()
    try:
        periods = _periods(rows)
        with writing() as session:
            offer_calendar.set_site_periods(session, current_actor(), site_id, periods)
    except DomainError as error:
        page = _periods_page(rows, field_errors(error), site_id=site_id, key=key)
        return page, STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


@network_pages.get("/offers/<key>/periods")
@requires(*EDITORS)
def show_offer_periods(key: str) -> ResponseReturnValue:
    """How many places an offer has at what times, to be changed."""
    return _periods_page(None, {}, key=key), 200


@network_pages.post("/offers/<key>/periods")
@requires(*EDITORS)
def submit_offer_periods(key: str) -> ResponseReturnValue:
    """Replace what was said of an offer's places over time."""
    rows = _typed_rows()
    try:
        periods = _periods(rows)
        with writing() as session:
            offer_calendar.set_offer_periods(
                session, current_actor(), key, periods, today=day_of_request()
            )
    except DomainError as error:
        return _periods_page(rows, field_errors(error), key=key), STATUS[type(error)]
    return redirect(url_for("employers.offers.show_page", key=key), 303)


def _typed_rows() -> list[dict[str, str]]:
    """The rows in which something was written, in order."""
    found: dict[int, dict[str, str]] = {}
    for name, value in request.form.items():
        match = _ROW.fullmatch(name)
        if match and value.strip():
            found.setdefault(int(match[1]), {})[match[2]] = value.strip()
    return [found[index] for index in sorted(found)]


def _periods(rows: list[dict[str, str]]) -> list[Period]:
    data = load(schemas.PeriodsSchema(), {"periods": rows})
    return [Period(**each) for each in data["periods"]]


def _periods_page(
    rows: list[dict[str, str]] | None,
    errors: dict[str, str],
    *,
    key: str,
    site_id: UUID | None = None,
) -> str:
    """Of a site, or without one of the offer that ``key`` names."""
    with reading() as session:
        actor = current_actor()
        offer = get_offer(session, actor, key) if site_id is None else None
        site = offer.site if offer is not None else get_site(session, actor, site_id or "")
        shown: list[Any] = list(rows or [])
        if rows is None:
            shown = offer_calendar.list_periods(
                session, actor, site_id=site.id, offer_id=offer.id if offer else None
            )
        return render_template(
            "employers/periods.html",
            site=site,
            employer=site.employer,
            offer=offer,
            rows=[*shown, *({} for _ in range(_MORE_ROWS))],
            errors=errors,
        )


@network_pages.get("/employers/results")
@requires(*READERS)
def show_results_list() -> ResponseReturnValue:
    """Who has something to be told of a year, and who has been."""
    query = load_query(schemas.YearSchema())
    today = day_of_request()
    year = query["year"] or today.year - 1
    with reading() as session:
        return render_template(
            "employers/results_list.html",
            found=yearly_results.list_results(session, current_actor(), year),
            years=[(str(each), str(each)) for each in range(today.year, today.year - 5, -1)],
        ), 200


@network_pages.get("/employers/<key>/results")
@requires(*READERS)
def show_results(key: str) -> ResponseReturnValue:
    """An employer's year, and the letter as it would be sent."""
    query = load_query(schemas.YearSchema())
    return _results_page(key, query["year"] or day_of_request().year - 1, {}, None), 200


@network_pages.post("/employers/<key>/results")
@requires(*EDITORS)
def submit_results(key: str) -> ResponseReturnValue:
    """Send the letter that was shown."""
    data = load_form(schemas.SendResultsSchema())
    try:
        with writing() as session:
            yearly_results.send_results(
                session,
                current_actor(),
                key,
                data["year"],
                contact_id=data["contact_id"],
                today=day_of_request(),
            )
    except DomainError as error:
        page = _results_page(key, data["year"], field_errors(error), data["contact_id"])
        return page, STATUS[type(error)]
    return redirect(url_for("employers.network.show_results", key=key, year=data["year"]), 303)


def _results_page(key: str, year: int, errors: dict[str, str], chosen: UUID | None) -> str:
    with reading() as session:
        actor = current_actor()
        page = yearly_results.show_results(session, actor, key, year)
        today = day_of_request()
        return render_template(
            "employers/results.html",
            page=page,
            employer=page.employer,
            people=[(each.id, f"{each.name}, {each.email}") for each in page.people],
            chosen=chosen or (page.people[0].id if page.people else None),
            years=[(str(each), str(each)) for each in range(today.year, today.year - 5, -1)],
            errors=errors,
            can_send=can_edit(actor),
        )
