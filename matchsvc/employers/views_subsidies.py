"""Pages of subsidies: what there is, what it is, how sure we are, and writing down a change."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import subsidies
from matchsvc.employers.network_schemas import SubsidySchema
from matchsvc.employers.subsidies import SubsidyContent
from matchsvc.errors import DomainError
from matchsvc.web.forms import form_values, load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("subsidies", __name__, url_prefix="/subsidies", template_folder="templates")


@pages.get("")
@requires(*subsidies.SEERS)
def show_subsidies() -> ResponseReturnValue:
    """Every subsidy in plain words, with source and the day somebody last looked."""
    with reading() as session:
        actor = current_actor()
        found = subsidies.list_subsidies(session, actor, today=day_of_request())
        return render_template(
            "employers/subsidies.html",
            found=found,
            may_change=actor.has_role(*subsidies.CHANGERS),
            saved=request.args.get("saved"),
            months=subsidies.FRESH_MONTHS,
        ), 200


@pages.get("/<code>/new")
@requires(*subsidies.CHANGERS)
def show_new(code: str) -> ResponseReturnValue:
    """What is known now, to be written anew."""
    return _form_page(code, None, {}), 200


@pages.post("/<code>/new")
@requires(*subsidies.CHANGERS)
def submit_new(code: str) -> ResponseReturnValue:
    """Add what holds from a day on."""
    schema = SubsidySchema()
    try:
        content = SubsidyContent(**load_form(schema))
        with writing() as session:
            subsidies.add_version(session, current_actor(), code, content, today=day_of_request())
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _form_page(code, typed, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("subsidies.show_subsidies", saved=1), 303)


def _form_page(code: str, typed: dict[str, Any] | None, errors: dict[str, str]) -> str:
    today = day_of_request()
    with reading() as session:
        subsidy = subsidies.get_subsidy(session, current_actor(), code, today=today)
        values = typed
        if values is None:
            kept = ("name", "what", "limits", "law", "source")
            values = {name: getattr(subsidy.now, name) for name in kept}
            values |= {"valid_from": today.isoformat(), "verified_on": today.isoformat()}
        return render_template(
            "employers/subsidy_form.html",
            subsidy=subsidy.now,
            values=values,
            errors=errors,
            names={
                "name": _("Namn"),
                "what": _("Vad är det? Två meningar"),
                "limits": _("Belopp och tider"),
                "law": _("Lag eller förordning, med paragrafer"),
                "source": _("Var har du läst det?"),
                "valid_from": _("Gäller från"),
                "valid_to": _("Gäller till"),
                "verified_on": _("Kontrollerat den"),
            },
        )
