"""What a draft says, in words: why there is no place, and what the first choice would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matchsvc.errors import N_
from matchsvc.matching.gate_words import GATE_NAMES, Words
from matchsvc.matching.gates import Gate

PERCENT = 100
#: What gap_words is told when the value is the bound.
EXACT = N_("Bästa möjliga: ingen annan fördelning ger mer.")


def percent_of(cover: int) -> str:
    """A cover as whole percent, never more than it is: ``56 %`` with a no-break space."""
    return f"{cover // PERCENT}\u00a0%"


def obstacle_words(
    told: Mapping[str, Any], words: Words, *, floor: int, title: Callable[[str], str]
) -> str:
    """Why somebody has no place.

    Args:
        told: a code and its numbers (cohort.Line.obstacle).
        words: the reader's language.
        floor: the least cover of what is required, of 10,000.
        title: what an offer's id is called.
    """
    code = told["code"]
    if code == "no_offers":
        return words(N_("Det finns inga öppna platser just nu."))
    if code == "forbidden":
        return words(N_("Platserna som passar är uteslutna, eller har redan fått ett nej."))
    if code == "contested":
        return words(N_("Platserna som passar räcker inte: andra har dem i utkastet."))
    if code == "gates":
        return _gate_words(told, words)
    if told["best"] < PERCENT:
        return words(N_("Öppna platser finns, men vid ingen täcker personen något som krävs."))
    return words(
        N_(
            "Öppna platser finns, men vid ingen täcker personen %(floor)s av det som krävs. "
            "Mest: %(best)s (%(where)s)."
        ),
        floor=percent_of(floor),
        best=percent_of(told["best"]),
        where=title(told["best_offer"]),
    )


def _gate_words(told: Mapping[str, Any], words: Words) -> str:
    gate = words(GATE_NAMES[Gate(told["gate"])])
    if told["alone"]:
        return words(
            N_("Ingen plats är öppen. %(gate)s är det enda som stänger %(n)s av %(offers)s."),
            gate=gate,
            n=told["alone"],
            offers=told["offers"],
        )
    return words(
        N_("Ingen plats är öppen. Mest stänger %(gate)s: %(n)s av %(offers)s, men inte ensamt."),
        gate=gate,
        n=told["closes"],
        offers=told["offers"],
    )


def cost_words(
    cost: Mapping[str, Any], words: Words, *, name: str, title: Callable[[str], str]
) -> str:
    """What it would cost somebody to give way.

    Args:
        cost: cohort.Giving as JSON.
        words: the reader's language.
        name: what the reader calls that person.
        title: what an offer's id is called.
    """
    if cost["locked"]:
        return words(N_("Platsen är låst eller redan föreslagen för %(name)s."), name=name)
    if cost["offer"] is None:
        return words(
            N_("Då blir %(name)s, som täcker %(cover)s, utan plats."),
            name=name,
            cover=percent_of(cost["cover"]),
        )
    return words(
        N_("Då får %(name)s flytta till %(where)s: %(then)s i stället för %(cover)s."),
        name=name,
        where=title(cost["offer"]),
        then=percent_of(cost["cover_then"]),
        cover=percent_of(cost["cover"]),
    )


def gap_words(value: int, bound: int, words: Words, decimal: Callable[[float, int], str]) -> str:
    """How far the draft is from the best, rounded against it.

    Args:
        value: the draft's sum.
        bound: what no draft can pass.
        words: the reader's language.
        decimal: a number with so many decimals in that language.
    """
    if value >= bound:
        return words(EXACT)
    hundredths = -(-(bound - value) * PERCENT * PERCENT // bound)  # upward
    return words(N_("Högst %(gap)s %% från bästa möjliga."), gap=decimal(hundredths / PERCENT, 2))
