"""Pages of agreements with employers: which there are, what they say and what has come of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employers import agreements
from matchsvc.employers.access import READERS
from matchsvc.employers.agreement_schemas import AgreementSchema, EditAgreementSchema
from matchsvc.employers.agreements import AgreementContent, AgreementLine
from matchsvc.errors import Conflict, DomainError
from matchsvc.web.forms import form_values, load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("agreements", __name__, url_prefix="/agreements", template_folder="templates")


@pages.get("")
@requires(*READERS)
def show_agreements() -> ResponseReturnValue:
    """The unit's agreements and what has come of each."""
    with reading() as session:
        actor = current_actor()
        today = day_of_request()
        lines = agreements.list_agreements(session, actor)
        return render_template(
            "employers/agreements.html",
            groups=_groups(lines, today),
            today=today,
            may_change=actor.has_role(*agreements.CHANGERS),
            saved=request.args.get("saved"),
        ), 200


def _groups(lines: list[AgreementLine], today: date) -> list[tuple[str, list[AgreementLine]]]:
    over = [line for line in lines if line.is_over(today)]
    return [
        (_("Gäller"), [line for line in lines if line not in over]),
        (_("Avslutade"), over),
    ]


@pages.get("/new")
@requires(*agreements.CHANGERS)
def show_new() -> ResponseReturnValue:
    """An empty form."""
    return _form_page(None, {}, {}), 200


@pages.post("/new")
@requires(*agreements.CHANGERS)
def submit_new() -> ResponseReturnValue:
    """Write down an agreement."""
    schema = AgreementSchema()
    try:
        data = load_form(schema)
        with writing() as session:
            agreements.create_agreement(
                session, current_actor(), AgreementContent(**data), today=day_of_request()
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _form_page(None, typed, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("agreements.show_agreements", saved=1), 303)


@pages.get("/<uuid:agreement_id>")
@requires(*agreements.CHANGERS)
def show_edit(agreement_id: UUID) -> ResponseReturnValue:
    """What is written, to change."""
    return _form_page(agreement_id, None, {}), 200


@pages.post("/<uuid:agreement_id>")
@requires(*agreements.CHANGERS)
def submit_edit(agreement_id: UUID) -> ResponseReturnValue:
    """Save a change; what somebody else saved meanwhile is shown beside."""
    schema = EditAgreementSchema()
    try:
        data = load_form(schema)
        version = data.pop("version")
        with writing() as session:
            agreements.edit_agreement(
                session,
                current_actor(),
                agreement_id,
                AgreementContent(**data),
                version=version,
                today=day_of_request(),
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        theirs = error.theirs if isinstance(error, Conflict) else None
        errors = {} if theirs is not None else field_errors(error)
        return _form_page(agreement_id, typed, errors, theirs), STATUS[type(error)]
    return redirect(url_for("agreements.show_agreements", saved=1), 303)


def _form_page(
    agreement_id: UUID | None,
    typed: dict[str, Any] | None,
    errors: dict[str, str],
    theirs: Any = None,
) -> str:
    with reading() as session:
        agreement = None
        if agreement_id is not None:
            agreement = agreements.get_agreement(session, current_actor(), agreement_id)
        if typed is None and agreement is not None:
            typed = asdict(agreements.content_of_agreement(agreement))
            typed["names_group"] = {True: "yes", False: "no", None: ""}[typed["names_group"]]
        names = _names()
        values = typed or {}
        conflicts = [
            {"label": names[name], "theirs": said, "mine": values.get(name)}
            for name, said in (theirs or {}).items()
        ]
        return render_template(
            "employers/agreement_form.html",
            agreement=agreement,
            values=values,
            names=names,
            errors=errors,
            conflicts=conflicts,
        )


def _names() -> dict[str, str]:
    return {
        "code": _("Kod i filer"),
        "partner": _("Med vem?"),
        "is_national": _("Nationell överenskommelse"),
        "start_date": _("Första dagen"),
        "end_date": _("Sista dagen"),
        "commitments": _("Vad har vi lovat varandra?"),
        "goal_placements": _("Mål: personer som får prova"),
        "goal_hires": _("Mål: personer som får anställning"),
        "names_group": _("Nämns utrikes födda kvinnor som målgrupp?"),
        "follow_up_on": _("Nästa årliga uppföljning"),
    }
