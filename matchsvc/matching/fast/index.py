"""The people as the fast engine reads them: blocks of columns, postings and gate planes.

People stand in blocks of at most 4,096, so that what a block holds stays in a core's cache while
offer after offer is scored against it, and in groups of 64, one bit each in a machine word.

| array | holds |
|---|---|
| `place` | per concept: 0 nobody holds it, c + 1 column c, -(l + 1) posting list l |
| `dense` | per block a column for each frequent concept: everybody's tenths, 0 where not held |
| `posting` | per block a list for each rare concept: who holds it (her place in it), the tenths |
| `planes` | per block and gate a bit per person: the gate is not known to be closed |
| `alive` | a bit per person: 0 for padding and for who has been taken out |
| `held_*` | per person the concepts with tenths, for explanations and changes |

`held` and the rest are expanded: a person's tenths for a concept are the best she has for it or
anything beneath it, so an offer reads a concept, its parent and its grandparent alike.

Tenths fit four bits. A group takes 32 bytes of a column: byte i holds person i in its lower half
and person 32 + i in its upper. A posting list is a multiple of eight long: it begins with entries
of 0 tenths, which add nothing.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

GROUP = 64
LARGEST_BLOCK = 4_096
TENTHS_BITS = 4
TENTHS = (1 << TENTHS_BITS) - 1
SORTED_GATES = 32
LIST_STEP = 8
DENSE_SHARE = 0.04  # of people who hold a concept for it to get columns

Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Index:
    """Everybody, laid out for scoring. Positions are places in the blocks; rows are the caller's.

    Built by `build_index`; `places` = blocks x block length; `groups` = block length / 64.
    """

    parent: NDArray[np.int32]  # (concepts,)
    wait_days: NDArray[np.int64]  # (people,)
    id_rank: NDArray[np.int64]  # (people,)
    position: NDArray[np.int64]  # (people,) her place
    row: NDArray[np.int64]  # (places,) who stands there, -1 nobody
    rank: NDArray[np.uint32]  # (places,) 0 goes first when cover is equal: longest wait, then id
    by_rank: NDArray[np.int64]  # (people,) row by rank
    alive: NDArray[np.uint64]  # (blocks, groups)
    planes: NDArray[np.uint64]  # (blocks, gates, groups)
    place: NDArray[np.int32]  # (concepts,)
    dense: NDArray[np.uint8]  # (blocks, columns, block length / 2)
    posting_pointer: NDArray[np.uint32]  # (blocks, lists + 1)
    posting: NDArray[np.uint16]  # (postings,) place in the block << 4 | tenths, rising
    held_pointer: NDArray[np.int64]  # (places + 1,)
    held: NDArray[np.uint32]  # (facts,) concept << 4 | tenths, concepts rising

    def __len__(self) -> int:
        return len(self.position)

    @property
    def blocks(self) -> int:
        """Give how many blocks there are."""
        return len(self.alive)

    @property
    def block_length(self) -> int:
        """Give how many places a block has, a multiple of 64."""
        return int(self.alive.shape[1]) * GROUP

    @property
    def gates(self) -> int:
        """Give how many gates people's bits know."""
        return int(self.planes.shape[1])

    @property
    def nbytes(self) -> int:
        """Give the memory of all arrays."""
        return sum(array.nbytes for array in vars(self).values())


