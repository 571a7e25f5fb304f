"""Every measure, defined once: pages, exports, the API and docs are made from this list.

A figure that stands anywhere has its entry here, and opens it. The words are Swedish and translated
where they are shown. Sources are rows of the domain description (REP-01 …) or a law.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matchsvc.errors import N_


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


_CASES = N_("Personer som enheten har skrivit in.")
_STARTED_IN_PERIOD = N_("Dagen då det började ligger i perioden, första och sista dagen inräknade.")
_ENROLLED_IN_PERIOD = N_("Inskriven i perioden; resultat till och med periodens sista dag.")


def _listed(measures: Iterable[Measure]) -> Mapping[str, Measure]:
    found: dict[str, Measure] = {}
    for each in measures:
        if each.name in found:
            raise ValueError(each.name)
        found[each.name] = each
    return found


#: name -> measure, in the order they are told.
REGISTRY: Mapping[str, Measure] = _listed(
    [
        Measure(
            name="placements",
            title=N_("Placeringar"),
            definition=N_(
                "Personer som har börjat minst en placering under perioden: praktik, arbetsträning "
                "eller prova på."
            ),
            counted_in=CountedIn.PERSONS,
            numerator=N_("Personer med minst en placering som började i perioden."),
            denominator=None,
            population=_CASES,
            time_rule=_STARTED_IN_PERIOD,
            small_cells=SmallCells.COUNT,
            source="REP-01, ACC-2",
        ),
    ]
)
