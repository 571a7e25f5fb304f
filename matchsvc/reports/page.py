"""What the report's page shows: its finding, bars, lines and the table of groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matchsvc.errors import N_
from matchsvc.reports.measures import title_of
from matchsvc.reports.outcomes import OutcomeReport, Rate, Share
from matchsvc.reports.shapes import Words, group_title
from matchsvc.reports.trend import SHOWN, QuarterPoint
from matchsvc.web.charts import nice_maximum

#: The lines' drawing: percent across, pixels down.
LEFT, RIGHT = 9.0, 72.0
TOP, BOTTOM = 12, 172


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence built from data: a Swedish template and what goes into it."""

    text: str
    values: dict[str, Any]


def finding(report: OutcomeReport) -> Finding:
    """What stands out about foreign-born women; a neutral sentence when nothing does."""
    shares = report.shares["foreign_born_women"]
    placed, hired = shares["placements"], shares["hires"]
    if placed.of == 0 and hired.of == 0:
        return Finding(N_("Inga placeringar eller anställningar under perioden"), {})
    first, second = placed.interval, hired.interval
    if first is None or second is None:
        return Finding(N_("Utrikes födda kvinnors andelar kan inte jämföras: för få personer"), {})
    values = {"placed": placed.percent, "hired": hired.percent}
    if first.overlaps(second):
        return Finding(
            N_(
                "Utrikes födda kvinnor: %(placed)s %% av placeringarna och "
                "%(hired)s %% av anställningarna"
            ),
            values,
        )
    if first.low > second.high:
        return Finding(
            N_(
                "Utrikes födda kvinnor får %(placed)s %% av placeringarna men "
                "%(hired)s %% av anställningarna"
            ),
            values,
        )
    return Finding(
        N_(
            "Utrikes födda kvinnor får %(hired)s %% av anställningarna men "
            "%(placed)s %% av placeringarna"
        ),
        values,
    )


def group_finding(report: OutcomeReport, words: Words) -> Finding:
    """Between which groups the way to work differs the most, beyond what may be chance."""
    rates = [rate for rate in group_rates(report) if rate.share.interval is not None]
    if len(rates) > 1:
        low = min(rates, key=lambda rate: rate.share.n / rate.share.of)  # type: ignore[operator]
        high = max(rates, key=lambda rate: rate.share.n / rate.share.of)  # type: ignore[operator]
        if is_surely_lower(low.share, high.share):
            return Finding(
                N_("Andelen till arbete skiljer sig mest mellan %(low)s och %(high)s"),
                {"low": _inside(report, low, words), "high": _inside(report, high, words)},
            )
    return Finding(N_("Till arbete: inga säkra skillnader mellan grupperna"), {})


def is_surely_lower(share: Share, other: Share) -> bool:
    """Whether a share's whole interval lies below the other's."""
    mine, theirs = share.interval, other.interval
    return mine is not None and theirs is not None and mine.high < theirs.low


def group_rates(report: OutcomeReport) -> list[Rate]:
    """The rate to work of each group of the table, in its order."""
    return [rate for rate in report.rates if rate.measure == "to_work" and rate.group is not None]


def _inside(report: OutcomeReport, rate: Rate, words: Words) -> str:
    title = group_title(report, rate.group or {}, words)
    return title[:1].lower() + title[1:]


def share_row(share: Share, label: str, *, highlight: bool = True) -> dict[str, Any]:
    """A share as the figure macros take it: whole percent, ``k`` of ``n``."""
    interval = share.interval
    if share.is_hidden or interval is None:
        return {"label": label, "suppressed": True}
    return {
        "label": label,
        "k": share.n,
        "n": share.of,
        "percent": share.percent,
        "low": int(interval.low + 0.5),
        "high": int(interval.high + 0.5),
        "highlight": highlight,
        "suppressed": False,
    }


def bars(report: OutcomeReport, words: Words) -> list[dict[str, Any]]:
    """The two bars: placements and hires."""
    shares = report.shares["foreign_born_women"]
    return [share_row(shares[measure], words(title_of(measure))) for measure in SHOWN]


def table_rows(report: OutcomeReport, words: Words) -> list[dict[str, Any]]:
    """The table of groups: counts, and the rate to work with its interval."""
    rates = group_rates(report)
    known = [rate.share for rate in rates if rate.share.interval is not None]
    highest = max(known, key=lambda share: share.n / share.of, default=None)  # type: ignore[operator]
    rows = []
    for row, rate in zip(report.rows, rates, strict=True):
        is_ours = row.group == {"sex": "woman", "birth_region": "outside_europe"}
        rows.append(
            {
                "title": group_title(report, row.group, words),
                "counts": row.counts,
                "rate": share_row(rate.share, "", highlight=is_ours),
                "is_empty": rate.share.of == 0,
                "framed": highest is not None and is_surely_lower(rate.share, highest),
            }
        )
    return rows


def lines(points: Sequence[QuarterPoint], words: Words) -> dict[str, Any]:
    """The quarterly lines: where every point, whisker and stretch stands.

    A hidden quarter leaves a gap; no line is drawn over what is not shown.
    """
    shares = [point.shares[measure] for point in points for measure in SHOWN]
    maximum = nice_maximum(share.interval.high for share in shares if share.interval is not None)
    step = 10 if maximum <= 50 else 20  # noqa: PLR2004
    series = [_series(points, measure, maximum, words) for measure in SHOWN]
    _part_names(series)
    return {
        "series": series,
        "grid": [(tick, _height(tick, maximum)) for tick in range(0, maximum + 1, step)],
        "quarters": [(_across(k, points), point) for k, point in enumerate(points)],
        "left": LEFT,
        "right": RIGHT,
    }


def _series(
    points: Sequence[QuarterPoint], measure: str, maximum: int, words: Words
) -> dict[str, Any]:
    marks: list[dict[str, float] | None] = []
    for k, point in enumerate(points):
        share = point.shares[measure]
        interval = share.interval
        if interval is None or share.n is None or not share.of:
            marks.append(None)
            continue
        marks.append(
            {
                "x": _across(k, points),
                "y": _height(100 * share.n / share.of, maximum),
                "low": _height(interval.low, maximum),
                "high": _height(interval.high, maximum),
            }
        )
    shown = [mark for mark in marks if mark is not None]
    return {
        "measure": measure,
        "name": words(title_of(measure)),
        "marks": shown,
        "stretches": [(a, b) for a, b in pairwise(marks) if a is not None and b is not None],
        "end": shown[-1] if shown else None,
    }


def _part_names(series: Sequence[dict[str, Any]]) -> None:
    """Keep the names at the lines' ends a line of text apart."""
    named = sorted((each for each in series if each["end"]), key=lambda each: each["end"]["y"])
    lowest = -math.inf
    for each in named:
        each["label_y"] = lowest = max(each["end"]["y"] + 5, lowest + 20)


def _across(place: int, points: Sequence[QuarterPoint]) -> float:
    return round(LEFT + 3 + (RIGHT - LEFT - 6) * place / max(len(points) - 1, 1), 2)


def _height(percent: float, maximum: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * percent / maximum, 1)


def explanations(report: OutcomeReport) -> list[dict[str, Any]]:
    """The measures of the two bars, with the division that made the percent."""
    shares = report.shares["foreign_born_women"]
    return [{"measure": measure, "share": shares[measure]} for measure in SHOWN]
