"""Which pairs a cohort may use: gates open, required cover at the floor; plain and fast alike."""

from __future__ import annotations

import random

import numpy as np
import pytest

from matchsvc.matching import engine
from matchsvc.matching.fast.gate_bits import GateCode
from matchsvc.matching.fast.translation import demands_of, index_of
from matchsvc.matching.gates import Gate
from matchsvc.matching.indexed_pairs import IndexedPairs, indexed_pairs, without
from matchsvc.matching.usable import obstacles, usable_pairs
from tests.matching.cases import World, random_world
from tests.matching.reference import Asked, Held, Offer, Person


def reason(matching, person):
    return obstacles(matching, np.array([person]))[person]


def world(people, offers, concepts=6):
    return World(parents=[None] * concepts, people=people, offers=offers).matching()


@pytest.mark.parametrize("seed", range(30))
def test_every_usable_pair_is_there_and_no_other(seed):
    chance = random.Random(seed)
    given = random_world(chance, people=8, offers=7)
    matching, floor = given.matching(), chance.choice([0, 3_000, 4_000, 9_000])
    pairs = usable_pairs(matching, floor=floor)
    for person, offer in np.ndindex(8, 7):
        told = engine.explain(matching, person, offer)
        shares = [sum(p.shares) * 10 for p in told.parts if not p.is_merit]
        points = sum(sum(p.points) for p in told.parts if not p.is_merit)
        required = 10_000 * points // sum(shares) if shares else 10_000
        at = pairs.find(person, offer)
        assert (at >= 0) == (told.is_open and required >= floor)
        if at >= 0:
            assert pairs.cover[at] == told.cover


@pytest.mark.parametrize("compiled", [False, True])
def test_the_fast_engine_gives_the_same_pairs(compiled):
    if compiled:
        pytest.importorskip("numba")
    seen = 0
    for seed in range(80):
        chance = random.Random(seed)
        matching = random_world(chance, people=chance.randint(1, 9), offers=8).matching()
        floor = chance.choice([0, 4_000])
        plain = usable_pairs(matching, floor=floor)
        code = GateCode.of(matching.offers, matching.today)
        quick = IndexedPairs(
            index_of(matching, code), demands_of(matching, code), floor, compiled=compiled
        )
        listed = quick.listed(len(plain))
        if len(plain):
            assert quick.listed(len(plain) - 1) is None
        for column in ("pointer", "offer", "cover"):
            assert getattr(listed, column).tolist() == getattr(plain, column).tolist()
        prices = np.array([chance.randint(0, 15_000) for _ in range(8)])
        mine, theirs = plain.best_by_price(prices), quick.best_by_price(prices)
        assert np.maximum(mine.profit, 0).tolist() == theirs.profit.tolist()
        seen += len(plain)
    assert seen > 50


def test_forbidden_pairs_are_in_neither():
    people = [Person(i, held=[Held(i, 4)]) for i in range(3)]
    offers = [Offer(i, asked=[Asked(0), Asked(1), Asked(2)]) for i in range(8)]
    matching = world(people, offers)
    plain = usable_pairs(matching, floor=0)
    banned = {(int(p), int(o)) for p, o in zip(plain.person[:3], plain.offer[:3], strict=True)}
    kept = without(plain, banned)
    assert (len(plain), len(kept)) == (24, 21)
    listed = indexed_pairs(matching, floor=0, forbidden=banned)
    assert listed.offer.tolist() == kept.offer.tolist()
    code = GateCode.of(matching.offers, matching.today)
    quick = IndexedPairs(
        index_of(matching, code), demands_of(matching, code), 0, frozenset(banned), compiled=False
    )
    prices = np.zeros(8, np.int64)
    assert quick.best_by_price(prices).profit.tolist() == kept.best_by_price(prices).profit.tolist()


def test_the_floor_reads_what_is_required_alone():
    cook = Person(0, held=[Held(0, 4)])
    all_merits = Offer(0, asked=[Asked(1), *[Asked(0, merit=True)] * 8])
    pairs = usable_pairs(world([cook], [all_merits]), floor=4_000)
    assert len(pairs) == 0


def test_an_offer_that_requires_nothing_is_usable_by_all_it_is_open_to():
    pairs = usable_pairs(world([Person(0), Person(1)], [Offer(0)]), floor=10_000)
    assert pairs.cover.tolist() == [10_000, 10_000]


def test_the_obstacle_is_the_gate_that_alone_closes_most():
    person = Person(0, hours=10)
    offers = [Offer(0, hours_start=20), Offer(1, hours_start=20, area=1)]
    found = reason(world([person], offers), 0)
    assert (found.code, found.gate, found.alone, found.offers) == ("gates", Gate.HOURS, 2, 2)


def test_the_obstacle_is_the_floor_when_places_are_open():
    person = Person(0, held=[Held(0, 4)])
    offers = [Offer(0, asked=[Asked(0), Asked(1), Asked(2)]), Offer(1, asked=[Asked(3)])]
    found = reason(world([person], offers), 0)
    assert (found.code, found.best, found.best_offer) == ("floor", 3_333, 0)


def test_the_obstacle_is_that_there_are_no_places():
    assert reason(world([Person(0)], [Offer(0, places=0), Offer(1, barred=True)]), 0).code == (
        "no_offers"
    )
    assert reason(world([Person(0)], []), 0).code == "no_offers"


def test_whoever_has_a_usable_pair_has_no_obstacle():
    for seed in range(25):
        matching = random_world(random.Random(seed), people=5, offers=5).matching()
        pairs = usable_pairs(matching, floor=4_000)
        has = {person for person in range(5) if pairs.pointer[person + 1] > pairs.pointer[person]}
        assert set(obstacles(matching, np.arange(5), floor=4_000)) == set(range(5)) - has
