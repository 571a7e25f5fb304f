"""The pages of the quarterly report: choose, write, freeze, read, take away."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, NotFound, RuleViolation
from matchsvc.reports import quarterly, quarterly_page
from matchsvc.reports.exports import to_csv, to_xlsx
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.pictures.picture import to_svg
from matchsvc.reports.pictures.told import months_of
from matchsvc.reports.quarterly import Opened, quarter_of
from matchsvc.reports.quarterly_content import figures_checksum
from matchsvc.reports.quarterly_models import ReportState
from matchsvc.reports.quarterly_pictures import pictures_of
from matchsvc.reports.quarterly_quality import WRITERS, endings_to_mend, quality_of
from matchsvc.reports.quarterly_schemas import BeginQuarterlySchema, NotesFormSchema
from matchsvc.reports.quarterly_subscriptions import subscribe, subscribes
from matchsvc.reports.quarterly_words import QUALITY, SECTIONS
from matchsvc.reports.quarters import code_of, ended_quarters, words_of
from matchsvc.reports.views_pictures import drawn, picture_answer
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.papers import printable, render_pdf
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import day_words, language_of_reader

quarterly_pages = Blueprint("quarterly", __name__, url_prefix="/reports/quarterly")
TEMPLATE = Path(__file__).parent / "papers" / "quarterly.typ"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Where each thing to mend is mended; what has no list has none on purpose.
_LISTS = {
    "late_follow_ups": "follow_ups.show_late",
    "beyond_decision": "placements.list_",
    "past_end": "employments.list_",
}


@quarterly_pages.get("")
@requires(*READERS)
def show_list() -> ResponseReturnValue:
    """The unit's reports by quarter, and whether the reader is told of the next one."""
    today = local_date(db.utcnow())
    with reading() as session:
        actor = current_actor()
        rows = quarterly.list_reports(session, actor)
        return render_template(
            "reports/quarterly_list.html",
            rows=rows,
            words_of=words_of,
            may_write=actor.has_role(*WRITERS),
            choices=[
                (code_of(each.start_date), words_of(each.start_date))
                for each in ended_quarters(today, 8)
            ],
            subscribes=subscribes(session, actor),
            frozen=ReportState.FROZEN,
        )


@quarterly_pages.post("")
@requires(*WRITERS)
def submit_begin() -> ResponseReturnValue:
    """Begin a draft, or open the one that is there."""
    quarter = load_form(BeginQuarterlySchema())["quarter"]
    with writing() as session:
        row = quarterly.begin_report(
            session, current_actor(), quarter, today=local_date(db.utcnow())
        )
        report_id = row.id
    return redirect(url_for(".show", report_id=report_id), 303)


@quarterly_pages.post("/subscription")
@requires(*READERS)
def submit_subscription() -> ResponseReturnValue:
    """Be told when a quarter has ended, or no more."""
    with writing() as session:
        subscribe(session, current_actor(), wanted=request.form.get("wanted") == "yes")
    return redirect(url_for(".show_list") + "#besked", 303)


@quarterly_pages.get("/<uuid:report_id>")
@requires(*READERS)
def show(report_id: UUID) -> ResponseReturnValue:
    """A report: frozen as it was, a draft as it is counted now, with places for notes."""
    return _page(report_id)


@quarterly_pages.post("/<uuid:report_id>")
@requires(*WRITERS)
def submit(report_id: UUID) -> ResponseReturnValue:
    """Save the notes; and freeze the report, when that button was pressed."""
    now = db.utcnow()
    today = local_date(now)
    typed = {name: request.form.get(f"note_{name}", "") for name in SECTIONS}
    try:
        form = load_form(NotesFormSchema(), ignore=("do",))
        with writing() as session:
            actor = current_actor()
            notes = {
                name: (form[f"note_{name}"], form[f"version_{name}"])
                for name in SECTIONS
                if f"version_{name}" in form
            }
            quarterly.save_notes(session, actor, report_id, notes, today=today)
            if request.form.get("do") == "freeze":
                quarterly.freeze_report(
                    session, actor, report_id, read=form["read"], today=today, now=now
                )
    except (Conflict, Invalid, RuleViolation) as error:
        return _page(report_id, typed=typed, error=error)
    return redirect(url_for(".show", report_id=report_id, saved=1), 303)


