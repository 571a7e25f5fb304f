"""Pages about exposure by group, and the what-if of another table of points.

They stand here, above matching, because they show groups of people in aggregates.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, DomainError
from matchsvc.matching.rules import offer_titles
from matchsvc.matching.schemas import SaveWeightsSchema, WeightsSchema
from matchsvc.matching.views_weights import number_labels, weights_page
from matchsvc.matching.weights_table import NUMBERS, save_table
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Participant
from matchsvc.reports import exposure_page
from matchsvc.reports.exposure import READERS, exposure_report, what_if_report
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

weight_pages = Blueprint("weights", __name__)


@weight_pages.get("/reports/exposure")
@requires(*READERS)
def show_exposure() -> ResponseReturnValue:
    """Show who stands among the first ten and is proposed, by group."""
    with reading() as session:
        report = exposure_report(session, current_actor(), today=local_date(db.utcnow()))
        return render_template("reports/exposure.html", **exposure_page.shown(report, _)), 200


@weight_pages.get("/matching/weights/what-if")
@requires(Role.UNIT_MANAGER)
def show_what_if() -> ResponseReturnValue:
    """Show what other numbers would change, before anything is saved."""
    actor = current_actor()
    try:
        numbers = load_query(WeightsSchema())
        with reading() as session:
            return _what_if_page(session, actor, numbers, {}), 200
    except DomainError as error:
        if STATUS[type(error)] == STATUS_REFUSED:
            raise
        with reading() as session:
            page = weights_page(session, actor, form=request.args, errors=field_errors(error))
        return page, STATUS[type(error)]


@weight_pages.post("/matching/weights")
@requires(Role.UNIT_MANAGER)
def submit_weights() -> ResponseReturnValue:
    """Save a new version of the table, with a reason."""
    actor, now = current_actor(), db.utcnow()
    try:
        data = load_form(SaveWeightsSchema())
        said = {name: data.pop(name) for name in ("reason", "base", "seen")}
        with writing() as session:
            save_table(session, actor, data, **said, now=now, today=local_date(now))
    except DomainError as error:
        if STATUS[type(error)] == STATUS_REFUSED:
            raise
        return _again(actor, error), STATUS[type(error)]
    return redirect(url_for("matching.weights.show_weights"), 303)


STATUS_REFUSED = 403


def _again(actor: Actor, error: DomainError) -> str:
    """What was typed, with what is wrong: looked at anew against the table in force."""
    errors = field_errors(error)
    typed = {name: request.form.get(name, "") for name in NUMBERS}
    with reading() as session:
        try:
            numbers = WeightsSchema().load(typed)
            is_conflict = isinstance(error, Conflict)
            return _what_if_page(
                session, actor, numbers, {} if is_conflict else errors, is_conflict=is_conflict
            )
        except (DomainError, ValueError):  # the numbers themselves are wrong, or in force already
            return weights_page(session, actor, form=typed, errors=errors)


def _what_if_page(
    session: Session,
    actor: Actor,
    numbers: dict[str, Any],
    errors: dict[str, str],
    *,
    is_conflict: bool = False,
) -> str:
    today = local_date(db.utcnow())
    found, report = what_if_report(session, actor, numbers, today=today)
    aliases = {
        person.id: person.alias
        for person in session.scalars(
            visible_participants(session, actor, today=today).where(
                Participant.id.in_([example.participant for example in found.examples])
            )
        )
    }
    labels = number_labels()
    before, after = found.current.numbers, found.proposed.numbers
    return render_template(
        "reports/what_if.html",
        found=found,
        changes=[(labels[n], before[n], after[n]) for n in NUMBERS if before[n] != after[n]],
        numbers=numbers,
        aliases=aliases,
        titles=offer_titles(session, [example.offer for example in found.examples]),
        form=request.form,
        errors=errors,
        is_conflict=is_conflict,
        **exposure_page.shown(report, _),
    )
