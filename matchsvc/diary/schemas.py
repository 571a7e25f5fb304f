"""Shapes of meetings: forms, addresses and JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from matchsvc.errors import N_
from matchsvc.participants.wording import CONTACT_LANGUAGES
from matchsvc.web.forms import (
    BAD_CHOICE,
    Choice,
    Clock,
    Day,
    Flag,
    Id,
    InputSchema,
    Many,
    Number,
    Text,
)
from matchsvc.workday.meeting_models import (
    Attendance,
    Authorised,
    ChangeReason,
    InterpreterState,
    InterpreterWish,
)
from matchsvc.workday.meeting_plans import Guest, Interpreting, Plan
from matchsvc.workday.meeting_types import MEETING_TYPES, Party

BAD_KIND = N_("Välj vad det är för möte.")
BAD_EMAIL = N_("Skriv e-postadressen som namn@exempel.se.")
#: How many people from outside one form takes.
OUTSIDERS = (1, 2, 3)


def _kind(**options: Any) -> Text:
    kind = Text(**options)
    kind.validators.append(validate.OneOf(list(MEETING_TYPES), error=BAD_KIND))
    return kind


def _language(**options: Any) -> Text:
    language = Text(**options)
    language.validators.append(validate.OneOf(list(CONTACT_LANGUAGES), error=BAD_CHOICE))
    return language


def _email() -> fields.Email:
    return fields.Email(load_default=None, allow_none=True, error_messages={"invalid": BAD_EMAIL})


class _WhenSchema(InputSchema):
    day = Day(required=True)
    at = Clock(required=True)
    minutes = Number(least=5, most=720, load_default=None, allow_none=True)
    room_id = Id(load_default=None, allow_none=True)
    place = Text(longest=200, load_default=None, allow_none=True)
    limit_reason = Text(longest=300, load_default=None, allow_none=True)
    pass_clashes = Flag()


class BookFormSchema(_WhenSchema):
    """The form of a new meeting."""

    kind = _kind(required=True)
    participants = Text(longest=400, load_default="")
    employer = Id(load_default=None, allow_none=True)
    contact_id = Id(load_default=None, allow_none=True)
    owner_id = Id(load_default=None, allow_none=True)
    staff = Many(Id())
    agenda = Text(longest=500, load_default=None, allow_none=True)
    general_minutes = Number(most=210, load_default=None, allow_none=True)
    every_weeks = Number(least=1, most=2, load_default=1)
    times = Number(least=1, most=26, load_default=1)
    invite = Flag()
    language = _language(load_default=None, allow_none=True)
    authorised = Choice(Authorised, load_default=Authorised.ASKED)
    wishes = Many(Choice(InterpreterWish))
    state = Choice(InterpreterState, load_default=InterpreterState.TO_ASK)
    party_1 = Choice(Party, load_default=None, allow_none=True)
    name_1 = Text(longest=120, load_default=None, allow_none=True)
    email_1 = _email()
    party_2 = Choice(Party, load_default=None, allow_none=True)
    name_2 = Text(longest=120, load_default=None, allow_none=True)
    email_2 = _email()
    party_3 = Choice(Party, load_default=None, allow_none=True)
    name_3 = Text(longest=120, load_default=None, allow_none=True)
    email_3 = _email()


class MoveSchema(_WhenSchema):
    """A new time for a meeting."""

    reason = Choice(ChangeReason, required=True)
    all_following = Flag()
    version = Number(load_default=None, allow_none=True)


class CancelSchema(InputSchema):
    """Why a meeting is called off."""

    reason = Choice(ChangeReason, required=True)
    all_following = Flag()
    version = Number(load_default=None, allow_none=True)


class InterpreterSchema(InputSchema):
    """What is asked of an interpreter and how far the booking has come."""

    language = _language(required=True)
    authorised = Choice(Authorised, load_default=Authorised.ASKED)
    wishes = Many(Choice(InterpreterWish))
    state = Choice(InterpreterState, load_default=InterpreterState.TO_ASK)
    version = Number(load_default=None, allow_none=True)


class SlotSchema(InputSchema):
    """Who gets a slot."""

    number = Number(least=1, most=60, required=True)
    participant = Text(required=True, longest=60)


class AddPersonSchema(InputSchema):
    """One more on a meeting: a participant by alias, or a colleague."""

    participant = Text(load_default="", longest=60)
    staff = Id(load_default=None, allow_none=True)
    pass_clashes = Flag()
    version = Number(load_default=None, allow_none=True)


class RemovePersonSchema(InputSchema):
    """One fewer on a meeting."""

    version = Number(load_default=None, allow_none=True)


class FreeSlotSchema(InputSchema):
    """Which slot is emptied."""

    number = Number(least=1, most=60, required=True)


class MoveSlotSchema(InputSchema):
    """Earlier or later, by one."""

    number = Number(least=1, most=60, required=True)
    later = Flag()
    version = Number(load_default=None)


class GeneralPartSchema(InputSchema):
    """How long is what concerns everybody."""

    minutes = Number(most=210, required=True)
    version = Number(load_default=None)


class VisitSlotOutSchema(Schema):
    """One short follow-up; who is met stands there when the caller may know."""

    number = fields.Integer(required=True)
    starts_at = fields.DateTime(required=True)
    participant = fields.String(attribute="person.alias")
    is_taken = fields.Boolean(required=True)


class VisitWaitingOutSchema(Schema):
    """Somebody of the caller's own who has waited, and for how many days."""

    alias = fields.String(required=True)
    met_on = fields.Date(required=True, allow_none=True)
    days = fields.Integer(required=True)


