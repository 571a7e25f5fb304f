"""The pages of indicators and of the work with employers: a quarter or a year."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.employers.views_labels import STATUS_CODES
from matchsvc.errors import N_, DomainError
from matchsvc.reports.counts import Period
from matchsvc.reports.engagement import engagement
from matchsvc.reports.indicators import indicators
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.page import share_row
from matchsvc.reports.period_reads import year_or_quarter
from matchsvc.reports.schemas import YearQuarterSchema
from matchsvc.reports.surveys_page import row_of
from matchsvc.reports.words import POPULATIONS
from matchsvc.swedish import local_date
from matchsvc.web.forms import form_values, load
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

indicator_pages = Blueprint("indicators", __name__)
YEARS_BACK = 5
QUARTERS = (
    ("1", N_("Januari till mars")),
    ("2", N_("April till juni")),
    ("3", N_("Juli till september")),
    ("4", N_("Oktober till december")),
)
WORKS = {
    "yes": N_("Fungerar"),
    "partly": N_("Fungerar delvis"),
    "no": N_("Fungerar inte"),
    None: N_("Inget svar än"),
}
KINDS = {
    "employment": N_("Anställning utan stöd"),
    "subsidised_employment": N_("Anställning med stöd"),
    "resource_employment": N_("Resursanställning"),
}


@indicator_pages.get("/reports/employers")
@requires(*READERS)
def show_engagement() -> ResponseReturnValue:
    """How the unit works with employers."""
    today = local_date(db.utcnow())
    period, errors, status = _asked(today)
    with reading() as session:
        told = engagement(session, current_actor(), period, today=today)
        page = render_template(
            "reports/employers.html",
            told=told,
            lost=[(STATUS_CODES[code] if code else None, n) for code, n in told.lost],
            errors=errors,
            choices=_choices(period, today),
        )
    return page, status


@indicator_pages.get("/reports/indicators")
@requires(*READERS)
def show_indicators() -> ResponseReturnValue:
    """What agencies and municipalities have asked to see."""
    today = local_date(db.utcnow())
    period, errors, status = _asked(today)
    language = language_of_reader()
    with reading() as session:
        told = indicators(session, current_actor(), period, today=today)
        groups = told.by_group
        page = render_template(
            "reports/indicators.html",
            told=told,
            questions=[row_of(part, each.words[language]) for _code, each, part in told.questions],
            work_near=[]
            if groups is None
            else [
                share_row(share, _(POPULATIONS[name]), highlight=name == "women_outside_europe")
                for name, share in groups.work_near.items()
            ],
            works=WORKS,
            kinds=KINDS,
            errors=errors,
            choices=_choices(period, today),
        )
    return page, status


def _asked(today: date) -> tuple[Period, dict[str, str], int]:
    """The period that the address asks for; what cannot be read is said, with this year."""
    schema = YearQuarterSchema()
    try:
        return year_or_quarter(load(schema, form_values(schema, request.args)), today), {}, 200
    except DomainError as error:
        return year_or_quarter({}, today), field_errors(error), STATUS[type(error)]


def _choices(period: Period, today: date) -> dict[str, Any]:
    year = period.start_date.year
    years = sorted({*range(today.year - YEARS_BACK, today.year + 1), year}, reverse=True)
    is_quarter = (period.end_date - period.start_date).days < 100  # noqa: PLR2004
    return {
        "years": [(str(each), str(each)) for each in years],
        "quarters": [(value, _(words)) for value, words in QUARTERS],
        "year": str(year),
        "quarter": str((period.start_date.month + 2) // 3) if is_quarter else "",
    }
