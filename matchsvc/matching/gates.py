"""The gates: what must fit before points matter. Arrays in, arrays out.

Each gate is a handful of checks, one per thing that must fit (this licence, that language skill).
A check gives one state for every pair of a block (persons x offers); a gate is as closed as the
most closed of its checks. Explanations read the very same checks for one pair.

Unknown is neutral: it is listed as something to ask and closes nothing. Something is asked only
when the answer could matter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.inputs import EVERY_DAY, Flags, Ints, Offers, People, Reach

FIRST_DAY_OF_1970 = 719_163


class Gate(StrEnum):
    """The gates in the order in which arrays of states hold them."""

    LICENCE = "licence"
    LANGUAGE = "language"
    HOURS = "hours"
    WEEKDAYS = "weekdays"
    START = "start"
    SEASON = "season"
    REACH = "reach"
    CONDITIONS = "conditions"
    EMPLOYER_BAR = "employer_bar"
    OFFER_CLOSED = "offer_closed"


class GateState(IntEnum):
    """How a gate stands for a pair; the largest of its checks."""

    OPEN = 0
    ASK = 1
    CLOSED = 2


class Closing(IntEnum):
    """Why an offer takes nobody."""

    NOT_OPEN = 0
    NO_PLACES = 1
    EXPIRED = 2


GATES = tuple(Gate)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that had to fit for one pair, in codes and numbers; others put it into words.

    | gate | what | person | offer | opens_on |
    |---|---|---|---|---|
    | licence | licence | 1 when held | 1 | |
    | language | language (and skill) | level, 0 none, -1 not known | lowest level | |
    | hours | | hours a week, 0 not known | hours at the start, 0 not known | |
    | weekdays | | mask, 0 not known | mask, 0 not known | |
    | start | | first day both can start | last day to start | |
    | season | | first day both can start | month-day it begins | next first day of season |
    | reach | area, -1 not known | Reach | | |
    | conditions | condition | 1 when needed | 1 offered, -1 excluded, 0 not mentioned | |
    | employer_bar | | | | |
    | offer_closed | Closing | today | last valid day | |

    `skill` is a place in inputs.LANGUAGE_SKILLS, else -1. `ask_person` and `ask_offer` say who
    can answer what is not known.
    """

    gate: Gate
    state: GateState
    what: int
    skill: int
    person: int
    offer: int
    opens_on: int
    ask_person: bool
    ask_offer: bool

    @property
    def can_be_overridden(self) -> bool:
        """Tell whether a case worker may propose in spite of it, with a reason (DL 1:4 p. 3)."""
        return self.gate is Gate.CONDITIONS and self.state is GateState.CLOSED


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One thing that must fit, for a block; every array broadcasts to (persons, offers).

    Where `closed` holds, what is not known no longer matters.
    """

    gate: Gate
    closed: Flags
    applies: Flags | bool = True  # the offer asks for it, or the person needs it
    ask_person: Flags | bool = False
    ask_offer: Flags | bool = False
    what: Ints | int = -1
    skill: int = -1
    person: Ints | int = 0
    offer: Ints | int = 0
    opens_on: Ints | int = 0

    @property
    def states(self) -> NDArray[np.uint8]:
        """Give the GateState of every pair."""
        ask = np.where(np.logical_or(self.ask_person, self.ask_offer), GateState.ASK, 0)
        return np.where(self.closed, GateState.CLOSED, ask).astype(np.uint8)

    def finding(self) -> Finding | None:
        """Give what there is to say of a block of one pair, None when nothing had to fit."""
        if not np.all(self.applies):
            return None
        state = GateState(self.states.item())
        return Finding(
            gate=self.gate,
            state=state,
            what=_number(self.what),
            skill=self.skill,
            person=_number(self.person),
            offer=_number(self.offer),
            opens_on=_number(self.opens_on),
            ask_person=state is GateState.ASK and bool(np.all(self.ask_person)),
            ask_offer=state is GateState.ASK and bool(np.all(self.ask_offer)),
        )


def _number(value: Ints | int) -> int:
    return int(np.asarray(value).item())


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The pairs of some persons (rows of people) with some offers (rows of offers) on a day."""

    people: People
    offers: Offers
    person_rows: Ints
    offer_rows: Ints
    today: int

    def person(self, column: NDArray[Any]) -> NDArray[Any]:
        """Give a column of people as (persons, 1)."""
        return column[self.person_rows][:, None]

    def offer(self, column: NDArray[Any]) -> NDArray[Any]:
        """Give a column of offers as (1, offers)."""
        return column[self.offer_rows][None, :]

    def first_days(self) -> Ints:
        """Give (persons, offers) the first day both can start, as far as is known."""
        both = np.maximum(self.person(self.people.start_from), self.offer(self.offers.start_from))
        return np.asarray(np.maximum(both, self.today))


