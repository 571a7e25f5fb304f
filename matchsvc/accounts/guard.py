"""The guard: who is asking, may they, and the transactions that a request runs in.

Every route carries ``@requires(...)`` or ``@public("why")``; a house-rule test fails otherwise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, g, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized

from matchsvc import db
from matchsvc.accounts import audit, authority, rules
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import DomainError, Refused
from matchsvc.swedish import local_date
from matchsvc.web.problems import is_api
from matchsvc.web.security import csrf

STAFF = tuple(Role)
LOGIN_KEY = "login"
#: Name in ``flask.g`` of the unit whose link somebody without an account has opened.
UNIT_OF_LINK = "unit_of_link"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

View = TypeVar("View", bound=Callable[..., Any])


def requires(*roles: Role) -> Callable[[View], View]:
    """Allow only users who hold one of the roles."""
    if not roles:
        raise ValueError("name the roles; STAFF is all of them")

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            refusal = _refusal(roles)
            return view(*args, **kwargs) if refusal is None else refusal

        guarded.required_roles = roles  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def _refusal(roles: tuple[Role, ...]) -> ResponseReturnValue | None:
    """None when the actor holds one of the roles, and the table of authority says so too.

    A route that no row of the table names is closed to everybody.

    Raises:
        Refused: known, but without the role.
        Unauthorized: a program that is not logged in.
    """
    actor = g.get("actor")
    if actor is None:
        return _ask_to_log_in()
    named = authority.roles_at(request.endpoint or "", request.method)
    if not actor.has_role(*named.intersection(roles)):
        raise Refused
    return None


def asks_again(*, file: bool = False) -> Callable[[View], View]:
    """Ask who sits there to prove to be herself, unless she did in the last ten minutes.

    For lists that are taken away and for who may do what (ASVS 7.5.3). A program's token is its
    own proof. See :mod:`matchsvc.accounts.views_confirm`.

    Args:
        file: whether the answer is a file, so that the page that asked stays in the browser.
    """

    def decorate(view: View) -> View:
        view.asks_again = "file" if file else "page"  # type: ignore[attr-defined]
        return view

    return decorate


def own_path(wish: str) -> str:
    """A path on this site to go on to; never another site's address."""
    is_own = wish.startswith("/") and not wish.startswith("//") and "\\" not in wish
    return wish if is_own and wish.isprintable() else "/my-week"


def public(why: str) -> Callable[[View], View]:
    """Mark a route that needs no log-in, saying why."""

    def decorate(view: View) -> View:
        view.is_public = why  # type: ignore[attr-defined]
        return view

    return decorate


def signed_by_sender(view: View) -> View:
    """Mark a route whose sender is a server; what it sends is signed, no cookie counts.

    It must look at nothing of the session: no form's token guards it.
    """
    view.is_signed_by_sender = True  # type: ignore[attr-defined]
    return view


def current_actor() -> Actor:
    """The logged-in user. Only behind ``requires``."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise Unauthorized
    return actor


@contextmanager
def reading() -> Iterator[Session]:
    """A snapshot for a page. What was read is logged before the answer leaves.

    Render inside the block: if the log can't be written, nothing is shown.
    """
    with db.read() as session:
        yield session
        rows = audit.take_pending(session)
    if rows:
        with db.begin() as log:
            audit.write(log, rows)


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction for a request that changes something; the log rows go in with it."""
    with db.begin() as session:
        yield session


def init_app(app: Flask) -> None:
    """Find out who is asking before each request, and check the CSRF token."""

    @app.before_request
    def identify_and_guard() -> ResponseReturnValue | None:
        identify()
        # Before the view's other decorators: who may not come in learns nothing of its input.
        roles = getattr(app.view_functions.get(request.endpoint or ""), "required_roles", None)
        return _refusal(roles) if roles else None

    def identify() -> None:
        g.actor, g.by_login = None, False
        if request.endpoint == "static":
            return
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        now = db.utcnow()
        if is_api() and bearer and "Authorization" in request.headers:
            with db.read() as session:
                g.actor = rules.find_actor_by_token(
                    session, bearer, now=now, request_id=g.request_id
                )
                due = g.actor is not None and rules.is_token_use_due(session, bearer, now=now)
            if due:
                with db.begin() as session:
                    rules.mark_token_used(session, bearer, now=now)
            return
        token = cookie.get(LOGIN_KEY)
        if token:
            with db.read() as session:
                g.actor = rules.find_actor_by_login(
                    session, token, now=now, request_id=g.request_id
                )
                due = g.actor is not None and rules.is_due_to_be_seen(session, token, now=now)
            g.by_login = g.actor is not None
            if g.actor is None:
                cookie.pop(LOGIN_KEY, None)
            elif due:
                with db.begin() as session:
                    rules.mark_seen(session, token, now=now)
        view = app.view_functions.get(request.endpoint or "")
        is_signed = getattr(view, "is_signed_by_sender", False)
        if request.method not in _SAFE and (token or not is_api()) and not is_signed:
            _check_csrf(app)


def _check_csrf(app: Flask) -> None:
    if app.config.get("WTF_CSRF_ENABLED", True):  # tests of other things turn it off
        csrf.protect()


def log_refusal(error: DomainError) -> None:
    """Log a refusal in a transaction of its own; the request's was rolled back."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        return
    ids = [str(value) for value in (request.view_args or {}).values()]
    with db.begin() as session:
        audit.record(
            session,
            actor,
            "refused",
            request.endpoint or "unknown",
            ids[0] if ids else None,
            reason=error.code,
        )


def _ask_to_log_in() -> ResponseReturnValue:
    if is_api():
        raise Unauthorized
    after = request.path if request.method == "GET" else "/my-week"
    return redirect(f"/login?{urlencode({'next': after})}", 303)


def day_of_request() -> date:
    """The day in Stockholm, for what a page says of itself."""
    return local_date(db.utcnow())
