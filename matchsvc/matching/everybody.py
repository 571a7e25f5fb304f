"""The compact index of everybody who waits in a unit, made from packed rows and nothing else.

Gates are numbered for what the unit's open offers ask and for what an offer is likely to ask next
(every licence, area, condition and number of hours, every level of a language that somebody asks),
so that a new offer rarely needs a new numbering. What it asks beyond that is a matter of hours,
days and dates, and `Everybody.open_rows` answers it for one offer at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matchsvc.matching.fast.gate_bits import GateCode
from matchsvc.matching.fast.index import Index, build_index
from matchsvc.matching.inputs import HIGHEST_LEVEL, LANGUAGE_SKILLS, Ints, Offers, People, Reach
from matchsvc.matching.models import RowKind
from matchsvc.matching.packed import OFFER_WORDS, Places, Rows, offers_of, people_of
from matchsvc.matching.rows import Legend, listed, read_rows
from matchsvc.matching.weights import Weights

_MOST_HOURS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Everybody:
    """People laid out for ranking; row by row in the order of their ids.

    `hours`, `weekdays` and `start_from` are what gates without a number read.
    """

    ids: NDArray[Any]  # (people,) 16 bytes each, rising
    index: Index
    code: GateCode
    hours: NDArray[np.uint8]
    weekdays: NDArray[np.uint8]
    start_from: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    def row_of(self, identity: UUID) -> int:
        """Give her row, -1 when she is not here."""
        row = int(np.searchsorted(self.ids, np.array(identity.bytes, "S16")))
        there = row < len(self.ids) and self.ids[row] == np.array(identity.bytes, "S16")
        return row if there else -1

    def open_rows(self, rest: Offers) -> NDArray[np.bool_]:
        """Tell for whom an offer is open, as far as hours, days and dates are concerned."""
        code = GateCode.of(rest, self.code.today)
        closed = code.need(rest) & ~code.has(
            _people_with(self.hours, self.weekdays, self.start_from)
        )
        return np.asarray(~closed.any(axis=1))


def gather(
    session: Session, unit_id: UUID, legend: Legend, *, weights: Weights, today: date
) -> Everybody:
    """Make the index of a unit from its packed rows, some rows in memory at a time.

    Raises:
        ValueError: a row is of another format.
    """
    day = today.toordinal()
    code = code_for(read_offers(session, unit_id, legend), legend.places, day)
    people = read_rows(session, listed(RowKind.PARTICIPANT, unit_id), RowKind.PARTICIPANT)
    return lay_out(people, legend, code, weights)


def read_offers(session: Session, unit_id: UUID, legend: Legend) -> Offers:
    """Give the unit's open offers for their gates; in no order."""
    chosen = listed(RowKind.OFFER, unit_id)
    found = [
        gates_alone(offers_of(rows, legend.places))
        for rows in read_rows(session, chosen, RowKind.OFFER)
    ]
    return _one_after_another(found or [offers_of(Rows.of([], OFFER_WORDS), legend.places)])


