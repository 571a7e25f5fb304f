"""JSON of the people who work in a unit: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts import api_schemas as schemas
from matchsvc.accounts import staff
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.schemas import ChangeUserSchema, InviteSchema
from matchsvc.accounts.staff import KEEPERS, Member
from matchsvc.messages.account_letters import tell_of_reset
from matchsvc.messages.views_users import send_address
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("users", "/users", "The accounts of the unit.")


@api.get("")
@api.response(200, schemas.UserSchema(many=True))
@errors(api, 401, 403)
@requires(*KEEPERS)
def list_users() -> list[Member]:
    """Everybody of the unit with roles and last log-in, ended accounts last."""
    with reading() as session:
        return staff.list_staff(session, current_actor())


@api.post("")
@api.arguments(InviteSchema)
@api.response(201, schemas.UserSchema)
@errors(api, 401, 403, 409)
@requires(*KEEPERS)
@asks_again()
def invite(data: dict[str, Any]) -> Member:
    """Invite somebody; a letter with a one-time address is sent."""
    actor = current_actor()
    with writing() as session:
        user, token = staff.invite(session, actor, **data, now=db.utcnow())
        send_address(session, user, token)
        return staff.get_member(session, actor, user.id)


@api.get("/<uuid:user_id>")
@api.response(200, schemas.UserSchema)
@errors(api, 401, 403, 404)
@requires(*KEEPERS)
def get_user(user_id: UUID) -> Member:
    """One account."""
    with reading() as session:
        return staff.get_member(session, current_actor(), user_id)


@api.patch("/<uuid:user_id>")
@api.arguments(ChangeUserSchema)
@api.response(200, schemas.UserSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
@asks_again()
def change(data: dict[str, Any], user_id: UUID) -> Member:
    """Change name and roles; both are replaced."""
    actor = current_actor()
    with writing() as session:
        staff.change_member(session, actor, user_id, **data)
        return staff.get_member(session, actor, user_id)


@api.post("/<uuid:user_id>/<any(end, restore, password, second_factor):act>")
@api.response(200, schemas.UserSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
@asks_again()
def act_on(user_id: UUID, act: str) -> Member:
    """End an account, open it again, send an address for a password, reset the second factor."""
    actor, now = current_actor(), db.utcnow()
    with writing() as session:
        if act == "end":
            staff.end_account(session, actor, user_id, now=now)
        elif act == "second_factor":
            tell_of_reset(session, staff.reset_second_factor(session, actor, user_id, now=now))
        else:
            give = staff.bring_back if act == "restore" else staff.new_password
            user, token = give(session, actor, user_id, now=now)
            send_address(session, user, token)
        return staff.get_member(session, actor, user_id)
