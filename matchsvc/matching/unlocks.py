"""What one thing more would open, for a person and for an offer. Arrays in, arrays out.

A pair *can be proposed* when every gate is open and the cover of what is required reaches the
unit's floor. For a person each answer is one change to her (a licence, a level, a day, an area, an
accommodation, a competence confirmed) and the offers that it alone would add. For an offer it is
one thing left out of what it asks and the people who would be added. Nothing is added up: two
changes together may open more than each alone.

The same checks and the same scores as the engine's; no I/O, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchsvc.matching.engine import FULL_COVER, Matching, score_parts
from matchsvc.matching.gates import Block, Check, Gate, checks
from matchsvc.matching.inputs import Flags, Ints
from matchsvc.matching.weights import ALL_TENTHS

CELLS_AT_ONCE = 2_000_000  # persons x requirements scored together
DAYS_A_WEEK = 7


class Kind(StrEnum):
    """What would change; the order decides between those that open as much."""

    CONCEPT = "concept"
    LICENCE = "licence"
    LANGUAGE = "language"
    CONDITION = "condition"
    HOURS = "hours"
    WEEKDAYS = "weekdays"
    START = "start"
    SEASON = "season"
    REACH = "reach"


@dataclass(frozen=True, slots=True, eq=False)
class Unlock:
    """One change and what it alone would open.

    | kind | what, for a person | what, for an offer | value |
    |---|---|---|---|
    | concept | concept to be confirmed | place of the requirement left out | |
    | licence | licence to be held | licence left out | |
    | language | language raised in every known skill | language left out | level to be reached |
    | condition | condition that the place arranges | condition no longer excluded | |
    | hours | | | hours a week to be reached |
    | weekdays | day that becomes possible, Monday 0 | | |
    | start | she can start today | no last day to start | |
    | season | | all year | |
    | reach | area to be reached | the site's area | |
    """

    kind: Kind
    what: int
    value: int
    rows: Ints  # the offers, or the people, that would be added

    @property
    def count(self) -> int:
        """Give how many it would add."""
        return len(self.rows)


def unlocks_for_person(
    matching: Matching, person: int, *, floor: int, licence_concepts: Ints
) -> tuple[Unlock, ...]:
    """Tell what would let a person be proposed for more offers, the most offers first.

    Args:
        matching: with the offers that are open.
        person: her row.
        floor: the least cover of what is required, of 10,000.
        licence_concepts: (licences,) the concept of each licence: whoever gets the licence holds
            that too. -1 where it has none.
    """
    hers = _Hers(matching, person, floor, licence_concepts)
    found = [
        *hers.licences(),
        *hers.levels(Gate.LANGUAGE, Kind.LANGUAGE),
        *hers.levels(Gate.HOURS, Kind.HOURS),
        *hers.conditions(),
        *hers.weekdays(),
        *hers.areas(),
        *hers.start(),
        *hers.concepts(),
    ]
    return _ranked(found)


def unlocks_for_offer(matching: Matching, offer: int, *, floor: int) -> tuple[Unlock, ...]:
    """Tell what an offer asks that shuts people out who could else be proposed, the most first."""
    everybody = np.arange(len(matching.people))
    most = max(1, CELLS_AT_ONCE // max(1, _asked(matching, offer)))
    found: dict[tuple[Kind, int, int], list[Ints]] = {}
    for start in range(0, len(everybody), most):
        some = everybody[start : start + most]
        for unlock in _shut_out(matching, offer, some, floor):
            key = (unlock.kind, unlock.what, unlock.value)
            found.setdefault(key, []).append(some[unlock.rows])
    return _ranked(Unlock(*key, np.concatenate(rows)) for key, rows in found.items())


def _ranked(found: Any) -> tuple[Unlock, ...]:
    order = tuple(Kind)
    some = [unlock for unlock in found if unlock.count]
    return tuple(sorted(some, key=lambda u: (-u.count, order.index(u.kind), u.value, u.what)))


class _Hers:
    """One person against every offer."""

    def __init__(self, matching: Matching, person: int, floor: int, licence_concepts: Ints) -> None:
        self.matching, self.floor = matching, floor
        self.licence_concepts = licence_concepts
        self.persons, self.offers = np.array([person]), np.arange(len(matching.offers))
        self.block = Block(
            matching.people, matching.offers, self.persons, self.offers, matching.today
        )
        self.checks = [(check, self._row(check.closed)) for check in checks(self.block)]
        self.shut = _count((closed for _, closed in self.checks), len(self.offers))
        self.pointer = _pointer(matching, self.offers)
        gained, most = _required_points(matching, self.persons, self.offers)
        self.gained = _per_offer(gained, self.pointer)[0]
        self.most = _per_offer(most[None], self.pointer)[0]
        self.enough = _cover(self.gained, self.most) >= floor
        self.usable = (self.shut == 0) & self.enough

    def licences(self) -> Iterator[Unlock]:
        """Each licence that she does not hold."""
        shutting = {int(c.what): closed for c, closed in self._of(Gate.LICENCE)}
        held = self.matching.people.licences[self.persons[0]]
        missing = np.flatnonzero(~held)
        concepts = self.licence_concepts[missing]
        known = concepts >= 0
        enough = np.tile(self.enough, (len(missing), 1))
        enough[known] = self._enough_with(concepts[known])
        for licence, with_it in zip(missing, enough, strict=True):
            opened = self.shut - shutting.get(int(licence), np.False_) == 0
            yield Unlock(Kind.LICENCE, int(licence), 0, self._added(opened & with_it))

    def levels(self, gate: Gate, kind: Kind) -> Iterator[Unlock]:
        """Each level of a language, in every skill that is known; each number of hours."""
        grouped: dict[int, list[tuple[Check, Flags]]] = {}
        for check, closed in self._of(gate):
            grouped.setdefault(int(check.what), []).append((check, closed))
        for what, group in grouped.items():
            mine = _count((closed for _, closed in group), len(self.offers))
            alone = (mine > 0) & (mine == self.shut) & self.enough
            needed = np.zeros(len(self.offers), np.int64)
            for check, closed in group:
                needed = np.maximum(needed, np.where(closed, self._row(check.offer), 0))
            for level in np.unique(needed[alone]):
                rows = np.flatnonzero(alone & (needed <= level))
                yield Unlock(kind, what, int(level), rows)

    def conditions(self) -> Iterator[Unlock]:
        """Each condition that the place would have to arrange."""
        for check, closed in self._of(Gate.CONDITIONS):
            yield Unlock(Kind.CONDITION, int(check.what), 0, self._alone(closed))

    def weekdays(self) -> Iterator[Unlock]:
        """Each day on which she cannot work now."""
        days = self.matching.offers.weekdays
        for _, closed in self._of(Gate.WEEKDAYS):
            alone = self._alone(closed)
            for day in range(DAYS_A_WEEK):
                rows = alone[(days[alone] >> day & 1) == 1]
                yield Unlock(Kind.WEEKDAYS, day, 0, rows)

    def areas(self) -> Iterator[Unlock]:
        """Each area that she has not ticked."""
        area = self.matching.offers.area
        for _, closed in self._of(Gate.REACH):
            alone = self._alone(closed)
            for place in np.unique(area[alone]):
                yield Unlock(Kind.REACH, int(place), 0, alone[area[alone] == place])

    def start(self) -> Iterator[Unlock]:
        """To be able to start today, where that is later now."""
        people = self.matching.people
        if people.start_from[self.persons[0]] <= self.matching.today:
            return
        days = np.array(people.start_from)
        days[self.persons] = self.matching.today
        at_once = replace(self.block, people=replace(people, start_from=days))
        opened = _shut(at_once)[0] == 0
        yield Unlock(Kind.START, -1, 0, self._added(opened & self.enough))

    def concepts(self) -> Iterator[Unlock]:
        """Each concept, confirmed, that is required where only the floor is in the way."""
        offers = self.matching.offers
        of_offer = np.repeat(self.offers, np.diff(self.pointer))
        wanted = ~offers.requirement_is_merit & ((self.shut == 0) & ~self.enough)[of_offer]
        candidates = np.setdiff1d(offers.requirement_concept[wanted], self.licence_concepts)
        if not candidates.size:
            return
        most = max(1, CELLS_AT_ONCE // len(self.offers))
        for start in range(0, len(candidates), most):
            some = candidates[start : start + most]
            for concept, enough in zip(some, self._enough_with(some), strict=True):
                yield Unlock(Kind.CONCEPT, int(concept), 0, self._added((self.shut == 0) & enough))

    def _enough_with(self, concepts: Ints) -> Flags:
        """Give (concepts, offers) whether the floor is reached with each of them confirmed.

        What is confirmed raises every number whose concept lies on its line upward to all
        tenths: (concepts x lines) @ (lines x offers) sums the points that are missing there.
        """
        width = len(self.matching.hierarchy)
        lines = [self.matching.hierarchy.line(int(concept)) for concept in concepts]
        upward = sparse.csr_array(
            (
                np.ones(sum(map(len, lines)), np.int64),
                np.array([place for line in lines for place in line], np.int64),
                np.cumsum([0, *map(len, lines)]),
            ),
            shape=(len(lines), width),
        )
        gained = self.gained + (upward @ self._missing).toarray()
        return np.asarray(_cover(gained, self.most) >= self.floor)

    @cached_property
    def _missing(self) -> Any:
        """Sparse (concepts, offers): the points of the required that she lacks at each concept."""
        matching, offers = self.matching, self.matching.offers
        scored = score_parts(matching, self.persons, self.offers)
        missing = (ALL_TENTHS - scored.tenths[0].astype(np.int64)) * matching.shares
        missing[offers.requirement_is_merit] = 0
        of_offer = np.repeat(self.offers, 3 * np.diff(self.pointer))
        places = matching.lines.ravel()
        there = places >= 0
        return sparse.csr_array(
            (missing.ravel()[there], (places[there], of_offer[there])),
            shape=(len(matching.hierarchy), len(self.offers)),
        )

    def _of(self, gate: Gate) -> Iterator[tuple[Check, Flags]]:
        return ((check, closed) for check, closed in self.checks if check.gate is gate)

    def _alone(self, closed: Flags) -> Ints:
        """Give the offers that this alone closes."""
        return np.flatnonzero(closed & (self.shut == 1) & self.enough)

    def _added(self, usable: Flags) -> Ints:
        return np.flatnonzero(usable & ~self.usable)

    def _row(self, values: Any) -> NDArray[Any]:
        row: NDArray[Any] = np.broadcast_to(values, (1, len(self.offers)))[0]
        return row


def _shut_out(matching: Matching, offer: int, some: Ints, floor: int) -> Iterator[Unlock]:
    """Everything that an offer asks, with the places in `some` of those whom it alone shuts out."""
    offers = np.array([offer])
    block = Block(matching.people, matching.offers, some, offers, matching.today)
    closed: dict[tuple[Kind, int], NDArray[np.int64]] = {}
    levels: dict[tuple[Kind, int], int] = {}
    for check in checks(block):
        kind = _KINDS.get(check.gate)
        if kind is None:
            continue
        what = int(np.broadcast_to(check.what, (1, 1))[0, 0])
        mine = np.broadcast_to(check.closed, (len(some), 1))[:, 0].astype(np.int64)
        closed[kind, what] = closed.get((kind, what), np.zeros(len(some), np.int64)) + mine
        if check.gate in {Gate.LANGUAGE, Gate.HOURS}:
            asked = int(np.broadcast_to(check.offer, (1, 1))[0, 0])
            levels[kind, what] = max(levels.get((kind, what), 0), asked)
    shut = _shut(block)[:, 0]
    gained, most = _required_points(matching, some, offers)
    points, whole = gained.sum(axis=1), int(most.sum())
    enough = _cover(points, np.asarray(whole)) >= floor
    for (kind, what), mine in closed.items():
        alone = (mine > 0) & (mine == shut) & enough
        yield Unlock(kind, what, levels.get((kind, what), 0), np.flatnonzero(alone))
    # Without a last day to start the season has to be under way at once: both are looked at anew.
    no_last_day = replace(matching.offers, start_by=np.zeros_like(matching.offers.start_by))
    opened = (_shut(replace(block, offers=no_last_day))[:, 0] == 0) & (shut > 0) & enough
    yield Unlock(Kind.START, -1, 0, np.flatnonzero(opened))
    requirements = _requirement_rows(matching, offer)
    for place, requirement in enumerate(requirements):
        if most[place]:
            without = _cover(points - gained[:, place], np.asarray(whole - most[place]))
            added = (shut == 0) & ~enough & (without >= floor)
            yield Unlock(Kind.CONCEPT, int(requirement), 0, np.flatnonzero(added))


#: The gates that an offer can leave out; START is looked at by itself.
_KINDS = {
    Gate.LICENCE: Kind.LICENCE,
    Gate.LANGUAGE: Kind.LANGUAGE,
    Gate.HOURS: Kind.HOURS,
    Gate.WEEKDAYS: Kind.WEEKDAYS,
    Gate.SEASON: Kind.SEASON,
    Gate.REACH: Kind.REACH,
    Gate.CONDITIONS: Kind.CONDITION,
}


def _shut(block: Block) -> Ints:
    """Give (persons, offers) how many checks close each pair."""
    shape = (len(block.person_rows), len(block.offer_rows))
    total = np.zeros(shape, np.int64)
    for check in checks(block):
        total += np.broadcast_to(check.closed, shape)
    return total


def _count(flags: Iterator[Flags], length: int) -> Ints:
    total = np.zeros(length, np.int64)
    for each in flags:
        total += each
    return total


def _required_points(
    matching: Matching, persons: Ints, offers: Ints
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give (persons, parts) the points of the required, and (parts,) the most; 0 for merits."""
    scored = score_parts(matching, persons, offers)
    required = ~matching.offers.requirement_is_merit[scored.requirements]
    points = scored.points.sum(axis=2, dtype=np.int64) * required
    shares = matching.shares[scored.requirements].sum(axis=1, dtype=np.int64)
    return points, shares * required * ALL_TENTHS


def _requirement_rows(matching: Matching, offer: int) -> Ints:
    start, stop = matching.offers.requirement_pointer[offer : offer + 2]
    return np.arange(start, stop)


def _asked(matching: Matching, offer: int) -> int:
    return len(_requirement_rows(matching, offer))


def _pointer(matching: Matching, offers: Ints) -> Ints:
    counts = np.diff(matching.offers.requirement_pointer)[offers]
    return np.append(0, np.cumsum(counts))


def _per_offer(values: NDArray[Any], pointer: Ints) -> NDArray[np.int64]:
    sums = np.pad(np.cumsum(values, axis=1, dtype=np.int64), ((0, 0), (1, 0)))
    return np.asarray(sums[:, pointer[1:]] - sums[:, pointer[:-1]])


def _cover(points: NDArray[Any], most: NDArray[Any]) -> NDArray[np.int64]:
    return np.where(most > 0, FULL_COVER * points // np.maximum(most, 1), FULL_COVER)
