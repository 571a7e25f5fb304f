"""Shapes of the documents of a placement."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.documents.card import NOTE_LONGEST, Judged
from matchsvc.documents.models import GivenHow, GivenTo
from matchsvc.documents.scale import LEVELS
from matchsvc.documents.writing import LONGEST
from matchsvc.participants.consent_models import DisclosureRule
from matchsvc.web.forms import Choice, Flag, Id, InputSchema, Many, Number, Text


class DocumentSectionInSchema(InputSchema):
    """One part of a document, a sentence a line."""

    text = Text(longest=LONGEST, load_default="")
    version = Number(required=True)
    keeps_health_words = Flag()


class DocumentOfferSchema(InputSchema):
    """Fix the words as they were shown."""

    shown_hash = Text(required=True, longest=64)


class DocumentVersionSchema(InputSchema):
    """An act on the open version as it was shown."""

    version = Number(required=True)


class DocumentDropSchema(DocumentVersionSchema):
    """Give up the open version."""

    reason = Text(longest=500, load_default="")


class JudgedSchema(InputSchema):
    """What was seen of one competence; no level means that it did not come up."""

    concept_id = Text(required=True, longest=100)
    level = Number(load_default=None, allow_none=True, least=LEVELS[0], most=LEVELS[-1])
    note = Text(longest=NOTE_LONGEST, load_default=None, allow_none=True)


class AssessSchema(InputSchema):
    """What was seen of several."""

    judged = Many(fields.Nested(JudgedSchema))
    version = Number(load_default=None, allow_none=True)


def judged_of(data: dict[str, Any]) -> list[Judged]:
    """What was loaded, as the rule takes it."""
    return [Judged(**each) for each in data["judged"]]


class GiveSchema(InputSchema):
    """Note that a signed document is given to somebody."""

    given_to = Choice(GivenTo, required=True)
    how = Choice(GivenHow, load_default=GivenHow.PAPER)
    interpreter_language = Text(longest=40, load_default=None, allow_none=True)
    rule = Choice(DisclosureRule, load_default=DisclosureRule.CONSENT)
    contact_id = Id(load_default=None, allow_none=True)
    request_id = Id(required=True)


class DocumentLineSchema(Schema):
    """A sentence and where it comes from."""

    text = fields.String()
    source = fields.String(allow_none=True)
    follow_ups = fields.List(fields.Integer())


class DocumentSectionSchema(Schema):
    """One part as the API shows it."""

    code = fields.String()
    version = fields.Integer()
    lines = fields.List(fields.Nested(DocumentLineSchema))


class SeenCompetenceSchema(Schema):
    """What was seen of one competence as the API shows it."""

    concept_id = fields.String()
    level = fields.Integer(allow_none=True)
    note = fields.String(allow_none=True)
    seen_on = fields.Date()
    assessor_role = fields.String()


class DocumentCodeSchema(InputSchema):
    """Six digits that open the paper on the page of the link."""

    code = Text(required=True, longest=20)


class DocumentDeliverySchema(Schema):
    """Who was given it."""

    id = fields.UUID()
    given_to = fields.String()
    how = fields.String()
    given_on = fields.Date()
    interpreter_language = fields.String(allow_none=True)


class EndDocumentSchema(Schema):
    """One version as the API shows it."""

    kind = fields.String()
    number = fields.Integer()
    state = fields.String()
    version = fields.Integer()
    shown_hash = fields.String()
    sections = fields.List(fields.Nested(DocumentSectionSchema))
    seen = fields.List(fields.Nested(SeenCompetenceSchema))
    signers = fields.List(fields.String())
    signed = fields.List(fields.String())
    signed_at = fields.AwareDateTime(allow_none=True)
    deliveries = fields.List(fields.Nested(DocumentDeliverySchema))


class DocumentStateSchema(Schema):
    """How far one kind of document has come."""

    kind = fields.String()
    number = fields.Integer(allow_none=True)
    state = fields.String(allow_none=True)
