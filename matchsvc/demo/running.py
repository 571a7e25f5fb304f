"""Web and scheduler side by side, as child processes that never outlive this one."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from types import FrameType

from matchsvc.config import Config
from matchsvc.errors import N_, RuleViolation

PARTS = ("serve", "scheduler")
_GRACE = 15.0  # gunicorn gives requests ten seconds to finish
_READY = 60.0
_LOOK_EVERY = 0.3
_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def refuse_taken_port(config: Config) -> None:
    """Refuse an address that another program serves already.

    Raises:
        RuleViolation: saying how to choose another port.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as busy:
            other = config.port + 1 if config.port < 2**16 - 1 else config.port - 1
            raise RuleViolation(
                "port_taken",
                N_(
                    "Det går inte att använda port %(port)s på %(host)s: den är upptagen eller "
                    "inte tillåten. Välj en annan, till exempel PORT=%(other)s make demo."
                ),
                values={"port": config.port, "host": config.host, "other": other},
            ) from busy


def run_parts(config: Config, *, when_ready: Callable[[], None]) -> int:
    """Run web and scheduler until told to stop; when one of them dies, so does the other.

    Args:
        config: where to serve.
        when_ready: called once when the web answers.

    Returns:
        0 after Ctrl-C or SIGTERM, 1 when a part stopped by itself.
    """
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    parts: list[subprocess.Popen[bytes]] = []
    try:
        parts += [_start(name) for name in PARTS]
        if _wait_until_ready(config, parts, told):
            when_ready()
        while not told.wait(_LOOK_EVERY) and _all_run(parts):
            pass
        return 0 if told.is_set() else 1
    finally:
        _stop(parts)
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(name: str) -> subprocess.Popen[bytes]:
    """Start one part in a session of its own: Ctrl-C reaches this process alone, which tells it."""
    return subprocess.Popen(  # noqa: S603 - our own program, nothing typed by anybody
        [sys.executable, "-m", "matchsvc", name],
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - no other thread has been started
    )


def _die_with_parent() -> None:
    """In the child: hear Ctrl-C even if this shell ignores it; on Linux die when we are killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _all_run(parts: list[subprocess.Popen[bytes]]) -> bool:
    return all(part.poll() is None for part in parts)


def _wait_until_ready(
    config: Config, parts: list[subprocess.Popen[bytes]], told: threading.Event
) -> bool:
    deadline = time.monotonic() + _READY
    while time.monotonic() < deadline and _all_run(parts):
        if told.wait(_LOOK_EVERY):
            return False
        if _answers(config):
            return True
    return False


def _answers(config: Config) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104
    connection = HTTPConnection(host, config.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(parts: list[subprocess.Popen[bytes]]) -> None:
    """Ask each part to finish, insist after a while; nothing is left behind."""
    for part in parts:
        # SIGINT lets the scheduler give up its lease; gunicorn finishes its requests on SIGTERM.
        _tell(part, signal.SIGTERM if part is parts[0] else signal.SIGINT)
    deadline = time.monotonic() + _GRACE
    for part in parts:
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _tell(part, signal.SIGKILL)
            part.wait()


def _tell(part: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if part.poll() is not None:
        return
    try:
        # The whole session when insisting: gunicorn has a worker of its own.
        if number is signal.SIGKILL:
            os.killpg(part.pid, number)
        else:
            part.send_signal(number)
    except ProcessLookupError:
        return
