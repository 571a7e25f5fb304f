"""Shapes of the glossary, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.web.forms import InputSchema, Text


class LookUpSchema(InputSchema):
    """What is looked up."""

    q = Text(longest=100, load_default="")


class InBothSchema(Schema):
    """The same in both languages."""

    sv = fields.String()
    en = fields.String()


class GlossaryTermSchema(Schema):
    """One word and what it means."""

    id = fields.String()
    word = fields.Nested(InBothSchema)
    text = fields.Nested(InBothSchema)
    also = fields.List(fields.String())


class GlossarySchema(Schema):
    """The words found."""

    terms = fields.List(fields.Nested(GlossaryTermSchema))
