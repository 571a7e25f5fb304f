"""JSON of scheduled work: the rule of the page."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.scheduling import rules
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("jobs", "/jobs", "Scheduled work and how it is going.")


class JobSchema(Schema):
    """A job. ``day`` is the day it ran for last; ``every`` is seconds, null for a daily job."""

    name = fields.String()
    every = fields.Integer(allow_none=True)
    hour = fields.Integer(allow_none=True)
    day = fields.Date(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    milliseconds = fields.Integer(allow_none=True)
    touched = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    failed_at = fields.AwareDateTime(allow_none=True)
    failures = fields.Integer()
    next_at = fields.AwareDateTime(allow_none=True)
    missed = fields.Integer()
    is_late = fields.Boolean()


class JobsSchema(Schema):
    """All jobs, and whether a scheduler is at work."""

    is_running = fields.Boolean()
    jobs = fields.List(fields.Nested(JobSchema))


@api.get("")
@api.response(200, JobsSchema)
@errors(api, 401, 403)
@requires(*rules.READERS)
def list_jobs() -> dict[str, Any]:
    """Each job: how it went, how long it took, when it runs next."""
    with reading() as session:
        found = rules.overview(session, current_actor(), now=db.utcnow())
        return {"is_running": found.is_running, "jobs": [_shape(line) for line in found.lines]}


def _shape(line: rules.JobLine) -> dict[str, Any]:
    state = line.state
    shown = ("day", "finished_at", "touched", "error", "failed_at")
    return {
        "name": line.job.name,
        "every": line.job.every,
        "hour": None if line.job.every else line.job.hour,
        "milliseconds": line.milliseconds,
        "failures": state.failures if state else 0,
        "next_at": line.next_at,
        "missed": line.missed,
        "is_late": line.is_late,
    } | {name: getattr(state, name, None) for name in shown}
