"""Whether the process lives (/healthz), can serve (/readyz) and how it goes (/metrics).

No log-in, nothing personal. Figures are for who holds METRICS_TOKEN; without one there are none.
"""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.config import Config
from matchsvc.web.metrics import Figure, Requests, as_lines

REQUESTS = "matchsvc.requests"  # in the application's extensions
LEAST_FREE = 100 * 1024 * 1024  # bytes on the disk of a database that is a file
Gauges = Callable[[Session, datetime], Iterable[Figure]]


def health_pages(
    fits: Callable[[Session], bool],
    public: Callable[..., object],
    keys_open: Callable[[Session], bool],
    gauges: Gauges,
) -> Blueprint:
    """The three addresses.

    Args:
        fits: whether this program can run on the schema there is.
        public: the guard's decorator for routes without log-in.
        keys_open: whether sealed values open with the keys in use.
        gauges: figures from the database.
    """
    pages = Blueprint("health", __name__)

    @public("for the process supervisor")  # type: ignore[operator]
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok")

    @public("for the load balancer")  # type: ignore[operator]
    def readyz() -> ResponseReturnValue:
        try:
            with db.read() as session:
                if not fits(session):
                    return jsonify(status="database and program do not fit"), 503
                if not keys_open(session):
                    return jsonify(status="keys do not open"), 503
        except SQLAlchemyError:
            return jsonify(status="no database"), 503
        if _disk_is_full():
            return jsonify(status="disk is full"), 503
        return jsonify(status="ready")

    @public("for who holds METRICS_TOKEN")  # type: ignore[operator]
    def metrics() -> ResponseReturnValue:
        token = _settings().metrics_token
        if token is None:
            return jsonify(status="no METRICS_TOKEN is set"), 404
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return jsonify(status="wrong token"), 401, {"WWW-Authenticate": "Bearer"}
        return Response(_figures(gauges), content_type="text/plain; version=0.0.4")

    pages.add_url_rule("/healthz", "healthz", healthz)
    pages.add_url_rule("/readyz", "readyz", readyz)
    pages.add_url_rule("/metrics", "metrics", metrics)
    return pages


def _figures(gauges: Gauges) -> str:
    try:
        with db.read() as session:
            figures = list(gauges(session, db.utcnow()))
        up = 1
    except SQLAlchemyError:
        figures, up = [], 0
    database = Figure("matchsvc_database_up", "Whether the database answers", up)
    counted: Requests = current_app.extensions[REQUESTS]
    return "\n".join((*as_lines([database, *figures]), *counted.lines(), ""))


def _settings() -> Config:
    settings: Config = current_app.config["MATCHSVC"]
    return settings


def _disk_is_full() -> bool:
    """Whether a database that is a file has no room to grow; others tell it themselves."""
    kind, _, file = _settings().database_url.partition(":///")
    folder = Path(file).absolute().parent
    return kind == "sqlite" and folder.is_dir() and shutil.disk_usage(folder).free < LEAST_FREE
