"""Match participants and offers by the published table: arrays in, arrays out.

No I/O, no database, no clock. Every number is an integer, so a pair has the same points in both
directions and on every machine. The rules with their reasons are docs/how-matching-works.md.

One kernel, `score_parts`, scores every requirement for a block of persons x offers; rankings sum
its parts and explanations show them, so an explanation cannot differ from what it explains.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchsvc.matching.gates import GATES, Block, Finding, GateState, checks, gate_states
from matchsvc.matching.inputs import Flags, Hierarchy, Ints, Offers, People
from matchsvc.matching.weights import ALL_TENTHS, Weights

FULL_COVER = 10_000


class State(StrEnum):
    """What became of a requirement; arrays hold the place in STATES."""

    MISSING = "missing"
    PARTLY = "partly"
    MET = "met"


class Relation(StrEnum):
    """How near a held concept lies to the one asked for, nearest first."""

    SAME = "same"
    NARROWER = "narrower"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    NONE = "none"


STATES, RELATIONS = tuple(State), tuple(Relation)
TOTALS = ("points", "maximum", "cover", "required_met", "required_partly", "required_of")


@dataclass(frozen=True, eq=False)
class Matching:
    """Everything one run reads; `today` is a day (ordinal). Raises ValueError for odd concepts.

    What is derived from the arrays is kept, so use one object for many questions.
    """

    hierarchy: Hierarchy
    people: People
    offers: Offers
    weights: Weights
    today: int

    def __post_init__(self) -> None:
        people, offers = self.people, self.offers
        for concepts in (people.held_concept, people.wanted_concept, offers.requirement_concept):
            _demand_within(concepts, range(len(self.hierarchy)))
        _demand_within(offers.occupation, range(-1, len(self.hierarchy)))
        _demand_within(offers.area, range(-1, people.areas.shape[1]))
        same_lists = (
            (people.licences, offers.licences),
            (people.languages, offers.languages),
            (people.needs, offers.offered),
            (people.needs, offers.excluded),
        )
        if any(theirs.shape[1:] != asked.shape[1:] for theirs, asked in same_lists):
            raise ValueError("people and offers are written with different lists")

    @cached_property
    def tenths(self) -> Ints:
        """Give the evidence in tenths by rung, 0 for what is not held."""
        return np.array((0, *self.weights.evidence), np.int32)

    @cached_property
    def lines(self) -> Ints:
        """Give (requirements, 3): concept, parent and grandparent, -1 where none."""
        return self.hierarchy.nearest_lines(self.offers.requirement_concept)

    @cached_property
    def shares(self) -> Ints:
        """Give (requirements, 3): the three numbers, those without a concept moved to the first."""
        table = np.array((self.weights.required, self.weights.merit), np.int32)
        shares = table[self.offers.requirement_is_merit.astype(np.int64)]
        kept = np.where(self.lines >= 0, shares, 0)
        kept[:, 0] += shares.sum(axis=1) - kept.sum(axis=1)
        return kept

    @cached_property
    def held(self) -> tuple[Any, Any]:
        """Give two sparse (people, concepts): best rung, and best level + 1, held on or beneath."""
        people, concepts = self.people, len(self.hierarchy)
        row = np.repeat(np.arange(len(people)), np.diff(people.held_pointer))
        concept = people.held_concept
        best = np.stack([people.held_rung, people.held_level + 1]).astype(np.uint8)
        keys, values = [], []
        while concept.size:
            keys.append(row * concepts + concept)
            values.append(best)
            parent = self.hierarchy.parent[concept]
            row, concept, best = row[parent >= 0], parent[parent >= 0], best[:, parent >= 0]
        shape = (len(people), concepts)
        if not keys:
            return sparse.csr_array(shape, dtype=np.uint8), sparse.csr_array(shape, dtype=np.uint8)
        return _largest(np.concatenate(keys), np.concatenate(values, axis=1), shape)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredParts:
    """Every requirement of a block of persons x offers, the offers' requirements side by side."""

    requirements: Ints  # (parts,) places in Offers.requirement_concept
    pointer: Ints  # (offers + 1,) where each offer's parts begin
    tenths: Ints  # (persons, parts, 3) best evidence on or under concept, parent, grandparent
    points: Ints  # (persons, parts, 3)
    levels: Ints  # (persons, parts) best level on or under the concept, -1 when not held
    states: Ints  # (persons, parts) places in STATES


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """How far persons cover what offers ask; (persons, offers) where nothing else is said."""

    points: Ints
    maximum: Ints  # (1, offers)
    cover: Ints  # FULL_COVER x points // maximum
    required_met: Ints
    required_partly: Ints
    required_of: Ints  # (1, offers)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The best rows for one person or offer in order: open pairs first, then closed ones."""

    rows: Ints  # (shown,)
    is_open: Flags  # (shown,)
    gates: NDArray[np.uint8]  # (gates, shown) GateState in the order of GATES
    points: Ints  # (shown,) as all below
    maximum: Ints
    cover: Ints
    required_met: Ints
    required_partly: Ints
    required_of: Ints
    open_total: int  # of all rows, shown or not
    closed_total: int


