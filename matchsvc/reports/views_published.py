"""The page of what may be published, and its files: frozen figures, the same for everybody."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.participants.models import Programme
from matchsvc.placements.models import PlacementForm
from matchsvc.reports.exports import to_csv, to_xlsx
from matchsvc.reports.exposure import READERS as EXPOSURE_READERS
from matchsvc.reports.measures import REGISTRY, title_of
from matchsvc.reports.outcomes import INTERNAL_READERS, MENDERS, READERS, Share
from matchsvc.reports.page import share_row
from matchsvc.reports.published import Published, read_published
from matchsvc.reports.published_page import Names, period_words, published_sheets, shown
from matchsvc.reports.published_tables import TABLES
from matchsvc.web.words import language_of_reader

published_pages = Blueprint("published", __name__)
#: Those that stand on the page at once; the others are chosen, one at a time.
FIRST = ("shares", "groups", "results", "funnel")
FILES = {
    "csv": ("text/csv; charset=utf-8", to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
}


@published_pages.get("/reports/published")
@requires(*READERS)
def show_published() -> ResponseReturnValue:
    """Every published table of a period; a further dimension when it is asked for."""
    asked = request.args.get("table")
    with reading() as session:
        actor = current_actor()
        found = read_published(session, actor, request.args.get("period") or None)
        names = names_of_values(session)
        offered = [each.listed.name for each in found.tables]
        chosen = asked if asked in offered else ""
        wanted = [chosen] if chosen else [name for name in FIRST if name in offered]
        return render_template(
            "reports/published.html",
            found=found,
            period=found.period,
            period_title=period_words(found.period, _) if found.period else "",
            periods=[(each.name, period_words(each, _)) for each in found.periods],
            tables=[shown(t, names, _) for t in found.tables if t.listed.name in wanted],
            choices=[("", _("Andelar, grupper och resultat"))]
            + [(name, _(TABLES[name].title)) for name in offered if name not in FIRST],
            chosen=chosen,
            bars=_bars(found),
            measures=REGISTRY,
            may_see_internal=actor.has_role(*INTERNAL_READERS),
            may_mend=actor.has_role(*MENDERS),
            more=more_for(actor),
        )


@published_pages.get("/reports/published.<any(csv, xlsx):kind>")
@requires(*READERS)
def export_published(kind: str) -> ResponseReturnValue:
    """Every published table of a period as a file; logged as an export."""
    actor = current_actor()
    with reading() as session:
        found = read_published(session, actor, request.args.get("period") or None)
        period = found.period.name if found.period else ""
        audit.record(session, actor, "export", "report_published", fields=[period])
        kind_of_file, write = FILES[kind]
        content = write(published_sheets(found, names_of_values(session), _))
    headers = {"Content-Disposition": f'attachment; filename="publicerat-{period}.{kind}"'}
    return Response(content, content_type=kind_of_file, headers=headers)


def more_for(actor: Actor) -> dict[str, bool]:
    """Which of the further reports there is a way to."""
    return {
        "internal": actor.has_role(*INTERNAL_READERS),
        "exposure": actor.has_role(*EXPOSURE_READERS),
    }


def names_of_values(session: Session) -> Names:
    """What programmes and forms of placement are called. Two queries."""
    forms = session.execute(
        select(PlacementForm.code, PlacementForm.name_sv, PlacementForm.name_en)
    )
    is_english = language_of_reader() == "en"
    return {
        "programme": {
            row[0]: row[1] for row in session.execute(select(Programme.code, Programme.name))
        },
        "form": {row[0]: row[2] if is_english else row[1] for row in forms},
    }


def _bars(found: Published) -> list[dict[str, object]]:
    """Foreign-born women's shares as bars: the same figures as in the table."""
    lines = [
        (line.about["measure"], Share(line.cells[0], line.cells[1]))  # type: ignore[arg-type]
        for table in found.tables
        if table.listed.name == "shares"
        for line in table.lines
        if line.about["share"] == "foreign_born_women"
    ]
    return [
        share_row(share if share.of else Share(None, None), _(title_of(measure)))
        if _is_rate(found, measure)
        else {"label": _(title_of(measure)), "suppressed": True}
        for measure, share in lines
    ]


def _is_rate(found: Published, measure: str) -> bool:
    """Whether the table shows a percent for it."""
    return any(
        line.cells[2] not in (None, "")
        for table in found.tables
        if table.listed.name == "shares"
        for line in table.lines
        if line.about == {"share": "foreign_born_women", "measure": measure}
    )