class VisitOutSchema(Schema):
    """A visit's slots, and who has waited longest."""

    general_minutes = fields.Integer(required=True, attribute="shown.meeting.general_minutes")
    version = fields.Integer(required=True, attribute="shown.meeting.version")
    slots = fields.List(fields.Nested(VisitSlotOutSchema), required=True)
    waiting = fields.List(fields.Nested(VisitWaitingOutSchema), required=True)


class HandOverSchema(InputSchema):
    """Which meetings somebody else shall answer for."""

    meetings = Many(Id())
    to_user = Id(required=True)


class RoomSchema(InputSchema):
    """A room of the unit."""

    name = Text(required=True, longest=80)


class AttendedSchema(InputSchema):
    """Whether one person came. Never why not."""

    person_id = Id(required=True)
    attendance = Choice(Attendance, required=True)


class WentSchema(InputSchema):
    """How a meeting went."""

    minutes_spent = Number(most=720, load_default=None, allow_none=True)
    outcome = Text(longest=2_000, load_default=None, allow_none=True)
    next_on = Day(load_default=None, allow_none=True)
    version = Number(load_default=None, allow_none=True)


class WentJsonSchema(WentSchema):
    """How a meeting went, from a program."""

    attendance = fields.List(fields.Nested(AttendedSchema), load_default=list)


class OutsiderSchema(InputSchema):
    """Somebody from outside the unit."""

    party = Choice(Party, required=True)
    contact_id = Id(load_default=None, allow_none=True)
    name = Text(longest=120, load_default=None, allow_none=True)
    email = _email()


class InterpretingSchema(InputSchema):
    """An interpreter that a program asks for."""

    language = _language(required=True)
    authorised = Choice(Authorised, load_default=Authorised.ASKED)
    wishes = Many(Choice(InterpreterWish))
    state = Choice(InterpreterState, load_default=InterpreterState.TO_ASK)


