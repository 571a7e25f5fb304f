"""Shapes of what a unit learns: forms and JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from matchsvc.errors import N_
from matchsvc.learning.assessment import ANSWERS, QUESTIONS
from matchsvc.learning.models import Came, CostKind, Grade, Level
from matchsvc.learning.reviews import Section
from matchsvc.learning.risks import RiskInput
from matchsvc.web.forms import BAD_CHOICE, Choice, Day, Flag, Id, InputSchema, Many, Number, Text

_LINE = 120
_WORDS = 500
_LONG = 2000
_FIRST, _LAST = 2000, 2199


def _optional(field: type[fields.Field[Any]], *args: Any, **options: Any) -> Any:
    return field(*args, load_default=None, allow_none=True, **options)


class LearningYearSchema(InputSchema):
    """Which year; this one without it."""

    year = _optional(Number, least=_FIRST, most=_LAST)
    saved = _optional(Text, longest=20)


class TrainingSchema(InputSchema):
    """A training of the unit's own."""

    name = Text(required=True, longest=_LINE)
    has_levels = Flag()
    is_expected = Flag()


class ChangeTrainingSchema(InputSchema):
    """Whether a training is expected of everybody, and whether it has left the list."""

    is_expected = Flag()
    ended = Flag()
    version = _optional(Number)


class TrainingDoneSchema(InputSchema):
    """That somebody has completed a training; oneself without ``user_id``."""

    level = Choice(Level, load_default=Level.COMPLETED)
    completed_on = Day(required=True)
    user_id = _optional(Id)


class NoteTrainingSchema(InputSchema):
    """As the page sends it: a training and level in one choice, ``<id>.<level>``."""

    what = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[0-9a-f-]{36}\.(completed|knowledge|application)\Z", error=BAD_CHOICE
        ),
        error_messages={"required": N_("Välj en utbildning.")},
    )
    completed_on = Day(required=True)
    user_id = _optional(Id)


class RemindFormSchema(InputSchema):
    """Which training, and by when it shall have been taken."""

    training_id = Id(required=True)
    due_on = Day(required=True)


class TakeBackTrainingSchema(InputSchema):
    """What was noted by mistake."""

    level = Choice(Level, load_default=Level.COMPLETED)
    user_id = _optional(Id)


def _answer() -> Any:
    return fields.String(required=True, validate=validate.OneOf(list(ANSWERS), error=BAD_CHOICE))


#: One field for each question of the self-assessment.
SelfAssessmentSchema = InputSchema.from_dict(
    {name: _answer() for name in QUESTIONS}, name="SelfAssessmentSchema"
)


class ImprovementSchema(InputSchema):
    """What to do better, by whom and when."""

    own_words = Text(required=True, longest=300)
    owner_id = Id(required=True)
    due_on = Day(required=True)


class RiskSchema(InputSchema):
    """A risk; nobody is named in it but its owner."""

    description = Text(required=True, longest=_WORDS)
    grade = Choice(Grade, required=True)
    measure = Text(required=True, longest=_WORDS)
    owner_id = Id(required=True)
    review_on = Day(required=True)


class ChangeRiskSchema(RiskSchema):
    """A risk anew, and the version it began from."""

    version = _optional(Number)


def risk_of(data: dict[str, Any]) -> RiskInput:
    """What a form says of a risk."""
    names = ("description", "grade", "measure", "owner_id", "review_on")
    return RiskInput(**{name: data[name] for name in names})


class BegunFromSchema(InputSchema):
    """The version that a change began from."""

    version = _optional(Number)


class RiskOutcomeSchema(InputSchema):
    """Whether a risk came true in a year."""

    year = Number(required=True, least=_FIRST, most=_LAST)
    came = Choice(Came, required=True)
    note = _optional(Text, longest=_WORDS)
    version = _optional(Number)


class JointReviewFormSchema(InputSchema):
    """What was said under each section, and who took part, one a line."""

    target_group = _optional(Text, longest=_LONG)
    demand = _optional(Text, longest=_LONG)
    needs = _optional(Text, longest=_LONG)
    supply = _optional(Text, longest=_LONG)
    routines = _optional(Text, longest=_LONG)
    conclusions = _optional(Text, longest=_LONG)
    parties = _optional(Text, longest=_LONG)
    version = _optional(Number)


