"""The second step of a log-in: a code from the phone, a recovery code, or a phone to be set up."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import passkeys, rules, second_factor
from matchsvc.accounts.guard import LOGIN_KEY, own_path, public, reading, writing
from matchsvc.accounts.models import User
from matchsvc.accounts.schemas import CodeSchema
from matchsvc.config import Config
from matchsvc.errors import DomainError, Invalid
from matchsvc.web.forms import load_form
from matchsvc.web.problems import field_errors

login_pages = Blueprint("second_step", __name__)
STEP_KEY, _AFTER_KEY = "step", "after"
_WHY = "the second step of log-in: opens only after a right password"


def begin(user: User, after: str) -> ResponseReturnValue:
    """Go on from a right password: to the page, to the code, or to setting a phone up."""
    now, after = db.utcnow(), own_path(after)
    with writing() as session:
        has_one = second_factor.state_of(session, user.id).is_on
        if not has_one and not second_factor.is_demanded(session, user, everywhere=everywhere()):
            return _go_on(rules.start_login(session, user, now=now), after)
        token = second_factor.begin_step(session, user)
        if not has_one:
            second_factor.prepare(session, user, token)
    cookie.clear()  # a new session: nothing that was set before log-in follows along
    cookie[STEP_KEY], cookie[_AFTER_KEY] = token, after
    to = "show_code" if has_one else "show_new_phone"
    return redirect(url_for(f"accounts.second_step.{to}"), 303)


def everywhere() -> bool:
    """Whether this installation demands a second factor of everybody."""
    config: Config = current_app.config["MATCHSVC"]
    return config.mfa_required


@login_pages.get("/login/code")
@public(_WHY)
def show_code() -> ResponseReturnValue:
    """Ask for the code."""
    user = who_waits()
    return _again() if user is None else _code_page({})


@login_pages.post("/login/code")
@public(_WHY)
def submit_code() -> ResponseReturnValue:
    """Check the code; begin the session."""
    user, now = who_waits(), db.utcnow()
    if user is None:
        return _again()
    try:
        data = load_form(CodeSchema())
    except Invalid as error:
        return _code_page(field_errors(error)), 422
    if not may_try(user):
        return _code_page({"": too_often()}), 429
    kind = "recovery_code" if data["way"] == "recovery" else "code"
    code_id = None
    if kind == "recovery_code":
        with reading() as session:
            code_id = second_factor.find_recovery_code(session, user.id, data["code"])
    token = None
    with writing() as session:
        if code_id is None:
            is_right = kind == "code" and second_factor.use_code(
                session, user.id, data["code"], now=now
            )
        else:
            is_right = second_factor.use_recovery_code(session, user, code_id, now=now)
        if not is_right:
            rules.note_failed_login(session, user, kind)
        elif second_factor.end_step(session, cookie[STEP_KEY], now=now):
            token = rules.start_login(session, user, now=now)
    if not is_right:
        wrong = {
            "code": _(second_factor.WRONG),
            "recovery_code": _("Reservkoden stämmer inte eller är använd. Ta en annan på listan."),
        }
        return _code_page({"code": wrong[kind]}), 401
    if token is None:
        return _again()
    after = cookie[_AFTER_KEY]
    return _go_on(token, url_for("accounts.my_login.show_mine", used=1) if code_id else after)


@login_pages.get("/login/new-phone")
@public(_WHY)
def show_new_phone() -> ResponseReturnValue:
    """Show the square for the phone."""
    user = who_waits()
    with reading() as session:
        page = phone_page(session, user, cookie.get(STEP_KEY, ""), {}) if user else None
    return page or _again()


@login_pages.post("/login/new-phone")
@public(_WHY)
def submit_new_phone() -> ResponseReturnValue:
    """Turn the second factor on, begin the session and show the recovery codes once."""
    user, now = who_waits(), db.utcnow()
    if user is None:
        return _again()
    step, after, token = cookie[STEP_KEY], cookie[_AFTER_KEY], None
    try:
        if not may_try(user):
            raise Invalid({"": too_often()})
        data, codes = load_form(CodeSchema()), second_factor.new_recovery_codes()
        with writing() as session:
            second_factor.enrol(session, user, step, data["code"], codes, now=now)
            if second_factor.end_step(session, step, now=now):
                token = rules.start_login(session, user, now=now)
    except DomainError as error:
        with reading() as session:
            page = phone_page(session, user, step, field_errors(error))
        return (page, 422) if page else _again()
    if token is None:
        return _again()
    keep(token)
    return codes_page(codes, after)


def may_try(user: User) -> bool:
    """Count a try at a code, in a transaction of its own; whether it may be made."""
    with writing() as session:
        return rules.count_attempt(session, f"code:{user.id}", now=db.utcnow())


def too_often() -> str:
    """What is said after ten tries."""
    return str(_("För många försök. Vänta en kvart och försök igen."))


def phone_page(
    session: Session, user: User, token: str, errors: dict[str, str], *, mine: bool = False
) -> str | None:
    """The square and the same as text; None when this log-in has prepared nothing."""
    secret = second_factor.prepared(session, user.id, token)
    if secret is None:
        return None
    square = segno.make(second_factor.address(user, secret), error="m", micro=False)
    return render_template(
        "accounts/new_phone.html",
        square=square.svg_data_uri(border=4, light="#fff"),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        errors=errors,
        mine=mine,
    )


def codes_page(codes: list[second_factor.NewCode], after: str) -> str:
    """The recovery codes, shown this once."""
    return render_template("accounts/recovery_codes.html", codes=codes, after=after)


def after_step() -> str:
    """Where the log-in that waits goes on to."""
    return str(cookie.get(_AFTER_KEY, ""))


def who_waits() -> User | None:
    """Who gave a right password in this browser and has no session yet."""
    token = cookie.get(STEP_KEY)
    if not token:
        return None
    with reading() as session:
        return second_factor.find_step(session, token, now=db.utcnow())


def keep(token: str) -> None:
    """Put a log-in into the browser's cookie."""
    cookie.clear()  # a new session: nothing that was set before log-in follows along
    cookie[LOGIN_KEY] = token


def _go_on(token: str, after: str) -> ResponseReturnValue:
    keep(token)
    return redirect(after, 303)


def _again() -> ResponseReturnValue:
    return redirect(url_for("accounts.show_login"), 303)


def _code_page(errors: dict[str, Any]) -> str:
    way = request.values.get("way", "")
    user = who_waits()
    with reading() as session:
        has_passkey = user is not None and passkeys.has_any(session, user.id)
    return render_template(
        "accounts/login_code.html",
        is_recovery=way == "recovery",
        has_passkey=has_passkey,
        errors=errors,
    )
