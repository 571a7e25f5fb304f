"""The shapes of decisions, facts before a start, supervisors, moves and closing, field by field."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.placements.models import DecisionAuthority
from matchsvc.placements.schemas import StartPlacementSchema
from matchsvc.placements.stages import Stage
from matchsvc.placements.transitions import Act
from matchsvc.web.forms import Day, Id, InputSchema, Number, Text


class StartFactsSchema(InputSchema):
    """What is noted before a start, beside the checklist."""

    union_asked_on = Day(load_default=None)
    union_answer_by = Day(load_default=None)
    union_answered_on = Day(load_default=None)
    union_opinion = Text(longest=1000, load_default=None)
    insurance_noted_on = Day(load_default=None)
    extract_shown_on = Day(load_default=None)
    version = Number(load_default=None)


class NewDecisionSchema(InputSchema):
    """A new decision."""

    ref = Text(longest=80, load_default="")
    valid_from = Day(required=True)
    valid_to = Day(load_default=None)
    planned_end_date = Day(load_default=None)
    version = Number(load_default=None)


class WithdrawDecisionSchema(InputSchema):
    """From when a decision no longer holds, and why."""

    from_day = Day(required=True)
    reason = Text(longest=1000, load_default="")
    version = Number(load_default=None)


class ReplaceSupervisorSchema(InputSchema):
    """Who supervises from now on."""

    supervisor_id = Id(load_default=None)
    contact_id = Id(load_default=None)
    reason = Text(longest=200, load_default="")
    version = Number(load_default=None)


class MovePlacementSchema(StartPlacementSchema):
    """The continuation at another workplace, and the last day at the old one."""

    participant_id = Id(load_default=None)
    last_day = Day(required=True)
    version = Number(load_default=None)


class CloseSiteSchema(InputSchema):
    """A workplace's last day."""

    last_day = Day(required=True)
    reason = Text(longest=500, load_default="")
    version = Number(load_default=None)


class ReopenSiteSchema(InputSchema):
    """The version of the workplace that was shown."""

    version = Number(load_default=None)


class DecisionOutSchema(Schema):
    """One decision as it was recorded."""

    id = fields.UUID(required=True)
    authority = fields.Enum(DecisionAuthority, by_value=True, required=True)
    ref = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True)
    planned_end_date = fields.Date(required=True, allow_none=True)
    recorded_on = fields.Date(required=True)
    withdrawn_from = fields.Date(required=True, allow_none=True)
    withdrawn_on = fields.Date(required=True, allow_none=True)


class StopOutSchema(Schema):
    """Something that is missing before a start."""

    code = fields.String(required=True)
    is_hard = fields.Boolean(required=True)
    reason = fields.String(required=True, metadata={"description": "Swedish."})


class RulesOutSchema(Schema):
    """Where a placement stands, and why."""

    stage = fields.Enum(Stage, by_value=True, required=True)
    last_permitted_day = fields.Date(required=True, allow_none=True)
    planned_end_date = fields.Date(required=True, allow_none=True)
    stops = fields.List(fields.Nested(StopOutSchema), required=True)
    decisions = fields.List(fields.Nested(DecisionOutSchema), required=True)
    acts = fields.List(fields.Enum(Act, by_value=True), required=True)
    moved_from_id = fields.UUID(required=True, allow_none=True)
    moved_to_id = fields.UUID(required=True, allow_none=True)
    version = fields.Integer(required=True)


class PlacementFormOutSchema(Schema):
    """A form of placement and its limits."""

    code = fields.String(required=True)
    name_sv = fields.String(required=True)
    name_en = fields.String(required=True)
    max_months = fields.Integer(required=True, allow_none=True)
    max_months_extended = fields.Integer(required=True, allow_none=True)
    decision_authority = fields.Enum(DecisionAuthority, by_value=True, required=True)
    union_consultation = fields.Boolean(required=True)
    insurance = fields.String(required=True)
    supervisor_required = fields.Boolean(required=True)
    certificate_required = fields.Boolean(required=True)
    employer_may_choose = fields.Boolean(required=True)
    season_must_be_exceeded = fields.Boolean(required=True)
    bar_check = fields.Boolean(required=True)
    extract_for_children = fields.Boolean(required=True)
    legal_source = fields.String(required=True)
    verified_on = fields.Date(required=True)
    needs_a_look = fields.Boolean(required=True)


class PlacementFormListSchema(Schema):
    """All forms."""

    forms = fields.List(fields.Nested(PlacementFormOutSchema), required=True)


class SiteClosingOutSchema(Schema):
    """A workplace's last day."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)
