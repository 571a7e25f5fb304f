"""The page of what went wrong at a placement, whose it is and how it ended (PRO-21, PLA-11)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements import disturbances, wording
from matchsvc.placements.access import READERS
from matchsvc.placements.disturbances import Happened, Told
from matchsvc.placements.following_schemas import (
    CloseDisturbanceSchema,
    DisturbanceSchema,
    ToldAfSchema,
)
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

disturbance_pages = Blueprint(
    "disturbances", __name__, url_prefix="/placements/<uuid:placement_id>/disturbances"
)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
#: What the form suggests as the day to be done by.
SOON = timedelta(days=7)


@disturbance_pages.get("")
@requires(*READERS)
def show(placement_id: UUID) -> ResponseReturnValue:
    """What went wrong, open ones first, and a form for one more."""
    return _page(placement_id, {}), 200


@disturbance_pages.post("")
@requires(*READERS)
def submit_new(placement_id: UUID) -> ResponseReturnValue:
    """Note that something went wrong."""
    try:
        happened = Happened(**load_form(DisturbanceSchema()))
        with writing() as session:
            disturbances.note_disturbance(
                session, current_actor(), placement_id, happened, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id)


@disturbance_pages.post("/<uuid:disturbance_id>/close")
@requires(*READERS)
def submit_close(placement_id: UUID, disturbance_id: UUID) -> ResponseReturnValue:
    """Say how it ended."""
    now = db.utcnow()
    try:
        data = load_form(CloseDisturbanceSchema())
        with writing() as session:
            disturbances.close_disturbance(
                session,
                current_actor(),
                placement_id,
                disturbance_id,
                **data,
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        page = _page(placement_id, field_errors(error), about=disturbance_id)
        return page, STATUS[type(error)]
    return _back(placement_id)


@disturbance_pages.post("/<uuid:disturbance_id>/told")
@requires(*READERS)
def submit_told(placement_id: UUID, disturbance_id: UUID) -> ResponseReturnValue:
    """Note that the employment service was told."""
    now = db.utcnow()
    try:
        data = load_form(ToldAfSchema())
        with writing() as session:
            disturbances.note_told(
                session,
                current_actor(),
                placement_id,
                disturbance_id,
                Told(data["af_told_on"], data["af_channel"]),
                version=data["version"],
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        page = _page(placement_id, field_errors(error), about=disturbance_id)
        return page, STATUS[type(error)]
    return _back(placement_id)


def _back(placement_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("placements.disturbances.show", placement_id=placement_id), 303)


def _page(placement_id: UUID, errors: dict[str, str], *, about: UUID | None = None) -> str:
    today = day_of_request()
    with reading() as session:
        seen, rows = disturbances.read_disturbances(
            session, current_actor(), placement_id, today=today
        )
        return render_template(
            "placements/disturbances.html",
            seen=seen,
            rows=rows,
            owners=disturbances.possible_owners(session, seen.placement),
            errors=errors,
            about=about,
            form=request.form,
            today=today,
            soon=today + SOON,
            wording=wording,
        )
