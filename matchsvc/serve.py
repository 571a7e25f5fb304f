"""Serving with gunicorn: threads in one process, no endless waiting, nothing personal in logs."""

from __future__ import annotations

import gc
import re
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker
from sqlalchemy.exc import SQLAlchemyError

from matchsvc import db
from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.vocabulary import indexes
from matchsvc.web import compiled

#: A request may make us wait so many seconds, and one more for every so many bytes that came.
PATIENCE_SECONDS = 5
SLOWEST_BYTES = 4_096
#: How long we listen for the rest of a line that we are closing: all threads wait meanwhile.
LINGER_SECONDS = 0.05
#: How long one write of an answer may wait for whoever asked.
ANSWER_SECONDS = 120
log = structlog.get_logger(__name__)


class TimedSocket(socket.socket):
    """A caller's line that is hung up when a request comes slower than anybody's telephone.

    Each request takes a thread until it has come. Without this a few dozen half requests, never
    finished, would keep everybody else out for as long as their senders like.
    """

    _waited, _came, _is_closing = 0.0, 0, False

    def shutdown(self, how: int, /) -> None:
        """Also says that nothing more is worth waiting for."""
        self._is_closing = True
        super().shutdown(how)

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001 - the standard library's
        """Also begins a new request: gunicorn calls it before each."""
        super().setblocking(flag)
        self._waited, self._came = 0.0, 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """What has come.

        Raises:
            TimeoutError: the sender has used up its time.
        """
        patience = PATIENCE_SECONDS + self._came / SLOWEST_BYTES
        left = (LINGER_SECONDS if self._is_closing else patience) - self._waited
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        begun = time.monotonic()
        try:
            data = super().recv(size, flags)
        finally:
            self._waited += time.monotonic() - begun
            self.settimeout(ANSWER_SECONDS)
        self._came += len(data)
        return data


class _Worker(ThreadWorker):  # type: ignore[misc]
    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread, on a line with patience."""
        if not isinstance(conn.sock, TimedSocket):
            conn.sock = TimedSocket(fileno=conn.sock.detach())
        super().enqueue_req(conn)


class Lines(Logger):  # type: ignore[misc]
    """gunicorn's words in our log: one object a line, without what was asked and by whom.

    A request that cannot be read is told by its kind alone; its address may hold a link's token.
    """

    def critical(self, msg: str, *args: Any, **_: Any) -> None:
        """Something ends the process."""
        log.critical("server", said=_without_what_was_asked(msg, args))

    def error(self, msg: str, *args: Any, **_: Any) -> None:
        """Something went wrong."""
        log.error("server", said=_without_what_was_asked(msg, args))

    def warning(self, msg: str, *args: Any, **_: Any) -> None:
        """Mostly a request that cannot be read."""
        log.warning("server", said=_without_what_was_asked(msg, args))

    def exception(self, msg: str, *_args: Any, **_: Any) -> None:
        """A fault; the message's arguments are addresses."""
        kind, _value, trace = sys.exc_info()
        frames = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(trace)]
        said = msg.partition("%")[0].strip()
        log.error("server", said=said, kind=kind.__name__ if kind else None, frames=frames[-8:])


def _without_what_was_asked(msg: str, args: tuple[Any, ...]) -> str:
    said = str(msg) % args if args else str(msg)
    said = re.sub(r"^(Invalid request) from ip=\S* ?", r"\1: ", said)
    return said.partition("'")[0].strip(" :") if said.startswith("Invalid request") else said


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
            "worker_class": _Worker,
            "logger_class": Lines,
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
        threading.Thread(target=_get_ready, args=(app,), daemon=True).start()
        return app


def _get_ready(app: Flask) -> None:
    """Before somebody waits for it: first pages and suggestions would take long, later ones not."""
    compiled.compile_all(app)
    with suppress(SQLAlchemyError), db.read() as session:
        indexes.open_indexes(session, everyday=True, official=True)
    # The program itself is 700,000 objects that stay. To look through them for rubbish stops every
    # thread (for more than a second on a busy machine), again and again.
    gc.collect()
    gc.freeze()


def serve(config: Config) -> None:
    """Serve until told to stop."""
    _Server(config).run()
