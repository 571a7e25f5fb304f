"""The page of the equity funnel: who is still there at each step, and where the ways part."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.errors import DomainError
from matchsvc.reports.counts import Period
from matchsvc.reports.funnel import Compared, Funnel, equity_funnel
from matchsvc.reports.measures import REGISTRY
from matchsvc.reports.outcomes import INTERNAL_READERS, READERS
from matchsvc.reports.page import Finding, share_row
from matchsvc.reports.pictures.told import gap_finding
from matchsvc.reports.schemas import FunnelPageSchema
from matchsvc.reports.trend import quarters_until
from matchsvc.reports.words import COMPARED
from matchsvc.swedish import add_months, end_of_day, last_day_of_period, local_date
from matchsvc.web.forms import form_values, load
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import month_words

funnel_pages = Blueprint("funnel", __name__)
MONTHS_BACK = 48
FOLLOWED = (3, 6, 12, 18, 24, 36)


@funnel_pages.get("/reports/funnel")
@requires(*READERS)
def show_funnel() -> ResponseReturnValue:
    """The funnel of a group beside everybody else; what cannot be shown is said.

    Internal as all free periods are: others are led to the published funnel.
    """
    if not current_actor().has_role(*INTERNAL_READERS):
        return redirect(url_for("reports.published.show_published"), 303)
    schema, errors, status = FunnelPageSchema(), {}, 200
    period, group = _usual(), Compared.FOREIGN_BORN_WOMEN
    followed: dict[str, Any] = {}
    try:
        asked = load(schema, form_values(schema, request.args))
        group = asked["group"]
        first = asked.get("start") or period.start_date
        last = last_day_of_period(asked.get("end") or period.end_date.replace(day=1), 1)
        wanted = Period(first, last)
        at = asked["as_of"]
        followed = {"months": asked["months"], "as_of": end_of_day(at) if at else None}
    except DomainError as error:
        errors, status, wanted = field_errors(error), STATUS[type(error)], period
    today = local_date(db.utcnow())
    with reading() as session:
        actor = current_actor()
        try:
            until = max(today, wanted.end_date)
            found = equity_funnel(session, actor, wanted, until=until, **followed)
        except DomainError as error:
            errors, status = field_errors(error), STATUS[type(error)]
            if status == 403:  # noqa: PLR2004
                raise
            found = equity_funnel(session, actor, period, until=max(today, period.end_date))
        page = render_template(
            "reports/funnel.html",
            funnel=found,
            finding=finding(found, group),
            rows=_rows(found, group),
            names=COMPARED[group],
            group=group.value,
            errors=errors,
            choices=_choices(found),
            as_of=request.args.get("as_of", ""),
        )
    return page, status


def finding(funnel: Funnel, group: Compared) -> Finding:
    """Where the group most certainly loses more than everybody else, without claiming why."""
    step = funnel.widest_gap(group)
    return gap_finding(
        group, step.name if step else None, can_compare=funnel.can_compare(group), words=_
    )


def _rows(funnel: Funnel, group: Compared) -> list[dict[str, Any]]:
    gap = funnel.widest_gap(group)
    return [
        {
            "measure": REGISTRY[f"funnel_{step.name}"],
            "ours": share_row(step.of_enrolled[group], "", highlight=True),
            "others": share_row(step.of_enrolled[f"others_than_{group}"], "", highlight=False),
            "ratio": step.ratios.get(group),
            "is_first": step.name == "enrolled",
            "is_gap": step is gap,
        }
        for step in funnel.steps
    ]


def _usual() -> Period:
    """Enrolled in the four quarters before the last whole year: most have had time."""
    newest = quarters_until(local_date(db.utcnow()), 9)
    return Period(newest[0].start_date, newest[7].end_date)


def followed_choices(chosen: int | None) -> list[tuple[str, str]]:
    """For how long everybody can be followed; always what was chosen too."""
    every = sorted({*FOLLOWED, *([chosen] if chosen else [])})
    return [(str(n), _("Exakt %(n)s månader", n=n)) for n in every]


def _choices(funnel: Funnel) -> dict[str, Any]:
    period = funnel.period
    this = local_date(db.utcnow()).replace(day=1)
    months = {add_months(this, -back) for back in range(MONTHS_BACK)}
    months |= {period.start_date.replace(day=1), period.end_date.replace(day=1)}
    offered = [(f"{month:%Y-%m}", month_words(month, year=True)) for month in sorted(months)]
    return {
        "months": offered[::-1],
        "groups": [(each.value, _(COMPARED[each][0])) for each in Compared],
        "followed": followed_choices(funnel.months),
    }
