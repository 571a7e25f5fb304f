"""How the report on surveys is shown: rows for pictures and tables, data for programs, sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matchsvc.employers.models import EmployerType
from matchsvc.employers.views_labels import TYPES
from matchsvc.errors import N_
from matchsvc.reports.measures import DEFINITIONS_VERSION
from matchsvc.reports.measures_surveys import SURVEYS
from matchsvc.reports.shapes import Sheet, definition_sheet
from matchsvc.reports.survey_reads import NO_SIZE
from matchsvc.reports.surveys import (
    Block,
    Group,
    Part,
    Response,
    Result,
    SurveyReport,
)

Words = Callable[[str], str]

GROUPS = {
    **{each.value: TYPES[each] for each in EmployerType},
    "early": N_("Avbrutna"),
    "as_planned": N_("Inte avbrutna"),
    NO_SIZE: N_("Inte noterat"),
}
CHANNELS = {"link": N_("Med länk"), "assisted": N_("Med hjälp av någon")}


def whole(value: float) -> int:
    """Whole percent of an interval's end, half up from the tenth that programs are given.

    So domain.md 6.4 prints them: 14 of 20 is 48.1 to 85.5, and 48 to 86.
    """
    return int(round(value, 1) + 0.5)


def row_of(part: Part, label: str, *, highlight: bool = True) -> dict[str, Any]:
    """A share as the figure macros take it: whole percent, ``k`` of ``n``."""
    interval = part.interval
    if part.is_hidden or interval is None:
        return {"label": label, "suppressed": True}
    return {
        "label": label,
        "k": part.n,
        "n": part.of,
        "percent": part.percent,
        "low": whole(interval.low),
        "high": whole(interval.high),
        "highlight": highlight,
        "suppressed": False,
    }


def bars(block: Block, language: str) -> list[dict[str, Any]]:
    """A bar for each question that has a share."""
    return [
        row_of(each.positive, each.question.words[language])
        for each in block.results
        if each.positive.is_hidden or each.positive.n is not None
        if each.question.options and each.question.id not in {"E1", "E11"}
    ]


def choices(block: Block, language: str) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """The questions whose answers are counted one by one, with how many chose each."""
    found = []
    for each in block.results:
        words = {option.value: option.words[language] for option in each.question.options}
        if each.options:
            told = [(words[value], count) for value, count in each.options]
            found.append((each.question.words[language], told))
    return found


def group_rows(groups: Sequence[Group], words: Words) -> list[dict[str, Any]]:
    """The rows of a table of groups; those to whom nothing was sent are left out."""
    return [
        {
            "label": words(str(GROUPS.get(each.key, each.key))),
            "response": row_of(each.response, "", highlight=False),
            "satisfied": row_of(each.satisfied, "", highlight=False),
            "host_again": row_of(each.host_again, "", highlight=False),
            "is_empty": each.response.of == 0,
        }
        for each in groups
        if each.response.of != 0
    ]


def report_data(report: SurveyReport) -> dict[str, Any]:
    """The report for programs."""
    return {
        "year": report.year,
        "definitions": DEFINITIONS_VERSION,
        "smallest_count": report.fewest,
        "employers": [
            _block_data(each)
            | {
                "success_index": _number(report.success[each.code].mean),
                "experience_index": _number(report.experience[each.code].mean),
            }
            for each in report.employers
        ],
        "rehosted": _part_data(report.rehosted),
        "median_minutes": report.minutes,
        "by_package_parts": [_group_data(each) for each in report.packages],
        "by_sector": [_group_data(each) for each in report.sectors],
        "by_size": [_group_data(each) for each in report.sizes],
        "by_ending": [_group_data(each) for each in report.endings],
        "participants": [_block_data(each) for each in report.participants],
        "participant_channels": {
            channel: {"suppressed": True} if count is None else count
            for channel, count in report.channels
        },
        "yearly_question": _block_data(report.yearly) if report.yearly else None,
    }


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _part_data(part: Part) -> dict[str, Any]:
    if part.is_hidden:
        return {"suppressed": True}
    interval = part.interval
    return {
        "n": part.n,
        "of": part.of,
        "percent": part.percent,
        "low": round(interval.low, 1) if interval else None,
        "high": round(interval.high, 1) if interval else None,
    }


def _response_data(response: Response) -> dict[str, Any]:
    return {
        "sent": response.sent,
        "undeliverable": response.undeliverable,
        "started": response.started,
        "completed": response.completed,
        "percent": response.rate,
        "is_weak": response.is_weak,
    }


def _block_data(block: Block) -> dict[str, Any]:
    return {
        "questionnaire": block.code,
        "response": _response_data(block.response),
        "questions": [_result_data(each) for each in block.results],
    }


def _result_data(result: Result) -> dict[str, Any]:
    return {
        "id": result.question.id,
        "words": dict(result.question.words),
        "positive": _part_data(result.positive),
        "mean": _number(result.mean),
        "options": {
            value: {"suppressed": True} if count is None else count
            for value, count in result.options
        },
    }


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "group": group.key,
        "response": _part_data(group.response),
        "satisfied": _part_data(group.satisfied),
        "host_again": _part_data(group.host_again),
    }


def report_sheets(report: SurveyReport, words: Words, language: str) -> list[Sheet]:
    """The questions and what the figures mean, for files."""
    blocks = [*report.employers, *report.participants, *([report.yearly] if report.yearly else [])]
    rows: list[list[str | int | float | None]] = []
    for block in blocks:
        for each in block.results:
            part, hidden = each.positive, words("Dolt")
            interval = part.interval
            rows.append(
                [
                    block.code,
                    each.question.id,
                    each.question.words[language],
                    hidden if part.is_hidden else part.n,
                    hidden if part.is_hidden else part.of,
                    hidden if part.is_hidden else part.percent,
                    whole(interval.low) if interval else None,
                    whole(interval.high) if interval else None,
                    _number(each.mean),
                    block.response.completed,
                    block.response.asked,
                    block.response.rate,
                ]
            )
    headings = [
        *(words("Enkät"), words("Fråga"), words("Frågans ord"), words("Antal ja"), words("Svar")),
        *(words("Procent"), words("Lägst"), words("Högst"), words("Medelvärde")),
        *(words("Inskickade"), words("Tillfrågade"), words("Svarsfrekvens, procent")),
    ]
    return [
        Sheet(words("Frågor"), headings, rows),
        definition_sheet(SURVEYS, words),
    ]
