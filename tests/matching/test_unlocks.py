"""What one thing more would open, against trying every change by hand."""

from copy import deepcopy
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchsvc.matching import unlocks
from matchsvc.matching.unlocks import Kind, unlocks_for_offer, unlocks_for_person
from tests.matching import reference
from tests.matching.cases import AREAS, LANGUAGES, LICENCES, SKILLS, World, random_world
from tests.matching.reference import Asked, Held, Offer, Person

NO_CONCEPTS = np.full(LICENCES, -1)


def can_be_proposed(world, person, offer, floor):
    """The rule in words: every gate open, and the required covered to the floor."""
    if reference.is_closed(reference.gates(person, offer, world.today)):
        return False
    required = replace(offer, asked=[asked for asked in offer.asked if not asked.merit])
    return reference.cover(world.parents, world.table, person, required)["cover"] >= floor


def changed(row, **values):
    other = deepcopy(row)
    for name, value in values.items():
        setattr(other, name, value)
    return other


def person_changes(world, person, floor, licence_concepts):
    """Every single change to a person: {(kind, what, value): the person changed}."""
    made = {}
    for licence in set(range(LICENCES)) - person.licences:
        concept = licence_concepts[licence]
        also = [Held(int(concept), 4)] if concept >= 0 else []
        made[Kind.LICENCE, licence, 0] = changed(
            person, licences=person.licences | {licence}, held=[*person.held, *also]
        )
    for language in range(LANGUAGES):
        for level in range(1, 7):
            raised = {
                key: max(known, level) if key[0] == language else known
                for key, known in person.languages.items()
            }
            made[Kind.LANGUAGE, language, level] = changed(person, languages=raised)
    if person.hours is not None:
        for hours in range(person.hours + 1, 41):
            made[Kind.HOURS, -1, hours] = changed(person, hours=hours)
    if person.days is not None:
        for day in set(range(7)) - person.days:
            made[Kind.WEEKDAYS, day, 0] = changed(person, days=person.days | {day})
    if isinstance(person.areas, set):
        for area in set(range(AREAS)) - person.areas:
            made[Kind.REACH, area, 0] = changed(person, areas=person.areas | {area})
    for condition in person.needs:
        made[Kind.CONDITION, condition, 0] = changed(person, needs=person.needs - {condition})
    if person.start is not None and person.start > world.today:
        made[Kind.START, -1, 0] = changed(person, start=world.today)
    low = [
        offer
        for offer in world.offers
        if can_be_proposed(world, person, offer, 0)
        and not can_be_proposed(world, person, offer, floor)
    ]
    required = {a.concept for offer in low for a in offer.asked if not a.merit}
    for concept in required - {int(c) for c in licence_concepts}:
        made[Kind.CONCEPT, concept, 0] = changed(person, held=[*person.held, Held(concept, 4)])
    return made


def offer_changes(offer, first_requirement):
    """Everything that an offer can leave out: {(kind, what): the offer without it}."""
    made = {
        (Kind.LICENCE, n): changed(offer, licences=offer.licences - {n}) for n in offer.licences
    }
    for language in {language for language, _ in offer.languages}:
        kept = {key: level for key, level in offer.languages.items() if key[0] != language}
        made[Kind.LANGUAGE, language] = changed(offer, languages=kept)
    for condition in offer.excluded:
        left = offer.excluded - {condition}
        made[Kind.CONDITION, condition] = changed(offer, excluded=left)
    made[Kind.HOURS, -1] = changed(offer, hours_start=None)
    made[Kind.WEEKDAYS, -1] = changed(offer, days=None)
    made[Kind.START, -1] = changed(offer, start_by=None)
    made[Kind.SEASON, -1] = changed(offer, season=None)
    if offer.area is not None:
        made[Kind.REACH, offer.area] = changed(offer, area=None)
    for place, asked in enumerate(offer.asked):
        if not asked.merit:
            rest = offer.asked[:place] + offer.asked[place + 1 :]
            made[Kind.CONCEPT, first_requirement + place] = changed(offer, asked=rest)
    return made


def assert_found_by_hand(world, floor, licence_concepts=NO_CONCEPTS):
    matching = world.matching()
    for p, person in enumerate(world.people):
        now = [can_be_proposed(world, person, offer, floor) for offer in world.offers]
        by_hand = {
            key: {
                o
                for o, offer in enumerate(world.offers)
                if not now[o] and can_be_proposed(world, other, offer, floor)
            }
            for key, other in person_changes(world, person, floor, licence_concepts).items()
        }
        found = {
            (u.kind, u.what, u.value): set(u.rows.tolist())
            for u in unlocks_for_person(matching, p, floor=floor, licence_concepts=licence_concepts)
        }
        for key, rows in found.items():
            assert rows == by_hand[key], key
        for (kind, what, value), rows in by_hand.items():
            # Between two levels that matter nothing changes: the lower one stands for both.
            same = [
                found[k]
                for k in found
                if k[:2] == (kind, what) and (k[2] == value or value > k[2] > 0)
            ]
            assert max(same, key=len, default=set()) == rows, (kind, what, value)
    first = 0
    for o, offer in enumerate(world.offers):
        now = [can_be_proposed(world, person, offer, floor) for person in world.people]
        by_hand = {
            key: {
                p
                for p, person in enumerate(world.people)
                if not now[p] and can_be_proposed(world, person, other, floor)
            }
            for key, other in offer_changes(offer, first).items()
        }
        found = {
            (u.kind, u.what): set(u.rows.tolist())
            for u in unlocks_for_offer(matching, o, floor=floor)
        }
        assert found == {key: rows for key, rows in by_hand.items() if rows}
        first += len(offer.asked)


