"""Pages of imports: choose and upload, follow the check, see every error, save or cancel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import DomainError
from matchsvc.imports import background, runs
from matchsvc.imports.columns import Column, Problem, match_headings, parse_row, problem_from
from matchsvc.imports.models import ImportRun, RunState
from matchsvc.imports.reader import MAX_BYTES, Row, Sheet
from matchsvc.imports.runner import KINDS
from matchsvc.imports.template import csv_template, error_rows, xlsx_template
from matchsvc.swedish import local_date
from matchsvc.web.forms import page_number
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("imports", __name__, template_folder="templates")

PAGE_SIZE = 50
SMALL_FILE = 60_000  # bytes; a few hundred rows are checked before the page answers
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AT_WORK = (RunState.WAITING, RunState.CHECKING, RunState.SAVING)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-ZÅÄÖ])")
#: Columns that tell rows apart in the preview, never who somebody is.
_SHOWN: dict[str, tuple[str, ...]] = {
    "participants": ("external_id", "enrolled_on"),
    "employers": ("external_id", "name", "site_name"),
    "offers": ("external_id", "title", "hours_start"),
    "placements": ("external_id", "form", "start_date"),
}


@pages.get("/imports")
@requires(*runs.ANY_IMPORTER)
def list_page() -> ResponseReturnValue:
    """What may be imported, and one's own latest files."""
    return _list_page({}), 200


@pages.post("/imports")
@requires(*runs.ANY_IMPORTER)
def submit_upload() -> ResponseReturnValue:
    """Keep the file and begin to check it."""
    file = request.files.get("file")
    content = file.stream.read(MAX_BYTES + 1) if file is not None else b""
    name = (file.filename or "") if file is not None else ""
    try:
        with writing() as session:
            run = runs.start_run(
                session, current_actor(), kind=request.form.get("kind", ""), file_name=name,
                content=content,
            )  # fmt: skip
    except DomainError as error:
        return _list_page(field_errors(error)), STATUS[type(error)]
    _work_on(run.id, len(content))
    return redirect(url_for("imports.show_page", run_id=run.id), 303)


def _work_on(run_id: UUID, size: int) -> None:
    if size <= SMALL_FILE:
        background.work_on(run_id, today=local_date(db.utcnow()))
    else:
        background.start(run_id)


@pages.get("/imports/template/<kind>.<ending>")
@requires(*runs.ANY_IMPORTER)
def download_template(kind: str, ending: str) -> ResponseReturnValue:
    """An empty file to fill in."""
    templates = {"csv": csv_template, "xlsx": xlsx_template}
    make = templates.get(ending)
    if make is None or kind not in KINDS:
        return redirect(url_for("imports.list_page"), 303)
    mime = _XLSX if ending == "xlsx" else "text/csv; charset=utf-8"
    return _file(make(kind), mime, f"mall-{kind}.{ending}")


@pages.get("/imports/<uuid:run_id>")
@requires(*runs.ANY_IMPORTER)
def show_page(run_id: UUID) -> ResponseReturnValue:
    """How far a check has come; then every error in its cell, and what will change."""
    with reading() as session:
        actor = current_actor()
        run = runs.get_run(session, actor, run_id)
        audit.record(session, actor, "read", "import_run", run.id)
        if run.state in _AT_WORK:
            response = make_response(render_template("imports/progress.html", run=run))
            response.headers["Refresh"] = "3"  # works without a script, too
            return response
        preview = _preview(session, run) if run.content is not None else None
        return render_template("imports/run.html", run=run, preview=preview, said=_said(run))


