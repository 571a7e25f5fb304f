"""Invented people and offers by the hundred thousand, for measuring the matching engine.

The shape is that of a national vocabulary: 14,000 skills under 640 groups under 75 headings, 3,000
occupations under 430 under 130. A person has an occupation; most of her skills come from what that
occupation usually needs, the rest from what anybody may know. Popularity falls by Zipf's law with
exponent `zipf` (1.0; 0.3 is nearly flat, which is the hardest for the engine). What real data is
like is not known, and the engine's advantage depends on it.

A workload is a dict of arrays, so that it can be written to a .npz file and read from one:
`parent`; `held_row`, `held_concept`, `held_evidence` (tenths); `req_row`, `req_concept`,
`req_merit`; `has`, `need` (gate bits); `p_area`, `o_area`, `capacity`, `wait_days`; `n`, `m`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Workload = dict[str, Any]
Ints = NDArray[np.integer[Any]]

SKILLS, GROUPS, HEADINGS = 14_000, 640, 75
OCCUPATIONS, UNITS, FIELDS = 3_000, 430, 130
FIRST_OCCUPATION = SKILLS + GROUPS + HEADINGS
CONCEPTS = FIRST_OCCUPATION + OCCUPATIONS + UNITS + FIELDS
AREAS = 60
TYPICAL = 40  # skills that an occupation usually needs, half from three groups of its unit
SHARED, ANY = 10, 10  # the other half: the unit's, anybody's
VOCABULARY_SEED = 11
MERITS = 0.55  # of the skills that are asked for
READ = {
    *("parent", "held_row", "held_concept", "held_evidence", "req_row", "req_concept"),
    *("req_merit", "has", "need", "capacity", "wait_days", "n", "m"),
}

RUNGS = (np.array([7, 8, 9, 10], np.uint8), [0.45, 0.30, 0.17, 0.08])
OCCUPATION_RUNGS = np.array([7, 9, 10], np.uint8)

#: (share of people who pass, share of offers that ask): licences, then conditions.
LICENCES = [(0.45, 0.28), (0.06, 0.04), (0.03, 0.02), (0.02, 0.01), (0.10, 0.07), (0.97, 0.25)]
LICENCES += [(0.10, 0.02)] * 10
CONDITIONS = [
    *[(0.72, 0.30), (0.80, 0.35), (0.85, 0.15), (0.90, 0.12), (0.90, 0.10), (0.90, 0.10)],
    *[(0.93, 0.08), (0.95, 0.08), (0.95, 0.05), (0.97, 0.05), (0.97, 0.04), (0.97, 0.03)],
]
#: Levels, thermometer coded from a bit on: shares of people and of offers by level from 0.
LEVELS = [
    (28, [0.03, 0.12, 0.20, 0.20, 0.15, 0.10, 0.20], [0.10, 0.15, 0.25, 0.30, 0.15, 0.05, 0.0]),
    (34, [0.35, 0.20, 0.15, 0.12, 0.10, 0.05, 0.03], [0.90, 0.02, 0.03, 0.03, 0.02, 0.0, 0.0]),
    (
        52,
        [0.0, 0.03, 0.05, 0.07, 0.15, 0.15, 0.15, 0.10, 0.30],
        [0.20, 0.10, 0.15, 0.10, 0.15, 0.10, 0.10, 0.05, 0.05],
    ),
]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Concepts with one line upward, and what occupations need."""

    parent: NDArray[np.int32]
    popularity: NDArray[np.float64]  # (SKILLS,)
    typical: NDArray[np.int32]  # (OCCUPATIONS, TYPICAL) skills, the most usual first

    @classmethod
    def invent(cls, random: np.random.Generator, zipf: float) -> "Vocabulary":
        """Draw a vocabulary."""

        def under(count: int, above: int, exponent: float) -> Ints:
            return random.choice(above, count, p=random.permutation(falling(above, exponent)))

        group = under(SKILLS, GROUPS, 0.6 * zipf)
        unit = under(OCCUPATIONS, UNITS, 0.5 * zipf)
        first_unit = FIRST_OCCUPATION + OCCUPATIONS
        lines = [
            SKILLS + group,
            SKILLS + GROUPS + under(GROUPS, HEADINGS, 0.6 * zipf),
            np.full(HEADINGS, -1),
            first_unit + unit,
            first_unit + UNITS + under(UNITS, FIELDS, 0.4 * zipf),
            np.full(FIELDS, -1),
        ]
        popularity = random.permutation(falling(SKILLS, zipf))
        members = np.argsort(group, kind="stable")
        first = np.searchsorted(group[members], np.arange(GROUPS + 1))
        homes = random.integers(0, GROUPS, (UNITS, 3))
        shared = random.choice(SKILLS, (UNITS, SHARED), p=popularity)
        typical = np.empty((OCCUPATIONS, TYPICAL), np.int32)
        for number, home in enumerate(homes[unit]):
            near = np.concatenate([members[first[g] : first[g + 1]] for g in home])
            own = random.choice(near if near.size else SKILLS, TYPICAL - SHARED - ANY)
            other = random.choice(SKILLS, ANY, p=popularity)
            drawn = np.concatenate([own, shared[unit[number]], other])
            typical[number] = random.permutation(drawn)
        return cls(np.concatenate(lines).astype(np.int32), popularity, typical)

    def draw(
        self, random: np.random.Generator, occupation: Ints, counts: Ints, usual: float, zipf: float
    ) -> tuple[Ints, Ints]:
        """Give (rows, skills): so many for each row, the share `usual` from its occupation's."""
        rows = np.repeat(np.arange(len(counts)), counts)
        place = random.choice(TYPICAL, len(rows), p=falling(TYPICAL, 0.8 * zipf))
        skills = self.typical[occupation[rows], place].astype(np.int64)
        others = np.flatnonzero(random.random(len(rows)) >= usual)
        skills[others] = random.choice(SKILLS, len(others), p=self.popularity)
        return rows, skills


