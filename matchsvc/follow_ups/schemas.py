"""The shapes of follow-ups in forms and JSON, field by field."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, pre_load, validate

from matchsvc.errors import N_
from matchsvc.follow_ups.answers import ADAPTATIONS, BY_ID, PRESENT, Answers, Development, Need
from matchsvc.follow_ups.models import DevelopmentState
from matchsvc.follow_ups.observed import SEEN
from matchsvc.participants.models import Rung
from matchsvc.placements.accommodations import WORKS
from matchsvc.placements.models import AccommodationKind, ActionState, Mood
from matchsvc.placements.workplace_models import AttendanceSaid
from matchsvc.web.forms import BAD_CHOICE, Choice, Day, Flag, Id, InputSchema, Many, Number, Text

_HOURS = N_("Skriv ett tal från 1 till 40.")
#: What stands in the form as fields of their own, and in JSON as one thing.
_NEED = {"need_condition": "condition_id", "need_text": "text", "need_kind": "kind"}
_ROW = ("area", "goal", "own_part", "unit_part", "workplace_part", "review_on")


def _one_of(values: tuple[str, ...]) -> validate.OneOf:
    return validate.OneOf(values, error=BAD_CHOICE)


class NeedInSchema(InputSchema):
    """An adaptation that turned out to be needed."""

    condition_id = Text(longest=60, load_default=None)
    text = Text(longest=500, load_default="")
    kind = Choice(AccommodationKind, load_default=None)


class DevelopmentInSchema(InputSchema):
    """A row of the development plan as the participant proposes it."""

    area = Text(longest=300, required=True)
    goal = Text(longest=500, required=True)
    own_part = Text(longest=500, load_default=None)
    unit_part = Text(longest=500, load_default=None)
    workplace_part = Text(longest=500, load_default=None)
    review_on = Day(load_default=None)


class LogFollowUpSchema(InputSchema):
    """What was said at a follow-up.

    From a page, what is about things with ids comes as ``kept-<id>=done``, ``works-<id>=partly``,
    ``developed-<id>=reached`` and ``observed-<id>=observed``.
    """

    submission_id = Id(required=True)
    held_on = Day(required=True)
    present = Many(fields.String(validate=_one_of(PRESENT)))
    mood = Choice(Mood, load_default=None)
    own_words = Text(longest=2000, load_default=None)
    attendance = Choice(AttendanceSaid, load_default=None)
    hours_next = Number(least=1, most=40, message=_HOURS, load_default=None)
    hours_other = Number(least=1, most=40, message=_HOURS, load_default=None)
    adaptations_work = fields.String(
        validate=_one_of(ADAPTATIONS), load_default=None, allow_none=True
    )
    works = fields.Dict(keys=Id(), values=fields.String(validate=_one_of(WORKS)), load_default=dict)
    needs = fields.List(fields.Nested(NeedInSchema), load_default=list)
    support_wanted = Text(longest=2000, load_default=None)
    is_well_functioning = fields.Boolean(load_default=None, allow_none=True)
    next_goal = Text(longest=1000, load_default=None)
    development = fields.List(fields.Nested(DevelopmentInSchema), load_default=list)
    developed = fields.Dict(keys=Id(), values=Choice(DevelopmentState), load_default=dict)
    observed = fields.Dict(keys=Id(), values=Choice(Rung), load_default=dict)
    agreed = Many(Text(longest=200))
    kept = fields.Dict(keys=Id(), values=Choice(ActionState), load_default=dict)
    next_on = Day(load_default=None)
    participant_agrees = fields.Boolean(load_default=None, allow_none=True)
    keeps_health_words = Flag()

    @pre_load
    def gather(self, data: Any, **_: object) -> Any:
        """Turn the form's names into the fields that they are parts of."""
        if not isinstance(data, dict):
            return data
        rest: dict[str, Any] = {}
        need: dict[str, Any] = {}
        row: dict[str, Any] = {}
        for key, value in data.items():
            name, is_part, of = str(key).partition("-")
            if is_part and name in BY_ID:
                if value:
                    rest.setdefault(name, {})[of] = value
            elif key in _NEED:
                need[_NEED[key]] = value
            elif key in _ROW:
                row[key] = value
            else:
                rest[key] = value
        if any(need.values()):
            rest["needs"] = [need]
        if any(row.values()):
            rest["development"] = [row]
        return rest

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """A number that was typed counts before the one that was tapped."""
        typed = data.pop("hours_other")
        if typed is not None:
            data["hours_next"] = typed
        submission_id = data.pop("submission_id")
        data["present"] = tuple(data["present"])
        data["agreed"] = tuple(text for text in data["agreed"] if text)
        data["needs"] = tuple(Need(**need) for need in data["needs"])
        data["development"] = tuple(Development(**row) for row in data["development"])
        data["observed"] = {key: rung for key, rung in data["observed"].items() if rung in SEEN}
        return {"submission_id": submission_id, "answers": Answers(**data)}


