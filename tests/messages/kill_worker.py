"""Delivers again and again in children that are killed at any instant. Run by test_kill_loop.py.

One process imports the program once and forks for each life, so that two hundred deaths take
seconds. It says how it went in one line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from matchsvc import db, secrecy
from matchsvc.config import Config
from matchsvc.messages import mail, texts
from matchsvc.messages.outbox import deliver_due
from matchsvc.web.security import configure_logging


def live(config: Config, ready: int) -> None:
    """Deliver until killed."""
    secrecy.use(config.keys)
    db.connect(config.database_url)
    with db.read() as session:
        session.execute(select(1))
    os.write(ready, b"1")
    while True:
        deliver_due(config, date(2026, 11, 23))
        time.sleep(0.005)


def start(config: Config) -> int:
    """A new life, connected and about to deliver."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            live(config, tell)
        finally:
            os._exit(7)
    os.close(tell)
    os.read(told, 1)
    os.close(told)
    return child


def main() -> None:
    kills, seed = int(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    config = Config.from_environ(os.environ)
    configure_logging()  # standard output holds the one line of JSON, whoever dies while logging
    mail.TIMEOUT_SECONDS = texts.TIMEOUT_SECONDS = 10
    configure_mappers()  # once, and not again in every life
    lives = [start(config), start(config)]
    killed = died_themselves = 0
    while killed < kills:
        time.sleep(chance.uniform(0.0, 0.08))
        place = chance.randrange(2)
        os.kill(lives[place], signal.SIGKILL)
        _, status = os.waitpid(lives[place], 0)
        if os.WIFSIGNALED(status):
            killed += 1
        else:
            died_themselves += 1
        lives[place] = start(config)
    for child in lives:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        killed += 1
    sys.stdout.write(json.dumps({"killed": killed, "died_themselves": died_themselves}) + "\n")


if __name__ == "__main__":
    main()
