"""The page of the development plan at a placement (PLA-06)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, Refused, RuleViolation
from matchsvc.follow_ups import development, wording
from matchsvc.follow_ups.answers import Development
from matchsvc.follow_ups.schemas import DevelopmentRowSchema, DevelopmentStateSchema
from matchsvc.placements.access import READERS, get_placement
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

development_pages = Blueprint(
    "development", __name__, url_prefix="/placements/<uuid:placement_id>/development"
)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@development_pages.get("")
@requires(*READERS)
def show(placement_id: UUID) -> ResponseReturnValue:
    """What she wants to develop, and a form for one more row."""
    return _page(placement_id, {}), 200


@development_pages.post("")
@requires(*READERS)
def submit_row(placement_id: UUID) -> ResponseReturnValue:
    """Write a row that she has proposed."""
    try:
        data = load_form(DevelopmentRowSchema())
        said = {name: data.pop(name) for name in ("she_proposed", "keeps_health_words")}
        with writing() as session:
            development.add_row(
                session,
                current_actor(),
                placement_id,
                Development(**data),
                **said,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("follow_ups.development.show", placement_id=placement_id), 303)


@development_pages.post("/<uuid:row_id>")
@requires(*READERS)
def submit_state(placement_id: UUID, row_id: UUID) -> ResponseReturnValue:
    """Say how far a row has come."""
    try:
        data = load_form(DevelopmentStateSchema())
        with writing() as session:
            development.set_state(
                session, current_actor(), placement_id, row_id, **data, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("follow_ups.development.show", placement_id=placement_id), 303)


def _page(placement_id: UUID, errors: dict[str, str]) -> str:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        seen = get_placement(session, actor, placement_id, today=today)
        if not seen.is_own:
            raise Refused("not_your_case")
        key = seen.participant.id
        audit.record(session, actor, "read", "development_row", placement_id, subjects=[key])
        return render_template(
            "follow_ups/development.html",
            seen=seen,
            rows=development.rows_of(session, placement_id),
            errors=errors,
            form=request.form,
            today=today,
            wording=wording,
        )
