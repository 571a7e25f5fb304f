"""In which occupations are nearly all women, or nearly all men? By the national register.

``data/occupations_by_sex.csv`` holds the commonest occupations by number of employed women and men
aged 16-64 in Sweden (Statistics Sweden, Yrkesregistret, "30 vanligaste yrkena", rounded to tens
there). It is read by four-digit SSYK 2012 and used for counting alone, never in matching.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

YEAR = 2020
_TABLE = Path(__file__).parent / "data" / "occupations_by_sex.csv"
#: Statistics Sweden calls an occupation even when each sex holds 40 to 60 percent of it.
_EVEN_FROM = 40


@lru_cache(maxsize=1)
def women_by_ssyk() -> dict[str, tuple[int, int]]:
    """Women and men employed, by SSYK code."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter=";")
        return {row["ssyk"]: (int(row["kvinnor"]), int(row["man"])) for row in rows}


def listed() -> list[str]:
    """The SSYK codes that the table speaks of."""
    return sorted(women_by_ssyk())


def with_few(sex: str) -> list[str]:
    """The SSYK codes of occupations with under 40 percent of a sex, ``woman`` or ``man``."""
    place = ("woman", "man").index(sex)
    return [
        code
        for code, counted in sorted(women_by_ssyk().items())
        if 100 * counted[place] < _EVEN_FROM * sum(counted)
    ]
