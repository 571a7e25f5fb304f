"""No hidden figure can be worked out; checked by other means than the code's own."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some
from scipy.optimize import Bounds, LinearConstraint, milp

from matchsvc.reports.outcomes import POPULATIONS
from matchsvc.reports.suppression import LEAST, Cell, Limits, hide, solve_exactly
from tests.soak import SOAK

PRIME = 2**31 - 1
SEXES = ("woman", "man", "unknown")
REGIONS = ("sweden", "europe", "outside_europe", "unknown")
KINDS = tuple((sex, region) for sex in SEXES for region in REGIONS)


def rank(vectors):
    """Rank over a large prime field, by plain elimination."""
    left = [[value % PRIME for value in vector] for vector in vectors]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((r for r in range(found, len(left)) if left[r][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        inverse = pow(left[found][column], -1, PRIME)
        for r in range(found + 1, len(left)):
            factor = left[r][column] * inverse % PRIME
            if factor:
                left[r] = [
                    (a - factor * b) % PRIME for a, b in zip(left[r], left[found], strict=True)
                ]
        found += 1
    return found


def follows_from(target, shown):
    """Whether a figure is a linear combination of others."""
    return bool(shown) and rank([*shown, target]) == rank(shown)


class Table:
    """A table made from atoms: people of one kind in one group of rows."""

    def __init__(self, atoms, rows, populations, rests=None):
        """``atoms``: {(row key, kind): value}; ``rows``: row keys; ``populations``: kinds each.

        ``rests``: how many more there are in the whole that each atom is a part of.
        """
        self.places = {atom: place for place, atom in enumerate(atoms)}
        self.atoms = atoms
        self.row_atoms = [[atom for atom in atoms if atom[0] == key] for key in rows]
        self.total_atoms = [[atom for atom in atoms if atom[1] in kinds] for kinds in populations]
        self.rests = rests
        self.rows = [self.cell(inside) for inside in self.row_atoms]
        self.totals = [self.cell(inside) for inside in self.total_atoms]
        self.hidden = hide(self.rows, self.totals)

    def cell(self, inside):
        value = sum(self.atoms[atom] for atom in inside)
        whole = None if self.rests is None else value + sum(self.rests[atom] for atom in inside)
        return Cell(value, frozenset(atom[1] for atom in inside), whole)

    def vector(self, inside):
        made = [0] * len(self.places)
        for atom in inside:
            made[self.places[atom]] = 1
        return made

    @property
    def shown(self):
        rows = [a for k, a in enumerate(self.row_atoms) if k not in self.hidden.rows]
        totals = [a for j, a in enumerate(self.total_atoms) if j not in self.hidden.totals]
        return [
            (self.vector(inside), sum(self.atoms[a] for a in inside)) for inside in rows + totals
        ]

    @property
    def hidden_atoms(self):
        rows = [a for k, a in enumerate(self.row_atoms) if k in self.hidden.rows]
        totals = [a for j, a in enumerate(self.total_atoms) if j in self.hidden.totals]
        return rows + totals

    def range_of(self, inside, least):
        """The smallest and largest value that agree with all that is shown."""
        limits = Bounds(np.zeros(len(self.places)), np.full(len(self.places), np.inf))
        rules = [LinearConstraint(np.array(vector), value, value) for vector, value in self.shown]
        for k in self.hidden.rows:
            vector = np.array(self.vector(self.row_atoms[k]))
            rules.append(LinearConstraint(vector, least, np.inf))
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * np.array(self.vector(inside)),
                constraints=rules,
                bounds=limits,
                integrality=np.ones(len(self.places)),
            )
            ends.append(np.inf if found.x is None else round(sign * found.fun))
        return ends


def populations_of(kinds):
    return [frozenset(filter(test, kinds)) for test in POPULATIONS.values()]


counts = some.one_of(some.integers(0, 7), some.integers(0, 60), some.just(0))


@some.composite
def tables(draw, ways=("sex", "region", "both", "employer", "employer and sex")):
    """Tables as reports make them: by sex, region or both, or by employers that know neither."""
    kinds = draw(some.lists(some.sampled_from(KINDS), min_size=1, max_size=12, unique=True))
    by = draw(some.sampled_from(ways))
    groups = draw(some.integers(1, 4)) if by.startswith("employer") else 1
    key = {
        "sex": lambda group, kind: kind[0],
        "region": lambda group, kind: kind[1],
        "both": lambda group, kind: kind,
        "employer": lambda group, kind: group,
        "employer and sex": lambda group, kind: (group, kind[0]),
    }[by]
    atoms = {
        (key(group, kind), group, kind): draw(counts) for group in range(groups) for kind in kinds
    }
    merged = {(row, kind): value for (row, _, kind), value in atoms.items()}
    rests = {atom: draw(counts) for atom in merged} if draw(some.booleans()) else None
    return Table(merged, sorted({row for row, _ in merged}, key=str), populations_of(kinds), rests)


generously = settings(
    max_examples=300 if SOAK else 100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@generously
@given(tables())
def test_no_hidden_figure_follows_from_the_shown_ones(table):
    shown = [vector for vector, _ in table.shown]

    for inside in table.hidden_atoms:
        assert not follows_from(table.vector(inside), shown) or not inside


@generously
@given(tables())
def test_every_small_count_is_hidden(table):
    assert {
        k for k, cell in enumerate(table.rows) if LEAST.is_small(cell.value)
    } <= table.hidden.rows
    assert {
        j for j, cell in enumerate(table.totals) if LEAST.is_small(cell.value)
    } <= table.hidden.totals


@generously
@given(tables())
def test_every_part_whose_rest_is_small_is_hidden(table):
    assume(table.rests is not None)

    for k, cell in enumerate(table.rows):
        assert k in table.hidden.rows or not LEAST.is_small(cell.within - cell.value)
    for j, cell in enumerate(table.totals):
        assert j in table.hidden.totals or not LEAST.is_small(cell.within - cell.value)


@generously
@given(tables())
def test_the_rest_of_a_population_is_never_1_to_4(table):
    shown = [vector for vector, _ in table.shown]

    for outer, inner in combinations(range(len(table.totals)), 2):
        rest = set(table.total_atoms[outer]) - set(table.total_atoms[inner])
        if set(table.total_atoms[inner]) < set(table.total_atoms[outer]):
            small = LEAST.is_small(sum(table.atoms[atom] for atom in rest))
            assert not (small and follows_from(table.vector(rest), shown))


@generously
@given(tables(ways=("both",)))
def test_a_hidden_small_figure_could_always_have_been_another_number(table):
    small = [
        inside for inside in table.hidden_atoms if LEAST.is_small(sum(map(table.atoms.get, inside)))
    ]
    assume(small)
    # Who knows the rules knows that a hidden row is not empty, unless an empty one had to hide.
    least = 0 if any(table.rows[k].value == 0 for k in table.hidden.rows) else 1

    for inside in small:
        low, high = table.range_of(inside, least)
        assert low < high


@generously
@given(tables())
def test_hiding_is_the_same_every_time(table):
    assert hide(table.rows, table.totals) == table.hidden


@given(some.lists(some.integers(5, 500), min_size=1, max_size=12))
def test_nothing_is_hidden_where_nothing_is_small(values):
    rows = [Cell(value, frozenset({k})) for k, value in enumerate(values)]
    everybody = Cell(sum(values), frozenset(range(len(values))))

    assert hide(rows, [everybody]).rows == frozenset()
    assert hide(rows, [everybody]).totals == frozenset()


def one_table(*values):
    rows = [Cell(value, frozenset({k})) for k, value in enumerate(values)]
    return hide(rows, [Cell(sum(values), frozenset(range(len(values))))])


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ((3, 20, 30), {0, 1}),  # the second smallest goes too, or the total would tell
        ((0, 20, 30), set()),  # nobody is not few
        ((4, 5), {0, 1}),
        ((5, 5), set()),
        ((1, 1, 30, 9), {0, 1, 3}),  # 1 + 1 is a small count of its own
        ((1, 1, 1, 1, 1, 50), {0, 1, 2, 3, 4, 5}),  # five that add up to five are one each
        ((2, 0, 40), {0, 2}),
    ],
)
def test_examples_by_hand(values, hidden):
    found = one_table(*values)

    assert found.rows == hidden
    assert found.totals == frozenset()


def test_three_unknown_people_hide_as_little_as_can_be():
    """They are everybody minus women minus men: one row of men and the men's total must go."""
    sizes = {
        ("woman", "outside_europe"): 326,
        ("woman", "europe"): 68,
        ("woman", "sweden"): 214,
        ("man", "outside_europe"): 241,
        ("man", "europe"): 54,
        ("man", "sweden"): 198,
        ("unknown", "unknown"): 3,
    }
    table = Table(
        {(kind, kind): size for kind, size in sizes.items()}, list(sizes), populations_of(sizes)
    )
    names = list(POPULATIONS)

    assert {list(sizes)[k] for k in table.hidden.rows} == {
        ("unknown", "unknown"),
        ("man", "europe"),
    }
    assert {names[j] for j in table.hidden.totals} == {"men"}


