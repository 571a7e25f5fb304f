"""The solver: the best there is, proved; capacities, locks, ties, and nothing to do."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from matchsvc.matching.assignment import auction, solve
from matchsvc.matching.assignment.certificate import dual_bound, most_people, uncovered
from matchsvc.matching.assignment.pairs import NOBODY, PLACED, make_pairs
from matchsvc.matching.assignment.solve import Cohort
from matchsvc.matching.assignment.why import Reasons


def cohort(people, offers, pairs, places, *, wait=None, locked=None):
    """Pairs as {(person, offer): cover}; locked as {person: (offer, cover)}."""
    cells = sorted(pairs)
    settled = np.full(people, NOBODY, np.int64)
    cover = np.zeros(people, np.int64)
    for person, (offer, its_cover) in (locked or {}).items():
        settled[person], cover[person] = offer, its_cover
    return Cohort(
        pairs=make_pairs(
            people,
            offers,
            [person for person, _ in cells],
            [offer for _, offer in cells],
            [pairs[cell] for cell in cells],
        ),
        places=np.array(places, np.int64),
        wait_days=np.array(wait or [0] * people, np.int64),
        id_rank=np.arange(people),
        locked=settled,
        locked_cover=cover,
    )


def by_auction(given):
    """The way of large cohorts, whatever the size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "is_small", lambda *_: False)
        return solve.solve(given)


def best_of_all(given):
    """Try every assignment: the largest sum and, of those, the longest waits x values."""
    pairs, free = given.pairs, given.free
    choices = []
    for person in range(pairs.people):
        mine = range(pairs.pointer[person], pairs.pointer[person + 1])
        choices.append([None] if given.is_locked[person] else [None, *mine])
    best = (0, 0)
    for picked in product(*choices):
        taken = [at for at in picked if at is not None]
        used = np.bincount(pairs.offer[taken], minlength=pairs.offers) if taken else 0
        if np.any(used > free):
            continue
        tie = sum(
            (int(given.wait_days[person]) + 1) * int(pairs.value[at])
            for person, at in enumerate(picked)
            if at is not None
        )
        best = max(best, (int(pairs.value[taken].sum()) if taken else 0, tie))
    return best


@st.composite
def small_cohorts(draw, most_people=5, most_offers=4):
    people, offers = draw(st.integers(0, most_people)), draw(st.integers(0, most_offers))
    cells = list(product(range(people), range(offers)))
    cover = st.sampled_from([0, 4_000, 5_000, 10_000]) | st.integers(0, 10_000)
    pairs = draw(st.dictionaries(st.sampled_from(cells), cover) if cells else st.just({}))
    locked = {}
    if offers and people and draw(st.booleans()):
        locked[draw(st.integers(0, people - 1))] = (draw(st.integers(0, offers - 1)), 7_000)
    return cohort(
        people,
        offers,
        pairs,
        draw(st.lists(st.integers(0, 3), min_size=offers, max_size=offers)),
        wait=draw(st.lists(st.integers(0, 5), min_size=people, max_size=people)),
        locked=locked,
    )


def is_allowed(given, found):
    """Nobody twice, no offer over its places, only usable pairs, locks kept."""
    for person in range(given.pairs.people):
        if given.is_locked[person]:
            assert found.offer[person] == given.locked[person]
        elif found.offer[person] >= 0:
            assert given.pairs.find(person, int(found.offer[person])) >= 0
    free_ones = found.offer[~given.is_locked]
    used = np.bincount(free_ones[free_ones >= 0], minlength=given.pairs.offers)
    return bool(np.all(used <= given.free))


@given(small_cohorts())
@settings(max_examples=300, deadline=None)
def test_a_small_cohort_gets_the_best_of_all_assignments_and_the_proof(given):
    found = solve.solve(given)
    value, tie = best_of_all(given)
    assert found.value == found.bound == value + given.locked_value
    assert found.gap == 0
    assert is_allowed(given, found)
    mine = [
        (int(given.wait_days[person]) + 1) * int(given.pairs.value[given.pairs.find(person, offer)])
        for person, offer in enumerate(map(int, found.offer))
        if offer >= 0 and not given.is_locked[person]
    ]
    assert sum(mine) == tie


@given(small_cohorts(most_people=6))
@settings(max_examples=150, deadline=None)
def test_the_auction_lies_within_its_certificate_of_the_best(given):
    found = by_auction(given)
    best = best_of_all(given)[0] + given.locked_value
    assert found.value <= best <= found.bound
    assert found.bound - found.value <= solve.STEPS[0] * max(found.placed, 1)
    assert is_allowed(given, found)
    assert found.placed <= found.most_placed


