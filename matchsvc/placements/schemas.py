"""The shapes of placements in forms and JSON, field by field."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from matchsvc.errors import N_
from matchsvc.placements.checklist import CHECKLIST
from matchsvc.placements.models import (
    DecisionAuthority,
    Outcome,
    PartState,
)
from matchsvc.web.forms import BAD_CHOICE, Choice, Day, Flag, Id, InputSchema, Many, Number, Text

_HOURS = N_("Skriv ett tal från 1 till 40.")


def _one_of(values: tuple[str, ...]) -> validate.OneOf:
    return validate.OneOf(values, error=BAD_CHOICE)


class StartPlacementSchema(InputSchema):
    """What starts a placement, from a page or a program."""

    participant_id = Id(required=True)
    site_id = Id(required=True)
    offer_id = Id()
    proposal_id = Id()
    form = Text(required=True, longest=40)
    start_date = Day(required=True)
    planned_end_date = Day()
    decision_authority = Choice(DecisionAuthority, load_default=DecisionAuthority.NONE)
    decision_ref = Text(longest=80)
    decision_from = Day()
    decision_to = Day()
    purpose = Text(longest=2000)
    hours_start = Number(least=1, most=40, message=_HOURS)
    hours_goal = Number(least=1, most=40, message=_HOURS)
    supervisor_id = Id()
    case_worker_id = Id()
    contact_id = Id()
    comment = Text(longest=2000)
    risk_decision = Text(longest=2000)
    extended = Flag()
    external_id = Text(longest=40)
    union_asked_on = Day()
    union_answer_by = Day()
    union_answered_on = Day()
    union_opinion = Text(longest=1000)
    insurance_noted_on = Day()
    extract_shown_on = Day()
    prepared = Many(fields.String(validate=_one_of(CHECKLIST)))
    combine = Flag()


class TickSchema(InputSchema):
    """One thing of the start checklist."""

    done = Flag()
    by_participant = Flag()
    version = Number()


class PartSchema(InputSchema):
    """What became of a part of the support package."""

    state = Choice(PartState, required=True)
    happened_on = Day(load_default=None)
    evidence = Text(longest=4000, load_default=None)
    version = Number(load_default=None)


class EndPlacementSchema(InputSchema):
    """How and when a placement ended."""

    end_date = Day(required=True)
    outcome = Choice(Outcome, required=True)
    version = Number(load_default=None)


class CallOffSchema(InputSchema):
    """Why a placement that has not begun is called off."""

    reason = Text(longest=1000, load_default="")
    version = Number(load_default=None)


class SurveyAnswerSchema(InputSchema):
    """One answer of the survey."""

    answer = Many(fields.String(validate=validate.Length(max=40)))
    text = Text(longest=2000, load_default=None)


class OwnSurveySchema(InputSchema):
    """A participant's answers, taken by somebody else; what is left out was skipped."""

    P1 = Text(longest=40, load_default=None)
    P2 = Text(longest=40, load_default=None)
    P3 = Text(longest=40, load_default=None)
    P4 = Text(longest=40, load_default=None)
    P5 = Text(longest=40, load_default=None)
    P6 = Text(longest=40, load_default=None)
    P7 = Text(longest=40, load_default=None)
    P8 = Text(longest=40, load_default=None)
    P9 = Text(longest=40, load_default=None)
    P10 = Text(longest=2000, load_default=None)
    contact_me = Flag()
    language = Text(longest=10, load_default="sv")
    keep = Flag()


class SendSurveySchema(InputSchema):
    """The version of the survey that was shown."""

    version = Number(load_default=None)


class SurveyStateSchema(Schema):
    """How far a placement's surveys have come; never what was answered."""

    state = fields.String(required=True, allow_none=True)
    sent_on = fields.Date(required=True, allow_none=True)
    first_reminder_on = fields.Date(required=True, allow_none=True)
    last_reminder_on = fields.Date(required=True, allow_none=True)
    participant = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "offered, answered, declined, closed; null: none"},
    )
    version = fields.Integer(required=True, allow_none=True)


class VersionSchema(InputSchema):
    """The version that stood on the page."""

    version = Number(load_default=None)


class PlacementOutSchema(Schema):
    """A placement as a program sees it."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True)
    participant_id = fields.UUID(required=True)
    participant = fields.String(required=True, metadata={"description": "Alias."})
    site_id = fields.UUID(required=True)
    site = fields.String(required=True)
    offer_id = fields.UUID(required=True, allow_none=True)
    form = fields.String(required=True)
    start_date = fields.Date(required=True)
    planned_end_date = fields.Date(required=True, allow_none=True)
    end_date = fields.Date(required=True, allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True, allow_none=True)
    called_off_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class _PageSchema(Schema):
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True)


class PlacementListSchema(_PageSchema):
    """A page of placements."""

    placements = fields.List(fields.Nested(PlacementOutSchema), required=True)


class PlacementQuerySchema(Schema):
    """Which placements to list."""

    state = fields.String(
        validate=validate.OneOf(
            ("all", "stopped", "beyond", "starting", "running", "ending", "ended")
        ),
        load_default="all",
    )
    page = fields.Integer(validate=validate.Range(min=1, max=100_000), load_default=1)


class DueOutSchema(Schema):
    """One thing to do, and by when."""

    kind = fields.String(required=True)
    due_on = fields.Date(required=True)
    id = fields.UUID(required=True)
    code = fields.String(required=True)


class WeekOutSchema(Schema):
    """What is due: overdue first, then today, then later in the week."""

    until = fields.Date(required=True)
    overdue = fields.List(fields.Nested(DueOutSchema), required=True)
    today = fields.List(fields.Nested(DueOutSchema), required=True)
    later = fields.List(fields.Nested(DueOutSchema), required=True)