def test_a_total_is_hidden_only_when_no_row_is_left():
    found = one_table(3)

    assert found == type(found)(frozenset({0}), frozenset({0}))


def test_the_complement_of_a_small_count_is_hidden():
    found = hide([], [Cell(203, frozenset("ab")), Cell(200, frozenset("a"))])

    assert found.totals == {1}


def test_a_part_is_hidden_when_the_rest_of_its_whole_is_small():
    found = hide(
        [Cell(17, frozenset("a"), within=20), Cell(30, frozenset("b"), within=60)],
        [Cell(47, frozenset("ab"), within=80)],
    )

    assert found.rows == {0, 1}


def test_two_parts_whose_rests_add_up_to_a_few_hide_a_third():
    found = hide(
        [
            Cell(19, frozenset("a"), within=20),
            Cell(29, frozenset("b"), within=30),
            Cell(40, frozenset("c"), within=90),
        ],
        [Cell(88, frozenset("abc"), within=140)],
    )

    assert found.rows == {0, 1, 2}


def test_two_employers_with_the_same_kinds_stand_for_each_other():
    everybody = frozenset("ab")
    found = hide(
        [Cell(3, everybody), Cell(4, everybody), Cell(50, everybody)], [Cell(57, everybody)]
    )

    assert found.rows == {0, 1}


