"""The page of flows and lead times by any groups: internal, never a file, and logged."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.errors import DomainError
from matchsvc.reports.counts import Period
from matchsvc.reports.cube import READERS, cube
from matchsvc.reports.cube_counts import LEADS, Asked
from matchsvc.reports.cube_page import DIMENSION_WORDS, shown_rows
from matchsvc.reports.schemas_cube import CubePageSchema
from matchsvc.reports.trend import quarters_until
from matchsvc.reports.views_funnel import followed_choices
from matchsvc.swedish import add_months, end_of_day, last_day_of_period, local_date
from matchsvc.web.forms import form_values, load
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader, month_words

cube_pages = Blueprint("cube", __name__)
MONTHS_BACK = 48


@cube_pages.get("/reports/cube")
@requires(*READERS)
def show_cube() -> ResponseReturnValue:
    """The table that was asked for; what cannot be shown is said, with the usual one."""
    errors: dict[str, str] = {}
    status = 200
    typed = {name: request.args.get(name, "") for name in CubePageSchema().fields}
    asked = usual = _usual()
    try:
        asked = _asked(usual)
    except DomainError as error:
        errors, status = field_errors(error), STATUS[type(error)]
    with reading() as session:
        actor = current_actor()
        try:
            made = cube(session, actor, asked)
        except DomainError as error:
            errors, status = field_errors(error), STATUS[type(error)]
            if status == 403:  # noqa: PLR2004
                raise
            made = cube(session, actor, usual)
        rows = shown_rows(session, made, _, language_of_reader())
        page = render_template(
            "reports/cube.html",
            made=made,
            rows=rows,
            measures=[f"cube_{name}" for name in made.total.counts],
            leads=[f"cube_{name}" for name in LEADS if name in made.total.leads],
            by=", ".join(_(DIMENSION_WORDS[name]) for name in made.asked.by),
            errors=errors,
            typed=typed,
            choices=_choices(made.asked),
        )
    return page, status


def _asked(usual: Asked) -> Asked:
    """What the address asks for.

    Raises:
        Invalid: months, groups or days that do not exist.
    """
    schema = CubePageSchema()
    said = load(schema, form_values(schema, request.args))
    end = said.get("end")
    return Asked(
        Period(
            said.get("start") or usual.period.start_date,
            last_day_of_period(end, 1) if end else usual.period.end_date,
        ),
        tuple(name for field in ("one", "two", "three") for name in said.get(field, ()))
        if request.args
        else usual.by,
        until=usual.until,
        months=said.get("months"),
        as_of=end_of_day(said["as_of"]) if "as_of" in said else None,
    )


def _usual() -> Asked:
    """The last four whole quarters, by sex and whether foreign-born."""
    today = local_date(db.utcnow())
    newest = quarters_until(today, 5)
    period = Period(newest[0].start_date, newest[3].end_date)
    return Asked(period, ("sex", "foreign_born"), until=today)


def _choices(asked: Asked) -> dict[str, Any]:
    this = local_date(db.utcnow()).replace(day=1)
    months = {add_months(this, -back) for back in range(MONTHS_BACK)}
    months |= {asked.period.start_date.replace(day=1), asked.period.end_date.replace(day=1)}
    offered = sorted(months, reverse=True)
    return {
        "months": [(f"{month:%Y-%m}", month_words(month, year=True)) for month in offered],
        "dimensions": [(name, _(words)) for name, words in DIMENSION_WORDS.items()],
        "followed": followed_choices(asked.months),
        "chosen": [*asked.by, "", "", ""][:3],
    }
