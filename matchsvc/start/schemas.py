"""Shapes of the first start, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.accounts.models import Role
from matchsvc.start.steps import StepKind
from matchsvc.web.forms import InputSchema, Number, Text


class OwnUnitSchema(InputSchema):
    """What the unit is called, and the version it began from."""

    name = Text(longest=120, load_default="")
    municipality = Text(longest=120, load_default="")
    phone = Text(longest=40, load_default=None)
    version = Number(load_default=None)


class UnitShownSchema(Schema):
    """The unit as it stands."""

    name = fields.String()
    municipality = fields.String()
    phone = fields.String(allow_none=True)
    version = fields.Integer()


class StepSchema(Schema):
    """One thing that has to be there."""

    kind = fields.Enum(StepKind, by_value=True)
    is_done = fields.Boolean()
    may_do = fields.Boolean()
    missing = fields.List(fields.Enum(Role, by_value=True))
    by = fields.String(allow_none=True)
    at = fields.AwareDateTime(allow_none=True)


class StartSchema(Schema):
    """How far the unit has come."""

    is_done = fields.Boolean()
    is_put_aside = fields.Boolean()
    steps = fields.List(fields.Nested(StepSchema))


class MailTestSchema(Schema):
    """How the trial letter went."""

    state = fields.String()
    sentence = fields.String()
