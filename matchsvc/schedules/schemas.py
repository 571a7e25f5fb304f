"""Shapes of the schedule."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.schedules.models import BreakReason
from matchsvc.schedules.rules import PhaseContent, times_of_week
from matchsvc.web.forms import Choice, Clock, Day, Flag, InputSchema, Number, Text

WEEKDAYS = range(1, 8)


class PhaseSchema(InputSchema):
    """A phase: its first day, times for each day of the week, what both look for."""

    starts_on = Day(required=True)
    step_up = Text(longest=300, load_default=None, allow_none=True)
    hold = Text(longest=300, load_default=None, allow_none=True)
    step_back = Text(longest=300, load_default=None, allow_none=True)
    version = Number(load_default=None, allow_none=True)
    start_1 = Clock(load_default=None, allow_none=True)
    end_1 = Clock(load_default=None, allow_none=True)
    start_2 = Clock(load_default=None, allow_none=True)
    end_2 = Clock(load_default=None, allow_none=True)
    start_3 = Clock(load_default=None, allow_none=True)
    end_3 = Clock(load_default=None, allow_none=True)
    start_4 = Clock(load_default=None, allow_none=True)
    end_4 = Clock(load_default=None, allow_none=True)
    start_5 = Clock(load_default=None, allow_none=True)
    end_5 = Clock(load_default=None, allow_none=True)
    start_6 = Clock(load_default=None, allow_none=True)
    end_6 = Clock(load_default=None, allow_none=True)
    start_7 = Clock(load_default=None, allow_none=True)
    end_7 = Clock(load_default=None, allow_none=True)


def content_of(data: dict[str, Any]) -> PhaseContent:
    """The phase from what was loaded.

    Raises:
        Invalid: a row with half a time, or an end that is not after the start.
    """
    rows = [(day, data[f"start_{day}"], data[f"end_{day}"]) for day in WEEKDAYS]
    return PhaseContent(
        starts_on=data["starts_on"],
        times=times_of_week(rows),
        step_up=data["step_up"],
        hold=data["hold"],
        step_back=data["step_back"],
    )


class AgreeSchema(InputSchema):
    """Both agree on a phase."""

    said_yes = Flag()
    version = Number(load_default=None, allow_none=True)


class BreakSchema(InputSchema):
    """Days when nobody is there."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    reason = Choice(BreakReason, required=True)


class PhaseOutSchema(Schema):
    """A phase as the API shows it."""

    id = fields.UUID()
    starts_on = fields.Date()
    days = fields.List(fields.Dict())
    state = fields.String()
    agreed_on = fields.Date(allow_none=True)
    version = fields.Integer()


class BreakOutSchema(Schema):
    """Days without times as the API shows them."""

    id = fields.UUID()
    first_day = fields.Date()
    last_day = fields.Date()
    reason = fields.String()


class ScheduleSchema(Schema):
    """The schedule of a placement."""

    phases = fields.List(fields.Nested(PhaseOutSchema))
    breaks = fields.List(fields.Nested(BreakOutSchema))
