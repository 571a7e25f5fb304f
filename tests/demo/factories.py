"""What the tests of the town share."""

from __future__ import annotations

from datetime import UTC, datetime

from matchsvc.accounts.actors import command_actor

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)  # a Monday
TODAY = NOW.date()
BASE_URL = "http://127.0.0.1:8000"
COMMAND = command_actor("tester")
