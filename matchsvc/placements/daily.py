"""The daily job of placements: starts and limits that are due. Run again it changes nothing."""

from __future__ import annotations

from datetime import date

from matchsvc import db
from matchsvc.config import Config
from matchsvc.placements.beginning import start_due_placements
from matchsvc.placements.employments import start_due_employments
from matchsvc.placements.full_time import ask_about_employment
from matchsvc.placements.limits_ahead import ask_to_verify, warn_of_limits
from matchsvc.placements.starting import plan_open_follow_ups


def start_what_is_due(config: Config, day: date) -> int:
    """Write the starts of the day and keep open-ended support followed up.

    Args:
        config: settings; every job is given them.
        day: the day in Stockholm.

    Returns:
        How many starts were written, follow-ups planned and tasks made.
    """
    del config
    with db.begin() as session:
        return (
            start_due_placements(session, today=day)
            + start_due_employments(session, today=day)
            + plan_open_follow_ups(session, today=day)
            + ask_about_employment(session, today=day)
            + warn_of_limits(session, today=day)
            + ask_to_verify(session, today=day)
        )
