"""The outcome report as JSON (contract.md section 4) and as flat tables for exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from matchsvc.reports.counts import Period
from matchsvc.reports.figures import Interval
from matchsvc.reports.measures import (
    DEFINITIONS_VERSION,
    REGISTRY,
    SMALL_CELL_WORDS,
    TERMS,
    Measure,
    title_of,
)
from matchsvc.reports.measures_outcomes import COUNTS, SHARES
from matchsvc.reports.measures_outcomes import EVENTS as EVENT_COUNTS
from matchsvc.reports.outcomes import RATES, Count, OutcomeReport, Rate, Row, Share
from matchsvc.reports.words import (
    DEFINITION_HEADINGS,
    DIMENSION_WORDS,
    EVENTS,
    EVERYBODY,
    HIDDEN,
    NONE_GIVEN,
    PERSONS,
    POPULATIONS,
    REGIONS,
    SEXES,
    SHARE_HEADINGS,
)

SUPPRESSED = {"suppressed": True}
#: Measures whose events stand beside the persons.
WITH_EVENTS = ("placements", "hires", "municipal_employment")
WITHOUT_EVENTS = ("started", "to_work", "studies")
Words = Callable[[str], str]


def report_data(report: OutcomeReport) -> dict[str, Any]:
    """The report for a program. A hidden value is ``{"suppressed": true}``."""
    data: dict[str, Any] = {
        "from": report.period.start_date,
        "to": report.period.end_date,
        "definitions": DEFINITIONS_VERSION,
        "by": list(report.by),
        "rows": [_row_data(row) for row in report.rows],
        "totals": _row_data(report.totals),
        "shares": {
            name: {measure: share_data(share) for measure, share in of.items()}
            for name, of in report.shares.items()
        },
        "rates": [_rate_data(rate) for rate in report.rates],
    }
    if report.compared_with is not None:
        data["compared_with"] = _period_data(report.compared_with)
    return data


def _period_data(period: Period) -> dict[str, Any]:
    return {"from": period.start_date, "to": period.end_date}


def _row_data(row: Row) -> dict[str, Any]:
    data: dict[str, Any] = {"group": row.group}
    for measure in WITH_EVENTS:
        count = row.counts[measure]
        data[measure] = {"persons": _value(count, count.persons), "events": _events(count)}
    for measure in WITHOUT_EVENTS:
        count = row.counts[measure]
        data[measure] = _value(count, count.persons)
    return data


def _value(count: Count, value: Any) -> Any:
    return SUPPRESSED if count.is_hidden else value


def _events(count: Count) -> Any:
    return _value(count, count.events)


def share_data(share: Share) -> dict[str, Any]:
    """A share or rate for a program; the change stands there when there is a period beside."""
    hidden = share.is_hidden
    tenths = share.percent_one_decimal
    data: dict[str, Any] = {
        "n": SUPPRESSED if share.n is None else share.n,
        "of": SUPPRESSED if share.of is None else share.of,
        "percent": SUPPRESSED if hidden else share.percent,
        "percent_one_decimal": _decimal(tenths, hidden=hidden),
        "interval": SUPPRESSED if hidden else _interval_data(share.interval),
    }
    if share.before is not None:
        data["before"] = share_data(share.before)
        unknown = hidden or share.before.is_hidden
        data["change_percentage_points"] = _decimal(share.change, hidden=unknown)
    return data


def _decimal(value: Any, *, hidden: bool) -> Any:
    if hidden:
        return SUPPRESSED
    return None if value is None else float(value)


def _interval_data(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"low": round(interval.low, 1), "high": round(interval.high, 1)}


def _rate_data(rate: Rate) -> dict[str, Any]:
    about: dict[str, Any] = {"measure": rate.measure, "among": rate.among}
    if rate.population is not None:
        about["population"] = rate.population
    if rate.group is not None:
        about["group"] = rate.group
    return about | share_data(rate.share)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to be exported: a name, headings, rows of text, numbers or None."""

    name: str
    headings: list[str]
    rows: list[list[str | int | float | None]]


def report_sheets(report: OutcomeReport, words: Words) -> list[Sheet]:
    """The report as tables: counts, shares and rates, definitions.

    Args:
        report: what to show.
        words: turns Swedish into the reader's language.
    """
    return [
        Sheet(words("Antal"), _count_headings(report, words), _count_rows(report, words)),
        Sheet(
            words("Andelar"),
            [words(heading) for heading in SHARE_HEADINGS],
            _share_rows(report, words),
        ),
        definition_sheet((*COUNTS, *EVENT_COUNTS, *SHARES), words),
    ]


