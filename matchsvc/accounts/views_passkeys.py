"""Passkeys on pages: log-in by one, alone or after the password; one's own, added and removed."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import passkeys, rules, second_factor, single_sign_on, views_login
from matchsvc.accounts.guard import (
    STAFF,
    asks_again,
    current_actor,
    own_path,
    public,
    reading,
    requires,
    writing,
)
from matchsvc.accounts.models import User
from matchsvc.config import Config
from matchsvc.errors import DomainError
from matchsvc.web.problems import STATUS, field_errors

passkey_pages = Blueprint("passkeys", __name__)
_KEY = "passkey"  # of the cookie: the challenge, and when it was made
_WHY = "log-in itself, by a passkey"


def question(session: Session, user_id: UUID | None) -> str:
    """Options for the page's script; the challenge goes into this browser's cookie."""
    asked = passkeys.ask_to_use(session, user_id, site())
    _keep(asked)
    return asked.options


def answered(answer: str, user_id: UUID | None) -> User | None:
    """Whose key answered this browser's question; None when it is not to be believed."""
    challenge = _take()
    if challenge is None:
        return None
    with writing() as session:
        return passkeys.use(session, answer, challenge, site(), user_id=user_id, now=db.utcnow())


def site() -> passkeys.Site:
    """Ours."""
    config: Config = current_app.config["MATCHSVC"]
    return passkeys.Site(config.base_url)


@passkey_pages.get("/login/passkey")
@public(_WHY)
def show_login() -> ResponseReturnValue:
    """Ask for a key: hers who waits for the second step, or anybody's with a finger or a PIN."""
    return _login_page({})


@passkey_pages.post("/login/passkey")
@public(_WHY)
def submit_login() -> ResponseReturnValue:
    """Begin a log-in with what the key answered."""
    waiting, now = views_login.who_waits(), db.utcnow()
    if waiting is not None and not views_login.may_try(waiting):
        return _login_page({"": views_login.too_often()}), 429
    user = answered(request.form.get("answer", ""), waiting.id if waiting else None)
    token = None
    with writing() as session:
        # Alone it must not go round the municipality's log-in, whose groups give the roles.
        may = user is not None and (waiting or single_sign_on.may_use_password(session, user))
        if user is None or not may:
            rules.note_failed_login(session, waiting, "passkey")
        elif waiting is None or second_factor.end_step(
            session, cookie[views_login.STEP_KEY], now=now
        ):
            token = rules.start_login(session, user, now=now)
    if token is None:
        return _login_page({"": _(passkeys.WRONG)}), 401
    after = own_path(views_login.after_step() if waiting else request.form.get("next", ""))
    views_login.keep(token)
    return redirect(after, 303)


@passkey_pages.get("/my-login/passkeys")
@requires(*STAFF)
@asks_again()
def show_new() -> ResponseReturnValue:
    """Name a new key and let the browser make it."""
    return _new_page({})


@passkey_pages.post("/my-login/passkeys")
@requires(*STAFF)
@asks_again()
def submit_new() -> ResponseReturnValue:
    """Keep it."""
    challenge = _take() or ""
    try:
        with writing() as session:
            user = rules.get_user(session, current_actor().require_user())
            passkeys.add(
                session,
                user,
                request.form.get("answer", ""),
                challenge,
                site(),
                name=request.form.get("name", "")[:80],
                now=db.utcnow(),
            )
    except DomainError as error:
        return _new_page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("accounts.my_login.show_mine", saved="passkey"), 303)


@passkey_pages.post("/my-login/passkeys/<uuid:passkey_id>/remove")
@requires(*STAFF)
@asks_again()
def submit_remove(passkey_id: UUID) -> ResponseReturnValue:
    """Take one of one's own keys away."""
    with writing() as session:
        user = rules.get_user(session, current_actor().require_user())
        passkeys.remove(session, user, passkey_id)
    return redirect(url_for("accounts.my_login.show_mine", saved="passkey_gone"), 303)


def _keep(asked: passkeys.Question) -> None:
    cookie[_KEY] = [asked.challenge, int(db.utcnow().timestamp())]


def _take() -> str | None:
    kept = cookie.pop(_KEY, None)
    if kept is None or db.utcnow().timestamp() - kept[1] > passkeys.SECONDS:
        return None
    return str(kept[0])


def _login_page(errors: dict[str, str]) -> str:
    waiting = views_login.who_waits()
    with reading() as session:
        return render_template(
            "accounts/login_passkey.html",
            options=question(session, waiting.id if waiting else None),
            is_second=waiting is not None,
            next=request.values.get("next", ""),
            errors=errors,
        )


def _new_page(errors: dict[str, str]) -> str:
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
        asked = passkeys.ask_to_add(session, user, site())
        _keep(asked)
        return render_template(
            "accounts/new_passkey.html",
            options=asked.options,
            name=request.form.get("name", ""),
            errors=errors,
        )
