"""What is measured of the cohort is the same work on every side."""

from __future__ import annotations

import numpy as np
import pytest

from matchsvc.bench import arrivals, cohort

pytest.importorskip("ortools")


def workload(seed, people=60, offers=25, concepts=30):
    """A little of what the real generator makes: one level of headings, two gates."""
    random = np.random.default_rng(seed)
    parent = np.full(concepts, -1, np.int32)
    parent[6:] = random.integers(0, 6, concepts - 6)
    held, asked = people * 6, offers * 3
    return {
        "n": np.array(people),
        "m": np.array(offers),
        "parent": parent,
        "held_row": np.sort(random.integers(0, people, held)),
        "held_concept": random.integers(6, concepts, held).astype(np.int32),
        "held_evidence": random.choice([7, 8, 9, 10], held).astype(np.uint8),
        "req_row": np.sort(random.integers(0, offers, asked)),
        "req_concept": random.integers(6, concepts, asked).astype(np.int32),
        "req_merit": random.integers(0, 2, asked).astype(np.uint8),
        "has": random.integers(0, 4, people).astype(np.uint64),
        "need": random.integers(0, 2, offers).astype(np.uint64),
        "capacity": random.choice([0, 1, 2, 3], offers).astype(np.int32),
        "wait_days": random.integers(0, 400, people).astype(np.int32),
    }


@pytest.mark.parametrize("floor", [pytest.param(0, marks=pytest.mark.soak), 4_000])
def test_all_three_solvers_are_given_the_same_cohort_and_find_the_same_value(floor):
    given = workload(1)
    ours = cohort._ours(given, floor, 1, None)
    flow = cohort._flow(given, floor, 1)
    dense = cohort._dense(given, floor, 1)
    assert ours["value"] == ours["bound"] == flow["flow_value"] == dense["baseline_value"]
    assert ours["placed"] > 5
    assert min(ours["seconds"], flow["flow_seconds"], dense["baseline_seconds"]) > 0


@pytest.mark.soak
def test_each_side_runs_in_a_process_of_its_own_and_the_ratios_are_of_what_is_printed():
    told = cohort.bench_cohort(workload(2), repeats=1)
    assert told["ratio"] == told["baseline_seconds"] / told["seconds"]
    assert told["memory_ratio"] == told["baseline_megabytes"] / told["megabytes"]
    assert told["short_of_best"] == 0
    assert told["gap"] == 0


def test_scipy_s_dense_table_is_left_out_above_its_size_unless_asked_for(monkeypatch):
    monkeypatch.setattr(cohort, "LARGEST_DENSE", 10)
    monkeypatch.setattr(cohort, "_apart", lambda work, *given: work(*given))
    told = cohort.bench_cohort(workload(3), repeats=1)
    assert "baseline_seconds" not in told
    assert "flow_seconds" in told
    assert "ratio" in cohort.bench_cohort(workload(3), repeats=1, full=True)


def test_nobody_beats_hindsight_and_everybody_is_placed_at_most_once():
    told = arrivals.bench_arrivals(workload(4), workload(5), floor=0)
    best = told["hindsight"]
    for way in ("first_come", "at_once", "by_prices"):
        assert told[way]["value"] <= best["value"]
        assert 0 < told[way]["placed"] <= min(told["people"], told["places"])
    gained = told["by_prices"]["value"] - told["first_come"]["value"]
    assert told["gap_closed"] == gained / (best["value"] - told["first_come"]["value"])


def test_a_quiet_year_is_lived_through_alike():
    nothing = workload(6) | {"capacity": np.zeros(25, np.int32)}
    told = arrivals.bench_arrivals(nothing, workload(7), floor=0)
    assert told["hindsight"] == {"placed": 0, "value": 0}
    assert told["gap_closed"] == 1.0
