"""One's own log-in: the second factor, the recovery codes, and where one is logged in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import own_logins, passkeys, rules, second_factor
from matchsvc.accounts.guard import (
    LOGIN_KEY,
    STAFF,
    asks_again,
    current_actor,
    reading,
    requires,
    writing,
)
from matchsvc.accounts.schemas import ChangePasswordSchema, CodeSchema
from matchsvc.accounts.views_login import codes_page, everywhere, may_try, phone_page, too_often
from matchsvc.errors import DomainError, Invalid, RuleViolation
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

my_login_pages = Blueprint("my_login", __name__)


@my_login_pages.get("/my-login")
@requires(*STAFF)
def show_mine() -> ResponseReturnValue:
    """The second factor and the log-ins that are open."""
    return _page({})


@my_login_pages.post("/my-login/phone")
@requires(*STAFF)
@asks_again()
def submit_phone() -> ResponseReturnValue:
    """Begin with a phone, the first or another; the old one works until the new one does."""
    with writing() as session:
        user = rules.get_user(session, current_actor().require_user())
        second_factor.prepare(session, user, cookie[LOGIN_KEY])
    return redirect(url_for("accounts.my_login.show_phone"), 303)


@my_login_pages.get("/my-login/phone")
@requires(*STAFF)
@asks_again()
def show_phone() -> ResponseReturnValue:
    """The square for the phone."""
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
        page = phone_page(session, user, cookie[LOGIN_KEY], {}, mine=True)
    return page or redirect(_mine(), 303)


@my_login_pages.post("/my-login/phone/code")
@requires(*STAFF)
@asks_again()
def submit_phone_code() -> ResponseReturnValue:
    """Turn the second factor on with the phone's first code."""
    now = db.utcnow()
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
    try:
        if not may_try(user):
            raise Invalid({"": too_often()})
        data, codes = load_form(CodeSchema()), second_factor.new_recovery_codes()
        with writing() as session:
            second_factor.enrol(session, user, cookie[LOGIN_KEY], data["code"], codes, now=now)
    except DomainError as error:
        with reading() as session:
            page = phone_page(session, user, cookie[LOGIN_KEY], field_errors(error), mine=True)
        return (page, STATUS[type(error)]) if page else redirect(_mine(), 303)
    return codes_page(codes, _mine())


@my_login_pages.post("/my-login/recovery-codes")
@requires(*STAFF)
@asks_again()
def submit_recovery_codes() -> ResponseReturnValue:
    """Ten new recovery codes; the old ones stop working."""
    codes = second_factor.new_recovery_codes()
    try:
        with writing() as session:
            user = rules.get_user(session, current_actor().require_user())
            second_factor.renew_recovery_codes(session, user, codes)
    except RuleViolation as error:
        return _page(field_errors(error)), STATUS[type(error)]
    return codes_page(codes, _mine())


@my_login_pages.post("/my-login/off")
@requires(*STAFF)
@asks_again()
def submit_off() -> ResponseReturnValue:
    """Turn the second factor off, where that is allowed."""
    try:
        with writing() as session:
            user = rules.get_user(session, current_actor().require_user())
            second_factor.turn_off(session, user, everywhere=everywhere())
    except RuleViolation as error:
        return _page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("accounts.my_login.show_mine", saved="off"), 303)


@my_login_pages.post("/my-login/password")
@requires(*STAFF)
def submit_password() -> ResponseReturnValue:
    """Change the password: the one that holds is proof enough, and asked for each time."""
    actor, now = current_actor(), db.utcnow()
    try:
        data = load_form(ChangePasswordSchema())
        wrong, status = _wrong_password(data["old_password"])
        if wrong:
            return _page(wrong), status
        with writing() as session:
            own_logins.change_password(
                session, actor, cookie[LOGIN_KEY], data["new_password"], now=now
            )
    except Invalid as error:
        wrong = field_errors(error)
        if "password" in wrong:
            wrong["new_password"] = wrong.pop("password")
        return _page(wrong), 422
    return redirect(url_for("accounts.my_login.show_mine", saved="password"), 303)


@my_login_pages.post("/my-login/end-others")
@requires(*STAFF)
def submit_end_others() -> ResponseReturnValue:
    """End all of one's log-ins but this one."""
    with writing() as session:
        own_logins.end_others(session, current_actor(), cookie[LOGIN_KEY], now=db.utcnow())
    return redirect(url_for("accounts.my_login.show_mine", saved="ended"), 303)


@my_login_pages.post("/my-login/<uuid:login_id>/end")
@requires(*STAFF)
def submit_end(login_id: UUID) -> ResponseReturnValue:
    """End one of one's log-ins."""
    with writing() as session:
        own_logins.end_one(session, current_actor(), login_id, now=db.utcnow())
    return redirect(url_for("accounts.my_login.show_mine", saved="ended"), 303)


def _wrong_password(password: str) -> tuple[dict[str, str], int]:
    """What is wrong with the password that holds; nothing when it is hers. Each try is counted."""
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
    with writing() as session:
        may = rules.count_attempt(session, f"login:{user.email}", now=db.utcnow())
    if not may:
        return {"": too_often()}, 429
    if rules.check_password(user, password):
        return {}, 200
    with writing() as session:
        rules.note_failed_login(session, user, "password")
    return {"old_password": _("Lösenordet stämmer inte. Skriv det en gång till.")}, 401


def _mine() -> str:
    return url_for("accounts.my_login.show_mine")


def _page(errors: dict[str, str]) -> str:
    actor, now = current_actor(), db.utcnow()
    with reading() as session:
        user = rules.get_user(session, actor.require_user())
        return render_template(
            "accounts/my_login.html",
            state=second_factor.state_of(session, user.id),
            is_demanded=second_factor.is_demanded(session, user, everywhere=everywhere()),
            passkeys=passkeys.list_passkeys(session, user.id),
            logins=own_logins.list_open(session, actor, cookie[LOGIN_KEY], now=now),
            errors=errors,
            saved=request.args.get("saved"),
            used="used" in request.args,
        )
