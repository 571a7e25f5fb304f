"""What the pages about exposure show: the finding, two bars, the table of groups."""

from __future__ import annotations

from typing import Any

from matchsvc.errors import N_
from matchsvc.reports.exposure import BEFORE, SEEN, Exposure, Line
from matchsvc.reports.figures import Ratio
from matchsvc.reports.outcomes import Share
from matchsvc.reports.page import Finding, is_surely_lower, share_row
from matchsvc.reports.shapes import Words
from matchsvc.reports.words import POPULATIONS, REGIONS, SEXES


def shown(report: Exposure, words: Words) -> dict[str, Any]:
    """Everything that the templates take of a report."""
    told = finding(report)
    return {
        "report": report,
        "finding": words(told.text) % told.values,
        "bars": bars(report, words),
        "measures": [f"exposure_{name}" for name in report.measures],
        "rows": [_row(line, report, words) for line in (*report.groups, *report.totals)],
    }


def finding(report: Exposure) -> Finding:
    """Whether foreign-born women are seen as often as all; neutral when nothing is certain."""
    ours, everybody = (report.total(name).shares[SEEN] for name in ("foreign_born_women", "all"))
    ratio = report.total("foreign_born_women").ratios[SEEN]
    if ours.percent is None or everybody.percent is None or ratio is None:
        return Finding(N_("För få väntar för att jämföra grupper"), {})
    values = {"ours": ours.percent, "all": everybody.percent}
    if ratio.interval.high < 1:
        return Finding(
            N_("Utrikes födda kvinnor står mer sällan bland de tio första än andra: %(ours)s %%"),
            values,
        )
    if ratio.interval.low > 1:
        return Finding(
            N_("Utrikes födda kvinnor står oftare bland de tio första än andra: %(ours)s %%"),
            values,
        )
    return Finding(
        N_("Bland de tio första: %(ours)s %% av utrikes födda kvinnor, %(all)s %% av alla"), values
    )


def bars(report: Exposure, words: Words) -> list[dict[str, Any]]:
    """Foreign-born women and all, by each table."""
    tables = [(SEEN, report.now), (BEFORE, report.before)]
    return [
        share_row(
            report.total(name).shares[measure],
            f"{words(POPULATIONS[name])}, {table.label}"
            if report.before
            else words(POPULATIONS[name]),
            highlight=measure == SEEN and name != "all",
        )
        for name in ("foreign_born_women", "all")
        for measure, table in reversed(tables)
        if table is not None
    ]


def _row(line: Line, report: Exposure, words: Words) -> dict[str, Any]:
    everybody = report.total("all").shares
    return {
        "title": title(line, words),
        "is_total": bool(line.total),
        "waiting": line.waiting,
        "cells": [
            {
                "rate": share_row(line.shares[name], "", highlight=line.total != "all"),
                "framed": is_surely_lower(line.shares[name], everybody[name]),
                "ratio": ratio_words(line.ratios[name]),
                "is_empty": _is_empty(line.shares[name]),
            }
            for name in report.measures
        ],
    }


def _is_empty(share: Share) -> bool:
    return share.of == 0


def title(line: Line, words: Words) -> str:
    """What a line is about: ``Kvinnor, utanför Europa``."""
    if line.kind is None:
        return words(POPULATIONS[line.total])
    sex, region = line.kind
    return f"{words(SEXES[sex])}, {words(REGIONS[region])}"


def ratio_words(ratio: Ratio | None) -> tuple[float, float, float] | None:
    """A ratio to be written with two decimals: the value and its interval."""
    if ratio is None:
        return None
    return ratio.value, ratio.interval.low, ratio.interval.high
