"""Pages of the installation's units, for its administrators: how many and when, no content.

They stand above people because a unit with open cases is not closed, and above messages because
its first manager is invited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import units
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.accounts.schemas import ChangeUnitSchema, FirstManagerSchema, OpenUnitSchema
from matchsvc.accounts.units import FirstManager, UnitContent
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.messages.views_users import send_address
from matchsvc.participants.models import Case
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("units", __name__, template_folder="templates")
_FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("/settings/units")
@requires(Role.ADMIN)
def show_units() -> ResponseReturnValue:
    """Every unit, and the form that opens one more."""
    return _list_page({}, {}), 200


@pages.post("/settings/units")
@requires(Role.ADMIN)
@asks_again()
def submit_open() -> ResponseReturnValue:
    """Open a unit with its first manager."""
    try:
        data = load_form(OpenUnitSchema())
        with writing() as session:
            unit, user, token = units.open_unit(
                session, current_actor(), content_of(data), manager_of(data), now=db.utcnow()
            )
            send_address(session, user, token)
    except _FORM_ERRORS as error:
        return _list_page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("units.show_unit", unit_id=unit.id, saved="opened"), 303)


@pages.get("/settings/units/<uuid:unit_id>")
@requires(Role.ADMIN)
def show_unit(unit_id: UUID) -> ResponseReturnValue:
    """One unit: its name, and what it takes to close it."""
    return _unit_page(unit_id, None, {}), 200


@pages.post("/settings/units/<uuid:unit_id>")
@requires(Role.ADMIN)
def submit_change(unit_id: UUID) -> ResponseReturnValue:
    """Give it another name, municipality or phone."""

    def rule(session: Session) -> object:
        data = load_form(ChangeUnitSchema())
        version = data["version"]
        return units.change_unit(
            session, current_actor(), unit_id, content_of(data), version=version
        )

    return _submit(unit_id, rule, "changed")


@pages.post("/settings/units/<uuid:unit_id>/close")
@requires(Role.ADMIN)
@asks_again()
def submit_close(unit_id: UUID) -> ResponseReturnValue:
    """Close a unit that has nothing left to do."""

    def rule(session: Session) -> object:
        cases = count_open_cases(session, unit_id)
        return units.close_unit(
            session, current_actor(), unit_id, open_cases=cases, now=db.utcnow()
        )

    return _submit(unit_id, rule, "closed")


@pages.post("/settings/units/<uuid:unit_id>/open")
@requires(Role.ADMIN)
@asks_again()
def submit_reopen(unit_id: UUID) -> ResponseReturnValue:
    """Open a closed unit again, with a manager."""

    def rule(session: Session) -> object:
        first = manager_of(load_form(FirstManagerSchema()))
        user, token = units.reopen_unit(session, current_actor(), unit_id, first, now=db.utcnow())
        send_address(session, user, token)
        return user

    return _submit(unit_id, rule, "opened")


def count_open_cases(session: Session, unit_id: UUID) -> int:
    """How many people are enrolled in a unit: a number, for closing it, and nothing of them."""
    cases = select(func.count(Case.id)).where(Case.unit_id == unit_id, Case.ended_on.is_(None))
    return session.scalar(cases) or 0


def content_of(data: Mapping[str, Any]) -> UnitContent:
    """What a form or a program wrote of a unit."""
    return UnitContent(data["name"], data["municipality"], data["phone"])


def manager_of(data: Mapping[str, Any]) -> FirstManager:
    """Whom a form or a program named as first manager."""
    return FirstManager(data["manager"], data["email"])


def _submit(unit_id: UUID, rule: Callable[[Session], object], saved: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except _FORM_ERRORS as error:
        page = _unit_page(unit_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("units.show_unit", unit_id=unit_id, saved=saved), 303)


def _list_page(form: Any, errors: Mapping[str, Any]) -> str:
    with reading() as session:
        return render_template(
            "placements/units.html",
            lines=units.list_units(session, current_actor(), now=db.utcnow()),
            days=units.COUNTED.days,
            form=form,
            errors=errors,
        )


def _unit_page(
    unit_id: UUID, form: Any, errors: Mapping[str, Any], error: Exception | None = None
) -> str:
    with reading() as session:
        actor = current_actor()
        unit = units.get_unit(session, actor, unit_id)
        stands = {"name": unit.name, "municipality": unit.municipality, "phone": unit.phone}
        return render_template(
            "placements/unit.html",
            unit=unit,
            form=stands if form is None or "name" not in form else form,
            manager=form or {},
            errors={} if isinstance(error, Conflict) else errors,
            theirs=error.theirs if isinstance(error, Conflict) else None,
            is_own=unit.id == actor.unit_id,
            saved=request.args.get("saved"),
        )
