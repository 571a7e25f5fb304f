"""The bench of searching measures a town of its own and prints both sides."""

import json

import pytest
from click.testing import CliRunner

from matchsvc import db
from matchsvc.bench.commands import bench


@pytest.mark.soak
@pytest.mark.sqlite_only
def test_it_measures_a_town_of_its_own_and_names_what_it_is_compared_with(engine):
    try:
        answer = CliRunner().invoke(bench, ["search", "--json"], catch_exceptions=False)
    finally:
        db.bind(engine)
    told = json.loads(answer.output)
    assert told["participants"] == 60
    assert told["searches"] > 20
    assert 0 < told["seconds"] <= told["most_seconds"]
    assert told["ratio"] == told["baseline_seconds"] / told["seconds"]
    assert "WRatio" in told["baseline"]
