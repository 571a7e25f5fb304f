"""The page of gaps: what was asked, noted, given and judged, of a group beside everybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.errors import N_, DomainError
from matchsvc.participants.map_words import ORIENTATION
from matchsvc.reports import occupations
from matchsvc.reports.counts import Period
from matchsvc.reports.exposure import READERS as EXPOSURE_READERS
from matchsvc.reports.figures import Ratio
from matchsvc.reports.funnel import Compared
from matchsvc.reports.gaps import OUTSIDE, SHARES, Gap, Gaps, Need, gap_report
from matchsvc.reports.measures import REGISTRY
from matchsvc.reports.outcomes import INTERNAL_READERS, Share
from matchsvc.reports.page import Finding, share_row
from matchsvc.reports.schemas import FunnelPageSchema
from matchsvc.reports.trend import quarters_until
from matchsvc.reports.words import COMPARED
from matchsvc.swedish import add_months, last_day_of_period, local_date
from matchsvc.web.forms import form_values, load
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import month_words

gap_pages = Blueprint("gaps", __name__)
MONTHS_BACK = 48


@gap_pages.get("/reports/gaps")
@requires(*INTERNAL_READERS)
def show_gaps() -> ResponseReturnValue:
    """The gaps of a group; what cannot be shown is said."""
    schema, errors, status = FunnelPageSchema(), {}, 200
    period, group = _usual(), Compared.FOREIGN_BORN_WOMEN
    try:
        asked = load(schema, form_values(schema, request.args))
        group = asked["group"]
        first = asked.get("start") or period.start_date
        last = last_day_of_period(asked.get("end") or period.end_date.replace(day=1), 1)
        wanted = Period(first, last)
    except DomainError as error:
        errors, status, wanted = field_errors(error), STATUS[type(error)], period
    with reading() as session:
        actor = current_actor()
        try:
            found = gap_report(session, actor, wanted)
        except DomainError as error:
            errors, status = field_errors(error), STATUS[type(error)]
            if status == 403:  # noqa: PLR2004
                raise
            found = gap_report(session, actor, period)
        page = render_template(
            "reports/gaps.html",
            report=found,
            finding=finding(found, group),
            shares=[_row(gap, group) for gap in found.gaps if gap.name in SHARES],
            outside=_row(next(gap for gap in found.gaps if gap.name == OUTSIDE), group),
            outside_year=occupations.YEAR,
            means=[_row(gap, group) for gap in found.gaps if gap.means],
            needs=[_need_row(need, group) for need in found.needs],
            names=COMPARED[group],
            group=group.value,
            people=(found.people[group.value], found.people[f"others_than_{group}"]),
            measures=REGISTRY,
            errors=errors,
            choices=_choices(found.period),
            may_see_exposure=actor.has_role(*EXPOSURE_READERS),
        )
    return page, status


def finding(report: Gaps, group: Compared) -> Finding:
    """Which measure most certainly differs, without claiming why."""
    name = _(COMPARED[group][0])
    ratios = {gap.name: gap.ratios.get(group.value) for gap in report.gaps}
    known = {measure: ratio for measure, ratio in ratios.items() if ratio is not None}
    if not known:
        return Finding(N_("%(group)s: för få personer för att jämföra"), {"group": name})
    apart = {measure: ratio for measure, ratio in known.items() if _is_apart(ratio)}
    if not apart:
        return Finding(N_("%(group)s: inget av måtten skiljer säkert från andra"), {"group": name})
    measure, ratio = max(apart.items(), key=lambda each: _distance(each[1]))
    title = _(REGISTRY[measure].title)
    text = (
        N_("%(group)s har lägre tal än andra, mest i ”%(measure)s”")
        if ratio.value < 1
        else N_("%(group)s har högre tal än andra, mest i ”%(measure)s”")
    )
    return Finding(text, {"group": name, "measure": title})


def _is_apart(ratio: Ratio) -> bool:
    return ratio.interval.high < 1 or ratio.interval.low > 1


def _distance(ratio: Ratio) -> float:
    return max(ratio.value, 1 / ratio.value)


def _row(gap: Gap, group: Compared) -> dict[str, Any]:
    ratio = gap.ratios.get(group.value)
    pair = (group.value, f"others_than_{group}")
    return {
        "measure": REGISTRY[gap.name],
        "shares": _cells(gap.shares, pair),
        "means": [gap.means[each] for each in pair] if gap.means else [],
        "ratio": ratio,
        "is_apart": ratio is not None and _is_apart(ratio),
    }


def _need_row(need: Need, group: Compared) -> dict[str, Any]:
    pair = (group.value, f"others_than_{group}")
    orientation = need.orientation
    return {
        "title": ORIENTATION[orientation] if orientation else _("Inte bedömt"),
        "assessed": _cells(need.assessed, pair),
        "given": _cells(need.given, pair),
        "ratio": need.ratios.get(group.value),
        "is_judged": orientation is not None,
        "is_told": group.value in need.assessed,
        "has_any": orientation is not None and any(each.n for each in need.assessed.values()),
    }


def _cells(shares: Mapping[str, Share], groups: Sequence[str]) -> list[dict[str, Any] | None]:
    """One cell a group; None where the group is not told."""
    return [
        {"nobody": shares[each].of == 0} | share_row(shares[each], "") if each in shares else None
        for each in groups
    ]


def _usual() -> Period:
    """The last four whole quarters."""
    newest = quarters_until(local_date(db.utcnow()), 5)
    return Period(newest[0].start_date, newest[3].end_date)


def _choices(period: Period) -> dict[str, Any]:
    this = local_date(db.utcnow()).replace(day=1)
    months = {add_months(this, -back) for back in range(MONTHS_BACK)}
    months |= {period.start_date.replace(day=1), period.end_date.replace(day=1)}
    offered = [(f"{month:%Y-%m}", month_words(month, year=True)) for month in sorted(months)]
    return {
        "months": offered[::-1],
        "groups": [(each.value, _(COMPARED[each][0])) for each in Compared],
    }
