"""Pages of the risk register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, DomainError
from matchsvc.learning import risks, wording
from matchsvc.learning.schemas import (
    BegunFromSchema,
    ChangeRiskSchema,
    LearningYearSchema,
    RiskOutcomeSchema,
    RiskSchema,
    risk_of,
)
from matchsvc.learning.staff import COUNTERS, KEEPERS, colleagues, unit_of
from matchsvc.participants.frame import FORM_ERRORS
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import day_words

risk_pages = Blueprint("risks", __name__)
YEARS_BACK = 5


@risk_pages.get("/risks")
@requires(*COUNTERS)
def show_risks() -> ResponseReturnValue:
    """The register, and a year's outcomes against the grades."""
    query, actor, today = load_query(LearningYearSchema()), current_actor(), day_of_request()
    year = query["year"] or today.year
    with reading() as session:
        return render_template(
            "learning/risks.html",
            lines=risks.list_risks(session, actor, today=today),
            grade_rows=[
                [wording.GRADE[row.grade], row.came, row.partly, row.not_at_all, row.unnoted]
                for row in risks.grades_against_outcomes(session, actor, year)
            ],
            year=year,
            years=_years(today),
            is_keeper=actor.has_role(*KEEPERS),
            saved=query["saved"],
            wording=wording,
        )


@risk_pages.get("/risks/new")
@requires(*KEEPERS)
def show_new_risk() -> ResponseReturnValue:
    """A new risk."""
    return _risk_page(None, {}, {}), 200


@risk_pages.post("/risks/new")
@requires(*KEEPERS)
def submit_new_risk() -> ResponseReturnValue:
    """Write it down."""
    try:
        data = load_form(RiskSchema())
        with writing() as session:
            risks.save_risk(session, current_actor(), risk_of(data), today=day_of_request())
    except FORM_ERRORS as error:
        return _risk_page(None, request.form, error), STATUS[type(error)]
    return redirect(url_for("learning.risks.show_risks", saved="risk"), 303)


@risk_pages.get("/risks/<uuid:risk_id>")
@requires(*COUNTERS)
def show_risk(risk_id: UUID) -> ResponseReturnValue:
    """A risk, how it has been judged, and how it went."""
    return _risk_page(risk_id, None, {}), 200


@risk_pages.post("/risks/<uuid:risk_id>")
@requires(*KEEPERS)
def submit_risk(risk_id: UUID) -> ResponseReturnValue:
    """Judge it anew."""
    try:
        data = load_form(ChangeRiskSchema())
        with writing() as session:
            risks.save_risk(
                session,
                current_actor(),
                risk_of(data),
                risk_id=risk_id,
                version=data["version"],
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _risk_page(risk_id, request.form, error), STATUS[type(error)]
    return redirect(url_for("learning.risks.show_risk", risk_id=risk_id, saved="risk"), 303)


@risk_pages.post("/risks/<uuid:risk_id>/closed")
@requires(*KEEPERS)
def submit_closed(risk_id: UUID) -> ResponseReturnValue:
    """It is no longer a risk."""
    try:
        data = load_form(BegunFromSchema())
        with writing() as session:
            risks.close_risk(session, current_actor(), risk_id, **data, today=day_of_request())
    except FORM_ERRORS as error:
        return _risk_page(risk_id, None, error), STATUS[type(error)]
    return redirect(url_for("learning.risks.show_risk", risk_id=risk_id, saved="closed"), 303)


@risk_pages.post("/risks/<uuid:risk_id>/outcomes")
@requires(*KEEPERS)
def submit_outcome(risk_id: UUID) -> ResponseReturnValue:
    """Whether it came true in a year."""
    try:
        data = load_form(RiskOutcomeSchema())
        with writing() as session:
            risks.note_outcome(session, current_actor(), risk_id, **data, today=day_of_request())
    except FORM_ERRORS as error:
        return _risk_page(risk_id, None, error, request.form), STATUS[type(error)]
    return redirect(url_for("learning.risks.show_risk", risk_id=risk_id, saved="outcome"), 303)


def _risk_page(
    risk_id: UUID | None,
    form: Mapping[str, Any] | None,
    error: DomainError | Mapping[str, str],
    outcome: Mapping[str, Any] | None = None,
) -> str:
    actor, today = current_actor(), day_of_request()
    errors = field_errors(error) if isinstance(error, DomainError) else error
    with reading() as session:
        row, past, outcomes = None, [], []
        if risk_id is not None:
            row = risks.get_risk(session, actor, risk_id)
            past = risks.history_of(session, actor, risk_id)
            outcomes = risks.outcomes_of(session, actor, risk_id)
        known: Mapping[str, Any] = {} if row is None else _known(row)
        return render_template(
            "learning/risk.html",
            row=row,
            past_rows=[
                [
                    day_words(each.version.changed_on, weekday=False, year=True),
                    wording.GRADE[each.version.grade],
                    each.version.measure,
                    each.owner,
                    each.by,
                ]
                for each in past
            ],
            outcomes=outcomes,
            form=known if form is None else form,
            outcome=outcome or {"year": today.year},
            errors=errors,
            is_conflict=isinstance(error, Conflict),
            staff=[(each.id, each.name) for each in colleagues(session, unit_of(actor))],
            is_keeper=actor.has_role(*KEEPERS) and (row is None or row.closed_on is None),
            may_note=actor.has_role(*KEEPERS),
            years=_years(today),
            saved=request.args.get("saved"),
            wording=wording,
        )


def _years(today: date) -> list[tuple[int, int]]:
    return [(year, year) for year in range(today.year, today.year - YEARS_BACK, -1)]


def _known(row: Any) -> dict[str, Any]:
    names = ("description", "measure", "owner_id", "review_on", "version")
    return {name: getattr(row, name) for name in names} | {"grade": row.grade.value}
