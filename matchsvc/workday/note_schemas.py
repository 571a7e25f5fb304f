"""Shapes of notes, in and out."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.web.forms import Choice, Day, Flag, InputSchema, Number, Text
from matchsvc.workday.note_models import AdditionKind, NoteCategory, Secrecy
from matchsvc.workday.time_spent import Talk

_WORDS = 6_000


class NoteQuerySchema(InputSchema):
    """Which page, and whether of what was put away."""

    page = Number(least=1, load_default=1)
    archived = Flag()


class WriteNoteSchema(InputSchema):
    """What is written."""

    happened = Text(
        required=True, longest=_WORDS, error_messages={"required": N_("Skriv vad som hände.")}
    )
    agreed = Text(longest=_WORDS, load_default=None)
    category = Choice(NoteCategory, load_default=NoteCategory.CONTACT)
    happened_on = Day(load_default=None)
    minutes = Number(least=1, most=600, load_default=None)
    secrecy = Choice(Secrecy, load_default=Secrecy.STANDARD)


class EditNoteSchema(WriteNoteSchema):
    """What is changed within the day, and the version it began from."""

    version = Number(load_default=None)


class TimeSchema(InputSchema):
    """How long a talk of today took."""

    talk = Choice(Talk, required=True)
    minutes = Number(least=1, most=600, required=True)


class CorrectNoteSchema(InputSchema):
    """What is added below."""

    words = Text(longest=_WORDS, load_default="")


class ArchiveNoteSchema(InputSchema):
    """Why it is put away."""

    reason = Text(longest=200, load_default="")


class AdditionSchema(Schema):
    """A correction, or an earlier text."""

    kind = fields.Enum(AdditionKind, by_value=True)
    words = fields.String()
    added_by_id = fields.UUID()
    added_at = fields.AwareDateTime()


class NoteSchema(Schema):
    """One note."""

    id = fields.UUID()
    author_id = fields.UUID()
    written_at = fields.AwareDateTime()
    happened_on = fields.Date()
    category = fields.Enum(NoteCategory, by_value=True)
    secrecy = fields.Enum(Secrecy, by_value=True)
    minutes = fields.Integer(allow_none=True)
    happened = fields.String()
    agreed = fields.String(allow_none=True)
    archived_at = fields.AwareDateTime(allow_none=True)
    archived_reason = fields.String(allow_none=True)
    version = fields.Integer()
    additions = fields.List(fields.Nested(AdditionSchema))


class NoteListSchema(Schema):
    """A page of notes."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    notes = fields.List(fields.Nested(NoteSchema))
