"""A day of work in a few minutes: the real web server and scheduler, staff and visitors at once.

Requests come at random instants that do not wait for earlier ones (a Poisson process), and each is
timed from the instant at which it was to begin: a server that falls behind cannot hide it. Mail
goes to a server of our own over SMTP.
"""

from __future__ import annotations

import os
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from matchsvc import db
from matchsvc.bench.day_checks import Planted, settled
from matchsvc.bench.day_parts import Part, free_port, killing
from matchsvc.bench.day_people import Ask, Page, Person
from matchsvc.bench.day_town import Made, make_day, waiting_messages
from matchsvc.config import DEVELOPMENT_KEYS
from matchsvc.jobs import LEASE_SECONDS

SECRET = "a day that is thrown away, of nobody and nothing"  # noqa: S105 - of a scratch folder
AT_ONCE = 64  # threads that ask
PATIENCE = 60  # seconds until the server answers, or the letters that are due are out
FAULT = 500
#: How a request ends whose server is not there, or dies.
HUNG_UP = frozenset({"ConnectionRefusedError", "ConnectionResetError", "RemoteDisconnected",
                     "BrokenPipeError", "IncompleteRead"})  # fmt: skip


@dataclass
class Inbox:
    """What came by SMTP: how often each message did."""

    came: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message, and open what is packed in it."""
        message = message_from_bytes(envelope.content)
        self.came[str(message["Message-ID"])] += 1
        parts = [each for each in message.walk() if not each.is_multipart()]
        packed: list[Any] = [part.get_payload(decode=True) for part in parts]
        opened = [each.decode("utf-8", "replace") for each in packed]
        self.words.append("\n".join([str(message), *opened]))
        return "250 OK"


@dataclass
class Clocked:
    """What was asked and how long it took, in seconds from the planned instant."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    hung_up: int = 0
    searched: int = 0
    leaks: Counter[str] = field(default_factory=Counter)
    minutes: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    behind: list[float] = field(default_factory=list)
    expects_deaths: bool = False  # of the server, in the middle of a request
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, ask: Ask, page: Page | str, seconds: float, *, minute: int) -> None:
        """Count an answer, or what came instead of one, to a request planned in that minute."""
        status = page if isinstance(page, str) else page.status
        with self.lock:
            if isinstance(page, str) and self.expects_deaths and page in HUNG_UP:
                self.hung_up += 1
                return
            self.seconds[ask.route].append(seconds)
            self.minutes[minute].append(seconds)
            if isinstance(page, str) or page.status not in ask.expected:
                self.errors[f"{ask.route}: {status}"] += 1


