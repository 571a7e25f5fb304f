"""Pages of ladders: which a unit has, what they say, and every version of that (PRO-14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, DomainError
from matchsvc.participants.frame import FORM_ERRORS, today
from matchsvc.progression import ladders
from matchsvc.progression.schemas import LadderFormSchema, content_of
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("ladders", __name__, url_prefix="/settings/ladders")


@pages.get("")
@requires(*ladders.READERS)
def show_ladders() -> ResponseReturnValue:
    """Every ladder of the unit."""
    with reading() as session:
        actor = current_actor()
        return render_template(
            "progression/ladders.html",
            lines=ladders.list_ladders(session, actor),
            may_change=actor.has_role(*ladders.CHANGERS),
            examples=ladders.examples().values(),
        ), 200


@pages.get("/new")
@requires(*ladders.CHANGERS)
def show_new() -> ResponseReturnValue:
    """The form of a new ladder, empty or from an example."""
    example = ladders.examples().get(request.args.get("example", ""))
    form: dict[str, Any] = {"in_use": True}
    if example is not None:
        form |= {name: example[name] for name in ("name", "target_group", "reason")}
        form["steps"] = ladders.write_steps(example["steps"])
    return _form_page(None, form, {}), 200


@pages.post("/new")
@requires(*ladders.CHANGERS)
def submit_new() -> ResponseReturnValue:
    """A ladder with its first version."""
    try:
        content = content_of(load_form(LadderFormSchema()))
        with writing() as session:
            made = ladders.add_ladder(
                session, current_actor(), content, today=today(), now=db.utcnow()
            )
    except FORM_ERRORS as error:
        return _form_page(None, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("ladders.show_ladder", ladder_id=made.id, saved=1), 303)


@pages.get("/<uuid:ladder_id>")
@requires(*ladders.READERS)
def show_ladder(ladder_id: UUID) -> ResponseReturnValue:
    """One ladder: what holds, and every version before."""
    with reading() as session:
        actor = current_actor()
        return render_template(
            "progression/ladder.html",
            line=ladders.get_ladder(session, actor, ladder_id),
            steps_of=ladders.steps_of,
            may_change=actor.has_role(*ladders.CHANGERS),
            saved=request.args.get("saved") is not None,
        ), 200


@pages.get("/<uuid:ladder_id>/new")
@requires(*ladders.CHANGERS)
def show_new_version(ladder_id: UUID) -> ResponseReturnValue:
    """The form of a new version; it begins from the latest."""
    return _form_page(ladder_id, None, {}), 200


@pages.post("/<uuid:ladder_id>/new")
@requires(*ladders.CHANGERS)
def submit_new_version(ladder_id: UUID) -> ResponseReturnValue:
    """A version that replaces the latest."""
    try:
        data = load_form(LadderFormSchema())
        with writing() as session:
            ladders.add_version(
                session,
                current_actor(),
                ladder_id,
                content_of(data),
                base=data["base"],
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        page = _form_page(ladder_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("ladders.show_ladder", ladder_id=ladder_id, saved=1), 303)


def _form_page(
    ladder_id: UUID | None,
    form: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        line = None
        if ladder_id is not None:
            line = ladders.get_ladder(session, current_actor(), ladder_id)
            if form is None:
                latest = line.latest
                form = {
                    "name": latest.name,
                    "target_group": latest.target_group,
                    "steps": ladders.write_steps(ladders.steps_of(latest)),
                    "in_use": latest.in_use,
                }
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "progression/ladder_form.html",
            line=line,
            form=form or {},
            errors={} if is_conflict else errors,
            is_conflict=is_conflict,
            theirs=ladders.write_steps(ladders.steps_of(line.latest)) if line else "",
        )
