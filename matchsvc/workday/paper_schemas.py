"""Shapes of papers, in and out."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, pre_load

from matchsvc.errors import N_
from matchsvc.web.forms import Choice, Day, Flag, InputSchema, Number, Text
from matchsvc.workday.paper_checks import MediaType
from matchsvc.workday.paper_models import PaperKind

CHOOSE = N_("Välj en fil eller fotografera papperet.")


class PaperQuerySchema(InputSchema):
    """Which page, and whether of what was taken away."""

    page = Number(least=1, load_default=1)
    taken_away = Flag()


class AboutPaperSchema(InputSchema):
    """What is said about a paper."""

    kind = Choice(
        PaperKind, required=True, error_messages={"required": N_("Välj vad det är för papper.")}
    )
    title = Text(longest=120, load_default=None)
    dated = Day(load_default=None)
    note = Text(longest=1_000, load_default=None)


class PutUpSchema(AboutPaperSchema):
    """A paper as multipart form data: what is said about it, and the file."""

    file: fields.Field[Any] = Upload(required=True, error_messages={"required": CHOOSE})

    @pre_load
    def take_file(self, data: Any, **_: object) -> dict[str, Any]:
        """Only what came as a file is one, never a text of that name."""
        said = {name: value for name, value in dict(data).items() if name != "file"}
        return said | {name: file for name, file in request.files.items() if name == "file"}


class TakeAwaySchema(InputSchema):
    """Why it is taken away."""

    reason = Text(longest=200, load_default="")


class PaperSchema(Schema):
    """One paper, without its bytes."""

    id = fields.UUID()
    kind = fields.Enum(PaperKind, by_value=True)
    title = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    dated = fields.Date(allow_none=True)
    file_name = fields.String()
    media_type = fields.Enum(MediaType, by_value=True)
    size = fields.Integer()
    pages = fields.Integer()
    put_up_by_id = fields.UUID()
    put_up_at = fields.AwareDateTime()
    taken_away_at = fields.AwareDateTime(allow_none=True)
    taken_away_reason = fields.String(allow_none=True)
    erased_at = fields.AwareDateTime(allow_none=True)


class PaperListSchema(Schema):
    """A page of papers."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    papers = fields.List(fields.Nested(PaperSchema))
