"""The report "Resultat och likvärdighet" and its exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires
from matchsvc.errors import DomainError
from matchsvc.reports import page
from matchsvc.reports.counts import PERSONAL, Period
from matchsvc.reports.exports import to_csv, to_xlsx
from matchsvc.reports.lists import TAKERS as LIST_TAKERS
from matchsvc.reports.lists import make_list
from matchsvc.reports.measures import REGISTRY, TERMS
from matchsvc.reports.national import national_share
from matchsvc.reports.outcomes import (
    INTERNAL_READERS,
    MENDERS,
    READERS,
    check_export,
    check_request,
    outcome_report,
)
from matchsvc.reports.packages import package_shares
from matchsvc.reports.plan_times import plan_times
from matchsvc.reports.schemas import PeriodSchema
from matchsvc.reports.shapes import report_sheets
from matchsvc.reports.trend import quarterly_shares, quarters_until
from matchsvc.reports.views_cube import cube_pages
from matchsvc.reports.views_definitions import definition_pages
from matchsvc.reports.views_funnel import funnel_pages
from matchsvc.reports.views_gaps import gap_pages
from matchsvc.reports.views_indicators import indicator_pages
from matchsvc.reports.views_pictures import picture_pages
from matchsvc.reports.views_published import more_for, published_pages
from matchsvc.reports.views_quarterly import quarterly_pages
from matchsvc.reports.views_surveys import survey_report_pages
from matchsvc.reports.views_weights import weight_pages
from matchsvc.reports.words import DIMENSION_WORDS
from matchsvc.swedish import add_months, join_words, last_day_of_period, local_date
from matchsvc.web.forms import form_values, load
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import month_words

pages = Blueprint("reports", __name__, template_folder="templates")
pages.register_blueprint(weight_pages)
pages.register_blueprint(funnel_pages)
pages.register_blueprint(published_pages)
pages.register_blueprint(gap_pages)
pages.register_blueprint(cube_pages)
pages.register_blueprint(survey_report_pages)
pages.register_blueprint(definition_pages)
pages.register_blueprint(indicator_pages)
pages.add_app_template_global(REGISTRY.__getitem__, "measure_of")
pages.register_blueprint(picture_pages)
pages.register_blueprint(quarterly_pages)

MONTHS_BACK = 48
GROUPINGS = (
    PERSONAL,
    ("sex",),
    ("birth_region",),
    ("employer",),
    ("agreement",),
    ("unit",),
    ("agreement", "sex"),
)
FILES = {
    "csv": ("text/csv; charset=utf-8", to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader wants to see: whole months, and the groups of the table."""

    period: Period
    by: tuple[str, ...]

    @property
    def address(self) -> dict[str, str]:
        """The same as parts of an address."""
        return {
            "from": f"{self.period.start_date:%Y-%m}",
            "to": f"{self.period.end_date:%Y-%m}",
            "by": ",".join(self.by),
        }


@pages.get("/reports")
@requires(*READERS)
def show_outcomes() -> ResponseReturnValue:
    """Results and equity of a period; what cannot be shown is said, with the usual period.

    Free periods are internal: who does not lead or check is led to what is published.
    """
    if not current_actor().has_role(*INTERNAL_READERS):
        return redirect(url_for("reports.published.show_published"), 303)
    errors: dict[str, str] = {}
    status = 200
    try:
        wish = _wish()
    except DomainError as error:
        errors, status = field_errors(error), STATUS[type(error)]
        wish = _usual()
    with reading() as session:
        actor = current_actor()
        report = outcome_report(session, actor, wish.period, by=wish.by)
        points = quarterly_shares(session, actor, wish.period)
        times = plan_times(session, actor, wish.period)
        package = package_shares(session, actor, wish.period)
        national = national_share(session, actor, wish.period)
        text = render_template(
            "reports/outcomes.html",
            report=report,
            wish=wish,
            errors=errors,
            points=points,
            times=times,
            package=package,
            national=national,
            finding=page.finding(report),
            group_finding=page.group_finding(report, _),
            bars=page.bars(report, _),
            rows=page.table_rows(report, _),
            lines=page.lines(points, _),
            explanations=page.explanations(report),
            all_rate=page.share_row(report.rate("to_work"), "", highlight=False),
            terms={each.name: each for each in TERMS},
            choices=_choices(wish),
            may_mend=actor.has_role(*MENDERS),
            more=more_for(actor),
        )
    return text, status


@pages.get("/reports/outcomes.<any(csv, xlsx):kind>")
@requires(*INTERNAL_READERS)
def export_outcomes(kind: str) -> ResponseReturnValue:
    """The report's tables as a file, of whole quarters or years; logged as an export."""
    wish = _wish()
    check_export(wish.period, wish.by)
    actor = current_actor()
    with reading() as session:
        report = outcome_report(session, actor, wish.period, by=wish.by)
        audit.record(session, actor, "export", "report_outcomes", fields=wish.by)
        kind_of_file, write = FILES[kind]
        content = write(report_sheets(report, _))
    name = f"resultat-{wish.address['from']}-{wish.address['to']}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=kind_of_file, headers=headers)


@pages.get(
    "/exports/<any(employers, offers, participants, placements, proposals, tasks):kind>.xlsx"
)
@requires(*LIST_TAKERS)
@asks_again(file=True)
def export_list(kind: str) -> ResponseReturnValue:
    """A list as a workbook; logged as an export."""
    today = local_date(db.utcnow())
    with reading() as session:
        content = to_xlsx([make_list(session, current_actor(), kind, today=today)])
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{today}.xlsx"'}
    return Response(content, content_type=FILES["xlsx"][0], headers=headers)


def _wish() -> Wish:
    """What the address asks for.

    Raises:
        Invalid: months or groups that do not exist.
        RuleViolation: too short a period for region of birth.
    """
    schema = PeriodSchema()
    asked = load(schema, form_values(schema, request.args))
    usual = _usual()
    end = asked.get("end") or usual.period.end_date.replace(day=1)
    wish = Wish(
        Period(asked.get("start") or usual.period.start_date, last_day_of_period(end, 1)),
        asked.get("by") or usual.by,
    )
    check_request(wish.period, wish.by)
    return wish


def _usual() -> Wish:
    """The last four whole quarters, by sex and region of birth."""
    newest = quarters_until(local_date(db.utcnow()), 5)
    return Wish(Period(newest[0].start_date, newest[3].end_date), PERSONAL)


def _choices(wish: Wish) -> dict[str, list[tuple[str, str]]]:
    """What the page's three choices offer; always what was asked for too."""
    this = local_date(db.utcnow()).replace(day=1)
    months = {add_months(this, -back) for back in range(MONTHS_BACK)}

    def offered(chosen: date) -> list[tuple[str, str]]:
        every = sorted(months | {chosen.replace(day=1)}, reverse=True)
        return [(f"{month:%Y-%m}", month_words(month, year=True)) for month in every]

    groupings = dict.fromkeys((*GROUPINGS, wish.by))
    return {
        "months_from": offered(wish.period.start_date),
        "months_to": offered(wish.period.end_date),
        "groupings": [(",".join(by), _grouping_title(by)) for by in groupings],
    }


def _grouping_title(by: tuple[str, ...]) -> str:
    return join_words((_(DIMENSION_WORDS[name]).lower() for name in by), _("och")).capitalize()
