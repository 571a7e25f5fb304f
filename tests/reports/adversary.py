"""Somebody who keeps everything ever published and works out what she can.

Nothing of the product's own reasoning is used here: only what a row and a column say that they
count. The unknowns are persons of one kind counted in one quarter, and for each further dimension
persons of one kind with one value counted in one year; the two add up to the same people.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from matchsvc.reports.published_tables import FUNNEL_STEPS, KINDS, POPULATIONS

PRIME = 2**31 - 1
MEASURES = ("started", "placements", "hires", "municipal_employment")
QUARTERS = range(4)
SHARES = {
    "foreign_born_women": ("foreign_born_women", "all"),
    "women_outside_europe": ("women_outside_europe", "all"),
    "outside_europe_among_women": ("women_outside_europe", "women"),
}


@dataclass
class Truth:
    """What really was counted: persons by measure, kind, year and quarter; and by values."""

    quarters: dict = field(default_factory=lambda: defaultdict(int))  # (m, kind, year, q)
    values: dict = field(default_factory=lambda: defaultdict(int))  # (m, dim, kind, year, value)


class Adversary:
    """Collects shown cells as sums over unknowns, and attacks one measure at a time."""

    def __init__(self, truth):
        self.truth = truth
        self.forms = {measure: {} for measure in MEASURES}  # frozenset of unknowns -> value
        self.tried = self.recovered = self.bounded = 0
        self.found = []

    # What the cells say

    def read(self, published):
        """Take in all that one published page shows."""
        for table in published.tables:
            for line in table.lines:
                for column, value in zip(table.columns, line.cells, strict=True):
                    is_count = not column.endswith("percent") and column not in {"low", "high"}
                    if is_count and isinstance(value, int):
                        self._note(published, table, line.about, column, value)

    def _note(self, published, table, about, column, value):
        name, period = table.listed.name, published.period
        years = sorted({each.year for each in published.publications})
        parts = {(each.year, each.part) for each in published.publications}
        if name == "shares":
            who = SHARES[about["share"]][0 if column == "n" else 1]
            kinds, measure, values = POPULATIONS[who], about["measure"], None
        elif name == "funnel":
            kinds, measure = POPULATIONS[column], "started"
            values = ("furthest", FUNNEL_STEPS[FUNNEL_STEPS.index(about["step"]) :])
        else:
            kinds = (
                POPULATIONS[about["population"]]
                if "population" in about
                else {(about["sex"], about["birth_region"])}
            )
            measure, values = column, None
            if name == "results":
                measure = "started"
                every = ("to_work", "studies", "neither")
                values = ("result", every if column == "started" else (column,))
            elif name in {"age_band", "programme", "form"}:
                values = (name, (about[name],))
        if values is not None:
            part = "cohort" if name in {"results", "funnel"} else "year"
            form = frozenset(
                (values[0], kind, year, each)
                for kind in kinds
                for year in years
                if (year, part) in parts
                for each in values[1]
            )
        else:
            form = frozenset(
                ("quarter", kind, year, q)
                for kind in kinds
                for year in years
                for q in QUARTERS
                if (year, f"q{q + 1}") in parts
                or ((year, "year") in parts and period.kind != "quarter")
            )
        form = frozenset(
            atom for atom in form if atom[0] != "quarter" or self._amount(measure, atom)
        )
        assert sum(self._amount(measure, atom) for atom in form) == value, (
            period, name, about, column, value,
        )  # fmt: skip
        self.forms[measure][form] = value

    def _amount(self, measure, atom):
        dim, *rest = atom
        if dim == "quarter":
            return self.truth.quarters[measure, *rest]
        return self.truth.values[measure, dim, *rest]

    # Attacks

    def attack(self, *, bounds=0):
        """Differences and sums of what was shown, linear solving, and (so many) bounds."""
        for measure in MEASURES:
            if not any(self.forms[measure].values()):
                continue
            forms, atoms = self._unknowns(measure)
            targets = self._targets(measure, atoms)
            self._by_differences(measure, forms)
            self._by_sums(measure, forms)
            self._by_solving(measure, forms, atoms, targets)
            self._by_bounds(
                measure, forms, atoms, targets[:: max(1, len(targets) // bounds)] if bounds else []
            )

    def _unknowns(self, measure):
        """Which quarters counted a kind at all is taken to be known; of values, what was shown."""
        empty = frozenset().union(*(form for form, n in self.forms[measure].items() if not n))
        forms = {left: n for form, n in self.forms[measure].items() if (left := form - empty)}
        quarters = [
            ("quarter", *key[1:])
            for key, n in self.truth.quarters.items()
            if n and key[0] == measure
        ]
        kinds = {(kind, year) for _, kind, year, _ in quarters}
        dims = {key[1:2] + key[3:] for key in self.truth.values if key[0] == measure}
        values = [
            atom
            for dim, year, value in sorted(dims)
            for kind in KINDS
            if (kind, year) in kinds and (atom := (dim, kind, year, value)) not in empty
        ]
        known = set(quarters) | set(values)
        forms = {left: n for form, n in forms.items() if (left := form & known)}
        return forms, quarters + values

    def _targets(self, measure, atoms):
        """Every group of one to four people that a cell, or a sum of two cells, would be of."""
        sets = [frozenset({kind}) for kind in KINDS] + list(POPULATIONS.values())
        sets += [frozenset(pair) for pair in combinations(KINDS, 2)]
        groups = defaultdict(list)
        for atom in atoms:
            dim, _, year, place = atom
            groups[dim, year, (place,)].append(atom)
            if dim == "quarter":
                for size in (2, 3, 4):
                    for span in combinations(QUARTERS, size):
                        if place in span:
                            groups[dim, year, span].append(atom)
        found = {
            chosen
            for members in groups.values()
            for kinds in sets
            if (chosen := frozenset(atom for atom in members if atom[1] in kinds))
            and 0 < sum(self._amount(measure, atom) for atom in chosen) < 5
        }
        return sorted(found, key=lambda group: sorted(map(str, group)))

    def _give(self, measure, how, what):
        self.recovered += 1
        self.found.append((how, measure, sorted(map(str, what))[:4]))

    def _by_differences(self, measure, forms):
        """One figure less another: the rest is a group of one to four."""
        listed = list(forms)
        for form in listed:
            self.tried += 1
            if 0 < forms[form] < 5:
                self._give(measure, "shown", form)
        values = np.array([forms[form] for form in listed])
        gaps = values[:, None] - values[None, :]
        self.tried += gaps.size
        for a, b in zip(*np.nonzero((gaps > 0) & (gaps < 5)), strict=True):
            large, small = listed[a], listed[b]
            if small < large:
                self._give(measure, "difference", large - small)

    def _by_sums(self, measure, forms):
        """A larger figure less two or three that lie inside it, each apart from the others."""
        listed = sorted(forms, key=lambda form: (len(form), sorted(map(str, form))))
        for whole in listed:
            inside = [form for form in listed if form < whole][-12:]
            for size in (2, 3):
                for parts in combinations(inside, size):
                    self.tried += 1
                    rest = forms[whole] - sum(forms[part] for part in parts)
                    if 0 < rest < 5 and sum(map(len, parts)) == len(frozenset().union(*parts)):
                        self._give(measure, "sum", whole.difference(*parts))

    def _by_solving(self, measure, forms, atoms, targets):
        """Whether any linear combination of all that was shown is the target."""
        places, lines = self._lines(forms, atoms)
        # Unknowns that nothing tells apart always stand for each other: one column for each lot.
        columns, lot = np.unique(lines, axis=1, return_inverse=True)
        lot = lot.ravel()
        size = np.bincount(lot)
        basis = reduced(columns)
        for target in targets:
            self.tried += 1
            inside = np.bincount(lot[[places[a] for a in target]], minlength=len(size))
            if ((inside > 0) & (inside < size)).any():
                continue
            if follows(basis, (inside > 0).astype(np.int64)):
                self._give(measure, "solving", target)

    def _by_bounds(self, measure, forms, atoms, targets):
        """Whether what must be there anyway leaves fewer than four values for the target.

        She is taken to know which kinds of people a quarter counted at all: at least one of each.
        """
        if not targets:
            return
        places, lines = self._lines(forms, atoms)
        sums = [
            sum(self._amount(measure, a) for a, x in zip(atoms, line, strict=True) if x > 0)
            for line in lines
        ]
        # The sums that tie further dimensions to the quarters are zero.
        ties = lines.min(axis=1) < 0
        right = np.where(ties, 0, sums)
        known = csr_matrix(lines)
        least = [(int(atom[0] == "quarter"), None) for atom in atoms]
        for target in targets:
            wanted = np.zeros(len(atoms))
            wanted[[places[a] for a in target]] = 1
            low, high = (
                sign
                * linprog(sign * wanted, A_eq=known, b_eq=right, bounds=least, method="highs").fun
                for sign in (1, -1)
            )
            self.bounded += 1
            if high - low < 3 - 1e-6:
                self._give(measure, "bounds", target)

    def _lines(self, forms, atoms):
        places = {atom: k for k, atom in enumerate(atoms)}
        rows = []
        for form in forms:
            row = np.zeros(len(atoms), dtype=np.int64)
            row[[places[atom] for atom in form]] = 1
            rows.append(row)
        ties = defaultdict(lambda: np.zeros(len(atoms), dtype=np.int64))
        dims = {(atom[0], atom[2]) for atom in atoms if atom[0] != "quarter"}
        for dim, year in dims:
            for atom in atoms:
                if atom[2] == year and atom[0] in {dim, "quarter"}:
                    ties[dim, year, atom[1]][places[atom]] = 1 if atom[0] == dim else -1
        return places, np.array([*rows, *ties.values()]) if rows else np.zeros(
            (1, len(atoms)), dtype=np.int64
        )


def reduced(lines):
    """Row-reduced over a large prime field: ``[(pivot, row), ...]``."""
    left = np.unique(lines, axis=0) % PRIME
    found = []
    top = 0
    for column in range(left.shape[1]):
        hits = np.nonzero(left[top:, column])[0]
        if not len(hits):
            continue
        pivot = top + hits[0]
        left[[top, pivot]] = left[[pivot, top]]
        left[top] = left[top] * pow(int(left[top, column]), -1, PRIME) % PRIME
        others = np.nonzero(left[:, column])[0]
        others = others[others != top]
        left[others] = (left[others] - left[others, column][:, None] * left[top]) % PRIME
        found.append(column)
        top += 1
        if top == len(left):
            break
    return found, left[:top]


def follows(basis, target):
    """Whether a target is a combination of the rows that were reduced."""
    pivots, rows = basis
    left = target % PRIME
    for column, row in zip(pivots, rows, strict=True):
        if left[column]:
            left = (left - left[column] * row) % PRIME
    return not left.any()
