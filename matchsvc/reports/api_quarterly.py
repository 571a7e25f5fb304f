"""/api/v1/reports/quarterly: the quarterly report for programs, by the rules of its pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.reports import quarterly
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.quarterly_models import QuarterlyReport
from matchsvc.reports.quarterly_quality import WRITERS
from matchsvc.reports.quarterly_schemas import (
    BeginQuarterlySchema,
    FreezeQuarterlySchema,
    QuarterlyLineSchema,
    QuarterlyNoteSchema,
    QuarterlyReportSchema,
    QuarterlySubscriptionSchema,
)
from matchsvc.reports.quarterly_subscriptions import subscribe, subscribes
from matchsvc.reports.quarters import code_of
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint(
    "quarterly", "/reports/quarterly", "The unit's report on a quarter, aggregates alone."
)


def _line(row: QuarterlyReport) -> dict[str, Any]:
    return {
        "id": row.id,
        "quarter": code_of(row.starts_on),
        "number": row.number,
        "state": row.state.value,
        "version": row.version,
        "frozen_at": row.frozen_at,
        "checksum": row.checksum,
    }


@api.route("")
@api.response(200, QuarterlyLineSchema(many=True))
@errors(api, 401, 403)
@requires(*READERS)
def list_reports() -> list[dict[str, Any]]:
    """The unit's reports, the newest first; drafts for the unit's manager alone."""
    with reading() as session:
        return [_line(row) for row in quarterly.list_reports(session, current_actor())]


@api.route("", methods=["POST"])
@api.arguments(BeginQuarterlySchema)
@api.response(201, QuarterlyLineSchema)
@errors(api, 401, 403, 409, 422)
@requires(*WRITERS)
def begin_report(data: dict[str, Any]) -> dict[str, Any]:
    """Begin a draft on a quarter that has ended; the one that is there, when there is one."""
    today = local_date(db.utcnow())
    with writing() as session:
        return _line(quarterly.begin_report(session, current_actor(), data["quarter"], today=today))


@api.route("/<uuid:report_id>")
@api.response(200, QuarterlyReportSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def show_report(report_id: UUID) -> dict[str, Any]:
    """What a report says: as it was frozen, or as a draft is counted now."""
    today = local_date(db.utcnow())
    with reading() as session:
        opened = quarterly.open_report(session, current_actor(), report_id, today=today)
        return _line(opened.row) | {
            "content": opened.content,
            "note_versions": {note.section: note.version for note in opened.row.notes},
        }


@api.route("/<uuid:report_id>/notes/<section>", methods=["PUT"])
@api.arguments(QuarterlyNoteSchema)
@api.response(200, QuarterlyLineSchema)
@errors(api, 401, 403, 404, 409, 422)
@requires(*WRITERS)
def save_note(data: dict[str, Any], report_id: UUID, section: str) -> dict[str, Any]:
    """Save the note of one section of a draft, against the version that was read."""
    notes = {section: (data["text"], data["version"])}
    today = local_date(db.utcnow())
    with writing() as session:
        return _line(quarterly.save_notes(session, current_actor(), report_id, notes, today=today))


@api.route("/<uuid:report_id>/freeze", methods=["POST"])
@api.arguments(FreezeQuarterlySchema)
@api.response(200, QuarterlyLineSchema)
@errors(api, 401, 403, 404, 409, 422)
@requires(*WRITERS)
def freeze_report(data: dict[str, Any], report_id: UUID) -> dict[str, Any]:
    """Freeze a draft: it keeps its numbers for ever."""
    now = db.utcnow()
    with writing() as session:
        row = quarterly.freeze_report(
            session,
            current_actor(),
            report_id,
            version=data["version"],
            today=local_date(now),
            now=now,
        )
        return _line(row)


@api.route("/subscription")
@api.response(200, QuarterlySubscriptionSchema)
@errors(api, 401, 403)
@requires(*READERS)
def show_subscription() -> dict[str, Any]:
    """Whether the caller is told when a quarter has ended."""
    with reading() as session:
        return {"wanted": subscribes(session, current_actor())}


@api.route("/subscription", methods=["PUT"])
@api.arguments(QuarterlySubscriptionSchema)
@api.response(200, QuarterlySubscriptionSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def choose_subscription(data: dict[str, Any]) -> dict[str, Any]:
    """Be told by e-mail, with a link and no figures, when a quarter has ended; or no more."""
    with writing() as session:
        subscribe(session, current_actor(), wanted=data["wanted"])
    return {"wanted": data["wanted"]}
