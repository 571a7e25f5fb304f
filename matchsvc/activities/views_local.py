"""Pages of the local network: the service map and the register of structural obstacles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.activities import obstacles, services, wording
from matchsvc.activities.catalogue import KEEPERS, READERS
from matchsvc.activities.models import LocalService
from matchsvc.activities.schemas import (
    ChangeServiceSchema,
    ObstacleFilterSchema,
    ObstacleSchema,
    ObstacleStateSchema,
    ServiceFilterSchema,
    ServiceSchema,
    service_of,
)
from matchsvc.errors import Conflict, DomainError
from matchsvc.participants.frame import FORM_ERRORS
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

local_pages = Blueprint("local", __name__)
VIEWS = ("map", "gap", "overlap")


@local_pages.get("/services")
@requires(*READERS)
def show_services() -> ResponseReturnValue:
    """Who offers what for each step; where nobody does, and where several do."""
    query, actor = load_query(ServiceFilterSchema()), current_actor()
    on = query["on"] or day_of_request()
    with reading() as session:
        rows = services.list_services(session, actor, on=on)
        every = services.list_services(session, actor)
        return render_template(
            "activities/services.html",
            steps=wording.unit_steps(session, current_actor()),
            found=services.map_of(rows),
            others=[each for each in every if each not in rows],
            is_empty=not every,
            view=query["view"] if query["view"] in VIEWS else "map",
            on=on,
            is_keeper=actor.has_role(*KEEPERS),
            saved=request.args.get("saved"),
            wording=wording,
        )


@local_pages.get("/services/new")
@requires(*KEEPERS)
def show_new_service() -> ResponseReturnValue:
    """A new service."""
    form = {"valid_from": day_of_request(), "step": request.args.get("step")}
    return _service_page(None, form, {}), 200


@local_pages.post("/services/new")
@requires(*KEEPERS)
def submit_new_service() -> ResponseReturnValue:
    """Put it on the map."""
    return _save(None)


@local_pages.get("/services/<uuid:service_id>")
@requires(*KEEPERS)
def show_service(service_id: UUID) -> ResponseReturnValue:
    """A service that is there."""
    return _service_page(service_id, None, {}), 200


@local_pages.post("/services/<uuid:service_id>")
@requires(*KEEPERS)
def submit_service(service_id: UUID) -> ResponseReturnValue:
    """Write it anew."""
    return _save(service_id)


def _save(service_id: UUID | None) -> ResponseReturnValue:
    try:
        data = load_form(ChangeServiceSchema() if service_id else ServiceSchema())
        version = data.pop("version", None)
        with writing() as session:
            services.save_service(
                session,
                current_actor(),
                service_of(data),
                service_id=service_id,
                version=version,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        page = _service_page(service_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("activities.local.show_services", saved=1), 303)


def _service_page(
    service_id: UUID | None,
    form: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        row = None
        if service_id is not None:
            row = services.get_service(session, current_actor(), service_id)
        return render_template(
            "activities/service_form.html",
            steps=wording.unit_steps(session, current_actor()),
            row=row,
            form=form if form is not None else _known(row),
            errors=errors,
            is_conflict=isinstance(error, Conflict),
            ladder=services.LADDER,
            wording=wording,
        )


def _known(row: LocalService | None) -> dict[str, Any]:
    if row is None:
        return {}
    names = (
        *("ladder", "organisation", "name", "contact", "capacity", "entry_requirement"),
        *("valid_from", "valid_until", "version"),
    )
    return {name: getattr(row, name) for name in names} | {
        "step": row.step.value,
        "provider_type": row.provider_type.value,
    }


@local_pages.get("/obstacles")
@requires(*READERS)
def show_obstacles() -> ResponseReturnValue:
    """What stands in many people's way, and who can remove it."""
    return _obstacles_page({}), 200


def _obstacles_page(errors: Mapping[str, str], about: UUID | None = None) -> str:
    query, actor = load_query(ObstacleFilterSchema()), current_actor()
    with reading() as session:
        return render_template(
            "activities/obstacles.html",
            lines=obstacles.list_obstacles(session, actor, state=query["state"]),
            chosen=query["state"],
            is_keeper=actor.has_role(*KEEPERS),
            form={} if about else request.form,
            errors=errors,
            saved=request.args.get("saved"),
            wording=wording,
        )


@local_pages.post("/obstacles")
@requires(*READERS)
def submit_obstacle() -> ResponseReturnValue:
    """One more."""
    try:
        data = load_form(ObstacleSchema())
        with writing() as session:
            obstacles.add_obstacle(session, current_actor(), **data, today=day_of_request())
    except FORM_ERRORS as error:
        return _obstacles_page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("activities.local.show_obstacles", saved="added"), 303)


@local_pages.post("/obstacles/<uuid:obstacle_id>/seen")
@requires(*READERS)
def submit_seen(obstacle_id: UUID) -> ResponseReturnValue:
    """It was seen again today."""
    try:
        with writing() as session:
            obstacles.see_again(session, current_actor(), obstacle_id, today=day_of_request())
    except FORM_ERRORS as error:
        return _obstacles_page(field_errors(error), obstacle_id), STATUS[type(error)]
    return redirect(url_for("activities.local.show_obstacles", saved="seen"), 303)


@local_pages.post("/obstacles/<uuid:obstacle_id>/state")
@requires(*KEEPERS)
def submit_state(obstacle_id: UUID) -> ResponseReturnValue:
    """How far its removal has come."""
    try:
        data = load_form(ObstacleStateSchema())
        with writing() as session:
            obstacles.set_state(
                session, current_actor(), obstacle_id, **data, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _obstacles_page(field_errors(error), obstacle_id), STATUS[type(error)]
    return redirect(url_for("activities.local.show_obstacles", saved="state"), 303)
