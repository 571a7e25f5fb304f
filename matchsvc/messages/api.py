"""JSON of what was sent, and of what the caller wants to get: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import STAFF, current_actor, reading, requires, writing
from matchsvc.messages import api_schemas as schemas
from matchsvc.messages import preferences, rules
from matchsvc.messages.bounces import BY_HAND, bounce
from matchsvc.messages.models import MessagePreference
from matchsvc.messages.rules import READERS, Wanted, message_data
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("messages", "/messages", "What was sent, and what did not arrive.")


@api.get("")
@api.arguments(schemas.WantedSchema, location="query")
@api.response(200, schemas.MessageSchema(many=True))
@errors(api, 401, 403)
@requires(*READERS)
def list_messages(query: dict[str, Any]) -> list[dict[str, Any]]:
    """The unit's messages, fifty a page, those that wait for a person first; never a text."""
    page = query.pop("page")
    with reading() as session:
        listed = rules.list_messages(
            session, current_actor(), has_server=True, wanted=Wanted(**query), page=page
        )
        return [message_data(one) for one in listed]


@api.get("/<uuid:message_id>")
@api.response(200, schemas.MessageSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def get_message(message_id: UUID) -> dict[str, Any]:
    """One message."""
    with reading() as session:
        return message_data(rules.get_message(session, current_actor(), message_id))


@api.post("/<uuid:message_id>/<any('confirm-sent', 'send-again', bounced):act>")
@api.response(200, schemas.MessageSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def act_on(message_id: UUID, act: str) -> dict[str, Any]:
    """Say that a message arrived, send it once more, or say that it came back."""
    actor = current_actor()
    with writing() as session:
        if act == "confirm-sent":
            rules.confirm_sent(session, actor, message_id, now=db.utcnow())
        elif act == "send-again":
            rules.send_again(session, actor, message_id, now=db.utcnow())
        else:
            bounce(session, actor, message_id, BY_HAND)
        return message_data(rules.get_message(session, actor, message_id))


@api.get("/mine")
@api.response(200, schemas.PreferenceSchema)
@errors(api, 401, 403)
@requires(*STAFF)
def get_mine() -> MessagePreference:
    """What the caller wants to get; version 0 when nothing was chosen yet."""
    with reading() as session:
        return preferences.preference_of(session, current_actor().require_user())


@api.put("/mine")
@api.arguments(schemas.ChoosePreferenceSchema)
@api.response(200, schemas.PreferenceSchema)
@errors(api, 401, 403, 409)
@requires(*STAFF)
def choose_mine(data: dict[str, Any]) -> MessagePreference:
    """Choose what to get."""
    with writing() as session:
        return preferences.choose(session, current_actor(), **data)
