"""The engine against the plain reading of the rules, and what must hold whatever the input."""

import ast
import sys
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchsvc.matching import engine, gates, inputs, unlocks, weights
from matchsvc.matching.engine import (
    STATES,
    TOTALS,
    Relation,
    State,
    cover,
    explain,
    rank_offers_for_person,
    rank_people_for_offer,
    score_parts,
)
from matchsvc.matching.gates import GATES, Block, GateState, gate_states
from matchsvc.matching.inputs import Hierarchy, Offers, People
from matchsvc.matching.weights import Weights
from tests.matching import reference
from tests.matching.cases import World, people_arrays, random_world
from tests.matching.reference import Asked, Held, Offer, Person

# 0 cooking > 1 baking > 2 sourdough > 3 rye sourdough; 4 food > 0; 5 work > 4; 6 frying under 0
PARENTS = [4, 0, 1, 2, 5, None, 0, 4]
COOKING, BAKING, SOURDOUGH, RYE, FOOD, WORK, FRYING, CLEANING_KITCHENS = range(8)

PROTECTED = {
    *("sex", "gender", "identity", "ethnicity", "birth", "born", "country", "residence", "permit"),
    *("mother", "tongue", "religion", "disability", "health", "diagnosis", "pregnancy", "parental"),
    *("orientation", "age", "year", "name", "photo", "family", "children", "marital", "leave"),
    *("pause", "benefit", "income", "criminal", "record", "union", "postal", "postcode", "address"),
    *("unemployed", "unemployment", "personal", "phone", "email", "interpreter", "programme"),
}


def assert_agrees_with_the_reference(world):
    matching = world.matching()
    everybody, all_offers = np.arange(len(world.people)), np.arange(len(world.offers))
    totals = cover(matching, everybody, all_offers)
    block = Block(matching.people, matching.offers, everybody, all_offers, matching.today)
    states = gate_states(block)
    for p, person in enumerate(world.people):
        for o, offer in enumerate(world.offers):
            expected = reference.cover(world.parents, world.table, person, offer)
            for name in ("points", "cover", "required_met", "required_partly"):
                assert getattr(totals, name)[p, o] == expected[name], name
            for name in ("maximum", "required_of"):
                assert getattr(totals, name)[0, o] == expected[name], name
            found = reference.gates(person, offer, world.today)
            for g, gate in enumerate(GATES):
                things = set(found.get(gate, {}).values())
                word = "closed" if "closed" in things else "ask" if things else "open"
                assert GateState(states[g, p, o]).name.lower() == word, gate
            assert_explained(explain(matching, p, o), world, expected, found)


def assert_explained(told, world, expected, found):
    person, offer = world.people[told.person], world.offers[told.offer]
    first_held = sum(len(p.held) for p in world.people[: told.person])
    first_asked = sum(len(o.asked) for o in world.offers[: told.offer])
    assert {name: getattr(told, name) for name in TOTALS} == {n: expected[n] for n in TOTALS}
    assert sum(sum(part.points) for part in told.parts) == told.points
    for place, (part, wanted) in enumerate(zip(told.parts, expected["parts"], strict=True)):
        assert part.requirement == first_asked + place
        assert part.is_merit == offer.asked[place].merit
        assert list(part.points) == wanted["points"]
        assert part.state == wanted["state"]
        named = [s and (s.competence - first_held, s.relation) for s in part.sources]
        assert named == wanted["sources"]
        for share, source, points in zip(part.shares, part.sources, part.points, strict=True):
            assert points == (share * source.tenths if source else 0)
    noted = {}
    for finding in told.findings:
        if finding.state is not GateState.OPEN:
            thing = (finding.what, finding.skill)
            noted.setdefault(finding.gate, {})[thing] = finding.state.name.lower()
    assert noted == found
    assert told.is_open is not reference.is_closed(found)
    closing = {gate for gate, things in found.items() if "closed" in things.values()}
    assert told.can_be_overridden is (closing == {"conditions"})
    assert [w.relation for w in told.wishes] == reference.wishes(world.parents, person, offer)
    assert told.wait_days == person.wait_days


