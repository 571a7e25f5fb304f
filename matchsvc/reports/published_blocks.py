"""How people are put together into blocks that may be published; all else is sums of blocks.

A block is a group of people that is large enough, or nobody. What is published of a quarter is a
partition of its people into blocks, and so is what is published of a year. Nothing finer than a
block ever leaves this module, so no page, file or program can show it by mistake. That quarters
and years together tell nothing more is tested here with linear programming before a year is
published. Pure: no database, no request. Reasons: docs/decisions/0013-published-tables.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import combinations, count
from typing import Generic, TypeVar

from matchsvc.reports.suppression import Limits

Item = TypeVar("Item", bound="str | tuple[str, ...]")
Kind = tuple[str, str]  # sex, region of birth
Atom = tuple[Kind, int]  # of a kind, counted in a quarter (0-3)
#: How much a partition is worth to the reader: the more, the better. Coarser is never worth more.
Worth = Callable[[Collection[frozenset[Item]]], int]
#: Items that a partition gives away, or None.
Leak = Callable[[Collection[frozenset[Item]]], frozenset[Item] | None]

#: How many partitions are tried before the best of them is followed straight to its end.
_MOST_LOOKS = 200


@dataclass(frozen=True, slots=True)
class Block(Generic[Item]):
    """People who are shown together.

    Attributes:
        items: kinds of people, or values of a further dimension.
        persons: how many they are together.
    """

    items: frozenset[Item]
    persons: int


def room(limits: Limits) -> int:
    """By how much a hidden small count must be able to vary: it has one value more than this."""
    return limits.count - 2


def is_safe(persons: int, items: int, limits: Limits) -> bool:
    """Whether so many people of so many kinds, each with somebody, may be shown as one number.

    Seven people of five kinds are not: each kind is then of one to three.
    """
    if limits.is_small(persons):
        return False
    return items <= 1 or persons - items >= room(limits)


def partition(
    counts: Mapping[Item, int],
    limits: Limits,
    worth: Worth[Item],
    leak: Leak[Item] = lambda _: None,
    simple: Collection[frozenset[frozenset[Item]]] = (),
) -> list[Block[Item]] | None:
    """The partition of most worth in which every block is safe and nothing leaks.

    Begins with each group for itself and puts together, always going on from what is worth most:
    putting together never adds worth, so the first that will do is the best that was met.

    Args:
        counts: how many there are of each; groups with nobody are in no block, and are known to
            be empty.
        limits: how few are too few.
        worth: what to keep apart.
        leak: items of which one must be put together with others, or None.
        simple: partitions to begin with too, for when all others leak.

    Returns:
        None when there is no such partition.
    """
    start = frozenset(frozenset({item}) for item, persons in counts.items() if persons)
    seen = {start, *simple}
    waiting = [(-worth(blocks), 0, _sorted(blocks), blocks) for blocks in seen]
    heapify(waiting)
    for tried in count():
        if not waiting:
            return None
        _, _, _, blocks = heappop(waiting)
        if tried > _MOST_LOOKS:  # too many ways to try them all: straight on from here
            waiting = [each for each in waiting if each[3] in simple]
        bad = [block for block in blocks if not _is_safe(counts, block, limits)]
        if bad:
            to_join = {min(bad, key=lambda block: (_persons(counts, block), sorted(block)))}
        else:
            touched = leak(blocks)
            if touched is None:
                return [
                    Block(block, _persons(counts, block)) for block in sorted(blocks, key=sorted)
                ]
            to_join = {block for block in blocks if block & touched}
        for one, other in ((a, b) for a in to_join for b in blocks if a != b):
            after = (blocks - {one, other}) | {one | other}
            if after not in seen:
                seen.add(after)
                moved = sum(_persons(counts, block) for block in after if len(block) > 1)
                heappush(waiting, (-worth(after), moved, _sorted(after), after))
    raise AssertionError  # the loop has no end of its own


def _sorted(blocks: Iterable[frozenset[Item]]) -> list[list[Item]]:
    return sorted(sorted(block) for block in blocks)


def in_order(
    counts: Mapping[Item, int], order: Sequence[Item], limits: Limits
) -> list[Block[Item]] | None:
    """As :func:`partition` for values with an order: only neighbours are put together."""
    blocks = [frozenset({item}) for item in order if counts.get(item)]
    while bad := [k for k, block in enumerate(blocks) if not _is_safe(counts, block, limits)]:
        if len(blocks) == 1:
            return None
        sides = [k for k in (bad[0] - 1, bad[0] + 1) if 0 <= k < len(blocks)]
        other = min(sides, key=lambda k: (_persons(counts, blocks[k]), k))
        first, last = sorted((bad[0], other))
        blocks[first : last + 1] = [blocks[first] | blocks[last]]
    return [Block(block, _persons(counts, block)) for block in blocks]


def common(partitions: Iterable[Iterable[frozenset[Item]]]) -> list[frozenset[Item]]:
    """The finest sets of items that are unions of blocks in every partition that holds them."""
    found: list[frozenset[Item]] = []
    for blocks in partitions:
        for block in blocks:
            touched = [each for each in found if each & block]
            found = [each for each in found if not each & block]
            found.append(block.union(*touched))
    return sorted(found, key=sorted)


def year_blocks(
    quarters: Sequence[Mapping[Kind, int]],
    shown: Sequence[Sequence[frozenset[Kind]]],
    populations: Collection[frozenset[Kind]],
    limits: Limits,
    worth: Worth[Kind],
    simple: Collection[frozenset[frozenset[Kind]]] = (),
) -> list[Block[Kind]]:
    """The finest blocks of a year that tell nothing more about what its quarters hide.

    Args:
        quarters: persons of each kind counted in each quarter.
        shown: the blocks that each quarter has been published with.
        populations: sets of kinds whose sums must be safe too.
        limits: how few are too few.
        worth: what to keep apart.
        simple: as in :func:`partition`.
    """
    counts: dict[Kind, int] = {}
    for quarter in quarters:
        for kind, persons in quarter.items():
            counts[kind] = counts.get(kind, 0) + persons
    together = frozenset(kind for kind, persons in counts.items() if persons)
    people = {
        (kind, q): n for q, quarter in enumerate(quarters) for kind, n in quarter.items() if n
    }
    targets = _small_groups(people, len(quarters), populations, limits)

    def leak(blocks: Collection[frozenset[Kind]]) -> frozenset[Kind] | None:
        if together in blocks:
            return None
        found = _first_leak(people, shown, blocks, targets, limits)
        return None if found is None else frozenset(kind for kind, _ in found)

    blocks = partition(counts, limits, worth, leak, simple)
    if blocks is None or len(blocks) == 1:  # sums of what the quarters have shown are no news
        return [Block(block, _persons(counts, block)) for block in common(shown)]
    return blocks


def _first_leak(
    people: Mapping[Atom, int],
    shown: Sequence[Sequence[frozenset[Kind]]],
    year: Collection[frozenset[Kind]],
    targets: list[frozenset[Atom]],
    limits: Limits,
) -> frozenset[Atom] | None:
    """A group of few people whose number quarters and year together fix too closely.

    It is moved to the front of the targets: what leaks once often leaks again.
    """
    forms = [
        frozenset((kind, q) for kind in block if (kind, q) in people)
        for q, blocks in enumerate(shown)
        for block in blocks
    ]
    forms += [frozenset(atom for atom in people if atom[0] in block) for block in year]
    alike: dict[tuple[bool, ...], list[Atom]] = {}
    for atom in people:
        alike.setdefault(tuple(atom in form for form in forms), []).append(atom)
    system = _System(people, [form for form in forms if form], list(alike.values()))
    for place, target in enumerate(targets):
        if not system.varies(target, room(limits)):
            targets.insert(0, targets.pop(place))
            return target
    return None


def _small_groups(
    people: Mapping[Atom, int],
    quarters: int,
    populations: Collection[frozenset[Kind]],
    limits: Limits,
) -> list[frozenset[Atom]]:
    """Groups of one to four people that one may ask for: of a quarter, several, or the year."""
    kinds = sorted({kind for kind, _ in people})
    sets = {frozenset({kind}) for kind in kinds} | set(populations)
    sets |= {frozenset(pair) for pair in combinations(kinds, 2)}
    spans = [
        set(span) for size in range(1, quarters + 1) for span in combinations(range(quarters), size)
    ]
    found = {
        group
        for span in spans
        for chosen in sets
        if (group := frozenset(a for a in people if a[0] in chosen and a[1] in span))
        and limits.is_small(sum(people[atom] for atom in group))
    }
    return sorted(found, key=lambda group: (len(group), sorted(group)))


class _System:
    """What is known: sums of people over forms, and that each atom here has somebody."""

    def __init__(
        self,
        people: Mapping[Atom, int],
        forms: Sequence[frozenset[Atom]],
        alike: Sequence[Sequence[Atom]],
    ) -> None:
        self.people, self.forms, self.alike = people, forms, alike
        self.places = {atom: k for k, atom in enumerate(people)}

    def varies(self, target: frozenset[Atom], enough: int) -> bool:
        """Whether the target can have ``enough`` more values than one, all else being as shown."""
        free = 0
        for atoms in self.alike:  # those that no form tells apart can change places freely
            inside = sum(atom in target for atom in atoms)
            if 0 < inside < len(atoms):
                free += sum(self.people[atom] for atom in atoms) - len(atoms)
        return free >= enough or self._width(target) >= enough - 1e-6

    def _width(self, target: frozenset[Atom]) -> float:
        import numpy as np
        from scipy.optimize import linprog

        known = np.zeros((len(self.forms), len(self.places)))
        for row, form in enumerate(self.forms):
            known[row, [self.places[atom] for atom in form]] = 1
        sums = [sum(self.people[atom] for atom in form) for form in self.forms]
        wanted = np.zeros(len(self.places))
        wanted[[self.places[atom] for atom in target]] = 1
        ends = [
            linprog(sign * wanted, A_eq=known, b_eq=sums, bounds=(1, None), method="highs").fun
            for sign in (1, -1)
        ]
        return float(-ends[1] - ends[0])


def _persons(counts: Mapping[Item, int], block: Iterable[Item]) -> int:
    return sum(counts.get(item, 0) for item in block)


def _is_safe(counts: Mapping[Item, int], block: frozenset[Item], limits: Limits) -> bool:
    present = sum(1 for item in block if counts.get(item))
    return is_safe(_persons(counts, block), present, limits)
