"""Shapes of agreements, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load

from matchsvc.web.forms import Day, Flag, InputSchema, Number, Text

_MOST = 100_000
_ANSWERS = {"yes": True, "no": False}


class AgreementSchema(InputSchema):
    """What is written about an agreement."""

    code = Text(required=True, longest=40)
    partner = Text(required=True, longest=200)
    is_national = Flag()
    start_date = Day(load_default=None)
    end_date = Day(load_default=None)
    commitments = Text(longest=4_000, load_default=None)
    goal_placements = Number(least=0, most=_MOST, load_default=None)
    goal_hires = Number(least=0, most=_MOST, load_default=None)
    names_group = Text(longest=3, load_default=None, metadata={"description": "yes, no or nothing"})
    follow_up_on = Day(load_default=None)

    @post_load
    def read_answer(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """A word as what it says."""
        return data | {"names_group": _ANSWERS.get(data["names_group"] or "")}


class EditAgreementSchema(AgreementSchema):
    """The same, and the version it began from."""

    version = Number(load_default=None)


class AgreementLineSchema(Schema):
    """An agreement and what has come of it; null where so few are hidden."""

    id = fields.UUID(attribute="agreement.id")
    code = fields.String(attribute="agreement.code")
    partner = fields.String(attribute="agreement.partner")
    is_national = fields.Boolean(attribute="agreement.is_national")
    start_date = fields.Date(attribute="agreement.start_date", allow_none=True)
    end_date = fields.Date(attribute="agreement.end_date", allow_none=True)
    commitments = fields.String(attribute="agreement.commitments", allow_none=True)
    goal_placements = fields.Integer(attribute="agreement.goal_placements", allow_none=True)
    goal_hires = fields.Integer(attribute="agreement.goal_hires", allow_none=True)
    names_group = fields.Boolean(attribute="agreement.names_group", allow_none=True)
    follow_up_on = fields.Date(attribute="agreement.follow_up_on", allow_none=True)
    version = fields.Integer(attribute="agreement.version")
    employers = fields.Integer()
    sites = fields.Integer()
    placed = fields.Integer(allow_none=True)
    hired = fields.Integer(allow_none=True)


class AgreementListSchema(Schema):
    """The unit's agreements, by partner."""

    agreements = fields.List(fields.Nested(AgreementLineSchema))
