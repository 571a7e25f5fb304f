"""Shapes of requests and restrictions, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.rights.models import AskedBy, Decision, How, RestrictionGround, RightKind
from matchsvc.web.forms import Choice, Day, Flag, Id, InputSchema, Many, Number, Text

_WORDS = 4_000
_LINE = 200
_SAY_WHICH = {"required": N_("Välj ett av alternativen.")}


class RightsAskSchema(InputSchema):
    """A request, as it came."""

    kind = Choice(RightKind, required=True, error_messages=_SAY_WHICH)
    received_on = Day(required=True)
    asked_by = Choice(AskedBy, load_default=AskedBy.HERSELF)
    asked_how = Choice(How, load_default=How.IN_PERSON)
    words = Text(longest=_WORDS, required=True)


class StartRightSchema(InputSchema):
    """A request that she makes on her own page."""

    right = Choice(RightKind, required=True, error_messages=_SAY_WHICH)
    right_words = Text(longest=_WORDS, required=True)


class RightsProlongSchema(InputSchema):
    """Why two months more are needed."""

    reason = Text(longest=_WORDS, required=True)
    version = Number(load_default=None)


class RightsAnswerSchema(InputSchema):
    """What was decided and how she was told."""

    decision = Choice(Decision, required=True, error_messages=_SAY_WHICH)
    answer = Text(longest=_WORDS, required=True)
    balance = Text(longest=_WORDS, load_default=None)
    answered_how = Choice(How, required=True, error_messages=_SAY_WHICH)
    version = Number(load_default=None)


class RestrictSchema(InputSchema):
    """Why what is kept may only be stored."""

    ground = Choice(RestrictionGround, required=True, error_messages=_SAY_WHICH)
    reason = Text(longest=_WORDS, required=True)
    request_id = fields.UUID(load_default=None)
    version = Number(load_default=None)


class ToldOfLiftingSchema(InputSchema):
    """When and how she was told that it will be lifted."""

    told_on = Day(required=True)
    told_how = Choice(How, required=True, error_messages=_SAY_WHICH)


class LiftSchema(InputSchema):
    """Lift it, as it was shown."""

    version = Number(load_default=None)


class HandedOverSchema(InputSchema):
    """That the copy was read through and handed over, and how."""

    handed_how = Choice(How, required=True, error_messages=_SAY_WHICH)
    read_through = Flag()
    form_id = Id(required=True)


class RecordHandedSchema(InputSchema):
    """How what may be read was given to whoever asked."""

    handed_how = Choice(How, required=True, error_messages=_SAY_WHICH)
    version = Number(load_default=None)


class WantedSchema(InputSchema):
    """A request to read a part of a file. Who asks need not say who she is."""

    table_name = Text(longest=_LINE, required=True)
    wanted = Text(longest=_WORDS, required=True)
    asked_on = Day(required=True)
    asked_how = Choice(How, load_default=How.EMAIL)
    asker = Text(longest=_LINE, load_default=None)
    is_party = Flag()


class RulingSchema(InputSchema):
    """The decision. A line that is neither opened nor masked stays masked."""

    opened = Many(Number(), load_default=list)
    masked = fields.Dict(
        keys=fields.Integer(), values=fields.String(), load_default=dict,
        metadata={"description": "Provision of each line that stays masked, by its position."},
    )  # fmt: skip
    reason = Text(longest=_WORDS, load_default=None)
    wants_decision = Flag()
    version = Number(load_default=None)


class MarkingSchema(InputSchema):
    """Passages of a line to be masked, by which provision and why."""

    sentences = Many(Number(), load_default=list)
    words = Text(longest=_WORDS, load_default=None)
    provision = Text(longest=_LINE, load_default="")
    reason = Text(longest=_WORDS, load_default=None)
    version = Number(load_default=None)


class UnmarkSchema(InputSchema):
    """Take a mark away, as the request was shown."""

    version = Number(load_default=None)


class RecordMaskSchema(Schema):
    """A passage that was marked: signs from the beginning of the line's value."""

    id = fields.UUID(required=True)
    starts = fields.Integer(required=True)
    ends = fields.Integer(required=True)
    provision = fields.String(required=True)
    reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    removed_at = fields.AwareDateTime(allow_none=True)


class RightsRequestOutSchema(Schema):
    """A request with its words: for her own workers."""

    id = fields.UUID(required=True)
    kind = fields.Enum(RightKind, by_value=True, required=True)
    received_on = fields.Date(required=True)
    asked_by = fields.Enum(AskedBy, by_value=True, required=True)
    asked_how = fields.Enum(How, by_value=True, required=True)
    words = fields.String(required=True)
    due_on = fields.Date(required=True)
    prolonged_on = fields.Date(allow_none=True)
    decision = fields.Enum(Decision, by_value=True, allow_none=True)
    answer = fields.String(allow_none=True)
    balance = fields.String(allow_none=True)
    answered_on = fields.Date(allow_none=True)
    answered_how = fields.Enum(How, by_value=True, allow_none=True)
    version = fields.Integer(required=True)


class RightsLineSchema(Schema):
    """A request in the register, without its words."""

    id = fields.UUID(attribute="request.id", required=True)
    alias = fields.String(required=True)
    kind = fields.Enum(RightKind, by_value=True, attribute="request.kind", required=True)
    received_on = fields.Date(attribute="request.received_on", required=True)
    due_on = fields.Date(attribute="request.due_on", required=True)
    answered_on = fields.Date(attribute="request.answered_on", allow_none=True)
    is_own = fields.Boolean(required=True)


class RestrictionOutSchema(Schema):
    """A restriction that runs or was lifted."""

    id = fields.UUID(required=True)
    ground = fields.Enum(RestrictionGround, by_value=True, required=True)
    since = fields.Date(required=True)
    told_on = fields.Date(allow_none=True)
    lifted_on = fields.Date(allow_none=True)
    version = fields.Integer(required=True)


class WholeCopySchema(Schema):
    """Every row that is kept about somebody; docs/copy.md."""

    form = fields.Integer(required=True)
    made_on = fields.Date(required=True)
    rows = fields.Integer(required=True)
    tables = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)
    readings = fields.List(fields.Dict(), required=True)


class RecordLineSchema(Schema):
    """A line of what was asked for."""

    position = fields.Integer(required=True)
    what = fields.String(required=True)
    value = fields.String(required=True)
    provision = fields.String(allow_none=True)


class RecordOutSchema(Schema):
    """A request to read a part of a file."""

    id = fields.UUID(required=True)
    asked_on = fields.Date(required=True)
    is_party = fields.Boolean(required=True)
    table_name = fields.String(required=True)
    decision = fields.Enum(Decision, by_value=True, allow_none=True)
    reason = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    handed_on = fields.Date(allow_none=True)
    handed_how = fields.Enum(How, by_value=True, allow_none=True)
    version = fields.Integer(required=True)
