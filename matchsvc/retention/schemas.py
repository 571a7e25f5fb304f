"""Shapes of retention, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.retention.models import HoldReason, PlanState
from matchsvc.web.forms import Choice, Day, InputSchema, Number, Text

LONGEST = 500


class ListVersionSchema(InputSchema):
    """The version that was shown."""

    version = Number(load_default=None)


class ApproveListSchema(ListVersionSchema):
    """Which list was shown, exactly."""

    list_hash = Text(longest=64, required=True)


class LegalHoldSchema(InputSchema):
    """Why one person's records must stay, and when somebody looks at it again."""

    participant = Text(longest=64, required=True)
    reason = Choice(HoldReason, required=True)
    words = Text(longest=LONGEST, load_default="")
    review_on = Day(required=True)


class LiftHoldSchema(ListVersionSchema):
    """Why it need not any longer."""

    words = Text(longest=LONGEST, load_default="")


class OpenThingSchema(Schema):
    """What stands open, and which page closes it."""

    code = fields.String()
    place = fields.String()
    id = fields.UUID(attribute="key")


class RecordsDueSchema(Schema):
    """Somebody whose records are due."""

    participant = fields.String(attribute="participant.alias")
    last_note_on = fields.Date()
    due_on = fields.Date()
    finish_by = fields.Date()
    kept_because = fields.List(fields.String())
    open = fields.List(fields.Nested(OpenThingSchema))


class RecordsDueListSchema(Schema):
    """Everybody due whom the reader may know of."""

    due = fields.List(fields.Nested(RecordsDueSchema))


class RetentionListSchema(Schema):
    """A list, in numbers."""

    id = fields.UUID()
    state = fields.Enum(PlanState, by_value=True)
    due_by = fields.Date()
    people = fields.Integer()
    referrals = fields.Integer()
    list_hash = fields.String()
    proposed_at = fields.AwareDateTime()
    approved_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    deleted = fields.Integer()
    kept = fields.Dict(keys=fields.String(), values=fields.Integer())
    rows = fields.Dict(keys=fields.String(), values=fields.Integer())
    proof_hash = fields.String(allow_none=True)
    backups_gone_on = fields.Date(allow_none=True)
    version = fields.Integer()


class RetentionListsSchema(Schema):
    """The unit's lists."""

    plans = fields.List(fields.Nested(RetentionListSchema))


class RetentionListViewSchema(Schema):
    """A list with its people."""

    plan = fields.Nested(RetentionListSchema)
    due = fields.List(fields.Nested(RecordsDueSchema))


class LegalHoldShownSchema(Schema):
    """A hold that stands."""

    id = fields.UUID(attribute="hold.id")
    participant = fields.String(attribute="alias")
    reason = fields.Enum(HoldReason, by_value=True, attribute="hold.reason")
    words = fields.String(attribute="hold.words")
    set_on = fields.Date(attribute="hold.set_on")
    review_on = fields.Date(attribute="hold.review_on")
    is_overdue = fields.Boolean()
    version = fields.Integer(attribute="hold.version")


class LegalHoldListSchema(Schema):
    """Every hold that stands."""

    holds = fields.List(fields.Nested(LegalHoldShownSchema))