def gate_states(block: Block) -> NDArray[np.uint8]:
    """Give (gates, persons, offers) the GateState of every gate, in the order of GATES."""
    shape = (len(GATES), len(block.person_rows), len(block.offer_rows))
    states = np.zeros(shape, np.uint8)
    for check in checks(block):
        gate = states[GATES.index(check.gate)]
        np.maximum(gate, check.states, out=gate)
    return states


def checks(block: Block) -> Iterator[Check]:
    """Give every check that some pair of the block may need."""
    for each in CHECKS:
        yield from each(block)


def _licences(block: Block) -> Iterator[Check]:
    people, offers = block.people, block.offers
    known = block.person(people.licences_known)
    for licence in np.flatnonzero(offers.licences[block.offer_rows].any(axis=0)):
        held = block.person(people.licences[:, licence])
        needed = block.offer(offers.licences[:, licence])
        yield Check(
            Gate.LICENCE,
            closed=needed & ~held & known,
            applies=needed,
            ask_person=needed & ~held & ~known,
            what=int(licence),
            person=held,
            offer=needed,
        )


def _languages(block: Block) -> Iterator[Check]:
    people, offers = block.people, block.offers
    asked_somewhere = offers.languages[block.offer_rows].any(axis=0)
    for language, skill in np.argwhere(asked_somewhere):
        level = block.person(people.languages[:, language, skill])
        lowest = block.offer(offers.languages[:, language, skill])
        yield Check(
            Gate.LANGUAGE,
            closed=(level >= 0) & (level < lowest),
            applies=lowest > 0,
            ask_person=(level < 0) & (lowest > 0),
            what=int(language),
            skill=int(skill),
            person=level,
            offer=lowest,
        )


def _hours(block: Block) -> Iterator[Check]:
    hours = block.person(block.people.hours_per_week)
    start = block.offer(block.offers.hours_start)
    yield Check(
        Gate.HOURS,
        closed=(hours > 0) & (hours < start),
        ask_person=hours == 0,
        ask_offer=start == 0,
        person=hours,
        offer=start,
    )


def _weekdays(block: Block) -> Iterator[Check]:
    """Close on no day in common; ask when the offer lists a day on which she cannot work.

    An offer's days do not say whether every one of them is needed, so that is for asking.
    """
    can = block.person(block.people.weekdays)
    days = block.offer(block.offers.weekdays)
    both_known = (can > 0) & (days > 0)
    some_missing = (days & ~can) > 0
    yield Check(
        Gate.WEEKDAYS,
        closed=both_known & ((can & days) == 0),
        ask_person=can == 0,
        ask_offer=((days == 0) & (can != EVERY_DAY)) | (both_known & some_missing),
        person=can,
        offer=days,
    )


def _start(block: Block) -> Iterator[Check]:
    first, last = block.first_days(), block.offer(block.offers.start_by)
    closed = (last > 0) & (first > last)
    unknown = block.person(block.people.start_from) == 0
    yield Check(
        Gate.START,
        closed=closed,
        applies=last > 0,
        ask_person=unknown & (last > 0),
        person=first,
        offer=last,
    )


