"""The page of a placement's adaptations: what they are, whether they work, who may see them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.participants.overview import list_conditions
from matchsvc.participants.wording import need_label
from matchsvc.placements import accommodations, wording
from matchsvc.placements.access import READERS
from matchsvc.placements.accommodations import Adaptation
from matchsvc.placements.following_schemas import (
    AccommodationSchema,
    JudgeSchema,
    ShareAccommodationSchema,
)
from matchsvc.vocabulary.conditions import in_groups
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

accommodation_pages = Blueprint(
    "accommodations", __name__, url_prefix="/placements/<uuid:placement_id>/accommodations"
)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@accommodation_pages.get("")
@requires(*READERS)
def show(placement_id: UUID) -> ResponseReturnValue:
    """Each adaptation with what was said of it, and a form for one more."""
    return _page(placement_id, {}), 200


@accommodation_pages.post("")
@requires(*READERS)
def submit_accommodation(placement_id: UUID) -> ResponseReturnValue:
    """Note an adaptation."""
    try:
        wanted = Adaptation(**load_form(AccommodationSchema()))
        with writing() as session:
            accommodations.add_accommodation(
                session, current_actor(), placement_id, wanted, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id)


@accommodation_pages.post("/<uuid:accommodation_id>")
@requires(*READERS)
def submit_judgement(placement_id: UUID, accommodation_id: UUID) -> ResponseReturnValue:
    """Say whether an adaptation works."""
    try:
        data = load_form(JudgeSchema())
        with writing() as session:
            accommodations.judge_accommodation(
                session,
                current_actor(),
                placement_id,
                accommodation_id,
                **data,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id)


@accommodation_pages.post("/<uuid:accommodation_id>/share")
@requires(*READERS)
def submit_sharing(placement_id: UUID, accommodation_id: UUID) -> ResponseReturnValue:
    """Say whether the participant lets the employer see it."""
    try:
        data = load_form(ShareAccommodationSchema())
        with writing() as session:
            accommodations.share_accommodation(
                session,
                current_actor(),
                placement_id,
                accommodation_id,
                **data,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id)


def _back(placement_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("placements.accommodations.show", placement_id=placement_id), 303)


def _page(placement_id: UUID, errors: dict[str, str]) -> str:
    today = day_of_request()
    with reading() as session:
        return render_template(
            "placements/accommodations.html",
            found=accommodations.read_accommodations(
                session, current_actor(), placement_id, today=today
            ),
            conditions=in_groups(list_conditions(session), need_label),
            need_label=need_label,
            errors=errors,
            form=request.form,
            today=today,
            wording=wording,
        )
