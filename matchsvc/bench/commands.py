"""``matchsvc bench``: what is measured, each in a module of its own."""

from __future__ import annotations

import click


@click.group("bench")
def bench() -> None:
    """Measure, and print both sides of every ratio."""


COMMANDS = (bench,)
