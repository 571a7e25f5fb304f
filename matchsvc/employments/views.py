"""Pages of jobs: the list, a new one, everything about one, and whether it is time for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employments import (
    checklist,
    follow_ups,
    found_tasks,
    registering,
    reviews,
    schemas,
    terms,
    try_outs,
    wording,
)
from matchsvc.employments.models import ReviewAnswer, UnionStep
from matchsvc.employments.overview import JobOverview, list_jobs, read_job
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.placements.access import DECIDERS, get_placement
from matchsvc.placements.choices import get_person, get_site, list_sites, sites_and_people
from matchsvc.placements.models import EmploymentKind
from matchsvc.placements.schemas import EndPlacementSchema
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("employments", __name__, template_folder="templates")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
_SAVED = {
    "registered": _l("Anställningen är sparad."),
    "terms": _l("Villkoren är sparade."),
    "check": _l("Det är antecknat."),
    "heard": _l("Uppföljningen är sparad."),
    "task": _l("Arbetsuppgifterna är sparade."),
    "try_out": _l("Prövningen är sparad."),
    "ended": _l("Anställningen är avslutad."),
}
Rule = Callable[[Session], object]


@pages.get("/employments")
@requires(*DECIDERS)
def list_() -> ResponseReturnValue:
    """Jobs that go on or are to come, or those that have ended."""
    ended = request.args.get("view") == "ended"
    with reading() as session:
        return render_template(
            "employments/list.html",
            jobs=list_jobs(session, current_actor(), ended=ended, today=day_of_request()),
            ended=ended,
            wording=wording,
        )


@pages.get("/employments/new")
@requires(*DECIDERS)
def show_new() -> ResponseReturnValue:
    """The form, filled from the placement that the job grew out of."""
    today = day_of_request()
    with reading() as session:
        form: MultiDict[str, str] = MultiDict(
            {
                "participant_id": request.args.get("participant", ""),
                "site_id": request.args.get("site", ""),
                "hours": request.args.get("hours", ""),
            }
        )
        placement_id = request.args.get("placement", type=UUID)
        if placement_id is not None:
            placement = get_placement(session, current_actor(), placement_id, today=today).placement
            form["participant_id"] = str(placement.participant_id)
            form["site_id"] = str(placement.site_id)
            form["placement_id"] = str(placement.id)
        if not (form["participant_id"] and form["site_id"]):
            people, sites = sites_and_people(session, current_actor(), today=today)
            return render_template(
                "placements/choose.html",
                people=people,
                sites=sites,
                chosen=form,
                action=url_for("employments.show_new"),
                title=_("Ny anställning"),
            )
        return _new_page(session, form, {})


@pages.post("/employments/new")
@requires(*DECIDERS)
def submit_new() -> ResponseReturnValue:
    """Register the job."""
    try:
        job, said = schemas.job_from(load_form(schemas.EmploymentSchema()))
        with writing() as session:
            row = registering.register(session, current_actor(), job, said, today=day_of_request())
            employment_id = row.id
    except FORM_ERRORS as error:
        with reading() as session:
            page = _new_page(session, request.form, field_errors(error))
        return page, STATUS[type(error)]
    return _back(employment_id, "registered")


def _new_page(session: Session, form: MultiDict[str, str], errors: dict[str, str]) -> str:
    actor, today = current_actor(), day_of_request()
    site, employer = get_site(session, actor, form.get("site_id", ""))
    return render_template(
        "employments/new.html",
        person=get_person(session, actor, form.get("participant_id", ""), today=today),
        site=site,
        employer=employer,
        sites=list_sites(session, actor),
        subsidies=terms.known_subsidies(session, actor, today=today),
        form=form,
        errors=errors,
        wording=wording,
    )


@pages.get("/employments/<uuid:employment_id>")
@requires(*DECIDERS)
def show(employment_id: UUID) -> ResponseReturnValue:
    """One job: what it rests on, what is heard of it, and the form that ends it."""
    return _show_page(employment_id, {}, ""), 200


def _show_page(
    employment_id: UUID, errors: dict[str, str], about: str, error: DomainError | None = None
) -> str:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        overview = read_job(session, actor, employment_id, today=today, now=db.utcnow())
        return render_template(
            "employments/show.html",
            overview=overview,
            job=overview.opened.employment,
            kept=terms.said_terms(overview.terms),
            subsidies=terms.known_subsidies(session, actor, today=today),
            sites=list_sites(session, actor) if _may_try(overview) else [],
            managers=try_outs.managers(session, overview.opened.case.unit_id),
            steps=UnionStep,
            form=request.form if about else {},
            about=about,
            errors=errors,
            is_conflict=isinstance(error, Conflict),
            saved=_SAVED.get(request.args.get("saved", "")),
            today=today,
            wording=wording,
        )


def _may_try(overview: JobOverview) -> bool:
    return overview.opened.employment.kind is EmploymentKind.RESOURCE


def _submit(employment_id: UUID, rule: Rule, *, about: str, saved: str) -> ResponseReturnValue:
    """Run one rule; show the page again when it is refused, with what was typed."""
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        page = _show_page(employment_id, field_errors(error), about, error)
        return page, STATUS[type(error)]
    return _back(employment_id, saved)


def _back(employment_id: UUID, saved: str) -> ResponseReturnValue:
    return redirect(url_for("employments.show", employment_id=employment_id, saved=saved), 303)


@pages.post("/employments/<uuid:employment_id>/end")
@requires(*DECIDERS)
def submit_end(employment_id: UUID) -> ResponseReturnValue:
    """Note that the job ended."""

    def rule(session: Session) -> object:
        data = load_form(EndPlacementSchema())
        return registering.end_job(
            session, current_actor(), employment_id, **data, today=day_of_request()
        )

    return _submit(employment_id, rule, about="slut", saved="ended")


@pages.post("/employments/<uuid:employment_id>/terms")
@requires(*DECIDERS)
def submit_terms(employment_id: UUID) -> ResponseReturnValue:
    """Another last day, other hours, a new decision, what the union said."""

    def rule(session: Session) -> object:
        own, said = schemas.split_terms(load_form(schemas.ChangeTermsSchema()))
        return terms.change_terms(
            session, current_actor(), employment_id, said, **own, today=day_of_request()
        )

    return _submit(employment_id, rule, about="villkor", saved="terms")


@pages.post("/employments/<uuid:employment_id>/checks/<code>")
@requires(*DECIDERS)
def submit_check(employment_id: UUID, code: str) -> ResponseReturnValue:
    """Note that something was gone through."""

    def rule(session: Session) -> object:
        data = load_form(schemas.CheckTickSchema())
        return checklist.tick(
            session, current_actor(), employment_id, code, **data, today=day_of_request()
        )

    return _submit(employment_id, rule, about="genomgang", saved="check")


@pages.post("/employments/<uuid:employment_id>/follow-ups")
@requires(*DECIDERS)
def submit_follow_up(employment_id: UUID) -> ResponseReturnValue:
    """Write what was heard."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(schemas.JobFollowUpSchema())
        months, version = data.pop("months"), data.pop("version")
        return follow_ups.log_job_follow_up(
            session,
            current_actor(),
            employment_id,
            follow_ups.Heard(**data),
            months=months,
            version=version,
            today=local_date(now),
            now=now,
        )

    return _submit(employment_id, rule, about="uppfoljning", saved="heard")


