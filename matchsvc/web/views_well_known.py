"""What programs from outside look for: robots.txt, and whom to tell of a weakness (RFC 9116)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, abort, current_app
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.config import Config

#: How long somebody may rely on a copy of security.txt; it is made anew each time.
_GOOD_FOR = timedelta(days=90)


def well_known_pages(public: Callable[..., object]) -> Blueprint:
    """The two addresses.

    Args:
        public: the guard's decorator for routes without log-in.
    """
    pages = Blueprint("well_known", __name__)

    @public("for robots: nothing here is theirs")  # type: ignore[operator]
    def robots() -> ResponseReturnValue:
        return _text("User-agent: *\nDisallow: /\n")

    @public("whoever has found a weakness has no account")  # type: ignore[operator]
    def security() -> ResponseReturnValue:
        config: Config = current_app.config["MATCHSVC"]
        if config.security_contact is None:
            abort(404)
        until = (db.utcnow() + _GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
        return _text(
            f"Contact: {config.security_contact}\n"
            f"Expires: {until}\n"
            "Preferred-Languages: sv, en\n"
            f"Canonical: {config.base_url}/.well-known/security.txt\n"
        )

    pages.add_url_rule("/robots.txt", "robots", robots)
    pages.add_url_rule("/.well-known/security.txt", "security", security)
    return pages


def _text(words: str) -> Response:
    return Response(words, content_type="text/plain; charset=utf-8")