@pages.post("/imports/<uuid:run_id>/save")
@requires(*runs.ANY_IMPORTER)
def submit_save(run_id: UUID) -> ResponseReturnValue:
    """Write what the preview showed."""
    try:
        with writing() as session:
            runs.ask_to_save(session, current_actor(), run_id, now=db.utcnow())
            size = len(runs.get_run(session, current_actor(), run_id).content or "")
    except DomainError as error:
        with reading() as session:
            run = runs.get_run(session, current_actor(), run_id)
            page = render_template(
                "imports/run.html", run=run, preview=_preview(session, run), said=_said(run),
                refused=field_errors(error)[""],
            )  # fmt: skip
        return page, STATUS[type(error)]
    _work_on(run_id, size)
    return redirect(url_for("imports.show_page", run_id=run_id), 303)


@pages.post("/imports/<uuid:run_id>/cancel")
@requires(*runs.ANY_IMPORTER)
def submit_cancel(run_id: UUID) -> ResponseReturnValue:
    """Throw the file away."""
    with writing() as session:
        runs.cancel_run(session, current_actor(), run_id, now=db.utcnow())
    return redirect(url_for("imports.list_page"), 303)


@pages.get("/imports/<uuid:run_id>/errors.csv")
@requires(*runs.ANY_IMPORTER)
def download_errors(run_id: UUID) -> ResponseReturnValue:
    """The rows to mend, with what to mend."""
    with reading() as session:
        actor = current_actor()
        run = runs.get_run(session, actor, run_id)
        sheet = runs.sheet_of(run)
        problems = [problem_from(stored) for stored in run.errors]
        headings = {column.key: column.heading for column in KINDS[run.kind].columns}
        by_row: dict[int, list[str]] = {}
        for problem in problems:
            if problem.row is not None:
                where = headings.get(problem.column or "", problem.column or "")
                by_row.setdefault(problem.row, []).append(f"{where}: {_sentence(problem)}")
        said = {row: " ".join(sentences) for row, sentences in by_row.items()}
        audit.record(session, actor, "export", "import_run", run.id)
    return _file(error_rows(sheet, problems, said), "text/csv; charset=utf-8", "rader-med-fel.csv")


