"""Pages of the catalogue: the list, one activity, and writing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.activities import catalogue, groups, wording
from matchsvc.activities.catalogue import KEEPERS, READERS
from matchsvc.activities.groups import PLANNERS
from matchsvc.activities.models import Activity
from matchsvc.activities.schemas import (
    ActivityFilterSchema,
    ActivitySchema,
    ChangeActivitySchema,
    EndActivitySchema,
    activity_of,
)
from matchsvc.activities.views_groups import group_pages
from matchsvc.activities.views_local import local_pages
from matchsvc.errors import Conflict, DomainError
from matchsvc.participants.frame import FORM_ERRORS
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("activities", __name__, url_prefix="/activities", template_folder="templates")
pages.register_blueprint(group_pages)
pages.register_blueprint(local_pages)


@pages.get("")
@requires(*READERS)
def list_() -> ResponseReturnValue:
    """The activities, those that suit what is asked for, and today's sessions."""
    query, today, actor = load_query(ActivityFilterSchema()), day_of_request(), current_actor()
    with reading() as session:
        return render_template(
            "activities/list.html",
            steps=wording.unit_steps(session, current_actor()),
            activities=catalogue.list_activities(session, actor, **query),
            lines=groups.list_groups(session, actor, now=db.utcnow()),
            sessions=groups.sessions_on(session, actor, today),
            query={name: getattr(value, "value", value) for name, value in query.items()},
            is_filtered=any(query.values()),
            is_keeper=actor.has_role(*KEEPERS),
            me=actor.user_id,
            today=today,
            wording=wording,
        )


@pages.post("/starting-list")
@requires(*KEEPERS)
def submit_starter() -> ResponseReturnValue:
    """Put the starting list into the unit's catalogue."""
    with writing() as session:
        catalogue.switch_on_starter(session, current_actor())
    return redirect(url_for("activities.list_"), 303)


@pages.get("/new")
@requires(*KEEPERS)
def show_new() -> ResponseReturnValue:
    """A new activity."""
    return _form_page(None, {"is_group": "1"}, {})


@pages.post("/new")
@requires(*KEEPERS)
def submit_new() -> ResponseReturnValue:
    """Put it into the catalogue."""
    try:
        data = load_form(ActivitySchema())
        with writing() as session:
            made = catalogue.add_activity(
                session, current_actor(), activity_of(data), today=day_of_request()
            )
            key = made.id
    except FORM_ERRORS as error:
        return _form_page(None, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("activities.show_activity", activity_id=key, saved=1), 303)


@pages.get("/<uuid:activity_id>")
@requires(*READERS)
def show_activity(activity_id: UUID) -> ResponseReturnValue:
    """One activity with its groups."""
    return _page(activity_id, {}), 200


def _page(activity_id: UUID, errors: Mapping[str, str]) -> str:
    actor, now = current_actor(), db.utcnow()
    with reading() as session:
        activity = catalogue.get_activity(session, actor, activity_id)
        of_it = [activity.id]
        return render_template(
            "activities/activity.html",
            steps=wording.unit_steps(session, current_actor()),
            activity=activity,
            lines=groups.list_groups(session, actor, now=now, activity_ids=of_it),
            over=groups.list_groups(session, actor, now=now, activity_ids=of_it, over=True),
            is_keeper=actor.has_role(*KEEPERS),
            may_plan=actor.has_role(*PLANNERS),
            errors=errors,
            saved=request.args.get("saved"),
            wording=wording,
        )


@pages.get("/<uuid:activity_id>/edit")
@requires(*KEEPERS)
def show_edit(activity_id: UUID) -> ResponseReturnValue:
    """The form of an activity that is there."""
    return _form_page(activity_id, None, {})


@pages.post("/<uuid:activity_id>/edit")
@requires(*KEEPERS)
def submit_edit(activity_id: UUID) -> ResponseReturnValue:
    """Write it anew."""
    try:
        data = load_form(ChangeActivitySchema())
        version = data.pop("version")
        with writing() as session:
            catalogue.change_activity(
                session,
                current_actor(),
                activity_id,
                activity_of(data),
                version=version,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        page = _form_page(activity_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("activities.show_activity", activity_id=activity_id, saved=1), 303)


@pages.post("/<uuid:activity_id>/ended")
@requires(*KEEPERS)
def submit_ended(activity_id: UUID) -> ResponseReturnValue:
    """Archive it, or take it back."""
    try:
        data = load_form(EndActivitySchema())
        with writing() as session:
            catalogue.set_ended(
                session, current_actor(), activity_id, **data, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _page(activity_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("activities.show_activity", activity_id=activity_id, saved=1), 303)


def _form_page(
    activity_id: UUID | None,
    form: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        activity = None
        if activity_id is not None:
            activity = catalogue.get_activity(session, current_actor(), activity_id)
        chosen = request.form.getlist("orientations")
        if form is None:
            form = known(activity) if activity else {}
            chosen = activity.orientations if activity else []
        return render_template(
            "activities/form.html",
            steps=wording.unit_steps(session, current_actor()),
            activity=activity,
            form=form,
            chosen=chosen,
            errors=errors,
            is_conflict=isinstance(error, Conflict),
            wording=wording,
        )


def known(activity: Activity) -> dict[str, Any]:
    """What stands of an activity, as its form shows it."""
    names = ("name", "minutes", "sessions", "size", "provider", "limit_reason", "version")
    return {name: getattr(activity, name) for name in names} | {
        "kind": activity.kind.value,
        "track": activity.track.value if activity.track else None,
        "step": activity.step.value if activity.step else None,
        "is_group": "1" if activity.is_group else None,
    }