def invent(people: int, offers: int, *, seed: int = 1, zipf: float = 1.0) -> Workload:
    """Invent a workload: the same numbers for the same arguments."""
    words = Vocabulary.invent(np.random.default_rng(VOCABULARY_SEED), zipf)
    random = np.random.default_rng(seed)
    share = random.permutation(falling(OCCUPATIONS, 0.8 * zipf))

    main = random.choice(OCCUPATIONS, people, p=share)
    counts = np.clip(np.rint(random.normal(22, 7, people)), 10, 40).astype(np.int64)
    rows, skills = words.draw(random, main, counts, 0.70, zipf)
    more = np.repeat(np.arange(people), random.integers(0, 3, people))
    earlier = random.choice(OCCUPATIONS, len(more), p=share)
    evidence = random.choice(RUNGS[0], len(rows), p=RUNGS[1])
    worked = random.choice(OCCUPATION_RUNGS, people + len(more))

    asked = random.choice(OCCUPATIONS, offers, p=share)
    of_offer, wanted = words.draw(random, asked, random.integers(5, 16, offers), 0.75, zipf)
    once = np.unique(of_offer * SKILLS + wanted)
    merit = random.random(len(once)) < MERITS

    has, need = _gates(random, people, offers)
    area = falling(AREAS, 1.1 * zipf, shift=1.0)
    return {
        "parent": words.parent,
        "held_row": np.concatenate([rows, np.arange(people), more]),
        "held_concept": np.concatenate([skills, FIRST_OCCUPATION + np.append(main, earlier)]),
        "held_evidence": np.concatenate([evidence, worked]),
        "req_row": np.concatenate([once // SKILLS, np.arange(offers)]),
        "req_concept": np.concatenate([once % SKILLS, FIRST_OCCUPATION + asked]),
        "req_merit": np.concatenate([merit, np.zeros(offers, bool)]).astype(np.uint8),
        "has": has,
        "need": need,
        "p_area": random.choice(AREAS, people, p=area).astype(np.uint8),
        "o_area": random.choice(AREAS, offers, p=area).astype(np.uint8),
        "capacity": random.choice([1, 2, 3, 5, 10], offers, p=[0.5, 0.25, 0.12, 0.08, 0.05]),
        "wait_days": random.integers(0, 400, people).astype(np.int32),
        "n": people,
        "m": offers,
    }


def read(file: Path) -> Workload:
    """Read a workload from a .npz file; raises ValueError for one that lacks something."""
    with np.load(file, allow_pickle=False) as arrays:
        workload = {name: arrays[name] for name in arrays.files}
    missing = sorted(READ - workload.keys())
    if missing:
        raise ValueError(f"not a workload: {', '.join(missing)} missing")
    workload["n"], workload["m"] = int(workload["n"]), int(workload["m"])
    return workload


def falling(count: int, exponent: float, shift: float = 2.7) -> NDArray[np.float64]:
    """Give shares that fall by Zipf's law (Mandelbrot's form) and sum to 1."""
    weight = (np.arange(count) + shift) ** -exponent
    return np.asarray(weight / weight.sum())


def _gates(
    random: np.random.Generator, people: int, offers: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    has, need = np.zeros(people, np.uint64), np.zeros(offers, np.uint64)

    def flag(rows: int, share: float, bit: int) -> NDArray[np.uint64]:
        return (random.random(rows) < share).astype(np.uint64) << np.uint64(bit)

    def level(rows: int, shares: list[float], bit: int) -> NDArray[np.uint64]:
        reached = random.choice(len(shares), rows, p=shares).astype(np.uint64)
        return ((np.uint64(1) << reached) - np.uint64(1)) << np.uint64(bit)

    for bit, (passing, asking) in enumerate(LICENCES + CONDITIONS):
        has |= flag(people, passing, bit)
        need |= flag(offers, asking, bit)
    for bit, held, wanted in LEVELS:
        has |= level(people, held, bit)
        need |= level(offers, wanted, bit)
    return has, need