def _file(content: bytes, mime: str, name: str) -> Response:
    response = Response(content, mimetype=mime.partition(";")[0], content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _list_page(errors: dict[str, str]) -> str:
    actor = current_actor()
    allowed = [kind for kind, roles in runs.IMPORTERS.items() if actor.has_role(*roles)]
    with reading() as session:
        return render_template(
            "imports/list.html",
            runs=runs.list_runs(session, actor),
            kinds=[(kind, kind_words()[kind]) for kind in allowed],
            chosen=request.form.get("kind") or request.args.get("kind") or allowed[0],
            kind_words=kind_words(),
            state_words=state_words(),
            errors=errors,
        )


def kind_words() -> dict[str, str]:
    """What each kind is called."""
    return {
        "participants": _("Deltagare"),
        "employers": _("Arbetsgivare"),
        "offers": _("Erbjudanden"),
        "placements": _("Placeringar och anställningar"),
    }


def state_words() -> dict[RunState, tuple[str, str, str]]:
    """What each state is called, its colour and its icon."""
    return {
        RunState.WAITING: (_("Väntar på kontroll"), "plain", "clock"),
        RunState.CHECKING: (_("Kontrolleras"), "plain", "clock"),
        RunState.CHECKED: (_("Väntar på dig"), "havtorn", "file-check"),
        RunState.SAVING: (_("Sparas"), "plain", "save"),
        RunState.DONE: (_("Sparad"), "gran", "check"),
        RunState.FAILED: (_("Gick inte att läsa eller spara"), "lingon", "circle-x"),
        RunState.CANCELLED: (_("Avbruten"), "outline", "undo-2"),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell of the preview: what stands in it, what is wrong, what it becomes."""

    value: str
    errors: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What is wrong: the first sentence."""
        return _SENTENCE_END.split(self.errors[0], maxsplit=1)[0].removesuffix(".")

    @property
    def fix(self) -> str:
        """How to mend it, and what else is wrong with the cell."""
        return " ".join((*_SENTENCE_END.split(self.errors[0], maxsplit=1)[1:], *self.errors[1:]))


def _sentence(problem: Problem) -> str:
    said = str(_(problem.message))
    return said % problem.words if problem.words else said


def _said(run: ImportRun) -> list[str]:
    """What is wrong with the file as a whole, or with its headings."""
    found = []
    for stored in run.errors:
        problem = problem_from(stored)
        if problem.row is None or problem.row == 1:
            where = f"{problem.value or problem.column}: " if problem.column else ""
            found.append(f"{where}{_sentence(problem)}")
    return found


def _preview(session: Session, run: ImportRun) -> dict[str, Any]:
    sheet = runs.sheet_of(run)
    problems = [problem_from(stored) for stored in run.errors]
    of_rows = [p for p in problems if p.row is not None and p.row > 1]
    error_rows_ = sorted({p.row for p in of_rows if p.row is not None})
    changing = set(run.details.get("rows", {}).get("updated", []))
    view = request.args.get("view") or ("errors" if error_rows_ else "changes")
    chosen = {
        "errors": [row for row in sheet.rows if row.number in set(error_rows_)],
        "changes": [row for row in sheet.rows if row.number in changing],
    }.get(view, sheet.rows)
    page = page_number()
    rows = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    columns = _columns_shown(run.kind, of_rows, rows)
    cells = [_cells(row, sheet, run.kind, columns, of_rows) for row in rows]
    changes = _changes(session, run, sheet, rows) if view == "changes" else {}
    says_more = bool(changes) or any(row["other"] for row in cells)
    return {
        "view": view,
        "page": page,
        "pages": -(-len(chosen) // PAGE_SIZE),
        "columns": [
            _("Rad"),
            *(column.heading for column in columns),
            *([_("Raden")] if says_more else []),
        ],
        "says_more": says_more,
        "rows": cells,
        "changes": changes,
        "headings": {column.key: column.heading for column in KINDS[run.kind].columns},
        "error_count": run.details.get("errors", len(problems)),
        "error_rows": len(error_rows_),
        "changing": len(changing),
        "total": len(sheet.rows),
        "to_save": run.created + run.updated,
        "warnings": [_sentence(problem_from(stored)) for stored in run.warnings],
    }


def _columns_shown(kind: str, problems: list[Problem], rows: list[Row]) -> list[Column]:
    numbers = {row.number for row in rows}
    wrong = {problem.column for problem in problems if problem.row in numbers}
    wanted = {*_SHOWN[kind], *wrong}
    return [column for column in KINDS[kind].columns if column.key in wanted]


def _cells(
    row: Row, sheet: Sheet, kind: str, columns: list[Column], problems: list[Problem]
) -> dict[str, Any]:
    places = match_headings(sheet.headings, KINDS[kind].columns).places
    cells = {column.key: row.cells[place] for place, column in places.items()}
    said: dict[str | None, list[str]] = {}
    for problem in problems:
        if problem.row == row.number:
            said.setdefault(problem.column, []).append(_sentence(problem))
    shown = []
    for column in columns:
        value = str(cells.get(column.key, ""))
        if column.personal and value:
            value = _("(visas inte)")
        shown.append(Shown(value or _("(tomt)"), tuple(said.pop(column.key, ()))))
    return {"number": row.number, "cells": shown, "other": [s for many in said.values()
                                                           for s in many]}  # fmt: skip


def _changes(
    session: Session, run: ImportRun, sheet: Sheet, rows: list[Row]
) -> dict[int, dict[str, tuple[str, str]]]:
    """What the rows of this page change, as it stands now."""
    job = runs.job_of(session, run, today=local_date(db.utcnow()))
    kind, _book = job.open(session)
    headings = match_headings(sheet.headings, KINDS[run.kind].columns)
    planned = kind.plan(session, [parse_row(row, headings) for row in rows])
    return {plan.number: plan.changes for plan in planned.rows}
