"""The bench of the reports: it loads, asks every question and prints both sides."""

from __future__ import annotations

import json

from click.testing import CliRunner

from matchsvc.bench.commands import bench


def test_every_published_question_is_measured_beside_a_full_recount(engine):
    asked = ["reports", "--participants", "60", "--repeats", "2", "--json"]
    made = CliRunner().invoke(bench, asked, catch_exceptions=False)

    told = json.loads(made.output)
    assert told["ways"] == told["participants"] == 60
    assert told["events"] > 300
    assert set(told["questions"]) == {
        "headline_shares", "outcomes_by_group", "quarterly_trend", "funnel", "cube_by_programme",
        "cumulative", "published_tables", "published_cumulative",
    }  # fmt: skip
    for times in told["questions"].values():
        assert 0 < times["p50"] <= times["p95"] <= told["slowest_p95"]
        assert times["ratio"] > 0
