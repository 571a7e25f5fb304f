"""Web server and scheduler of a compressed day: started, killed without warning, stopped."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


class Part:
    """One program of ours, with its children, and what it says in a log.

    Args:
        name: of the command.
        environ: its environment.
        folder: where its log grows.
    """

    def __init__(self, name: str, environ: Mapping[str, str], folder: Path) -> None:
        self.name, self._environ, self.log = name, environ, folder / "logs" / f"{name}.log"
        self.log.parent.mkdir(exist_ok=True)
        self.start()

    def start(self) -> None:
        """Begin, or begin again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "matchsvc", self.name],
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it and its children where they stand."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to finish, and insist after a while."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def memory(self) -> int:
        """PSS with its children, in bytes."""
        return _memory(self.process.pid)


def _memory(pid: int) -> int:
    total = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(_memory(int(child)) for child in children.read_text("ascii").split())
    return total


@contextmanager
def killing(parts: Sequence[Part], every: float, luck: random.Random) -> Iterator[Counter[str]]:
    """Kill one of the parts every so many seconds, at random instants, and start it again.

    Args:
        parts: which.
        every: seconds between two kills, on average; 0 kills nobody.
        luck: chooses instants and parts.

    Yields:
        how often each part has been killed; it goes on counting until the block is left.
    """
    killed: Counter[str] = Counter()
    is_over = threading.Event()

    def kill() -> None:
        while not is_over.wait(luck.expovariate(1 / every)):
            part = luck.choice(parts)
            part.kill()
            part.start()
            killed[part.name] += 1

    killer = threading.Thread(target=kill)
    if every:
        killer.start()
    try:
        yield killed
    finally:
        is_over.set()
        if every:
            killer.join()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