@pytest.mark.parametrize("floor", [0, 4_000, 9_000])
@pytest.mark.parametrize("seed", range(25))
def test_each_answer_is_what_trying_the_change_gives(seed, floor):
    assert_found_by_hand(random_world(Random(seed), people=7, offers=9), floor)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(1, 5), st.integers(1, 9))
def test_each_answer_is_right_whatever_can_be_thought_of(random, people, offers, concepts):
    world = random_world(random, people, offers, concepts)
    licence_concepts = np.array([random.randrange(-1, concepts) for _ in range(LICENCES)])
    assert_found_by_hand(world, random.choice([0, 4_000, 10_000]), licence_concepts)


def nearly_open(seed, people, offers):
    """A world in which one thing at a time is in the way, so that much opens."""
    random = Random(seed)
    world = random_world(random, people, offers)
    for person in world.people:
        person.licences_known = True
        person.areas, person.start = "everywhere", None
        person.languages = {(a, b): 3 for a in range(LANGUAGES) for b in range(SKILLS)}
    for offer in world.offers:
        offer.barred, offer.is_open, offer.places, offer.valid_until = False, True, 1, None
        offer.season = offer.start_by = None
        offer.asked = offer.asked[:3]
    return world


@pytest.mark.parametrize("seed", range(8))
def test_where_one_thing_is_in_the_way_all_kinds_are_found(seed):
    world = nearly_open(seed, 12, 20)
    assert_found_by_hand(world, 4_000)
    kinds = {
        unlock.kind
        for p in range(12)
        for unlock in unlocks_for_person(
            world.matching(), p, floor=4_000, licence_concepts=NO_CONCEPTS
        )
    }
    assert len(kinds) >= 3


def test_the_most_comes_first_and_what_opens_nothing_is_not_named():
    offers = [Offer(n, [Asked(0)]) for n in range(3)] + [Offer(3, licences={1}), Offer(4)]
    world = World([None, None], [Person(0, held=[Held(1, 1)])], offers)
    first, second = unlocks_for_person(
        world.matching(), 0, floor=4_000, licence_concepts=NO_CONCEPTS
    )
    assert (first.kind, first.what, first.count) == (Kind.CONCEPT, 0, 3)
    assert (second.kind, second.what, second.rows.tolist()) == (Kind.LICENCE, 1, [3])


def test_a_licence_that_is_asked_for_as_a_competence_too_counts_as_both():
    world = World([None], [Person(0)], [Offer(0, [Asked(0)], licences={2})])
    (found,) = unlocks_for_person(
        world.matching(), 0, floor=4_000, licence_concepts=np.array([-1, -1, 0])
    )
    assert (found.kind, found.what, found.rows.tolist()) == (Kind.LICENCE, 2, [0])


def test_two_levels_of_a_language_that_each_open_something_are_both_told():
    languages = {(0, skill): 2 for skill in range(SKILLS)}
    offers = [Offer(0, languages={(0, 0): 3, (0, 2): 3}), Offer(1, languages={(0, 1): 4})]
    world = World([None], [Person(0, languages=languages)], offers)
    found = unlocks_for_person(world.matching(), 0, floor=4_000, licence_concepts=NO_CONCEPTS)
    told = [(u.value, u.rows.tolist()) for u in found if u.kind is Kind.LANGUAGE]
    assert told == [(4, [0, 1]), (3, [0])]


def test_what_no_change_can_open_is_never_told():
    world = World([None], [Person(0)], [Offer(0, barred=True), Offer(1, places=0)])
    assert unlocks_for_person(world.matching(), 0, floor=0, licence_concepts=NO_CONCEPTS) == ()
    for o in range(2):
        assert unlocks_for_offer(world.matching(), o, floor=0) == ()


def test_nobody_and_nothing_give_no_answer():
    nobody = World([None], [], [Offer(0, [Asked(0)])]).matching()
    assert unlocks_for_offer(nobody, 0, floor=4_000) == ()
    nothing = World([None], [Person(0)], []).matching()
    assert unlocks_for_person(nothing, 0, floor=4_000, licence_concepts=NO_CONCEPTS) == ()
    empty = World([], [Person(0)], [Offer(0)]).matching()
    assert unlocks_for_person(empty, 0, floor=4_000, licence_concepts=NO_CONCEPTS) == ()
    assert unlocks_for_offer(empty, 0, floor=4_000) == ()


def test_cutting_people_into_slices_changes_nothing(monkeypatch):
    world = nearly_open(3, 30, 4)
    whole = [unlocks_for_offer(world.matching(), o, floor=4_000) for o in range(4)]
    monkeypatch.setattr(unlocks, "CELLS_AT_ONCE", 7)
    cut = [unlocks_for_offer(world.matching(), o, floor=4_000) for o in range(4)]

    def told(found):
        return [[(u.kind, u.what, u.rows.tolist()) for u in each] for each in found]

    assert told(cut) == told(whole)
    assert any(whole)


def test_the_floor_decides_from_which_cover_a_pair_can_be_proposed():
    world = World([None], [Person(0, held=[Held(0, 1)])], [Offer(0, [Asked(0)])])
    low = unlocks_for_person(world.matching(), 0, floor=7_000, licence_concepts=NO_CONCEPTS)
    high = unlocks_for_person(world.matching(), 0, floor=7_001, licence_concepts=NO_CONCEPTS)
    assert low == ()
    assert [u.kind for u in high] == [Kind.CONCEPT]
