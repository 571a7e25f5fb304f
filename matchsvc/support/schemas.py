"""Shapes of the support package: forms, and JSON in and out."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from matchsvc.errors import N_
from matchsvc.placements.models import Part, PartState
from matchsvc.placements.workplace_models import AttendanceSaid, Going
from matchsvc.support.links import Standing
from matchsvc.support.models import HELP, RequestKind
from matchsvc.support.requests import TEXT_LONGEST
from matchsvc.support.schedule import ItemKind
from matchsvc.web.forms import BAD_CHOICE, Choice, Clock, Day, Flag, Id, InputSchema, Number, Text


class SupportLinkInputSchema(InputSchema):
    """Whom a link is for."""

    contact_id = Id(required=True)


class BookPreMeetingSchema(InputSchema):
    """When the meeting before a placement is held, and with whom."""

    contact_id = Id(required=True)
    day = Day(required=True)
    at = Clock(required=True)
    minutes = Number(least=15, most=120, load_default=None, allow_none=True)
    place = Text(longest=200, load_default=None, allow_none=True)
    agenda = Text(longest=500, load_default=None, allow_none=True)
    pass_clashes = Flag()


class InfoBlockSchema(InputSchema):
    """A block of the information pack."""

    title_sv = Text(required=True, longest=120)
    body_sv = Text(required=True, longest=4_000)
    title_en = Text(required=True, longest=120)
    body_en = Text(required=True, longest=4_000)
    is_on = Flag()


class EditInfoBlockSchema(InfoBlockSchema):
    """The same, and the version it began from."""

    version = Number(load_default=None)


class MoveBlockSchema(InputSchema):
    """Up or down."""

    up = Flag()


class QaEntrySchema(InputSchema):
    """A question and its answer."""

    question_sv = Text(required=True, longest=200)
    answer_sv = Text(required=True, longest=2_000)
    question_en = Text(longest=200, load_default=None, allow_none=True)
    answer_en = Text(longest=2_000, load_default=None, allow_none=True)
    is_on = Flag()


class NewQaEntrySchema(QaEntrySchema):
    """The same, and the employer's question that it came from."""

    request_id = Id(load_default=None, allow_none=True)


class EditQaEntrySchema(QaEntrySchema):
    """The same, and the version it began from."""

    version = Number(load_default=None)


class AnswerRequestSchema(InputSchema):
    """An answer; none where help was given on the telephone."""

    text = Text(longest=2_000, load_default=None, allow_none=True)
    version = Number(load_default=None)


class AskSchema(InputSchema):
    """A question by the link."""

    submission_id = Id(required=True)
    text = Text(longest=TEXT_LONGEST, load_default=None, allow_none=True)


def _help() -> Choice:
    kind = Choice(RequestKind, required=True)
    kind.validators.append(validate.OneOf(HELP, error=BAD_CHOICE))
    return kind


class HelpSchema(InputSchema):
    """What sort of help is needed."""

    submission_id = Id(required=True)
    kind = _help()


class SayingSchema(InputSchema):
    """How it goes, from the workplace's own supervisor."""

    submission_id = Id(required=True)
    attendance = Choice(AttendanceSaid, required=True)
    going = Choice(Going, required=True)
    text = Text(longest=300, load_default=None, allow_none=True)


class CodeSchema(InputSchema):
    """Six digits."""

    code = Text(required=True, longest=20)


class LostSchema(InputSchema):
    """Where a new link should go."""

    email = fields.Email(
        required=True,
        validate=validate.Length(max=254),
        error_messages={
            "required": N_("Skriv er e-postadress."),
            "invalid": N_("Skriv e-postadressen som namn@exempel.se."),
        },
    )


class PartLineSchema(Schema):
    """One of the six parts."""

    part = fields.Enum(Part, by_value=True)
    state = fields.Enum(PartState, by_value=True)
    due_on = fields.Date(allow_none=True)
    happened_on = fields.Date(allow_none=True)
    evidence = fields.String(allow_none=True)
    version = fields.Integer()


class ReachableSchema(Schema):
    """Somebody the employer may call, and who answers today."""

    role = fields.String()
    name = fields.String(attribute="user.name")
    answers = fields.String(attribute="answers.name")
    phone = fields.String(attribute="answers.phone", allow_none=True)
    away_until = fields.Date(allow_none=True)


