"""Pictures of a period as files: SVG and PNG, by the same rules as the pages they belong to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.accounts.models import Unit
from matchsvc.errors import DomainError, NotFound
from matchsvc.reports import quarterly_sources as sources
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.pictures import told
from matchsvc.reports.pictures.files import to_png, with_letters
from matchsvc.reports.pictures.picture import Picture, to_svg
from matchsvc.reports.published_figures import OURS, read_figures
from matchsvc.reports.quarterly_schemas import PicturePageSchema
from matchsvc.reports.quarters import code_of, ended_quarters, words_of
from matchsvc.reports.trend import quarters_until
from matchsvc.swedish import local_date
from matchsvc.web.forms import form_values, load
from matchsvc.web.problems import STATUS, field_errors

picture_pages = Blueprint("pictures", __name__)
_NAME = "<any('trend', 'groups', 'funnel', 'lead-times', 'way'):name>"


@picture_pages.get("/reports/pictures")
@requires(*READERS)
def show_pictures() -> ResponseReturnValue:
    """All pictures of a period, each with its table and its files."""
    errors: dict[str, str] = {}
    status = 200
    try:
        period = _period()
        made = _make_all(period)
    except DomainError as error:
        errors, status = field_errors(error), STATUS[type(error)]
        if status == 403:  # noqa: PLR2004
            raise
        period = _usual()
        made = _make_all(period)
    address = _address(period)
    page = render_template(
        "reports/pictures.html",
        pictures=[(each, drawn(each)) for each in made],
        address=address,
        period=period,
        errors=errors,
        choices=[
            (code_of(each.start_date), words_of(each.start_date))
            for each in ended_quarters(local_date(db.utcnow()))
        ],
    )
    return page, status


@picture_pages.get(f"/reports/pictures/{_NAME}.<any(svg, png):kind>")
@requires(*READERS)
def show_picture(name: str, kind: str) -> ResponseReturnValue:
    """One picture of a period; as a file to keep when ``save`` is asked for, which is logged."""
    period = _period()
    actor = current_actor()
    saves = "save" in request.args
    with reading() as session:
        picture = make_picture(session, actor, name, period)
        if picture is None:
            raise NotFound("picture")
        if saves:
            audit.record(session, actor, "export", "report_picture", fields=[name, kind])
    return picture_answer(picture, kind, saves=saves)


def drawn(picture: Picture) -> Markup:
    """A picture as part of a page."""
    # Made of shapes with escaped words alone; nothing that anybody typed is markup in it.
    return Markup(to_svg(picture))  # noqa: S704


def picture_answer(picture: Picture, kind: str, *, saves: bool) -> Response:
    """A picture as an answer: in a page, or as a file with a name that says what and nobody."""
    svg = to_svg(picture)
    if kind == "png":
        content, content_type = to_png(svg), "image/png"
    else:
        content, content_type = with_letters(svg).encode(), "image/svg+xml; charset=utf-8"
    answer = Response(content, content_type=content_type)
    if saves:
        answer.headers["Content-Disposition"] = f'attachment; filename="{picture.name}.{kind}"'
    # The letters are inside the picture; it may fetch nothing and run nothing.
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
    )
    return answer


def make_picture(session: Session, actor: Actor, name: str, period: Period) -> Picture | None:
    """One picture of a period; None when there is nothing to draw yet.

    What is told by sex or region of birth is what has been published.

    Raises:
        Refused, Invalid, RuleViolation: as the report it is of.
    """
    unit = session.get(Unit, actor.unit_id) if actor.unit_id else None
    return _MAKERS[name](session, actor, period, unit.name if unit else _("Alla enheter"))


def _trend(session: Session, actor: Actor, period: Period, unit: str) -> Picture:
    points = read_figures(session, actor).points(period.end_date)
    return told.trend_picture(points, unit, _)


def _groups(session: Session, actor: Actor, period: Period, unit: str) -> Picture | None:
    found = read_figures(session, actor).groups(_newest(period))
    return None if found is None else told.groups_picture(found[1], found[0], unit, _)


def _funnel(session: Session, actor: Actor, period: Period, unit: str) -> Picture | None:
    found = read_figures(session, actor).funnel(_newest(period))
    if found is None:
        return None
    gap = told.gap_finding(OURS, found.gap, can_compare=found.can_compare, words=_)
    return told.funnel_picture(
        found.steps, _(gap.text) % gap.values, found.period, found.until, unit, _
    )


def _newest(period: Period) -> date:
    """How far people had come is published of whole years: the newest, whatever is shown."""
    return max(local_date(db.utcnow()), period.end_date)


def _times(session: Session, actor: Actor, period: Period, unit: str) -> Picture:
    return told.times_picture(sources.times_of(session, actor, period), period, unit, _)


def _way(session: Session, actor: Actor, period: Period, unit: str) -> Picture:
    return told.way_picture(sources.stands_of(session, actor, period), period, unit, _)


_MAKERS: dict[str, Callable[[Session, Actor, Period, str], Picture | None]] = {
    "trend": _trend,
    "groups": _groups,
    "funnel": _funnel,
    "lead-times": _times,
    "way": _way,
}


def _make_all(period: Period) -> list[Picture]:
    with reading() as session:
        made = [make_picture(session, current_actor(), name, period) for name in told.NAMES]
    return [picture for picture in made if picture is not None]


def _period() -> Period:
    """What the address asks for: whole quarters.

    Raises:
        Invalid: a quarter that does not exist, or the last before the first.
    """
    schema = PicturePageSchema()
    asked = load(schema, form_values(schema, request.args))
    usual = _usual()
    first, last = asked.get("start"), asked.get("end")
    return Period(
        first.start_date if first else usual.start_date, last.end_date if last else usual.end_date
    )


def _usual() -> Period:
    """The last four whole quarters."""
    newest = quarters_until(local_date(db.utcnow()), 5)
    return Period(newest[0].start_date, newest[3].end_date)


def _address(period: Period) -> dict[str, Any]:
    return {"from": code_of(period.start_date), "to": code_of(period.end_date)}
