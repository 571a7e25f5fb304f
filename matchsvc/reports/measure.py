"""What a measure is: the form that every entry of reports/measures.py has."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class CountedIn(enum.StrEnum):
    """What a measure's figure is a number of."""

    PERSONS = "persons"
    EVENTS = "events"
    DAYS = "days"
    MINUTES = "minutes"
    PERCENT = "percent"
    RATIO = "ratio"
    POINTS = "points"
    KRONOR = "kronor"


class SmallCells(enum.StrEnum):
    """What keeps a measure from pointing somebody out (LAW-12)."""

    COUNT = "count"  # 1-4 hidden, and whatever gives them away
    RATE = "rate"  # as COUNT for both its numbers, and no rate of fewer than ten
    QUARTILES = "quartiles"  # only of at least five values
    ANSWERS = "answers"  # nothing of fewer answers than the unit's smallest count
    RATIO = "ratio"  # only when all four counts are five or more
    NOT_OF_PEOPLE = "not_of_people"  # employers, offers, material: nobody can be pointed out


@dataclass(frozen=True, slots=True)
class Measure:
    """What one figure means.

    Attributes:
        name: what it is called in the API and in files; never changes its meaning.
        title: what people call it.
        definition: in plain words, one or two sentences.
        counted_in: what the figure is a number of.
        numerator: who or what is counted.
        denominator: among whom or what; None for a plain count.
        population: who can be counted at all.
        time_rule: which days decide.
        small_cells: how few are too few.
        source: where the measure comes from: a domain row, a publication or a law.
        given_as: where the API gives it: ``operation:path``, with ``*`` for what may be anything.
    """

    name: str
    title: str
    definition: str
    counted_in: CountedIn
    numerator: str
    denominator: str | None
    population: str
    time_rule: str
    small_cells: SmallCells
    source: str
    given_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A word that several measures need: ``name`` is its anchor."""

    name: str
    title: str
    definition: str


@dataclass(frozen=True, slots=True)
class Section:
    """Measures that belong together on the page of definitions."""

    title: str
    measures: tuple[Measure, ...]
