"""How a quarterly report reads: its sections as rows of words, the same on pages and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matchsvc.errors import N_
from matchsvc.reports.figures import Interval
from matchsvc.reports.measure import CountedIn
from matchsvc.reports.measures import REGISTRY
from matchsvc.reports.outcomes import Share
from matchsvc.reports.page import share_row
from matchsvc.reports.pictures.picture import Picture, Words
from matchsvc.reports.quarterly_content import BEFORE, NOW, YEAR_AGO, value_from
from matchsvc.reports.quarterly_pictures import IN_SECTION, pictures_of
from matchsvc.reports.quarterly_sources import Value
from matchsvc.reports.quarterly_words import (
    FIGURES,
    QUALITY,
    SECTIONS,
    YEARLY,
    defined_as,
    figure_title,
)
from matchsvc.reports.shapes import Sheet
from matchsvc.reports.words import HIDDEN

#: What is said where nobody has entered what the year cost.
NO_COST = N_("Inte inskrivet. Chefen skriver in årets kostnader, aldrig för en person.")
IN_KRONOR = frozenset(
    name for name, measure in REGISTRY.items() if measure.counted_in is CountedIn.KRONOR
)
COLUMNS: Mapping[str, str] = {
    NOW: N_("Kvartalet"),
    BEFORE: N_("Förra kvartalet"),
    YEAR_AGO: N_("Samma kvartal förra året"),
}
YEAR_COLUMNS: Mapping[str, str] = {NOW: N_("Året"), YEAR_AGO: N_("Året före")}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure as it is read.

    Attributes:
        key: which.
        title: what it is called.
        measure: its entry among the definitions.
        cells: the figure in each column, in words.
        hidden: which of them are hidden.
    """

    key: str
    title: str
    measure: str
    cells: tuple[str, ...]
    hidden: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section as it is read."""

    name: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    pictures: tuple[Picture, ...]
    text: str
    note: str


def sections_of(content: Mapping[str, Any], words: Words) -> list[SectionView]:
    """Every section, in order, in the reader's language."""
    pictures = pictures_of(content, words)
    made = []
    for name, title in SECTIONS.items():
        keys = FIGURES[name]
        columns = YEAR_COLUMNS if keys and set(keys) <= YEARLY else COLUMNS
        lines = [_line(key, content["figures"].get(key, {}), list(columns), words) for key in keys]
        made.append(
            SectionView(
                name,
                words(title),
                tuple(words(each) for each in columns.values()),
                tuple(lines),
                tuple(pictures[each] for each in IN_SECTION.get(name, ()) if each in pictures),
                _text(name, content, words),
                content["notes"].get(name, ""),
            )
        )
    return made


def _text(section: str, content: Mapping[str, Any], words: Words) -> str:
    """What a section says in words beside its figures."""
    if section == "cost":
        return _cost_text(content, words)
    if section == "waiting":
        return words(
            N_(
                "Tiderna är dagar: hälften var klara inom så många. I parentes står hälften i "
                "mitten, och sedan antalet personer."
            )
        )
    if section == "equity":
        return words(
            N_(
                "Spann är osäkerheten, 95 procents intervall. Överlappar två spann kan skillnaden "
                "vara slump. Utrikes född och född utanför Europa är två mått och jämförs inte."
            )
        )
    if section == "employers":
        text = words(
            N_("Enkäter som skickades under %(year)s. Kortare tid visas inte: då syns svar.")
        )
        return text % {"year": content["survey_year"]}
    if section == "act":
        listed = [
            f"{words(QUALITY[code][0])}: {words(HIDDEN) if count is None else count}"
            for code, count in content["quality"].items()
            if count != 0
        ]
        return ". ".join(listed) + "." if listed else words(N_("Inget fattas i underlaget."))
    return ""


def _cost_text(content: Mapping[str, Any], words: Words) -> str:
    """Which year the costs are of, or that nobody has entered them."""
    told = [content["figures"].get(key, {}).get(NOW) for key in FIGURES["cost"]]
    if not any(told):
        return words(NO_COST)
    text = words(N_("Kostnader som är inskrivna för %(year)s, delade med årets anställningar."))
    return text % {"year": content["survey_year"]}


def _line(key: str, figure: Mapping[str, Any], columns: list[str], words: Words) -> Line:
    values = [value_from(figure.get(column)) for column in columns]
    return Line(
        key,
        figure_title(key, words),
        defined_as(key),
        tuple(_in_words(key, value, words) for value in values),
        tuple(value is not None and value.n is None and value.percent is None for value in values),
    )


def _in_words(key: str, value: Value | None, words: Words) -> str:
    if defined_as(key) in IN_KRONOR and value is not None and value.n is not None:
        return f"{value.n:,} kr".replace(",", " ").replace(" ", "\N{NO-BREAK SPACE}")
    return in_words(value, words, is_part=key.startswith("ended_to"))


def in_words(value: Value | None, words: Words, *, is_part: bool = False) -> str:
    """A figure with how many it is of, and its uncertainty; a dash where there is none.

    Args:
        value: the figure.
        words: turns Swedish into the reader's language.
        is_part: one of the parts of a whole, which is told as numbers.
    """
    if value is None:
        return "–"
    if value.percent is not None:
        return f"{value.percent} %"
    if value.n is None:
        return words(HIDDEN)
    if value.quartiles is not None:
        low, half, high = value.quartiles
        text = words(N_("%(half)s (%(low)s–%(high)s), %(n)s st"))
        return text % {"half": half, "low": low, "high": high, "n": value.n}
    if value.of is None:
        return str(value.n)
    if not value.of:
        return "–"
    if is_part:
        return f"{value.n} {words('av')} {value.of}" if value.n else "0"
    row = share_row(Share(value.n, value.of), "")
    text = words(N_("%(percent)s %% (%(k)s av %(n)s), spann %(low)s–%(high)s"))
    return text % row


