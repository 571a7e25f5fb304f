"""Ten minutes in which what was done by mistake is taken back with one button."""

from __future__ import annotations

from datetime import datetime, timedelta

from matchsvc.errors import N_, RuleViolation

UNDO = timedelta(minutes=10)


def can_undo(done_at: datetime | None, *, now: datetime) -> bool:
    """Whether something done then can still be taken back."""
    return done_at is not None and now - done_at <= UNDO


def require_undoable(done_at: datetime | None, *, now: datetime) -> None:
    """Raise RuleViolation when the ten minutes have passed or there is nothing to take back."""
    if not can_undo(done_at, now=now):
        raise RuleViolation(
            "too_late_to_undo",
            N_("Det går att ångra i tio minuter. Gör en ny ändring i stället."),
        )
