"""What the cube's page shows: words for its groups, counts, and quartiles as bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.activities.wording import KIND as ACTIVITY
from matchsvc.employers.views_labels import TYPES as SECTORS
from matchsvc.errors import N_
from matchsvc.participants.wording import EXIT_DESTINATION
from matchsvc.placements.models import PlacementForm
from matchsvc.placements.wording import EMPLOYMENT
from matchsvc.reports.counts import Period
from matchsvc.reports.cube import Cube, CubeRow, Quartiles
from matchsvc.reports.cube_counts import LEADS
from matchsvc.reports.shapes import Words
from matchsvc.reports.words import REGIONS, SEXES
from matchsvc.web.words import month_words

DIMENSION_WORDS: Mapping[str, str] = {
    "sex": N_("Kön"),
    "birth_region": N_("Födelseregion"),
    "foreign_born": N_("Utrikes född"),
    "outside_europe": N_("Född utanför Europa"),
    "age_band": N_("Ålder"),
    "unit": N_("Enhet"),
    "programme": N_("Program"),
    "agreement": N_("Överenskommelse"),
    "employer": N_("Arbetsgivare"),
    "site": N_("Arbetsplats"),
    "sector": N_("Sektor"),
    "form": N_("Form, slag eller avslut"),
    "month": N_("Månad"),
    "quarter": N_("Kvartal"),
    "year": N_("År"),
}
_YES_NO = {"yes": N_("Ja"), "no": N_("Nej"), "unknown": N_("Okänt")}
_WORDS: Mapping[str, Mapping[Any, str]] = {
    "sex": SEXES,
    "birth_region": REGIONS,
    "foreign_born": _YES_NO,
    "outside_europe": _YES_NO,
    "age_band": {"unknown": N_("Okänt")},
    "sector": {kind.value: words for kind, words in SECTORS.items()},
}


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead time in a cell: the bar's ends in percent of the longest that is shown."""

    n: int | None
    days: tuple[int, int, int] | None
    left: float = 0
    middle: float = 0
    width: float = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the page."""

    title: str
    counts: list[tuple[int | None, int | None]]
    leads: list[Lead]


def shown_rows(session: Session, made: Cube, words: Words, language: str) -> list[Shown]:
    """Every group and, last, everybody. One query for the names of forms, if asked for."""
    forms = _forms(session, words, language) if "form" in made.asked.by else {}
    rows = made.rows if made.asked.by else []
    longest = max(
        (
            lead.days[2]
            for row in (*rows, made.total)
            for lead in row.leads.values()
            if lead.days is not None
        ),
        default=0,
    )

    def shown(row: CubeRow, title: str) -> Shown:
        counts = [(count.persons, count.events) for count in row.counts.values()]
        return Shown(title, counts, [_lead(row.leads[n], longest) for n in LEADS if n in row.leads])

    found = [
        shown(
            row,
            ", ".join(
                _called(made, name, value, forms, words) for name, value in row.group.items()
            ),
        )
        for row in rows
    ]
    return [*found, shown(made.total, words("Alla"))]


def _lead(lead: Quartiles, longest: int) -> Lead:
    if lead.days is None:
        return Lead(lead.n, None)
    low, middle, high = (round(100 * day / max(longest, 1), 1) for day in lead.days)
    return Lead(lead.n, lead.days, low, middle, round(high - low, 1))


def _forms(session: Session, words: Words, language: str) -> dict[str, str]:
    """What a detail of an event is called: forms, kinds of job and activity, destinations."""
    told = {key.value: str(text) for key, text in EXIT_DESTINATION.items()}
    told |= {key.value: str(text) for key, text in ACTIVITY.items()}
    told |= {key.value: str(text) for key, text in EMPLOYMENT.items()}
    name = PlacementForm.name_en if language == "en" else PlacementForm.name_sv
    told |= {row[0]: row[1] for row in session.execute(select(PlacementForm.code, name))}
    # Both an activity and an exit can be "other".
    return told | {"other": words("Annat"), "unknown": words("Okänt")}


def _called(made: Cube, name: str, value: Any, forms: Mapping[str, str], words: Words) -> str:
    if value is None:
        return words("inte angivet")
    if name in ("month", "quarter", "year"):
        return _part(made.parts[value], name, words)
    if name == "form":
        return forms.get(value, str(value))
    called = _WORDS.get(name, {}).get(value)
    if called is not None:
        return str(words(called))
    return made.names.get(name, {}).get(value, str(value))


def _part(part: Period, name: str, words: Words) -> str:
    first = part.start_date
    if name == "year":
        return str(first.year)
    if name == "quarter":
        return f"{words('K%(number)s') % {'number': (first.month + 2) // 3}} {first.year}"
    return month_words(first, year=True)
