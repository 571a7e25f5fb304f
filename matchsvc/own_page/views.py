"""Pages of staff about somebody's own page: begin to show it, its link, what she says is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.rules import names_of
from matchsvc.own_page import corrections, schemas, standing_link, visits
from matchsvc.own_page.corrections import list_corrections
from matchsvc.own_page.texts import Language, language_for, languages
from matchsvc.own_page.views_link import link_pages
from matchsvc.own_page.views_visit import visit_pages
from matchsvc.own_page.wording import CORRECTION, OUTCOME, SAID
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today, typed
from matchsvc.participants.presentation_answers import latest_answer
from matchsvc.participants.wording import choices
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("own_page", __name__, template_folder="templates")
start_pages = Blueprint("start", __name__, url_prefix="/participants")


@start_pages.get("/<key>/own-page")
@requires(*CHANGERS)
def show_start(key: str) -> ResponseReturnValue:
    """Show the page together, or make a link for the phone."""
    return _start_page(key, {}, {})


@start_pages.post("/<key>/own-page")
@requires(*CHANGERS)
def submit_start(key: str) -> ResponseReturnValue:
    """Begin to show the page."""
    try:
        data = load_form(schemas.StartVisitSchema())
        with writing() as session:
            visit = visits.start_visit(
                session, current_actor(), key, **data, today=today(), now=db.utcnow()
            )
    except FORM_ERRORS as error:
        return _start_page(key, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("own_page.visit.show", key=key, visit_id=visit.id), 303)


@start_pages.post("/<key>/own-page/link")
@requires(*CHANGERS)
def submit_link(key: str) -> ResponseReturnValue:
    """Make a link, or a new one. Its address is on this one answer and never again."""
    try:
        with writing() as session:
            token, _link = standing_link.make_link(
                session, current_actor(), key, today=today(), now=db.utcnow()
            )
    except FORM_ERRORS as error:
        return _start_page(key, {}, field_errors(error)), STATUS[type(error)]
    return _start_page(key, {}, {}, address=address_of(token))


def address_of(token: str) -> str:
    """What is sent in the text message."""
    base: str = current_app.config["MATCHSVC"].base_url
    return base + url_for("own_page.link.show", token=token)


@start_pages.post("/<key>/own-page/link/revoke")
@requires(*CHANGERS)
def submit_revoke_link(key: str) -> ResponseReturnValue:
    """Stop the link."""
    return _submit(
        key, lambda s: standing_link.revoke(s, current_actor(), key, today=today(), now=db.utcnow())
    )


def _submit(key: str, rule: Callable[[Session], object]) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return _start_page(key, {}, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("own_page.start.show_start", key=key, saved="link"), 303)


def _start_page(
    key: str, form: dict[str, Any], errors: dict[str, str], *, address: str | None = None
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        person = overview.participant
        said = list_corrections(session, current_actor(), key, today=today())
        return render_template(
            "own_page/start.html",
            o=overview,
            person=person,
            form=form or {"language": language_for(person.contact_language)},
            errors=errors,
            languages=[(each.code, _named(each)) for each in languages().values()],
            link=standing_link.live_link(session, person.id, now=db.utcnow()),
            address=address,
            answer=latest_answer(session, person.id),
            answers=SAID,
            waiting=sum(each.answered_at is None for each in said),
            number=len(said),
            saved=request.args.get("saved"),
        )


def _named(language: Language) -> Markup:
    """What a language calls itself, told to the screen reader as what it is."""
    named = Markup('<span lang="{}" dir="{}">{}</span>')
    return named.format(language.lang, language.dir, language.name)


@start_pages.get("/<key>/corrections")
@requires(*CHANGERS)
def show_corrections(key: str) -> ResponseReturnValue:
    """What somebody said is wrong, and what was answered."""
    return _corrections_page(key, None, {}, {})


@start_pages.post("/<key>/corrections/<uuid:correction_id>/answer")
@requires(*CHANGERS)
def submit_answer(key: str, correction_id: UUID) -> ResponseReturnValue:
    """Say what was done."""
    try:
        data = load_form(schemas.AnswerCorrectionSchema())
        with writing() as session:
            corrections.answer_correction(
                session,
                current_actor(),
                key,
                correction_id,
                **data,
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        page = _corrections_page(key, correction_id, typed(), field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for("own_page.start.show_corrections", key=key, saved="answer"), 303)


def _corrections_page(
    key: str, about: UUID | None, form: dict[str, Any], errors: dict[str, str]
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        said = list_corrections(session, current_actor(), key, today=today())
        staff = {each.recorded_by_id for each in said} | {each.answered_by_id for each in said}
        return render_template(
            "own_page/corrections.html",
            o=overview,
            person=overview.participant,
            said=said,
            staff=names_of(session, staff),
            about=about,
            form=form,
            errors=errors,
            kinds=CORRECTION,
            outcomes=OUTCOME,
            choices=choices,
            languages=languages(),
            saved=request.args.get("saved"),
        )


pages.register_blueprint(start_pages)
pages.register_blueprint(visit_pages)
pages.register_blueprint(link_pages)
