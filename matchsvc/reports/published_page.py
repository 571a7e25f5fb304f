"""The published tables in words: one shape for the page and the files, another for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matchsvc.errors import N_
from matchsvc.reports.measures import DEFINITIONS_VERSION, REGISTRY, step_title, title_of
from matchsvc.reports.published import Cell, Line, Period, Published, Table
from matchsvc.reports.published_counts import NO_VALUE
from matchsvc.reports.shapes import SUPPRESSED, Sheet
from matchsvc.reports.words import (
    HIDDEN,
    NONE_GIVEN,
    POPULATIONS,
    REGIONS,
    SEXES,
)

Words = Callable[[str], str]
#: What codes of a further dimension are called, by dimension and code.
Names = Mapping[str, Mapping[str, str]]

_PERCENT = N_("Procent")
_COLUMNS: Mapping[str, str] = {
    "n": N_("Antal"),
    "of": N_("Av"),
    "percent": _PERCENT,
    "low": N_("Osäkerhet från"),
    "high": N_("Osäkerhet till"),
}
GROUPS: Mapping[str, str] = {
    **POPULATIONS,
    "others_than_foreign_born_women": N_("Alla andra"),
}
AGES: Mapping[str, str] = {
    "-24": N_("under 25 år"),
    "25-34": N_("25–34 år"),
    "35-44": N_("35–44 år"),
    "45-54": N_("45–54 år"),
    "55-64": N_("55–64 år"),
    "65-": N_("65 år och äldre"),
    "unknown": N_("okänd ålder"),
}
_HEADINGS: Mapping[str, str] = {
    "shares": N_("Mått"),
    "funnel": N_("Steg"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A table to be drawn or written: its title, headings, and rows that begin with words."""

    name: str
    title: str
    measures: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def shown(table: Table, names: Names, words: Words) -> Shown:
    """A table in the reader's words."""
    heading = words(_HEADINGS.get(table.listed.name, N_("Grupp")))
    return Shown(
        table.listed.name,
        words(table.listed.title),
        table.listed.measures,
        (heading, *(_column(name, words) for name in table.columns)),
        tuple((_about(line, names, words), line.cells) for line in table.lines),
    )


def _column(name: str, words: Words) -> str:
    of, _, is_percent = name.rpartition("_")
    if of and is_percent == "percent":
        return f"{_column(of, words)}, {words(_PERCENT).lower()}"
    for titles in (_COLUMNS, GROUPS):
        if name in titles:
            return words(titles[name])
    return words(title_of(name))


def _about(line: Line, names: Names, words: Words) -> str:
    parts = []
    for name, value in line.about.items():
        if name == "population":
            parts.append(words(GROUPS[value]))
        elif name == "share":
            parts.append(words(title_of(f"share_{value}")))
        elif name == "measure":
            parts.append(words(title_of(value)))
        elif name == "step":
            parts.append(words(step_title(value)))
        elif name == "sex":
            parts.append(words(SEXES[value]))
        elif name == "birth_region":
            parts.append(words(REGIONS[value]))
        else:
            parts.append(value_words(name, value, names, words))
    return ", ".join(parts)


def value_words(name: str, value: str, names: Names, words: Words) -> str:
    """What a value of a further dimension is called."""
    if name == "age_band":
        return words(AGES[value])
    return words(NONE_GIVEN) if value == NO_VALUE else names.get(name, {}).get(value, value)


def period_words(period: Period, words: Words) -> str:
    """What a period is called."""
    if period.kind == "quarter":
        return words(N_("Kvartal %(number)s %(year)s")) % {
            "number": period.name[-1],
            "year": period.first_on.year,
        }
    if period.kind == "year":
        return words(N_("Hela %(year)s")) % {"year": period.name}
    return words(N_("Alla år till och med %(last)s")) % {"last": period.last_on.isoformat()}


def published_sheets(published: Published, names: Names, words: Words) -> list[Sheet]:
    """The tables and their definitions as flat sheets."""
    sheets = []
    for table in published.tables:
        told = shown(table, names, words)
        sheets.append(
            Sheet(
                told.title,
                list(told.headings),
                [
                    [about, *(words(HIDDEN) if cell is None else cell for cell in cells)]
                    for about, cells in told.rows
                ],
            )
        )
    used = dict.fromkeys(name for table in published.tables for name in table.listed.measures)
    about_them: list[list[str | int | float | None]] = [
        [
            words(REGISTRY[name].title),
            words(REGISTRY[name].definition),
            words(REGISTRY[name].time_rule),
        ]
        for name in used
    ]
    headings = [words("Begrepp"), words("Betydelse"), words(N_("Tid"))]
    frozen: list[list[str | int | float | None]] = [
        [
            f"{each.year} {each.part}",
            each.recorded_until.isoformat(timespec="seconds"),
            each.checksum,
        ]
        for each in published.publications
    ]
    return [
        *sheets,
        Sheet(words("Definitioner"), headings, about_them),
        Sheet(
            words(N_("Underlag")),
            [
                words(N_("Publicering")),
                words(N_("Registrerat till och med")),
                words(N_("Kontrollsumma")),
            ],
            frozen,
        ),
    ]


def published_data(published: Published) -> dict[str, Any]:
    """The tables for a program; a hidden figure is ``{"suppressed": true}``."""
    period = published.period
    return {
        "definitions": DEFINITIONS_VERSION,
        "period": None if period is None else period.name,
        "from": None if period is None else period.first_on,
        "to": None if period is None else period.last_on,
        "periods": [each.name for each in published.periods],
        "smallest_count": published.fewest,
        "tables": {
            table.listed.name: [
                {
                    **line.about,
                    **{
                        name: SUPPRESSED if cell is None else (None if cell == "" else cell)
                        for name, cell in zip(table.columns, line.cells, strict=True)
                    },
                }
                for line in table.lines
            ]
            for table in published.tables
        },
        "publications": [
            {
                "part": f"{each.year}-{each.part}",
                "recorded_until": each.recorded_until,
                "checksum": each.checksum,
            }
            for each in published.publications
        ],
    }
