"""Pages of the employment service's visit: its slots, in what order, and who has waited."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.diary import af_visits, changing, wording
from matchsvc.diary.access import BOOKERS, READERS
from matchsvc.diary.choices import choices_for
from matchsvc.diary.schemas import FreeSlotSchema, GeneralPartSchema, MoveSlotSchema, SlotSchema
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("visits", __name__, url_prefix="/meetings", template_folder="templates")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("/<uuid:meeting_id>/visit")
@requires(*READERS)
def show_visit(meeting_id: UUID) -> ResponseReturnValue:
    """Who is met when, and who has waited longest."""
    return _page(meeting_id, {}), 200


def _page(meeting_id: UUID, errors: dict[str, str]) -> str:
    today, actor = day_of_request(), current_actor()
    with reading() as session:
        visit = af_visits.read_visit(session, actor, meeting_id, today=today)
        may_book = actor.has_role(*BOOKERS)
        choices = choices_for(session, actor, employer_id=None, today=today) if may_book else None
        return render_template(
            "diary/visit.html",
            visit=visit,
            s=visit.shown,
            meeting=visit.shown.meeting,
            may_book=may_book,
            choices=choices,
            errors=errors,
            form=request.form,
            saved=request.args.get("saved"),
            wording=wording,
        )


def _submit(meeting_id: UUID, rule: Callable[[Session], object]) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return _page(meeting_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("visits.show_visit", meeting_id=meeting_id, saved=1), 303)


@pages.post("/<uuid:meeting_id>/visit/slots")
@requires(*BOOKERS)
def submit_slot(meeting_id: UUID) -> ResponseReturnValue:
    """Give somebody a slot."""

    def rule(session: Session) -> object:
        data = load_form(SlotSchema())
        return changing.give_slot(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )

    return _submit(meeting_id, rule)


@pages.post("/<uuid:meeting_id>/visit/slots/free")
@requires(*BOOKERS)
def submit_free(meeting_id: UUID) -> ResponseReturnValue:
    """Empty a slot."""

    def rule(session: Session) -> object:
        data = load_form(FreeSlotSchema())
        return changing.take_slot_back(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )

    return _submit(meeting_id, rule)


@pages.post("/<uuid:meeting_id>/visit/slots/move")
@requires(*BOOKERS)
def submit_move(meeting_id: UUID) -> ResponseReturnValue:
    """Earlier or later."""

    def rule(session: Session) -> object:
        data = load_form(MoveSlotSchema())
        return af_visits.move_slot(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )

    return _submit(meeting_id, rule)


@pages.post("/<uuid:meeting_id>/visit/general")
@requires(*BOOKERS)
def submit_general(meeting_id: UUID) -> ResponseReturnValue:
    """How long is what concerns everybody."""

    def rule(session: Session) -> object:
        data = load_form(GeneralPartSchema())
        return af_visits.set_general_part(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )

    return _submit(meeting_id, rule)
