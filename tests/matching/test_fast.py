"""The fast engine against the plain reading of the rules, in every way it can be run."""

import subprocess
import sys
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchsvc.matching.engine import explain
from matchsvc.matching.fast import explaining, ranking
from matchsvc.matching.fast.demands import build_demands
from matchsvc.matching.fast.explaining import explain_pairs
from matchsvc.matching.fast.gate_bits import GateCode
from matchsvc.matching.fast.index import build_index
from matchsvc.matching.fast.ranking import top_both, top_offers, top_people
from matchsvc.matching.fast.translation import demands_of, index_of
from matchsvc.matching.gates import Block, GateState, gate_states
from matchsvc.matching.weights import Weights
from tests.matching import reference
from tests.matching.cases import World, random_world
from tests.matching.reference import Asked, Held, Offer, Person

K = 5
WAYS = [(compiled, threads) for compiled in (True, False) for threads in (1, 2, 3)]


def laid_out(world):
    matching = world.matching()
    code = GateCode.of(matching.offers, matching.today)
    return matching, index_of(matching, code), demands_of(matching, code)


def required_cover(world, person, offer):
    asked = [a for a in offer.asked if not a.merit]
    return reference.cover(world.parents, world.table, person, replace(offer, asked=asked))["cover"]


def expected_lists(world, *, floor=0, prices=None):
    """(people for each offer, offers for each person) by the reference; ids are rows."""
    usable, covers = {}, {}
    for p, person in enumerate(world.people):
        for o, offer in enumerate(world.offers):
            covers[p, o] = reference.cover(world.parents, world.table, person, offer)
            closed = reference.is_closed(reference.gates(person, offer, world.today))
            usable[p, o] = not closed and required_cover(world, person, offer) >= floor
    people = [
        sorted(
            (p for p in range(len(world.people)) if usable[p, o]),
            key=lambda p: (-covers[p, o]["cover"], -world.people[p].wait_days, world.people[p].id),
        )
        for o in range(len(world.offers))
    ]
    values = {
        (p, o): 10_000 + covers[p, o]["cover"] - (0 if prices is None else prices[o])
        for p, o in usable
        if usable[p, o]
    }
    offers = [
        sorted(
            (o for o in range(len(world.offers)) if values.get((p, o), 0) > 0),
            key=lambda o: (-values[p, o], world.offers[o].id),
        )
        for p in range(len(world.people))
    ]
    return people, offers, covers, values


def padded(rows, nothing=-1):
    return [*rows, *[nothing] * K][:K]


def assert_people(found, expected, covers):
    for offer, rows in enumerate(expected):
        assert found.people[offer].tolist() == padded(rows)
        points = [covers[p, offer]["points"] for p in rows]
        assert found.points[offer].tolist() == padded(points)


def assert_offers(found, expected, values):
    for person, rows in enumerate(expected):
        assert found.offers[person].tolist() == padded(rows)
        worth = [values[person, o] for o in rows]
        assert found.values[person].tolist() == padded(worth, nothing=0)


def assert_ranked_as_the_reference(world, *, floor=0, prices=None, ways=WAYS):
    _, index, demands = laid_out(world)
    people, offers, covers, values = expected_lists(world, floor=floor, prices=prices)
    for compiled, threads in ways:
        how = {"floor": floor, "threads": threads, "compiled": compiled}
        assert_people(top_people(index, demands, K, **how), people, covers)
        assert_offers(top_offers(index, demands, K, prices=prices, **how), offers, values)
        if prices is None:
            both = top_both(index, demands, K, **how)
            assert_people(both[0], people, covers)
            assert_offers(both[1], offers, values)


@pytest.mark.parametrize("seed", range(40))
def test_rankings_are_those_of_the_published_rules_in_both_directions(seed):
    world = random_world(Random(seed), people=12, offers=8)
    assert_ranked_as_the_reference(world)


