"""Pages that make an offer of something else: of tasks left lying, or of another offer."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import carving, offers
from matchsvc.employers.access import EDITORS
from matchsvc.employers.carving import Carved, CarvedTask
from matchsvc.employers.grounds import grounds_in
from matchsvc.employers.network_schemas import CarveSchema
from matchsvc.employers.sites import get_site
from matchsvc.employers.views_offer_form import OfferForm
from matchsvc.employers.views_offers import form_page
from matchsvc.errors import DomainError
from matchsvc.web.forms import load
from matchsvc.web.problems import STATUS, field_errors

carving_pages = Blueprint("carving", __name__)

_ROW = re.compile(r"task/(\d{1,2})/(words|hours|needs)")
_EMPTY_ROWS = 3


@carving_pages.get("/offers/carve")
@requires(*EDITORS)
def show_carve() -> ResponseReturnValue:
    """Empty rows for tasks that are left lying; without a site the employer comes first."""
    site_key = request.args.get("site", "")
    if not site_key:
        return redirect(url_for("employers.list_page"), 303)
    return _carve_page(site_key, [], {}), 200


@carving_pages.post("/offers/carve")
@requires(*EDITORS)
def submit_carve() -> ResponseReturnValue:
    """Sum the tasks up, or go on with them to an offer that is not saved yet."""
    site_key = request.form.get("site", "")
    rows = _typed_rows()
    try:
        tasks = [CarvedTask(**each) for each in load(CarveSchema(), {"tasks": rows})["tasks"]]
        with reading() as session:
            get_site(session, current_actor(), site_key)
            carved = carving.carve(session, current_actor(), tasks)
    except DomainError as error:
        said = {
            name.replace("tasks/", "task/", 1): text for name, text in field_errors(error).items()
        }
        is_forbidden = error.code == "protected_ground"
        if is_forbidden:
            _report(site_key, rows)
        page = _carve_page(site_key, rows, said, is_forbidden=is_forbidden)
        return page, STATUS[type(error)]
    if request.form.get("go") == "offer":
        return form_page(site_key, None, _begun(carved), {}), 200
    return _carve_page(site_key, rows, {}, carved=carved), 200


@carving_pages.post("/offers/<key>/copy")
@requires(*EDITORS)
def submit_copy(key: str) -> ResponseReturnValue:
    """Make a draft that says the same, and go on to change it."""
    with writing() as session:
        made = offers.copy_offer(session, current_actor(), key, today=day_of_request())
        made_id = made.id
    return redirect(url_for("employers.offers.show_edit", key=made_id), 303)


def _typed_rows() -> list[dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name, value in request.form.items():
        match = _ROW.fullmatch(name)
        if match and value.strip():
            found.setdefault(int(match[1]), {})[match[2]] = value.strip()
    return [found[index] for index in sorted(found)]


def _begun(carved: Carved) -> OfferForm:
    form = OfferForm()
    form.values = {"tasks": carved.tasks, "hours_start": str(carved.hours), "places": "1"}
    form.rows["requirements"] = [
        {"text": need.words, "purpose": need.purpose} for need in carved.needs
    ]
    form.focus = "title"
    return form


def _report(site_key: str, rows: list[dict[str, str]]) -> None:
    """Tell the managers of a wish to exclude, without the words."""
    said = [text for row in rows for text in (row.get("words", ""), row.get("needs", ""))]
    with writing() as session:
        offers.report_protected_ground(
            session, current_actor(), site_key, grounds_in(said), today=day_of_request()
        )


def _carve_page(
    site_key: str,
    rows: list[dict[str, str]],
    errors: dict[str, str],
    *,
    carved: Carved | None = None,
    is_forbidden: bool = False,
) -> str:
    with reading() as session:
        site = get_site(session, current_actor(), site_key)
        shown: list[dict[str, Any]] = [*rows, *({} for _ in range(_EMPTY_ROWS))]
        return render_template(
            "employers/carve.html",
            site=site,
            rows=shown[: carving.MOST_TASKS],
            errors=errors,
            carved=carved,
            is_forbidden=is_forbidden,
        )
