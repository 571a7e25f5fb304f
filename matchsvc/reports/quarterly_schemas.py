"""What the pages and the API of the quarterly report and of pictures take and give."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validates_schema

from matchsvc.errors import N_
from matchsvc.reports.quarterly_words import SECTIONS
from matchsvc.reports.quarters import quarter_from
from matchsvc.web.forms import InputSchema, Number, Text

BAD_QUARTER = N_("Kvartalet finns inte. Skriv till exempel 2026-3.")
LONGEST_NOTE = 2000


class Quarter(fields.String):
    """A quarter as ``2026-3``; gives its period."""

    default_error_messages: dict[str, Any] = {"invalid": BAD_QUARTER}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        found = quarter_from(super()._deserialize(value, attr, data, **kwargs))
        if found is None:
            raise self.make_error("invalid")
        return found


class PicturePageSchema(InputSchema):
    """The first and the last quarter of pictures."""

    start = Quarter(data_key="from")
    end = Quarter(data_key="to")

    @pre_load
    def keep_what_was_chosen(self, data: Any, **_: object) -> Any:
        """The page's own choices, whatever else stands in the address."""
        return {key: data[key] for key in ("from", "to") if data.get(key)}

    @validates_schema
    def check_order(self, data: Any, **_: object) -> None:
        """The last quarter is not before the first."""
        if {"start", "end"} <= set(data) and data["end"].end_date < data["start"].start_date:
            raise ValidationError(
                {"to": [N_("Perioden slutar innan den börjar. Byt plats på kvartalen.")]}
            )


class BeginQuarterlySchema(InputSchema):
    """Which quarter a report is begun on."""

    quarter = Quarter(required=True)


class QuarterlyNoteSchema(InputSchema):
    """One section's note, against the version that was read."""

    text = Text(longest=LONGEST_NOTE, load_default="")
    version = Number(required=True)


#: All notes of a page, the version of each and which figures were read, as the form sends them.
NotesFormSchema = InputSchema.from_dict(
    {
        **{f"note_{name}": Text(longest=LONGEST_NOTE, load_default="") for name in SECTIONS},
        **{f"version_{name}": Number(required=True) for name in SECTIONS},
        "read": Text(longest=64, load_default=None),
    },
    name="NotesFormSchema",
)


class QuarterlyLineSchema(Schema):
    """One version of a report on one quarter."""

    id = fields.UUID(required=True)
    quarter = fields.String(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    frozen_at = fields.DateTime(required=True, allow_none=True)
    checksum = fields.String(required=True, allow_none=True)


class QuarterlyReportSchema(QuarterlyLineSchema):
    """A report and what it says. A figure is ``[n, of, quartiles]``; null where hidden or none."""

    content = fields.Dict(keys=fields.String(), required=True)
    note_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class FreezeQuarterlySchema(InputSchema):
    """The version of the draft that was read."""

    version = Number(required=True)


class QuarterlySubscriptionSchema(InputSchema):
    """Whether the caller is told when a quarter has ended."""

    wanted = fields.Boolean(required=True, truthy={True}, falsy={False})