@given(small_cohorts(), st.lists(st.integers(0, 25_000), min_size=4, max_size=4))
@settings(max_examples=150, deadline=None)
def test_the_bound_holds_at_any_prices_at_all(given, prices):
    priced = np.array(prices[: given.pairs.offers], np.int64)
    bound = dual_bound(given.pairs.best_by_price(priced), priced, given.places)
    nobody_locked = cohort(given.pairs.people, given.pairs.offers, {}, given.places)
    unlocked = Cohort(
        given.pairs,
        given.places,
        given.wait_days,
        given.id_rank,
        nobody_locked.locked,
        nobody_locked.locked_cover,
    )
    assert best_of_all(unlocked)[0] <= bound


def test_a_negative_price_proves_nothing():
    given = cohort(1, 1, {(0, 0): 5_000}, [1])
    priced = given.pairs.best_by_price(np.array([-5]))
    with pytest.raises(ValueError, match="negative"):
        dual_bound(priced, np.array([-5]), given.places)


@pytest.mark.parametrize("seed", range(4))
def test_a_larger_cohort_comes_as_near_to_scipy_s_optimum_as_is_promised(seed):
    random = np.random.default_rng(seed)
    people, offers = 300, 120
    pairs = {
        (int(p), int(o)): int(c)
        for p, o, c in zip(
            random.integers(0, people, 4_000),
            random.integers(0, offers, 4_000),
            random.integers(0, 10_001, 4_000),
            strict=True,
        )
    }
    given = cohort(people, offers, pairs, random.choice([0, 1, 2, 5], offers).tolist())
    cells = np.zeros((people, offers))
    cells[given.pairs.person, given.pairs.offer] = given.pairs.value
    dense = cells[:, np.repeat(np.arange(offers), given.places)]
    best = int(dense[linear_sum_assignment(dense, maximize=True)].sum())
    found = by_auction(given)
    assert best - found.value <= solve.CERTIFIED * best
    assert best <= found.bound
    assert found.is_certified
    assert solve.solve(given).value == best


def test_columns_are_made_until_no_pair_at_all_is_better(monkeypatch):
    """With one candidate each the first auction knows too little; price passes find the rest."""
    monkeypatch.setattr(solve, "CANDIDATES", 1)
    random = np.random.default_rng(5)
    pairs = {(p, o): int(random.integers(0, 10_001)) for p in range(60) for o in range(40)}
    given = cohort(60, 40, pairs, [1] * 40)
    found = by_auction(given)
    assert len(found.pairs) < len(given.pairs)
    cells = given.pairs.value.reshape(60, 40).astype(float)
    best = int(cells[linear_sum_assignment(cells, maximize=True)].sum())
    assert best - found.value <= solve.CERTIFIED * best
    assert found.most_placed == 40


def test_several_places_are_filled_and_no_more():
    given = cohort(4, 1, {(p, 0): 5_000 + p for p in range(4)}, [3])
    found = solve.solve(given)
    assert found.offer.tolist() == [NOBODY, 0, 0, 0]
    assert (found.placed, found.most_placed) == (3, 3)


def test_more_places_than_people_leave_places_over():
    found = solve.solve(cohort(1, 3, {(0, 0): 4_000, (0, 2): 9_000}, [5, 5, 5]))
    assert found.offer.tolist() == [2]
    assert found.prices.tolist() == [0, 0, 0]


def test_an_offer_without_places_is_nobody_s():
    for way in (solve.solve, by_auction):
        found = way(cohort(2, 2, {(0, 0): 9_000, (1, 0): 9_000, (1, 1): 4_000}, [0, 1]))
        assert found.offer.tolist() == [NOBODY, 1]
        assert found.value == PLACED + 4_000
        assert found.bound - found.value <= solve.STEPS[0]


@pytest.mark.parametrize(
    "given", [cohort(0, 0, {}, []), cohort(3, 0, {}, []), cohort(0, 2, {}, [1, 1])]
)
def test_nobody_or_nothing_is_an_empty_draft(given):
    for way in (solve.solve, by_auction):
        found = way(given)
        assert (found.value, found.bound, found.placed, found.most_placed) == (0, 0, 0, 0)
        assert found.gap == 0


def test_everybody_gated_out_places_nobody():
    found = solve.solve(cohort(3, 2, {}, [1, 1]))
    assert found.offer.tolist() == [NOBODY] * 3
    assert found.is_certified