@pages.post("/employments/<uuid:employment_id>/tasks")
@requires(*DECIDERS)
def submit_task(employment_id: UUID) -> ResponseReturnValue:
    """Write a task that was found together with the workplace."""

    def rule(session: Session) -> object:
        data = load_form(schemas.FoundTaskSchema())
        return found_tasks.add_found_task(
            session, current_actor(), employment_id, **data, today=day_of_request()
        )

    return _submit(employment_id, rule, about="uppgifter", saved="task")


@pages.post("/employments/<uuid:employment_id>/tasks/<uuid:task_id>/remove")
@requires(*DECIDERS)
def submit_task_removal(employment_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Take a task away."""
    return _submit(
        employment_id,
        lambda session: found_tasks.remove_found_task(
            session, current_actor(), employment_id, task_id, today=day_of_request()
        ),
        about="uppgifter",
        saved="task",
    )


@pages.post("/employments/<uuid:employment_id>/try-outs")
@requires(*DECIDERS)
def submit_try_out(employment_id: UUID) -> ResponseReturnValue:
    """Plan a time at a company."""

    def rule(session: Session) -> object:
        content = try_outs.TryOutContent(**load_form(schemas.TryOutSchema()))
        return try_outs.plan_try_out(
            session, current_actor(), employment_id, content, today=day_of_request()
        )

    return _submit(employment_id, rule, about="provning", saved="try_out")


@pages.post("/employments/<uuid:employment_id>/try-outs/<uuid:try_out_id>/withdraw")
@requires(*DECIDERS)
def submit_try_out_withdrawal(employment_id: UUID, try_out_id: UUID) -> ResponseReturnValue:
    """Take a time at a company back."""

    def rule(session: Session) -> object:
        data = load_form(schemas.JobVersionSchema())
        return try_outs.withdraw_try_out(
            session, current_actor(), employment_id, try_out_id, **data, today=day_of_request()
        )

    return _submit(employment_id, rule, about="provning", saved="try_out")


@pages.get("/placements/<uuid:placement_id>/employment")
@requires(*DECIDERS)
def show_review(placement_id: UUID) -> ResponseReturnValue:
    """Is it time for a job?"""
    return _review_page(placement_id, {}), 200


@pages.post("/placements/<uuid:placement_id>/employment")
@requires(*DECIDERS)
def submit_review(placement_id: UUID) -> ResponseReturnValue:
    """Answer; the answer leads on to what it means."""
    now = db.utcnow()
    try:
        data = load_form(schemas.ReviewSchema())
        with writing() as session:
            row = reviews.answer_review(
                session, current_actor(), placement_id, **data, today=local_date(now), now=now
            )
            answer = row.answer
    except FORM_ERRORS as error:
        return _review_page(placement_id, field_errors(error)), STATUS[type(error)]
    if answer is ReviewAnswer.PART_TIME:
        return redirect(url_for("employments.show_new", placement=placement_id), 303)
    return redirect(url_for("employments.show_review", placement_id=placement_id, saved="1"), 303)


def _review_page(placement_id: UUID, errors: dict[str, str]) -> str:
    today: date = day_of_request()
    with reading() as session:
        review = reviews.open_review(session, current_actor(), placement_id, today=today)
        return render_template(
            "employments/review.html",
            review=review,
            placement=review.seen.placement,
            errors=errors,
            form=request.form,
            saved=bool(request.args.get("saved")),
            today=today,
            wording=wording,
        )
