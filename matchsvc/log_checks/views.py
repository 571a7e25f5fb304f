"""Pages of checks of the log: draw, judge, and the report."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import (
    asks_again,
    current_actor,
    day_of_request,
    reading,
    requires,
    writing,
)
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.log_checks import rules, wording
from matchsvc.log_checks.models import AuditSample
from matchsvc.log_checks.rules import MOST_LINES, REVIEWERS, Tally
from matchsvc.log_checks.schemas import DrawSampleSchema, JudgeReadingSchema, SamplePeriodSchema
from matchsvc.reports.exports import to_csv
from matchsvc.reports.shapes import Sheet
from matchsvc.swedish import add_months, local_date
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("log_checks", __name__, url_prefix="/audit", template_folder="templates")

_FAULTS = (Invalid, RuleViolation, Conflict)


@pages.get("/samples")
@requires(*REVIEWERS)
def show_samples() -> ResponseReturnValue:
    """The unit's samples, and a form that draws one."""
    return _overview({}), 200


def _overview(errors: dict[str, str]) -> str:
    first = add_months(day_of_request().replace(day=1), -1)
    last = day_of_request().replace(day=1) - timedelta(days=1)
    usual = {"size": "10", "from_on": first.isoformat(), "until_on": last.isoformat()}
    with reading() as session:
        return render_template(
            "log_checks/samples.html",
            tallies=rules.list_samples(session, current_actor()),
            wording=wording,
            kinds=[(kind.value, words) for kind, words in wording.KINDS.items()],
            typed={**usual, **request.form},
            most=MOST_LINES,
            errors=errors,
        )


@pages.post("/samples")
@requires(*REVIEWERS)
def submit_draw() -> ResponseReturnValue:
    """Draw a sample; chance alone says which lines."""
    try:
        data = load_form(DrawSampleSchema())
        with writing() as session:
            sample = rules.draw(
                session,
                current_actor(),
                **data,
                seed=secrets.token_hex(16),
                today=day_of_request(),
                now=db.utcnow(),
            )
            key = sample.id
    except _FAULTS as error:
        return _overview(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("log_checks.show_sample", sample_id=key, saved="drawn"), 303)


@pages.get("/samples/<uuid:sample_id>")
@requires(*REVIEWERS)
def show_sample(sample_id: UUID) -> ResponseReturnValue:
    """One sample with its lines; ``check=1`` draws it again with its seed and compares."""
    return _sample_page(sample_id, {}, None), 200


def _sample_page(sample_id: UUID, errors: dict[str, str], about: int | None) -> str:
    actor = current_actor()
    with reading() as session:
        sample = rules.get_sample(session, actor, sample_id)
        lines = rules.read_lines(session, actor, sample)
        check = request.method == "GET" and request.args.get("check") == "1"
        return render_template(
            "log_checks/sample.html",
            sample=sample,
            lines=lines,
            judged=sum(line.row.outcome is not None for line in lines),
            again=rules.draw_again(session, actor, sample) if check else None,
            wording=wording,
            outcomes=[(each.value, words) for each, words in wording.OUTCOMES.items()],
            day_of=local_date,
            errors=errors,
            about=about,
            form=request.form,
            saved=request.args.get("saved"),
        )


@pages.post("/samples/<uuid:sample_id>/lines/<int:number>")
@requires(*REVIEWERS)
def submit_judgement(sample_id: UUID, number: int) -> ResponseReturnValue:
    """Say what is thought of a line."""
    try:
        data = load_form(JudgeReadingSchema())
        with writing() as session:
            rules.judge(session, current_actor(), sample_id, number, **data, now=db.utcnow())
    except _FAULTS as error:
        return _sample_page(sample_id, field_errors(error), number), STATUS[type(error)]
    address = url_for("log_checks.show_sample", sample_id=sample_id, saved="judged")
    return redirect(f"{address}#rad-{number}", 303)


@pages.get("/samples/report")
@requires(*REVIEWERS)
def show_report() -> ResponseReturnValue:
    """What was drawn, judged and found, to print."""
    from_on, until_on = _period()
    with reading() as session:
        tallies = rules.list_samples(session, current_actor(), from_on=from_on, until_on=until_on)
        return render_template(
            "log_checks/report.html",
            tallies=tallies,
            totals=_totals(tallies),
            from_on=from_on,
            until_on=until_on,
            wording=wording,
            today=day_of_request(),
        ), 200


@pages.get("/samples/report.csv")
@requires(*REVIEWERS)
@asks_again(file=True)
def export_report() -> ResponseReturnValue:
    """The same as a file."""
    from_on, until_on = _period()
    with reading() as session:
        actor = current_actor()
        tallies = rules.list_samples(session, actor, from_on=from_on, until_on=until_on)
        audit.record(session, actor, "export", "audit_sample")
        content = to_csv([_sheet(tallies)])
    name = f"granskning-{from_on}-{until_on}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def _period() -> tuple[date, date]:
    """The days in the address; else this year so far and the months before it that make twelve."""
    asked: dict[str, Any] = load_query(SamplePeriodSchema())
    usual = add_months(day_of_request().replace(day=1), -12)
    return asked["from_on"] or usual, asked["until_on"] or day_of_request()


def _totals(tallies: list[Tally]) -> dict[str, int]:
    return {
        name: sum(getattr(each, name) for each in tallies)
        for name in ("drawn", "judged", "asked", "deviations")
    }


def _sheet(tallies: list[Tally]) -> Sheet:
    headings = [
        _("Urval"), _("Från"), _("Till och med"), _("Draget"), _("Av"), _("Bland"),
        _("Dragna"), _("Bedömda"), _("Frågade"), _("Ska utredas"), _("Frö"),
    ]  # fmt: skip
    rows: list[list[str | int | float | None]] = []
    for each in tallies:
        sample: AuditSample = each.sample
        rows.append(
            [
                str(wording.KINDS[sample.kind]),
                sample.from_on.isoformat(),
                sample.until_on.isoformat(),
                local_date(sample.drawn_at).isoformat(),
                each.drawn_by,
                sample.population,
                each.drawn,
                each.judged,
                each.asked,
                each.deviations,
                sample.seed,
            ]
        )
    return Sheet(_("Granskning av loggen"), headings, rows)