@pytest.mark.parametrize("seed", range(40))
def test_the_engine_agrees_with_the_plain_reading_of_the_rules(seed):
    assert_agrees_with_the_reference(random_world(Random(seed)))


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(1, 3), st.integers(1, 9))
def test_the_engine_agrees_on_whatever_can_be_thought_of(random, people, offers, concepts):
    assert_agrees_with_the_reference(random_world(random, people, offers, concepts))


def odd_worlds():
    everything = [Held(c, 1 + c % 4, None) for c in range(8)]
    unknown = Person(
        0, licences_known=False, hours=None, days=None, start=None, areas=None, needs_known=False
    )
    asks_all = Offer(
        0,
        [Asked(RYE)],
        licences={0, 2},
        languages={(0, 0): 3, (1, 3): 6},
        start_by=date(2026, 12, 1),
        season=((4, 1), (10, 15)),
        area=None,
        excluded={0, 1},
    )
    chain = [i + 1 for i in range(199)] + [None]
    full = [Asked(RYE)] * 40 + [Asked(SOURDOUGH, merit=True)] * 80
    return {
        "no parent": World([None], [Person(0, held=[Held(0, 4)])], [Offer(0, [Asked(0)])]),
        "no grandparent": World([None, 0], [Person(0, held=[Held(0, 2)])], [Offer(0, [Asked(1)])]),
        "a deep chain": World(chain, [Person(0, held=[Held(0, 3)])], [Offer(0, [Asked(150)])]),
        "broader held": World(PARENTS, [Person(0, held=[Held(FOOD, 4)])], [Offer(0, [Asked(RYE)])]),
        "all held twice": World(PARENTS, [Person(0, held=everything * 2)], [Offer(0, full)]),
        "nothing asked": World(PARENTS, [Person(0, held=everything)], [Offer(0, [])]),
        "nothing held": World(PARENTS, [Person(0)], [Offer(0, full)]),
        "all unknown": World(PARENTS, [unknown], [asks_all]),
        "offer unknown": World(
            PARENTS,
            [Person(0, days={1}, areas={0}, needs={0, 3})],
            [Offer(0, hours_start=None, days=None, area=None)],
        ),
        "nobody": World(PARENTS, [], [Offer(0, full)]),
        "no offers": World(PARENTS, [Person(0, held=everything)], []),
        "an empty vocabulary": World([], [Person(0)], [Offer(0)]),
    }


@pytest.mark.parametrize("name", odd_worlds())
def test_the_engine_agrees_in_odd_worlds(name):
    world = odd_worlds()[name]
    assert_agrees_with_the_reference(world)
    matching = world.matching()
    for o in range(len(world.offers)):
        assert len(rank_people_for_offer(matching, o).rows) == len(world.people)
    for p in range(len(world.people)):
        assert len(rank_offers_for_person(matching, p).rows) == len(world.offers)


def one_part(held, asked, parents=PARENTS, **changes):
    world = World(parents, [Person(0, held=held)], [Offer(0, [asked])], **changes)
    (part,) = explain(world.matching(), 0, 0).parts
    return part


def test_the_example_of_the_interface_exemplified_and_required_gives_480_200_120():
    part = one_part([Held(BAKING, 2)], Asked(BAKING))
    assert (part.evidence, part.points) == (8, (480, 200, 120))
    assert (part.state, part.relation, part.by) == (State.MET, Relation.SAME, 0)


def test_each_number_stands_on_its_own_best_evidence():
    part = one_part([Held(BAKING, 1), Held(FRYING, 4), Held(CLEANING_KITCHENS, 4)], Asked(BAKING))
    assert part.points == (420, 250, 150)
    assert [source.competence for source in part.sources] == [0, 1, 1]
    assert (part.by, part.evidence, part.relation) == (0, 7, Relation.SAME)


def test_something_narrower_counts_in_full_and_something_beside_it_in_part():
    assert one_part([Held(RYE, 4)], Asked(COOKING)).points == (600, 250, 150)
    beside = one_part([Held(FRYING, 4)], Asked(BAKING))
    assert (beside.points, beside.state) == ((0, 250, 150), State.PARTLY)
    assert beside.relation is Relation.PARENT
    broader = one_part([Held(COOKING, 4)], Asked(BAKING))
    assert (broader.points, broader.relation) == ((0, 250, 150), Relation.PARENT)
    farther = one_part([Held(CLEANING_KITCHENS, 4)], Asked(BAKING))
    assert (farther.points, farther.relation) == ((0, 0, 150), Relation.GRANDPARENT)
    too_far = one_part([Held(WORK, 4)], Asked(BAKING))
    assert (too_far.points, too_far.state) == ((0, 0, 0), State.MISSING)
    assert (too_far.by, too_far.relation, too_far.evidence) == (None, Relation.NONE, 0)


