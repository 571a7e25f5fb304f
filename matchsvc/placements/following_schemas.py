"""The shapes of adaptations and of what went wrong, in forms and JSON."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from matchsvc.placements.accommodations import WORKS
from matchsvc.placements.disturbance_models import (
    AfChannel,
    DisturbanceKind,
    DisturbanceOutcome,
)
from matchsvc.placements.models import AccommodationKind, AccommodationOwner
from matchsvc.web.forms import BAD_CHOICE, Choice, Day, Flag, Id, InputSchema, Number, Text


class AccommodationSchema(InputSchema):
    """An adaptation at the workplace: of the shared conditions, in functional words."""

    condition_id = Text(longest=60, required=True)
    text = Text(longest=500, load_default="")
    kind = Choice(AccommodationKind, required=True)
    responsible = Choice(AccommodationOwner, required=True)
    due_on = Day(load_default=None)
    is_shared = Flag()
    keeps_health_words = Flag()


class JudgeSchema(InputSchema):
    """Whether an adaptation works."""

    works = fields.String(required=True, validate=validate.OneOf(WORKS, error=BAD_CHOICE))
    version = Number(load_default=None)


class ShareAccommodationSchema(InputSchema):
    """Whether the participant lets the employer see it."""

    is_shared = Flag()
    version = Number(load_default=None)


class DisturbanceSchema(InputSchema):
    """What went wrong, and who sees to it."""

    kind = Choice(DisturbanceKind, required=True)
    happened_on = Day(required=True)
    owner_id = Id(required=True)
    what_is_done = Text(longest=2000, required=True)
    due_on = Day(required=True)
    keeps_health_words = Flag()


class CloseDisturbanceSchema(InputSchema):
    """How it ended."""

    outcome = Choice(DisturbanceOutcome, required=True)
    outcome_words = Text(longest=2000, load_default=None)
    keeps_health_words = Flag()
    version = Number(load_default=None)


class ToldAfSchema(InputSchema):
    """That the employment service was told."""

    af_told_on = Day(required=True)
    af_channel = Choice(AfChannel, required=True)
    version = Number(load_default=None)


class AccommodationReviewOutSchema(Schema):
    """What was said of an adaptation on one day."""

    reviewed_on = fields.Date(required=True)
    works = fields.String(required=True)
    follow_up_id = fields.UUID(required=True, allow_none=True)


class AccommodationOutSchema(Schema):
    """An adaptation as a program sees it."""

    id = fields.UUID(required=True)
    condition_id = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    kind = fields.Enum(AccommodationKind, by_value=True, required=True, allow_none=True)
    responsible = fields.Enum(AccommodationOwner, by_value=True, required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    works = fields.String(required=True, allow_none=True)
    is_shared = fields.Boolean(required=True)
    reviews = fields.List(fields.Nested(AccommodationReviewOutSchema), required=True)
    version = fields.Integer(required=True)


class DisturbanceOutSchema(Schema):
    """What went wrong as a program sees it."""

    id = fields.UUID(required=True)
    kind = fields.Enum(DisturbanceKind, by_value=True, required=True)
    happened_on = fields.Date(required=True)
    owner_id = fields.UUID(required=True)
    what_is_done = fields.String(required=True)
    due_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    outcome = fields.Enum(DisturbanceOutcome, by_value=True, required=True, allow_none=True)
    outcome_words = fields.String(required=True, allow_none=True)
    tell_af = fields.Boolean(
        required=True, metadata={"description": "The employment service is to be told."}
    )
    af_told_on = fields.Date(required=True, allow_none=True)
    af_channel = fields.Enum(AfChannel, by_value=True, required=True, allow_none=True)
    version = fields.Integer(required=True)
