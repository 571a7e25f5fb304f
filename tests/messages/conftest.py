"""A database that is really committed to, and a mail server that is really talked to."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import delete, select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import UnitSetting, User, UserRole
from matchsvc.config import Config
from matchsvc.messages.models import OutboxMessage
from matchsvc.messages.outbox import queue_message
from tests.factories import Make


class Inbox:
    """What a mail server received; it can be told what to answer, and to wait."""

    def __init__(self):
        self.received = []
        self.recipients = []
        self.answer = {"rcpt": "250 OK", "data": "250 OK"}
        self.got_text = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.pause = 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answer["rcpt"].startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answer["rcpt"]

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.got_text.set()
        await asyncio.to_thread(self.may_answer.wait, 60)
        if self.answer["data"] == "hang up":
            server.transport.abort()
            return "250 OK"
        if self.answer["data"].startswith("2"):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients += envelope.rcpt_tos
        if self.pause:
            await asyncio.sleep(self.pause)
        return self.answer["data"]


@pytest.fixture
def inbox():
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        inbox.port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    inbox.url = f"smtp://127.0.0.1:{inbox.port}"
    yield inbox
    inbox.may_answer.set()
    controller.stop()


class Phones:
    """What a gateway of text messages took; it can be told what to answer, and to hang up."""

    def __init__(self):
        self.taken, self.asked = [], []
        self.answer, self.hangs_up, self.pause = 200, False, 0

    def take(self, handler):
        said = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.asked.append((handler.path, dict(handler.headers)))
        if 200 <= self.answer < 300:
            self.taken.append(said)
        time.sleep(self.pause)
        if self.hangs_up:
            handler.close_connection = True
            return
        handler.send_response(self.answer)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")


@pytest.fixture
def phones():
    gateway = Phones()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            try:
                gateway.take(self)
            except (ConnectionError, ValueError, TypeError):
                self.close_connection = True  # whoever asked is dead

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    gateway.url = f"http://enheten:hem%40ligt@127.0.0.1:{server.server_port}/send?from=Enheten"
    yield gateway
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def outbox(engine):
    """Queues messages in committed transactions; what it made is deleted afterwards."""
    db.bind(engine)

    def queue(count=1, **values):
        with db.begin() as session:
            unit = accounts.ensure_default_unit(session)
            defaults = {
                "unit_id": unit.id,
                "kind": "employer_survey",
                "recipient": "petra@example.org",
                "subject": "Enkät",
                "body": "Öppna länken: https://example.org/l/abc",
            }
            return [queue_message(session, **defaults | values).id for _ in range(count)]

    yield queue
    with db.begin() as session:
        session.execute(delete(OutboxMessage))


@pytest.fixture
def row():
    def read(message_id):
        with db.read() as session:
            return session.get(OutboxMessage, message_id)

    return read


@pytest.fixture
def served(inbox, phones, database_url):
    return Config(
        database_url=database_url,
        smtp_url=inbox.url,
        sms_url=phones.url,
        mail_from="enheten@example.org",
    )


@pytest.fixture
def said_by_the_unit(engine):
    """Settings of the unit in a committed transaction; taken away afterwards."""
    made = []

    def say(**values):
        with db.begin() as session:
            make = Make(session)
            made.extend(make.setting(key, value).id for key, value in values.items())

    yield say
    with db.begin() as session:
        makers = list(
            session.scalars(select(UnitSetting.made_by_id).where(UnitSetting.id.in_(made)))
        )
        session.execute(delete(UnitSetting).where(UnitSetting.id.in_(made)))
        session.execute(delete(UserRole).where(UserRole.user_id.in_(makers)))
        session.execute(delete(User).where(User.id.in_(makers)))