@pytest.mark.parametrize("seed", range(40, 60))
def test_a_price_and_a_floor_leave_the_best_of_what_can_be_afforded(seed):
    random = Random(seed)
    world = random_world(random, people=12, offers=8)
    prices = [random.choice([0, 0, 4_999, 10_000, 19_999, 20_001]) for _ in world.offers]
    floor = random.choice([1, 4_000, 10_000])
    assert_ranked_as_the_reference(world, floor=floor, prices=prices, ways=[(True, 2), (False, 1)])


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 12), st.integers(0, 8))
def test_any_world_is_ranked_by_the_published_rules(random, people, offers):
    world = random_world(random, people=people, offers=offers)
    assert_ranked_as_the_reference(world, ways=[(True, 2), (False, 2)])


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 20), st.integers(0, 20))
def test_bits_close_what_the_gates_close_and_nothing_else(random, people, offers):
    matching = random_world(random, people=people, offers=offers).matching()
    code = GateCode.of(matching.offers, matching.today)
    has, need = code.has(matching.people), code.need(matching.offers)
    rows = np.arange(people), np.arange(offers)
    states = gate_states(Block(matching.people, matching.offers, *rows, matching.today))
    closed = (states == GateState.CLOSED).any(axis=0)
    assert np.array_equal(((need[None] & ~has[:, None]) != 0).any(axis=2), closed)


def test_more_gates_than_fit_one_word_take_more_words():
    random = Random(3)
    world = random_world(random, people=20, offers=150)
    matching = world.matching()
    assert GateCode.of(matching.offers, matching.today).words > 1
    assert_ranked_as_the_reference(world, ways=[(True, 1), (False, 1)])


def test_an_offer_that_asks_something_new_is_told_apart():
    random = Random(4)
    first, second = (random_world(random, offers=9).matching() for _ in range(2))
    code = GateCode.of(first.offers, first.today)
    with pytest.raises(KeyError):
        code.need(second.offers)


ONLY_ORDER = {"people": [Person(id=i, wait_days=i % 3) for i in range(9)]}
ODD_WORLDS = {
    "nobody": World([None], [], [Offer(id=0, asked=[Asked(0)])]),
    "no offers": World([None], [Person(id=0)], []),
    "nothing": World([None], [], []),
    "no vocabulary": World([], [Person(id=0)], [Offer(id=0)]),
    "nothing asked": World([None], **ONLY_ORDER, offers=[Offer(id=0)]),
    "nothing held": World([None], **ONLY_ORDER, offers=[Offer(id=0, asked=[Asked(0)])]),
    "all alike": World(
        [None, 0],
        [Person(id=i, held=[Held(1, 4)]) for i in range(9)],
        [Offer(id=i, asked=[Asked(1), Asked(0, merit=True)]) for i in range(9)],
    ),
    "everybody shut out": World(
        [None], **ONLY_ORDER, offers=[Offer(id=0, asked=[Asked(0)], barred=True)]
    ),
    "only merits": World(
        [None],
        [Person(id=i, held=[Held(0, 1 + i % 4)] * (i % 2)) for i in range(9)],
        [Offer(id=0, asked=[Asked(0, merit=True)])],
    ),
    "as many points as there can be": World(
        [None, 0, 1],
        [Person(id=0, held=[Held(2, 4), Held(2, 1)]), Person(id=1, held=[Held(0, 4)])],
        [Offer(id=0, asked=[Asked(2)] * 40 + [Asked(2, merit=True)] * 80)],
    ),
    "a long line upward": World(
        [None, *range(60)],
        [Person(id=i, held=[Held(7 * i, 4)]) for i in range(9)],
        [Offer(id=i, asked=[Asked(6 * i)]) for i in range(9)],
    ),
}


@pytest.mark.parametrize("world", ODD_WORLDS.values(), ids=ODD_WORLDS.keys())
@pytest.mark.parametrize("floor", [0, 4_000])
def test_odd_worlds_have_defined_answers(world, floor):
    assert_ranked_as_the_reference(world, floor=floor)


def test_as_many_points_as_there_can_be_still_fit():
    _, index, demands = laid_out(ODD_WORLDS["as many points as there can be"])
    assert top_people(index, demands, 1).points[0, 0] == 64_000


