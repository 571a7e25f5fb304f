"""JSON shapes of the vocabulary."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.rules import LONGEST_TEXT, MOST_SUGGESTIONS, Linking, Source
from matchsvc.web.forms import Choice, InputSchema, Number, Text


class SuggestSchema(InputSchema):
    """A text to link. It may be somebody's own words, so it travels in the body."""

    text = Text(required=True, longest=LONGEST_TEXT)
    top = Number(least=1, most=MOST_SUGGESTIONS, load_default=5)
    source = Choice(Source, load_default=Source.STARTER)
    kind = Choice(ConceptType, load_default=None)


class SuggestionSchema(Schema):
    """A concept that the text may mean; a person decides."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    label_en = fields.String(required=True)
    matched_label = fields.String(required=True)
    kind = fields.Enum(ConceptType, by_value=True, required=True)
    uri = fields.String(allow_none=True, required=True)
    score = fields.Integer(required=True)
    matched_words = fields.List(fields.String(), required=True)


class LinkingSchema(Schema):
    """What a text may mean."""

    text = fields.String(required=True)
    confident = fields.Boolean(required=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema), required=True)


class SearchSchema(InputSchema):
    """A search in the vocabulary's names."""

    q = Text(required=True, longest=100)
    kind = Choice(ConceptType, load_default=None)
    limit = Number(least=1, most=100, load_default=20)


class ConceptSchema(Schema):
    """A concept."""

    id = fields.String(required=True)
    scheme = fields.String(required=True)
    kind = fields.Enum(ConceptType, by_value=True, attribute="type", required=True)
    label = fields.String(attribute="label_sv", required=True)
    label_en = fields.String(required=True)
    description = fields.String(required=True)
    parent = fields.String(attribute="parent_id", allow_none=True, required=True)
    uri = fields.String(allow_none=True, required=True)
    ssyk = fields.String(attribute="ssyk_code", allow_none=True, required=True)
    deprecated = fields.Boolean(attribute="is_deprecated", required=True)


class ConditionSchema(Schema):
    """A working condition, from both sides."""

    id = fields.String(required=True)
    need = fields.String(attribute="need_sv", required=True)
    need_en = fields.String(required=True)
    offers = fields.String(attribute="offer_sv", required=True)
    offers_en = fields.String(attribute="offer_en", required=True)
    excludes = fields.String(attribute="exclude_sv", required=True)
    excludes_en = fields.String(attribute="exclude_en", required=True)
    accommodation = fields.String(attribute="accommodation_sv", required=True)
    accommodation_en = fields.String(required=True)


def linking_data(linking: Linking) -> dict[str, Any]:
    """What ``matchsvc competences suggest --json`` says of one text (contract section 1)."""
    return {
        "text": linking.text,
        "confident": linking.confident,
        "suggestions": [
            {
                "id": one.id,
                "label": one.label,
                "matched_label": one.matched_label,
                "kind": one.kind.value,
                "uri": one.uri,
                "score": one.score,
            }
            for one in linking.suggestions
        ],
    }
