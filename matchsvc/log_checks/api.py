"""JSON of checks of the log: the same rules as the pages."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.log_checks import rules
from matchsvc.log_checks.models import AuditSample
from matchsvc.log_checks.rules import REVIEWERS, Again
from matchsvc.log_checks.schemas import (
    AuditSampleListSchema,
    AuditSampleSchema,
    AuditSampleViewSchema,
    DrawnAgainSchema,
    DrawSampleSchema,
    JudgeReadingSchema,
    SamplePeriodSchema,
)
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("log_checks", "/audit", "Samples of the log, drawn and judged.")


@api.get("/samples")
@api.arguments(SamplePeriodSchema, location="query")
@api.response(200, AuditSampleListSchema)
@errors(api, 401, 403)
@requires(*REVIEWERS)
def list_all(period: dict[str, Any]) -> dict[str, Any]:
    """The unit's samples, the latest first, with how many are judged and how many deviate."""
    with reading() as session:
        return {"samples": rules.list_samples(session, current_actor(), **period)}


@api.post("/samples")
@api.arguments(DrawSampleSchema)
@api.response(201, AuditSampleSchema)
@errors(api, 401, 403)
@requires(*REVIEWERS)
def draw(data: dict[str, Any]) -> AuditSample:
    """Draw a sample of a period that is over."""
    with writing() as session:
        return rules.draw(
            session,
            current_actor(),
            **data,
            seed=secrets.token_hex(16),
            today=day_of_request(),
            now=db.utcnow(),
        )


@api.get("/samples/<uuid:sample_id>")
@api.response(200, AuditSampleViewSchema)
@errors(api, 401, 403, 404)
@requires(*REVIEWERS)
def read(sample_id: UUID) -> dict[str, Any]:
    """One sample with its lines."""
    with reading() as session:
        sample = rules.get_sample(session, current_actor(), sample_id)
        return {"sample": sample, "lines": rules.read_lines(session, current_actor(), sample)}


@api.get("/samples/<uuid:sample_id>/again")
@api.response(200, DrawnAgainSchema)
@errors(api, 401, 403, 404)
@requires(*REVIEWERS)
def draw_again(sample_id: UUID) -> Again:
    """Draw with the same seed once more, and say whether it is the same. Changes nothing."""
    with reading() as session:
        sample = rules.get_sample(session, current_actor(), sample_id)
        return rules.draw_again(session, current_actor(), sample)


@api.post("/samples/<uuid:sample_id>/lines/<int:number>")
@api.arguments(JudgeReadingSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*REVIEWERS)
def judge(data: dict[str, Any], sample_id: UUID, number: int) -> None:
    """Say what is thought of a line. Nobody judges her own reading."""
    with writing() as session:
        rules.judge(session, current_actor(), sample_id, number, **data, now=db.utcnow())
