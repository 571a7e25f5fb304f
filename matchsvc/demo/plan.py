"""Who lives in the town and how far each has come: shares, so that any number of people tells it.

Figures that a report counts are kept clear of 1-4 where the town is small, so that its headline
can be shown: women born abroad get a smaller share of the hires than of the placements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from matchsvc.demo.lots import Lots, words

SMALL = 5
_LARGE_TOWN = 300  # from here on there are people of unknown sex and region too
_PER_WORKER = 40  # PRO-23: a case worker has so many


@dataclass(frozen=True, slots=True)
class Cell:
    """People of one sex and region of birth.

    Attributes:
        share: of the town's people, in thousandths.
        hired: how many of a hundred got a job in the last year.
        unplaced: how many of a hundred have not been placed.
    """

    sex: str
    region: str
    share: int
    hired: int
    unplaced: int = 16


CELLS = (
    Cell("woman", "outside_europe", 283, 27),
    Cell("woman", "europe", 100, 14),
    Cell("woman", "sweden", 150, 66),
    Cell("man", "outside_europe", 184, 55),
    Cell("man", "europe", 117, 58),
    Cell("man", "sweden", 166, 72),
)
UNKNOWN = Cell("unknown", "unknown", 10, 30)

#: How far people have come, dealt in turn.
HIRED = ("working", "left", "working", "left", "working", "left", "left", "working", "hired_once")
UNPLACED = ("waiting_new", "mapping", "mapping", "mapping", "upcoming_new")
PLACED = (
    *("training", "resource", "waiting", "training", "left_other", "resource"),
    *("training", "waiting", "resource", "training", "upcoming"),
)


@dataclass(slots=True)
class Life:
    """One person in outline.

    Attributes:
        place: which in the town, from 0; her lots are drawn by it.
        status: one of HIRED, UNPLACED, PLACED.
        worker: which of the case workers.
        story: what is told of her in people.yaml, if anything.
    """

    place: int
    sex: str
    region: str
    status: str
    worker: int = 0
    number: int = 0
    is_protected: bool = False
    story: dict[str, Any] = field(default_factory=dict)


def case_workers(participants: int) -> int:
    """How many case workers a unit of that size has."""
    return max(2, round(participants / _PER_WORKER))


def plan_lives(participants: int, seed: int) -> list[Life]:
    """Everybody in the town, those with a story of their own first."""
    hired, unplaced, placed = cycle(HIRED), cycle(UNPLACED), cycle(PLACED)
    lives: list[Life] = []
    for cell, count in zip(*_cells(participants), strict=True):
        told = [p for p in words("people") if (p["sex"], p["birth_region"]) == _key(cell)][:count]
        left = count - len(told)
        n_hired = min(left, clear_of_small(round(count * cell.hired / 100), count))
        left -= n_hired
        n_unplaced = round(count * cell.unplaced / 100) if count >= 8 else 0
        n_unplaced = min(left, max(0, n_unplaced - sum(p["status"] in UNPLACED for p in told)))
        statuses = [p["status"] for p in told]
        statuses += _take(hired, n_hired) + _take(unplaced, n_unplaced)
        statuses += _take(placed, left - n_unplaced)
        lives += [
            Life(len(lives) + place, cell.sex, cell.region, status, story=story)
            for place, (status, story) in enumerate(
                zip(statuses, told + [{}] * (count - len(told)), strict=True)
            )
        ]
    _protect(lives)
    _deal_out(lives, case_workers(participants))
    _number(lives, seed)
    return lives


def _key(cell: Cell) -> tuple[str, str]:
    return cell.sex, cell.region


def _cells(participants: int) -> tuple[Sequence[Cell], list[int]]:
    cells = (*CELLS, UNKNOWN) if participants >= _LARGE_TOWN else CELLS
    total = sum(cell.share for cell in cells)
    counts = [participants * cell.share // total for cell in cells]
    by_rest = sorted(
        range(len(cells)), key=lambda i: -(participants * cells[i].share % total) * 10 + i
    )
    for i in by_rest[: participants - sum(counts)]:
        counts[i] += 1
    return cells, counts


def clear_of_small(wanted: int, most: int) -> int:
    """The nearest number that a report would show: none, or five and more."""
    if wanted >= SMALL or wanted == 0:
        return wanted
    return SMALL if wanted >= 3 and most > SMALL else 0


def _take(statuses: Iterator[str], number: int) -> list[str]:
    return [next(statuses) for _ in range(number)]


def _protect(lives: list[Life]) -> None:
    """Two people have protected personal data, and one more for every five hundred."""
    free = [life for life in lives if life.status in UNPLACED and not life.story]
    for life in free[: 2 + len(lives) // 500]:
        life.is_protected = True
        if life.status == "upcoming_new":
            life.status = "waiting_new"


def _deal_out(lives: list[Life], workers: int) -> None:
    turn = cycle(range(workers))
    protected = cycle(range(workers))
    for life in lives:
        if life.story:
            life.worker = life.story["worker"]
        else:
            life.worker = next(protected if life.is_protected else turn)


def _number(lives: list[Life], seed: int) -> None:
    """Numbers with gaps, as in a unit that has been at it for a while."""
    lots = Lots(seed, "numbers")
    taken = {life.story["number"] for life in lives if life.story}
    free = [n for n in range(1975, 1975 + 30 + round(len(lives) * 1.2)) if n not in taken]
    numbers = iter(lots.sample(free, len(lives) - len(taken)))
    for life in lives:
        life.number = life.story["number"] if life.story else next(numbers)
