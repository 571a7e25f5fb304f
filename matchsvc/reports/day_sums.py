"""Sums of days that both databases do, each in its own words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class months_after(FunctionElement[Any]):  # noqa: N801 - reads as a function in a query
    """The day so many months after a day (a column, a whole number); a month's last at most."""

    name = "months_after"
    type = Date()
    inherit_cache = True


class days_between(FunctionElement[Any]):  # noqa: N801
    """How many days the second day is after the first."""

    name = "days_between"
    type = Integer()
    inherit_cache = True


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **words: Any) -> list[str]:
    return [compiler.process(part, **words) for part in element.clauses]


@compiles(months_after, "sqlite")
def _months_sqlite(element: months_after, compiler: SQLCompiler, **words: Any) -> str:
    day, months = _parts(element, compiler, **words)
    # SQLite makes 31 January and a month 3 March: the month's last day is the latest.
    last = f"date({day}, 'start of month', '+' || ({months} + 1) || ' months', '-1 day')"
    return f"min(date({day}, '+' || {months} || ' months'), {last})"


@compiles(months_after, "postgresql")
def _months_postgresql(element: months_after, compiler: SQLCompiler, **words: Any) -> str:
    day, months = _parts(element, compiler, **words)
    return f"cast({day} + make_interval(months => cast({months} as integer)) as date)"


@compiles(days_between, "sqlite")
def _days_sqlite(element: days_between, compiler: SQLCompiler, **words: Any) -> str:
    first, second = _parts(element, compiler, **words)
    return f"cast(julianday({second}) - julianday({first}) as integer)"


@compiles(days_between, "postgresql")
def _days_postgresql(element: days_between, compiler: SQLCompiler, **words: Any) -> str:
    first, second = _parts(element, compiler, **words)
    return f"({second} - {first})"
