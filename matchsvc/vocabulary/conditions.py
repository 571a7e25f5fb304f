"""The working conditions as forms list them: under headings, each with its pictogram."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from matchsvc.errors import N_
from matchsvc.vocabulary.models import Condition, ConditionHeading

#: As the file of conditions names them.
HEADING_NAMES = {
    ConditionHeading.BODY: N_("Kroppen"),
    ConditionHeading.ROOM: N_("Rummet"),
    ConditionHeading.PACE: N_("Tempo och ordning"),
    ConditionHeading.HOURS: N_("Tider"),
    ConditionHeading.LANGUAGE: N_("Språk"),
    ConditionHeading.PEOPLE: N_("Människor"),
    ConditionHeading.TASKS: N_("Arbetsuppgifter"),
    ConditionHeading.TRAVEL: N_("Resan dit"),
}


@dataclass(frozen=True, slots=True)
class ConditionChoice:
    """One condition to tick: its id, its words in the reader's language, its Lucide icon."""

    value: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """The conditions under one heading, in the order of the list; the page translates its name."""

    name: str
    choices: tuple[ConditionChoice, ...]


def in_groups(
    conditions: Iterable[Condition], label: Callable[[Condition], str]
) -> list[ConditionGroup]:
    """The conditions under their headings; a heading without conditions is left out.

    Args:
        conditions: in their order.
        label: what is said of one, from the side that the form asks.
    """
    under: dict[ConditionHeading, list[ConditionChoice]] = {one: [] for one in HEADING_NAMES}
    for condition in conditions:
        under[condition.heading].append(
            ConditionChoice(condition.id, label(condition), condition.icon)
        )
    return [
        ConditionGroup(name, tuple(under[heading]))
        for heading, name in HEADING_NAMES.items()
        if under[heading]
    ]
