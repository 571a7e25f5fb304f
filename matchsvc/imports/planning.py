"""What an import is going to do, row by row, before it does anything."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from matchsvc.imports.columns import Column, Parsed, Problem
from matchsvc.imports.lookups import Book
from matchsvc.imports.values import Mark

CHUNK = 500  # rows looked up together

Item = TypeVar("Item")


class Action(enum.StrEnum):
    """What becomes of a row."""

    CREATE = "created"
    UPDATE = "updated"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class RowPlan:
    """What becomes of one row.

    Attributes:
        number: as the sheet shows it.
        action: create, update or nothing.
        changes: what is changed, column key to (before, after) in words; personal columns say
            only that they change.
        data: what the kind needs to carry it out.
    """

    number: int
    action: Action
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    data: Any = None


@dataclass(slots=True)
class Planned:
    """What becomes of some rows.

    Attributes:
        rows: those without errors.
        problems: every error of every row.
    """

    rows: list[RowPlan] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Kind(Protocol):
    """One kind of import. Made anew for each reading of a file: it remembers what it has seen."""

    @property
    def book(self) -> Book:
        """What the file may name."""

    def __init__(self, book: Book) -> None:
        """Begin a file."""

    def plan(self, session: Session, rows: Sequence[Parsed]) -> Planned:
        """Say what becomes of the next rows, reading only."""

    def write(self, session: Session, rows: Sequence[RowPlan]) -> list[Problem]:
        """Carry out what :meth:`plan` said in this same transaction.

        Returns:
            What a rule refused after all; the caller then rolls everything back.
        """


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """The items, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def wanted(row: Parsed, key: str, now: Any, empty: Any = None) -> Any:
    """What a value shall be: as it is when the cell is blank, empty when it says ``-``."""
    value = row.values.get(key)
    if value is None:
        return now
    return empty if value is Mark.CLEAR else value


def fault(row: Parsed, key: str | None, code: str, message: str, /, **words: object) -> Problem:
    """An error about a cell whose value is not worth repeating, or must not be."""
    return Problem(row.number, key, code, message, words)


def shown(value: Any) -> str:
    """A value in words, for the preview of changes."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return str(value)


def difference(
    columns: Mapping[str, Column], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[str, str]]:
    """What differs, by column key, in words; nothing of what is personal."""
    found: dict[str, tuple[str, str]] = {}
    for key, value in after.items():
        if before.get(key) == value:
            continue
        is_personal = key in columns and columns[key].personal
        found[key] = ("", "") if is_personal else (shown(before.get(key)), shown(value))
    return found
