"""Pages that belong to a year: self-assessment, joint review, costs, and the audit sheet."""

from __future__ import annotations

from collections.abc import Mapping
from random import SystemRandom
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, DomainError
from matchsvc.learning import assessment, audit_sheet, costs, reviews, wording
from matchsvc.learning.audit_pages import sheets_of
from matchsvc.learning.reviews import Section
from matchsvc.learning.schemas import (
    BegunFromSchema,
    ImprovementSchema,
    JointReviewFormSchema,
    LearningYearSchema,
    SelfAssessmentSchema,
    UnitCostSchema,
)
from matchsvc.learning.staff import COUNTERS, KEEPERS, READERS, WORKERS, colleagues, unit_of
from matchsvc.participants.frame import FORM_ERRORS
from matchsvc.reports.exports import to_xlsx
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday.rules import write_task

year_pages = Blueprint("years", __name__)
YEARS_BACK = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _year() -> int:
    return load_query(LearningYearSchema())["year"] or day_of_request().year


def _years() -> list[tuple[int, int]]:
    this = day_of_request().year
    return [(year, year) for year in range(this, this - YEARS_BACK, -1)]


def _saved(endpoint: str, year: int, saved: str) -> ResponseReturnValue:
    return redirect(url_for(f"learning.years.{endpoint}", year=year, saved=saved), 303)


@year_pages.get("/self-assessment")
@requires(*READERS)
def show_assessment() -> ResponseReturnValue:
    """The form, or what was answered once the year is closed."""
    return _assessment_page(_year(), {}), 200


def _assessment_page(
    year: int, errors: Mapping[str, str], form: Mapping[str, Any] | None = None
) -> str:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        found = assessment.read_year(session, actor, year)
        return render_template(
            "learning/assessment.html",
            found=found,
            may_answer=actor.has_role(*WORKERS)
            and not found.has_answered
            and found.closed_on is None
            and today.year - 1 <= year <= today.year,
            is_keeper=actor.has_role(*KEEPERS),
            staff=[(each.id, each.name) for each in colleagues(session, unit_of(actor))]
            if actor.has_role(*KEEPERS)
            else [],
            years=_years(),
            errors=errors,
            form=form or {},
            saved=request.args.get("saved"),
            today=today,
            wording=wording,
        )


@year_pages.post("/self-assessment/<int:year>")
@requires(*WORKERS)
def submit_assessment(year: int) -> ResponseReturnValue:
    """Hand in one's own answers."""
    try:
        data = load_form(SelfAssessmentSchema())
        with writing() as session:
            assessment.answer(session, current_actor(), year, data, today=day_of_request())
    except FORM_ERRORS as error:
        return _assessment_page(year, field_errors(error), request.form), STATUS[type(error)]
    return _saved("show_assessment", year, "answered")


@year_pages.post("/self-assessment/<int:year>/closed")
@requires(*KEEPERS)
def submit_assessment_closed(year: int) -> ResponseReturnValue:
    """Take no more answers, and show what was answered."""
    try:
        with writing() as session:
            assessment.close_year(session, current_actor(), year, today=day_of_request())
    except FORM_ERRORS as error:
        return _assessment_page(year, field_errors(error)), STATUS[type(error)]
    return _saved("show_assessment", year, "closed")


@year_pages.post("/self-assessment/<int:year>/improvements")
@requires(*KEEPERS)
def submit_improvement(year: int) -> ResponseReturnValue:
    """Make a task of what to do better."""
    try:
        data = load_form(ImprovementSchema())
        with writing() as session:
            actor = current_actor()
            write_task(
                session,
                actor,
                unit_id=unit_of(actor),
                about_type="unit",
                about_id=unit_of(actor),
                today=day_of_request(),
                **data,
            )
    except FORM_ERRORS as error:
        return _assessment_page(year, field_errors(error), request.form), STATUS[type(error)]
    return _saved("show_assessment", year, "task")


@year_pages.get("/review")
@requires(*COUNTERS)
def show_review() -> ResponseReturnValue:
    """A year's joint review."""
    return _review_page(_year(), None, {}), 200