@pytest.mark.parametrize("way", [solve.solve, by_auction])
def test_a_tie_goes_to_the_longer_wait(way):
    found = way(cohort(3, 1, dict.fromkeys([(0, 0), (1, 0), (2, 0)], 6_000), [1], wait=[5, 90, 30]))
    assert found.offer.tolist() == [NOBODY, 0, NOBODY]


def test_of_two_who_are_alike_the_longer_wait_gets_the_better_place():
    pairs = {(0, 0): 9_000, (0, 1): 5_000, (1, 0): 9_000, (1, 1): 5_000}
    assert solve.solve(cohort(2, 2, pairs, [1, 1], wait=[3, 200])).offer.tolist() == [1, 0]


def test_placing_one_more_goes_before_placing_better():
    pairs = {(0, 0): 10_000, (1, 0): 4_000, (0, 1): 4_000}
    found = solve.solve(cohort(2, 2, pairs, [1, 1]))
    assert found.offer.tolist() == [1, 0]


def test_a_locked_person_keeps_the_place_even_below_the_floor():
    given = cohort(2, 1, {(1, 0): 10_000}, [1], locked={0: (0, 100)})
    found = solve.solve(given)
    assert found.offer.tolist() == [0, NOBODY]
    assert found.value == found.bound == PLACED + 100
    assert found.first_come.tolist() == [0, NOBODY]


def test_first_come_first_served_lets_the_longest_wait_choose():
    pairs = {(0, 0): 9_000, (0, 1): 8_000, (1, 0): 9_000}
    found = solve.solve(cohort(2, 2, pairs, [1, 1], wait=[50, 1]))
    assert found.first_come.tolist() == [0, NOBODY]
    assert found.offer.tolist() == [1, 0]
    assert found.first_come_value < found.value


def test_the_first_choice_names_who_would_lose_what():
    pairs = {(0, 0): 9_000, (0, 1): 8_500, (1, 0): 9_500, (1, 1): 4_000}
    given = cohort(2, 2, pairs, [1, 1])
    found = solve.solve(given)
    assert found.offer.tolist() == [1, 0]
    covers = np.array([8_500, 9_500])
    reasons = Reasons(given.pairs, given.places, found.offer, given.is_locked, covers)
    choice = reasons.first_choice(0)
    assert (choice.offer, choice.cover) == (0, 9_000)
    assert (choice.cost.person, choice.cost.offer, choice.cost.cover_then) == (1, 1, 4_000)
    assert choice.cost.loss == 5_500
    assert reasons.first_choice(1) is None


def test_a_first_choice_that_is_locked_says_so():
    given = cohort(2, 1, {(1, 0): 9_000}, [1], locked={0: (0, 5_000)})
    found = solve.solve(given)
    reasons = Reasons(given.pairs, given.places, found.offer, given.is_locked, np.array([5_000, 0]))
    assert reasons.first_choice(1).cost.is_locked


@given(small_cohorts())
@settings(max_examples=150, deadline=None)
def test_what_the_first_choice_would_cost_is_never_less_than_it_would_gain(given):
    found = solve.solve(given)
    covers = given.locked_cover.copy()
    for person, offer in enumerate(map(int, found.offer)):
        if offer >= 0 and not given.is_locked[person]:
            covers[person] = given.pairs.cover[given.pairs.find(person, offer)]
    reasons = Reasons(given.pairs, given.places, found.offer, given.is_locked, covers)
    for person in range(given.pairs.people):
        choice = reasons.first_choice(person)
        if choice is None or choice.cost is None or choice.cost.is_locked:
            continue
        mine = PLACED + int(covers[person]) if found.offer[person] >= 0 else 0
        assert PLACED + choice.cover - mine <= choice.cost.loss


def test_the_largest_number_is_counted_with_a_proof_that_covers_every_pair():
    given = cohort(4, 2, {(0, 0): 1, (1, 0): 1, (2, 0): 1, (3, 0): 1, (3, 1): 1}, [2, 5])
    most = most_people(given.pairs, given.places)
    assert most.people == 3
    covered = most.settled[given.pairs.person] | most.scarce[given.pairs.offer]
    assert covered.all()
    assert most.settled.sum() + given.places[most.scarce].sum() == 3