class JointReviewSchema(InputSchema):
    """As the form, with the parties as a list."""

    notes = fields.Dict(
        keys=fields.String(
            validate=validate.OneOf([each.value for each in Section], error=BAD_CHOICE)
        ),
        values=Text(longest=_LONG),
        load_default=dict,
    )
    parties = Many(Text(longest=_LINE))
    version = _optional(Number)


class UnitCostSchema(InputSchema):
    """What was spent in a year on one kind of thing, in whole kronor."""

    kind = Choice(CostKind, required=True)
    kronor = Number(required=True)
    version = _optional(Number)


class TrainingLineSchema(Schema):
    """A training and level; null where so few are hidden."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    is_expected = fields.Boolean(required=True)
    completed = fields.Integer(required=True, allow_none=True)
    of = fields.Integer(required=True, allow_none=True)
    mine = fields.Date(required=True, allow_none=True)


class TrainingRegisterSchema(Schema):
    """The unit's trainings: shares, and the caller's own days. Never a name."""

    all_expected = fields.Dict(required=True)
    trainings = fields.List(fields.Nested(TrainingLineSchema), required=True)


class TrainingOutSchema(Schema):
    """A training of the list."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    has_levels = fields.Boolean(required=True)
    is_expected = fields.Boolean(required=True)
    ended_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AddedTrainingsSchema(Schema):
    """How many were added."""

    added = fields.Integer(required=True)


class AssessmentResultSchema(Schema):
    """One statement: its mean from 1 to 4; null where too few have answered."""

    question = fields.String(required=True)
    answers = fields.Integer(required=True, allow_none=True)
    mean = fields.Float(required=True, allow_none=True)
    mean_before = fields.Float(required=True, allow_none=True)


class AssessmentYearSchema(Schema):
    """A unit's self-assessment of a year; results only when it is closed."""

    year = fields.Integer(required=True)
    answered = fields.Integer(required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)
    of = fields.Integer(required=True)
    smallest_count = fields.Integer(required=True)
    results = fields.List(fields.Nested(AssessmentResultSchema), required=True)


class RiskOutcomeOutSchema(Schema):
    """How a risk went in a year, beside the grade that it had."""

    year = fields.Integer(required=True)
    grade = fields.Enum(Grade, by_value=True, required=True)
    came = fields.Enum(Came, by_value=True, required=True)
    note = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class RiskOutSchema(Schema):
    """A risk as it is judged now."""

    id = fields.UUID(required=True)
    description = fields.String(required=True)
    grade = fields.Enum(Grade, by_value=True, required=True)
    measure = fields.String(required=True)
    owner_id = fields.UUID(required=True)
    review_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class RiskLineSchema(Schema):
    """A risk with its outcomes."""

    risk = fields.Nested(RiskOutSchema, required=True)
    is_due = fields.Boolean(required=True)
    outcomes = fields.List(fields.Nested(RiskOutcomeOutSchema), required=True)


class GradeRowSchema(Schema):
    """How the risks of one grade went in a year."""

    grade = fields.Enum(Grade, by_value=True, required=True)
    came = fields.Integer(required=True)
    partly = fields.Integer(required=True)
    not_at_all = fields.Integer(required=True)
    unnoted = fields.Integer(required=True)


class JointReviewOutSchema(Schema):
    """A year's joint review."""

    year = fields.Integer(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    parties = fields.List(fields.String(), required=True)
    notes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    figures = fields.Dict(keys=fields.String(), required=True)


class CostRowSchema(Schema):
    """What was spent on one kind of thing."""

    kind = fields.Enum(CostKind, by_value=True, required=True)
    kronor = fields.Integer(required=True)
    version = fields.Integer(required=True)


class CostYearSchema(Schema):
    """A year's costs and what a job cost; null where the jobs are too few."""

    year = fields.Integer(required=True)
    costs = fields.List(fields.Nested(CostRowSchema), required=True)
    total_kronor = fields.Integer(required=True)
    jobs_lasted = fields.Integer(required=True, allow_none=True)
    kronor_per_job_lasted = fields.Integer(required=True, allow_none=True)
    jobs_started = fields.Integer(required=True, allow_none=True)
    kronor_per_job_started = fields.Integer(required=True, allow_none=True)