@pytest.mark.parametrize("seed", range(20))
def test_explanations_are_those_of_the_plain_engine(seed):
    world = random_world(Random(seed), people=9, offers=7)
    matching, index, demands = laid_out(world)
    people, offers = np.divmod(Random(seed).sample(range(63), 40), 7)
    told = [
        explain_pairs(index, demands, people, offers, threads=threads, compiled=compiled)
        for compiled, threads in WAYS
    ]
    for one in told[1:]:
        for name in ("pointer", "part", "tenths", "points", "totals"):
            assert np.array_equal(getattr(one, name), getattr(told[0], name)), name
    for pair, (person, offer) in enumerate(zip(people, offers, strict=True)):
        parts = slice(*told[0].pointer[pair : pair + 2])
        plain = explain(matching, int(person), int(offer))
        assert told[0].totals[pair] == plain.points
        assert [tuple(row) for row in told[0].points[parts]] == [p.points for p in plain.parts]
        asked = demands.part_source[told[0].part[parts]]
        assert asked.tolist() == [p.requirement for p in plain.parts]


def many(random, people, offers, concepts=40):
    """Arrays of a larger town, in the form that the index takes."""
    parent = np.array([random.integers(-1, c) if c else -1 for c in range(concepts)])
    held, asked = 6 * people, 7 * offers
    everybody = {
        "people": people,
        "parent": parent,
        "held_row": random.integers(0, people, held),
        "held_concept": (concepts * random.random(held) ** 3).astype(int),
        "held_tenths": random.choice([7, 8, 9, 10], held),
        "has": random.integers(0, 2**62, people, np.uint64)
        | random.integers(0, 2**62, people, np.uint64),
        "wait_days": random.integers(0, 30, people),
        "id_rank": random.permutation(people),
    }
    gates = [random.integers(0, 2**62, offers, np.uint64) for _ in range(5)]
    everything = {
        "offers": offers,
        "parent": parent,
        "requirement_offer": random.integers(0, offers, asked),
        "requirement_concept": (concepts * random.random(asked) ** 2).astype(int),
        "requirement_is_merit": random.random(asked) < 0.4,
        "need": np.bitwise_and.reduce(gates),
        "id_rank": random.permutation(offers),
    }
    return everybody, everything


@pytest.mark.parametrize("seed", range(3))
def test_blocks_order_of_rows_and_the_way_make_no_difference(seed):
    random = np.random.default_rng(seed)
    everybody, everything = many(random, people=900, offers=60)
    demands = build_demands(**everything)
    index = build_index(**everybody)
    first = top_both(index, demands, 10, floor=3_000)
    shuffled = random.permutation(len(everybody["held_row"]))
    for name in ("held_row", "held_concept", "held_tenths"):
        everybody[name] = everybody[name][shuffled]
    for length, likely in ((64, None), (256, everything["need"]), (4_096, everything["need"])):
        other = build_index(**everybody, block_length=length, likely_need=likely)
        for compiled, threads in WAYS:
            again = top_both(other, demands, 10, floor=3_000, compiled=compiled, threads=threads)
            assert np.array_equal(first[0].people, again[0].people)
            assert np.array_equal(first[0].points, again[0].points)
            assert np.array_equal(first[1].offers, again[1].offers)
            assert np.array_equal(first[1].values, again[1].values)


def test_some_offers_are_answered_as_among_all():
    everybody, everything = many(np.random.default_rng(5), people=300, offers=20)
    index, demands = build_index(**everybody), build_demands(**everything)
    every = top_people(index, demands, 10)
    some = top_people(index, demands, 10, offers=[7, 3, 7])
    assert np.array_equal(some.people, every.people[[7, 3, 7]])


def a_person(**other):
    given_by_default = {
        "people": 1, "parent": [-1], "held_row": [0], "held_concept": [0], "held_tenths": [7],
        "has": np.zeros(1, np.uint64),
    }  # fmt: skip
    return build_index(**given_by_default | other)


