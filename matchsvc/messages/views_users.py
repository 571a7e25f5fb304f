"""Pages of the people who work here: invite, roles, end, a new password.

They stand above accounts because an invitation is a message.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import second_factor, single_sign_on, staff
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.schemas import ChangeUserSchema, InviteSchema
from matchsvc.accounts.staff import KEEPERS
from matchsvc.accounts.views_sso import is_there
from matchsvc.accounts.wording import ROLES
from matchsvc.config import Config
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.messages.account_letters import tell_of_reset
from matchsvc.messages.outbox import queue_message
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("users", __name__, template_folder="templates")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("/users")
@requires(*KEEPERS)
def show_users() -> ResponseReturnValue:
    """Everybody of the unit, and the form that invites."""
    return _list_page({}, {})


@pages.post("/users")
@requires(*KEEPERS)
@asks_again()
def submit_invite() -> ResponseReturnValue:
    """Invite somebody: the account and its message are one act."""
    try:
        data = load_form(InviteSchema())
        with writing() as session:
            user, token = staff.invite(session, current_actor(), **data, now=db.utcnow())
            send_address(session, user, token)
    except FORM_ERRORS as error:
        return _list_page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("users.show_users", saved="invited"), 303)


@pages.get("/users/<uuid:user_id>")
@requires(*KEEPERS)
def show_user(user_id: UUID) -> ResponseReturnValue:
    """One account."""
    return _user_page(user_id, None, {})


@pages.post("/users/<uuid:user_id>")
@requires(*KEEPERS)
@asks_again()
def submit_change(user_id: UUID) -> ResponseReturnValue:
    """Change name and roles."""
    try:
        data = load_form(ChangeUserSchema())
        with writing() as session:
            staff.change_member(session, current_actor(), user_id, **data)
    except FORM_ERRORS as error:
        page = _user_page(user_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("users.show_user", user_id=user_id, saved="changed"), 303)


@pages.post("/users/<uuid:user_id>/<any(end, restore, password, second_factor, sso, sso_off):act>")
@requires(*KEEPERS)
@asks_again()
def submit_act(user_id: UUID, act: str) -> ResponseReturnValue:
    """End the account, open it again, send an address for a password; what else opens it."""
    actor, now = current_actor(), db.utcnow()
    try:
        with writing() as session:
            if act == "end":
                staff.end_account(session, actor, user_id, now=now)
            elif act == "second_factor":
                tell_of_reset(session, staff.reset_second_factor(session, actor, user_id, now=now))
            elif act in {"sso", "sso_off"}:
                change = single_sign_on.allow if act == "sso" else single_sign_on.forget
                change(session, actor, staff.get_changeable(session, actor, user_id), now=now)
            else:
                give = staff.bring_back if act == "restore" else staff.new_password
                user, token = give(session, actor, user_id, now=now)
                send_address(session, user, token)
    except FORM_ERRORS as error:
        return _user_page(user_id, None, {"form": _(error.message)}), STATUS[type(error)]
    return redirect(url_for("users.show_user", user_id=user_id, saved=act), 303)


def send_address(session: Session, user: User, token: str) -> None:
    """Queue the message with the one-time address, in the transaction that made it."""
    config: Config = current_app.config["MATCHSVC"]
    queue_message(
        session,
        unit_id=user.unit_id,
        kind="set_password",
        recipient=user.email,
        subject="Välj lösenord till matchsvc",
        body=(
            "Hej!\n\nDu har ett konto i matchsvc. Välj lösenord här:\n"
            f"{config.base_url}/set-password/{token}\n\n"
            "Adressen fungerar en gång. Har du inte väntat dig det här, låt bli att öppna den "
            "och hör av dig till din chef.\n"
        ),
        cause_id=user.id,
    )


def _list_page(form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        return render_template(
            "messages/users.html",
            members=staff.list_staff(session, actor),
            roles=ROLES,
            choices=_role_choices(),
            chosen=form.getlist("roles") if hasattr(form, "getlist") else [],
            form=form,
            errors=errors,
            me=actor.user_id,
            saved=request.args.get("saved"),
        )


def _role_choices() -> list[tuple[str, Any]]:
    return [(role.value, ROLES[role]) for role in staff.may_give(current_actor())]


def _user_page(
    user_id: UUID, form: Any, errors: dict[str, str], error: Exception | None = None
) -> str:
    with reading() as session:
        member = staff.get_member(session, current_actor(), user_id)
        is_conflict = isinstance(error, Conflict)
        held = [role.value for role in member.roles]
        return render_template(
            "messages/user.html",
            member=member,
            user=member.user,
            roles=ROLES,
            choices=_role_choices(),
            chosen=held if form is None else form.getlist("roles"),
            form={"name": member.user.name} if form is None else form,
            errors={} if is_conflict else errors,
            is_conflict=is_conflict,
            has_second_factor=second_factor.state_of(session, user_id).is_on,
            sso=single_sign_on.state_of(session, user_id),
            has_sso=is_there(),
            may_reset=current_actor().has_role(Role.ADMIN),
            is_me=user_id == current_actor().user_id,
            saved=request.args.get("saved"),
        )
