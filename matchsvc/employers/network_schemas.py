"""Shapes beside the register: history, bars, periods, results, carving, subsidies."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.employers.models import Bar
from matchsvc.web.forms import Choice, Day, Id, InputSchema, Many, Number, Text

_LONG = 4000
_MOST_PLACES = 1000


class BarCheckSchema(InputSchema):
    """A check of bars: what was looked for, where, when, and what was found."""

    checked_on = Day(required=True)
    looked_for = Many(Choice(Bar))
    source = Text(required=True, longest=300)
    found = Choice(Bar, load_default=None)


class BarCheckFormSchema(BarCheckSchema):
    """The same, and the employer's version it began from."""

    version = Number(required=True, least=1)


class PeriodSchema(InputSchema):
    """A number of places between two days, both inclusive."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    places = Number(required=True, least=0, most=_MOST_PLACES)
    supervisors = Number(least=0, most=_MOST_PLACES, load_default=None, allow_none=True)


class PeriodsSchema(InputSchema):
    """All periods of a site or an offer; replaces what was said."""

    periods = Many(fields.Nested(PeriodSchema))


class YearSchema(InputSchema):
    """Which year; nothing said is the last one that has ended."""

    year = Number(least=2000, most=2100, load_default=None)


class SendResultsSchema(InputSchema):
    """Who gets the letter."""

    year = Number(required=True, least=2000, most=2100)
    contact_id = Id(load_default=None)


class CarvedTaskSchema(InputSchema):
    """A task in the liaison's words; the rule says in words what is wrong with it."""

    words = Text(longest=300, load_default="")
    hours = Number(least=0, most=_MOST_PLACES, load_default=0)
    needs = Text(longest=300, load_default="")


class CarveSchema(InputSchema):
    """The tasks to make a place of."""

    tasks = Many(fields.Nested(CarvedTaskSchema))


class SubsidySchema(InputSchema):
    """What is known of a subsidy from a day on."""

    name = Text(required=True, longest=200)
    what = Text(required=True, longest=_LONG)
    limits = Text(required=True, longest=_LONG)
    law = Text(required=True, longest=300)
    source = Text(required=True, longest=300)
    valid_from = Day(required=True)
    valid_to = Day(load_default=None)
    verified_on = Day(required=True)


class ChangeOutSchema(Schema):
    """One field that changed; codes as the table keeps them."""

    at = fields.AwareDateTime()
    by = fields.String(allow_none=True)
    subject = fields.String()
    name = fields.String()
    field = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class HistorySchema(Schema):
    """A page of an employer's changes, newest first."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    changes = fields.List(fields.Nested(ChangeOutSchema))


class HistoryQuerySchema(InputSchema):
    """Which page."""

    page = Number(least=1, most=100_000, load_default=1)


class BarCheckOutSchema(Schema):
    """A check that was made."""

    id = fields.UUID()
    checked_on = fields.Date()
    looked_for = fields.List(fields.String())
    source = fields.String()
    found = fields.Enum(Bar, by_value=fields.String(), allow_none=True)
    by = fields.String()


class BarChecksSchema(Schema):
    """An employer's checks, newest first, and whether somebody should look again."""

    is_old = fields.Boolean()
    months = fields.Integer()
    checks = fields.List(fields.Nested(BarCheckOutSchema))


class PeriodOutSchema(Schema):
    """A number of places between two days."""

    first_day = fields.Date()
    last_day = fields.Date()
    places = fields.Integer()
    supervisors = fields.Integer(allow_none=True)


class PeriodsOutSchema(Schema):
    """All periods, earliest first."""

    periods = fields.List(fields.Nested(PeriodOutSchema))


class OfferCalendarSchema(PeriodsOutSchema):
    """An offer over time; ``why_closed`` is a Swedish sentence, null when it takes people today."""

    places_today = fields.Integer()
    paused_until = fields.Date(allow_none=True)
    why_closed = fields.String(allow_none=True)


class ResultsSchema(Schema):
    """Numbers of events at one employer in a year."""

    employer_id = fields.UUID()
    employer = fields.String()
    placed = fields.Integer()
    completed = fields.Integer()
    hired = fields.Integer()
    sent_on = fields.Date(allow_none=True)


class ResultsListSchema(Schema):
    """The unit's employers with something to tell, and how many were told."""

    year = fields.Integer()
    told = fields.Integer()
    of = fields.Integer()
    employers = fields.List(fields.Nested(ResultsSchema))


class NeedOutSchema(Schema):
    """Something to be able to, for which task, and ids of concepts that may be meant."""

    words = fields.String()
    purpose = fields.String()
    suggestions = fields.List(fields.String())


class CarvedSchema(Schema):
    """The beginning of an offer; nothing is saved."""

    tasks = fields.String()
    hours = fields.Integer()
    needs = fields.List(fields.Nested(NeedOutSchema))


class SubsidyRowSchema(Schema):
    """What holds, or held, of a subsidy."""

    code = fields.String()
    name = fields.String()
    what = fields.String()
    limits = fields.String()
    law = fields.String()
    source = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    verified_on = fields.Date()


class SubsidyOutSchema(Schema):
    """A subsidy as it is known today. The state's agency decides in each case."""

    now = fields.Nested(SubsidyRowSchema)
    earlier = fields.List(fields.Nested(SubsidyRowSchema))
    coming = fields.List(fields.Nested(SubsidyRowSchema))
    is_old = fields.Boolean()
    has_ended = fields.Boolean()


class SubsidiesSchema(Schema):
    """All of them."""

    decided_by = fields.String()
    subsidies = fields.List(fields.Nested(SubsidyOutSchema))
