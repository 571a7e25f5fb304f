"""Country of birth to region of birth (REP-01), by a versioned table.

``data/birth_regions.csv`` holds every ISO 3166-1 country, Kosovo and the states that have
dissolved; docs/decisions/0004-birth-region.md says how disputed ones were decided. A change of the
table is a new version: reports already made keep the region that was stored with each person.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel import Locale

from matchsvc.participants.models import BirthRegion
from matchsvc.swedish import fold

VERSION = "2026-1"
_TABLE = Path(__file__).parent / "data" / "birth_regions.csv"

#: Everyday Swedish names beside those of the locale.
_ALSO = {
    "Storbritannien": "GB",
    "England": "GB",
    "Skottland": "GB",
    "Wales": "GB",
    "USA": "US",
    "Canada": "CA",
    "Mexico": "MX",
    "Korea": "KR",
    "Bosnien": "BA",
    "Elfenbenskusten": "CI",
    "Burma": "MM",
    "Vitryssland": "BY",
    "Makedonien": "MK",
    "Turkiet": "TR",
    "Kongo": "CD",
    "Palestina": "PS",
    "Östtyskland": "DD",
    "DDR": "DD",
    "Sovjet": "SU",
    "Kina": "CN",
    "Hongkong": "HK",
    "Macao": "MO",
    "Myanmar": "MM",
    "Swaziland": "SZ",
    "Kap Verde": "CV",
    "Östtimor": "TL",
}


@dataclass(frozen=True, slots=True)
class Country:
    """A country of birth.

    Attributes:
        code: ISO 3166 alpha-2, also of dissolved states.
        name: in Swedish.
        region: where it lies.
    """

    code: str
    name: str
    region: BirthRegion


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Every country by folded code and by folded Swedish name."""
    names = Locale("sv").territories
    found: dict[str, Country] = {}
    by_code: dict[str, Country] = {}
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines, delimiter=";"):
            code = line["code"]
            name = line["name_sv"] or str(names[code])
            country = Country(code, name, BirthRegion(line["region"]))
            by_code.setdefault(code, country)
            found[fold(name)] = country
    found |= {fold(name): by_code[code] for name, code in _ALSO.items()}
    return found | {fold(code): country for code, country in by_code.items()}


def find_country(written: str) -> Country | None:
    """The country of a code or a Swedish name, in any case."""
    return countries().get(fold(written))


@lru_cache(maxsize=4)
def names_by_code(language: str = "sv") -> dict[str, str]:
    """What each country is called; in Swedish where the other language has no name for it."""
    told = Locale(language).territories
    found = {country.code: country.name for country in countries().values()}
    return {code: str(told.get(code, name)) for code, name in found.items()}


def country_names() -> list[str]:
    """Every Swedish name, for suggestions."""
    return sorted({country.name for country in countries().values()})
