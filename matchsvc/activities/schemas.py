"""Shapes of activities, groups, attendance, services and obstacles: forms and JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from matchsvc.activities.catalogue import ActivityInput
from matchsvc.activities.groups import GroupInput, SeriesInput
from matchsvc.activities.models import (
    ActivityKind,
    Mark,
    ObstacleLevel,
    ObstacleState,
    ProviderType,
)
from matchsvc.activities.services import LADDER, ServiceInput
from matchsvc.errors import N_
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.models import Step
from matchsvc.participants.plan_models import Track
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
from matchsvc.workday.meeting_models import ChangeReason

_LINE = 120
_WORDS = 500
_MINUTES = {"least": 15, "most": 480}
_LEADER = N_("Välj vem som leder gruppen.")


def _optional(field: type[fields.Field[Any]], *args: Any, **options: Any) -> Any:
    return field(*args, load_default=None, allow_none=True, **options)


def _version() -> Any:
    return _optional(Number)


class ActivityFilterSchema(InputSchema):
    """Which activities to list; absent asks nothing."""

    track = _optional(Choice, Track)
    step = _optional(Choice, Step)
    orientation = _optional(Choice, Orientation)
    ended = Flag()


class ActivitySchema(InputSchema):
    """An activity; absent track, step and orientations mean any."""

    name = Text(required=True, longest=_LINE)
    kind = Choice(ActivityKind, required=True)
    track = _optional(Choice, Track)
    step = _optional(Choice, Step)
    orientations = Many(Choice(Orientation))
    is_group = Flag()
    minutes = _optional(Number, **_MINUTES)
    sessions = _optional(Number, least=1, most=26)
    size = _optional(Number, least=1, most=200)
    provider = _optional(Text, longest=_LINE)
    limit_reason = _optional(Text, longest=_WORDS)


class ChangeActivitySchema(ActivitySchema):
    """An activity anew, and the version it began from."""

    version = _version()


class EndActivitySchema(InputSchema):
    """Whether it is archived."""

    ended = Flag()
    version = _version()


class _SeriesSchema(InputSchema):
    day = Day(required=True)
    at = Clock(required=True)
    minutes = _optional(Number, **_MINUTES)
    room = _optional(Text, longest=_LINE)


class _GroupSchema(InputSchema):
    name = Text(required=True, longest=_LINE)
    leader_id = Id(required=True, error_messages={"required": _LEADER})
    capacity = _optional(Number, least=1, most=200)
    languages = Many(
        fields.String(validate=validate.OneOf(list(CONTACT_LANGUAGES), error=BAD_CHOICE))
    )
    interpreter = Flag()
    limit_reason = _optional(Text, longest=_WORDS)


class StartGroupSchema(_GroupSchema, _SeriesSchema):
    """A new group and when it meets."""

    times = _optional(Number, least=1, most=26)
    every_weeks = Number(least=1, most=2, load_default=1)


class ChangeGroupSchema(_GroupSchema):
    """A group anew, and the version it began from."""

    version = _version()


class AddSessionsSchema(_SeriesSchema):
    """More times that a group meets."""

    times = Number(least=1, most=26, load_default=1)
    every_weeks = Number(least=1, most=2, load_default=1)


class MoveSessionSchema(_SeriesSchema):
    """A new time for a session."""

    reason = Choice(ChangeReason, required=True)
    version = _version()


class CancelSessionSchema(InputSchema):
    """Why a session is called off."""

    reason = Choice(ChangeReason, required=True)
    version = _version()


class JoinSchema(InputSchema):
    """Who wants a place, by alias, external id or id."""

    participant = Text(required=True, longest=60)


class OverSchema(InputSchema):
    """Whether to list the groups that are over."""

    over = Flag()


class AttendanceFormSchema(InputSchema):
    """What a form of attendance says beside the marks."""

    rest = _optional(Choice, Mark)
    version = _version()


class GroupMarkSchema(InputSchema):
    """Whether one member came. Never why not."""

    member_id = Id(required=True)
    mark = Choice(Mark, required=True)


class AttendanceSchema(AttendanceFormSchema):
    """Who came, from a program; ``rest`` is the mark of everybody who has none."""

    marks = fields.List(fields.Nested(GroupMarkSchema), load_default=list)


class PersonFilterSchema(InputSchema):
    """Whether to show what does not suit her orientation too."""

    everything = Flag()


class ServiceSchema(InputSchema):
    """A service of the local network."""

    step = Choice(Step, required=True)
    ladder = _optional(Number, least=LADDER[0], most=LADDER[1])
    organisation = Text(required=True, longest=_LINE)
    provider_type = Choice(ProviderType, required=True)
    name = Text(required=True, longest=_LINE)
    contact = _optional(Text, longest=_LINE)
    capacity = _optional(Number, most=10_000)
    entry_requirement = _optional(Text, longest=_WORDS)
    valid_from = Day(required=True)
    valid_until = _optional(Day)


class ChangeServiceSchema(ServiceSchema):
    """A service anew, and the version it began from."""

    version = _version()


class ServiceFilterSchema(InputSchema):
    """Which day's map, and which view of it."""

    on = _optional(Day)
    view = Text(load_default="map", longest=10)


