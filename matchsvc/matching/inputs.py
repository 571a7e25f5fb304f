"""What the matching engine is given: arrays and nothing else.

What these arrays do not hold cannot sway a result. They say what a person can, needs, wants and
when; there is no column for who she is (DESIGN 4.2), and a test reads the field names.

Days are ordinals (date.toordinal), 0 for not known or not set. Weekdays are a mask, Monday = 1 to
Sunday = 64. CEFR levels are 1 (A1) to 6 (C2). Month-days are month * 100 + day. Licences,
languages, areas and conditions are places in lists that the caller keeps.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.weights import MOST_MERITS, MOST_REQUIRED, Rung

Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]

EVERY_DAY = 0b111_1111
LANGUAGE_SKILLS = ("speak", "understand", "read", "write")
HIGHEST_LEVEL = 6


class Reach(IntEnum):
    """Where a person can travel to."""

    UNKNOWN = 0
    LISTED = 1
    EVERYWHERE = 2


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """One line upward per concept: `parent` (concepts,), -1 at the top.

    Raises ValueError for a parent that does not exist or a line that never ends.
    """

    parent: Ints

    def __post_init__(self) -> None:
        count = len(self.parent)
        _demand(np.all((self.parent >= -1) & (self.parent < count)), "no such parent concept")
        above = self._parent_or_top
        for _ in range(count.bit_length()):  # doubles the steps taken upward each time
            above = above[above]
        _demand(np.all(above == -1), "a concept lies above itself")

    def __len__(self) -> int:
        return len(self.parent)

    def line(self, concept: int) -> tuple[int, ...]:
        """Give the concept and everything above it, nearest first."""
        line = []
        while concept >= 0:
            line.append(concept)
            concept = int(self.parent[concept])
        return tuple(line)

    def nearest_lines(self, concepts: Ints) -> Ints:
        """Give (concepts, 3): each concept, its parent and its grandparent, -1 where none."""
        parent = self._parent_or_top[concepts]
        return np.stack([concepts, parent, self._parent_or_top[parent]], axis=1)

    @property
    def _parent_or_top(self) -> Ints:
        return np.append(self.parent, -1)  # looking up -1 gives -1


@dataclass(frozen=True, eq=False)
class People:
    """What participants bring, need and want, one row each; raises ValueError for a bad shape.

    Row i holds competences held_pointer[i] up to held_pointer[i + 1]; a competence's place there
    is its index in every answer. Wanted concepts are laid out alike.
    """

    id_rank: Ints  # (people,) place of the row's id among all ids: the last word on ties
    wait_days: Ints  # (people,)
    held_pointer: Ints  # (people + 1,)
    held_concept: Ints  # (held,)
    held_rung: Ints  # (held,) Rung
    held_level: Ints  # (held,) 0 where the concept has no level or it is not known
    wanted_pointer: Ints  # (people + 1,)
    wanted_concept: Ints  # (wanted,)
    licences: Flags  # (people, licences) held
    licences_known: Flags  # (people,) what is not held is known not to be held
    languages: Ints  # (people, languages, 4 skills) level, 0 none, -1 not known
    hours_per_week: Ints  # (people,) 0 not known
    weekdays: Ints  # (people,) mask, 0 not known
    start_from: Ints  # (people,) first day she can start, 0 not known
    reach: Ints  # (people,) Reach
    areas: Flags  # (people, areas) within reach
    needs: Flags  # (people, conditions)
    needs_known: Flags  # (people,) what is not needed is known not to be needed

    def __post_init__(self) -> None:
        _demand_pointer(self.held_pointer, self.held_concept, self.held_rung, self.held_level)
        _demand_pointer(self.wanted_pointer, self.wanted_concept)
        _demand_one_per_row(self, apart=("held_", "wanted_"))
        rungs = (self.held_rung >= Rung.CLAIMED) & (self.held_rung <= Rung.CONFIRMED)
        _demand(np.all(rungs), "no such rung")
        _demand_levels(self.held_level, lowest=0)
        _demand_levels(self.languages, lowest=-1)

    def __len__(self) -> int:
        return len(self.id_rank)


@dataclass(frozen=True, eq=False)
class Offers:
    """What offers ask and give, one row each; raises ValueError for a bad shape or a 41st demand.

    Row i asks for requirements requirement_pointer[i] up to requirement_pointer[i + 1].
    """

    id_rank: Ints  # (offers,)
    requirement_pointer: Ints  # (offers + 1,)
    requirement_concept: Ints  # (requirements,)
    requirement_is_merit: Flags  # (requirements,)
    requirement_level: Ints  # (requirements,) level asked, 0 none
    occupation: Ints  # (offers,) the concept of the tasks, -1 none; read for wishes only
    licences: Flags  # (offers, licences) needed
    languages: Ints  # (offers, languages, 4 skills) lowest level, 0 not asked
    hours_start: Ints  # (offers,) hours a week at the start, 0 not known
    weekdays: Ints  # (offers,) mask, 0 not known
    start_from: Ints  # (offers,) 0 at once
    start_by: Ints  # (offers,) 0 no last day
    season_from: Ints  # (offers,) month-day, 0 all year
    season_to: Ints  # (offers,) month-day, before season_from when it runs over New Year
    valid_until: Ints  # (offers,) 0 no last day
    area: Ints  # (offers,) place in People.areas, -1 not known
    offered: Flags  # (offers, conditions)
    excluded: Flags  # (offers, conditions) wins over offered
    employer_barred: Flags  # (offers,)
    is_open: Flags  # (offers,)
    places: Ints  # (offers,) free now

    def __post_init__(self) -> None:
        asked = (self.requirement_concept, self.requirement_is_merit, self.requirement_level)
        _demand_pointer(self.requirement_pointer, *asked)
        _demand_one_per_row(self, apart=("requirement_",))
        _demand_levels(self.requirement_level, lowest=0)
        _demand_levels(self.languages, lowest=0)
        merits = np.append(0, np.cumsum(self.requirement_is_merit))[self.requirement_pointer]
        required = np.diff(self.requirement_pointer - merits)
        few = np.all(required <= MOST_REQUIRED) and np.all(np.diff(merits) <= MOST_MERITS)
        _demand(few, "an offer has at most 40 required and 80 merits")

    def __len__(self) -> int:
        return len(self.id_rank)


def _demand(holds: object, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _demand_one_per_row(table: People | Offers, *, apart: tuple[str, ...]) -> None:
    for column in fields(table):
        is_pointer = column.name.endswith("_pointer")
        if is_pointer or not column.name.startswith(apart):
            length = len(getattr(table, column.name)) - is_pointer
            _demand(length == len(table), f"{column.name} does not have one entry per row")


def _demand_pointer(pointer: Ints, *columns: NDArray[Any]) -> None:
    rising = len(pointer) > 0 and pointer[0] == 0 and np.all(np.diff(pointer) >= 0)
    _demand(rising, "a pointer starts at 0 and never falls")
    _demand(all(len(column) == pointer[-1] for column in columns), "a pointer ends elsewhere")


def _demand_levels(levels: Ints, *, lowest: int) -> None:
    _demand(np.all((levels >= lowest) & (levels <= HIGHEST_LEVEL)), "no such language level")
