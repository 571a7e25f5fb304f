"""Every gate as bits: open when need & ~has == 0.

A bit stands for one thing some offer asks: this licence, that language skill at B1, to start by
1 March. A person's bit says that it is not known to be closed: unknown closes nothing. Whether it
is closed is answered by the very checks of `matching.gates`, with an offer that asks it as example:
a gate has one rule. What closes an offer to everybody is bit 0, which nobody has.

Dates, hours, days and seasons become one bit for each distinct thing asked, so there are as many
words as the offers need. Whether something is to be asked is not in the bits: the plain engine says
so for the pairs that are shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.gates import CHECKS, GATES, Block, Check, Gate
from matchsvc.matching.inputs import Ints, Offers, People

NEVER = 0
PEOPLE_AT_ONCE = 16_384

_CHECKS = dict(zip(GATES, CHECKS, strict=True))
_OFFERS_ALONE = (Gate.EMPLOYER_BAR, Gate.OFFER_CLOSED)
#: What gates read of a person where many are alike: answered once for all of them.
_READS = {
    Gate.HOURS: ("hours_per_week",),
    Gate.WEEKDAYS: ("weekdays",),
    Gate.START: ("start_from",),
    Gate.SEASON: ("start_from",),
    Gate.LICENCE: ("licences", "licences_known"),
    Gate.CONDITIONS: ("needs",),
}

Asked = tuple[Gate, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class GateCode:
    """What the bits stand for, on a day. Bits are numbered from 1; `of` makes one."""

    today: int
    examples: Offers
    bits: dict[Asked, tuple[int, int]]  # what is asked -> bit, row in examples of who asks it

    @classmethod
    def of(cls, offers: Offers, today: int) -> "GateCode":
        """Number everything that the offers ask."""
        bits: dict[Asked, tuple[int, int]] = {}
        for gate, rows, asked in _asked(offers, today):
            distinct, first = np.unique(asked, axis=0, return_index=True)
            for things, row in zip(distinct.tolist(), rows[first].tolist(), strict=True):
                bits[gate, tuple(things)] = (len(bits) + 1, row)
        return cls(today, offers, bits)

    @property
    def words(self) -> int:
        """Give how many words hold the bits."""
        return len(self.bits) // 64 + 1

    def need(self, offers: Offers) -> NDArray[np.uint64]:
        """Give (offers, words); raises KeyError when one asks what no offer of the code asked."""
        need = np.zeros((len(offers), self.words), np.uint64)
        _set(need, _closed_to_all(offers, self.today), NEVER)
        for gate, rows, asked in _asked(offers, self.today):
            distinct, which = np.unique(asked, axis=0, return_inverse=True)
            for number, things in enumerate(distinct.tolist()):
                bit, _ = self.bits[gate, tuple(things)]
                _set(need, rows[which.ravel() == number], bit)
        return need

    def has(self, people: People) -> NDArray[np.uint64]:
        """Give (people, words)."""
        has = np.zeros((len(people), self.words), np.uint64)
        for gate in GATES:
            bits = [
                (things, bit, example)
                for (of_gate, things), (bit, example) in self.bits.items()
                if of_gate is gate
            ]
            if not bits:
                continue
            persons, whose = _distinct(people, gate)
            for start in range(0, len(persons), PEOPLE_AT_ONCE):
                some = persons[start : start + PEOPLE_AT_ONCE]
                examples = np.array([example for _, _, example in bits])
                block = Block(people, self.examples, some, examples, self.today)
                is_open = ~_closed(gate, block, [things for things, _, _ in bits])
                rows, of_some = _rows_of(whose, start, len(some))
                for column, (_, bit, _) in enumerate(bits):
                    _set(has, rows[is_open[of_some, column]], bit)
        return has


def _asked(offers: Offers, today: int) -> Iterator[tuple[Gate, Ints, Ints]]:
    """Give for each gate who asks (rows) and what (rows x numbers), alike when it closes alike."""
    rows, licence = np.nonzero(offers.licences)
    yield Gate.LICENCE, rows, licence[:, None]
    rows, language, skill = np.nonzero(offers.languages)
    level = offers.languages[rows, language, skill]
    yield Gate.LANGUAGE, rows, np.stack([language, skill, level], axis=1)
    for gate, column in ((Gate.HOURS, offers.hours_start), (Gate.WEEKDAYS, offers.weekdays)):
        rows = np.flatnonzero(column > 0)
        yield gate, rows, column[rows, None]
    first = np.maximum(offers.start_from, today)
    rows = np.flatnonzero((offers.start_by > 0) & (first <= offers.start_by))
    yield Gate.START, rows, offers.start_by[rows, None]
    rows = np.flatnonzero(offers.season_from > 0)
    window = (first, offers.start_by, offers.season_from, offers.season_to)
    yield Gate.SEASON, rows, np.stack([column[rows] for column in window], axis=1)
    rows = np.flatnonzero(offers.area >= 0)
    yield Gate.REACH, rows, offers.area[rows, None]
    rows, condition = np.nonzero(offers.excluded)
    yield Gate.CONDITIONS, rows, condition[:, None]


def _closed_to_all(offers: Offers, today: int) -> Ints:
    """Give the rows that take nobody: closed, or past their last day to start."""
    first = np.maximum(offers.start_from, today)
    closed = (offers.start_by > 0) & (first > offers.start_by)
    nobody = np.arange(0)
    everything = np.arange(len(offers))
    for gate in _OFFERS_ALONE:
        # These checks read no person, so there need be none.
        block = Block(None, offers, nobody, everything, today)  # type: ignore[arg-type]
        for check in _CHECKS[gate](block):
            closed = closed | check.closed[0]
    return np.flatnonzero(closed)


def _closed(gate: Gate, block: Block, asked: list[tuple[int, ...]]) -> NDArray[np.bool_]:
    """Give (persons, asked): closed by what the offer of each column is the example of."""
    closed = np.zeros((len(block.person_rows), len(asked)), bool)
    for check in _CHECKS[gate](block):
        for column, things in enumerate(asked):
            if _is_about(check, things):
                closed[:, column] = np.broadcast_to(check.closed, closed.shape)[:, column]
    return closed


def _is_about(check: Check, things: tuple[int, ...]) -> bool:
    if check.gate is Gate.LANGUAGE:
        return (check.what, check.skill) == things[:2]
    if check.gate in (Gate.LICENCE, Gate.CONDITIONS):
        return check.what == things[0]
    return True


def _distinct(people: People, gate: Gate) -> tuple[Ints, Ints | None]:
    """Give rows that differ in what the gate reads, and which of them stands for whom."""
    columns = _READS.get(gate)
    if columns is None:
        return np.arange(len(people)), None
    alike = np.zeros(len(people), np.int64)
    for name in columns:
        for numbers in _numbers(getattr(people, name)):
            found, which = np.unique(numbers, return_inverse=True)
            _, alike = np.unique(alike * len(found) + which.ravel(), return_inverse=True)
    _, rows = np.unique(alike, return_index=True)
    return rows, alike.ravel()


def _numbers(column: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Give a column of numbers, or (people, flags) as numbers of 64 flags each."""
    if column.ndim == 1:
        yield column
        return
    for first in range(0, column.shape[1], 64):
        packed = np.packbits(column[:, first : first + 64], axis=1)
        words = np.zeros((len(column), 8), np.uint8)
        words[:, : packed.shape[1]] = packed
        yield words.view(np.uint64)[:, 0]


def _rows_of(whose: Ints | None, start: int, count: int) -> tuple[Ints, Any]:
    if whose is None:
        return np.arange(start, start + count), slice(None)
    rows = np.flatnonzero((whose >= start) & (whose < start + count))
    return rows, whose[rows] - start


def _set(words: NDArray[np.uint64], rows: Ints, bit: int) -> None:
    words[rows, bit // 64] |= np.uint64(1) << np.uint64(bit % 64)
