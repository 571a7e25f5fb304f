"""Statistics disclosure: which figures stay hidden so that nobody can be pointed out (LAW-12).

Hidden are counts of 1-4, counts whose complement is 1-4, and then as many more as it takes until
none of them can be worked out by adding and subtracting what is shown. A table is seen as rows
(disjoint groups) and totals (over all rows, some or all kinds of people). A hidden figure can be
worked out exactly when it is a linear combination of the shown ones; that is what is tested, so
the guarantee does not rest on having thought of every subtraction.

Pure: no database, no request. The reasons stand in docs/decisions/0003-suppression.md.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, permutations
from typing import Literal

SMALLEST_COUNT = 5
SMALLEST_DENOMINATOR = 10
_DEEPEST = 4
_MOST_LOOKS = 250

Kinds = frozenset[Hashable]
State = Literal["hidden", "shown"]
#: What a figure counts: 1 for a kind of people that it includes, by the rows' kinds and state.
Target = Callable[[Kinds, State], Callable[[Hashable], int]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How few are too few. A unit may choose higher numbers than these, never lower.

    Attributes:
        count: the smallest count that is shown, but for zero.
        denominator: the smallest group that a rate is shown of.
    """

    count: int = SMALLEST_COUNT
    denominator: int = SMALLEST_DENOMINATOR

    def is_small(self, value: int) -> bool:
        """Whether a count is of so few that they could be recognised."""
        return 0 < value < self.count

    def may_show_rate(self, of: int) -> bool:
        """Whether a rate has a denominator large enough to say something."""
        return of >= self.denominator


LEAST = Limits()