def test_a_merit_gives_18_8_4():
    assert one_part([Held(BAKING, 4)], Asked(BAKING, merit=True)).points == (180, 80, 40)


def test_the_level_changes_the_word_and_never_the_points():
    short = one_part([Held(BAKING, 4, level=2)], Asked(BAKING, level=3))
    enough = one_part([Held(BAKING, 4, level=3)], Asked(BAKING, level=3))
    not_known = one_part([Held(BAKING, 4)], Asked(BAKING, level=3))
    assert [p.state for p in (short, enough, not_known)] == [State.PARTLY, State.MET, State.PARTLY]
    assert short.points == enough.points == not_known.points
    assert [p.level_held for p in (short, enough, not_known)] == [2, 3, 0]


@pytest.mark.parametrize("merit", [False, True])
@pytest.mark.parametrize("concept", range(8))
def test_the_exact_competence_confirmed_always_earns_all(concept, merit):
    held = [Held(c, 1) for c in range(8)] + [Held(concept, 4)]
    world = World(PARENTS, [Person(0, held=held)], [Offer(0, [Asked(concept, merit)])])
    told = explain(world.matching(), 0, 0)
    assert told.points == told.maximum == (300 if merit else 1000)
    assert told.cover == 10_000


def test_the_largest_offer_sums_to_64_000_and_fits_16_bits():
    asked = [Asked(RYE)] * 40 + [Asked(SOURDOUGH, merit=True)] * 80
    world = World(PARENTS, [Person(0, held=[Held(RYE, 4), Held(SOURDOUGH, 4)])], [Offer(0, asked)])
    told = explain(world.matching(), 0, 0)
    assert told.points == told.maximum == 64_000 <= np.iinfo(np.uint16).max


def test_an_offer_without_requirements_is_fully_covered():
    told = explain(World(PARENTS, [Person(0)], [Offer(0)]).matching(), 0, 0)
    assert (told.points, told.maximum, told.cover, told.required_of) == (0, 0, 10_000, 0)


@pytest.mark.parametrize("seed", range(20))
def test_both_directions_and_the_explanation_give_the_same_integers(seed):
    world = random_world(Random(seed), people=7, offers=6)
    matching = world.matching()
    for o in range(len(world.offers)):
        people = rank_people_for_offer(matching, o)
        assert people.open_total + people.closed_total == len(world.people)
        for place, p in enumerate(people.rows):
            back = rank_offers_for_person(matching, p)
            there = int(np.flatnonzero(back.rows == o)[0])
            told = explain(matching, int(p), o)
            for name in TOTALS:
                numbers = {getattr(people, name)[place], getattr(back, name)[there]}
                assert numbers == {getattr(told, name)}, name
            assert people.is_open[place] == back.is_open[there] == told.is_open
            assert people.gates[:, place].tolist() == back.gates[:, there].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_lists_are_ordered_open_first_then_cover_wait_and_id(seed):
    world = random_world(Random(seed), people=12, offers=8, concepts=5)
    matching = world.matching()
    args = (world.parents, world.table)
    for o, offer in enumerate(world.offers):
        ranking = rank_people_for_offer(matching, o)
        expected = reference.order_people(*args, world.people, offer, world.today)
        assert [world.people[p].id for p in ranking.rows] == expected
        first = rank_people_for_offer(matching, o, top=3)
        assert (first.rows.tolist(), first.open_total) == (expected[:3], ranking.open_total)
    for p, person in enumerate(world.people):
        ranking = rank_offers_for_person(matching, p)
        expected = reference.order_offers(*args, person, world.offers, world.today)
        assert [world.offers[o].id for o in ranking.rows] == expected


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_rows_never_matters(seed):
    random = Random(seed)
    world = random_world(random, people=9, offers=6)
    turned = replace(
        world,
        people=random.sample(world.people, k=len(world.people)),
        offers=random.sample(world.offers, k=len(world.offers)),
    )
    for offer in world.offers:
        one, other = (
            answer(rank_people_for_offer(w.matching(), w.offers.index(offer)), w.people)
            for w in (world, turned)
        )
        assert one == other
    for person in world.people:
        one, other = (
            answer(rank_offers_for_person(w.matching(), w.people.index(person)), w.offers)
            for w in (world, turned)
        )
        assert one == other