def _page(
    report_id: UUID,
    *,
    typed: dict[str, str] | None = None,
    error: Conflict | Invalid | RuleViolation | None = None,
) -> ResponseReturnValue:
    today = local_date(db.utcnow())
    with reading() as session:
        actor = current_actor()
        opened = quarterly.open_report(session, actor, report_id, today=today)
        quarter = quarter_of(opened.row)
        quality = None if opened.is_frozen else quality_of(session, actor, quarter, today=today)
        page = render_template(
            "reports/quarterly.html",
            opened=opened,
            quarter=quarter,
            title=words_of(opened.row.starts_on),
            sections=quarterly_page.sections_of(opened.content, _),
            findings=quarterly_page.findings_of(opened.content, _),
            changes=quarterly_page.changes_of(opened.content, _),
            definitions=quarterly_page.definitions_of(opened.content, _),
            drawn=drawn,
            notes={} if opened.is_frozen else {n.section: n for n in opened.row.notes},
            typed=typed or {},
            theirs=[
                {"label": _(SECTIONS[name]), "theirs": said, "mine": (typed or {}).get(name)}
                for name, said in (error.theirs if isinstance(error, Conflict) else {}).items()
            ],
            errors=field_errors(error) if error and not isinstance(error, Conflict) else {},
            quality=_quality_rows(quality, opened.row.id),
            read=figures_checksum(opened.content),
            may_write=actor.has_role(*WRITERS),
            saved="saved" in request.args and error is None,
            code=code_of(opened.row.starts_on),
        )
    return page, STATUS[type(error)] if error else 200


def _quality_rows(quality: dict[str, int | None] | None, report_id: UUID) -> list[dict[str, Any]]:
    """What is to be mended, the page of each where there is one that the reader may open."""
    rows = []
    for code, count in (quality or {}).items():
        if count == 0:
            continue
        href = url_for(_LISTS[code]) if code in _LISTS else None
        if code == "no_destination":
            href = url_for(".show_endings", report_id=report_id)
        text, how = QUALITY[code]
        rows.append({"text": _(text), "how": _(how), "count": count, "href": href})
    return rows


@quarterly_pages.get("/<uuid:report_id>/endings")
@requires(*WRITERS)
def show_endings(report_id: UUID) -> ResponseReturnValue:
    """The cases that ended in the quarter without a destination."""
    today = local_date(db.utcnow())
    with reading() as session:
        actor = current_actor()
        row = quarterly.find_report(session, actor, report_id)
        return render_template(
            "reports/quarterly_endings.html",
            row=row,
            title=words_of(row.starts_on),
            endings=endings_to_mend(session, actor, quarter_of(row), today=today),
        ), 200


@quarterly_pages.get(
    "/<uuid:report_id>/<any('trend', 'groups', 'funnel', 'lead-times', 'way'):name>"
    ".<any(svg, png):kind>"
)
@requires(*READERS)
def show_picture(report_id: UUID, name: str, kind: str) -> ResponseReturnValue:
    """A picture of a report as a file; logged as an export."""
    with reading() as session:
        actor = current_actor()
        opened = quarterly.open_report(session, actor, report_id, today=local_date(db.utcnow()))
        audit.record(session, actor, "export", "quarterly_report", report_id, fields=[name, kind])
    return picture_answer(pictures_of(opened.content, _)[name], kind, saves=True)


