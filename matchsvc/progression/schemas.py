"""Shapes of the way, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.participants.case_models import PauseReason, WorkerReason
from matchsvc.progression.ladders import (
    HIGHEST,
    LONGEST_DEFINITION,
    LONGEST_NAME,
    LadderContent,
    StepDefinition,
    read_steps,
)
from matchsvc.progression.models import ContactOutcome, Series, VisitOutcome
from matchsvc.web.forms import Choice, Day, Flag, Id, InputSchema, Number, Text

_LINE = 120
_WORDS = 1_000


class MoveFormSchema(InputSchema):
    """A step chosen in a form: ``ladder id:number``."""

    step = Text(longest=60, required=True, error_messages={"required": N_("Välj ett steg.")})
    since = Day(required=True)
    seen = Number(load_default=None)


class StepMoveSchema(InputSchema):
    """A step of a ladder, from a day."""

    ladder_id = Id(required=True)
    step = Number(least=1, most=HIGHEST, required=True)
    since = Day(required=True)
    seen = Number(load_default=None)


class CasePauseSchema(InputSchema):
    """Why and until when a case stands still."""

    reason = Choice(PauseReason, required=True)
    paused_on = Day(required=True)
    returns_on = Day(required=True)


class PauseReturnSchema(InputSchema):
    """Another planned first day back."""

    returns_on = Day(required=True)
    version = Number(load_default=None)


class PauseResumeSchema(InputSchema):
    """The first day back."""

    resumed_on = Day(required=True)
    version = Number(load_default=None)


class StudyVisitSchema(InputSchema):
    """The first day of an in-depth study visit."""

    started_on = Day(required=True)


class StudyVisitEndSchema(InputSchema):
    """What the person chose."""

    outcome = Choice(VisitOutcome, required=True)
    ended_on = Day(required=True)
    version = Number(load_default=None)


class LaterContactSchema(InputSchema):
    """What was heard at a planned contact."""

    series = Choice(Series, required=True)
    source_id = Id(required=True)
    months = Number(least=1, most=600, required=True)
    held_on = Day(required=True)
    outcome = Choice(ContactOutcome, required=True)
    version = Number(load_default=None)


class AllocateWorkerSchema(InputSchema):
    """Who is to answer for the case, and why somebody else did not go on."""

    case_worker_id = Id(required=True)
    reason = Choice(WorkerReason, load_default=None)
    version = Number(load_default=None)


class LadderFormSchema(InputSchema):
    """A ladder as the form has it: a step on each line."""

    name = Text(longest=_LINE, load_default="")
    target_group = Text(longest=_LINE, load_default="")
    steps = Text(longest=60_000, load_default="")
    reason = Text(longest=_WORDS, load_default="")
    in_use = Flag()
    base = Number(load_default=None)


class LadderStepSchema(InputSchema):
    """A step of a ladder."""

    number = Number(least=1, most=HIGHEST, required=True)
    name = Text(longest=LONGEST_NAME, required=True)
    definition = Text(longest=LONGEST_DEFINITION, load_default="")


class LadderSchema(InputSchema):
    """A ladder as a program writes it."""

    name = Text(longest=_LINE, load_default="")
    target_group = Text(longest=_LINE, load_default="")
    steps = fields.List(fields.Nested(LadderStepSchema), load_default=list)
    reason = Text(longest=_WORDS, load_default="")
    in_use = Flag(load_default=True)
    base = Number(load_default=None)


def content_of(data: dict[str, Any]) -> LadderContent:
    """What a form or a program wrote of a ladder.

    Raises:
        Invalid: a line of the form is not a step.
    """
    steps = data["steps"]
    return LadderContent(
        name=data["name"],
        target_group=data["target_group"],
        steps=read_steps(steps)
        if isinstance(steps, str)
        else tuple(StepDefinition(**each) for each in steps),
        reason=data["reason"],
        in_use=data["in_use"],
    )


class LadderStayShownSchema(Schema):
    """A time on a step."""

    ladder = fields.String(required=True)
    step = fields.Integer(attribute="stay.step", required=True)
    name = fields.String(required=True)
    since = fields.Date(attribute="stay.since", required=True)
    left_on = fields.Date(attribute="stay.left_on", allow_none=True)
    days = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    is_back = fields.Boolean(required=True)


class CasePauseShownSchema(Schema):
    """A pause."""

    id = fields.UUID(required=True)
    reason = fields.Enum(PauseReason, by_value=True, required=True)
    paused_on = fields.Date(required=True)
    returns_on = fields.Date(required=True)
    resumed_on = fields.Date(allow_none=True)
    version = fields.Integer(required=True)


class StudyVisitShownSchema(Schema):
    """An in-depth study visit with its two last days."""

    started_on = fields.Date(required=True)
    follow_up_due = fields.Date(required=True)
    hard_end = fields.Date(required=True)
    ended_on = fields.Date(allow_none=True)
    outcome = fields.Enum(VisitOutcome, by_value=True, allow_none=True)
    version = fields.Integer(required=True)


class LaterContactShownSchema(Schema):
    """A contact that is to be held, or was."""

    series = fields.Enum(Series, by_value=True, required=True)
    source_id = fields.UUID(required=True)
    months = fields.Integer(required=True)
    due_on = fields.Date(required=True)
    is_late = fields.Boolean(required=True)
    held_on = fields.Date(allow_none=True)
    outcome = fields.Enum(ContactOutcome, by_value=True, allow_none=True)
    version = fields.Integer(allow_none=True)


class WorkerChangeShownSchema(Schema):
    """Who took over a case, and why."""

    from_id = fields.UUID(allow_none=True)
    to_id = fields.UUID(required=True)
    reason = fields.Enum(WorkerReason, by_value=True, required=True)
    changed_on = fields.Date(required=True)


class ProgressShownSchema(Schema):
    """How far somebody has come."""

    participant_id = fields.UUID(required=True)
    case_version = fields.Integer(required=True)
    is_open = fields.Boolean(required=True)
    is_paused = fields.Boolean(required=True)
    stays = fields.List(fields.Nested(LadderStayShownSchema), required=True)
    pauses = fields.List(fields.Nested(CasePauseShownSchema), required=True)
    visit = fields.Nested(StudyVisitShownSchema, allow_none=True)
    contacts = fields.List(fields.Nested(LaterContactShownSchema), required=True)
    success = fields.Date(allow_none=True)
    changes = fields.List(fields.Nested(WorkerChangeShownSchema), required=True)


class LadderStepShownSchema(Schema):
    """A step of a ladder."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    definition = fields.String(required=True)


class LadderVersionShownSchema(Schema):
    """A version of a ladder."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    target_group = fields.String(required=True)
    steps = fields.List(fields.Nested(LadderStepShownSchema), required=True)
    in_use = fields.Boolean(required=True)
    reason = fields.String(required=True)
    made_at = fields.DateTime(required=True)


class LadderShownSchema(Schema):
    """A ladder with its versions, the latest first."""

    id = fields.UUID(attribute="ladder.id", required=True)
    versions = fields.List(fields.Nested(LadderVersionShownSchema), required=True)
