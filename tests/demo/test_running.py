"""Web and scheduler run together, and stop together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from matchsvc.config import Config
from matchsvc.demo.running import refuse_taken_port
from matchsvc.errors import RuleViolation

OTHERS = [pytest.param(each, marks=pytest.mark.soak) for each in (signal.SIGINT, signal.SIGKILL)]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder, port, **values):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
        **values,
    }


def run(folder, port, *options, **values):
    return subprocess.run(
        [sys.executable, "-m", "matchsvc", "demo", *options],
        cwd=folder,
        env=environment(folder, port, **values),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def children_of(pid):
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def family_of(pid):
    children = children_of(pid)
    return children + [grandchild for child in children for grandchild in family_of(child)]


def answers(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().read().decode()
    except OSError:
        return None
    finally:
        connection.close()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.3)
    raise AssertionError("it never came")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_taken_port_is_said_with_another_to_choose():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(RuleViolation, match=f"PORT={taken + 1} make demo"):
            refuse_taken_port(Config(port=taken))


def test_a_free_port_is_not_refused(port):
    refuse_taken_port(Config(port=port))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small town: what is started there starts for the second time."""
    made = tmp_path_factory.mktemp("demo")
    done = run(made, 8000, "--no-serve", "--participants", "3")
    assert done.returncode == 0, done.stderr
    assert "johan.ekdal@lindvalla.example" in done.stderr
    return made


@pytest.mark.sqlite_only
def test_the_command_makes_a_town_without_serving_it(folder):
    logins = json.loads((folder / "var/demo-logins.json").read_text(encoding="utf-8"))
    assert len(logins) == 10
    assert all(set(login) == {"role", "email", "password"} for login in logins)


@pytest.mark.sqlite_only
def test_the_command_refuses_production(folder):
    own = {"SECRET_KEY": "s" * 40, "ENCRYPTION_KEYS": "own:" + "A" * 43 + "="}
    refused = run(
        folder, 8000, "--reset", MATCHSVC_ENV="production", BASE_URL="https://demo.example", **own
    )
    assert refused.returncode == 1
    assert "drift" in refused.stderr


@pytest.mark.sqlite_only
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, *OTHERS])
def test_it_serves_until_told_to_stop_and_leaves_nothing_behind(folder, port, how):
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "matchsvc", "demo"],
            cwd=folder,
            env=environment(folder, port),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            page = wait_for(lambda: answers(port))
            assert "<form" in page
            family = wait_for(lambda: (f := family_of(running.pid)) and len(f) >= 3 and f)
            running.send_signal(how)
            code = running.wait(30)
            assert code == (0 if how is not signal.SIGKILL else -signal.SIGKILL)
            wait_for(lambda: not [pid for pid in family if is_alive(pid)], 20)
            assert answers(port) is None
        finally:
            if running.poll() is None:
                running.kill()
    said = (folder / "log").read_text()
    assert f"http://127.0.0.1:{port}" in said or how is signal.SIGKILL
    assert "Traceback" not in said
