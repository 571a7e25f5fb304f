"""Shapes of tasks, substitutes and hand-overs, in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from matchsvc.errors import N_
from matchsvc.placements.handover import Kind
from matchsvc.web.forms import Day, Id, InputSchema, Many, Number, Text

_LINE = 200


class ChosenTask(fields.String):
    """``<id>:<version>``: a task as it stood on the page; the version may be left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        key, _, version = str(text).partition(":")
        try:
            return UUID(key), int(version) if version else None
        except ValueError:
            raise ValidationError(N_("Välj en uppgift i listan.")) from None


class PieceField(fields.String):
    """``case:<id>``: one thing to hand over."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        kind, _, key = str(super()._deserialize(value, attr, data, **kwargs)).partition(":")
        try:
            return Kind(kind), UUID(key)
        except ValueError:
            raise ValidationError(N_("Välj något i listan.")) from None


class TaskQuerySchema(InputSchema):
    """Whose tasks, which page."""

    whose = Text(longest=10, load_default="mine")
    page = Number(least=1, load_default=1)


class WriteTaskSchema(InputSchema):
    """A task made by hand."""

    own_words = Text(longest=_LINE, load_default="")
    due_on = Day(required=True)
    owner_id = Id(load_default=None)


class ChosenTasksSchema(InputSchema):
    """Some tasks."""

    chosen = Many(
        ChosenTask(), validate=validate.Length(1, error=N_("Kryssa för minst en uppgift."))
    )


class SnoozeTasksSchema(ChosenTasksSchema):
    """Some tasks, and the day they are put off to."""

    to = Day(required=True)


class DropTasksSchema(ChosenTasksSchema):
    """Some tasks, and why they are not to be done."""

    reason = Text(longest=_LINE, load_default="")


class ReassignTasksSchema(ChosenTasksSchema):
    """Some tasks, and who gets them."""

    owner_id = Id(
        required=True, error_messages={"required": N_("Välj vem som ska ha uppgifterna.")}
    )
    reason = Text(longest=_LINE, load_default=None)


class HandOverSchema(InputSchema):
    """What is handed over, to whom and why."""

    to_id = Id(load_default=None)
    pieces = Many(PieceField(), load_default=list)
    reason = Text(longest=_LINE, load_default="")


class MoveCaseSchema(InputSchema):
    """Which unit receives a case, and why."""

    unit_id = Id(load_default=None)
    reason = Text(longest=_LINE, load_default=None)
    version = Number(load_default=None)


class SubstituteSchema(InputSchema):
    """Who stands in for whom, and when."""

    user_id = Id(load_default=None)
    substitute_id = Id(load_default=None)
    first_day = Day(required=True)
    last_day = Day(required=True)
    reason = Text(longest=_LINE, load_default="")


class TaskSchema(Schema):
    """One task."""

    id = fields.UUID()
    kind = fields.String()
    words = fields.Dict(keys=fields.String())
    own_words = fields.String(allow_none=True)
    about_type = fields.String()
    about_id = fields.UUID()
    owner_id = fields.UUID()
    due_on = fields.Date()
    first_due_on = fields.Date(allow_none=True)
    origin = fields.String()
    done_at = fields.AwareDateTime(allow_none=True)
    dropped_reason = fields.String(allow_none=True)
    version = fields.Integer()


class TaskListSchema(Schema):
    """A page of tasks."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    tasks = fields.List(fields.Nested(TaskSchema))


class WorkSchema(Schema):
    """One thing somebody answers for."""

    kind = fields.Enum(Kind, by_value=True)
    id = fields.UUID()
    title = fields.String()


class MovedSchema(Schema):
    """How much was moved."""

    moved = fields.Dict(keys=fields.String(), values=fields.Integer())


class SubstituteOutSchema(Schema):
    """One substitution."""

    id = fields.UUID()
    user_id = fields.UUID()
    substitute_id = fields.UUID()
    first_day = fields.Date()
    last_day = fields.Date()
    reason = fields.String()
