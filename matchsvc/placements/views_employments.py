"""Pages of jobs: register one, end one."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements import employments, wording
from matchsvc.placements.access import DECIDERS, get_placement
from matchsvc.placements.choices import get_person, get_site, list_sites, sites_and_people
from matchsvc.placements.employments import Job
from matchsvc.placements.schemas import EmploymentSchema, EndPlacementSchema
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

employment_pages = Blueprint("employments", __name__, url_prefix="/employments")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@employment_pages.get("/new")
@requires(*DECIDERS)
def show_new() -> ResponseReturnValue:
    """The form, filled from the placement that the job grew out of."""
    today = local_date(db.utcnow())
    with reading() as session:
        form: MultiDict[str, str] = MultiDict(
            {
                "participant_id": request.args.get("participant", ""),
                "site_id": request.args.get("site", ""),
            }
        )
        placement_id = request.args.get("placement", type=UUID)
        if placement_id is not None:
            placement = get_placement(session, current_actor(), placement_id, today=today).placement
            form = MultiDict(
                {
                    "participant_id": str(placement.participant_id),
                    "site_id": str(placement.site_id),
                    "placement_id": str(placement.id),
                }
            )
        if not (form["participant_id"] and form["site_id"]):
            people, sites = sites_and_people(session, current_actor(), today=today)
            return render_template(
                "placements/choose.html",
                people=people,
                sites=sites,
                chosen=form,
                action=url_for("placements.employments.show_new"),
                title=_("Ny anställning"),
            )
        return _page(session, form, {})


@employment_pages.post("/new")
@requires(*DECIDERS)
def submit_new() -> ResponseReturnValue:
    """Register the job."""
    try:
        data = load_form(EmploymentSchema())
        with writing() as session:
            row = employments.register_employment(
                session, current_actor(), Job(**data), today=local_date(db.utcnow())
            )
            placement_id, employment_id = row.placement_id, row.id
    except FORM_ERRORS as error:
        with reading() as session:
            return _page(session, request.form, field_errors(error)), STATUS[type(error)]
    if placement_id is not None:
        return redirect(
            url_for("placements.show", placement_id=placement_id, _anchor="anstallning"), 303
        )
    return redirect(url_for("placements.employments.show", employment_id=employment_id), 303)


def _page(session: Session, form: MultiDict[str, str], errors: dict[str, str]) -> str:
    actor, today = current_actor(), local_date(db.utcnow())
    site, employer = get_site(session, actor, form.get("site_id", ""))
    return render_template(
        "placements/employment_new.html",
        person=get_person(session, actor, form.get("participant_id", ""), today=today),
        site=site,
        employer=employer,
        sites=list_sites(session, actor),
        form=form,
        errors=errors,
        wording=wording,
    )


@employment_pages.get("/<uuid:employment_id>")
@requires(*DECIDERS)
def show(employment_id: UUID) -> ResponseReturnValue:
    """One job, and the form that ends it."""
    return _show_page(employment_id, {}), 200


@employment_pages.post("/<uuid:employment_id>/end")
@requires(*DECIDERS)
def submit_end(employment_id: UUID) -> ResponseReturnValue:
    """Note that the job ended."""
    try:
        data = load_form(EndPlacementSchema())
        with writing() as session:
            employments.end_employment(
                session, current_actor(), employment_id, **data, today=local_date(db.utcnow())
            )
    except FORM_ERRORS as error:
        return _show_page(employment_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("placements.employments.show", employment_id=employment_id), 303)


def _show_page(employment_id: UUID, errors: dict[str, str]) -> str:
    actor, today = current_actor(), local_date(db.utcnow())
    with reading() as session:
        row = employments.read_employment(session, actor, employment_id, today=today)
        site, employer = get_site(session, actor, str(row.site_id))
        return render_template(
            "placements/employment.html",
            employment=row,
            person=get_person(session, actor, str(row.participant_id), today=today),
            site=site,
            employer=employer,
            form=request.form,
            errors=errors,
            today=today,
            wording=wording,
        )
