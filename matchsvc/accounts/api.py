"""JSON of a unit's settings, and of one's own tokens: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts import api_schemas as schemas
from matchsvc.accounts import rules, settings
from matchsvc.accounts.guard import STAFF, asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.models import ApiToken
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("settings", "", "The unit's settings and one's own tokens.")


@api.get("/settings")
@api.response(200, schemas.SettingsSchema)
@errors(api, 401, 403)
@requires(*settings.READERS)
def list_settings() -> dict[str, Any]:
    """Every setting of the unit: what holds, its limits and default, and the last change."""
    with reading() as session:
        return {"settings": [*settings.current_settings(session, current_actor()).values()]}


@api.get("/settings/changes")
@api.arguments(schemas.PageQuerySchema, location="query")
@api.response(200, schemas.SettingHistorySchema)
@errors(api, 401, 403)
@requires(*settings.READERS)
def list_changes(query: dict[str, Any]) -> settings.History:
    """Every change with who, when and why, latest first."""
    with reading() as session:
        return settings.history(session, current_actor(), page=query["page"])


@api.put("/settings/<key>")
@api.arguments(schemas.ChangeSettingSchema)
@api.response(200, schemas.SettingSchema)
@errors(api, 401, 403, 404, 409)
@requires(*settings.CHANGERS)
@asks_again()
def change_setting(data: dict[str, Any], key: str) -> settings.Current:
    """Give a setting a new value, with a reason."""
    actor, now = current_actor(), db.utcnow()
    with writing() as session:
        settings.change(
            session,
            actor,
            {key: data["value"]},
            reason=data["reason"],
            bases={key: data["base"]},
            now=now,
            today=local_date(now),
        )
        return settings.current_settings(session, actor)[key]


@api.get("/tokens")
@api.response(200, schemas.TokenSchema(many=True))
@errors(api, 401, 403)
@requires(*STAFF)
def list_tokens() -> list[ApiToken]:
    """One's own tokens that work."""
    with reading() as session:
        return rules.list_api_tokens(session, current_actor())


@api.delete("/tokens/<uuid:token_id>")
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*STAFF)
def revoke_token(token_id: UUID) -> None:
    """Make one's own token stop working at once."""
    with writing() as session:
        rules.revoke_api_token(session, current_actor(), token_id, now=db.utcnow())
