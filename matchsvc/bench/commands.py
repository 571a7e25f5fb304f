"""``matchsvc bench``: what is measured, each in a module of its own."""

from __future__ import annotations

import click

from matchsvc.bench.commands_day import day
from matchsvc.bench.linking import linking
from matchsvc.bench.matching import matching
from matchsvc.bench.reports import reports
from matchsvc.bench.search import search


@click.group("bench")
def bench() -> None:
    """Measure, and print both sides of every ratio."""


bench.add_command(matching)
bench.add_command(linking)
bench.add_command(search)
bench.add_command(reports)
bench.add_command(day)

COMMANDS = (bench,)
