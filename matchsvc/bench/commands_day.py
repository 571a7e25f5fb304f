"""``matchsvc bench day``: a day of work in a few minutes (day.py)."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from matchsvc import db
from matchsvc.bench.day import bench_day


@click.command("day")
@click.option("--database", default="sqlite", show_default=True, help="sqlite, or an empty URL")
@click.option("--requests", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--staff", type=click.IntRange(1), default=60, show_default=True)
@click.option("--visitors", type=click.IntRange(1), default=200, show_default=True)
@click.option("--minutes", type=float, default=20.0, show_default=True)
@click.option("--participants", type=click.IntRange(24), default=300, show_default=True)
@click.option("--port", type=int, default=0, help="of the web server; a free one unless given")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--kill-every", type=float, default=0.0, show_default=True, help="seconds, on average"
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def day(*, as_json: bool, **asked: Any) -> None:
    """Live a day in a town that is thrown away; exit 1 when anything went wrong."""
    figures = bench_day(**asked, now=db.utcnow())
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _print(figures)
    if not figures["is_well"]:
        sys.exit(1)


SHOWN = (
    "database", "requests", "minutes", "overall", "slowest_start_ms", "p95_ms_by_minute",
    "errors", "killed", "hung_up", "afterwards", "searched_for_the_protected",
    "told_of_the_protected", "faults_in_log", "memory_bytes", "messages", "checks",
    "load_average",
)  # fmt: skip


def _print(figures: dict[str, Any]) -> None:
    for key in SHOWN:
        click.echo(f"{key}: {figures[key]}")
    for route, spread in figures["routes"].items():
        click.echo(f"{spread['p95_ms']:>9} ms  {spread['number']:>6}  {route}")
