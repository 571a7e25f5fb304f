"""Bytes straight to the server's port, as no browser sends them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from matchsvc import serve
from tests.commands import running

HOST = b"Host: 127.0.0.1\r\n"
END = b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port(_fresh_file, tmp_path_factory):
    """A server of its own, as ``matchsvc serve`` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("served")
    environ = {"DATABASE_URL": f"sqlite:///{_fresh_file}", "PORT": str(number)}
    with running(environ, "serve", folder=folder):
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            time.sleep(0.1)
        yield number


@pytest.fixture
def answer_to(port):
    """``answer_to(bytes)``: all that comes back until the server hangs up."""

    def send(asked):
        with socket.create_connection(("127.0.0.1", port), 20) as line:
            found = b""
            with contextlib.suppress(ConnectionError):
                line.sendall(asked)
            with contextlib.suppress(ConnectionError):
                while piece := line.recv(65536):
                    found += piece
        return found

    return send


def post(*headers, body=b""):
    return (
        b"POST /login HTTP/1.1\r\n" + HOST + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body
    )


@pytest.mark.parametrize(
    "asked",
    [
        post(b"Content-Length: 6", b"Transfer-Encoding: chunked", body=b"0\r\n\r\nG"),
        post(b"Content-Length: 6", b"Content-Length: 5", body=b"0\r\n\r\nG"),
        post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
        post(b"Content-Length: +5", body=b"aaaaa"),
        post(b"Content-Length: 5\x0b", body=b"aaaaa"),
        post(b"X: a\r\n continued: b"),
        post(b"X\x00: a"),
        b"GET /login HTTP/1.1\nHost: 127.0.0.1\n\n",
        b"GET /login HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X%d: 1\r\n" % n for n in range(150)) + b"\r\n",
    ],
)
def test_a_request_whose_end_can_be_read_in_two_ways_is_answered_once_and_hung_up(answer_to, asked):
    """Against smuggling a second request past a proxy, and against heads without end."""
    found = answer_to(asked)
    assert found.count(b"HTTP/1.1 ") <= 1
    assert not found or found.split(b" ")[1][:1] in {b"4", b"5"}
    assert b"HTTP/1.1 200" not in found


@pytest.mark.parametrize(
    "header", [b"SCRIPT_NAME: /x", b"PATH_INFO: /healthz", b"Path-Info: /healthz"]
)
def test_no_header_moves_a_request_to_another_path(answer_to, header):
    for path in (b"/x/healthz", b"/not-there"):
        found = answer_to(b"GET " + path + b" HTTP/1.1\r\n" + HOST + header + b"\r\n" + END)
        assert found.startswith(b"HTTP/1.1 404")


def test_a_body_without_a_stated_length_is_limited_too(answer_to):
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    head = post(
        b"Content-Type: application/x-www-form-urlencoded",
        b"Transfer-Encoding: chunked",
        b"Connection: close",
    )
    found = answer_to(head + chunk * 24 + b"0\r\n\r\n")
    assert found == b"" or found.split(b" ")[1] in {b"400", b"413"}


def test_a_body_that_says_it_is_enormous_is_not_waited_for(answer_to):
    begun = time.monotonic()
    found = answer_to(post(b"Content-Length: 99999999999", b"Connection: close"))
    assert found.split(b" ")[1] in {b"400", b"413"}
    assert time.monotonic() - begun < 5


def test_the_server_does_not_tell_its_version(answer_to):
    head = answer_to(b"GET /healthz HTTP/1.1\r\n" + HOST + END).partition(b"\r\n\r\n")[0]
    told = [line for line in head.split(b"\r\n") if line.lower().startswith(b"server:")]
    assert told == [b"Server: gunicorn"]
    assert b"X-Powered-By" not in head


@pytest.fixture
def line(monkeypatch):
    """Our end of a line with patience, and the other's."""
    monkeypatch.setattr(serve, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(serve, "SLOWEST_BYTES", 100)
    ours, theirs = socket.socketpair()
    ours = serve.TimedSocket(fileno=ours.detach())
    ours.setblocking(True)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_request_that_trickles_in_is_given_up(line, monkeypatch):
    """Otherwise eight half requests would keep everybody out for as long as somebody likes."""
    monkeypatch.setattr(serve, "SLOWEST_BYTES", 10_000)
    ours, theirs = line

    def trickle():
        with contextlib.suppress(OSError):
            for _ in range(200):
                theirs.send(b"a")
                time.sleep(0.02)

    threading.Thread(target=trickle, daemon=True).start()
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        while ours.recv(10):
            pass
    assert time.monotonic() - begun < 2


def test_who_sends_much_has_more_time_and_the_next_request_begins_anew(line):
    ours, theirs = line
    theirs.send(b"a" * 100)  # worth one second
    assert len(ours.recv(1_000)) == 100
    theirs_later = time.monotonic() + 0.3
    with pytest.raises(TimeoutError):
        ours.recv(10)
    assert time.monotonic() > theirs_later
    with pytest.raises(TimeoutError):
        ours.recv(10)  # used up
    ours.setblocking(True)
    theirs.send(b"b")
    assert ours.recv(10) == b"b"


def test_closing_a_line_waits_for_nobody(line):
    ours, _theirs = line
    ours.shutdown(socket.SHUT_WR)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        ours.recv(10)
    assert time.monotonic() - begun < 0.15


def test_the_servers_own_log_holds_neither_what_was_asked_nor_by_whom(capsys):
    from gunicorn.config import Config

    from matchsvc.web.security import configure_logging

    configure_logging()
    lines = serve.Lines(Config())
    lines.warning("Invalid request from ip=192.0.2.7: Invalid HTTP request line: 'GET /l/secret x'")
    try:
        int("Samira Haddad")
    except ValueError:
        lines.exception("Error handling request %s", "/l/secret?name=Samira")
    lines.error("Worker (pid:%s) was sent %s!", 7, "SIGKILL")
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 3
    assert "Invalid HTTP request line" in told
    assert "SIGKILL" in told
    for secret in ("secret", "192.0.2.7", "Samira"):
        assert secret not in told
