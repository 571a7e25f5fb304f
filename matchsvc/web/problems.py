"""Errors to answers: problem details (RFC 9457) to programs, a page to people.

Every answer says what happened and what to do, in the reader's language, and nothing has been
written: the transaction was rolled back before we get here.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from matchsvc import db
from matchsvc.errors import (
    N_,
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    Phrase,
    Refused,
    RuleViolation,
    TooLarge,
)

log = structlog.get_logger(__name__)

STATUS: Mapping[type[DomainError], int] = {
    NotFound: 404,
    Refused: 403,
    RuleViolation: 409,
    Conflict: 409,
    Invalid: 422,
    TooLarge: 413,
}

#: What HTTP's own errors are called and what to do about them.
HTTP_WORDS: Mapping[int, tuple[str, str]] = {
    400: (
        N_("Något i begäran gick inte att läsa"),
        N_("Gå tillbaka, ladda om sidan och försök igen."),
    ),
    401: (N_("Du är inte inloggad"), N_("Logga in och försök igen.")),
    403: (N_("Du får inte göra det här"), N_("Be din chef om du behöver kunna det.")),
    404: (
        N_("Sidan finns inte"),
        N_("Det du söker finns inte, eller så får du inte se det."),
    ),
    405: (N_("Så går det inte att göra"), N_("Gå tillbaka och använd knapparna på sidan.")),
    412: (
        N_("Någon annan har sparat samtidigt"),
        N_("Läs in det som gäller nu och gör om din ändring."),
    ),
    413: (N_("Filen är för stor"), N_("Dela upp den i mindre delar och ladda upp en i taget.")),
    415: (N_("Det formatet kan vi inte läsa"), N_("Skicka JSON.")),
    422: (N_("Något är inte rätt ifyllt"), N_("Rätta det som är markerat och spara igen.")),
    428: (
        N_("Versionen saknas"),
        N_("Skicka If-Match med den version du läste, så att ingen annans ändring skrivs över."),
    ),
    429: (N_("För många försök"), N_("Vänta en kvart och försök igen.")),
    500: (
        N_("Något gick fel hos oss"),
        N_("Inget har sparats. Försök igen, och säg till om det händer en gång till."),
    ),
    503: (
        N_("Systemet är upptaget just nu"),
        N_("Inget har sparats. Vänta en stund och försök igen."),
    ),
    507: (
        N_("Disken är full"),
        N_("Inget har sparats. Säg till den som sköter servern, och försök igen sedan."),
    ),
}

#: Where the same form may well be saved a little later.
AGAIN = frozenset({500, 503, 507})
SECRETS = ("password", "code", "token", "secret")
MOST_KEPT = 200_000  # letters


def is_api() -> bool:
    """Whether the request came from a program."""
    return request.path.startswith("/api/")


def translated(error: DomainError) -> str:
    """The error's sentence in the reader's language."""
    return _filled(error.message, error)


def field_errors(error: DomainError) -> dict[str, str]:
    """Messages by field in the reader's language, for a form; "" holds one about the whole."""
    shown = {name: _filled(message, error) for name, message in error.fields.items()}
    return shown or {"": translated(error)}


def _filled(message: str, error: DomainError) -> str:
    values = {
        name: _(value) if isinstance(value, Phrase) else value
        for name, value in error.values.items()
    }
    said = str(_(message))
    return said % values if values and "%(" in said else said


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
) -> ResponseReturnValue:
    """An ``application/problem+json`` answer."""
    body: dict[str, Any] = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == 401:  # noqa: PLR2004
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer(status: int, code: str, title: str, detail: str, **extra: Any) -> ResponseReturnValue:
    """A problem for a program, a page for a person."""
    if is_api():
        return problem(status, code, title, detail, **extra)
    kept = what_was_typed() if status in AGAIN else []
    page = render_template(
        "problem.html", status=status, title=title, detail=detail, code=code, kept=kept
    )
    return page, status


def what_was_typed() -> list[tuple[str, str]]:
    """The fields of a form that could not be saved, so that it can be sent again as it was.

    Nothing of a form with a file, which no page can hold, or with anything like a password.
    """
    fields = list(request.form.items(multi=True))
    is_secret = any(
        word in name.lower() for name, _value in fields for word in SECRETS if name != "csrf_token"
    )
    is_long = sum(len(name) + len(value) for name, value in fields) > MOST_KEPT
    return [] if request.files or is_secret or is_long else fields


