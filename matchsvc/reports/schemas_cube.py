"""What the cube's page and API take and give."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, pre_load

from matchsvc.errors import N_
from matchsvc.reports.cube_counts import DIMENSIONS
from matchsvc.reports.funnel import MOST_MONTHS
from matchsvc.reports.schemas import Month
from matchsvc.web.forms import Day, InputSchema, Number

BAD_DIMENSION = N_("Indelningen finns inte, eller är vald två gånger. Välj en ur listan.")


class Dimensions(fields.String):
    """Names of dimensions with commas between; gives a tuple."""

    default_error_messages: dict[str, Any] = {"invalid": BAD_DIMENSION}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        names = tuple(part.strip() for part in text.split(",") if part.strip())
        if len(set(names)) != len(names) or not set(names) <= set(DIMENSIONS):
            raise self.make_error("invalid")
        return names


class CubePageSchema(InputSchema):
    """The choices on the cube's page."""

    start = Month(data_key="from")
    end = Month(data_key="to")
    one, two, three = Dimensions(), Dimensions(), Dimensions()
    months = Number(least=1, most=MOST_MONTHS)
    as_of = Day()

    @pre_load
    def keep_what_was_chosen(self, data: Any, **_: object) -> Any:
        """The page's own choices, whatever else stands in the address."""
        known = ("from", "to", "one", "two", "three", "months", "as_of")
        return {key: data[key] for key in known if data.get(key)}


class CubeQuerySchema(InputSchema):
    """What a program asks the cube: whole months."""

    start = Day(required=True, data_key="from", metadata={"description": "first of a month"})
    end = Day(required=True, data_key="to", metadata={"description": "last of a month"})
    by = Dimensions(
        load_default=(), metadata={"description": "at most four of " + ",".join(DIMENSIONS)}
    )
    until = Day(load_default=None, metadata={"description": "last day that results count"})
    months = Number(
        least=1,
        most=MOST_MONTHS,
        load_default=None,
        metadata={"description": "follow everybody for exactly so many months"},
    )
    as_of = Day(load_default=None, metadata={"description": "what was recorded by that day"})


class CubeCountSchema(Schema):
    """How many; both None where hidden."""

    persons = fields.Integer(allow_none=True, required=True)
    events = fields.Integer(allow_none=True, required=True)


class CubeLeadSchema(Schema):
    """Days within which a quarter, half and three quarters got there; None where hidden."""

    persons = fields.Integer(allow_none=True, required=True)
    days = fields.List(fields.Integer(), allow_none=True, required=True)


class CubeRowSchema(Schema):
    """One group: counts and lead times by measure."""

    group = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Nested(CubeCountSchema), required=True)
    lead_times = fields.Dict(
        keys=fields.String(), values=fields.Nested(CubeLeadSchema), required=True
    )


class CubeSchema(Schema):
    """An internal table, not for publication."""

    definitions = fields.String(required=True)
    is_internal = fields.Boolean(required=True)
    start = fields.String(required=True, data_key="from")
    end = fields.String(required=True, data_key="to")
    by = fields.List(fields.String(), required=True)
    until = fields.String(required=True)
    months = fields.Integer(allow_none=True, required=True)
    as_of = fields.String(allow_none=True, required=True)
    rows = fields.List(fields.Nested(CubeRowSchema), required=True)
    total = fields.Nested(CubeRowSchema, required=True)
