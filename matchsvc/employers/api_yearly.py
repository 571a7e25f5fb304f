"""The question of the year for programs: ask it, and see that it was answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.employers import yearly
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.register_reads import get_employer
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint("yearly", "", "The question of the year to employers' contacts.")


class AskedContactSchema(Schema):
    """This year's question to one contact; never what was answered."""

    contact_id = fields.UUID(required=True)
    sent_on = fields.Date(required=True, allow_none=True)
    is_answered = fields.Boolean(required=True)
    may_be_asked = fields.Boolean(required=True)


class AskedListSchema(Schema):
    """This year's question to the contacts of an employer."""

    contacts = fields.List(fields.Nested(AskedContactSchema), required=True)


@api.route("/employers/<key>/yearly-question")
@api.response(200, AskedListSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show(key: str) -> dict[str, Any]:
    """Who was asked this year, and whether there is an answer."""
    with reading() as session:
        actor = current_actor()
        employer = get_employer(session, actor, key)
        audit.record(session, actor, "read", "employer", employer.id)
        return _listed(yearly.list_asked(session, employer, today=local_date(db.utcnow())))


@api.route("/employers/<key>/contacts/<uuid:contact_id>/yearly-question", methods=["POST"])
@api.response(200, AskedListSchema)
@errors(api, 401, 403, 404, 409)
@requires(*EDITORS)
def ask(key: str, contact_id: UUID) -> dict[str, Any]:
    """Ask a contact, by e-mail with a link of its own."""
    now = db.utcnow()
    today = local_date(now)
    with writing() as session:
        actor = current_actor()
        yearly.ask_contact(
            session,
            actor,
            key,
            contact_id,
            base_url=current_app.config["MATCHSVC"].base_url,
            today=today,
            now=now,
        )
        return _listed(yearly.list_asked(session, get_employer(session, actor, key), today=today))


def _listed(asked: list[yearly.Asked]) -> dict[str, Any]:
    return {
        "contacts": [
            {
                "contact_id": each.contact.id,
                "sent_on": each.sent_on,
                "is_answered": each.is_answered,
                "may_be_asked": each.may_be_asked,
            }
            for each in asked
        ]
    }
