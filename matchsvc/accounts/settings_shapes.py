"""What a setting is: its shape, what it is shown with, and who reads it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Shape(enum.StrEnum):
    """How a value is written."""

    NUMBER = "number"
    LINE = "line"
    LINES = "lines"
    EMAIL = "email"
    PAST_DAY = "past_day"  # 2026-04-25; today at the latest


class Group(enum.StrEnum):
    """What is shown and changed together."""

    UNIT = "unit"
    LETTERS = "letters"
    TIMES = "times"
    DEADLINES = "deadlines"
    FIGURES = "figures"
    INTAKE = "intake"
    LOGIN = "login"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting.

    Attributes:
        key: stands in the database and in the API.
        group: with what it is shown.
        label, help: Swedish; the help says what changes when it is changed.
        shape: how a value is written.
        default: what holds until the unit says otherwise; a number as digits, a text may be empty.
        used_by: the module that reads it; a test looks.
        least, most: range of a number, or how many signs a text may have at most.
        suffix: what a number counts, in Swedish.
        source: row of domain.md that sets the default or its limit.
    """

    key: str
    group: Group
    label: str
    help: str
    shape: Shape
    default: str
    used_by: str
    least: int = 0
    most: int = 0
    suffix: str = ""
    source: str = ""
