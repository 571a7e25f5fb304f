"""The published text and the engine say the same."""

import re
from pathlib import Path

import pytest

from matchsvc.matching.assignment.pairs import PLACED
from matchsvc.matching.assignment.solve import CERTIFIED
from matchsvc.matching.engine import State, explain
from matchsvc.matching.gates import Gate
from matchsvc.matching.usable import FLOOR
from matchsvc.matching.weights import MOST_MERITS, MOST_POINTS, MOST_REQUIRED, Weights
from tests.matching.cases import World
from tests.matching.reference import Asked, Held, Offer, Person

TEXT = (Path(__file__).parents[2] / "docs/how-matching-works.md").read_text()
SWEDISH, ENGLISH = TEXT.split("\n# How matching works\n")
WORDS = {State.MET: "Uppfyllt", State.PARTLY: "Delvis", State.MISSING: "Saknas"}

# Arbete i kök > Laga mat > (i större mängd, Baka); > Hålla rent i kök > Diska. Samarbete > i lag
KITCHEN, COOKING, IN_QUANTITY, BAKING, KEEPING_CLEAN, DISHES, COOPERATION, IN_A_TEAM = range(8)
PARENTS = [None, KITCHEN, COOKING, COOKING, KITCHEN, KEEPING_CLEAN, None, COOPERATION]


def rows_of(text, first_cell):
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return [row for row in cells if row[0] == first_cell]


@pytest.fixture
def told():
    she = Person(0, held=[Held(IN_QUANTITY, 3), Held(KEEPING_CLEAN, 1), Held(IN_A_TEAM, 2)])
    asked = [Asked(IN_QUANTITY), Asked(DISHES), Asked(IN_A_TEAM), Asked(BAKING, merit=True)]
    return explain(World(PARENTS, [she], [Offer(0, asked)]).matching(), 0, 0)


def test_the_published_table_is_the_one_the_engine_uses_by_default():
    weights = Weights()
    for label, numbers in (("Krav", weights.required), ("Merit", weights.merit)):
        assert rows_of(SWEDISH, label) == [[label, *map(str, numbers), str(sum(numbers))]]
        assert " + ".join(map(str, numbers)) in ENGLISH
    rungs = ("Påstådd", "Exemplifierad", "Observerad", "Bekräftad")
    for rung, tenths in zip(rungs, weights.evidence, strict=True):
        assert rows_of(SWEDISH, rung) == [[rung, str(tenths)]]
        assert f"(*{rung.lower()}*) {tenths}" in ENGLISH
    assert f"Version {weights.version}." in SWEDISH
    assert f"{MOST_REQUIRED} krav och {MOST_MERITS} meriter" in SWEDISH
    assert f"{MOST_POINTS:,}".replace(",", " ") in SWEDISH


def test_the_worked_example_is_what_the_engine_answers(told):
    labels = ("Laga mat i större mängd", "Diska", "Arbeta i lag", "Merit: Baka")
    for label, part in zip(labels, told.parts, strict=True):
        ((_, *products, points, most, word),) = rows_of(SWEDISH, label)
        tenths = [source.tenths if source else 0 for source in part.sources]
        triples = zip(part.shares, tenths, part.points, strict=True)
        assert products == [f"{share} × {tenth} = {point}" for share, tenth, point in triples]
        assert (points, most) == (str(sum(part.points)), str(10 * sum(part.shares)))
        assert word == WORDS[part.state]
    assert rows_of(SWEDISH, "Summa") == [["Summa", "", "", "", str(told.points), "3300", ""]]
    assert told.maximum == 3300
    for text in (SWEDISH, ENGLISH):
        assert str(told.points) in text
        assert str(told.cover) in text


def test_every_gate_is_published_in_both_languages():
    gates = re.findall(r"^\| `(\w+)` \|", ENGLISH, re.MULTILINE)
    assert gates == [str(gate) for gate in Gate]
    section = SWEDISH.split("## 4. ")[1].split("## 5. ")[0]
    assert section.count("\n| ") == len(gates) + 1


def test_the_published_floor_and_value_of_the_cohort_are_the_ones_that_are_used():
    assert f"{FLOOR:,}".replace(",", " ") in SWEDISH
    assert f"{FLOOR:,} of 10,000" in ENGLISH
    assert f"It is worth {PLACED:,} and its cover" in ENGLISH
    assert f"within {CERTIFIED * 100:.2f} %" in ENGLISH
