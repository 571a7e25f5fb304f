"""One participant's or offer's published inputs as one run of 32-bit words, and back to arrays.

What is packed is what `arrays.load` reads, under numbers that never change (MatchingNumber) instead
of places in lists, and with days instead of waits, so that a row is the same tomorrow. Words are
little-endian; a pair a, b below shares a word, a in the lower half.

| word | participant | offer |
|---|---|---|
| 0-3 | id | id |
| 4 | format, hours, weekdays, flags (a byte each) | format, hours, weekdays, flags |
| 5 | available from (ordinal) | start from |
| 6 | ready on | start by |
| 7 | last proposed on | valid until |
| 8 | held, wanted | season from, season to |
| 9 | languages, areas | occupation |
| 10 | needs, 0 | area |
| 11 | | free places, signed |
| 12 | | requirements, languages |
| 13 | | licences, conditions offered |
| 14 | | conditions excluded, 0 |

Then the lists, as long as the counts say: held (number << 3 | rung), wanted, languages (number,
then four nibbles of level + 1), areas, needs; requirements (number << 1 | merit), languages
(number, then part << 8 | level), licences, offered, excluded. Another format needs a migration,
after which everything is packed again.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matchsvc.matching.inputs import LANGUAGE_SKILLS, Ints, Offers, People, Reach

FORMAT = 1
PERSON_WORDS, OFFER_WORDS = 11, 15
EVERYWHERE, ASKED_ABOUT_INFORMAL = 1, 2  # flags of a participant
IS_OPEN, IS_BARRED = 1, 2  # flags of an offer
_MOST, _LARGEST_BYTE = 0xFFFF, 0xFF

Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is packed of a participant; days are ordinals, 0 for none."""

    id: UUID
    hours: int
    weekdays: int
    flags: int
    available_from: int
    ready_on: int
    proposed_on: int
    held: Sequence[tuple[int, int]]  # number, rung; by competence id
    wanted: Sequence[int]
    languages: Sequence[tuple[int, Sequence[int | None]]]  # number, levels in LANGUAGE_SKILLS order
    areas: Sequence[int]
    needs: Sequence[int]


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What is packed of an offer; days are ordinals, month-days month * 100 + day, 0 for none."""

    id: UUID
    hours: int
    weekdays: int
    flags: int
    start_from: int
    start_by: int
    valid_until: int
    season: tuple[int, int]
    occupation: int
    area: int
    places: int
    requirements: Sequence[tuple[int, bool]]  # number, is a merit; in the order they are shown
    languages: Sequence[tuple[int, int, int]]  # number, place in LANGUAGE_SKILLS, level
    licences: Sequence[int]
    offered: Sequence[int]
    excluded: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the numbers stand in the lists of this run: place by number, -1 where not in it."""

    concepts: Ints
    licences: Ints
    languages: Ints
    areas: Ints
    conditions: Ints
    widths: tuple[int, int, int, int]  # licences, languages, areas, conditions


def pack_person(facts: PersonFacts) -> bytes:
    """Give a participant's row; raises ValueError for what does not fit."""
    return _pack(
        facts.id,
        (
            _bytes(facts.hours, facts.weekdays, facts.flags),
            facts.available_from,
            facts.ready_on,
            facts.proposed_on,
            _pair(len(facts.held), len(facts.wanted)),
            _pair(len(facts.languages), len(facts.areas)),
            _pair(len(facts.needs), 0),
            *(number << 3 | rung for number, rung in facts.held),
            *facts.wanted,
            *(word for number, levels in facts.languages for word in (number, _nibbles(levels))),
            *facts.areas,
            *facts.needs,
        ),
    )


def pack_offer(facts: OfferFacts) -> bytes:
    """Give an offer's row; raises ValueError for what does not fit."""
    return _pack(
        facts.id,
        (
            _bytes(facts.hours, facts.weekdays, facts.flags),
            facts.start_from,
            facts.start_by,
            facts.valid_until,
            _pair(*facts.season),
            facts.occupation,
            facts.area,
            facts.places & 0xFFFF_FFFF,
            _pair(len(facts.requirements), len(facts.languages)),
            _pair(len(facts.licences), len(facts.offered)),
            _pair(len(facts.excluded), 0),
            *(number << 1 | merit for number, merit in facts.requirements),
            *(
                word
                for number, part, level in facts.languages
                for word in (number, part << 8 | level)
            ),
            *facts.licences,
            *facts.offered,
            *facts.excluded,
        ),
    )


