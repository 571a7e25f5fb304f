"""Pages of the unit's own workplaces: the board of the morning, and what they are like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.operations import board, schemas, sites, wording
from matchsvc.operations.access import BOARD_READERS, LEADERS, SITE_READERS, SITE_WRITERS
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("operations", __name__, template_folder="templates")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
_SAVED = {
    "task": _l("Dagens uppgifter är sparade."),
    "people": _l("Fördelningen är sparad."),
    "absence": _l("Det är antecknat."),
}


@pages.get("/morning")
@requires(*BOARD_READERS)
def show_morning() -> ResponseReturnValue:
    """Today, and only today."""
    return _board_page({}, None), 200


def _board_page(errors: dict[str, str], about: UUID | None) -> str:
    today, actor = day_of_request(), current_actor()
    with reading() as session:
        return render_template(
            "operations/morning.html",
            board=board.morning_board(session, actor, today=today),
            may_lead=actor.has_role(*LEADERS),
            today=today,
            errors=errors,
            about=about,
            form=request.form,
            saved=_SAVED.get(request.args.get("saved", "")),
            wording=wording,
        )


def _submit(
    rule: Callable[[Session], object], saved: str, *, about: UUID | None = None
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return _board_page(field_errors(error), about), STATUS[type(error)]
    return redirect(url_for("operations.show_morning", saved=saved), 303)


@pages.post("/morning/tasks")
@requires(*LEADERS)
def submit_task() -> ResponseReturnValue:
    """Write something to do today."""

    def rule(session: Session) -> object:
        data = load_form(schemas.DayTaskSchema())
        return board.add_day_task(session, current_actor(), **data, today=day_of_request())

    return _submit(rule, "task", about=request.form.get("site_id", type=UUID))


@pages.post("/morning/tasks/<uuid:task_id>/done")
@requires(*LEADERS)
def submit_done(task_id: UUID) -> ResponseReturnValue:
    """Done, or not after all."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(schemas.DayTaskDoneSchema())
        return board.finish_day_task(
            session, current_actor(), task_id, **data, today=local_date(now), now=now
        )

    return _submit(rule, "task")


@pages.post("/morning/tasks/<uuid:task_id>/remove")
@requires(*LEADERS)
def submit_removal(task_id: UUID) -> ResponseReturnValue:
    """Take a task away."""

    def rule(session: Session) -> None:
        data = load_form(schemas.DayTaskVersionSchema())
        board.remove_day_task(session, current_actor(), task_id, **data, today=day_of_request())

    return _submit(rule, "task")


@pages.post("/morning/tasks/<uuid:task_id>/people")
@requires(*LEADERS)
def submit_people(task_id: UUID) -> ResponseReturnValue:
    """Say who does it."""

    def rule(session: Session) -> object:
        data = load_form(schemas.AllocationSchema())
        return board.allocate(
            session,
            current_actor(),
            task_id,
            data["people"],
            version=data["version"],
            today=day_of_request(),
        )

    return _submit(rule, "people")


@pages.post("/morning/absences/<uuid:participant_id>")
@requires(*LEADERS)
def submit_absence(participant_id: UUID) -> ResponseReturnValue:
    """Did not come, or came after all."""

    def rule(session: Session) -> None:
        data = load_form(schemas.DayAbsenceSchema())
        board.note_absence(session, current_actor(), participant_id, **data, today=day_of_request())

    return _submit(rule, "absence")


@pages.get("/own-operations")
@requires(*SITE_READERS)
def show_sites() -> ResponseReturnValue:
    """The unit's own workplaces, with room day by day."""
    actor = current_actor()
    with reading() as session:
        return render_template(
            "operations/sites.html",
            listed=sites.list_own_sites(session, actor, today=day_of_request()),
            may_write=actor.has_role(*SITE_WRITERS),
            has_board=actor.has_role(*BOARD_READERS),
            saved=request.args.get("saved"),
            wording=wording,
        )


@pages.get("/own-operations/<uuid:site_id>")
@requires(*SITE_WRITERS)
def show_site(site_id: UUID) -> ResponseReturnValue:
    """The form of what a workplace is like."""
    return _site_page(site_id, None, {}), 200


@pages.post("/own-operations/<uuid:site_id>")
@requires(*SITE_WRITERS)
def submit_site(site_id: UUID) -> ResponseReturnValue:
    """Save what a workplace is like."""
    try:
        data = load_form(schemas.OwnSiteSchema())
        version = data.pop("version")
        with writing() as session:
            sites.describe_site(
                session,
                current_actor(),
                site_id,
                sites.OwnSiteContent(**data),
                version=version,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _site_page(site_id, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("operations.show_sites", saved=1), 303)


def _site_page(site_id: UUID, form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        site, own = sites.get_described(session, current_actor(), site_id)
        kept = {name: getattr(own, name) for name in schemas.OwnSiteSchema().fields} if own else {}
        return render_template(
            "operations/site.html",
            site=site,
            own=own,
            form=form if form is not None else kept,
            errors=errors,
            wording=wording,
        )
