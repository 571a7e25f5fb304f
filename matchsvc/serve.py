"""Serving with gunicorn: threads in one process, nothing personal in its logs."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from gunicorn.app.base import BaseApplication
from sqlalchemy.exc import SQLAlchemyError

from matchsvc import db
from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.vocabulary import indexes


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, config: Config) -> None:
        self.settings = config
        super().__init__()

    def load_config(self) -> None:
        """Settings of gunicorn."""
        for key, value in {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": 1,  # SQLite has one writer anyway; PostgreSQL installations scale by process
            "threads": 8,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "accesslog": None,  # paths hold tokens; web/security.py logs requests by endpoint
            "loglevel": "warning",
            "control_socket_disable": True,
            # No header from outside says what the scheme, the path or the caller's address is:
            # BASE_URL and TRUSTED_PROXIES do (web/security.py).
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "limit_request_line": 4094,
            "limit_request_fields": 100,
            "limit_request_field_size": 8190,
            "keepalive": 5,
        }.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Any:
        """Make the application in the worker."""
        app = create_app(self.settings)
        threading.Thread(target=_read_the_vocabulary, daemon=True).start()
        return app


def _read_the_vocabulary() -> None:
    """Before somebody waits for it: the first suggestion would take seconds, later ones none."""
    with suppress(SQLAlchemyError), db.read() as session:
        indexes.open_indexes(session, everyday=True, official=True)


def serve(config: Config) -> None:
    """Serve until told to stop."""
    _Server(config).run()