class ObstacleSchema(InputSchema):
    """A structural obstacle; nobody is named in it."""

    description = Text(required=True, longest=_WORDS)
    level = Choice(ObstacleLevel, required=True)
    owner = Text(required=True, longest=_LINE)


class ObstacleStateSchema(InputSchema):
    """How far its removal has come."""

    state = Choice(ObstacleState, required=True)
    version = _version()


class ObstacleFilterSchema(InputSchema):
    """Which obstacles to list."""

    state = _optional(Choice, ObstacleState)


class ActivityOutSchema(Schema):
    """An activity of the catalogue."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(ActivityKind, by_value=True, required=True)
    track = fields.Enum(Track, by_value=True, allow_none=True)
    step = fields.Enum(Step, by_value=True, allow_none=True)
    orientations = fields.List(fields.String(), required=True)
    is_group = fields.Boolean(required=True)
    minutes = fields.Integer(required=True)
    sessions = fields.Integer(required=True)
    size = fields.Integer(allow_none=True)
    provider = fields.String(allow_none=True)
    limit_reason = fields.String(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    version = fields.Integer(required=True)


class AddedSchema(Schema):
    """How many were added."""

    added = fields.Integer(required=True)


class SessionOutSchema(Schema):
    """One time that a group meets."""

    id = fields.UUID(required=True)
    group_id = fields.UUID(required=True)
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)
    room = fields.String(allow_none=True)
    is_cancelled = fields.Function(lambda row: row.cancelled_at is not None, required=True)
    is_marked = fields.Function(lambda row: row.marked_at is not None, required=True)
    version = fields.Integer(required=True)


class GroupOutSchema(Schema):
    """A group with its places."""

    id = fields.UUID(required=True)
    activity_id = fields.UUID(required=True)
    activity = fields.String(required=True)
    name = fields.String(required=True)
    leader_id = fields.UUID(required=True)
    capacity = fields.Integer(required=True)
    free = fields.Integer(required=True)
    languages = fields.List(fields.String(), required=True)
    interpreter = fields.Boolean(required=True)
    next_at = fields.DateTime(allow_none=True)
    version = fields.Integer(required=True)


class MemberOutSchema(Schema):
    """Somebody in a group, named as the caller may see it."""

    id = fields.UUID(required=True)
    alias = fields.String(required=True)
    name = fields.String(required=True)
    has_place = fields.Boolean(required=True)


class GroupReadSchema(GroupOutSchema):
    """A group with its sessions and people."""

    sessions = fields.List(fields.Nested(SessionOutSchema), required=True)
    members = fields.List(fields.Nested(MemberOutSchema), required=True)


class SheetRowSchema(Schema):
    """Somebody on the list of a session."""

    member_id = fields.UUID(required=True)
    alias = fields.String(required=True)
    name = fields.String(required=True)
    mark = fields.Enum(Mark, by_value=True, allow_none=True)


class SheetSchema(Schema):
    """The list of a session."""

    session = fields.Nested(SessionOutSchema, required=True)
    rows = fields.List(fields.Nested(SheetRowSchema), required=True)


class ShareSchema(Schema):
    """How often somebody came, of the sessions where something was written."""

    came = fields.Integer(required=True)
    late = fields.Integer(required=True)
    valid = fields.Integer(required=True)
    not_known = fields.Integer(required=True)
    of = fields.Integer(required=True)
    percent = fields.Integer(allow_none=True)


class JoinedSchema(Schema):
    """A place in a group; without a day she waits for one."""

    group_id = fields.UUID(required=True)
    joined_on = fields.Date(allow_none=True)
    left_on = fields.Date(allow_none=True)


class GroupPlaceSchema(JoinedSchema):
    """One of a person's groups."""

    activity = fields.String(required=True)
    group = fields.String(required=True)
    share = fields.Nested(ShareSchema, required=True)