@dataclass(frozen=True, slots=True)
class Cell:
    """A count that a report would like to show.

    Attributes:
        value: how many.
        kinds: which kinds of people it can hold, for example ``{("woman", "europe")}``.
        within: the larger count it is a part of, when the rest is a group too (those who have
            not got work among those who started): the rest must not be 1-4 either.
    """

    value: int
    kinds: Kinds
    within: int | None = None

    def is_small(self, limits: Limits) -> bool:
        """Whether it must be hidden whatever else is shown."""
        return limits.is_small(self.value) or (
            self.within is not None and limits.is_small(self.within - self.value)
        )


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must be hidden: positions in the lists given."""

    rows: frozenset[int]
    totals: frozenset[int]


def hide(rows: Sequence[Cell], totals: Sequence[Cell], limits: Limits = LEAST) -> Hidden:
    """Decide which figures of a table stay hidden.

    Among the ways to close every leak with a few more figures it takes the one that spares the
    totals, then the one with fewest figures and people; where that takes too many steps to find,
    it closes one leak at a time. The same table always gives the same answer.

    Args:
        rows: disjoint groups; two rows may hold the same kinds (two employers).
        totals: each counts the people of its kinds in all rows. The most important comes first
            and is hidden last.
        limits: how few are too few.
    """
    return _hide(tuple(rows), tuple(totals), limits)


@lru_cache(maxsize=1_000)  # the search can take longer than the counting; the answer is the table's
def _hide(rows: tuple[Cell, ...], totals: tuple[Cell, ...], limits: Limits) -> Hidden:
    table = _Table(rows, totals, limits)
    while (leak := table.find_leak()) is not None:
        table.hide_all(_Search(table).cheapest() or table.candidates(leak)[:1])
    return Hidden(frozenset(table.hidden_rows), frozenset(table.hidden_totals))


@dataclass(frozen=True, slots=True)
class _Leak:
    """A figure that can be worked out, and with which weights."""

    row_weights: dict[Kinds, Fraction]  # of every shown row that holds these kinds
    total_weights: dict[int, Fraction]


@dataclass(frozen=True, slots=True, order=True)
class _Choice:
    """A shown figure that could be hidden: the lower, the sooner."""

    importance: int  # of a total; rows have none
    empty: int
    value: int
    kind: str
    place: int


class _Table:
    def __init__(self, rows: Sequence[Cell], totals: Sequence[Cell], limits: Limits) -> None:
        self.rows, self.totals, self.limits = rows, totals, limits
        self.hidden_rows = {k for k, cell in enumerate(rows) if cell.is_small(limits)}
        self.hidden_totals = {j for j, cell in enumerate(totals) if cell.is_small(limits)}
        self.small_rests = self._hide_small_rests()

    def _hide_small_rests(self) -> list[Kinds]:
        """Two totals, one inside the other, show the rest: hide the inner when that is 1-4."""
        rests = []
        for outer, inner in permutations(range(len(self.totals)), 2):
            large, small = self.totals[outer], self.totals[inner]
            if small.kinds < large.kinds and self.limits.is_small(large.value - small.value):
                rests.append(large.kinds - small.kinds)
                if outer not in self.hidden_totals:
                    self.hidden_totals.add(inner)
        return rests

    def find_leak(self) -> _Leak | None:
        """The first hidden figure that what is shown gives away."""
        for target in self._targets():
            leak = self._solve(target)
            if leak is not None:
                return leak
        return None

    def _targets(self) -> Iterable[Target]:
        yield from self._single_rows()
        for j in sorted(self.hidden_totals):
            yield _of_kinds(self.totals[j].kinds)
        for rest in self.small_rests:
            yield _of_kinds(rest)
        yield from self._small_sums()

    def _single_rows(self) -> Iterable[Target]:
        """Hidden rows that are alone with their kinds; two alike always stand for each other."""
        for kinds, members in _grouped(self.rows, self.hidden_rows).items():
            if len(members) == 1 and kinds:
                yield _hidden_rows_of(frozenset({kinds}))

    def _small_sums(self) -> Iterable[Target]:
        """Sums of hidden rows that are themselves too small, or as many as there are rows."""
        groups = _grouped(self.rows, self.hidden_rows)
        alike: dict[tuple[bool, ...], list[Kinds]] = {}  # those that no total tells apart
        for kinds in groups:
            alike.setdefault(tuple(kinds <= total.kinds for total in self.totals), []).append(kinds)
        for size in range(1, len(alike) + 1):
            for parts in combinations(alike.values(), size):
                chosen = frozenset(kinds for part in parts for kinds in part)
                members = [self.rows[k] for kinds in chosen for k in groups[kinds]]
                if _is_telling(members, self.limits):
                    yield _hidden_rows_of(chosen)

    def _solve(self, target: Target) -> _Leak | None:
        """Weights with which the shown figures add up to the target; None when there are none.

        Rows are disjoint, so only the totals' weights are unknown: what is left of the target
        after them must vanish on every hidden row, and be the same all over each shown row.
        """
        shown_totals = [j for j in range(len(self.totals)) if j not in self.hidden_totals]
        shown_rows = set(range(len(self.rows))) - self.hidden_rows
        equations: set[tuple[int, ...]] = set()

        def coefficients(kind: Hashable) -> tuple[int, ...]:
            return tuple(int(kind in self.totals[j].kinds) for j in shown_totals)

        for kinds in self._unseen():
            wanted = target(kinds, "hidden")
            equations |= {(*coefficients(kind), wanted(kind)) for kind in kinds}
        shown_groups = _grouped(self.rows, shown_rows)
        for kinds in shown_groups:
            wanted = target(kinds, "shown")
            cases = sorted({(*coefficients(kind), wanted(kind)) for kind in kinds})
            first = cases[0] if cases else ()
            equations |= {tuple(a - b for a, b in zip(c, first, strict=True)) for c in cases[1:]}
        weights = solve_exactly(sorted(equations), len(shown_totals))
        if weights is None:
            return None
        row_weights = {}
        for kinds in shown_groups:
            for kind in sorted(kinds, key=str)[:1]:
                used = sum(
                    (w * c for w, c in zip(weights, coefficients(kind), strict=True)), Fraction(0)
                )
                row_weights[kinds] = target(kinds, "shown")(kind) - used
        leak = _Leak(row_weights, dict(zip(shown_totals, weights, strict=True)))
        # Without weights the target is nobody at all: known to be zero, whatever is shown.
        return leak if any((*row_weights.values(), *weights)) else None

    def _unseen(self) -> Iterable[Kinds]:
        """What the hidden rows hold; of a table without rows, each kind by itself."""
        if self.rows:
            return _grouped(self.rows, self.hidden_rows)
        every: Kinds = frozenset().union(*(total.kinds for total in self.totals))
        return [frozenset({kind}) for kind in sorted(every, key=str)]

    def candidates(self, leak: _Leak) -> list[_Choice]:
        """Figures that the leak needs, the cheapest to hide first; of rows alike the smallest."""
        smallest: dict[Kinds, _Choice] = {}
        for k, cell in enumerate(self.rows):
            if k in self.hidden_rows or not leak.row_weights.get(cell.kinds):
                continue
            # Hiding an empty row only confuses; it is taken when nothing else is left.
            choice = _Choice(0, int(cell.value == 0), cell.value, "row", k)
            smallest[cell.kinds] = min(choice, smallest.get(cell.kinds, choice))
        totals = [
            _Choice(2 ** (len(self.totals) - j), 0, self.totals[j].value, "total", j)
            for j, weight in leak.total_weights.items()
            if weight
        ]
        return sorted([*smallest.values(), *totals])

    def hide_all(self, choices: Iterable[_Choice]) -> None:
        """Hide these figures too."""
        for choice in choices:
            (self.hidden_rows if choice.kind == "row" else self.hidden_totals).add(choice.place)

    def show_again(self, choice: _Choice) -> None:
        """Take one back, when looking for a better way."""
        hidden = self.hidden_rows if choice.kind == "row" else self.hidden_totals
        hidden.remove(choice.place)


class _Search:
    """Looks for the best figures that close every leak: each must be one that a leak needs."""

    def __init__(self, table: _Table) -> None:
        self.table = table
        self.looks = 0
        self.seen: set[tuple[frozenset[_Choice], int]] = set()  # in whatever order taken
        self.best: tuple[tuple[int, ...], tuple[_Choice, ...]] | None = None

    def cheapest(self) -> tuple[_Choice, ...]:
        """The cheapest set found, small ones looked at first; empty when there was none."""
        for depth in range(1, _DEEPEST + 1):
            self._look((), depth)
        return self.best[1] if self.best is not None else ()

    def _look(self, taken: tuple[_Choice, ...], depth: int) -> None:
        cost, sort = _cost(taken), (frozenset(taken), depth)
        if sort in self.seen:
            return
        self.seen.add(sort)
        self.looks += 1
        if self.looks > _MOST_LOOKS or (self.best is not None and cost >= self.best[0]):
            return
        leak = self.table.find_leak()
        if leak is None:
            self.best = (cost, taken)
        elif depth:
            for choice in self.table.candidates(leak):
                self.table.hide_all([choice])
                self._look((*taken, choice), depth - 1)
                self.table.show_again(choice)


def _cost(taken: Sequence[_Choice]) -> tuple[int, ...]:
    """Totals first, then how many figures, then how many people they stand for."""
    return (
        sum(choice.importance for choice in taken),
        len(taken),
        sum(choice.empty for choice in taken),
        sum(choice.value for choice in taken),
    )


def solve_exactly(
    equations: Sequence[tuple[int, ...]], unknowns: int
) -> tuple[Fraction, ...] | None:
    """Solve linear equations in fractions; None when they contradict each other.

    Args:
        equations: the coefficients and, last, what they add up to.
        unknowns: how many coefficients each has. Those left free are zero in the answer.
    """
    left = [[Fraction(value) for value in equation] for equation in equations]
    pivots: list[int] = []
    for column in range(unknowns):
        done = len(pivots)
        found = next((r for r in range(done, len(left)) if left[r][column]), None)
        if found is None:
            continue
        left[done], left[found] = left[found], left[done]
        head = left[done][column]
        left[done] = [value / head for value in left[done]]
        for r, line in enumerate(left):
            if r != done and line[column]:
                factor = line[column]
                left[r] = [a - factor * b for a, b in zip(line, left[done], strict=True)]
        pivots.append(column)
    if any(line[-1] for line in left[len(pivots) :]):
        return None
    answer = [Fraction(0)] * unknowns
    for position, column in enumerate(pivots):
        answer[column] = left[position][-1]
    return tuple(answer)


def _is_telling(members: Sequence[Cell], limits: Limits) -> bool:
    """Whether the sum of hidden rows says too much about them.

    A sum of 1-4 is a small count of its own; k rows that add up to k are known to be 1 each.
    """
    total = sum(cell.value for cell in members)
    if limits.is_small(total) or 0 < total <= len(members):
        return True
    wholes = [cell.within for cell in members]
    rest = sum(w for w in wholes if w is not None) - total
    return None not in wholes and limits.is_small(rest)


def _grouped(rows: Sequence[Cell], chosen: Iterable[int]) -> dict[Kinds, list[int]]:
    groups: dict[Kinds, list[int]] = {}
    for k in sorted(chosen):
        groups.setdefault(rows[k].kinds, []).append(k)
    return groups


def _of_kinds(counted: Kinds) -> Target:
    """A total: the same kinds in every row."""
    return lambda _kinds, _state: lambda kind: int(kind in counted)


def _hidden_rows_of(chosen: frozenset[Kinds]) -> Target:
    """The hidden rows that hold exactly these kinds, together."""
    return lambda kinds, state: lambda _kind: int(state == "hidden" and kinds in chosen)
