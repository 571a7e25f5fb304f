"""Log-in by the municipality's own (OpenID Connect): there, back, proof again, who gets what."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import rules, single_sign_on, views_login
from matchsvc.accounts.guard import (
    LOGIN_KEY,
    STAFF,
    asks_again,
    current_actor,
    own_path,
    public,
    reading,
    requires,
    signed_by_sender,
    writing,
)
from matchsvc.accounts.models import Role
from matchsvc.accounts.oidc import SKEW, Claims, Distrusted, Provider, ProviderDown
from matchsvc.accounts.schemas import SsoGroupSchema
from matchsvc.accounts.wording import ROLES
from matchsvc.config import Config
from matchsvc.errors import Invalid, RuleViolation
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

sso_pages = Blueprint("sso", __name__)
_KEY = "sso"  # of the cookie: what this browser asked the provider for
_WAITS = 15 * 60  # seconds that the provider may take
_PROVIDER = "matchsvc-sso-provider"
#: Log-ins that one address may begin in a quarter of an hour: a whole office may share one.
STARTS = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """What this browser asked for: only it can use the answer."""

    state: str
    nonce: str
    verifier: str
    after: str
    at: int
    again: bool
    file: bool


def is_there() -> bool:
    """Whether the municipality's log-in is set up."""
    return _config().oidc_issuer is not None


@sso_pages.get("/login/sso")
@public("log-in itself, by the municipality's")
def show_start() -> ResponseReturnValue:
    """Send the browser to the municipality's log-in."""
    return _start(request.args.get("next", ""), again=False)


@sso_pages.get("/confirm/sso")
@requires(*STAFF)
def show_confirm_start() -> ResponseReturnValue:
    """Send the browser there to prove that it is she who sits here."""
    return _start(request.args.get("next", ""), again=True)


@sso_pages.get("/login/sso/back")
@public("log-in itself: what the municipality's answers")
def show_back() -> ResponseReturnValue:
    """Take the answer: begin a log-in, or note that she has proved to be herself."""
    if not is_there():
        abort(404)
    kept, now = cookie.pop(_KEY, None), db.utcnow()
    state = request.args.get("state", "")
    # All of it or nothing: an answer to another browser, or another tab, opens nothing.
    asked = _Asked(**kept) if kept else None
    is_ours = asked is not None and hmac.compare_digest(asked.state.encode(), state.encode())
    try:
        if asked is None or not is_ours or now.timestamp() - asked.at > _WAITS:
            raise Distrusted("state")  # noqa: TRY301 - one way out for everything
        with writing() as session:
            single_sign_on.use_answer(session, state, now=now)
        said = _provider().redeem(
            request.args, _back(), nonce=asked.nonce, verifier=asked.verifier, now=now
        )
        return _confirm(said, asked) if asked.again else _log_in(said, asked)
    except Distrusted as error:
        with writing() as session:
            rules.note_failed_login(session, None, f"sso:{error.why}")
        return redirect(url_for("accounts.sso.show_refused"), 303)
    except ProviderDown:
        return redirect(url_for("accounts.sso.show_refused", down=1), 303)


@sso_pages.get("/login/sso/refused")
@public("log-in itself: says that it did not go well")
def show_refused() -> ResponseReturnValue:
    """The same page to everybody who does not come in, whatever the reason; without the answer."""
    if not is_there():
        abort(404)
    is_down = "down" in request.args
    error = ProviderDown() if is_down else Distrusted("")
    return _refused_page(_(error.message), is_down=is_down), 503 if is_down else 403


def _log_in(said: Claims, asked: _Asked) -> ResponseReturnValue:
    now = db.utcnow()
    with writing() as session:
        user = single_sign_on.log_in(session, said, now=now)
        has_roles = bool(user.roles)
        is_twice = has_roles and single_sign_on.is_accepted_twice(session, user, said)
        token = rules.start_login(session, user, now=now) if is_twice else None
    if not has_roles:
        raise Distrusted("no_group")
    if token is not None:
        views_login.keep(token)
        return redirect(asked.after, 303)
    return views_login.begin(user, asked.after)