@dataclass(frozen=True, slots=True)
class Source:
    """The competence (its place in People.held_concept) that a number of points stands on."""

    competence: int
    rung: int
    tenths: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class Part:
    """One requirement of one pair: points[i] = shares[i] x sources[i].tenths, 0 without a source.

    `by`, `relation` and `evidence` are those of the nearest number that earned anything.
    """

    requirement: int  # place in Offers.requirement_concept
    is_merit: bool
    state: State
    shares: tuple[int, int, int]
    points: tuple[int, int, int]
    sources: tuple[Source | None, Source | None, Source | None]
    level_asked: int  # 0 none
    level_held: int  # 0 not known, -1 nothing held on or under the concept

    @property
    def source(self) -> Source | None:
        """Give the nearest source, None when the requirement is missing."""
        return next((source for source in self.sources if source), None)

    @property
    def by(self) -> int | None:
        """Give the competence that comes nearest."""
        return self.source.competence if self.source else None

    @property
    def relation(self) -> Relation:
        """Give how near that competence lies."""
        return self.source.relation if self.source else Relation.NONE

    @property
    def evidence(self) -> int:
        """Give its evidence in tenths, 0 when missing."""
        return self.source.tenths if self.source else 0


@dataclass(frozen=True, slots=True)
class Wish:
    """A concept the person wants and the nearest thing in the offer; never in the points."""

    concept: int
    relation: Relation  # of the offer's concept to the one she wants
    offer_concept: int  # -1 when nothing is near

    @property
    def is_met(self) -> bool:
        """Tell whether the offer has what she wants or something narrower."""
        return self.relation in (Relation.SAME, Relation.NARROWER)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair taken apart; the points of the parts sum to `points`."""

    person: int
    offer: int
    weights: str  # version
    is_open: bool
    can_be_overridden: bool  # closed, but only by conditions
    findings: tuple[Finding, ...]  # all that had to fit, open ones too
    parts: tuple[Part, ...]
    points: int
    maximum: int
    cover: int
    required_met: int
    required_partly: int
    required_of: int
    wishes: tuple[Wish, ...]
    wait_days: int

    @property
    def closed(self) -> tuple[Finding, ...]:
        """Give what closes the pair."""
        return tuple(f for f in self.findings if f.state is GateState.CLOSED)

    @property
    def asks(self) -> tuple[Finding, ...]:
        """Give what is not known and could matter."""
        return tuple(f for f in self.findings if f.state is GateState.ASK)


def score_parts(matching: Matching, persons: Ints, offers: Ints) -> ScoredParts:
    """Score every requirement of some offers (rows) for some persons (rows).

    Memory grows with persons x requirements: give one side one row, or cut into slices.
    """
    requirements, pointer = _requirements_of(matching.offers, offers)
    lines = matching.lines[requirements]
    concepts = np.unique(lines[lines >= 0])
    # The column after the last is of nobody: it stands for a parent that does not exist.
    place = np.where(lines >= 0, np.searchsorted(concepts, lines), len(concepts))
    rungs, levels = (_columns(table, persons, concepts) for table in matching.held)
    tenths = matching.tenths[rungs][:, place]
    level = levels[:, place[:, 0]].astype(np.int32) - 1
    met = level >= matching.offers.requirement_level[requirements]
    return ScoredParts(
        requirements=requirements,
        pointer=pointer,
        tenths=tenths,
        points=tenths * matching.shares[requirements],
        levels=level,
        states=np.where(met, STATES.index(State.MET), tenths.any(axis=2)),
    )


def cover(matching: Matching, persons: Ints, offers: Ints) -> Cover:
    """Give how far some persons (rows) cover what some offers (rows) ask.

    An offer without requirements is fully covered. Memory as `score_parts`.
    """
    return _cover(matching, score_parts(matching, persons, offers))


def rank_people_for_offer(matching: Matching, offer: int, top: int | None = None) -> Ranking:
    """Order people for an offer: open first, then cover, longest wait and id; `top` of them."""
    everybody = np.arange(len(matching.people))
    return _rank(matching, everybody, np.array([offer]), top)


def rank_offers_for_person(matching: Matching, person: int, top: int | None = None) -> Ranking:
    """Order offers for a person: open first, then cover and id (her wait is the same for all)."""
    all_offers = np.arange(len(matching.offers))
    return _rank(matching, np.array([person]), all_offers, top)


def explain(matching: Matching, person: int, offer: int) -> Explanation:
    """Take one pair apart: the scores come from the kernel, the names of competences are added.

    Raises RuntimeError should a named competence not bear the points it is named for.
    """
    persons, offers = np.array([person]), np.array([offer])
    scored = score_parts(matching, persons, offers)
    total = _cover(matching, scored)
    block = Block(matching.people, matching.offers, persons, offers, matching.today)
    findings = tuple(f for check in checks(block) if (f := check.finding()))
    closed = [finding for finding in findings if finding.state is GateState.CLOSED]
    return Explanation(
        person=person,
        offer=offer,
        weights=matching.weights.version,
        is_open=not closed,
        can_be_overridden=bool(closed) and all(f.can_be_overridden for f in closed),
        findings=findings,
        parts=_parts(matching, person, scored),
        wishes=_wishes(matching, person, offer),
        wait_days=int(matching.people.wait_days[person]),
        **{column: int(getattr(total, column).item()) for column in TOTALS},
    )


def _demand_within(places: Ints, known: range) -> None:
    if np.any((places < known.start) | (places >= known.stop)):
        raise ValueError("a concept or an area that is not in its list")


def _largest(keys: Ints, values: Ints, shape: tuple[int, int]) -> tuple[Any, Any]:
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    rung, level = np.maximum.reduceat(values[:, order], first, axis=1)
    where = (keys[first] // shape[1], keys[first] % shape[1])
    return sparse.csr_array((rung, where), shape=shape), sparse.csr_array(
        (level, where), shape=shape
    )


def _requirements_of(offers: Offers, rows: Ints) -> tuple[Ints, Ints]:
    starts = offers.requirement_pointer[rows].astype(np.int64)
    counts = offers.requirement_pointer[rows + 1] - starts
    pointer = np.append(0, np.cumsum(counts))
    return np.arange(pointer[-1]) + np.repeat(starts - pointer[:-1], counts), pointer


def _columns(table: Any, persons: Ints, concepts: Ints) -> Ints:
    dense = np.zeros((len(persons), len(concepts) + 1), np.uint8)
    dense[:, :-1] = table[persons][:, concepts].toarray()
    return dense


def _cover(matching: Matching, scored: ScoredParts) -> Cover:
    merit = matching.offers.requirement_is_merit[scored.requirements]
    shares = matching.shares[scored.requirements].sum(axis=1, dtype=np.int64)
    points = _per_offer(scored.points.sum(axis=2, dtype=np.int64), scored.pointer)
    maximum = _per_offer(ALL_TENTHS * shares[None, :], scored.pointer)
    asks_something = np.maximum(maximum, 1)
    return Cover(
        points=points,
        maximum=maximum,
        cover=np.where(maximum > 0, FULL_COVER * points // asks_something, FULL_COVER),
        required_met=_per_offer(
            (scored.states == STATES.index(State.MET)) & ~merit, scored.pointer
        ),
        required_partly=_per_offer(
            (scored.states == STATES.index(State.PARTLY)) & ~merit, scored.pointer
        ),
        required_of=_per_offer(~merit[None, :], scored.pointer),
    )


def _per_offer(values: NDArray[Any], pointer: Ints) -> Ints:
    """Sum (persons, parts) to (persons, offers); an offer without parts sums to 0."""
    sums = np.cumsum(values, axis=1, dtype=np.int64)
    sums = np.pad(sums, ((0, 0), (1, 0)))
    return sums[:, pointer[1:]] - sums[:, pointer[:-1]]


def _rank(matching: Matching, persons: Ints, offers: Ints, top: int | None) -> Ranking:
    totals = cover(matching, persons, offers)
    block = Block(matching.people, matching.offers, persons, offers, matching.today)
    gates = gate_states(block)

    def per_pair(values: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(values, gates.shape[1:]).ravel()

    closed = per_pair((gates == GateState.CLOSED).any(axis=0))
    cover_first = -per_pair(totals.cover)
    wait_first = -per_pair(block.person(matching.people.wait_days.astype(np.int64)))
    offer_ids = per_pair(block.offer(matching.offers.id_rank))
    person_ids = per_pair(block.person(matching.people.id_rank))
    order = np.lexsort((offer_ids, person_ids, wait_first, cover_first, closed))[:top]
    return Ranking(
        rows=order,
        is_open=~closed[order],
        gates=gates.reshape(len(GATES), -1)[:, order],
        open_total=int((~closed).sum()),
        closed_total=int(closed.sum()),
        **{total: per_pair(getattr(totals, total))[order] for total in TOTALS},
    )


def _parts(matching: Matching, person: int, scored: ScoredParts) -> tuple[Part, ...]:
    people, offers = matching.people, matching.offers
    mine = range(people.held_pointer[person], people.held_pointer[person + 1])
    held = {i: matching.hierarchy.line(int(people.held_concept[i])) for i in mine}
    return tuple(
        _checked(
            Part(
                requirement=int(requirement),
                is_merit=bool(offers.requirement_is_merit[requirement]),
                state=STATES[scored.states[0, i]],
                shares=_triple(matching.shares[requirement]),
                points=_triple(scored.points[0, i]),
                sources=_sources(matching, held, matching.lines[requirement]),
                level_asked=int(offers.requirement_level[requirement]),
                level_held=int(scored.levels[0, i]),
            )
        )
        for i, requirement in enumerate(scored.requirements)
    )


def _checked(part: Part) -> Part:
    tenths = (source.tenths if source else 0 for source in part.sources)
    if any(s * t != p for s, t, p in zip(part.shares, tenths, part.points, strict=True)):
        raise RuntimeError("the explanation does not bear the points")
    return part


def _sources(
    matching: Matching, held: dict[int, tuple[int, ...]], asked: Ints
) -> tuple[Source | None, Source | None, Source | None]:
    """Name what each number stands on: best evidence, then nearest relation, then lowest index."""
    rungs = matching.people.held_rung
    near = {i: RELATIONS.index(relate(asked, line)) for i, line in held.items()}

    def best(farthest: Relation, concept: int) -> Source | None:
        within = [i for i in held if concept >= 0 and near[i] <= RELATIONS.index(farthest)]
        if not within:
            return None
        first = min(within, key=lambda i: (-int(rungs[i]), near[i], i))
        rung = int(rungs[first])
        return Source(first, rung, int(matching.tenths[rung]), RELATIONS[near[first]])

    return (
        best(Relation.NARROWER, asked[0]),
        best(Relation.PARENT, asked[1]),
        best(Relation.GRANDPARENT, asked[2]),
    )


def relate(asked: Ints, line: tuple[int, ...]) -> Relation:
    """Say how near a concept lies, by its line upward, to one asked for (itself and two above)."""
    if line[0] == asked[0]:
        return Relation.SAME
    above = (Relation.NARROWER, Relation.PARENT, Relation.GRANDPARENT)
    return next(
        (r for r, concept in zip(above, asked, strict=True) if concept in line), Relation.NONE
    )


def _wishes(matching: Matching, person: int, offer: int) -> tuple[Wish, ...]:
    people, offers = matching.people, matching.offers
    wanted = people.wanted_concept[
        people.wanted_pointer[person] : people.wanted_pointer[person + 1]
    ]
    asked = offers.requirement_pointer[offer : offer + 2]
    has = [int(c) for c in offers.requirement_concept[asked[0] : asked[1]]]
    if offers.occupation[offer] >= 0:
        has.append(int(offers.occupation[offer]))
    return tuple(_wish(matching.hierarchy, int(concept), has) for concept in wanted)


def _wish(hierarchy: Hierarchy, wanted: int, has: list[int]) -> Wish:
    line = hierarchy.nearest_lines(np.array([wanted]))[0]
    near = [(RELATIONS.index(relate(line, hierarchy.line(concept))), concept) for concept in has]
    place, concept = min(near, default=(RELATIONS.index(Relation.NONE), -1))
    relation = RELATIONS[place]
    return Wish(wanted, relation, -1 if relation is Relation.NONE else concept)


def _triple(values: Ints) -> tuple[int, int, int]:
    first, second, third = (int(value) for value in values)
    return first, second, third
