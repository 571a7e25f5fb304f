"""Shapes of checks of the log, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.log_checks.models import Outcome, SampleKind
from matchsvc.log_checks.rules import MOST_LINES
from matchsvc.web.forms import Choice, Day, InputSchema, Number, Text


class DrawSampleSchema(InputSchema):
    """What to draw: how many, among which rows, of which days."""

    kind = Choice(SampleKind, required=True)
    size = Number(least=1, most=MOST_LINES, required=True)
    from_on = Day(required=True)
    until_on = Day(required=True)


class SamplePeriodSchema(InputSchema):
    """Of which days samples are shown."""

    from_on = Day(load_default=None)
    until_on = Day(load_default=None)


class JudgeReadingSchema(InputSchema):
    """What is thought of a line, and of which version of it."""

    outcome = Choice(Outcome, required=True)
    comment = Text(longest=500, load_default="")
    version = Number(load_default=None)


class AuditSampleSchema(Schema):
    """A sample."""

    id = fields.UUID(required=True)
    kind = fields.Enum(SampleKind, by_value=True, required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    size = fields.Integer(required=True)
    seed = fields.String(required=True)
    population = fields.Integer(required=True)
    population_hash = fields.String(required=True)
    drawn_at = fields.AwareDateTime(required=True)


class AuditSampleTallySchema(Schema):
    """A sample and how far it has come."""

    sample = fields.Nested(AuditSampleSchema, required=True)
    drawn = fields.Integer(required=True)
    judged = fields.Integer(required=True)
    asked = fields.Integer(required=True)
    deviations = fields.Integer(required=True)


class AuditSampleListSchema(Schema):
    """The unit's samples."""

    samples = fields.List(fields.Nested(AuditSampleTallySchema), required=True)


class AuditSampleLineSchema(Schema):
    """A line. ``at`` and what follows are null when its month has been replaced."""

    number = fields.Integer(attribute="row.number", required=True)
    event = fields.Integer(attribute="row.event_id", required=True)
    at = fields.AwareDateTime(attribute="event.at", dump_default=None)
    action = fields.String(attribute="event.action", dump_default=None)
    object_type = fields.String(attribute="event.object_type", dump_default=None)
    reason = fields.String(attribute="event.reason", allow_none=True, dump_default=None)
    reader = fields.String(required=True)
    participant = fields.String(attribute="alias", allow_none=True)
    people = fields.Integer(required=True)
    is_own = fields.Boolean(required=True)
    outcome = fields.Enum(Outcome, by_value=True, attribute="row.outcome", allow_none=True)
    comment = fields.String(attribute="row.comment", allow_none=True)
    judged_at = fields.AwareDateTime(attribute="row.judged_at", allow_none=True)
    version = fields.Integer(attribute="row.version", required=True)


class AuditSampleViewSchema(Schema):
    """A sample with its lines."""

    sample = fields.Nested(AuditSampleSchema, required=True)
    lines = fields.List(fields.Nested(AuditSampleLineSchema), required=True)


class DrawnAgainSchema(Schema):
    """Whether the same seed gives the same draw."""

    population = fields.Integer(required=True)
    is_same = fields.Boolean(required=True)
