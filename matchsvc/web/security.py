"""Headers, cookies, CSRF, request ids and the request log. Nothing personal is logged."""

from __future__ import annotations

import logging
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

from matchsvc.web.health import REQUESTS
from matchsvc.web.metrics import Requests

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
MAX_UPLOAD = 20 * 1024 * 1024

csrf = CSRFProtect()
log = structlog.get_logger("matchsvc.request")


def configure_logging() -> None:
    """Structured lines on standard error, one JSON object each, written whole or not at all."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_personal,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


#: Names that no log line may carry, whatever a caller passes.
PERSONAL = frozenset(
    ("name", "given_name", "family_name", "email", "phone", "personal_id", "address", "token")
)


def _drop_personal(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in PERSONAL & line.keys():
        line[key] = "…"
    return line


def init_app(app: Flask, *, secure_cookies: bool) -> None:
    """Headers and cookies for every answer; CSRF is checked by the guard, which knows tokens."""
    prefix = "__Host-" if secure_cookies else ""
    app.config.update(
        SESSION_COOKIE_NAME=f"{prefix}matchsvc",
        SESSION_COOKIE_SECURE=secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the log-in: a long talk must not lose what was typed
        WTF_CSRF_SSL_STRICT=secure_cookies,
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2_000,
    )
    csrf.init_app(app)
    counted = app.extensions[REQUESTS] = Requests()

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if secure_cookies:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        if request.endpoint not in {"static", "health.healthz"}:
            seconds = time.perf_counter() - g.get("started", 0)
            counted.note(request.endpoint, response.status_code, seconds)
            # The endpoint, not the path: paths hold tokens and ids.
            log.info(
                "request",
                request_id=g.get("request_id"),
                method=request.method,
                endpoint=request.endpoint,
                status=response.status_code,
                milliseconds=round(seconds * 1000),
            )
        return response