class BookJsonSchema(_WhenSchema):
    """A new meeting from a program."""

    kind = _kind(required=True)
    participants = Many(Id())
    staff = Many(Id())
    outside = fields.List(fields.Nested(OutsiderSchema), load_default=list)
    owner_id = Id(load_default=None, allow_none=True)
    agenda = Text(longest=500, load_default=None, allow_none=True)
    general_minutes = Number(most=210, load_default=None, allow_none=True)
    interpreters = fields.List(fields.Nested(InterpretingSchema), load_default=list)
    every_weeks = Number(least=1, most=2, load_default=1)
    times = Number(least=1, most=26, load_default=1)
    invite = Flag()


class DiaryQuerySchema(InputSchema):
    """Which days, whose."""

    day = Day(load_default=None, allow_none=True)
    view = Text(load_default="day", longest=10)
    of = Text(load_default="me", longest=10)


class MeetingPersonOutSchema(Schema):
    """Somebody on a meeting, named as the caller may see it."""

    id = fields.UUID(required=True)
    party = fields.String(required=True)
    name = fields.String(allow_none=True)
    slot = fields.Integer(allow_none=True)
    attendance = fields.String(allow_none=True)


class MeetingOutSchema(Schema):
    """A meeting; a busy one holds its times and whose time it is, nothing else."""

    id = fields.UUID(allow_none=True)
    is_busy = fields.Boolean(required=True)
    kind = fields.String(allow_none=True)
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)
    owner = fields.String(required=True)
    staff = fields.List(fields.String(), required=True)
    place = fields.String(allow_none=True)
    people = fields.List(fields.Nested(MeetingPersonOutSchema), required=True)
    series_id = fields.UUID(allow_none=True)
    is_cancelled = fields.Boolean(required=True)
    interpreters_wanted = fields.List(fields.String(), required=True)
    lacks_interpreter = fields.Boolean(required=True)
    version = fields.Integer(allow_none=True)


class DiarySchema(Schema):
    """The meetings of a day or a week."""

    first = fields.Date(required=True)
    last = fields.Date(required=True)
    meetings = fields.List(fields.Nested(MeetingOutSchema), required=True)


def plan_from_form(data: dict[str, Any], participants: list[Any]) -> Plan:
    """What the form says, as the rule takes it."""
    guests = [Guest(Party.PARTICIPANT, key) for key in participants]
    guests += [Guest(Party.STAFF, key) for key in data["staff"]]
    if data["contact_id"]:
        guests.append(Guest(Party.EMPLOYER, data["contact_id"]))
    guests += [
        Guest(data[f"party_{n}"], None, data[f"name_{n}"], data[f"email_{n}"])
        for n in OUTSIDERS
        if data[f"party_{n}"]
    ]
    wanted: tuple[Interpreting, ...] = ()
    if data["language"]:
        wanted = (
            Interpreting(
                data["language"], data["authorised"], tuple(data["wishes"]), data["state"]
            ),
        )
    return _plan(data, guests, wanted)


def plan_from_json(data: dict[str, Any]) -> Plan:
    """What a program sent, as the rule takes it."""
    guests = [Guest(Party.PARTICIPANT, key) for key in data["participants"]]
    guests += [Guest(Party.STAFF, key) for key in data["staff"]]
    guests += [
        Guest(each["party"], each["contact_id"], each["name"], each["email"])
        for each in data["outside"]
    ]
    wanted = tuple(
        Interpreting(each["language"], each["authorised"], tuple(each["wishes"]), each["state"])
        for each in data["interpreters"]
    )
    return _plan(data, guests, wanted)


def _plan(data: dict[str, Any], guests: list[Guest], wanted: tuple[Interpreting, ...]) -> Plan:
    day: date = data["day"]
    return Plan(
        kind=data["kind"],
        day=day,
        at=data["at"],
        minutes=data["minutes"],
        guests=tuple(guests),
        room_id=data["room_id"],
        place=data["place"],
        agenda=data["agenda"],
        general_minutes=data["general_minutes"],
        limit_reason=data["limit_reason"],
        interpreters=wanted,
    )
