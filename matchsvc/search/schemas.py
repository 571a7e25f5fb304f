"""Shapes of a search, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.search.finding import By, Kind
from matchsvc.web.forms import InputSchema, Text


class SearchSchema(InputSchema):
    """What is looked for. Too long is a rule's to say, with what to write instead."""

    q = Text(load_default="")


class HitSchema(Schema):
    """One thing found."""

    kind = fields.Enum(Kind, by_value=True)
    id = fields.UUID()
    title = fields.String()
    detail = fields.String()
    by = fields.Enum(By, by_value=True)
    score = fields.Integer()


class FoundSchema(Schema):
    """Everything found, the best first."""

    hits = fields.List(fields.Nested(HitSchema))
