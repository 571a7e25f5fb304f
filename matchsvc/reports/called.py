"""What measures and steps are called, for what is put together from several reports."""

from __future__ import annotations

from matchsvc.reports.words import DEFINITIONS, MEASURES, STEPS


def title_of(measure: str) -> str:
    """What a measure is called, in Swedish."""
    return MEASURES[measure]


def text_of(measure: str) -> str:
    """What a measure means, in Swedish."""
    return DEFINITIONS[measure]


def step_title(step: str) -> str:
    """What a step of the way is called, in Swedish."""
    return STEPS[step][0]
