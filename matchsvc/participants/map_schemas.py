"""Shapes of the map and its summary, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.participants.mapping_models import Orientation, SummaryState
from matchsvc.web.forms import Choice, Flag, InputSchema, Number, Text
from matchsvc.workday.signature_models import IdentifiedHow

_CELL = 4_000
_BODY = 20_000


class SaveCellSchema(InputSchema):
    """One place of the map, and the version it began from."""

    area = Text(required=True, longest=40)
    side = Text(required=True, longest=40)
    words = Text(longest=_CELL + 1, load_default="")
    version = Number(least=0, load_default=0)


class CellSchema(Schema):
    """A place of the map."""

    area = fields.String()
    side = fields.String()
    words = fields.String()
    version = fields.Integer()


class WriteSummarySchema(InputSchema):
    """The running text and what is proposed from it."""

    body = Text(longest=_BODY, load_default="")
    proposals = Text(longest=_BODY, load_default=None)
    version = Number(load_default=None)


class ReviewSummarySchema(InputSchema):
    """What she said when it was gone through with her."""

    version = Number(required=True)
    comment = Text(longest=_CELL, load_default=None)
    is_dissent = Flag()
    interpreter_language = Text(longest=8, load_default=None)


class SignSummarySchema(InputSchema):
    """Her signature on the words that were shown."""

    version = Number(required=True)
    shown_hash = Text(required=True, longest=64)
    identified_how = Choice(IdentifiedHow, load_default=IdentifiedHow.KNOWN)


class OrientationSchema(InputSchema):
    """What kind of support comes first."""

    orientation = Choice(Orientation, required=True)


class AssessmentSchema(Schema):
    """Whether Arbetsförmedlingen was asked for an assessment; never what it says."""

    asked_on = fields.Date()
    answered_on = fields.Date(allow_none=True)


class SummarySchema(Schema):
    """One version of the summary."""

    id = fields.UUID()
    number = fields.Integer()
    state = fields.Enum(SummaryState, by_value=True)
    body = fields.String()
    proposals = fields.String(allow_none=True)
    comment = fields.String(allow_none=True)
    is_dissent = fields.Boolean()
    interpreter_language = fields.String(allow_none=True)
    reviewed_on = fields.Date(allow_none=True)
    signed_on = fields.Date(allow_none=True)
    version = fields.Integer()
