"""Shapes of an import through the API."""

from __future__ import annotations

from typing import Any

from flask_smorest.fields import Upload as UploadField
from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.web.forms import Flag, InputSchema


class DryRunSchema(InputSchema):
    """Whether only to check."""

    dry_run = Flag()


class FileSchema(Schema):
    """The file, as multipart form data."""

    file: fields.Field[Any] = UploadField(
        required=True, error_messages={"required": N_("Välj en fil att ladda upp.")}
    )


class CellProblemSchema(Schema):
    """One thing that is wrong, or worth knowing, in one cell."""

    row = fields.Integer(required=True, allow_none=True)
    column = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)


class ImportResultSchema(Schema):
    """What a file did, or would do (contract.md section 6)."""

    kind = fields.String(required=True)
    file = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    errors = fields.List(fields.Nested(CellProblemSchema), required=True)
    warnings = fields.List(fields.Nested(CellProblemSchema), required=True)