def definition_sheet(measures: Iterable[Measure], words: Words) -> Sheet:
    """What the measures of a file mean, and the words that they need."""
    rows: list[list[str | int | float | None]] = [
        [
            words(each.title),
            words(each.definition),
            words(each.numerator),
            words(each.denominator) if each.denominator else None,
            words(each.population),
            words(each.time_rule),
            words(SMALL_CELL_WORDS[each.small_cells]),
            each.source,
        ]
        for each in measures
    ]
    rows += [[words(each.title), words(each.definition), *[None] * 6] for each in TERMS]
    return Sheet(words("Definitioner"), [words(each) for each in DEFINITION_HEADINGS], rows)


def definitions_data(words: Words) -> dict[str, Any]:
    """Every definition for a program, with where the API gives each figure."""
    return {
        "version": DEFINITIONS_VERSION,
        "measures": [
            {
                "name": each.name,
                "title": words(each.title),
                "definition": words(each.definition),
                "counted_in": each.counted_in.value,
                "numerator": words(each.numerator),
                "denominator": words(each.denominator) if each.denominator else None,
                "population": words(each.population),
                "time_rule": words(each.time_rule),
                "small_cells": each.small_cells.value,
                "source": each.source,
                "given_as": list(each.given_as),
            }
            for each in REGISTRY.values()
        ],
        "terms": [
            {"name": each.name, "title": words(each.title), "definition": words(each.definition)}
            for each in TERMS
        ],
    }


def _count_headings(report: OutcomeReport, words: Words) -> list[str]:
    groups = [words(DIMENSION_WORDS[name]) for name in report.by] or [words("Grupp")]
    measured: list[str] = []
    for measure in WITH_EVENTS:
        called = words(title_of(measure))
        measured += [f"{called}, {words(PERSONS)}", f"{called}, {words(EVENTS)}"]
    return groups + measured + [words(title_of(measure)) for measure in WITHOUT_EVENTS]


def _count_rows(report: OutcomeReport, words: Words) -> list[list[str | int | float | None]]:
    listed = [*report.rows]
    if report.by:
        listed.append(report.totals)
    return [_count_row(report, row, words) for row in listed]


def _count_row(report: OutcomeReport, row: Row, words: Words) -> list[str | int | float | None]:
    cells: list[str | int | float | None] = []
    if row.group:
        cells += [group_word(report, name, row.group[name], words) for name in report.by]
    else:
        cells += [words(EVERYBODY), *[""] * (len(report.by) - 1)]
    for measure in WITH_EVENTS:
        count = row.counts[measure]
        cells += [_cell(count.persons, words), _cell(count.events, words)]
    return cells + [_cell(row.counts[measure].persons, words) for measure in WITHOUT_EVENTS]


def _cell(value: int | None, words: Words) -> str | int:
    return words(HIDDEN) if value is None else value


def group_word(report: OutcomeReport, name: str, value: str | None, words: Words) -> str:
    """What a group's value is called."""
    if value is None:
        return words(NONE_GIVEN)
    if name == "sex":
        return words(SEXES.get(value, value))
    if name == "birth_region":
        return words(REGIONS.get(value, value))
    return report.names.get(name, {}).get(value, value)


def group_title(report: OutcomeReport, group: dict[str, str | None], words: Words) -> str:
    """What a group is called: ``Kvinnor, utanför Europa``."""
    if not group:
        return words(EVERYBODY)
    title = ", ".join(group_word(report, name, value, words) for name, value in group.items())
    return title[:1].upper() + title[1:]


def _share_rows(report: OutcomeReport, words: Words) -> list[list[str | int | float | None]]:
    rows = []
    for name, of in report.shares.items():
        for measure, share in of.items():
            about = [words(title_of(measure)), words(title_of(f"share_{name}"))]
            rows.append(_share_row(about, share, words))
    for rate in report.rates:
        measure = f"{words(title_of(rate.measure))} ({words(title_of(RATES[rate.measure]))})"
        who = (
            words(POPULATIONS[rate.population])
            if rate.population is not None
            else group_title(report, rate.group or {}, words)
        )
        rows.append(_share_row([measure, who], rate.share, words))
    return rows


def _share_row(about: list[str], share: Share, words: Words) -> list[str | int | float | None]:
    hidden = words(HIDDEN)
    counts: list[str | int | float | None] = [
        hidden if share.n is None else share.n,
        hidden if share.of is None else share.of,
    ]
    if share.is_hidden:
        return [*about, *counts, hidden, hidden, hidden, hidden, None]
    interval = share.interval
    return [
        *about,
        *counts,
        share.percent,
        _decimal(share.percent_one_decimal, hidden=False),
        None if interval is None else round(interval.low, 1),
        None if interval is None else round(interval.high, 1),
        _decimal(share.change, hidden=False),
    ]