class ListedLinkSchema(Schema):
    """A contact and her link. Its address is given only when it is made."""

    contact_id = fields.UUID(attribute="contact.id")
    contact = fields.String(attribute="contact.name")
    link_id = fields.UUID(attribute="row.id", allow_none=True)
    standing = fields.Enum(Standing, by_value=True)
    made_on = fields.Date(allow_none=True)
    last_opened = fields.DateTime(allow_none=True)


class AskedSchema(Schema):
    """A question or call for help."""

    id = fields.UUID(attribute="request.id")
    kind = fields.Enum(RequestKind, by_value=True, attribute="request.kind")
    text = fields.String(attribute="request.text", allow_none=True)
    contact = fields.String()
    owner = fields.String(allow_none=True)
    due_at = fields.DateTime(attribute="request.due_at")
    answer = fields.String(attribute="request.answer", allow_none=True)
    answered_at = fields.DateTime(attribute="request.answered_at", allow_none=True)
    version = fields.Integer(attribute="request.version")


class ScheduleItemSchema(Schema):
    """Something in the schedule of support."""

    uid = fields.String()
    kind = fields.Enum(ItemKind, by_value=True)
    day = fields.Date()
    starts_at = fields.DateTime(allow_none=True)
    ends_at = fields.DateTime(allow_none=True)
    is_done = fields.Boolean()


class SaidSchema(Schema):
    """What the workplace's own supervisor said."""

    said_on = fields.Date(attribute="word.said_on")
    contact = fields.String()
    attendance = fields.Enum(AttendanceSaid, by_value=True, attribute="word.attendance")
    going = fields.Enum(Going, by_value=True, attribute="word.going")
    text = fields.String(attribute="word.text", allow_none=True)


class SupportPackageSchema(Schema):
    """A placement's package."""

    placement_id = fields.UUID(attribute="seen.placement.id")
    parts = fields.List(fields.Nested(PartLineSchema))
    done = fields.Integer()
    is_full = fields.Boolean()
    contacts = fields.List(fields.Nested(ReachableSchema))
    links = fields.List(fields.Nested(ListedLinkSchema))
    requests = fields.List(fields.Nested(AskedSchema))
    schedule = fields.List(fields.Nested(ScheduleItemSchema))
    said = fields.List(fields.Nested(SaidSchema))
    pack_number = fields.Integer(allow_none=True)
    meeting_id = fields.UUID(attribute="meeting.id", allow_none=True)


class MadeLinkSchema(Schema):
    """A new link: the only time that its address is told."""

    id = fields.UUID()
    address = fields.String()
    length = fields.Integer()


class BlockLineSchema(Schema):
    """A block as it stands."""

    id = fields.UUID()
    position = fields.Integer()
    is_on = fields.Boolean()
    title_sv = fields.String()
    body_sv = fields.String()
    title_en = fields.String()
    body_en = fields.String()
    version = fields.Integer()


class BlockListSchema(Schema):
    """The unit's blocks, and the version that is published."""

    blocks = fields.List(fields.Nested(BlockLineSchema))
    published = fields.Integer(allow_none=True)


class InfoPackSchema(Schema):
    """A published version."""

    id = fields.UUID()
    number = fields.Integer()
    published_on = fields.Date()


class EntryLineSchema(Schema):
    """A question and its answer as they stand."""

    id = fields.UUID()
    position = fields.Integer()
    is_on = fields.Boolean()
    question_sv = fields.String()
    answer_sv = fields.String()
    question_en = fields.String(allow_none=True)
    answer_en = fields.String(allow_none=True)
    version = fields.Integer()


class EntryListSchema(Schema):
    """The unit's questions."""

    questions = fields.List(fields.Nested(EntryLineSchema))


class SupportMadeSchema(Schema):
    """The id of what was made or changed."""

    id = fields.UUID()


class StarterAddedSchema(Schema):
    """How many were added."""

    added = fields.Integer()


class SignAgreementSchema(InputSchema):
    """The employer signs the words that stood on the page."""

    shown_hash = Text(required=True, longest=64)
