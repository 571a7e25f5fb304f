"""An index that changes answers as one built anew."""

from random import Random

import numpy as np
import pytest

from matchsvc.matching.fast import index, live
from matchsvc.matching.fast.changing import write_change
from matchsvc.matching.fast.demands import build_demands
from matchsvc.matching.fast.index import DENSE_SHARE, build_index
from matchsvc.matching.fast.live import DUE, Live, writable
from matchsvc.matching.fast.ranking import top_offers, top_people

CONCEPTS, K = 12, 5


class Town:
    """People as plain dicts, and the same as a live index."""

    def __init__(self, seed, people=120):
        self.random = Random(seed)
        self.parent = [self.random.randrange(-1, c) if c else -1 for c in range(CONCEPTS)]
        self.people = {row: self.somebody() for row in range(people)}
        self.live = Live(writable(self.built()))
        demands = [self.somebody()["facts"] for _ in range(10)]
        self.demands = build_demands(
            offers=len(demands),
            parent=self.parent,
            requirement_offer=[o for o, facts in enumerate(demands) for _ in facts],
            requirement_concept=[c for facts in demands for c, _ in facts],
            requirement_is_merit=[t > 8 for facts in demands for _, t in facts],
            need=np.array([self.random.choice([0, 0, 1, 5]) for _ in demands], np.uint64),
        )

    def somebody(self):
        facts = [(self.random.randrange(CONCEPTS), self.tenths()) for _ in range(self.few())]
        return {"facts": facts, "has": self.random.randrange(8), "wait": self.random.randrange(3)}

    def few(self):
        return self.random.randrange(5)

    def tenths(self):
        return self.random.choice([7, 8, 9, 10])

    def built(self):
        rows = sorted(self.people)
        people = [self.people[row] for row in rows]
        facts = [(i, c, t) for i, person in enumerate(people) for c, t in person["facts"]]
        held = np.array(facts, np.int64).reshape(-1, 3).T
        return build_index(
            people=len(rows),
            parent=self.parent,
            held_row=held[0],
            held_concept=held[1],
            held_tenths=held[2],
            has=np.array([person["has"] for person in people], np.uint64),
            wait_days=[person["wait"] for person in people],
            id_rank=rows,
            block_length=64,
        )

    def put(self, row, person):
        self.people[row] = person
        return self.live.change(
            row,
            [c for c, _ in person["facts"]],
            [t for _, t in person["facts"]],
            np.array([person["has"]], np.uint64),
            wait_days=person["wait"],
            id_rank=row,
        )

    def drop(self, row):
        self.people.pop(row, None)
        self.live.remove(row)

    def step(self):
        row = self.random.randrange(len(self.people) + 9)
        kind = self.random.choice(["drop", "new", "tenths", "gates", "tenths"])
        known = self.people.get(row)
        if kind == "drop":
            self.drop(row)
        elif known is None or kind == "new":
            self.put(row, self.somebody())
        elif kind == "gates":
            self.put(row, known | {"has": self.random.randrange(8)})
        else:
            facts = [(c, self.tenths()) for c, _ in known["facts"]]
            self.put(row, known | {"facts": facts})

    def assert_as_built_anew(self, compiled):
        rows, built = np.array(sorted(self.people)), self.built()
        people = top_people(built, self.demands, K)
        found = self.live.top_people(self.demands, K, compiled=compiled)
        assert np.array_equal(found.people, np.where(people.people < 0, -1, rows[people.people]))
        assert np.array_equal(found.points, people.points)
        offers = top_offers(built, self.demands, K)
        found = self.live.top_offers(self.demands, K, compiled=compiled)
        assert np.array_equal(found.offers[rows], offers.offers)
        assert np.array_equal(found.values[rows], offers.values)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("share", [DENSE_SHARE, 0.2, 0.9])  # columns alone, both, lists alone
@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_it_answers_as_one_built_anew(seed, share, compiled, monkeypatch):
    monkeypatch.setattr(index, "DENSE_SHARE", share)
    if not compiled:
        monkeypatch.setattr(live, "writer", lambda: write_change)
    town = Town(seed)
    for _ in range(8):
        for _ in range(12):
            town.step()
        town.assert_as_built_anew(compiled)


def test_other_evidence_and_other_gates_change_in_place():
    town = Town(1)
    row = next(row for row, person in town.people.items() if len(person["facts"]) > 2)
    facts = [(c, 7 if t == 10 else 10) for c, t in town.people[row]["facts"]]
    assert town.put(row, town.people[row] | {"facts": facts, "has": 7})
    town.assert_as_built_anew(compiled=True)


def test_a_new_competence_and_another_wait_stand_beside():
    town = Town(2)
    new = [(c, 8) for c in range(CONCEPTS)]
    assert not town.put(0, town.people[0] | {"facts": new})
    assert not town.put(1, town.people[1] | {"wait": 99})
    town.assert_as_built_anew(compiled=True)


def test_who_was_taken_out_is_nobody_and_can_come_back():
    town = Town(3)
    person = town.people[5]
    town.drop(5)
    assert not np.any(town.live.top_people(town.demands, 200).people == 5)
    assert np.all(town.live.top_offers(town.demands, 3).offers[5] == -1)
    town.drop(5)
    town.put(5, person)
    town.assert_as_built_anew(compiled=True)


def test_building_anew_is_due_when_many_stand_beside():
    town = Town(4, people=1)
    for row in range(1, DUE + 2):
        town.put(row, {"facts": [(0, 7)], "has": 7, "wait": 0})
        assert town.live.is_due == (row > DUE)


def test_what_is_written_to_is_a_copy():
    town = Town(5)
    shared = town.built()
    before = shared.alive.copy()
    Live(writable(shared)).remove(0)
    assert np.array_equal(shared.alive, before)
