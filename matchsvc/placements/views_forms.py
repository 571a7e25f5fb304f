"""The page of placement forms with their limits and law, and closing a workplace."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.employers.access import EDITORS
from matchsvc.employers.sites import get_site
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements import wording
from matchsvc.placements.access import READERS
from matchsvc.placements.forms import list_forms, needs_a_look, verify_form
from matchsvc.placements.rules_schemas import CloseSiteSchema, ReopenSiteSchema
from matchsvc.placements.site_closing import close_site, reopen_site
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

form_pages = Blueprint("forms", __name__)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@form_pages.get("/placement-forms")
@requires(*READERS)
def show_forms() -> ResponseReturnValue:
    """All forms, what each demands and from which law."""
    today = day_of_request()
    with reading() as session:
        forms = list_forms(session)
        return render_template(
            "placements/forms.html",
            forms=forms,
            old={form.code for form in forms if needs_a_look(form, today=today)},
            may_verify=current_actor().has_role(Role.UNIT_MANAGER),
            wording=wording,
        )


@form_pages.post("/placement-forms/<code>/verify")
@requires(Role.UNIT_MANAGER)
def submit_verify(code: str) -> ResponseReturnValue:
    """The source was read, and it still says what the form says."""
    with writing() as session:
        verify_form(session, current_actor(), code, today=day_of_request())
    return redirect(url_for("placements.forms.show_forms", _anchor=code), 303)


@form_pages.get("/sites/<uuid:site_id>/close")
@requires(*EDITORS)
def show_close(site_id: UUID) -> ResponseReturnValue:
    """The form of a workplace's last day."""
    return _close_page(site_id, {}), 200


@form_pages.post("/sites/<uuid:site_id>/close")
@requires(*EDITORS)
def submit_close(site_id: UUID) -> ResponseReturnValue:
    """Write down its last day, and tell who has somebody there."""
    try:
        data = load_form(CloseSiteSchema())
        with writing() as session:
            site = close_site(session, current_actor(), site_id, **data, today=day_of_request())
            employer_id = site.employer_id
    except FORM_ERRORS as error:
        return _close_page(site_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=employer_id), 303)


@form_pages.post("/sites/<uuid:site_id>/reopen")
@requires(*EDITORS)
def submit_reopen(site_id: UUID) -> ResponseReturnValue:
    """It does not close after all."""
    data = load_form(ReopenSiteSchema())
    with writing() as session:
        site = reopen_site(session, current_actor(), site_id, version=data["version"])
        employer_id = site.employer_id
    return redirect(url_for("employers.show_page", key=employer_id), 303)


def _close_page(site_id: UUID, errors: dict[str, str]) -> str:
    with reading() as session:
        site = get_site(session, current_actor(), site_id)
        return render_template(
            "placements/close_site.html",
            site=site,
            employer=site.employer,
            form=request.form,
            errors=errors,
        )
