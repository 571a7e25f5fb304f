"""Proving to be oneself again before a list is taken away or somebody's rights are changed.

The page that was asked for goes on afterwards. What was typed travels in the form that asks for
the password, so it is kept nowhere and nothing has to be written again.
"""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from matchsvc import db
from matchsvc.accounts import (
    authority,
    bulk_reading,
    passkeys,
    rules,
    second_factor,
    single_sign_on,
    views_passkeys,
    views_sso,
)
from matchsvc.accounts.guard import (
    LOGIN_KEY,
    STAFF,
    current_actor,
    own_path,
    reading,
    requires,
    writing,
)
from matchsvc.accounts.views_login import may_try, too_often
from matchsvc.errors import N_, Refused
from matchsvc.web.forms import NOT_DATA
from matchsvc.web.problems import is_api

confirm_pages = Blueprint("confirm", __name__)
_SAFE = frozenset({"GET", "HEAD"})
_AGAIN = N_("Bekräfta att det är du på sidan /confirm och försök igen.")
_PROOFS = frozenset({"again_password", "again_code", "again_sso", "again_passkey"})


def init_app(app: Flask) -> None:
    """Stand between the guard and each view that is marked with ``asks_again``.

    And before each page of one person, once its reader has opened very many people's.
    """

    @app.before_request
    def ask_again() -> ResponseReturnValue | None:
        view = current_app.view_functions.get(request.endpoint or "")
        asked = getattr(view, "asks_again", None)
        if asked is None or not g.by_login or _is_confirmed():
            return _stop_bulk_reading()
        if is_api():
            raise Refused("confirm_again", _AGAIN)
        if request.method in _SAFE:
            return _to_confirm(file=1 if asked == "file" else None)
        if not _PROOFS & request.form.keys():
            return _form_page({}), 403
        if views_sso.is_there() and "again_sso" in request.form:
            return _form_page({"": _("Bekräfta först hos kommunen, i fliken som öppnades.")}), 403
        errors, status = _check()
        return (_form_page(errors), status) if errors else None


@confirm_pages.get("/confirm")
@requires(*STAFF)
def show_confirm() -> ResponseReturnValue:
    """Ask for the password or a code, before a page that was asked for."""
    return _wish_page({})


@confirm_pages.post("/confirm")
@requires(*STAFF)
def submit_confirm() -> ResponseReturnValue:
    """Check it, and go on."""
    errors, status = _check()
    if errors:
        return _wish_page(errors), status
    after = own_path(request.form.get("next", ""))
    if request.form.get("file"):  # the browser would stay on a page that has nothing more to do
        return render_template("accounts/confirmed.html", after=after)
    return redirect(after, 303)


def _stop_bulk_reading() -> ResponseReturnValue | None:
    """Ask who has opened very many people's files who she is; a program has to wait.

    Raises:
        TooManyRequests: a program's token.
        Refused: a browser that asks the interface.
    """
    if (
        g.actor is None
        or request.method not in _SAFE
        or not authority.opens_one_person(request.endpoint or "", request.view_args or {})
    ):
        return None
    actor, now = current_actor(), db.utcnow()
    login = cookie.get(LOGIN_KEY) if g.by_login else None
    with reading() as session:
        is_too_much = bulk_reading.is_too_much(session, actor, login, now=now)
    if not is_too_much:
        return None
    with writing() as session:
        bulk_reading.tell(session, actor, now=now)
    if login is None:
        raise TooManyRequests(retry_after=int(bulk_reading.WINDOW.total_seconds()))
    if is_api():
        raise Refused("confirm_again", _AGAIN)
    return _to_confirm(many=1)


def _to_confirm(**told: int | None) -> ResponseReturnValue:
    return redirect(url_for("accounts.confirm.show_confirm", next=_address(), **told), 303)  # type: ignore[arg-type]


def _is_confirmed() -> bool:
    with reading() as session:
        return rules.is_confirmed(session, cookie.get(LOGIN_KEY, ""), now=db.utcnow())


def _check() -> tuple[dict[str, str], int]:
    """What is wrong with the password or the code; nothing, and the log-in is confirmed."""
    now = db.utcnow()
    password = request.form.get("again_password", "")[:200]
    code = request.form.get("again_code", "").strip()[:40]
    if request.form.get("again_passkey"):
        return _check_passkey(request.form["again_passkey"])
    if not password and not code:
        return {"again_password": _("Skriv lösenordet eller en kod från telefonen.")}, 422
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
        may_password = single_sign_on.may_use_password(session, user)
    if code:
        allowed = may_try(user)
    else:
        with writing() as session:
            allowed = rules.count_attempt(session, f"login:{user.email}", now=now)
    if not allowed:
        return {"": too_often()}, 429
    is_right = not code and may_password and rules.check_password(user, password)
    with writing() as session:
        if code:
            is_right = second_factor.use_code(session, user.id, code, now=now)
        if is_right:
            rules.mark_confirmed(session, cookie[LOGIN_KEY], now=now)
        else:
            rules.note_failed_login(session, user, "code" if code else "password")
    if is_right:
        return {}, 200
    if code:
        return {"again_code": _(second_factor.WRONG)}, 401
    return {"again_password": _("Lösenordet stämmer inte. Skriv det en gång till.")}, 401


def _check_passkey(answer: str) -> tuple[dict[str, str], int]:
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
    if not may_try(user):
        return {"": too_often()}, 429
    is_right = views_passkeys.answered(answer, user.id) is not None
    with writing() as session:
        if is_right:
            rules.mark_confirmed(session, cookie[LOGIN_KEY], now=db.utcnow())
        else:
            rules.note_failed_login(session, user, "passkey")
    return ({}, 200) if is_right else ({"": _(passkeys.WRONG)}, 401)


def _wish_page(errors: dict[str, str]) -> str:
    kept = [(name, request.values.get(name, "")) for name in ("next", "file", "many")]
    return _page(url_for("accounts.confirm.submit_confirm"), kept, errors)


def _form_page(errors: dict[str, str]) -> str:
    kept = [
        (name, value)
        for name in request.form
        if name not in NOT_DATA
        for value in request.form.getlist(name)
    ]
    return _page(_address(), kept, errors)


def _address() -> str:
    asked = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{asked}" if asked else request.path


def _page(action: str, kept: list[tuple[str, str]], errors: dict[str, str]) -> str:
    with reading() as session:
        user = rules.get_user(session, current_actor().require_user())
        is_bound = single_sign_on.state_of(session, user.id).bound_at is not None
        return render_template(
            "accounts/confirm.html",
            action=action,
            kept=kept,
            errors=errors,
            has_code=second_factor.state_of(session, user.id).is_on,
            has_password=single_sign_on.may_use_password(session, user),
            passkey_options=views_passkeys.question(session, user.id)
            if passkeys.has_any(session, user.id)
            else None,
            sso=_sso_address(action, kept) if is_bound and views_sso.is_there() else None,
            is_many=bool(dict(kept).get("many")),
            is_form=action != url_for("accounts.confirm.submit_confirm"),
        )


def _sso_address(action: str, kept: list[tuple[str, str]]) -> str:
    """To the municipality's log-in; a form waits in its own tab until that has answered."""
    if action != url_for("accounts.confirm.submit_confirm"):
        return url_for("accounts.sso.show_confirm_start", file=1)
    return url_for("accounts.sso.show_confirm_start", **{k: v for k, v in kept if v})  # type: ignore[arg-type]