def answer(ranking, rows):
    ids = [rows[row].id for row in ranking.rows]
    return ids, [getattr(ranking, name).tolist() for name in TOTALS], ranking.gates.tolist()


@pytest.mark.parametrize("seed", range(10))
def test_nobody_else_sways_what_a_person_gets(seed):
    world = random_world(Random(seed), people=6, offers=5)
    matching = world.matching()
    for p, person in enumerate(world.people):
        alone = replace(world, people=[person]).matching()
        for o in range(len(world.offers)):
            together, apart = explain(matching, p, o), explain(alone, 0, o)
            assert [part.points for part in together.parts] == [part.points for part in apart.parts]
            assert together.findings == apart.findings


def test_more_evidence_or_one_more_competence_never_lowers_the_cover():
    for seed in range(30):
        random = Random(seed)
        world = random_world(random, people=1, offers=6)
        before = cover(world.matching(), np.array([0]), np.arange(6)).cover
        for competence in world.people[0].held:
            competence.rung = min(4, competence.rung + 1)
        world.people[0].held.append(Held(random.randrange(len(world.parents)), 1))
        assert (cover(world.matching(), np.array([0]), np.arange(6)).cover >= before).all()


def test_the_same_arrays_give_the_same_bytes():
    def result():
        matching = random_world(Random(3), people=30, offers=10).matching()
        parts = score_parts(matching, np.arange(30), np.arange(10))
        rankings = [rank_people_for_offer(matching, o) for o in range(10)]
        return b"".join(
            np.ascontiguousarray(getattr(answer, column.name)).tobytes()
            for answer in (parts, *rankings)
            for column in fields(answer)
        )

    assert result() == result()


@pytest.mark.parametrize("seed", range(5))
def test_the_width_of_the_callers_integers_never_matters(seed):
    world = random_world(Random(seed), people=8, offers=6)
    matching = world.matching()
    wide = replace(
        matching,
        people=widened(matching.people),
        offers=widened(matching.offers),
        hierarchy=widened(matching.hierarchy),
    )
    for o in range(6):
        narrow, other = rank_people_for_offer(matching, o), rank_people_for_offer(wide, o)
        assert narrow.rows.tolist() == other.rows.tolist()
        assert narrow.points.tolist() == other.points.tolist()
        assert narrow.gates.tolist() == other.gates.tolist()


def widened(table):
    columns = {column.name: getattr(table, column.name) for column in fields(table)}
    return replace(
        table, **{n: c.astype(np.int64) for n, c in columns.items() if c.dtype != np.bool_}
    )


@pytest.mark.parametrize("table", [Hierarchy, People, Offers, Weights, engine.Matching])
def test_the_engine_has_no_column_for_who_somebody_is(table):
    words = {word for column in fields(table) for word in column.name.split("_")}
    assert words
    assert words & PROTECTED == set()


def test_the_engine_imports_numpy_scipy_and_the_standard_library_only():
    modules = (engine, gates, inputs, unlocks, weights)
    ours = {module.__name__ for module in modules}
    for module in modules:
        for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.split(".")[0]
                assert name in ours or top in {"numpy", "scipy"} or top in sys.stdlib_module_names


