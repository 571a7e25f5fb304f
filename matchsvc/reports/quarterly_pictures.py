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
    """Those that there is anything to draw of, by name."""
    quarter = _period(content["from"], content["to"])
    unit, data = content["unit"], content["pictures"]
    values = {
        key: value
        for key, figure in content["figures"].items()
        if (value := value_from(figure[NOW])) is not None
    }
    made = [
        told.trend_picture(points_from(data["trend"]), unit, words),
        _groups(data["groups"], unit, words),
        _funnel(data["funnel"], unit, words),
        told.times_picture(values, quarter, unit, words),
        told.way_picture([Stand(*each) for each in data["way"]], quarter, unit, words),
    ]
    return {picture.name: picture for picture in made if picture is not None}


def _groups(data: Mapping[str, Any] | None, unit: str, words: Words) -> Picture | None:
    if data is None:
        return None
    return told.groups_picture(
        [(sex, region, Share(n, of)) for sex, region, n, of in data["groups"]],
        _period(data["from"], data["to"]),
        unit,
        words,
    )


def _funnel(data: Mapping[str, Any] | None, unit: str, words: Words) -> Picture | None:
    if data is None:
        return None
    gap = told.gap_finding(
        "foreign_born_women", data["gap"], can_compare=data["can_compare"], words=words
    )
    return told.funnel_picture(
        [(name, Share(*ours), Share(*others)) for name, ours, others in data["steps"]],
        words(gap.text) % gap.values,
        _period(data["from"], data["to"]),
        date.fromisoformat(data["until"]),
        unit,
        words,
    )


def _period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))