def init_app(app: Flask, on_refusal: Callable[[DomainError], None]) -> None:
    """Register how each kind of error is answered.

    Args:
        app: the application.
        on_refusal: told of every refusal, so that it can be logged by whoever knows the user.
    """

    def domain_error(error: DomainError) -> ResponseReturnValue:
        if isinstance(error, NotFound | Refused):
            on_refusal(error)
        return answer_domain_error(error)

    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(ValidationError, lambda e: unreadable(flatten(e.messages_dict)))
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(DBAPIError, answer_database_error)
    app.register_error_handler(OSError, answer_system_error)
    app.register_error_handler(IntegrityError, answer_integrity_error)
    app.register_error_handler(Exception, answer_unexpected)


def answer_domain_error(error: DomainError) -> ResponseReturnValue:
    """What a rule refused."""
    status = STATUS[type(error)]
    errors = [
        {"pointer": f"/{name}", "code": error.code, "message": _filled(message, error)}
        for name, message in error.fields.items()
    ]
    if isinstance(error, RuleViolation | Conflict):
        title = str(_("Det går inte just nu"))
    else:
        title = str(_(HTTP_WORDS[status][0]))
    return answer(status, error.code, title, translated(error), **_extra(errors))


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """What Flask, CSRF protection or the API's parser refused."""
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - a redirect made by routing
        return error.get_response()
    messages = getattr(error, "data", {}).get("messages", {})
    if status == 422 and messages:  # noqa: PLR2004
        return unreadable(flatten(messages))
    title, detail = HTTP_WORDS.get(status, (str(error.name), HTTP_WORDS[400][1]))
    shown = make_response(answer(status, f"http_{status}", str(_(title)), str(_(detail))))
    if isinstance(error, MethodNotAllowed):
        shown.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))  # RFC 9110, 15.5.6
    if isinstance(error, TooManyRequests) and error.retry_after:
        shown.headers["Retry-After"] = str(error.retry_after)
    return shown


def answer_database_error(error: DBAPIError) -> ResponseReturnValue:
    """A full disk, a busy database or none; the transaction was rolled back."""
    if db.is_full(error):
        return _known(507, "disk_full")
    if db.is_busy(error):
        return _known(503, "database_busy")
    if db.is_gone(error):
        log.error("no database", kind=type(error.orig).__name__)
        return _known(503, "no_database")
    return answer_unexpected(error)


def answer_system_error(error: OSError) -> ResponseReturnValue:
    """A disk that is full for a file beside the database; others are faults."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _known(507, "disk_full")
    return answer_unexpected(error)


def answer_integrity_error(error: IntegrityError) -> ResponseReturnValue:
    """The database refused what two people did at once."""
    log.warning("integrity error", constraint=type(error.orig).__name__)
    return answer_domain_error(Conflict())


def answer_unexpected(error: Exception) -> ResponseReturnValue:
    """A fault in the program. Logged without the exception's message, which may be personal."""
    if current_app.config.get("PROPAGATE_UNEXPECTED"):
        raise error
    frames = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected error", kind=type(error).__name__, frames=frames[-8:])
    return _known(500, "unexpected")


def _extra(errors: list[dict[str, str]]) -> dict[str, Any]:
    return {"errors": errors} if errors and is_api() else {}


def _known(status: int, code: str) -> ResponseReturnValue:
    title, detail = HTTP_WORDS[status]
    shown = make_response(answer(status, code, str(_(title)), str(_(detail))))
    if status == 503:  # noqa: PLR2004
        shown.headers["Retry-After"] = "5"
    return shown


def unreadable(messages: Mapping[str, str]) -> ResponseReturnValue:
    """422 with every field's message."""
    errors = [
        {"pointer": f"/{name}", "code": "invalid", "message": str(_(message))}
        for name, message in messages.items()
    ]
    title, detail = HTTP_WORDS[422]
    return answer(422, "invalid", str(_(title)), str(_(detail)), **_extra(errors))


def flatten(messages: object, prefix: str = "") -> dict[str, str]:
    """Nested messages as ``{"json/start_date": "..."}``; the first message of each field."""
    if isinstance(messages, Mapping):
        found: dict[str, str] = {}
        for key, inner in messages.items():
            found |= flatten(inner, f"{prefix}/{key}" if prefix else str(key))
        return found
    if isinstance(messages, list) and messages:
        return {prefix: str(messages[0])}
    return {prefix: str(messages)}