def an_offer(**other):
    given_by_default = {
        "offers": 1, "parent": [-1], "requirement_offer": [0], "requirement_concept": [0],
        "requirement_is_merit": [False], "need": np.zeros(1, np.uint64),
    }  # fmt: skip
    return build_demands(**given_by_default | other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"held_row": [1]},
        {"held_concept": [1]},
        {"held_concept": [-1]},
        {"held_tenths": [11]},
        {"held_tenths": [0]},
        {"has": np.zeros(2, np.uint64)},
        {"block_length": 100},
        {"block_length": 8_192},
    ],
)
def test_people_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        a_person(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"requirement_offer": [1]},
        {"requirement_concept": [1]},
        {"need": np.zeros(0, np.uint64)},
        {
            "requirement_offer": [0] * 65,
            "requirement_concept": [0] * 65,
            "requirement_is_merit": [False] * 65,
        },
    ],
)
def test_offers_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        an_offer(**wrong)


def test_questions_that_make_no_sense_are_refused():
    index, demands = a_person(), an_offer()
    with pytest.raises(ValueError, match="no such offer"):
        top_people(index, demands, 1, offers=[1])
    with pytest.raises(ValueError, match="one price"):
        top_offers(index, demands, 1, prices=[-1])
    with pytest.raises(ValueError, match="different lists"):
        top_people(index, an_offer(need=np.zeros((1, 2), np.uint64)), 1)
    with pytest.raises(ValueError, match="not there"):
        explain_pairs(index, demands, [1], [0])


def test_the_weights_are_the_units_own():
    table = Weights("ours", (50, 30, 20), (10, 10, 10), (5, 6, 7, 10))
    assert an_offer(weights=table).maximum.tolist() == [1_000]
    merit = an_offer(weights=table, requirement_is_merit=[True])
    assert (merit.maximum.tolist(), merit.required_maximum.tolist()) == ([300], [0])


def test_nothing_compiled_is_loaded_until_it_is_used():
    code = (
        "import sys, matchsvc.app, matchsvc.matching.fast.ranking, matchsvc.matching.fast.live;"
        "assert not {'numba', 'llvmlite'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_offer_may_ask_for_more_than_anybody_would():
    concepts = 900
    everybody, everything = many(np.random.default_rng(8), people=90, offers=2, concepts=concepts)
    table = Weights("ours", (50, 30, 20), (1, 0, 0), (5, 6, 7, 10))
    everything |= {
        "requirement_offer": np.zeros(concepts, int),
        "requirement_concept": np.arange(concepts),
        "requirement_is_merit": np.ones(concepts, bool),
        "need": np.zeros(2, np.uint64),
    }
    index, demands = build_index(**everybody), build_demands(weights=table, **everything)
    compiled, plain = (top_people(index, demands, 10, compiled=way) for way in (True, False))
    assert np.array_equal(compiled.people, plain.people)
    told = [
        explain_pairs(index, demands, plain.people[0], np.zeros(10, int), compiled=way).totals
        for way in (True, False)
    ]
    assert told[0].tolist() == told[1].tolist() == plain.points[0].tolist()


def test_without_numba_the_plain_way_is_taken(monkeypatch):
    everybody, everything = many(np.random.default_rng(6), people=300, offers=20)
    index, demands = build_index(**everybody), build_demands(**everything)
    compiled = top_both(index, demands, 10)
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(ranking, "find_spec", lambda _: None)
    ranking.is_compiled_here.cache_clear()
    for name in [name for name in sys.modules if name.startswith("matchsvc.matching.fast.")]:
        if name.endswith((".compiled", ".kernels", ".kernel_of_parts", ".lanes")):
            monkeypatch.delitem(sys.modules, name)
    try:
        plain = top_both(index, demands, 10)
        told = explaining.explain_pairs(index, demands, [0], [0])
    finally:
        ranking.is_compiled_here.cache_clear()
    assert "matchsvc.matching.fast.kernels" not in sys.modules
    assert told.totals.shape == (1,)
    for one, other in zip(compiled, plain, strict=True):
        assert all(
            np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__slots__
        )
