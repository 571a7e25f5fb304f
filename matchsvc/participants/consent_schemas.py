"""Shapes of consents and disclosures, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields

from matchsvc.errors import N_
from matchsvc.participants.consent_models import (
    BY_RIGHT,
    Category,
    ConsentAnswer,
    DisclosureRule,
    Party,
    RevokedHow,
)
from matchsvc.web.forms import Choice, Day, Id, InputSchema, Many, Text
from matchsvc.workday.signature_models import IdentifiedHow

#: One party and one kind of information, as a checkbox or a program sends them.
SCOPES = {
    f"{party}.{category}": (party, category)
    for party in Party
    for category in Category
    if party not in BY_RIGHT and category is not Category.RECORD
}
_LINE = 200


class Scope(fields.String):
    """``health_care.work_ability``: a party and a category."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in SCOPES:
            raise ValidationError(N_("Välj en part och vad ni får prata om ur listan."))
        return SCOPES[text]


class AnswerConsentSchema(InputSchema):
    """What was answered to the text that was read together."""

    answer = Choice(ConsentAnswer, required=True)
    scopes = Many(Scope(), load_default=list)
    valid_until = Day(load_default=None)
    language = Text(longest=8, load_default="sv")
    text_version = Text(longest=8, load_default=None)
    identified_how = Choice(IdentifiedHow, load_default=IdentifiedHow.KNOWN)
    reservation = Text(longest=1000, load_default=None)
    interpreter_language = Text(longest=8, load_default=None)


class RevokeConsentSchema(InputSchema):
    """How a consent was taken back, and for whom; nobody named means all of it."""

    how = Choice(RevokedHow, load_default=RevokedHow.IN_PERSON)
    parties = Many(Choice(Party), load_default=list)


class DiscloseSchema(InputSchema):
    """What is told to somebody outside, and by which rule."""

    party = Choice(Party, required=True)
    recipient = Text(required=True, longest=_LINE)
    category = Choice(Category, required=True)
    purpose = Text(required=True, longest=_LINE)
    rule = Choice(DisclosureRule, load_default=DisclosureRule.CONSENT)
    request_id = Id(required=True)


class ConsentScopeSchema(Schema):
    """What a consent opens."""

    party = fields.Enum(Party, by_value=True)
    category = fields.Enum(Category, by_value=True)
    revoked_at = fields.AwareDateTime(allow_none=True)


class ConsentSchema(Schema):
    """One answer."""

    id = fields.UUID()
    answer = fields.Enum(ConsentAnswer, by_value=True)
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True)
    text_version = fields.String()
    text_language = fields.String()
    reservation = fields.String(allow_none=True)
    interpreter_language = fields.String(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)
    scopes = fields.List(fields.Nested(ConsentScopeSchema))


class DisclosureSchema(Schema):
    """One thing told."""

    id = fields.UUID()
    party = fields.Enum(Party, by_value=True)
    recipient = fields.String()
    category = fields.Enum(Category, by_value=True)
    purpose = fields.String()
    rule = fields.Enum(DisclosureRule, by_value=True)
    consent_id = fields.UUID(allow_none=True)
    disclosed_at = fields.AwareDateTime()