def _pack(identity: UUID, words: Sequence[int]) -> bytes:
    try:
        return identity.bytes + struct.pack(f"<{len(words)}I", *words)
    except struct.error as error:
        raise ValueError("a number does not fit its packed row") from error


def _bytes(*values: int) -> int:
    if not all(0 <= value <= _LARGEST_BYTE for value in values):
        raise ValueError("a number does not fit its packed row")
    first, second, third = values
    return FORMAT | first << 8 | second << 16 | third << 24


def _pair(low: int, high: int) -> int:
    if max(low, high) > _MOST:
        raise ValueError("a list is too long for its packed row")
    return low | high << 16


def _nibbles(levels: Sequence[int | None]) -> int:
    return sum((0 if level is None else level + 1) << 4 * i for i, level in enumerate(levels))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Packed rows side by side; raises ValueError when one is of another format or cut off."""

    words: Words
    start: Ints  # (rows,)

    @classmethod
    def of(cls, blobs: Sequence[bytes], header: int) -> Rows:
        """Lay rows out whose header is so many words long."""
        length = np.fromiter(map(len, blobs), np.int64, len(blobs)) // 4
        words = np.frombuffer(b"".join(blobs), "<u4")
        if length.size and (length.min() < header or length.sum() != len(words)):
            raise ValueError("a packed row is cut off")
        rows = cls(words, np.cumsum(length) - length)
        if np.any(rows.word(4) & 0xFF != FORMAT):
            raise ValueError("a packed row of another format")
        return rows

    def __len__(self) -> int:
        return len(self.start)

    def word(self, number: int) -> Words:
        """Give one word of every row."""
        return self.words[self.start + number]

    def low(self, number: int) -> Ints:
        """Give the lower half of a word of every row."""
        return (self.word(number) & 0xFFFF).astype(np.int64)

    def high(self, number: int) -> Ints:
        """Give the upper half."""
        return (self.word(number) >> 16).astype(np.int64)

    def byte(self, place: int) -> NDArray[np.uint8]:
        """Give a byte of word 4."""
        return (self.word(4) >> np.uint32(8 * place)).astype(np.uint8)

    def ids(self) -> NDArray[Any]:
        """Give (rows,) the ids as 16 bytes each, which sort as the ids do."""
        words = self.words[self.start[:, None] + np.arange(4)]
        return np.ascontiguousarray(words).view("S16").ravel()

    def lists(self, header: int, *counts: tuple[Ints, int]) -> list[tuple[Ints, Words]]:
        """Give every list as (row of each entry, its words: (entries,) or (entries, width))."""
        first = self.start + header
        found: list[tuple[Ints, Words]] = []
        for count, width in counts:
            row = np.repeat(np.arange(len(self)), count)
            at = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
            at = np.repeat(first, count) + width * at
            entries = self.words[at] if width == 1 else self.words[at[:, None] + np.arange(width)]
            found.append((row, entries))
            first = first + count * width
        return found


def people_of(rows: Rows, places: Places, today: int) -> People:
    """Give participants' arrays, in the order of the rows, in small integers; ids rank as rows."""
    held, wanted, languages, areas, needs = rows.lists(
        PERSON_WORDS,
        (rows.low(8), 1), (rows.high(8), 1), (rows.low(9), 2), (rows.high(9), 1), (rows.low(10), 1),
    )  # fmt: skip
    licence_width, language_width, area_width, condition_width = places.widths
    number = held[1] >> np.uint32(3)
    licences = _flags((held[0], number), places.licences, len(rows), licence_width)
    wanted_concept = places.concepts[wanted[1]].astype(np.int32)
    by_concept = np.lexsort((wanted_concept, wanted[0]))
    in_reach = _flags(areas, places.areas, len(rows), area_width)
    needed = _flags(needs, places.conditions, len(rows), condition_width)
    flags = rows.byte(3)
    ready = rows.word(6).astype(np.int64)
    since = np.maximum(ready, rows.word(7))
    waits = np.where(ready > 0, np.maximum(today - since, 0), 0)
    everywhere = (flags & EVERYWHERE) > 0
    return People(
        id_rank=np.arange(len(rows)),
        wait_days=waits.astype(np.int32),
        held_pointer=_pointer(rows.low(8)),
        held_concept=places.concepts[number].astype(np.int32),
        held_rung=(held[1] & 7).astype(np.uint8),
        held_level=np.zeros(len(number), np.uint8),
        wanted_pointer=_pointer(rows.high(8)),
        wanted_concept=wanted_concept[by_concept],
        licences=licences,
        licences_known=licences.any(axis=1) | ((flags & ASKED_ABOUT_INFORMAL) > 0),
        languages=_levels(languages, places.languages, len(rows), language_width),
        hours_per_week=rows.byte(1),
        weekdays=rows.byte(2),
        start_from=rows.word(5).astype(np.int32),
        reach=np.where(
            everywhere, Reach.EVERYWHERE, np.where(in_reach.any(axis=1), Reach.LISTED, 0)
        ).astype(np.uint8),
        areas=in_reach,
        needs=needed,
        needs_known=needed.any(axis=1) | (ready > 0),
    )


