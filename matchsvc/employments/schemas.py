"""Shapes of jobs, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.employments.models import (
    Lasts,
    ReviewAnswer,
    SupportWish,
    UnionOpinion,
    UnionStep,
)
from matchsvc.employments.terms import TERM_FIELDS, Terms
from matchsvc.errors import N_
from matchsvc.placements.employments import Job
from matchsvc.placements.models import EmploymentKind
from matchsvc.web.forms import Choice, Day, Flag, Id, InputSchema, Number, Text

_HOURS = N_("Skriv ett tal från 1 till 40.")
_LINE = 120


class TermsFieldsSchema(InputSchema):
    """What a job rests on, from a page or a program."""

    subsidy_ref = Text(longest=80)
    subsidy_code = Text(longest=60)
    subsidy_from = Day()
    subsidy_to = Day()
    host = Text(longest=_LINE)
    motivation = Text(longest=1000)
    displaces_nobody = Flag()
    displaces_nobody_by = Text(longest=_LINE)
    union_step = Choice(UnionStep)
    union_asked_on = Day()
    union_answered_on = Day()
    union_opinion = Choice(UnionOpinion)


class EmploymentSchema(TermsFieldsSchema):
    """What registers a job, from a page or a program."""

    participant_id = Id(required=True)
    site_id = Id(required=True)
    kind = Choice(EmploymentKind, required=True)
    start_date = Day(required=True)
    planned_end_date = Day()
    placement_id = Id()
    offer_id = Id()
    hours = Number(least=1, most=40, message=_HOURS)
    subsidy = Text(longest=80)
    comment = Text(longest=2000)
    external_id = Text(longest=40)


class ChangeTermsSchema(TermsFieldsSchema):
    """A job's other last day, other hours, or a new decision; all is sent each time."""

    planned_end_date = Day(load_default=None)
    hours = Number(least=1, most=40, message=_HOURS, load_default=None)
    subsidy_ref = Text(longest=80, load_default=None)
    version = Number(load_default=None)


def split_terms(data: dict[str, Any]) -> tuple[dict[str, Any], Terms]:
    """What was sent, as the job's own fields and its terms."""
    own = {name: value for name, value in data.items() if name not in TERM_FIELDS}
    return own, Terms(**{name: data[name] for name in TERM_FIELDS if name in data})


def job_from(data: dict[str, Any]) -> tuple[Job, Terms]:
    """A job and its terms from :class:`EmploymentSchema`."""
    own, terms = split_terms(data)
    return Job(**own), terms


class CheckTickSchema(InputSchema):
    """Something was gone through, or was not."""

    done = Flag()
    version = Number(load_default=None)


class JobFollowUpSchema(InputSchema):
    """What was heard of a job."""

    months = Number(most=60, load_default=None)
    held_on = Day(required=True)
    lasts = Choice(Lasts, required=True)
    hours = Number(least=1, most=40, message=_HOURS, load_default=None)
    support = Choice(SupportWish, load_default=None)
    said = Text(longest=1000, load_default=None)
    next_on = Day(load_default=None)
    version = Number(load_default=None)


class TryOutSchema(InputSchema):
    """A time at a company, and what it rests on."""

    site_id = Id(required=True)
    first_day = Day(required=True)
    last_day = Day(required=True)
    purpose = Text(longest=500, required=True)
    agreement_ref = Text(longest=80, required=True)
    agreed_on = Day(required=True)
    agreed_by = Text(longest=_LINE, required=True)
    manager_id = Id(required=True)
    insurance_ref = Text(longest=80, required=True)


class JobVersionSchema(InputSchema):
    """The version that was shown."""

    version = Number(load_default=None)


class FoundTaskSchema(InputSchema):
    """A task that was found together with the workplace."""

    text = Text(longest=300, required=True)
    agreed_by = Text(longest=_LINE, required=True)
    agreed_on = Day(required=True)


class ReviewSchema(InputSchema):
    """Whether it is time for a job."""

    answer = Choice(ReviewAnswer, required=True)
    why = Text(longest=1000, load_default=None)
    look_again_on = Day(load_default=None)


class EmploymentOutSchema(Schema):
    """An employment as a program sees it."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True)
    participant_id = fields.UUID(required=True)
    site_id = fields.UUID(required=True)
    placement_id = fields.UUID(required=True, allow_none=True)
    kind = fields.Enum(EmploymentKind, by_value=True, required=True)
    start_date = fields.Date(required=True)
    planned_end_date = fields.Date(required=True, allow_none=True)
    end_date = fields.Date(required=True, allow_none=True)
    hours = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)


class JobFollowUpOutSchema(Schema):
    """A follow-up of a job that is to be held, or what was heard."""

    months = fields.Integer(required=True, allow_none=True)
    due_on = fields.Date(required=True)
    held_on = fields.Date(attribute="held.held_on")
    lasts = fields.Enum(Lasts, by_value=True, attribute="held.lasts")
    hours = fields.Integer(attribute="held.hours", allow_none=True)
    support = fields.Enum(SupportWish, by_value=True, attribute="held.support", allow_none=True)
    next_on = fields.Date(attribute="held.next_on", allow_none=True)


class DemandOutSchema(Schema):
    """One thing that a resource employment must have."""

    code = fields.String(required=True)
    is_met = fields.Boolean(required=True)


class ClosingStepOutSchema(Schema):
    """A step of the closing that is left."""

    kind = fields.String(required=True)
    due_on = fields.Date(required=True)


class JobTryOutOutSchema(Schema):
    """A time at a company."""

    id = fields.UUID(required=True)
    site_id = fields.UUID(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    agreement_ref = fields.String(required=True)
    agreed_on = fields.Date(required=True)
    insurance_ref = fields.String(required=True)
    withdrawn_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class FoundTaskOutSchema(Schema):
    """A task that was found together with the workplace."""

    id = fields.UUID(required=True)
    text = fields.String(required=True)
    agreed_by = fields.String(required=True)
    agreed_on = fields.Date(required=True)


class EmploymentDetailSchema(Schema):
    """A job with everything that belongs to it, but what was said."""

    employment = fields.Nested(EmploymentOutSchema, required=True, attribute="opened.employment")
    state = fields.String(required=True)
    demands = fields.List(fields.Nested(DemandOutSchema), required=True)
    follow_ups = fields.List(fields.Nested(JobFollowUpOutSchema), required=True)
    found_tasks = fields.List(fields.Nested(FoundTaskOutSchema), required=True)
    closing = fields.List(fields.Nested(ClosingStepOutSchema), required=True)
    hours_together = fields.Integer(required=True, attribute="together.hours")
    full_week = fields.Integer(required=True, attribute="together.full_week")
    is_too_much = fields.Boolean(required=True, attribute="together.is_too_much")


class EmploymentListSchema(Schema):
    """Jobs, the latest start first."""

    employments = fields.List(fields.Nested(EmploymentOutSchema), required=True)


class JobListQuerySchema(Schema):
    """Which jobs to list."""

    ended = fields.Boolean(load_default=False)


class ReviewOutSchema(Schema):
    """What was answered, without why."""

    answered_on = fields.Date(required=True)
    answer = fields.Enum(ReviewAnswer, by_value=True, required=True)
    look_again_on = fields.Date(required=True, allow_none=True)