def test_an_assignment_that_places_the_most_is_its_own_proof_and_one_that_does_not_is_not():
    random = np.random.default_rng(3)
    for _ in range(200):
        people, offers = random.integers(1, 9, 2).tolist()
        usable = np.argwhere(random.random((people, offers)) < 0.3).tolist()
        pairs = {(p, o): int(random.integers(0, 10_001)) for p, o in usable}
        given = cohort(people, offers, pairs, random.integers(0, 3, offers).tolist())
        counted = most_people(given.pairs, given.places)
        some = auction.first_come(given.pairs, given.places, given.wait_days, given.id_rank)
        most = most_people(given.pairs, given.places, some)
        assert most.people == counted.people
        assert (most.settled[given.pairs.person] | most.scarce[given.pairs.offer]).all()
        assert most.settled.sum() + given.places[most.scarce].sum() == most.people


def test_what_coarse_bids_leave_uncertified_is_bid_for_more_finely(monkeypatch):
    """Many who are worth alike to few places: each bid then moves a price by little but its step.

    The covers are low, so that a step of 8 is a large share of what a place is worth.
    """
    random = np.random.default_rng(2)
    cells = {(p, o): int(random.integers(0, 40)) for p in range(300) for o in range(40)}
    given = cohort(300, 40, cells, [1] * 40)
    monkeypatch.setattr(solve, "STEPS", (64, 128))
    monkeypatch.setattr(solve, "FINER_STEPS", ())
    assert not by_auction(given).is_certified
    monkeypatch.setattr(solve, "FINER_STEPS", (2, 1))
    assert by_auction(given).is_certified


def test_a_proof_made_from_some_pairs_is_tried_on_all_of_them():
    given = cohort(2, 2, {(0, 0): 1, (1, 0): 1, (1, 1): 1}, [1, 1])
    some = given.pairs.keep(given.pairs.offer == 0)
    most = most_people(some, given.places)
    assert most.people == 1
    missed, _ = uncovered(most, given.pairs.best_by_price, 2)
    assert missed.tolist() == [False, True]


def test_compiled_and_plain_loops_give_the_same(monkeypatch):
    pytest.importorskip("numba")
    random = np.random.default_rng(3)
    pairs = {
        (int(p), int(o)): int(c)
        for p, o, c in zip(
            random.integers(0, 200, 3_000),
            random.integers(0, 60, 3_000),
            random.integers(0, 10_001, 3_000),
            strict=True,
        )
    }
    wait = random.integers(0, 300, 200).tolist()
    given = cohort(200, 60, pairs, random.integers(0, 4, 60).tolist(), wait=wait)
    monkeypatch.setattr(auction, "WORTH_COMPILING", 10**9)
    plain = by_auction(given)
    monkeypatch.setattr(auction, "WORTH_COMPILING", 0)
    quick = by_auction(given)
    assert plain.offer.tolist() == quick.offer.tolist()
    assert plain.first_come.tolist() == quick.first_come.tolist()
    assert (plain.value, plain.bound) == (quick.value, quick.bound)


def test_people_who_are_all_alike_do_not_bid_for_ever(monkeypatch):
    monkeypatch.setattr(solve, "MOST_BIDS", 2_000)
    monkeypatch.setattr(solve, "BIDS_PER_PERSON", 0)
    pairs = {(p, o): 10_000 for p in range(30) for o in range(4)}
    found = by_auction(cohort(30, 4, pairs, [2, 2, 2, 2]))
    assert found.placed == 8
    assert found.value == 8 * 20_000 <= found.bound


@pytest.mark.parametrize(
    ("people", "offers", "cells", "covers"),
    [
        (2, 1, [(0, 1)], [5]),
        (2, 1, [(2, 0)], [5]),
        (2, 1, [(0, 0)], [10_001]),
        (1, 1, [(-1, 0)], [5]),
    ],
)
def test_a_pair_of_what_is_not_there_is_an_error(people, offers, cells, covers):
    with pytest.raises(ValueError, match="not there"):
        make_pairs(people, offers, [p for p, _ in cells], [o for _, o in cells], covers)


def test_columns_of_the_wrong_length_are_an_error():
    good = cohort(2, 1, {(0, 0): 5_000}, [1])
    with pytest.raises(ValueError, match="per offer"):
        Cohort(
            good.pairs,
            np.ones(2, np.int64),
            good.wait_days,
            good.id_rank,
            good.locked,
            good.locked_cover,
        )
    with pytest.raises(ValueError, match="per person"):
        Cohort(
            good.pairs,
            good.places,
            good.wait_days[:1],
            good.id_rank,
            good.locked,
            good.locked_cover,
        )
    with pytest.raises(ValueError, match="locked"):
        Cohort(
            good.pairs,
            good.places,
            good.wait_days,
            good.id_rank,
            np.array([0, 1]),
            good.locked_cover,
        )