def offers_of(rows: Rows, places: Places) -> Offers:
    """Give offers' arrays, in the order of the rows; ids rank as rows."""
    requirements, languages, licences, offered, excluded = rows.lists(
        OFFER_WORDS,
        (rows.low(12), 1), (rows.high(12), 2), (rows.low(13), 1), (rows.high(13), 1),
        (rows.low(14), 1),
    )  # fmt: skip
    licence_width, language_width, _, condition_width = places.widths
    flags = rows.byte(3)
    asked = np.zeros((len(rows), language_width, len(LANGUAGE_SKILLS)), np.uint8)
    part, level = languages[1][:, 1] >> 8, languages[1][:, 1] & 0xFF
    asked[languages[0], places.languages[languages[1][:, 0]], part] = level
    return Offers(
        id_rank=np.arange(len(rows)),
        requirement_pointer=_pointer(rows.low(12)),
        requirement_concept=places.concepts[requirements[1] >> 1].astype(np.int32),
        requirement_is_merit=(requirements[1] & 1) > 0,
        requirement_level=np.zeros(len(requirements[1]), np.uint8),
        occupation=_place(places.concepts, rows.word(9)),
        licences=_flags(licences, places.licences, len(rows), licence_width),
        languages=asked,
        hours_start=rows.byte(1),
        weekdays=rows.byte(2),
        start_from=rows.word(5).astype(np.int32),
        start_by=rows.word(6).astype(np.int32),
        valid_until=rows.word(7).astype(np.int32),
        season_from=rows.low(8),
        season_to=rows.high(8),
        area=_place(places.areas, rows.word(10)),
        offered=_flags(offered, places.conditions, len(rows), condition_width),
        excluded=_flags(excluded, places.conditions, len(rows), condition_width),
        employer_barred=(flags & IS_BARRED) > 0,
        is_open=(flags & IS_OPEN) > 0,
        places=rows.word(11).view(np.int32),
    )


def _place(places: Ints, numbers: Words) -> NDArray[np.int32]:
    """Give places; number 0 is of nothing."""
    return np.where(numbers > 0, places[numbers], -1).astype(np.int32)


def _flags(entries: tuple[Ints, Words], places: Ints, rows: int, width: int) -> NDArray[np.bool_]:
    flags = np.zeros((rows, width), bool)
    column = places[entries[1]]
    flags[entries[0][column >= 0], column[column >= 0]] = True
    return flags


def _levels(entries: tuple[Ints, Words], places: Ints, rows: int, width: int) -> NDArray[np.int8]:
    levels = np.full((rows, width, len(LANGUAGE_SKILLS)), -1, np.int8)
    row, (number, nibbles) = entries[0], entries[1].T
    column = places[number]
    known = column >= 0
    for skill in range(len(LANGUAGE_SKILLS)):
        level = ((nibbles >> np.uint32(4 * skill)) & 15).astype(np.int8) - 1
        levels[row[known], column[known], skill] = level[known]
    return levels


def _pointer(counts: Ints) -> Ints:
    return np.append(0, np.cumsum(counts)).astype(np.int64)
