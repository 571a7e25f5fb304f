"""Shapes of archiving, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.archive.rules import Kind
from matchsvc.web.forms import InputSchema, Number, Text


class ArchiveSchema(InputSchema):
    """Why it was a mistake, and the version that was shown."""

    reason = Text(longest=300, load_default="")
    version = Number(load_default=None)


class BringBackSchema(InputSchema):
    """Why it comes back."""

    reason = Text(longest=300, load_default="")


class ArchivedSchema(Schema):
    """Something archived."""

    kind = fields.Enum(Kind, by_value=True)
    id = fields.UUID()
    name = fields.String()
    at = fields.AwareDateTime()
    by = fields.String()
    reason = fields.String()
    can_undo = fields.Boolean()
    can_bring_back = fields.Boolean()


class ArchivedListSchema(Schema):
    """Everything archived that the reader may see."""

    archived = fields.List(fields.Nested(ArchivedSchema))
