"""Shapes of the plan, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.participants.plan_models import (
    Childcare,
    MeasureState,
    PlanState,
    Responsible,
    SubGoalState,
    Supporter,
    Track,
)
from matchsvc.participants.plan_signing import content_hash_of
from matchsvc.web.forms import Choice, Day, Id, InputSchema, Number, Text
from matchsvc.workday.signature_models import IdentifiedHow

_GOALS = 4_000
_ROW = 1_000


class BeginPlanSchema(InputSchema):
    """Her goals; blank takes those of the version before."""

    goals = Text(longest=_GOALS, load_default="")


class FrameSchema(InputSchema):
    """The goals and what stands around them."""

    goals = Text(longest=_GOALS, load_default="")
    childcare = Choice(Childcare, load_default=Childcare.NOT_ASKED)
    childcare_words = Text(longest=_ROW, load_default=None)
    supporter = Choice(Supporter, load_default=Supporter.NONE_YET)
    supporter_words = Text(longest=_ROW, load_default=None)
    version = Number(required=True)


class TrackSchema(InputSchema):
    """A track whose sub-goals are added."""

    track = Choice(Track, required=True)


class WriteSubGoalSchema(InputSchema):
    """A sub-goal in own words."""

    track = Choice(Track, required=True)
    words = Text(longest=_ROW, load_default="")
    version = Number(load_default=None)


class NoteSubGoalSchema(InputSchema):
    """How far a sub-goal has come."""

    state = Choice(SubGoalState, required=True)
    note = Text(longest=_ROW, load_default=None)
    version = Number(required=True)


class WriteMeasureSchema(InputSchema):
    """A row of the table of who does what."""

    what = Text(longest=_ROW, load_default="")
    activity = Text(longest=40, load_default="other")
    responsible = Choice(Responsible, required=True)
    colleague_id = Id(load_default=None)
    other_name = Text(longest=200, load_default=None)
    starts_on = Day(load_default=None)
    due_on = Day(required=True)
    version = Number(load_default=None)


class NoteMeasureSchema(InputSchema):
    """Whether a measure was done."""

    state = Choice(MeasureState, required=True)
    version = Number(required=True)


class RemoveRowSchema(InputSchema):
    """A row to take out of the draft."""

    row_id = Id(required=True)
    version = Number(required=True)


class ReviewPlanSchema(InputSchema):
    """The plan was read through with everybody who is named in it."""

    version = Number(required=True)
    interpreter_language = Text(longest=8, load_default=None)


class DropPlanSchema(InputSchema):
    """A plan of an ended case that is never signed, as it was shown."""

    version = Number(required=True)


class SignPlanSchema(InputSchema):
    """One party's signature on the words that were shown."""

    capacity = Text(required=True, longest=60)
    version = Number(required=True)
    shown_hash = Text(required=True, longest=64)
    identified_how = Choice(IdentifiedHow, load_default=IdentifiedHow.KNOWN)


class SubGoalSchema(Schema):
    """A sub-goal; ``words`` is null when it is one of its track's list."""

    id = fields.UUID()
    track = fields.Enum(Track, by_value=True)
    code = fields.String(allow_none=True)
    words = fields.String(allow_none=True)
    state = fields.Enum(SubGoalState, by_value=True)
    state_on = fields.Date(allow_none=True)
    note = fields.String(allow_none=True)
    version = fields.Integer()


class MeasureSchema(Schema):
    """A row of the table of who does what."""

    id = fields.UUID()
    activity = fields.String()
    what = fields.String()
    responsible = fields.Enum(Responsible, by_value=True)
    colleague_id = fields.UUID(allow_none=True)
    other_name = fields.String(allow_none=True)
    starts_on = fields.Date(allow_none=True)
    due_on = fields.Date()
    state = fields.Enum(MeasureState, by_value=True)
    state_on = fields.Date(allow_none=True)
    version = fields.Integer()


class PlanSchema(Schema):
    """One version of the plan, with its rows."""

    id = fields.UUID()
    number = fields.Integer()
    state = fields.Enum(PlanState, by_value=True)
    goals = fields.String()
    childcare = fields.Enum(Childcare, by_value=True)
    childcare_words = fields.String(allow_none=True)
    supporter = fields.Enum(Supporter, by_value=True)
    supporter_words = fields.String(allow_none=True)
    interpreter_language = fields.String(allow_none=True)
    reviewed_on = fields.Date(allow_none=True)
    signed_on = fields.Date(allow_none=True)
    content_hash = fields.Function(lambda plan: plan.content_hash or content_hash_of(plan))
    sub_goals = fields.List(fields.Nested(SubGoalSchema))
    measures = fields.List(fields.Nested(MeasureSchema))
    version = fields.Integer()
