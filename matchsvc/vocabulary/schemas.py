"""JSON shapes of the vocabulary."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.vocabulary.browsing import ConceptDetail
from matchsvc.vocabulary.esco import CREDIT
from matchsvc.vocabulary.linking import Linking
from matchsvc.vocabulary.models import (
    ID_LENGTH,
    LABEL_LENGTH,
    REASON_LENGTH,
    ConceptType,
    Scheme,
    SynonymState,
)
from matchsvc.vocabulary.rules import LONGEST_TEXT, MOST_SUGGESTIONS, Source
from matchsvc.vocabulary.synonyms import Decision
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
    evidence = fields.List(fields.String(), required=True)
    label_language = fields.String(required=True)


class LinkingSchema(Schema):
    """What a text may mean."""

    text = fields.String(required=True)
    confident = fields.Boolean(required=True)
    evidence = fields.List(fields.String(), required=True)
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


class AlternativeSchema(Schema):
    """A concept that a line upward may lead to."""

    id = fields.String(attribute="concept.id", required=True)
    label = fields.String(attribute="concept.label_sv", required=True)
    beneath = fields.Integer(required=True)
    given = fields.Boolean(attribute="is_given", required=True)
    chosen = fields.Boolean(attribute="is_chosen", required=True)


class TermSchema(Schema):
    """Another name of a concept."""

    text = fields.String(required=True)
    language = fields.String(required=True)
    from_unit = fields.Boolean(attribute="is_from_unit", required=True)


class ConceptDetailSchema(ConceptSchema):
    """All that is known of a concept."""

    group = fields.Boolean(attribute="is_group", required=True)
    swedish_label = fields.Boolean(attribute="has_swedish_label", required=True)
    isco = fields.String(attribute="isco_code", allow_none=True, required=True)
    list_version = fields.String(allow_none=True, required=True)
    line = fields.List(fields.String(), required=True)
    alternatives = fields.List(fields.Nested(AlternativeSchema), required=True)
    line_corrected = fields.Boolean(required=True)
    line_reason = fields.String(allow_none=True, required=True)
    terms = fields.List(fields.Nested(TermSchema), required=True)
    credit = fields.String(allow_none=True, required=True)


class BrowseSchema(InputSchema):
    """What to look at in the vocabulary."""

    q = Text(longest=100, load_default=None)
    kind = Choice(ConceptType, load_default=None)
    scheme = Choice(Scheme, load_default=None)
    page = Number(least=1, most=10_000, load_default=1)


class ParentSchema(InputSchema):
    """Another line upward: the parent's id, ``-`` for none, and why."""

    parent = Text(required=True, longest=ID_LENGTH)
    reason = Text(required=True, longest=REASON_LENGTH)


class CorrectLineSchema(ParentSchema):
    """Another line upward, from a form that says which version it shows."""

    version = Number(required=True)


class AddWordsSchema(InputSchema):
    """A synonym of the unit."""

    text = Text(required=True, longest=LABEL_LENGTH)


class AddSynonymSchema(AddWordsSchema):
    """A synonym of the unit for a concept."""

    concept = Text(required=True, longest=ID_LENGTH)


class DecisionSchema(InputSchema):
    """What becomes of words; the version is the one that was read."""

    decision = Choice(Decision, required=True)
    version = Number(load_default=None, allow_none=True)


class WordsQuerySchema(InputSchema):
    """Which of the unit's words to show."""

    state = Choice(SynonymState, load_default=None)
    page = Number(least=1, most=10_000, load_default=1)


class SynonymSchema(Schema):
    """A synonym of the unit. Refused words have no text any more."""

    id = fields.UUID(required=True)
    text = fields.String(allow_none=True, required=True)
    concept = fields.String(attribute="concept_id", required=True)
    state = fields.Enum(SynonymState, by_value=True, required=True)
    count = fields.Integer(required=True)
    first_seen_in = fields.Date(required=True)
    last_seen_in = fields.Date(required=True)
    version = fields.Integer(required=True)


class SynonymPageSchema(Schema):
    """A page of the unit's synonyms."""

    items = fields.List(fields.Nested(SynonymSchema), required=True)
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True)


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
        "evidence": list(linking.evidence),
        "suggestions": [
            {
                "id": one.id,
                "label": one.label,
                "matched_label": one.matched_label,
                "kind": one.kind.value,
                "uri": one.uri,
                "score": one.score,
                "label_language": one.label_language,
                "evidence": list(one.evidence),
            }
            for one in linking.suggestions
        ],
    }


def concept_data(detail: ConceptDetail) -> dict[str, Any]:
    """A concept with all that is known of it, for ConceptDetailSchema."""
    concept, correction = detail.concept, detail.correction
    is_corrected = correction is not None and correction.is_in_force
    shown = {name: getattr(concept, name) for name in _CONCEPT}
    return shown | {
        "list_version": detail.version.name if detail.version else None,
        "line": [step.id for step in detail.line],
        "alternatives": detail.alternatives,
        "line_corrected": is_corrected,
        "line_reason": correction.reason if correction and is_corrected else None,
        "terms": detail.terms,
        "credit": CREDIT if concept.scheme is Scheme.ESCO else None,
    }


_CONCEPT = (
    *("id", "scheme", "type", "is_group", "label_sv", "label_en", "has_swedish_label"),
    *("description", "parent_id", "uri", "ssyk_code", "isco_code", "is_deprecated"),
)