def bench_day(
    *,
    database: str,
    requests: int,
    staff: int,
    visitors: int,
    minutes: float,
    participants: int = 300,
    port: int = 0,
    seed: int = 1,
    kill_every: float = 0,
    now: datetime,
) -> dict[str, Any]:
    """Make the town, live the day, and look whether all is in order afterwards.

    Args:
        database: ``sqlite``, or the URL of an empty database.
        requests: how many are planned.
        staff: how many members of staff are logged in.
        visitors: how many hold a link.
        minutes: in which the requests come.
        participants: how large the town is.
        port: of the web server; 0 is a free one.
        seed: of the town and of what people do.
        kill_every: seconds between two deaths of web server or scheduler; 0 lets them live.
        now: when the day begins.

    Returns:
        ``overall`` and ``routes`` with p50, p95 and p99 in milliseconds; ``p95_ms_by_minute``;
        ``errors`` by route and status; ``memory_bytes`` (PSS) of web and scheduler; ``messages``;
        ``checks`` by command with exit codes; ``load_average`` before and after; ``is_well``.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="matchsvc-day-")))
        inbox, mail_port = stack.enter_context(_mail_server())
        port = port or free_port()
        environ = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/day.sqlite3" if database == "sqlite" else database,
            "SECRET_KEY": SECRET,
            "ENCRYPTION_KEYS": DEVELOPMENT_KEYS,
            "MATCHSVC_ENV": "development",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "AUDIT_ANCHOR": str(folder / "anchor"),
            "INDEX_FOLDER": str(folder / "index"),
            "METRICS_TOKEN": SECRET,
        }
        began_at = time.monotonic()
        luck = random.Random(seed)  # noqa: S311 - what people do, not a secret
        made = make_day(environ, staff, visitors, participants, luck, now)
        before = os.getloadavg()
        parts = [Part(name, environ, folder) for name in PARTS]
        for part in parts:
            stack.callback(part.stop)
        _wait_for(port)
        _warm(port)
        clocked = Clocked(expects_deaths=kill_every > 0)
        begun = time.monotonic()
        chance = random.Random(seed)  # noqa: S311 - when who dies, not a secret
        with killing(parts, kill_every, chance) as killed:
            _live(made, clocked, port, requests, minutes * 60, luck)
        took = time.monotonic() - begun
        _wait_for(port)
        told = _ask(port, Ask("GET", "/metrics"), {}, Authorization=f"Bearer {SECRET}")
        memory = {part.name: part.memory for part in parts}
        load = os.getloadavg()
        messages = _messages(inbox, now + timedelta(seconds=time.monotonic() - began_at))
        for part in parts:
            part.stop()
        faults = _log_faults(parts)
        checks = {" ".join(words): _check(words, environ) for words in CHECKS}
        with db.read() as session:
            found = settled(session, made.ledger)
        leaks = dict(clocked.leaks)
        leaks |= {
            f"letter {at}": 1 for at, each in enumerate(inbox.words) if made.planted.is_in(each)
        }
        if told.status != 200 or made.planted.is_in(told.text):  # noqa: PLR2004
            leaks["metrics"] = 1
        for kept in ("logs", "index"):
            leaks |= dict.fromkeys(made.planted.files_with_her(folder / kept), 1)
        everything = [each for times in clocked.seconds.values() for each in times]
        wrong = {key: value for key, value in found.items() if key != "acknowledged" and value}
        return {
            "database": "sqlite" if database == "sqlite" else "postgresql",
            "requests": len(everything),
            "minutes": round(took / 60, 2),
            "staff": staff,
            "visitors": visitors,
            "overall": _spread(everything),
            "slowest_start_ms": round(1000 * max(clocked.behind, default=0)),
            "p95_ms_by_minute": [
                _spread(times)["p95_ms"] for _, times in sorted(clocked.minutes.items())
            ],
            "routes": {route: _spread(times) for route, times in sorted(clocked.seconds.items())},
            "errors": dict(clocked.errors),
            "killed": dict(killed),
            "hung_up": clocked.hung_up,
            "afterwards": found,
            "searched_for_the_protected": clocked.searched + len(inbox.words),
            "told_of_the_protected": leaks,
            "faults_in_log": faults,
            "memory_bytes": memory,
            "messages": messages,
            "checks": checks,
            "load_average": {"before": before, "after": load},
            "is_well": not any(
                (clocked.errors, faults, wrong, leaks, messages["doubled"], messages["waiting"])
            )
            # Who dies while a letter is handed over does not know whether it was taken.
            and (kill_every > 0 or not messages["in_doubt"])
            and not any(checks.values()),
        }


PARTS = ("serve", "scheduler")
CHECKS = (("audit", "verify"), ("db", "check"))


def _live(
    made: Made,
    clocked: Clocked,
    port: int,
    requests: int,
    seconds: float,
    luck: random.Random,
) -> None:
    """Let the requests come: three of four by staff, the others by visitors."""
    idle: tuple[queue.SimpleQueue[Person], ...] = (queue.SimpleQueue(), queue.SimpleQueue())
    for waiting, each in zip(idle, (made.staff, made.visitors), strict=True):
        for person in luck.sample(each, len(each)):
            waiting.put(person)
    start, planned = time.monotonic(), 0.0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(requests):
            planned += luck.expovariate(requests / seconds)
            time.sleep(max(0.0, start + planned - time.monotonic()))
            who = idle[luck.random() < 0.25]  # noqa: PLR2004 - a quarter
            pool.submit(_one, who, clocked, made.planted, port, start, planned)


def _one(
    waiting: queue.SimpleQueue[Person],
    clocked: Clocked,
    planted: Planted,
    port: int,
    start: float,
    after: float,
) -> None:
    person, planned = waiting.get(), start + after
    try:
        ask = person.next_ask()
        clocked.behind.append(time.monotonic() - planned)
        page: Page | str
        try:
            page = _ask(port, ask, person.cookies)
        except (OSError, HTTPException) as fault:
            page = type(fault).__name__
        clocked.note(ask, page, time.monotonic() - planned, minute=int(after // 60))
        if isinstance(page, Page) and not person.may_know:
            clocked.searched += 1
            if planted.is_in(f"{page.location} {page.text}"):
                clocked.leaks[ask.route] += 1
        is_fine = not isinstance(page, str) and page.status in ask.expected
        person.got(page if is_fine else None)  # type: ignore[arg-type]
    except Exception as fault:  # noqa: BLE001 - a journey that breaks is an error of the day
        clocked.errors[f"journey: {type(fault).__name__} {fault}"[:200]] += 1
        person.got(None)
    finally:
        waiting.put(person)


def _ask(port: int, ask: Ask, cookies: dict[str, str], **more: str) -> Page:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        head = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **more}
        body = None
        if ask.method == "POST":
            body = urlencode(ask.form, doseq=True)
            head |= {"Content-Type": "application/x-www-form-urlencoded"}
            head |= {"Origin": f"http://127.0.0.1:{port}"}
        connection.request(ask.method, ask.path, body, head)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        return Page(answer.status, answer.getheader("Location") or "", text)
    finally:
        connection.close()


@contextmanager
def _mail_server() -> Iterator[tuple[Inbox, int]]:
    from aiosmtpd.controller import Controller

    inbox, port = Inbox(), free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError, HTTPException):
            if _ask(port, Ask("GET", "/readyz"), {}).status < FAULT:
                return
        time.sleep(0.2)
    raise TimeoutError("the web server does not answer")


def _warm(port: int) -> None:
    """What the first request of a morning waits for is not what a day is like."""
    for _ in range(5):
        _ask(port, Ask("GET", "/login"), {})


def _messages(inbox: Inbox, due: datetime) -> dict[str, int]:
    """Wait for the last letters; how many came, came twice, and never came."""
    # A scheduler that was killed keeps its lease until it has run out.
    until = time.monotonic() + PATIENCE + LEASE_SECONDS
    while any(waiting := waiting_messages(due)) and time.monotonic() < until:
        time.sleep(1)
    doubled = sum(1 for times in inbox.came.values() if times > 1)
    queued, in_doubt = waiting
    return {
        "came": len(inbox.came), "doubled": doubled, "waiting": queued, "in_doubt": in_doubt,
    }  # fmt: skip


def _log_faults(parts: list[Part]) -> int:
    lines = [line for part in parts for line in part.log.read_text("utf-8").splitlines()]
    return sum('"level": "error"' in line or "Traceback" in line for line in lines)


def _check(words: tuple[str, ...], environ: Mapping[str, str]) -> int:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "matchsvc", *words], env=environ, capture_output=True, check=False
    )
    return done.returncode


def _spread(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:  # noqa: PLR2004 - quantiles need two
        seconds = seconds * 2 or [0.0, 0.0]
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        "number": len(seconds),
        "p50_ms": round(1000 * cuts[49], 1),
        "p95_ms": round(1000 * cuts[94], 1),
        "p99_ms": round(1000 * cuts[98], 1),
    }
