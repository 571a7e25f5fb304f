"""Shapes of the own page, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.own_page.models import CorrectionKind, CorrectionOutcome
from matchsvc.own_page.texts import FIRST
from matchsvc.participants.consent_models import Party
from matchsvc.participants.presentation_models import PresentationSaid
from matchsvc.web.forms import Choice, Flag, InputSchema, Many, Number, Text

_WORDS = 4_000
_LINE = 120
_CODE = 16
_SAY_WHICH = {"required": N_("Välj ett av alternativen.")}


class StartVisitSchema(InputSchema):
    """In which language the page is shown, and who interprets."""

    language = Text(longest=_CODE, load_default=FIRST)
    interpreter = Text(longest=_LINE, load_default=None)


class LanguageSchema(InputSchema):
    """Another language."""

    language = Text(longest=_CODE, required=True)


class PresentationAnswerSchema(InputSchema):
    """An answer to what an employer would see; ``shown`` is the hash of what was read."""

    answer = Choice(PresentationSaid, required=True, error_messages=_SAY_WHICH)
    words = Text(longest=_WORDS, load_default=None)
    shown = Text(longest=64, load_default=None)


class TakeBackSchema(InputSchema):
    """For whom a consent is taken back."""

    parties = Many(Choice(Party), load_default=list)


class SayCorrectionSchema(InputSchema):
    """What is wrong, or seen otherwise, word for word."""

    kind = Choice(CorrectionKind, required=True, error_messages=_SAY_WHICH)
    words = Text(longest=_WORDS, required=True)


class AnswerCorrectionSchema(InputSchema):
    """What was done about it."""

    outcome = Choice(CorrectionOutcome, required=True, error_messages=_SAY_WHICH)
    answer = Text(longest=_WORDS, required=True)
    version = Number(load_default=None)


class AloneSchema(InputSchema):
    """That nobody reads along."""

    alone = Flag()


class LinkSchema(Schema):
    """Whether there is a link that works, and until when. Its address is shown once, when made."""

    live = fields.Boolean(required=True)
    expires_at = fields.AwareDateTime(allow_none=True)
    address = fields.String(allow_none=True)


class PresentationSchema(Schema):
    """The answer that counts."""

    id = fields.UUID(required=True)
    answer = fields.Enum(PresentationSaid, by_value=True, required=True)
    words = fields.String(allow_none=True)
    language = fields.String(required=True)
    answered_at = fields.AwareDateTime(required=True)


class CorrectionSchema(Schema):
    """What was said and what came of it."""

    id = fields.UUID(required=True)
    kind = fields.Enum(CorrectionKind, by_value=True, required=True)
    words = fields.String(required=True)
    language = fields.String(required=True)
    said_at = fields.AwareDateTime(required=True)
    outcome = fields.Enum(CorrectionOutcome, by_value=True, allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer(required=True)


class CopyRowSchema(Schema):
    """One thing that is kept."""

    what = fields.String(required=True)
    value = fields.String(required=True)


class CopySectionSchema(Schema):
    """A part of the copy."""

    title = fields.String(required=True)
    rows = fields.List(fields.Nested(CopyRowSchema), required=True)


class CopySchema(Schema):
    """What is kept about somebody."""

    made_on = fields.String(required=True)
    sections = fields.List(fields.Nested(CopySectionSchema), required=True)