def _confirm(said: Claims, asked: _Asked) -> ResponseReturnValue:
    """Only she herself, and only when she proved it after we asked."""
    now, token = db.utcnow(), cookie.get(LOGIN_KEY, "")
    with writing() as session:
        actor = rules.find_actor_by_login(session, token, now=now, request_id=None)
        if actor is None or not single_sign_on.is_hers(session, actor.require_user(), said):
            raise Distrusted("another")
        if said.proved_at is None or said.proved_at < asked.at - SKEW:
            raise Distrusted("not_proved_again")
        rules.mark_confirmed(session, token, now=now)
    if asked.file:
        return render_template("accounts/confirmed.html", after=asked.after)
    return redirect(asked.after, 303)


@sso_pages.post("/login/sso/ended")
@public("the provider tells that somebody has logged out there; its signature is the proof")
@signed_by_sender
def submit_ended() -> ResponseReturnValue:
    """End her log-ins here too (back-channel log-out)."""
    if not is_there():
        abort(404)
    now = db.utcnow()
    try:
        told = _provider().check_log_out(request.form.get("logout_token", ""), now=now)
        with writing() as session:
            single_sign_on.end_by_provider(session, *told, now=now)
    except (Distrusted, ProviderDown):
        return {"error": "invalid_request"}, 400
    return "", 200


@sso_pages.get("/logged-out")
@public("says that one is logged out, and how to log out of the municipality's too")
def show_logged_out() -> ResponseReturnValue:
    """Logged out here; a link to log out there."""
    if not is_there():
        abort(404)
    login = f"{_config().base_url}{url_for('accounts.show_login')}"
    try:
        to = _provider().log_out_address(login, now=db.utcnow())
    except ProviderDown:
        to = None
    return render_template("accounts/logged_out.html", to=to)


@sso_pages.get("/settings/sso")
@requires(Role.ADMIN)
def show_groups() -> ResponseReturnValue:
    """Which group gives which role in which unit."""
    return _groups_page({}, {})


@sso_pages.post("/settings/sso")
@requires(Role.ADMIN)
@asks_again()
def submit_group() -> ResponseReturnValue:
    """Let a group give a role."""
    try:
        data = load_form(SsoGroupSchema())
        with writing() as session:
            single_sign_on.add_group(session, current_actor(), **data, now=db.utcnow())
    except (Invalid, RuleViolation) as error:
        return _groups_page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("accounts.sso.show_groups", saved=1), 303)


@sso_pages.post("/settings/sso/<uuid:group_id>/remove")
@requires(Role.ADMIN)
@asks_again()
def submit_remove_group(group_id: UUID) -> ResponseReturnValue:
    """Take a line away."""
    with writing() as session:
        single_sign_on.remove_group(session, current_actor(), group_id)
    return redirect(url_for("accounts.sso.show_groups", saved=1), 303)


def _start(after: str, *, again: bool) -> ResponseReturnValue:
    if not is_there():
        abort(404)
    now = db.utcnow()
    who = current_actor().label if again else request.remote_addr
    with writing() as session:
        may = rules.count_attempt(session, f"sso:{who}", now=now, most=STARTS)
    if not may:
        return _refused_page(views_login.too_often(), is_down=True), 429
    asked = _Asked(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        after=own_path(after),
        at=int(now.timestamp()),
        again=again,
        file=bool(request.args.get("file")),
    )
    try:
        to = _provider().start_address(
            _back(),
            state=asked.state,
            nonce=asked.nonce,
            verifier=asked.verifier,
            again=again,
            now=now,
        )
    except ProviderDown:
        return redirect(url_for("accounts.sso.show_refused", down=1), 303)
    cookie[_KEY] = {name: getattr(asked, name) for name in asked.__slots__}
    return redirect(to, 303)


def _refused_page(message: str, *, is_down: bool) -> str:
    return render_template("accounts/sso_refused.html", message=message, is_down=is_down)


def _groups_page(form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        return render_template(
            "accounts/sso_groups.html",
            groups=single_sign_on.list_groups(session, actor),
            roles=ROLES,
            choices=[(role.value, words) for role, words in ROLES.items()],
            is_there=is_there(),
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
        )


def _back() -> str:
    return f"{_config().base_url}{url_for('accounts.sso.show_back')}"


def _config() -> Config:
    config: Config = current_app.config["MATCHSVC"]
    return config


def _provider() -> Provider:
    found: Provider = current_app.extensions.setdefault(_PROVIDER, Provider(_config()))
    return found