@quarterly_pages.get("/<uuid:report_id>/report.<any(pdf, xlsx, csv):kind>")
@requires(*READERS)
def export(report_id: UUID, kind: str) -> ResponseReturnValue:
    """A frozen report as a file; logged as an export."""
    now = db.utcnow()
    with reading() as session:
        actor = current_actor()
        opened = quarterly.open_report(session, actor, report_id, today=local_date(now))
        if not opened.is_frozen:
            raise NotFound("quarterly_report")
        audit.record(session, actor, "export", "quarterly_report", report_id, fields=[kind])
    name = f"kvartalsrapport-{code_of(opened.row.starts_on)}-{opened.row.number}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if kind == "pdf":
        made = render_pdf(TEMPLATE, _paper(opened), made_at=opened.row.frozen_at or now)
        return Response(made, mimetype="application/pdf", headers=headers)
    sheets = quarterly_page.report_sheets(opened.content, _about(opened), _)
    if kind == "csv":
        return Response(to_csv(sheets), content_type="text/csv; charset=utf-8", headers=headers)
    return Response(to_xlsx(sheets), content_type=_XLSX, headers=headers)


def _about(opened: Opened) -> list[tuple[str, str]]:
    row = opened.row
    return [
        (_("Enhet"), opened.content["unit"]),
        (_("Kvartal"), words_of(row.starts_on)),
        (_("Version"), str(row.number)),
        (_("Fryst"), day_words(row.frozen_at, year=True)),
        (_("Kontrollsumma (SHA-256)"), row.checksum or ""),
    ]


def _paper(opened: Opened) -> dict[str, Any]:
    """What the paper says; every text as our fonts can print it."""

    def said(text: str) -> str:
        return printable(text) or ""

    content, row = opened.content, opened.row
    frozen = day_words(row.frozen_at, year=True)
    title = _("Kvartalsrapport %(quarter)s", quarter=code_of(row.starts_on).replace("-", " K"))
    return {
        "title": title,
        "about": _("Inflöde, väg, resultat och likvärdighet under ett kvartal"),
        "lang": language_of_reader(),
        "page": _("Sida"),
        "of": _("av"),
        "unit": said(content["unit"]),
        "municipality": said(content["municipality"]),
        "owner": _("Version %(number)s", number=row.number),
        "contact": _(
            "Fryst %(day)s, SHA-256 %(checksum)s …", day=frozen, checksum=(row.checksum or "")[:16]
        ),
        "period": months_of(quarter_of(row), _),
        "findings_title": _("Det viktigaste"),
        "findings": [said(each) for each in quarterly_page.findings_of(content, _)],
        "changes_title": _("Ändrat sedan den förra versionen"),
        "changes": [said(each) for each in quarterly_page.changes_of(content, _)],
        "measure": _("Mått"),
        "note_title": _("Chefens anteckning"),
        "sections": [
            {
                "title": said(section.title),
                "columns": list(section.columns),
                "rows": [
                    {"title": said(line.title), "cells": [said(cell) for cell in line.cells]}
                    for line in section.lines
                ],
                "pictures": [
                    {"svg": to_svg(picture), "alt": said(f"{picture.title}. {picture.description}")}
                    for picture in section.pictures
                    if not picture.is_empty
                ],
                "undrawn": [
                    said(picture.title) for picture in section.pictures if picture.is_empty
                ],
                "text": said(section.text),
                "note": [said(each) for each in section.note.splitlines() if each.strip()],
            }
            for section in quarterly_page.sections_of(content, _)
        ],
        "hidden_title": _("Dolda tal"),
        "hidden_word": _("Dolt"),
        "hidden": _(
            "betyder färre än 5 personer, eller ett tal som annars går att räkna ut. Ingen ska "
            "kunna pekas ut."
        ),
        "definitions_title": _("Så räknas det"),
        "definitions": [
            {name: said(text) for name, text in each.items()}
            for each in quarterly_page.definitions_of(content, _)
        ],
        "formula": _("Formel"),
        "source": _("Källa"),
        "sum_title": _("Fryst och kontrollerad"),
        "sum_text": _(
            "Rapporten frystes %(day)s. Den ändras inte när uppgifter ändras. Kontrollsumman "
            "nedan är gjord på allt som står i den.",
            day=frozen,
        ),
        "checksum": row.checksum or "",
    }