class CompleteSchema(InputSchema):
    """What the case worker adds."""

    words = Text(longest=2000, load_default=None)
    keeps_health_words = Flag()
    version = Number(load_default=None)


class DevelopmentRowSchema(DevelopmentInSchema):
    """A row that she has proposed between two follow-ups."""

    she_proposed = Flag()
    keeps_health_words = Flag()


class DevelopmentStateSchema(InputSchema):
    """How far a row has come."""

    state = Choice(DevelopmentState, required=True)
    version = Number(load_default=None)


class MergeVersionsSchema(InputSchema):
    """What is to stand, by field: ``standing``, ``beside`` or ``both``."""

    choices = fields.Dict(
        keys=fields.String(validate=validate.Length(max=80)),
        values=fields.String(validate=_one_of(("standing", "beside", "both"))),
        load_default=dict,
    )
    stood = Number(load_default=None)


class FollowUpOutSchema(Schema):
    """A follow-up as a program sees it; what was said only for the participant's own workers."""

    id = fields.UUID(required=True)
    placement_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    due_on = fields.Date(required=True)
    held_on = fields.Date(required=True, allow_none=True)
    cancelled_on = fields.Date(required=True, allow_none=True)
    state = fields.String(
        required=True, metadata={"description": "planned, logged, completed, cancelled"}
    )
    mood = fields.Enum(Mood, by_value=True, allow_none=True)
    own_words = fields.String(allow_none=True)
    attendance = fields.Enum(AttendanceSaid, by_value=True, allow_none=True)
    hours_next = fields.Integer(allow_none=True)
    adaptations_work = fields.String(allow_none=True)
    support_wanted = fields.String(allow_none=True)
    is_well_functioning = fields.Boolean(allow_none=True)
    next_goal = fields.String(allow_none=True)
    agreed = fields.List(fields.String())
    next_on = fields.Date(allow_none=True)
    participant_agrees = fields.Boolean(allow_none=True)
    completion_words = fields.String(allow_none=True)
    versions_beside = fields.List(
        fields.UUID(), metadata={"description": "Handed in by others, waiting to be compared."}
    )
    version = fields.Integer()


class FollowUpListSchema(Schema):
    """A page of follow-ups, without what was said."""

    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True)
    follow_ups = fields.List(fields.Nested(FollowUpOutSchema), required=True)


class LateFollowUpSchema(FollowUpOutSchema):
    """A late follow-up: whose by alias, where, and for how long."""

    participant = fields.String(required=True, metadata={"description": "Alias."})
    site = fields.String(required=True)
    days = fields.Integer(required=True, metadata={"description": "Since it was due."})


class LateListSchema(Schema):
    """What is late, the longest wait first, and how many wait to be gone through."""

    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True)
    grace = fields.Integer(required=True, metadata={"description": "Days."})
    follow_ups = fields.List(fields.Nested(LateFollowUpSchema), required=True)
    to_complete = fields.List(fields.Nested(FollowUpOutSchema), required=True)


class DevelopmentOutSchema(Schema):
    """A row of the development plan; the participant proposed it."""

    id = fields.UUID(required=True)
    proposed_on = fields.Date(required=True)
    area = fields.String(required=True)
    goal = fields.String(required=True)
    own_part = fields.String(required=True, allow_none=True)
    unit_part = fields.String(required=True, allow_none=True)
    workplace_part = fields.String(required=True, allow_none=True)
    review_on = fields.Date(required=True, allow_none=True)
    state = fields.Enum(DevelopmentState, by_value=True, required=True)
    version = fields.Integer(required=True)


class FollowUpQuerySchema(Schema):
    """Which of one's follow-ups to list."""

    until = fields.Date(load_default=None)
    page = fields.Integer(validate=validate.Range(min=1, max=100_000), load_default=1)


class LateQuerySchema(Schema):
    """Which page of what is late."""

    page = fields.Integer(validate=validate.Range(min=1, max=100_000), load_default=1)


class DifferenceOutSchema(Schema):
    """What two versions say differently; null where one says nothing."""

    name = fields.String(required=True)
    standing = fields.Raw(required=True, allow_none=True)
    beside = fields.Raw(required=True, allow_none=True)
    can_be_both = fields.Boolean(required=True)


class ComparedOutSchema(Schema):
    """Two versions of one follow-up, side by side."""

    saved_at = fields.DateTime(required=True)
    differences = fields.List(fields.Nested(DifferenceOutSchema), required=True)
    stood = fields.Integer(required=True, metadata={"description": "To send with the choices."})
