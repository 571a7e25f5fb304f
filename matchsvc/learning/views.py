"""Pages of what a unit learns: the card page, and the trainings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import DomainError
from matchsvc.learning import assessment, costs, reviews, risks, trainings, wording
from matchsvc.learning.models import Level
from matchsvc.learning.schemas import (
    ChangeTrainingSchema,
    NoteTrainingSchema,
    RemindFormSchema,
    TakeBackTrainingSchema,
    TrainingSchema,
)
from matchsvc.learning.staff import COUNTERS, KEEPERS, READERS, WORKERS, colleagues, unit_of
from matchsvc.learning.views_risks import risk_pages
from matchsvc.learning.views_years import year_pages
from matchsvc.participants.frame import FORM_ERRORS
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("learning", __name__, url_prefix="/learning", template_folder="templates")
pages.register_blueprint(risk_pages)
pages.register_blueprint(year_pages)
#: How long somebody has to take a training that she is reminded of, when nobody says otherwise.
DAYS_TO_TRAIN = 60


@pages.get("")
@requires(*READERS)
def show() -> ResponseReturnValue:
    """What there is to learn from, and what waits for the reader."""
    today, actor = day_of_request(), current_actor()
    with reading() as session:
        counts = actor.has_role(*COUNTERS)
        return render_template(
            "learning/index.html",
            register=trainings.read_register(session, actor),
            year=assessment.read_year(session, actor, today.year),
            risks=risks.list_risks(session, actor, today=today) if counts else [],
            review=reviews.read_review(session, actor, today.year, today=today) if counts else None,
            costs=costs.read_costs(session, actor, today.year - 1) if counts else None,
            works=actor.has_role(*WORKERS),
            counts=counts,
            today=today,
        )


@pages.get("/trainings")
@requires(*READERS)
def show_trainings() -> ResponseReturnValue:
    """One's own trainings, what lacks, and how large a share has each."""
    return _trainings_page({}), 200


def _trainings_page(errors: dict[str, str], form: Any = None) -> str:
    today, actor = day_of_request(), current_actor()
    with reading() as session:
        return render_template(
            "learning/trainings.html",
            register=trainings.read_register(session, actor),
            staff=[(each.id, each.name) for each in colleagues(session, unit_of(actor))]
            if actor.has_role(*KEEPERS)
            else [],
            is_keeper=actor.has_role(*KEEPERS),
            works=actor.has_role(*WORKERS),
            me=actor.user_id,
            errors=errors,
            form=form or {},
            saved=request.args.get("saved"),
            count=request.args.get("count", 0, int),
            today=today,
            due_on=today + timedelta(days=DAYS_TO_TRAIN),
            wording=wording,
        )


def _again(error: DomainError) -> ResponseReturnValue:
    return _trainings_page(dict(field_errors(error)), request.form), STATUS[type(error)]


def _done(saved: str, **more: Any) -> ResponseReturnValue:
    return redirect(url_for("learning.show_trainings", saved=saved, **more), 303)


@pages.post("/trainings")
@requires(*KEEPERS)
def submit_training() -> ResponseReturnValue:
    """One more training."""
    try:
        data = load_form(TrainingSchema())
        with writing() as session:
            trainings.add_training(session, current_actor(), **data, today=day_of_request())
    except FORM_ERRORS as error:
        return _again(error)
    return _done("added")


@pages.post("/trainings/starting-list")
@requires(*KEEPERS)
def submit_starter() -> ResponseReturnValue:
    """Put the starting list into the register."""
    with writing() as session:
        trainings.switch_on_starter(session, current_actor())
    return _done("added")


@pages.post("/trainings/<uuid:training_id>")
@requires(*KEEPERS)
def submit_change(training_id: UUID) -> ResponseReturnValue:
    """Whether it is expected of everybody, and whether it is still on the list."""
    try:
        data = load_form(ChangeTrainingSchema())
        with writing() as session:
            trainings.change_training(
                session, current_actor(), training_id, **data, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _again(error)
    return _done("changed")


@pages.post("/trainings/completed")
@requires(*WORKERS)
def submit_completed() -> ResponseReturnValue:
    """Somebody has completed one."""
    try:
        data = load_form(NoteTrainingSchema())
        training_id, level = data.pop("what").split(".")
        with writing() as session:
            trainings.note_done(
                session,
                current_actor(),
                UUID(training_id),
                level=Level(level),
                **data,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _again(error)
    return _done("noted")


@pages.post("/trainings/<uuid:training_id>/taken-back")
@requires(*WORKERS)
def submit_taken_back(training_id: UUID) -> ResponseReturnValue:
    """It was noted by mistake."""
    data = load_form(TakeBackTrainingSchema())
    with writing() as session:
        trainings.take_back(session, current_actor(), training_id, **data)
    return _done("taken_back")


@pages.post("/trainings/reminder")
@requires(*KEEPERS)
def submit_reminder() -> ResponseReturnValue:
    """Give everybody who lacks a training a task."""
    try:
        data = load_form(RemindFormSchema())
        with writing() as session:
            actor, training_id = current_actor(), data["training_id"]
            name = trainings.get_training(session, actor, training_id).name
            count = trainings.remind(
                session,
                actor,
                training_id,
                words=_("Gå utbildningen %(name)s, och notera den", name=name),
                due_on=data["due_on"],
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _again(error)
    return _done("reminded", count=count)
