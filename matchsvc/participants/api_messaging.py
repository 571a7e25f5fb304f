"""JSON of what a person wants to get: the rule of the page."""

from __future__ import annotations

from typing import Any

from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants import messaging
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.participants.models import Participant
from matchsvc.participants.schemas import MessagingOutSchema, MessagingSchema
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("messaging", "/participants", "What a person wants to get.")


@api.get("/<key>/messages")
@api.response(200, MessagingOutSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def get_messaging(key: str) -> Participant:
    """Whether the person gets messages at all, and text messages about times."""
    with reading() as session:
        return messaging.get_messaging(session, current_actor(), key, today=today())


@api.put("/<key>/messages")
@api.arguments(MessagingSchema)
@api.response(200, MessagingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def set_messaging(data: dict[str, Any], key: str) -> Participant:
    """Say what the person gets; what waits and may not any more is taken back."""
    with writing() as session:
        return messaging.set_messaging(session, current_actor(), key, **data, today=today())
