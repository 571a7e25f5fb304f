"""What a quarterly report says, as data: the same when it is drafted, frozen and read again.

A frozen report is this and nothing else, as canonical JSON, with its SHA-256. Codes and numbers,
but for the notes and the definitions as they stood: words are put to it by whoever shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.reports import quarterly_sources as sources
from matchsvc.reports.counts import Period
from matchsvc.reports.limits import limits_of
from matchsvc.reports.measures import REGISTRY
from matchsvc.reports.outcomes import Share
from matchsvc.reports.published_figures import PublishedFunnel, read_figures
from matchsvc.reports.quarterly_quality import quality_of
from matchsvc.reports.quarterly_sources import Value, Values
from matchsvc.reports.quarterly_words import FIGURES, YEARLY, defined_as
from matchsvc.reports.quarters import months_earlier, number_of
from matchsvc.reports.trend import QuarterPoint

FORMAT = 1
#: What a figure of the report counts too: a second count, of those whom a list shows, would tell
#: how many it does not show.
IN_FIGURES = frozenset({"no_destination", "unknown_group"})
LAST = 4  # quarter of a year
#: The three quarters that stand beside each other.
NOW, BEFORE, YEAR_AGO = "now", "before", "year_ago"


def count_report(
    session: Session, actor: Actor, quarter: Period, notes: Mapping[str, str], *, today: date
) -> dict[str, Any]:
    """Count everything that the report on a quarter says.

    Args:
        session: to read with; the number of queries does not depend on the data.
        actor: whose unit it is about.
        quarter: a calendar quarter that has ended.
        notes: what the manager has said, by section.
        today: the day of counting.

    Raises:
        Refused: the actor may not write it.
    """
    published = read_figures(session, actor)
    quarters = {
        NOW: quarter,
        BEFORE: months_earlier(quarter, 3),
        YEAR_AGO: months_earlier(quarter, 12),
    }
    found = {
        when: sources.values_of(session, actor, each, published) for when, each in quarters.items()
    }
    year = (
        quarter.end_date.year
        if number_of(quarter.start_date) == LAST
        else quarter.end_date.year - 1
    )
    found[NOW] |= sources.year_of(session, actor, year, today=today)
    found[YEAR_AGO] |= sources.year_of(session, actor, year - 1, today=today)
    limits = limits_of(session, actor.unit_id)
    quality = quality_of(session, actor, quarter, today=today)
    unit = session.get(Unit, actor.unit_id) if actor.unit_id else None
    return {
        "format": FORMAT,
        "unit": unit.name if unit else "",
        "municipality": unit.municipality if unit else "",
        "from": quarter.start_date.isoformat(),
        "to": quarter.end_date.isoformat(),
        "survey_year": year,
        "is_published": published.holds(quarter),
        "smallest_count": limits.count,
        "smallest_denominator": limits.denominator,
        "figures": _figures(found),
        "pictures": {
            "trend": _trend_data(published.points(quarter.end_date)),
            "groups": _groups_data(published.groups(quarter.end_date)),
            "funnel": _funnel_data(published.funnel(quarter.end_date)),
            "way": [
                [each.step, each.here, each.went_on]
                for each in sources.stands_of(session, actor, quarter)
            ],
        },
        "quality": {
            code: None if count is None or limits.is_small(count) else count
            for code, count in quality.items()
            if code not in IN_FIGURES
        },
        "notes": {section: text for section, text in sorted(notes.items()) if text},
        "definitions": _definitions(),
    }


def _figures(found: Mapping[str, Values]) -> dict[str, Any]:
    return {
        key: {
            when: value_data(values[key]) if key in values else None
            for when, values in found.items()
            if key not in YEARLY or when != BEFORE
        }
        for keys in FIGURES.values()
        for key in keys
    }


def value_data(value: Value) -> list[Any]:
    """``[n, of, quartiles]``; None where hidden. With the percent last, where only that is told."""
    data = [value.n, value.of, list(value.quartiles) if value.quartiles else None]
    return data if value.percent is None else [*data, value.percent]


def value_from(data: list[Any] | None) -> Value | None:
    """The same back."""
    if data is None:
        return None
    n, of, quartiles, *percent = data
    return Value(n, of, tuple(quartiles) if quartiles else None, *percent)


def share_data(share: Share) -> list[int | None]:
    """``[n, of]``; both None where hidden."""
    return [None, None] if share.is_hidden else [share.n, share.of]


def _trend_data(points: list[QuarterPoint]) -> list[dict[str, Any]]:
    return [
        {
            "from": point.period.start_date.isoformat(),
            "to": point.period.end_date.isoformat(),
            **{measure: share_data(share) for measure, share in point.shares.items()},
        }
        for point in points
    ]


def points_from(data: list[dict[str, Any]]) -> list[QuarterPoint]:
    """The quarters of the trend back from data."""
    return [
        QuarterPoint(
            Period(date.fromisoformat(each["from"]), date.fromisoformat(each["to"])),
            {measure: Share(*each[measure]) for measure in ("placements", "hires")},
        )
        for each in data
    ]


def _groups_data(found: Any) -> dict[str, Any] | None:
    """``[sex, region, n, of]`` for each group: to work, of those enrolled in the year."""
    if found is None:
        return None
    year, groups = found
    return {
        "from": year.start_date.isoformat(),
        "to": year.end_date.isoformat(),
        "groups": [[sex, region, *share_data(share)] for sex, region, share in groups],
    }


def _funnel_data(funnel: PublishedFunnel | None) -> dict[str, Any] | None:
    if funnel is None:
        return None
    return {
        "from": funnel.period.start_date.isoformat(),
        "to": funnel.period.end_date.isoformat(),
        "until": funnel.until.isoformat(),
        "can_compare": funnel.can_compare,
        "gap": funnel.gap,
        "steps": [
            [name, share_data(ours), share_data(others)] for name, ours, others in funnel.steps
        ],
    }


def _definitions() -> dict[str, Any]:
    """What every figure means on the day of counting, so that a frozen report keeps it."""
    names = dict.fromkeys(
        [defined_as(key) for keys in FIGURES.values() for key in keys]
        + ["stands_at_step", "went_on"]
    )
    told = {}
    for name in names:
        measure = REGISTRY.get(name)
        if measure is not None:
            told[name] = {
                "title": measure.title,
                "definition": measure.definition,
                "numerator": measure.numerator,
                "denominator": measure.denominator,
                "population": measure.population,
                "time_rule": measure.time_rule,
                "source": measure.source,
            }
    return told


def canonical(content: Mapping[str, Any]) -> str:
    """The content as one text that is the same wherever it is written."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def checksum_of(text: str) -> str:
    """SHA-256 in hexadecimal, of the canonical text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def figures_checksum(content: Mapping[str, Any]) -> str:
    """Of the figures and pictures alone: whether what was read is what is kept."""
    return checksum_of(canonical({name: content[name] for name in ("figures", "pictures")}))


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The figures of the quarter itself, and the parts, that differ between two versions."""
    figures = [
        key
        for key, told in new["figures"].items()
        if told[NOW] != old["figures"].get(key, {}).get(NOW)
    ]
    parts = [name for name in ("pictures", "notes", "definitions") if old[name] != new[name]]
    return figures + parts
