"""Headers, cookies, hosts, CSRF, request ids and the request log. Nothing personal is logged."""

from __future__ import annotations

import logging
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from matchsvc.config import Config
from matchsvc.web.health import REQUESTS
from matchsvc.web.metrics import Requests

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'"
)
#: What no page of ours asks a browser for; an injected one may not either.
_NOT_USED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
    *(
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
        "xr-spatial-tracking",
    ),
)
#: On every answer, also on static files.
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_USED),
    "X-Robots-Tag": "noindex, nofollow",
}
#: Of files: what a browser asks of a style, a script or a picture. The rest is about pages.
FILE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
#: Two years: what lists of preloaded hosts ask for; the standard asks for one.
HSTS = "max-age=63072000; includeSubDomains"
#: The machine asking itself: probes, and a demo. Nothing is ever made from the name that is asked.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
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
            # ASCII alone: some signs beyond it move the cursor of a terminal or end a line.
            structlog.processors.JSONRenderer(ensure_ascii=True),
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


def headers(config: Config) -> dict[str, str]:
    """The headers of every answer but static files."""
    return {**HEADERS, "Strict-Transport-Security": HSTS} if _is_https(config) else dict(HEADERS)


def file_headers(config: Config) -> dict[str, str]:
    """The headers of static files: short, because a page asks for many of them."""
    https = {"Strict-Transport-Security": HSTS} if _is_https(config) else {}
    return {**FILE_HEADERS, **https}


def _is_https(config: Config) -> bool:
    return config.base_url.startswith("https://")


def allowed_hosts(config: Config) -> list[str]:
    """The names by which we may be asked: that of BASE_URL, where we listen, and this machine."""
    return [urlsplit(config.base_url).hostname or "", config.host, *LOOPBACK]


def _trust_what_is_set(app: Flask, config: Config) -> None:
    """Take the scheme from BASE_URL and the caller's address from the proxies that are set.

    No header says whether the line is encrypted: the installation knows. Without TRUSTED_PROXIES no
    header says who calls either.
    """
    inner = app.wsgi_app
    scheme = urlsplit(config.base_url).scheme

    def with_scheme(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.url_scheme"] = scheme
        return inner(environ, start_response)

    app.wsgi_app = with_scheme  # type: ignore[method-assign]
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )


def init_app(app: Flask, config: Config) -> None:
    """Headers and cookies for every answer; CSRF is checked by the guard, which knows tokens."""
    secure_cookies, always, hosts = _is_https(config), headers(config), allowed_hosts(config)
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
    _trust_what_is_set(app, config)
    counted = app.extensions[REQUESTS] = Requests()

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.started = time.perf_counter()
        if not host_is_trusted(request.environ.get("HTTP_HOST") or request.host, hosts):
            abort(400)

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = g.get("request_id", "")
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
