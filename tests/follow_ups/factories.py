"""Builders for follow-ups: answers that nothing is wrong with, and a form that is sent."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from matchsvc.follow_ups.answers import Answers
from matchsvc.follow_ups.keeping import log_follow_up
from matchsvc.placements.models import Mood
from tests.placements.factories import NOW

HELD = date(2026, 12, 22)


def answers(**values):
    """What was said, unless told otherwise."""
    defaults = {
        "held_on": HELD,
        "present": ("participant", "logger"),
        "mood": Mood.GOOD,
        "own_words": "Jag kan sköta krukorna själv nu.",
        "hours_next": 18,
        "adaptations_work": "yes",
        "is_well_functioning": True,
        "agreed": ("Vagn för lådorna", "Prova att ta emot kunder"),
    }
    return Answers(**defaults | values)


def hand_in(session, make, there, number=0, *, actor=None, submission_id=None, today=HELD, **said):
    """Send a form about the number-th follow-up; gives what became of it."""
    return log_follow_up(
        session,
        actor or make.actor(user=there.supervisor),
        there.placement.follow_ups[number].id,
        answers(**said),
        submission_id=submission_id or uuid4(),
        today=today,
        now=NOW,
    )


def log(session, make, there, number=0, **said):
    """The same, of a follow-up that nobody has written yet; gives the row."""
    return hand_in(session, make, there, number, **said).follow_up
