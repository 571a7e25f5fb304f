"""Shapes of messages in JSON."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from matchsvc.messages.models import Digest, MessageState, Reach, Via
from matchsvc.messages.rules import GROUPS
from matchsvc.web.forms import Choice, Id, InputSchema, Number, Text


class WantedSchema(InputSchema):
    """Which messages a list gives."""

    group = fields.String(load_default=None, validate=lambda said: said in GROUPS)
    kind = Text(longest=60, load_default=None)
    about = Id(load_default=None)
    page = Number(least=1, most=100_000, load_default=1)


class MessageSchema(Schema):
    """A message as the list shows it: who, masked, and how far it has come."""

    id = fields.UUID()
    kind = fields.String()
    channel = fields.String(validate=validate.OneOf([each.value for each in Via]))
    state = fields.String(validate=validate.OneOf([each.value for each in MessageState]))
    recipient = fields.String()
    subject = fields.String()
    created_at = fields.AwareDateTime()
    not_before = fields.AwareDateTime(allow_none=True)
    sent_at = fields.AwareDateTime(allow_none=True)
    attempts = fields.Integer()
    last_error = fields.String(allow_none=True)


class PreferenceSchema(Schema):
    """What the caller wants to get."""

    reach = fields.Enum(Reach, by_value=fields.String())
    digest = fields.Enum(Digest, by_value=fields.String())
    version = fields.Integer()


class ChoosePreferenceSchema(InputSchema):
    """What somebody chooses to get."""

    reach = Choice(Reach, required=True)
    digest = Choice(Digest, required=True)
    version = Number(least=0, load_default=None)


class SendCodeSchema(InputSchema):
    """Which way six digits shall go; the way that is offered first when nothing is said."""

    via = Choice(Via, load_default=None)