def _review_page(
    year: int, form: Mapping[str, Any] | None, error: DomainError | Mapping[str, str]
) -> str:
    actor = current_actor()
    with reading() as session:
        found = reviews.read_review(session, actor, year, today=day_of_request())
        return render_template(
            "learning/review.html",
            found=found,
            sections=list(Section),
            form=_written(found) if form is None else form,
            errors=field_errors(error) if isinstance(error, DomainError) else error,
            is_conflict=isinstance(error, Conflict),
            may_write=actor.has_role(*KEEPERS)
            and (found.row is None or found.row.closed_on is None),
            years=_years(),
            saved=request.args.get("saved"),
            wording=wording,
        )


def _written(found: reviews.Review) -> dict[str, Any]:
    if found.row is None:
        return {}
    parties = "\n".join(found.row.parties)
    return dict(found.row.notes) | {"parties": parties, "version": found.row.version}


@year_pages.post("/review/<int:year>")
@requires(*KEEPERS)
def submit_review(year: int) -> ResponseReturnValue:
    """Write down what was said."""
    try:
        data = load_form(JointReviewFormSchema())
        with writing() as session:
            reviews.save_review(
                session,
                current_actor(),
                year,
                notes={section: data[section.value] for section in Section},
                parties=(data["parties"] or "").splitlines(),
                version=data["version"],
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _review_page(year, request.form, error), STATUS[type(error)]
    return _saved("show_review", year, "review")


@year_pages.post("/review/<int:year>/closed")
@requires(*KEEPERS)
def submit_review_closed(year: int) -> ResponseReturnValue:
    """Close it."""
    try:
        data = load_form(BegunFromSchema())
        with writing() as session:
            reviews.close_review(session, current_actor(), year, **data, today=day_of_request())
    except FORM_ERRORS as error:
        return _review_page(year, None, error), STATUS[type(error)]
    return _saved("show_review", year, "closed")


@year_pages.get("/costs")
@requires(*COUNTERS)
def show_costs() -> ResponseReturnValue:
    """A year's costs, and what a job cost."""
    return _costs_page(_year(), None, {}), 200


def _costs_page(
    year: int, form: Mapping[str, Any] | None, error: DomainError | Mapping[str, str]
) -> str:
    actor = current_actor()
    with reading() as session:
        return render_template(
            "learning/costs.html",
            found=costs.read_costs(session, actor, year),
            form=form or {},
            errors=field_errors(error) if isinstance(error, DomainError) else error,
            is_conflict=isinstance(error, Conflict),
            is_keeper=actor.has_role(*KEEPERS),
            years=_years(),
            saved=request.args.get("saved"),
            wording=wording,
        )


@year_pages.post("/costs/<int:year>")
@requires(*KEEPERS)
def submit_cost(year: int) -> ResponseReturnValue:
    """Enter what was spent on one kind of thing."""
    try:
        data = load_form(UnitCostSchema())
        with writing() as session:
            costs.save_cost(session, current_actor(), year, **data, today=day_of_request())
    except FORM_ERRORS as error:
        return _costs_page(year, request.form, error), STATUS[type(error)]
    return _saved("show_costs", year, "cost")


@year_pages.get("/audit-sheet")
@requires(*COUNTERS)
def show_audit_sheet() -> ResponseReturnValue:
    """The sheet, to be read or printed; its sample is drawn anew each time."""
    year = _year()
    with reading() as session:
        sheet = audit_sheet.draw_sheet(
            session, current_actor(), year, today=day_of_request(), random=SystemRandom()
        )
        return render_template(
            "learning/audit_sheet.html",
            sheet=sheet,
            tables=sheets_of(sheet, _),
            years=_years(),
            wording=wording,
        )


@year_pages.get("/audit-sheet.xlsx")
@requires(*COUNTERS)
def export_audit_sheet() -> ResponseReturnValue:
    """The sheet as a workbook; logged as an export."""
    year = _year()
    with reading() as session:
        sheet = audit_sheet.draw_sheet(
            session,
            current_actor(),
            year,
            today=day_of_request(),
            random=SystemRandom(),
            taken_as="xlsx",
        )
    headers = {"Content-Disposition": f'attachment; filename="granskningsblad-{year}.xlsx"'}
    return Response(to_xlsx(sheets_of(sheet, _)), content_type=XLSX, headers=headers)
