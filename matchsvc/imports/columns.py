"""Columns of an import: their headings, and matching a file's headings to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matchsvc.errors import N_
from matchsvc.imports.reader import Cell, Row
from matchsvc.imports.values import CLEAR_SIGN, CellError, Mark, Parser, nearest, text_of
from matchsvc.imports.workbook import BadCell
from matchsvc.swedish import contains_identity_number, fold

#: Columns that our own list of rows to mend adds; they are not data.
_ADDRESS = re.compile(r"\S@\S+\.\S")
OUR_OWN = ("Rad i filen", "Fel att rätta")


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a file may have.

    Attributes:
        key: its stable name; also accepted as heading.
        heading: the Swedish heading.
        parse: reads a cell that is neither blank nor ``-``.
        required: the heading must be there, and a new row must fill it.
        personal: its value is never repeated in an error, a log or a preview.
        clearable: whether ``-`` may empty it.
        values: what may stand in it, for the template.
        example: a cell of the template's example row.
    """

    key: str
    heading: str
    parse: Parser
    required: bool = False
    personal: bool = False
    clearable: bool = True
    values: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a warning about a cell, a row or the file.

    Attributes:
        row: the sheet's row number; None for the file as a whole.
        column: the column's key, or a heading that is unknown; None for the row as a whole.
        code: stable name for programs.
        message: Swedish sentence marked for translation.
        words: what to put into its places.
        value: the cell, unless it is personal.
    """

    row: int | None
    column: str | None
    code: str
    message: str
    words: Mapping[str, object] = field(default_factory=dict)
    value: str | None = None

    def said(self) -> str:
        """The sentence in Swedish."""
        return self.message % self.words if self.words else self.message

    def stored(self) -> dict[str, Any]:
        """As kept in the run's row."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
            "words": {name: str(word) for name, word in self.words.items()},
            "value": self.value,
        }

    def as_json(self) -> dict[str, Any]:
        """As ``import --json`` prints it."""
        stored = self.stored()
        del stored["words"]
        return stored | {"message": self.said()}


def problem_from(stored: Mapping[str, Any]) -> Problem:
    """The opposite of :meth:`Problem.stored`."""
    return Problem(**stored)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row whose cells have been read.

    Attributes:
        number: as the sheet shows it.
        values: by column key; blank cells are absent, ``-`` is :data:`Mark.CLEAR`.
        problems: about its cells.
    """

    number: int
    values: dict[str, Any]
    problems: list[Problem]

    def given(self, key: str) -> Any:
        """The value, or None when the cell is blank or ``-``."""
        value = self.values.get(key)
        return None if value is Mark.CLEAR else value

    def clears(self, key: str) -> bool:
        """Whether the cell says ``-``."""
        return self.values.get(key) is Mark.CLEAR

    def follow(self, key: str, moved: Mapping[str, str]) -> None:
        """Let an id that was merged into another mean the one that stands."""
        written = self.given(key)
        if written in moved:
            self.values[key] = moved[written]


def given_in(rows: Iterable[Parsed], key: str) -> set[Any]:
    """Every value of a column, but for blank cells and ``-``."""
    return {row.given(key) for row in rows} - {None}


@dataclass(frozen=True, slots=True)
class Headings:
    """Which of a kind's columns stand where in a file.

    Attributes:
        places: position in the row to column.
        ignored: positions under a heading that is unknown, doubled or our own.
        problems: unknown, doubled and missing headings.
    """

    places: dict[int, Column]
    ignored: frozenset[int]
    problems: list[Problem]


def match_headings(headings: Sequence[str], columns: Sequence[Column]) -> Headings:
    """Match a file's headings to a kind's columns.

    Case and spaces don't count, nor does the ``*`` that marks a required one.
    """
    known = {name: column for column in columns for name in _names(column)}
    places: dict[int, Column] = {}
    ignored: set[int] = set()
    problems: list[Problem] = []
    for place, heading in enumerate(headings):
        folded = _folded(heading)
        if not folded:
            continue
        column = known.get(folded)
        if column is None or column in places.values():
            ignored.add(place)
        if folded in {_folded(own) for own in OUR_OWN}:
            continue
        if column is None:
            problems.append(_unknown(heading, columns))
        elif column in places.values():
            problems.append(
                Problem(
                    1,
                    column.key,
                    "heading_twice",
                    N_("Rubriken står två gånger. Ta bort den ena kolumnen."),
                    value=heading,
                )
            )
        else:
            places[place] = column
    problems += _missing(places, columns)
    return Headings(places, frozenset(ignored), problems)


def _names(column: Column) -> Iterable[str]:
    return (_folded(column.heading), _folded(column.key))


def _folded(heading: str) -> str:
    return fold(heading.replace("*", ""))


def _unknown(heading: str, columns: Sequence[Column]) -> Problem:
    shown = heading[:60]
    near = nearest(shown, [column.heading for column in columns])
    near = near or nearest(shown, [column.key for column in columns])
    if near:
        message = N_("Rubriken finns inte. Menade du %(near)s?")
        return Problem(1, shown, "heading_unknown", message, {"near": near}, shown)
    message = N_("Rubriken finns inte. Ta bort kolumnen, eller jämför med mallen.")
    return Problem(1, shown, "heading_unknown", message, {}, shown)


def _missing(places: Mapping[int, Column], columns: Sequence[Column]) -> list[Problem]:
    found = {column.key for column in places.values()}
    return [
        Problem(
            1,
            column.key,
            "heading_missing",
            N_("Rubriken %(heading)s saknas. Lägg till kolumnen."),
            {"heading": column.heading},
        )
        for column in columns
        if column.required and column.key not in found
    ]


def parse_row(row: Row, headings: Headings) -> Parsed:
    """Read every cell of a row; every error of the row at once."""
    parsed = Parsed(row.number, {}, [])
    for place, cell in enumerate(row.cells):
        column = headings.places.get(place)
        if cell == "":
            continue
        if column is None:
            if place not in headings.ignored:
                _add_stray(parsed, row)
            continue
        try:
            _parse_cell(parsed, column, cell)
        except CellError as error:
            parsed.problems.append(
                Problem(row.number, column.key, error.code, error.message, error.words)
            )
    return parsed


def _add_stray(parsed: Parsed, row: Row) -> None:
    if not any(problem.code == "cell_stray" for problem in parsed.problems):
        parsed.problems.append(
            Problem(
                row.number,
                None,
                "cell_stray",
                N_(
                    "Raden har fler celler än rubriker. Sätt citattecken om en text som "
                    "innehåller skiljetecknet, eller ge kolumnen en rubrik."
                ),
            )
        )


def _parse_cell(parsed: Parsed, column: Column, cell: Cell) -> None:
    if text_of(cell) != CLEAR_SIGN:
        parsed.values[column.key] = column.parse(cell)
    elif column.clearable and not column.required:
        parsed.values[column.key] = Mark.CLEAR
    else:
        raise CellError("not_clearable", N_("Det här går inte att tömma. Skriv ett värde."))


def repeatable(cell: Cell, *, today: date) -> str | None:
    """A cell as an error may repeat it; None when it is blank or could say who somebody is.

    People put names' neighbours in the wrong column: numbers and addresses are known by their
    look.
    """
    text = str(cell.value if isinstance(cell, BadCell) else cell)[:200]
    looks_personal = _ADDRESS.search(text) or contains_identity_number(text, today=today)
    return None if not text or looks_personal else text


def missing_value(number: int, column: Column) -> Problem:
    """The error of a new row that leaves a required cell blank."""
    return Problem(
        number, column.key, "required", N_("Fyll i %(heading)s."), {"heading": column.heading}
    )
