"""Pages of programmes: which there are, whom they are for, and every version of that (PRO-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants import programme_words, programmes
from matchsvc.participants.countries import names_by_code
from matchsvc.participants.frame import FORM_ERRORS, today
from matchsvc.participants.programme_models import ProgrammeVersion
from matchsvc.participants.programme_schemas import (
    NewProgrammeSchema,
    NewVersionSchema,
    content_of,
)
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("programmes", __name__, url_prefix="/settings/programmes")


@pages.get("")
@requires(*programmes.READERS)
def show_programmes() -> ResponseReturnValue:
    """Every programme of the unit, with the rules in force."""
    with reading() as session:
        actor = current_actor()
        return render_template(
            "participants/programmes.html",
            lines=programmes.list_programmes(session, actor, today=today()),
            may_change=actor.has_role(*programmes.CHANGERS),
            examples=programmes.examples().values(),
            words=programme_words,
        ), 200


@pages.get("/new")
@requires(*programmes.CHANGERS)
def show_new() -> ResponseReturnValue:
    """The form of a new programme, empty or from an example."""
    example = programmes.examples().get(request.args.get("example", ""))
    form: dict[str, Any] = {"valid_from": today()}
    if example is not None:
        texts = {name: example[name] for name in ("code", "name", "owner", "legal_basis", "reason")}
        form |= texts | _rules_form(example["rules"])
    return _form_page(None, form, {}), 200


@pages.post("/new")
@requires(*programmes.CHANGERS)
def submit_new() -> ResponseReturnValue:
    """A programme with its first version."""
    try:
        data = load_form(NewProgrammeSchema())
        with writing() as session:
            made = programmes.add_programme(
                session,
                current_actor(),
                code=data["code"],
                name=data["name"],
                content=content_of(data),
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        return _form_page(None, _typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("programmes.show_programme", programme_id=made.id, saved=1), 303)


@pages.get("/<uuid:programme_id>")
@requires(*programmes.READERS)
def show_programme(programme_id: UUID) -> ResponseReturnValue:
    """One programme: what holds, and every version before and after."""
    with reading() as session:
        actor = current_actor()
        return render_template(
            "participants/programme.html",
            line=programmes.get_programme(session, actor, programme_id, today=today()),
            may_change=actor.has_role(*programmes.CHANGERS),
            saved=request.args.get("saved") is not None,
            today=today(),
            words=programme_words,
        ), 200


@pages.get("/<uuid:programme_id>/new")
@requires(*programmes.CHANGERS)
def show_new_version(programme_id: UUID) -> ResponseReturnValue:
    """The form of a new version; it begins from the latest."""
    return _form_page(programme_id, None, {}), 200


@pages.post("/<uuid:programme_id>/new")
@requires(*programmes.CHANGERS)
def submit_new_version(programme_id: UUID) -> ResponseReturnValue:
    """A version that replaces the latest from a day."""
    try:
        data = load_form(NewVersionSchema())
        with writing() as session:
            programmes.add_version(
                session,
                current_actor(),
                programme_id,
                content_of(data),
                base=data["base"],
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        page = _form_page(programme_id, _typed(), field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for("programmes.show_programme", programme_id=programme_id, saved=1), 303)


def _typed() -> dict[str, Any]:
    return request.form.to_dict() | {"criteria": request.form.getlist("criteria")}


def _form_page(
    programme_id: UUID | None, form: dict[str, Any] | None, errors: Mapping[str, str]
) -> str:
    with reading() as session:
        line = None
        if programme_id is not None:
            line = programmes.get_programme(session, current_actor(), programme_id, today=today())
        if form is None:
            form = _begin_from(line.versions[0]) if line and line.versions else {}
            form["base"] = line.number if line else None
        return render_template(
            "participants/programme_form.html",
            line=line,
            form=form,
            errors=errors,
            words=programme_words,
        )


def _begin_from(version: ProgrammeVersion) -> dict[str, Any]:
    return {
        "owner": version.owner,
        "legal_basis": version.legal_basis,
        **_rules_form(version.rules),
    }


def _rules_form(rules: Mapping[str, Any]) -> dict[str, Any]:
    names = names_by_code()
    countries = sorted(names[code] for code in rules.get("not_born_in", []))
    return dict(rules) | {"countries": "\n".join(countries)}
