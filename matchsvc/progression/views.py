"""The page of somebody's way: ladder, pauses, study visit, contacts afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, DomainError, Invalid
from matchsvc.participants.access import Sight, shown_name
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, today, typed
from matchsvc.participants.schemas import VersionSchema
from matchsvc.progression import climbing, contacts, pausing, schemas, study_visits, wording
from matchsvc.progression.overview import get_progress
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("progression", __name__, url_prefix="/progress", template_folder="templates")

Rule = Callable[[Session], object]
_SAVED = {
    "step": _l("Steget är sparat."),
    "paused": _l("Ärendet är pausat. Återkomsten står bland dina uppgifter."),
    "return": _l("Den nya dagen är sparad, och uppgiften är flyttad."),
    "resumed": _l("Ärendet är igång igen."),
    "withdrawn": _l("Det är borttaget och räknas inte."),
    "visit": _l("Studiebesöket är sparat. Samtalet står bland dina uppgifter."),
    "visit_end": _l("Svaret är sparat."),
    "contact": _l("Det är antecknat."),
}


@pages.get("/<key>")
@requires(*CHANGERS)
def show(key: str) -> ResponseReturnValue:
    """How far somebody has come."""
    return _page(key, {}, "")


def _page(key: str, errors: Mapping[str, str], about: str, error: DomainError | None = None) -> str:
    """The page; ``about`` is the form that ``errors`` and what was typed belong to."""
    day = today()
    with reading() as session:
        progress = get_progress(session, current_actor(), key, today=day)
        person = progress.participant
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "progression/show.html",
            p=progress,
            key=person.alias,
            name=shown_name(person, Sight.FULL),
            form=typed() if about else {},
            about=about,
            errors={} if is_conflict else errors,
            is_conflict=is_conflict,
            saved=_SAVED.get(request.args.get("saved", "")),
            today=day,
            words=wording,
        )


def _submit(key: str, rule: Rule, about: str, saved: str) -> ResponseReturnValue:
    """Run one rule; show the page again when it is refused, with what was typed."""
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return _page(key, field_errors(error), about, error), STATUS[type(error)]
    return redirect(url_for("progression.show", key=key, saved=saved), 303)


@pages.post("/<key>/step")
@requires(*CHANGERS)
def submit_step(key: str) -> ResponseReturnValue:
    """Put the person on a step."""

    def rule(session: Session) -> object:
        data = load_form(schemas.MoveFormSchema())
        ladder, _colon, number = data["step"].partition(":")
        try:
            ladder_id, step = UUID(ladder), int(number)
        except ValueError:
            raise Invalid({"step": _("Välj ett steg.")}) from None
        return climbing.move_to_step(
            session,
            current_actor(),
            key,
            ladder_id=ladder_id,
            step=step,
            since=data["since"],
            seen=data["seen"],
            today=today(),
        )

    return _submit(key, rule, "step", "step")


@pages.post("/<key>/pause")
@requires(*CHANGERS)
def submit_pause(key: str) -> ResponseReturnValue:
    """Let the case stand still."""

    def rule(session: Session) -> object:
        data = load_form(schemas.CasePauseSchema())
        return pausing.pause_case(session, current_actor(), key, **data, today=today())

    return _submit(key, rule, "pause", "paused")


@pages.post("/<key>/return")
@requires(*CHANGERS)
def submit_return(key: str) -> ResponseReturnValue:
    """Plan another day to come back."""

    def rule(session: Session) -> object:
        data = load_form(schemas.PauseReturnSchema())
        return pausing.move_return(session, current_actor(), key, **data, today=today())

    return _submit(key, rule, "return", "return")


@pages.post("/<key>/resume")
@requires(*CHANGERS)
def submit_resume(key: str) -> ResponseReturnValue:
    """Let the case go on."""

    def rule(session: Session) -> object:
        data = load_form(schemas.PauseResumeSchema())
        return pausing.resume_case(
            session, current_actor(), key, **data, today=today(), now=db.utcnow()
        )

    return _submit(key, rule, "resume", "resumed")


@pages.post("/<key>/pauses/<uuid:pause_id>/withdraw")
@requires(*CHANGERS)
def submit_withdraw_pause(key: str, pause_id: UUID) -> ResponseReturnValue:
    """Take back a pause that was a mistake."""

    def rule(session: Session) -> object:
        data = load_form(VersionSchema())
        return pausing.withdraw_pause(
            session, current_actor(), key, pause_id, **data, today=today()
        )

    return _submit(key, rule, "withdraw", "withdrawn")


@pages.post("/<key>/visit")
@requires(*CHANGERS)
def submit_visit(key: str) -> ResponseReturnValue:
    """Begin an in-depth study visit."""

    def rule(session: Session) -> object:
        data = load_form(schemas.StudyVisitSchema())
        return study_visits.begin_visit(session, current_actor(), key, **data, today=today())

    return _submit(key, rule, "visit", "visit")


@pages.post("/<key>/visit/end")
@requires(*CHANGERS)
def submit_end_visit(key: str) -> ResponseReturnValue:
    """Write what the person chose."""

    def rule(session: Session) -> object:
        data = load_form(schemas.StudyVisitEndSchema())
        return study_visits.end_visit(
            session, current_actor(), key, **data, today=today(), now=db.utcnow()
        )

    return _submit(key, rule, "visit_end", "visit_end")


@pages.post("/<key>/visit/withdraw")
@requires(*CHANGERS)
def submit_withdraw_visit(key: str) -> ResponseReturnValue:
    """Take back a visit that was a mistake."""

    def rule(session: Session) -> object:
        data = load_form(VersionSchema())
        return study_visits.withdraw_visit(session, current_actor(), key, **data, today=today())

    return _submit(key, rule, "withdraw", "withdrawn")


@pages.post("/<key>/contact")
@requires(*CHANGERS)
def submit_contact(key: str) -> ResponseReturnValue:
    """Write what was heard."""

    def rule(session: Session) -> object:
        data = load_form(schemas.LaterContactSchema())
        return contacts.log_contact(
            session, current_actor(), key, **data, today=today(), now=db.utcnow()
        )

    about = f"contact:{request.form.get('source_id', '')}:{request.form.get('months', '')}"
    return _submit(key, rule, about, "contact")