def _season(block: Block) -> Iterator[Check]:
    """Close unless the first common day, or a later day of the start window, is in season."""
    begins, ends = block.offer(block.offers.season_from), block.offer(block.offers.season_to)
    if not begins.any():
        return
    first, last = block.first_days(), block.offer(block.offers.start_by)
    opens_on = _next_in_season(first, begins, ends)
    closed = (begins > 0) & (opens_on > np.maximum(first, last))
    unknown = block.person(block.people.start_from) == 0
    yield Check(
        Gate.SEASON,
        closed=closed,
        applies=begins > 0,
        ask_person=unknown & (begins > 0),
        person=first,
        offer=begins,
        opens_on=opens_on,
    )


def _next_in_season(day: Ints, begins: Ints, ends: Ints) -> Ints:
    """Give the first day in season that is not before `day`; 29 February is 1 March elsewhere."""
    date = (day - FIRST_DAY_OF_1970).astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    month_day = (month.astype(np.int64) % 12 + 1) * 100 + (date - month).astype(np.int64) + 1
    after, before = month_day >= begins, month_day <= ends
    inside = np.where(begins <= ends, after & before, after | before)
    year = date.astype("datetime64[Y]").astype(np.int64) + (month_day > begins)
    first = (year * 12 + begins // 100 - 1).astype("datetime64[M]").astype("datetime64[D]")
    next_first = first.astype(np.int64) + begins % 100 - 1 + FIRST_DAY_OF_1970
    return np.where(inside, day, next_first)


def _reach(block: Block) -> Iterator[Check]:
    reach, area = block.person(block.people.reach), block.offer(block.offers.area)
    listed, known = reach == Reach.LISTED, area >= 0
    areas = np.pad(block.people.areas, ((0, 0), (0, 1)))  # place -1, not known, is nobody's
    within = areas[block.person_rows][:, block.offers.area[block.offer_rows]]
    yield Check(
        Gate.REACH,
        closed=listed & known & ~within,
        ask_person=reach == Reach.UNKNOWN,
        ask_offer=~known & (reach != Reach.EVERYWHERE),
        what=area,
        person=reach,
    )


def _conditions(block: Block) -> Iterator[Check]:
    people, offers = block.people, block.offers
    known = block.person(people.needs_known)
    needed_or_excluded = people.needs[block.person_rows].any(axis=0)
    needed_or_excluded = needed_or_excluded | offers.excluded[block.offer_rows].any(axis=0)
    for condition in np.flatnonzero(needed_or_excluded):
        needs = block.person(people.needs[:, condition])
        offered = block.offer(offers.offered[:, condition])
        excluded = block.offer(offers.excluded[:, condition])
        yield Check(
            Gate.CONDITIONS,
            closed=needs & excluded,
            applies=needs | (excluded & ~known),
            ask_person=~known & excluded,
            ask_offer=needs & ~offered,
            what=int(condition),
            person=needs,
            offer=np.where(excluded, -1, offered),
        )


def _employer_bars(block: Block) -> Iterator[Check]:
    barred = block.offer(block.offers.employer_barred)
    yield Check(Gate.EMPLOYER_BAR, closed=barred, applies=barred)


def _offer_closed(block: Block) -> Iterator[Check]:
    offers, last = block.offers, block.offer(block.offers.valid_until)
    hindrances = {
        Closing.NOT_OPEN: ~block.offer(offers.is_open),
        Closing.NO_PLACES: block.offer(offers.places) <= 0,
        Closing.EXPIRED: (last > 0) & (last < block.today),
    }
    for closing, closed in hindrances.items():
        yield Check(
            Gate.OFFER_CLOSED,
            closed=closed,
            applies=closed,
            what=int(closing),
            person=block.today,
            offer=last,
        )


CHECKS: tuple[Callable[[Block], Iterator[Check]], ...] = (
    _licences,
    _languages,
    _hours,
    _weekdays,
    _start,
    _season,
    _reach,
    _conditions,
    _employer_bars,
    _offer_closed,
)
