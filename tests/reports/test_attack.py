"""Nobody can work out a hidden figure from all that was ever published, however it is combined."""

from __future__ import annotations

import pytest

from matchsvc.reports import published, published_blocks
from tests.reports.adversary import Adversary
from tests.reports.towns import Town
from tests.soak import SOAK


def attacked(session, unit_id, seed, *, bounds, **size):
    """A town whose every publication was read as it came, and then attacked."""
    town = Town(session, unit_id, seed, **size)
    pages = [page for pages in town.pass_time() for page in pages]
    adversary = Adversary(town.truth())
    for page in pages:
        adversary.read(page)
    adversary.attack(bounds=bounds)
    return adversary


TOWNS = [
    (seed, size)
    for size in (
        {"quarters": 8, "most": 30},
        {"quarters": 12, "most": 60},
        {"quarters": 8, "most": 12},
    )
    for seed in range(20 if SOAK else 1)
]


@pytest.mark.parametrize(("seed", "size"), TOWNS)
def test_no_hidden_figure_is_worked_out(session, make, seed, size, capsys):
    found = attacked(session, make.unit().id, seed, bounds=60 if SOAK else 10, **size)

    with capsys.disabled():
        forms = sum(map(len, found.forms.values()))
        print(  # noqa: T201 - how much was tried is what the test is for
            f"\n{forms} figures, {found.tried} combinations and {found.bounded} bounds tried,"
            f" {found.recovered} recovered"
        )
    assert found.tried > 1000
    assert found.found == []


def test_the_attack_finds_what_years_would_give_away(session, make, monkeypatch):
    """Without looking at quarters and years together, the year less its quarters tells."""
    monkeypatch.setattr(published_blocks, "_first_leak", lambda *_: None)
    found = [
        attacked(session, make.unit(name=f"Ort {seed}").id, seed, bounds=0, quarters=8, most=30)
        for seed in range(3)
    ]

    assert sum(each.recovered for each in found) > 0


def test_the_attack_finds_what_hiding_only_small_cells_would_give_away(session, make, monkeypatch):
    real = published._amount

    def small_are_hidden(*asked):
        found = real(*asked)
        return None if found is not None and 0 < found < 5 else found

    monkeypatch.setattr(published_blocks, "is_safe", lambda *_: True)
    monkeypatch.setattr(published_blocks, "_first_leak", lambda *_: None)
    monkeypatch.setattr(published, "_amount", small_are_hidden)
    found = attacked(session, make.unit().id, 1, bounds=0, quarters=8, most=30)

    assert {how for how, *_ in found.found} >= {"difference", "solving"}