def findings_of(content: Mapping[str, Any], words: Words) -> list[str]:
    """What stands out, in words: the first page of the paper."""
    pictures = pictures_of(content, words)
    told = []
    for key, text in (
        ("started", N_("%(count)s skrevs in under kvartalet")),
        ("ended", N_("%(count)s avslutades under kvartalet")),
        ("national", N_("Till arbete eller studier, av de avslutade: %(count)s")),
    ):
        value = value_from(content["figures"][key][NOW])
        if value is not None and value.n is not None and value.of != 0:
            told.append(words(text) % {"count": in_words(value, words)})
    drawn = [
        pictures[name] for name in ("trend", "groups", "funnel", "lead-times") if name in pictures
    ]
    told += [picture.title for picture in drawn if not picture.is_empty]
    if any(picture.is_empty for picture in drawn[:3]):
        told.append(words(N_("Grupperna är för små för att jämföras i alla delar")))
    return told


def changes_of(content: Mapping[str, Any], words: Words) -> list[str]:
    """What a later version says differs from the one before, in words."""
    parts = {
        "pictures": words(N_("Diagrammen")),
        "notes": words(N_("Anteckningarna")),
        "definitions": words(N_("Definitionerna")),
    }
    changed = content.get("changes", {}).get("what", [])
    return [parts[each] if each in parts else figure_title(each, words) for each in changed]


def definitions_of(content: Mapping[str, Any], words: Words) -> list[dict[str, str]]:
    """The definitions that the report was counted by."""
    return [
        {
            "name": name,
            "title": words(told["title"]),
            "text": words(told["definition"]),
            "formula": " / ".join(
                words(told[part]).rstrip(".")
                for part in ("numerator", "denominator")
                if told[part] is not None
            ),
            "time_rule": words(told["time_rule"]),
            "source": told["source"],
        }
        for name, told in content["definitions"].items()
    ]


def report_sheets(
    content: Mapping[str, Any], about: list[tuple[str, str]], words: Words
) -> list[Sheet]:
    """The report as tables for files: aggregates only, hidden ones as the word.

    Args:
        content: what it says.
        about: what stands first: unit, quarter, version, when frozen, checksum.
        words: turns Swedish into the reader's language.
    """
    hidden = words(HIDDEN)
    rows: list[list[str | int | float | None]] = []
    for name, title in SECTIONS.items():
        for key in FIGURES[name]:
            for when, data in content["figures"].get(key, {}).items():
                value = value_from(data)
                if value is not None:
                    about_it = [words(title), figure_title(key, words), words(_when(key, when))]
                    rows.append([*about_it, *_cells(value, hidden)])
    notes: list[list[str | int | float | None]] = [
        [words(SECTIONS[name]), text] for name, text in content["notes"].items()
    ]
    pictures: list[list[str | int | float | None]] = [
        [picture.title, row[0], heading, cell]
        for picture in pictures_of(content, words).values()
        for row in picture.rows
        for heading, cell in zip(picture.headings[1:], row[1:], strict=True)
    ]
    told: list[list[str | int | float | None]] = [
        [each["title"], each["text"], each["formula"], each["time_rule"], each["source"]]
        for each in definitions_of(content, words)
    ]
    return [
        Sheet(words(N_("Om rapporten")), [words(N_("Uppgift")), words(N_("Innehåll"))],
              [[term, text] for term, text in about]),
        Sheet(words(N_("Tal")), [words(each) for each in _HEADINGS], rows),
        Sheet(words(N_("Diagram")), [words(N_("Diagram")), words("Grupp"), words(N_("Tal")),
                                     words(N_("Innehåll"))], pictures),
        Sheet(words(N_("Anteckningar")), [words(N_("Del")), words(N_("Anteckning"))], notes),
        Sheet(words("Definitioner"), [words("Begrepp"), words("Betydelse"), words(N_("Formel")),
                                      words(N_("Tidsregel")), words("Källa")], told),
    ]  # fmt: skip


_HEADINGS = (
    N_("Del"),
    N_("Mått"),
    N_("Period"),
    N_("Antal"),
    N_("Av"),
    N_("Procent"),
    N_("Osäkerhet från"),
    N_("Osäkerhet till"),
    N_("En fjärdedel inom, dagar"),
    N_("Hälften inom, dagar"),
    N_("Tre fjärdedelar inom, dagar"),
)


def _when(key: str, when: str) -> str:
    return (YEAR_COLUMNS if key in YEARLY else COLUMNS)[when]


def _cells(value: Value, hidden: str) -> list[str | int | float | None]:
    if value.n is None:
        return [
            hidden,
            hidden if value.of is None else value.of,
            hidden if value.percent is None else value.percent,
            None,
            None,
            None,
            None,
            None,
        ]
    share = Share(value.n, value.of)
    interval: Interval | None = share.interval if value.of is not None else None
    return [
        value.n,
        value.of,
        share.percent,
        round(interval.low, 1) if interval else None,
        round(interval.high, 1) if interval else None,
        *(value.quartiles or (None, None, None)),
    ]
