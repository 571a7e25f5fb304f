"""The measuring of the live index measures what it says."""

from __future__ import annotations

import pytest

from matchsvc import db
from matchsvc.bench.live import bench_load, bench_update

pytestmark = [pytest.mark.sqlite_only, pytest.mark.soak]


@pytest.fixture(autouse=True)
def own_database(engine):
    yield
    assert db.engine() is engine  # what was connected before is connected again


def test_loading_compares_packed_rows_with_the_normalised_ones():
    figures = bench_load(2_000, 20, repeats=1)
    assert figures["facts"] > 20_000
    assert figures["ratio"] == figures["baseline_seconds"] / figures["seconds"]
    assert figures["cold_start_seconds"] > figures["cold_start_index_seconds"] > 0
    assert figures["index_bytes"] > 100_000


def test_a_change_is_timed_until_it_is_seen():
    figures = bench_update(2_000, 20)
    assert 0 < figures["seconds"] < figures["baseline_seconds"]
