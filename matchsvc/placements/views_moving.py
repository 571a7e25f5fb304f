"""The page that moves a case to another unit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.participants.overview import get_overview
from matchsvc.placements import moving
from matchsvc.placements.task_schemas import MoveCaseSchema
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

moving_pages = Blueprint("moving", __name__)


@moving_pages.get("/participants/<key>/move")
@requires(Role.UNIT_MANAGER)
def show_move(key: str) -> ResponseReturnValue:
    """Where the case can go, and what must be ended first."""
    return _page(key, {}, {}), 200


@moving_pages.post("/participants/<key>/move")
@requires(Role.UNIT_MANAGER)
def submit_move(key: str) -> ResponseReturnValue:
    """Move the case; afterwards it is no longer here to see."""
    try:
        data = load_form(MoveCaseSchema())
        with writing() as session:
            moving.move_case(
                session, current_actor(), key, **data, today=day_of_request(), now=db.utcnow()
            )
    except (Invalid, RuleViolation, Conflict) as error:
        return _page(key, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("participants.list_", saved="moved"), 303)


def _page(key: str, form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        overview = get_overview(session, actor, key, today=day_of_request())
        return render_template(
            "placements/move.html",
            o=overview,
            person=overview.participant,
            units=moving.units_to_move_to(session, actor),
            stops=moving.stops_of(session, overview.participant, now=db.utcnow()),
            form=form,
            errors=errors,
        )