class TestWishes:
    """Shown beside the points, never in them."""

    def test_a_wish_finds_the_nearest_thing_in_the_offer(self):
        world = World(
            PARENTS,
            [Person(0, wanted=[COOKING, FRYING, WORK])],
            [Offer(0, [Asked(BAKING)], occupation=SOURDOUGH)],
        )
        met, beside, broad = explain(world.matching(), 0, 0).wishes
        assert (met.relation, met.offer_concept, met.is_met) == (Relation.NARROWER, BAKING, True)
        assert (beside.relation, beside.is_met) == (Relation.PARENT, False)
        assert (broad.relation, broad.is_met) == (Relation.NARROWER, True)

    def test_wishes_and_wait_change_no_points(self):
        world = random_world(Random(5), people=8, offers=8)
        before = cover(world.matching(), np.arange(8), np.arange(8)).points
        for person in world.people:
            person.wanted, person.wait_days = [0, 1, 2], 999
        assert (cover(world.matching(), np.arange(8), np.arange(8)).points == before).all()


class TestBounds:
    """What the engine refuses to be given."""

    @pytest.mark.parametrize(
        "change",
        [
            {"evidence": (4, 8, 9, 10)},
            {"evidence": (8, 7, 9, 10)},
            {"evidence": (7, 8, 9, 9)},
            {"evidence": (7, 8, 11, 10)},
            {"required": (25, 60, 15)},
            {"required": (0, 0, 0)},
            {"required": (60, 25, -1)},
            {"required": (60, 26, 15)},
            {"merit": (19, 8, 4)},
            {"required": (10, 5, 5), "merit": (20, 5, 5)},
        ],
    )
    def test_a_table_outside_its_published_bounds_is_refused(self, change):
        with pytest.raises(ValueError, match=r"must|never|counts"):
            Weights(**change)

    @pytest.mark.parametrize("parent", [[0], [1, 0], [1, 2, 3, 1], [5], [-2], [-1, 0, 3, 2]])
    def test_a_line_upward_that_never_ends_or_leads_nowhere_is_refused(self, parent):
        with pytest.raises(ValueError, match="concept"):
            Hierarchy(np.array(parent, np.int32))

    def test_an_offer_takes_40_required_and_80_merits_and_no_more(self):
        for asked in ([Asked(0)] * 41, [Asked(0, merit=True)] * 81):
            with pytest.raises(ValueError, match="at most 40 required and 80 merits"):
                World(PARENTS, [], [Offer(0), Offer(1, asked)]).matching()

    def test_an_offer_of_its_own_does_not_count_against_the_next(self):
        asked = [Asked(0)] * 40 + [Asked(0, merit=True)] * 80
        assert World(PARENTS, [], [Offer(0, asked), Offer(1, asked)]).matching()

    def test_a_concept_or_an_area_that_is_in_no_list_is_refused(self):
        for world in (
            World(PARENTS, [Person(0, held=[Held(8, 1)])], []),
            World(PARENTS, [Person(0, wanted=[-1])], []),
            World(PARENTS, [], [Offer(0, [Asked(8)])]),
            World(PARENTS, [], [Offer(0, occupation=8)]),
            World(PARENTS, [], [Offer(0, area=3)]),
        ):
            with pytest.raises(ValueError, match="not in its list"):
                world.matching()

    def test_columns_that_do_not_fit_together_are_refused(self):
        people = people_arrays([Person(0, held=[Held(0, 1)]), Person(1)])
        for change in (
            {"wait_days": np.zeros(3, int)},
            {"held_pointer": np.array([0, 1])},
            {"held_pointer": np.array([0, 2, 1])},
            {"held_rung": np.array([5])},
            {"held_level": np.array([7])},
            {"held_concept": np.array([0, 1])},
        ):
            with pytest.raises(ValueError, match=r"pointer|row|rung|level"):
                replace(people, **change)

    def test_people_and_offers_written_with_different_lists_are_refused(self):
        matching = World(PARENTS, [Person(0)], [Offer(0)]).matching()
        with pytest.raises(ValueError, match="different lists"):
            replace(matching, people=replace(matching.people, licences=np.zeros((1, 9), bool)))

    def test_an_explanation_that_does_not_bear_its_points_is_never_shown(self, monkeypatch):
        matching = World(PARENTS, [Person(0, held=[Held(0, 1)])], [Offer(0, [Asked(0)])]).matching()
        monkeypatch.setattr(engine, "_sources", lambda *_: (None, None, None))
        with pytest.raises(RuntimeError, match="does not bear"):
            explain(matching, 0, 0)


def test_states_are_held_in_rising_order():
    assert STATES == (State.MISSING, State.PARTLY, State.MET)