class PersonActivitiesSchema(Schema):
    """One person's activities, how often she came, and what she can choose."""

    orientation = fields.Enum(Orientation, by_value=True, allow_none=True)
    places = fields.List(fields.Nested(GroupPlaceSchema), required=True)
    share = fields.Nested(ShareSchema, required=True)
    choosable = fields.List(fields.Nested(ActivityOutSchema), required=True)
    group_minutes = fields.Integer(required=True)
    note_minutes = fields.Integer(required=True)


class ServiceOutSchema(Schema):
    """A service of the local network."""

    id = fields.UUID(required=True)
    step = fields.Enum(Step, by_value=True, required=True)
    ladder = fields.Integer(allow_none=True)
    organisation = fields.String(required=True)
    provider_type = fields.Enum(ProviderType, by_value=True, required=True)
    name = fields.String(required=True)
    contact = fields.String(allow_none=True)
    capacity = fields.Integer(allow_none=True)
    entry_requirement = fields.String(allow_none=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(allow_none=True)
    version = fields.Integer(required=True)


class OverlapSchema(Schema):
    """A place of the map with several services."""

    step = fields.String(required=True)
    ladder = fields.Integer(allow_none=True)
    services = fields.List(fields.UUID(), required=True)


class ServiceMapSchema(Schema):
    """The map of a day, with its gaps and overlaps."""

    services = fields.List(fields.Nested(ServiceOutSchema), required=True)
    gaps = fields.List(fields.String(), required=True)
    ladder_gaps = fields.List(fields.Integer(), required=True)
    overlaps = fields.List(fields.Nested(OverlapSchema), required=True)


class ObstacleOutSchema(Schema):
    """A structural obstacle and how often it was seen."""

    id = fields.UUID(required=True)
    description = fields.String(required=True)
    level = fields.Enum(ObstacleLevel, by_value=True, required=True)
    owner = fields.String(required=True)
    state = fields.Enum(ObstacleState, by_value=True, required=True)
    state_on = fields.Date(required=True)
    version = fields.Integer(required=True)


class ObstacleLineSchema(ObstacleOutSchema):
    """A structural obstacle in the register."""

    count = fields.Integer(required=True)
    last_seen = fields.Date(required=True)


def activity_of(data: dict[str, Any]) -> ActivityInput:
    """What a form or a program wrote of an activity."""
    return ActivityInput(**data)


def group_of(data: dict[str, Any]) -> GroupInput:
    """What a form or a program wrote of a group."""
    return GroupInput(**{name: data[name] for name in _GroupSchema().fields})


def series_of(data: dict[str, Any]) -> SeriesInput:
    """When a group meets, as a form or a program wrote it."""
    names = ("day", "at", "minutes", "times", "every_weeks", "room")
    return SeriesInput(**{name: data[name] for name in names if name in data})


def service_of(data: dict[str, Any]) -> ServiceInput:
    """What a form or a program wrote of a service."""
    return ServiceInput(**data)
