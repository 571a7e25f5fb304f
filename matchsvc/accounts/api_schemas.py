"""Shapes of settings, units, users and tokens in the API."""

from __future__ import annotations

from marshmallow import Schema, fields

from matchsvc.accounts.models import Role
from matchsvc.web.forms import InputSchema, Number, Text


class SettingSchema(Schema):
    """A setting as it is now. Values are text; numbers stand as digits."""

    key = fields.String(attribute="definition.key", required=True)
    group = fields.String(attribute="definition.group.value", required=True)
    shape = fields.String(attribute="definition.shape.value", required=True)
    least = fields.Integer(attribute="definition.least")
    most = fields.Integer(attribute="definition.most")
    default = fields.String(attribute="definition.default", required=True)
    source = fields.String(attribute="definition.source")
    value = fields.String(required=True)
    number = fields.Integer(
        required=True, metadata={"description": "how often changed; the base of the next change"}
    )
    made_by = fields.String()
    made_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String()


class SettingsSchema(Schema):
    """Every setting of the unit."""

    settings = fields.List(fields.Nested(SettingSchema), required=True)


class ChangeSettingSchema(InputSchema):
    """A new value, why, and the number of changes that it began from."""

    value = Text(longest=1_000, load_default="")
    reason = Text(longest=300, load_default="")
    base = Number(load_default=0)


class SettingChangeSchema(Schema):
    """One change."""

    key = fields.String(attribute="definition.key", required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)
    made_by = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)


class SettingHistorySchema(Schema):
    """A page of changes, latest first."""

    changes = fields.List(fields.Nested(SettingChangeSchema), required=True)
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)


class PageQuerySchema(InputSchema):
    """Which page."""

    page = Number(least=1, load_default=1)


class TokenSchema(Schema):
    """One's own token, without the secret, which is never stored."""

    id = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(allow_none=True)


class UserSchema(Schema):
    """An account and when its holder was last here."""

    id = fields.UUID(attribute="user.id", required=True)
    name = fields.String(attribute="user.name", required=True)
    email = fields.String(attribute="user.email", required=True)
    is_active = fields.Boolean(attribute="user.is_active", required=True)
    version = fields.Integer(attribute="user.version", required=True)
    roles = fields.Function(
        lambda member: sorted(role.value for role in member.roles),
        metadata={"type": "array", "items": {"type": "string", "enum": [*map(str, Role)]}},
    )
    last_seen = fields.AwareDateTime(allow_none=True)


class UnitSchema(Schema):
    """A unit, without anything of what it works with."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    municipality = fields.String(required=True)
    phone = fields.String(allow_none=True)
    is_active = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class UnitLineSchema(Schema):
    """A unit in the list."""

    unit = fields.Nested(UnitSchema, required=True)
    users = fields.Integer(required=True)
    log_ins = fields.Integer(required=True, metadata={"description": "in the last 30 days"})
    last_seen = fields.AwareDateTime(allow_none=True)
