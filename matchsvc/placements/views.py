"""Pages of placements: the list, a new one, and everything about one."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, DomainError, Invalid, NotFound, RuleViolation
from matchsvc.placements import ending, package, starting, wording
from matchsvc.placements.access import DECIDERS, PREPARERS, READERS
from matchsvc.placements.choices import choices_for_start, sites_and_people
from matchsvc.placements.forms import list_forms
from matchsvc.placements.limits import plan_from
from matchsvc.placements.models import Part
from matchsvc.placements.overview import (
    State,
    get_overview,
    get_person_overview,
    list_placements,
)
from matchsvc.placements.preparing import tick_checklist
from matchsvc.placements.schemas import (
    CallOffSchema,
    EndPlacementSchema,
    PartSchema,
    StartPlacementSchema,
    TickSchema,
)
from matchsvc.placements.survey_sending import preview_survey
from matchsvc.placements.views_accommodations import accommodation_pages
from matchsvc.placements.views_disturbances import disturbance_pages
from matchsvc.placements.views_forms import form_pages
from matchsvc.placements.views_hand_over import hand_over_pages
from matchsvc.placements.views_links import link_pages
from matchsvc.placements.views_moving import moving_pages
from matchsvc.placements.views_my_week import week_pages
from matchsvc.placements.views_own_survey_link import own_survey_link_pages
from matchsvc.placements.views_papers import placement_papers
from matchsvc.placements.views_rules import rule_pages
from matchsvc.placements.views_surveys import survey_pages
from matchsvc.placements.views_tasks import task_pages
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form, page_number
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("placements", __name__, template_folder="templates")
pages.register_blueprint(accommodation_pages)
pages.register_blueprint(disturbance_pages)
pages.register_blueprint(link_pages)
pages.register_blueprint(survey_pages)
pages.register_blueprint(own_survey_link_pages)
pages.register_blueprint(week_pages)
pages.register_blueprint(task_pages)
pages.register_blueprint(hand_over_pages)
pages.register_blueprint(moving_pages)
pages.register_blueprint(rule_pages)
pages.register_blueprint(form_pages)
pages.register_blueprint(placement_papers, url_prefix="/placements")

#: What shows the form again; refusals and the unknown have pages of their own.
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
#: The views of the list, by the word in the address.
VIEWS: dict[str, tuple[State, ...]] = {
    "current": (State.STOPPED, State.BEYOND, State.STARTING, State.ENDING, State.RUNNING),
    "ended": (State.ENDED,),
    "called_off": (State.CALLED_OFF,),
}


@pages.get("/placements")
@requires(*READERS)
def list_() -> ResponseReturnValue:
    """Placements by state; a supervisor sees her own."""
    today = local_date(db.utcnow())
    view = request.args.get("view", "current")
    page = page_number()
    with reading() as session:
        listed = list_placements(
            session,
            current_actor(),
            states=VIEWS.get(view, VIEWS["current"]),
            today=today,
            page=page,
        )
        groups = groupby(listed.rows, key=itemgetter(0))
        return render_template(
            "placements/list.html",
            listed=listed,
            groups=[(state, [seen for _state, seen in rows]) for state, rows in groups],
            forms={form.code: wording.form_name(form) for form in list_forms(session)},
            view=view if view in VIEWS else "current",
            may_start=current_actor().has_role(*DECIDERS),
            today=today,
            wording=wording,
        )


@pages.get("/placements/of/<key>")
@requires(*READERS)
def show_of_person(key: str) -> ResponseReturnValue:
    """Where one participant has been placed and worked."""
    with reading() as session:
        overview = get_person_overview(session, current_actor(), key, today=local_date(db.utcnow()))
        return render_template(
            "placements/of_person.html",
            overview=overview,
            forms={form.code: wording.form_name(form) for form in list_forms(session)},
            wording=wording,
        )


@pages.get("/placements/new")
@requires(*DECIDERS)
def show_new() -> ResponseReturnValue:
    """The form, filled with what a proposal or a choice already says."""
    today = local_date(db.utcnow())
    proposal_id = request.args.get("proposal", type=UUID)
    with reading() as session:
        values: dict[str, Any] = {
            "participant_id": request.args.get("participant", type=UUID),
            "site_id": request.args.get("site", type=UUID),
        }
        if proposal_id is not None:
            values = starting.plan_from_proposal(session, current_actor(), proposal_id, today=today)
        if not (values["participant_id"] and values["site_id"]):
            people, sites = sites_and_people(session, current_actor(), today=today)
            return render_template(
                "placements/choose.html",
                people=people,
                sites=sites,
                chosen=values,
                action=url_for("placements.show_new"),
                title=_("Ny placering"),
            )
        form = MultiDict({key: str(value) for key, value in values.items() if value is not None})
        return _new_page(session, form, {})


@pages.post("/placements/new")
@requires(*DECIDERS)
def submit_new() -> ResponseReturnValue:
    """Start the placement."""
    now = db.utcnow()
    try:
        data = load_form(StartPlacementSchema())
        with writing() as session:
            placement = starting.start_placement(
                session, current_actor(), plan_from(data), today=local_date(now), now=now
            )
            placement_id = placement.id
    except FORM_ERRORS as error:
        with reading() as session:
            return _new_page(session, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("placements.show", placement_id=placement_id), 303)


def _new_page(session: Session, form: MultiDict[str, str], errors: dict[str, str]) -> str:
    today = local_date(db.utcnow())
    return render_template(
        "placements/new.html",
        form=form,
        errors=errors,
        choices=choices_for_start(session, current_actor(), form, today=today),
        wording=wording,
    )


@pages.get("/placements/<placement_id>")
@requires(*READERS)
def show(placement_id: str) -> ResponseReturnValue:
    """One placement: start checklist, package, follow-ups, adaptations, end."""
    return _page(placement_id, {}), 200


def _page(placement_id: UUID | str, errors: dict[str, str], *, about: str = "") -> str:
    now = db.utcnow()
    today = local_date(now)
    with reading() as session:
        return render_template(
            "placements/show.html",
            overview=get_overview(session, current_actor(), placement_id, today=today, now=now),
            errors=errors,
            about=about,
            form=request.form,
            today=today,
            wording=wording,
        )


def _back(placement_id: UUID, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("placements.show", placement_id=placement_id, _anchor=anchor), 303)


def _again(placement_id: UUID, error: DomainError, about: str) -> ResponseReturnValue:
    return _page(placement_id, field_errors(error), about=about), STATUS[type(error)]


@pages.post("/placements/<uuid:placement_id>/checklist/<code>")
@requires(*PREPARERS)
def submit_tick(placement_id: UUID, code: str) -> ResponseReturnValue:
    """Tick or untick one thing before the start."""
    try:
        data = load_form(TickSchema())
        with writing() as session:
            tick_checklist(
                session,
                current_actor(),
                placement_id,
                code,
                done=data["done"],
                by_participant=data["by_participant"],
                today=local_date(db.utcnow()),
                version=data.get("version"),
            )
    except FORM_ERRORS as error:
        return _again(placement_id, error, "startlista")
    return _back(placement_id, "startlista")


@pages.get("/placements/<uuid:placement_id>/package/<part>")
@requires(*PREPARERS)
def show_part(placement_id: UUID, part: str) -> ResponseReturnValue:
    """The form of one part of the support package."""
    return _part_page(placement_id, _part(part), None, {}), 200


@pages.post("/placements/<uuid:placement_id>/package/<part>")
@requires(*PREPARERS)
def submit_part(placement_id: UUID, part: str) -> ResponseReturnValue:
    """Say what became of a part."""
    which = _part(part)
    try:
        data = load_form(PartSchema())
        with writing() as session:
            package.record_part(
                session,
                current_actor(),
                placement_id,
                which,
                **data,
                today=local_date(db.utcnow()),
            )
    except FORM_ERRORS as error:
        page = _part_page(placement_id, which, request.form, field_errors(error), error=error)
        return page, STATUS[type(error)]
    return _back(placement_id, "stodpaket")


def _part(word: str) -> Part:
    try:
        return Part(word)
    except ValueError:
        raise NotFound("package_part") from None


def _part_page(
    placement_id: UUID,
    part: Part,
    form: MultiDict[str, str] | None,
    errors: dict[str, str],
    *,
    error: DomainError | None = None,
) -> str:
    today = local_date(db.utcnow())
    with reading() as session:
        seen, row = package.get_part(session, current_actor(), placement_id, part, today=today)
        return render_template(
            "placements/part.html",
            seen=seen,
            row=row,
            form=form,
            errors=errors,
            is_conflict=isinstance(error, Conflict),
            contacts=package.key_contacts(session, seen.placement),
            today=today,
            wording=wording,
        )


@pages.get("/placements/<uuid:placement_id>/end")
@requires(*DECIDERS)
def show_end(placement_id: UUID) -> ResponseReturnValue:
    """The form that ends a placement, or calls it off before its start."""
    return _end_page(placement_id, {}), 200


@pages.post("/placements/<uuid:placement_id>/end")
@requires(*DECIDERS)
def submit_end(placement_id: UUID) -> ResponseReturnValue:
    """End it; the survey goes out in the same transaction."""
    now = db.utcnow()
    try:
        data = load_form(EndPlacementSchema())
        with writing() as session:
            ending.end_placement(
                session,
                current_actor(),
                placement_id,
                **data,
                base_url=current_app.config["MATCHSVC"].base_url,
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        return _end_page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id, "slut")


@pages.post("/placements/<uuid:placement_id>/call-off")
@requires(*DECIDERS)
def submit_call_off(placement_id: UUID) -> ResponseReturnValue:
    """Call off a placement that has not begun."""
    try:
        data = load_form(CallOffSchema())
        with writing() as session:
            ending.call_off_placement(
                session, current_actor(), placement_id, **data, today=local_date(db.utcnow())
            )
    except FORM_ERRORS as error:
        return _end_page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id, "slut")


def _end_page(placement_id: UUID, errors: dict[str, str]) -> str:
    now = db.utcnow()
    today = local_date(now)
    with reading() as session:
        overview = get_overview(session, current_actor(), placement_id, today=today, now=now)
        return render_template(
            "placements/end.html",
            overview=overview,
            letter=preview_survey(
                session,
                overview.seen,
                base_url=current_app.config["MATCHSVC"].base_url,
                today=today,
            ),
            form=request.form,
            errors=errors,
            today=today,
            wording=wording,
        )
