"""``matchsvc bench matching``: what it invents, and that it prints both sides of every ratio."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from matchsvc.bench import workload
from matchsvc.bench.matching import MEASURES, USUAL, matching

SMALL = ["--participants", "300", "--offers", "40", "--repeats", "1", "--json"]


def measured(*options):
    result = CliRunner().invoke(matching, [*SMALL, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_usual_measures_print_both_sides_of_every_ratio():
    told = measured()
    assert tuple(told) == USUAL
    for figures in told.values():
        assert figures["ratio"] == pytest.approx(figures["baseline_seconds"] / figures["seconds"])
        assert figures["baseline"]


#: These take long even in a small town.
SLOW = {"cohort", "flat", "load", "memory", "visible"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.soak if name in SLOW else [])
        for name in sorted(set(MEASURES) - set(USUAL))
    ],
)
def test_every_other_measure_can_be_asked_for(name):
    told = measured("--only", name)
    assert list(told) == [name]
    assert min(told[name]["seconds"], told[name]["baseline_seconds"]) > 0


def test_every_explained_pair_sums_to_its_points():
    told = measured("--only", "explain")["explain"]
    assert told["pairs"] == told["pairs_with_equal_sums"] > 0


def test_a_measure_that_does_not_exist_is_refused():
    result = CliRunner().invoke(matching, [*SMALL, "--only", "all_pairs,beauty"])
    assert result.exit_code == 2
    assert "beauty" in result.output


def test_a_workload_from_a_file_is_measured_instead(tmp_path):
    file = tmp_path / "town.npz"
    np.savez(file, **workload.invent(200, 30, seed=4))
    assert workload.read(file)["n"] == 200
    told = measured("--workload", str(file), "--only", "explain")["explain"]
    assert told["pairs"] <= 30 * 10


def test_a_file_that_is_no_workload_is_told_apart(tmp_path):
    file = tmp_path / "other.npz"
    np.savez(file, parent=np.zeros(1))
    with pytest.raises(ValueError, match="held_row"):
        workload.read(file)


def test_the_same_seed_invents_the_same_town():
    one, same, other = (workload.invent(100, 20, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["has"], other["has"])


@pytest.mark.parametrize(("zipf", "popular"), [(1.0, 0.1), (0.3, 0.01)])
def test_an_invented_town_has_the_shape_that_the_numbers_are_about(zipf, popular):
    made = workload.invent(3_000, 800, zipf=zipf)
    assert 23 < len(made["held_row"]) / made["n"] < 25
    assert 9 < len(made["req_row"]) / made["m"] < 12
    passing = [(need & ~made["has"]) == 0 for need in made["need"]]
    assert 0.2 < np.mean(passing) < 0.36
    share = np.bincount(made["held_concept"], minlength=workload.CONCEPTS) / made["n"]
    assert share[: workload.SKILLS].max() > popular
