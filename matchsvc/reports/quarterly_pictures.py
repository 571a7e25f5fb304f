"""The pictures of a quarterly report, drawn from what it says, so that a frozen one keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import Share
from matchsvc.reports.pictures import told
from matchsvc.reports.pictures.picture import Picture, Words
from matchsvc.reports.quarterly_content import NOW, points_from, value_from
from matchsvc.reports.quarterly_sources import Stand

#: Which pictures stand in which section.
IN_SECTION: Mapping[str, tuple[str, ...]] = {
    "waiting": ("lead-times", "way"),
    "equity": ("trend", "groups", "funnel"),
}


def pictures_of(content: Mapping[str, Any], words: Words) -> dict[str, Picture]:
    """All five by name."""
    quarter = _period(content["from"], content["to"])
    unit, data = content["unit"], content["pictures"]
    year = Period(quarter.start_date.replace(month=1), quarter.end_date)
    funnel = data["funnel"]
    values = {
        key: value
        for key, figure in content["figures"].items()
        if (value := value_from(figure[NOW])) is not None
    }
    gap = told.gap_finding(
        "foreign_born_women", funnel["gap"], can_compare=funnel["can_compare"], words=words
    )
    made = [
        told.trend_picture(points_from(data["trend"]), unit, words),
        told.groups_picture(
            [(sex, region, Share(n, of)) for sex, region, n, of in data["groups"]],
            year,
            unit,
            words,
        ),
        told.funnel_picture(
            [(name, Share(*ours), Share(*others)) for name, ours, others in funnel["steps"]],
            words(gap.text) % gap.values,
            _period(funnel["from"], funnel["to"]),
            date.fromisoformat(funnel["until"]),
            unit,
            words,
        ),
        told.times_picture(values, quarter, unit, words),
        told.way_picture([Stand(*each) for each in data["way"]], quarter, unit, words),
    ]
    return {picture.name: picture for picture in made}


def _period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))