def lay_out(rows: Iterable[Rows], legend: Legend, code: GateCode, weights: Weights) -> Everybody:
    """Make the index of some packed rows."""
    tenths = np.array((0, *weights.evidence), np.uint8)
    with ThreadPoolExecutor(1) as pool:  # the next rows are fetched meanwhile
        parts = list(pool.map(lambda some: _part(some, legend.places, code, tenths), rows))
    parts = parts or [_part(Rows.of([], 0), legend.places, code, tenths)]
    count, facts = (
        np.array([len(getattr(part, name)) for part in parts]) for name in ("ids", "concept")
    )
    ids = np.concatenate([part.ids for part in parts])
    order = _order(ids)
    row_of = np.empty(len(ids), np.int32)
    row_of[order] = np.arange(len(ids))
    first = np.cumsum(count) - count
    held = np.empty(facts.sum(), np.int32)
    for part, start, at in zip(parts, first, np.cumsum(facts) - facts, strict=True):
        held[at : at + len(part.row)] = row_of[start + part.row]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    index = build_index(
        people=len(ids),
        parent=legend.hierarchy.parent,
        held_row=held,
        held_concept=joined("concept"),
        held_tenths=joined("tenths"),
        has=joined("has")[order],
        wait_days=joined("wait_days")[order],
    )
    return Everybody(
        ids=ids[order],
        index=index,
        code=code,
        hours=joined("hours")[order],
        weekdays=joined("weekdays")[order],
        start_from=joined("start_from")[order],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What is kept of some rows until the index is made."""

    ids: NDArray[Any]
    row: NDArray[np.int32]
    concept: NDArray[np.int32]
    tenths: NDArray[np.uint8]
    has: NDArray[np.uint64]
    wait_days: NDArray[np.int32]
    hours: NDArray[np.uint8]
    weekdays: NDArray[np.uint8]
    start_from: NDArray[np.int32]


def _part(rows: Rows, places: Places, code: GateCode, tenths: NDArray[np.uint8]) -> _Part:
    people = people_of(rows, places, code.today)
    counts = np.diff(people.held_pointer)
    return _Part(
        ids=rows.ids(),
        row=np.repeat(np.arange(len(rows), dtype=np.int32), counts),
        concept=people.held_concept.astype(np.int32, copy=False),
        tenths=tenths[people.held_rung],
        has=code.has(people),
        wait_days=people.wait_days.astype(np.int32, copy=False),
        hours=people.hours_per_week.astype(np.uint8, copy=False),
        weekdays=people.weekdays.astype(np.uint8, copy=False),
        start_from=people.start_from.astype(np.int32, copy=False),
    )


def _order(ids: NDArray[Any]) -> Ints:
    """Sort ids as bytes: two words are compared faster than sixteen bytes."""
    halves = np.ascontiguousarray(ids).view(">u8").reshape(-1, 2).astype(np.uint64)
    return np.lexsort((halves[:, 1], halves[:, 0]))


# Gates


def code_for(offers: Offers, places: Places, today: int) -> GateCode:
    """Number what offers ask and what the next one is likely to ask; keeps only examples."""
    code = GateCode.of(_one_after_another([gates_alone(offers), _likely(offers, places)]), today)
    rows = sorted({row for _, row in code.bits.values()})
    place = {row: i for i, row in enumerate(rows)}
    return GateCode(
        today,
        gates_alone(code.examples, np.array(rows, np.int64)),
        {asked: (bit, place[row]) for asked, (bit, row) in code.bits.items()},
    )


def split(code: GateCode, offer: Offers) -> tuple[NDArray[np.uint64], Offers | None] | None:
    """Give the bits that an offer (one row) needs, and what it asks beyond them.

    None when it asks something that only a new numbering can answer: a language that nobody asked.
    """
    try:
        return code.need(offer), None
    except KeyError:
        pass
    beyond = gates_alone(offer)
    nothing = np.zeros(len(offer), np.int64)
    numbered = replace(
        beyond, hours_start=nothing, weekdays=nothing, start_by=nothing, season_from=nothing,
    )  # fmt: skip
    try:
        need = code.need(numbered)
    except KeyError:
        return None
    none = np.zeros((len(offer), 0), bool)
    rest = replace(
        beyond,
        licences=none,
        languages=np.zeros((len(offer), 0, len(LANGUAGE_SKILLS)), np.uint8),
        offered=none,
        excluded=none,
        area=np.full(len(offer), -1),
    )
    return need, rest


def gates_alone(offers: Offers, rows: Ints | None = None) -> Offers:
    """Give offers (some rows of them) without their requirements: what gates read."""
    chosen = np.arange(len(offers)) if rows is None else rows
    columns = {
        field.name: getattr(offers, field.name)[chosen]
        for field in fields(Offers)
        if not field.name.startswith("requirement_")
    }
    return Offers(
        **columns,
        requirement_pointer=np.zeros(len(chosen) + 1, np.int64),
        requirement_concept=np.zeros(0, np.int32),
        requirement_is_merit=np.zeros(0, bool),
        requirement_level=np.zeros(0, np.uint8),
    )


def _one_after_another(parts: list[Offers]) -> Offers:
    """Join offers without requirements."""
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Offers)
        if field.name != "requirement_pointer"
    }
    rows = len(columns["id_rank"])
    return Offers(**columns, requirement_pointer=np.zeros(rows + 1, np.int64))


def _likely(offers: Offers, places: Places) -> Offers:
    """Invent offers that ask for everything that the next one may ask for."""
    licences, _, areas, conditions = places.widths
    rows = max(_MOST_HOURS, areas)
    number = np.arange(rows)
    asked = offers.languages.any(axis=0)
    level = np.where(number < HIGHEST_LEVEL, number + 1, 0)
    first = (number == 0)[:, None]
    zeros, no = np.zeros(rows, np.int64), np.zeros(rows, bool)
    return Offers(
        id_rank=number,
        requirement_pointer=np.zeros(rows + 1, np.int64),
        requirement_concept=np.zeros(0, np.int32),
        requirement_is_merit=np.zeros(0, bool),
        requirement_level=np.zeros(0, np.uint8),
        occupation=zeros - 1,
        licences=np.broadcast_to(first, (rows, licences)),
        languages=level[:, None, None] * asked,
        hours_start=np.where(number < _MOST_HOURS, number + 1, 0),
        weekdays=zeros,
        start_from=zeros,
        start_by=zeros,
        season_from=zeros,
        season_to=zeros,
        valid_until=zeros,
        area=np.where(number < areas, number, -1),
        offered=np.zeros((rows, conditions), bool),
        excluded=np.broadcast_to(first, (rows, conditions)),
        employer_barred=no,
        is_open=~no,
        places=zeros + 1,
    )


def _people_with(hours: Any, weekdays: Any, start_from: Any) -> People:
    """Give people of whom nothing else is known."""
    count = len(hours)
    none, no = np.zeros((count, 0), bool), np.zeros(count, bool)
    zeros = np.zeros(count, np.uint8)
    empty = np.zeros(0, np.uint8)
    return People(
        id_rank=zeros,
        wait_days=zeros,
        held_pointer=np.zeros(count + 1, np.int64),
        held_concept=empty,
        held_rung=empty,
        held_level=empty,
        wanted_pointer=np.zeros(count + 1, np.int64),
        wanted_concept=empty,
        licences=none,
        licences_known=no,
        languages=np.zeros((count, 0, len(LANGUAGE_SKILLS)), np.int8),
        hours_per_week=hours,
        weekdays=weekdays,
        start_from=start_from,
        reach=np.full(count, Reach.EVERYWHERE),
        areas=none,
        needs=none,
        needs_known=no,
    )