def build_index(
    *,
    people: int,
    parent: ArrayLike,
    held_row: ArrayLike,
    held_concept: ArrayLike,
    held_tenths: ArrayLike,
    has: ArrayLike,
    wait_days: ArrayLike | None = None,
    id_rank: ArrayLike | None = None,
    likely_need: ArrayLike | None = None,
    block_length: int | None = None,
) -> Index:
    """Lay people out.

    Args:
        people: how many there are; rows are 0 up to it.
        parent: (concepts,) one line upward, -1 at the top.
        held_row: (held,) whose competence it is, in any order; a concept may come twice.
        held_concept: (held,)
        held_tenths: (held,) evidence in tenths, 1-10.
        has: (people,) or (people, words) uint64 gate bits: gate g is bit g % 64 of word g // 64.
        wait_days: (people,) 0 for everybody when left out.
        id_rank: (people,) the row when left out.
        likely_need: (offers,) or (offers, words) gate bits of offers to expect. People closed to
            the same of them then stand together; it changes the speed and nothing else.
        block_length: places of a block, a multiple of 64 up to 4,096.

    Raises:
        ValueError: a row, concept or number of tenths that cannot be.
    """
    parents = np.asarray(parent, np.int32)
    rows, concepts, tenths = (np.asarray(a) for a in (held_row, held_concept, held_tenths))
    _demand_within(rows, people, "a competence of nobody")
    _demand_within(concepts, len(parents), "no such concept")
    _demand_within(tenths, 11, "evidence is 1 to 10 tenths")
    if not np.all(tenths):
        raise ValueError("evidence is 1 to 10 tenths")
    waits = np.zeros(people, np.int64) if wait_days is None else np.asarray(wait_days, np.int64)
    ids = np.arange(people) if id_rank is None else np.asarray(id_rank, np.int64)
    words = gate_words(has, people)
    length = block_length or good_block_length(people)
    if length % GROUP or not 0 < length <= LARGEST_BLOCK:
        raise ValueError("a block is a multiple of 64 places, at most 4,096")

    by_rank = np.lexsort((ids, -waits))
    order = by_rank[np.argsort(~_alike(words, likely_need)[by_rank], kind="stable")]
    places = -(-people // length) * length
    row = np.full(places, -1, np.int64)
    row[:people] = order
    position = np.empty(people, np.int64)
    position[order] = np.arange(people)
    rank = np.full(places, np.iinfo(np.uint32).max, np.uint32)
    rank[position[by_rank]] = np.arange(people)

    facts = _facts_by_block(position[rows], concepts, tenths, length, places, len(parents))
    with ThreadPoolExecutor() as pool:  # sorting lets go of the interpreter
        held = list(pool.map(partial(expand, parent=parents), facts))
        layout = _Layout.of(held, people, length, len(parents))
        blocks = list(pool.map(layout.block, held))
    return Index(
        parent=parents,
        wait_days=waits,
        id_rank=ids,
        position=position,
        row=row,
        rank=rank,
        by_rank=by_rank,
        alive=_bits((row >= 0)[:, None], length)[:, 0],
        planes=_planes(words, row, length),
        place=layout.place,
        **_joined(blocks, layout),
    )


def gate_words(bits: ArrayLike, rows: int) -> NDArray[np.uint64]:
    """Give gate bits as (rows, words); raises ValueError for another number of rows."""
    words = np.asarray(bits, np.uint64)
    words = words[:, None] if words.ndim == 1 else words
    if len(words) != rows:
        raise ValueError("gate bits have one entry per row")
    return words


def good_block_length(people: int) -> int:
    """Give a length that keeps the last block from standing half empty."""
    blocks = max(1, -(-people // LARGEST_BLOCK))
    return max(GROUP, -(-people // (blocks * GROUP)) * GROUP)


def _alike(words: NDArray[np.uint64], need: ArrayLike | None) -> NDArray[np.uint64]:
    """Give a key per person: her bits for the gates that close most pairs, in that order."""
    key = np.zeros(len(words), np.uint64)
    if need is None or not len(words):
        return key
    asked = gate_words(need, len(np.asarray(need)))
    closes = _share(asked) * (1 - _share(words))[: 64 * asked.shape[1]]
    for gate in np.argsort(-closes, kind="stable")[:SORTED_GATES]:
        bit = (words[:, gate // 64] >> np.uint64(gate % 64)) & np.uint64(1)
        key = (key << np.uint64(1)) | bit
    return key


def _share(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Give the share of rows with each bit."""
    bits = [((words >> np.uint64(bit)) & np.uint64(1)).sum(axis=0) for bit in range(64)]
    return np.stack(bits, axis=1).ravel() / max(len(words), 1)


_CONCEPT_BITS = {4: 16, 8: 28}  # by the bytes of a packed fact; 12 for a place in a block
_FEW_CONCEPTS = 1 << _CONCEPT_BITS[4]


def _facts_by_block(
    place: Ints, concept: Ints, tenths: Ints, length: int, places: int, concepts: int
) -> list[Ints]:
    """Give each block's facts, packed with places within the block; small numbers sort faster."""
    block, at = np.divmod(place.astype(np.int32), np.int32(length))
    kind = np.uint32 if concepts <= _FEW_CONCEPTS else np.int64
    packed = _packed(at, concept, tenths, kind)
    order = np.argsort(block.astype(np.uint16), kind="stable")
    ends = np.cumsum(np.bincount(block, minlength=places // length))
    return np.split(packed[order], ends[:-1]) if len(ends) else []


def _packed(place: Ints, concept: Ints, tenths: Ints, kind: type) -> Ints:
    above = _place_shift(kind)
    packed: Ints = place.astype(kind) << kind(above)
    packed |= concept.astype(kind) << kind(TENTHS_BITS)
    packed |= tenths.astype(kind)
    return packed


def _place_shift(kind: Any) -> int:
    return _CONCEPT_BITS[np.dtype(kind).itemsize] + TENTHS_BITS


def expand(facts: Ints, parent: NDArray[np.int32]) -> Ints:
    """Give packed facts with everything above them, the best tenths once per place and concept."""
    kind = facts.dtype.type
    concept_mask = kind((1 << _place_shift(kind)) - 1 - TENTHS)
    found, above = [facts], facts
    while above.size:
        up = parent[(above & concept_mask) >> kind(TENTHS_BITS)]
        above, up = above[up >= 0], up[up >= 0]
        above = (above & ~concept_mask) | (up.astype(kind) << kind(TENTHS_BITS))
        found.append(above)
    everything = np.sort(np.concatenate(found))
    key = everything >> kind(TENTHS_BITS)
    last = np.ones(len(key), bool)
    last[:-1] = key[1:] != key[:-1]
    return everything[last]


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One block before the blocks are joined."""

    held_count: NDArray[np.int64]  # (block length,)
    held: NDArray[np.uint32]
    dense: NDArray[np.uint8]  # (columns, block length / 2)
    list_end: Ints  # (lists,)
    posting: NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Which concepts have columns and which lists, the same in every block."""

    place: NDArray[np.int32]  # (concepts,)
    columns: int
    lists: int
    length: int

    @classmethod
    def of(cls, held: list[Ints], people: int, length: int, concepts: int) -> "_Layout":
        """Decide by how many hold a concept."""
        count = np.zeros(concepts, np.int64)
        for facts in held:
            count += np.bincount(_concept(facts), minlength=concepts)
        is_column = count >= max(DENSE_SHARE * people, 1)
        is_list = (count > 0) & ~is_column
        place = np.zeros(concepts, np.int32)
        columns, lists = int(is_column.sum()), int(is_list.sum())
        place[is_column] = 1 + np.arange(columns)
        place[is_list] = -1 - np.arange(lists)
        return cls(place, columns, lists, length)

    def block(self, held: Ints) -> _Block:
        """Lay out one block's expanded facts."""
        shift = _place_shift(held.dtype)
        at, tenths = (held >> shift).astype(np.uint16), held & TENTHS
        where = self.place[_concept(held)]
        in_column = where > 0
        dense = np.zeros((self.columns, self.length), np.uint8)
        dense[where[in_column] - 1, at[in_column]] = tenths[in_column]
        entries = ((at << TENTHS_BITS) | tenths).astype(np.uint16)[~in_column]
        list_end, posting = self._lists(-1 - where[~in_column], entries)
        return _Block(
            held_count=np.bincount(at, minlength=self.length),
            held=(held & ((1 << shift) - 1)).astype(np.uint32),
            dense=packed_columns(dense),
            list_end=list_end,
            posting=posting,
        )

    def _lists(self, of_list: Ints, entries: Ints) -> tuple[Ints, NDArray[np.uint16]]:
        few = self.lists <= np.iinfo(np.uint16).max  # small numbers are sorted by counting
        order = np.argsort(of_list.astype(np.uint16 if few else np.int64), kind="stable")
        of_list, entries = of_list[order], entries[order]
        count = np.bincount(of_list, minlength=self.lists)
        after = np.cumsum(-(-count // LIST_STEP) * LIST_STEP)
        ends = np.cumsum(count)
        first = entries[(ends - count)[count > 0]] & ~np.uint16(TENTHS)
        posting = np.repeat(first, np.diff(after, prepend=0)[count > 0])
        posting[np.arange(len(entries)) + np.repeat(after - ends, count)] = entries
        return after, posting


def packed_columns(tenths: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give (columns, places / 2) from everybody's tenths, (columns, places)."""
    columns, places = tenths.shape
    halves = tenths.reshape(columns, places // GROUP, 2, GROUP // 2)
    packed = halves[:, :, 0] | halves[:, :, 1] << TENTHS_BITS
    return np.asarray(packed.reshape(columns, places // 2))


def unpacked_columns(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give (columns, places) everybody's tenths from columns as an index keeps them."""
    columns, half = packed.shape
    both = packed.reshape(columns, 2 * half // GROUP, GROUP // 2)
    return np.stack([both & TENTHS, both >> TENTHS_BITS], axis=2).reshape(columns, 2 * half)


def _concept(facts: Ints) -> Ints:
    kind = facts.dtype.type
    return (facts & kind((1 << _place_shift(kind)) - 1)) >> kind(TENTHS_BITS)


def _joined(blocks: list[_Block], layout: _Layout) -> dict[str, Any]:
    def all_of(name: str, kind: type) -> Any:
        return np.concatenate([np.empty(0, kind), *(getattr(b, name) for b in blocks)])

    pointer = np.zeros((len(blocks), layout.lists + 1), np.int64)
    first = 0
    for number, block in enumerate(blocks):
        pointer[number, 0] = first
        pointer[number, 1:] = first + block.list_end
        first += len(block.posting)
    columns = [np.empty((0, layout.columns, layout.length // 2), np.uint8)]
    return {
        "dense": np.concatenate([*columns, *(block.dense[None] for block in blocks)]),
        "posting_pointer": pointer.astype(np.uint32),
        "posting": all_of("posting", np.uint16),
        "held_pointer": _pointer(all_of("held_count", np.int64)),
        "held": all_of("held", np.uint32),
    }


def _pointer(counts: Ints) -> NDArray[np.int64]:
    return np.append(0, np.cumsum(counts)).astype(np.int64)


def _bits(flags: NDArray[Any], length: int) -> NDArray[np.uint64]:
    """Give (places, planes) flags as (blocks, planes, groups) words, lowest bit first."""
    places, planes = flags.shape
    packed = np.packbits(flags, axis=0, bitorder="little").T  # (planes, places / 8)
    words = np.ascontiguousarray(packed).view("<u8").astype(np.uint64)
    blocks = places // length
    return np.ascontiguousarray(words.reshape(planes, blocks, length // GROUP).transpose(1, 0, 2))


def _planes(words: NDArray[np.uint64], row: Ints, length: int) -> NDArray[np.uint64]:
    """Give (blocks, gates, groups): a word per gate of 64 people, from a word per person."""
    blocks, groups = len(row) // length, length // GROUP
    has = np.append(words, np.zeros((1, words.shape[1]), np.uint64), axis=0)[row]  # -1: nobody
    planes = np.empty((blocks, words.shape[1] * 64, groups), np.uint64)
    for block in range(blocks):
        mine = np.ascontiguousarray(has[block * length : (block + 1) * length].astype("<u8"))
        flags = np.unpackbits(mine.view(np.uint8), axis=1, bitorder="little")  # (length, gates)
        planes[block] = _bits(flags, length)[0]
    return planes


def _demand_within(numbers: Ints, end: int, message: str) -> None:
    if numbers.size and (numbers.min() < 0 or numbers.max() >= end):
        raise ValueError(message)
