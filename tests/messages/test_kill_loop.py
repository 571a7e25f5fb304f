"""Two processes deliver and are killed at any instant, again and again: what becomes of the mail?

Nothing is lost and nothing doubled by a machine. What was on its way in the instant of a death is
uncertain and waits for a person. ``make test`` kills two hundred times, ``make soak`` a thousand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.messages.models import MessageState, OutboxMessage, Via
from matchsvc.messages.outbox import deliver_due
from tests.factories import TODAY
from tests.soak import SOAK

#: The whole number on SQLite; PostgreSQL starts each process slowly and shows the same with fewer.
KILLS = 1000 if SOAK else 200
WORKER = Path(__file__).with_name("kill_worker.py")


@pytest.mark.usefixtures("engine")
def test_processes_killed_at_any_instant_lose_nothing_and_double_nothing(
    outbox, inbox, phones, served, database_url, record_property
):
    inbox.pause = 0.03  # the server has taken it, and takes a moment to say so
    phones.pause = 0.03
    kills = KILLS if database_url.startswith("sqlite") or KILLS > 200 else 60
    made = outbox(kills * 3) + outbox(kills // 2, channel=Via.TEXT, recipient="+46701740615")
    settings = {
        "DATABASE_URL": database_url,
        "SMTP_URL": served.smtp_url,
        "SMS_URL": served.sms_url,
        "PYTHONPATH": str(WORKER.parents[2]),
    }
    ran = subprocess.run(
        [sys.executable, str(WORKER), str(kills), "7"],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=1800,
        check=True,
    )
    told = json.loads(ran.stdout.splitlines()[-1])

    inbox.pause = phones.pause = 0
    left_by_kills = states()
    deliver_due(served, TODAY, clock=lambda: db.utcnow() + timedelta(minutes=11))
    after = states()
    received = Counter(mail["Message-ID"].strip() for mail in inbox.received)
    received.update(f"<{text['id']}@outbox.matchsvc>" for text in phones.taken)
    sent = {key for key, state in after.items() if state is MessageState.SENT}
    uncertain = {key for key, state in after.items() if state is MessageState.UNCERTAIN}
    figures = {
        "kills": told["killed"],
        "messages": len(made),
        "sent": len(sent),
        "uncertain": len(uncertain),
        "of_them_arrived": len(uncertain & received.keys()),
        "lost": len(set(after) - sent - uncertain) + len(sent - received.keys()),
        "doubled": sum(count > 1 for count in received.values()),
    }
    record_property("kill loop", json.dumps(figures))

    assert told["killed"] >= kills
    assert told["died_themselves"] == 0
    assert MessageState.SENDING in left_by_kills.values()  # the deaths did hit conversations
    assert figures["lost"] == figures["doubled"] == 0
    assert len(sent) + len(uncertain) == len(made)
    assert len(uncertain) <= told["killed"]
    assert figures["of_them_arrived"] > 0  # and also between taking and noting


def states():
    with db.read() as session:
        rows = session.execute(select(OutboxMessage.message_id, OutboxMessage.state))
        return {row.message_id: row.state for row in rows}
