"""Shapes of the unit's own workplaces and their days."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.operations.models import OperationArea
from matchsvc.web.forms import Choice, Flag, Id, InputSchema, Many, Number, Text


class DayTaskSchema(InputSchema):
    """Something to do today."""

    site_id = Id(required=True)
    text = Text(longest=200, required=True)


class DayTaskDoneSchema(InputSchema):
    """Done, or not after all."""

    done = Flag()
    version = Number(load_default=None)


class DayTaskVersionSchema(InputSchema):
    """The version that was shown."""

    version = Number(load_default=None)


class AllocationSchema(InputSchema):
    """Who does it."""

    people = Many(Id())
    version = Number(load_default=None)


class DayAbsenceSchema(InputSchema):
    """Did not come today. Never why."""

    absent = Flag()


class OwnSiteSchema(InputSchema):
    """What a workplace is like."""

    area = Choice(OperationArea, required=True)
    places = Number(least=0, most=500, required=True)
    tasks = Text(longest=1000, required=True)
    physical = Text(longest=500, required=True)
    psychosocial = Text(longest=500, required=True)
    season = Text(longest=11, load_default=None)
    version = Number(load_default=None)


class HereOutSchema(Schema):
    """Somebody who is expected today, as the caller may call the person."""

    participant_id = fields.UUID(required=True)
    name = fields.String(required=True)
    start = fields.Time(attribute="times.start")
    end = fields.Time(attribute="times.end")
    is_employed = fields.Boolean(required=True)
    is_absent = fields.Boolean(required=True)


class DayTaskOutSchema(Schema):
    """A task of today and who does it."""

    id = fields.UUID(required=True, attribute="task.id")
    text = fields.String(required=True, attribute="task.text")
    done_at = fields.DateTime(required=True, allow_none=True, attribute="task.done_at")
    version = fields.Integer(required=True, attribute="task.version")
    people = fields.Function(lambda told: list(told.people), required=True)


class BoardSiteOutSchema(Schema):
    """One workplace today."""

    site_id = fields.UUID(required=True, attribute="site.id")
    site = fields.String(required=True, attribute="site.name")
    is_open = fields.Boolean(required=True)
    places = fields.Integer(attribute="own.places")
    here = fields.List(fields.Nested(HereOutSchema), required=True)
    tasks = fields.List(fields.Nested(DayTaskOutSchema), required=True)


class BoardOutSchema(Schema):
    """The board of today."""

    sites = fields.List(fields.Nested(BoardSiteOutSchema), required=True)


class NewDayTaskOutSchema(Schema):
    """A task that was written."""

    id = fields.UUID(required=True)
    text = fields.String(required=True)
    version = fields.Integer(required=True)


class DayRoomOutSchema(Schema):
    """One day at a workplace."""

    day = fields.Date(required=True)
    used = fields.Integer(required=True)
    is_open = fields.Boolean(required=True)


class OwnSiteOutSchema(Schema):
    """A workplace of the unit's own, and its room in the coming days."""

    site_id = fields.UUID(required=True, attribute="site.id")
    site = fields.String(required=True, attribute="site.name")
    area = fields.Enum(OperationArea, by_value=True, attribute="own.area")
    places = fields.Integer(attribute="own.places")
    tasks = fields.String(attribute="own.tasks")
    physical = fields.String(attribute="own.physical")
    psychosocial = fields.String(attribute="own.psychosocial")
    season = fields.String(attribute="own.season", allow_none=True)
    days = fields.List(fields.Nested(DayRoomOutSchema), required=True)


class OwnSiteListSchema(Schema):
    """The unit's own workplaces."""

    sites = fields.List(fields.Nested(OwnSiteOutSchema), required=True)
