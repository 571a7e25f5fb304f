"""Whether the process lives (/healthz) and can serve (/readyz). No log-in, nothing personal."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from matchsvc import db


def health_pages(expected_revision: Callable[[], str], public: Callable[..., object]) -> Blueprint:
    """The two addresses.

    Args:
        expected_revision: the newest migration this program knows.
        public: the guard's decorator for routes without log-in.
    """
    pages = Blueprint("health", __name__)

    @public("for the process supervisor")  # type: ignore[operator]
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok")

    @public("for the load balancer")  # type: ignore[operator]
    def readyz() -> ResponseReturnValue:
        try:
            with db.read() as session:
                found = session.scalar(text("select version_num from alembic_version"))
        except SQLAlchemyError:
            return jsonify(status="no database"), 503
        if found != expected_revision():
            return jsonify(status="database needs upgrade"), 503
        return jsonify(status="ready")

    pages.add_url_rule("/healthz", "healthz", healthz)
    pages.add_url_rule("/readyz", "readyz", readyz)
    return pages
