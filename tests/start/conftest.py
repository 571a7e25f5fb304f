"""The mail server of the outbox's tests."""

from tests.messages.conftest import inbox  # noqa: F401 - a fixture
