"""The report on surveys: what employers and participants answered in a year, counted."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.placements.views_links import words_of
from matchsvc.reports import surveys_page
from matchsvc.reports.exports import to_csv, to_xlsx
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.surveys import WEAK_ANSWERS, WEAK_RATE, free_texts, survey_report, years_of
from matchsvc.swedish import local_date
from matchsvc.web.words import language_of_reader

survey_report_pages = Blueprint("surveys", __name__)
_FILES = {
    "csv": ("text/csv; charset=utf-8", to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
}


def _year(years: list[int]) -> int:
    """The year that the address asks for, when there is such a one, else the latest."""
    asked = request.args.get("year", "")
    return int(asked) if asked in {str(each) for each in years} else years[0]


@survey_report_pages.get("/reports/surveys")
@requires(*READERS)
def show_surveys() -> ResponseReturnValue:
    """A year's answers, with how many answered beside every figure."""
    today = local_date(db.utcnow())
    language = language_of_reader()
    with reading() as session:
        actor = current_actor()
        years = years_of(session, actor, today=today)
        year = _year(years)
        report = survey_report(session, actor, year, today=today)
        return render_template(
            "reports/surveys.html",
            report=report,
            years=years,
            language=language,
            bars=surveys_page.bars,
            choices=surveys_page.choices,
            row_of=surveys_page.row_of,
            packages=surveys_page.group_rows(report.packages, _),
            sectors=surveys_page.group_rows(report.sectors, _),
            sizes=surveys_page.group_rows(report.sizes, _),
            endings=surveys_page.group_rows(report.endings, _),
            channel_words=surveys_page.CHANNELS,
            texts=free_texts(session, actor, year),
            words_of=words_of,
            weak=(WEAK_RATE, WEAK_ANSWERS),
        ), 200


@survey_report_pages.get("/reports/surveys.<any(csv, xlsx):kind>")
@requires(*READERS)
def export_surveys(kind: str) -> ResponseReturnValue:
    """The questions as a file, without free text; logged as an export."""
    today = local_date(db.utcnow())
    with reading() as session:
        actor = current_actor()
        year = _year(years_of(session, actor, today=today))
        report = survey_report(session, actor, year, today=today)
        audit.record(session, actor, "export", "report_surveys", fields=[str(year)])
        kind_of_file, write = _FILES[kind]
        content = write(surveys_page.report_sheets(report, _, language_of_reader()))
    headers = {"Content-Disposition": f'attachment; filename="enkater-{year}.{kind}"'}
    return Response(content, content_type=kind_of_file, headers=headers)