def test_a_rate_needs_ten_people():
    assert not LEAST.may_show_rate(9)
    assert LEAST.may_show_rate(10)


def test_equations_that_contradict_each_other_have_no_solution():
    assert solve_exactly([(1, 1), (1, 2)], 1) is None
    assert solve_exactly([(2, 1)], 1) == (solve_exactly([(4, 2)], 1) or ())


def test_a_thousand_employers_take_no_long_time():
    everybody = frozenset(KINDS)
    rows = [Cell(k % 9, everybody) for k in range(3000)]
    total = Cell(sum(cell.value for cell in rows), everybody)

    found = hide(rows, [total, Cell(700, frozenset(k for k in KINDS if k[0] == "woman"))])

    assert found.rows == {k for k, cell in enumerate(rows) if LEAST.is_small(cell.value)}


@pytest.mark.parametrize("count", [5, 8, 20])
def test_higher_limits_hide_what_is_below_them_and_what_would_give_it_away(count):
    values = (count - 1, count, 60)
    rows = [Cell(value, frozenset({k})) for k, value in enumerate(values)]
    total = Cell(sum(values), frozenset(range(3)))
    hidden = hide(rows, [total], Limits(count))
    assert 0 in hidden.rows
    assert len(hidden.rows) >= 2 or hidden.totals
    kept = hide([Cell(count, frozenset("a")), Cell(60, frozenset("b"))], [], Limits(count))
    assert not kept.rows
