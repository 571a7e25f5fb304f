"""Two pictures of shares: quarter by quarter, and group by group with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchsvc.errors import N_
from matchsvc.reports.measures import title_of
from matchsvc.reports.outcomes import Share
from matchsvc.reports.page import BOTTOM, Finding, is_surely_lower, lines, share_row
from matchsvc.reports.pictures.canvas import (
    FRAME,
    INK,
    MARGIN,
    PETROL,
    QUIET,
    REST,
    SMALL,
    WHITE,
    WIDTH,
    Canvas,
    spread,
    wrapped,
)
from matchsvc.reports.pictures.picture import Picture, Words
from matchsvc.reports.trend import SHOWN, QuarterPoint
from matchsvc.reports.words import HIDDEN
from matchsvc.web.charts import bar_rows, nice_maximum

#: How each measure is drawn: shape, colour, dash. Shape and dash alone tell them apart.
LOOKS = {"placements": ("round", PETROL, None), "hires": ("square", INK, "6 5")}
#: The lines' geometry is a page's: percent across, pixels down. Drawn taller here.
_TALLER = 1.5
_ROW = 62
_LABELS = 236
_VALUES = 132


def in_words(share: Share, words: Words) -> str:
    """``24 % (200 av 832)``, a dash for nobody, or that it is hidden."""
    if share.is_hidden:
        return words(HIDDEN)
    if share.percent is None:
        return "–"
    return f"{share.percent} % ({share.n} {words('av')} {share.of})"


def trend_finding(points: Sequence[QuarterPoint]) -> Finding:
    """In how many quarters the two shares surely differ; neutral when they never do."""
    compared = [
        (point.shares["hires"], point.shares["placements"])
        for point in points
        if all(point.shares[measure].interval is not None for measure in SHOWN)
    ]
    if not compared:
        return Finding(
            N_("Utrikes födda kvinnors andel per kvartal: för få personer för att jämföra"), {}
        )
    values = {
        "count": sum(is_surely_lower(hired, placed) for hired, placed in compared),
        "of": len(compared),
    }
    if not values["count"]:
        return Finding(
            N_(
                "Utrikes födda kvinnor: inget kvartal skiljer säkert andelen av anställningarna "
                "från andelen av placeringarna"
            ),
            {},
        )
    return Finding(
        N_(
            "Utrikes födda kvinnor har säkert lägre andel av anställningarna än av placeringarna "
            "i %(count)s av %(of)s kvartal"
        ),
        values,
    )


def trend(
    points: Sequence[QuarterPoint], words: Words, *, notes: tuple[tuple[str, str], ...] = ()
) -> Picture:
    """Foreign-born women's share of placements and hires, a point a quarter."""
    told = trend_finding(points)
    return Picture(
        name="trend",
        title=words(told.text) % told.values if told.values else words(told.text),
        subtitle=words(N_("Procent av alla i kvartalet. Strecken visar osäkerheten (95 procent).")),
        draw=lambda canvas: _draw_lines(canvas, points, words),
        headings=(words("Kvartal"), *(words(title_of(measure)) for measure in SHOWN)),
        rows=tuple(
            (
                quarter_name(point, words),
                *(in_words(point.shares[measure], words) for measure in SHOWN),
            )
            for point in points
        ),
        notes=notes,
        is_empty=not any(share.of and share.n is not None for share in _shares_of(points)),
    )


def _shares_of(points: Sequence[QuarterPoint]) -> list[Share]:
    return [share for point in points for share in point.shares.values()]


def quarter_name(point: QuarterPoint, words: Words) -> str:
    """``K3 2026``."""
    return f"{words('K%(number)s') % {'number': point.number}} {point.period.start_date.year}"


def _draw_lines(canvas: Canvas, points: Sequence[QuarterPoint], words: Words) -> None:
    placed = lines(points, words)
    top, room = canvas.y, WIDTH - 2 * MARGIN

    def across(percent: float) -> float:
        return MARGIN + room * percent / 100

    def down(pixels: float) -> float:
        return top + pixels * _TALLER

    for tick, y in placed["grid"]:
        canvas.line(across(placed["left"]), down(y), across(placed["right"]), down(y), stroke=FRAME)
        canvas.text(across(placed["left"]) - 10, down(y) + 5, f"{tick} %", size=SMALL, fill=QUIET,
                    anchor="end")  # fmt: skip
    for place, (x, point) in enumerate(placed["quarters"]):
        name = words("K%(number)s") % {"number": point.number}
        canvas.text(across(x), down(BOTTOM) + 22, name, size=SMALL, fill=QUIET, anchor="middle")
        if place == 0 or point.number == 1:
            canvas.text(across(x), down(BOTTOM) + 42, str(point.period.start_date.year),
                        size=SMALL, fill=QUIET, anchor="middle")  # fmt: skip
    for series, aside in zip(placed["series"], (-3.5, 3.5), strict=True):
        _draw_series(canvas, series, across, down, aside)
    named = [series for series in placed["series"] if series["end"]]
    heights = spread([down(series["end"]["y"]) for series in named], 20)
    for series, y in zip(named, heights, strict=True):
        _shape, colour, _dash = LOOKS[series["measure"]]
        canvas.text(across(series["end"]["x"]) + 16, y + 5, series["name"], bold=True, fill=colour)
    canvas.y = down(BOTTOM) + 48


def _draw_series(
    canvas: Canvas, series: dict[str, Any], across: Any, down: Any, aside: float
) -> None:
    shape, colour, dash = LOOKS[series["measure"]]
    for mark in series["marks"]:
        x = across(mark["x"]) + aside
        canvas.line(x, down(mark["low"]), x, down(mark["high"]), stroke=colour, width=1.5)
    for a, b in series["stretches"]:
        canvas.line(across(a["x"]) + aside, down(a["y"]), across(b["x"]) + aside, down(b["y"]),
                    stroke=colour, width=2.5, dash=dash)  # fmt: skip
    for mark in series["marks"]:
        canvas.mark(shape, across(mark["x"]) + aside, down(mark["y"]))


def comparison(
    title: str,
    subtitle: str,
    groups: Sequence[tuple[str, Share]],
    words: Words,
    *,
    highlight: int | None = None,
    notes: tuple[tuple[str, str], ...] = (),
) -> Picture:
    """A share of each group, with its interval and how many it is of.

    Args:
        title: the finding.
        subtitle: measure and period.
        groups: what each is called, and its share.
        words: turns Swedish into the reader's language.
        highlight: the place of the group that is dark; the others are outlined.
        notes: as in :class:`Picture`.
    """
    return Picture(
        name="groups",
        title=title,
        subtitle=subtitle,
        draw=lambda canvas: _draw_bars(canvas, groups, words, highlight),
        headings=(words("Grupp"), words("Andel"), words("Osäkerhet (95 procent)")),
        rows=tuple((name, in_words(share, words), span(share)) for name, share in groups),
        notes=notes,
        is_empty=not any(share.of and share.n is not None for _name, share in groups),
    )


def span(share: Share) -> str:
    """``21–27 %``; a dash where there is none."""
    row = share_row(share, "")
    return "–" if row["suppressed"] else f"{row['low']}–{row['high']} %"


def _draw_bars(
    canvas: Canvas, groups: Sequence[tuple[str, Share]], words: Words, highlight: int | None
) -> None:
    rows = [share_row(share, name) for name, share in groups]
    maximum = nice_maximum(row.get("high") for row in rows)
    left, right = MARGIN + _LABELS, WIDTH - MARGIN - _VALUES
    room = right - left
    step = 10 if maximum <= 50 else 20  # noqa: PLR2004
    for tick in range(0, maximum + 1, step):
        x = left + room * tick / maximum
        canvas.line(x, canvas.y + 22, x, canvas.y + 26 + _ROW * len(rows), stroke=FRAME)
        canvas.text(x, canvas.y + 14, f"{tick} %", size=SMALL, fill=QUIET, anchor="middle")
    canvas.y += 26
    placed = bar_rows(rows, maximum)
    for place, ((name, share), (row, end, low, high)) in enumerate(
        zip(groups, placed, strict=True)
    ):
        middle = canvas.y + _ROW / 2
        named = wrapped(name, _LABELS - 16, bold=True)[:2]
        for number, line in enumerate(named):
            canvas.text(MARGIN, middle + 6 - 10 * (len(named) - 1) + 20 * number, line, bold=True)
        if row["suppressed"]:
            said = "–" if share.of == 0 else words(HIDDEN)
            if share.of != 0:
                canvas.box(left, middle - 16, room * 0.3, 32, stroke=REST, dash="5 5")
            canvas.text(left + 12, middle + 6, said, bold=True, fill=QUIET)
        else:
            is_dark = highlight is None or place == highlight
            fill, stroke = (PETROL, "none") if is_dark else ("#dcd8cf", INK)
            canvas.box(left, middle - 15, room * end / 100, 30, fill=fill, stroke=stroke)
            canvas.whisker(left + room * low / 100, left + room * high / 100, middle)
            canvas.text(right + 14, middle - 2, f"{row['percent']} %", size=18, bold=True)
            canvas.text(right + 14, middle + 18, f"{row['k']} {words('av')} {row['n']}", size=SMALL,
                        fill=QUIET)  # fmt: skip
        canvas.y += _ROW
    canvas.y += 6


def steps_by_group(
    title: str,
    subtitle: str,
    names: tuple[str, str],
    steps: Sequence[tuple[str, Share, Share]],
    words: Words,
    *,
    notes: tuple[tuple[str, str], ...] = (),
) -> Picture:
    """The funnel: how large a part of a group and of everybody else reached each step.

    Args:
        title: the finding.
        subtitle: measure and period.
        names: the group and the others.
        steps: name of each step and the two shares of those enrolled.
        words: turns Swedish into the reader's language.
        notes: as in :class:`Picture`.
    """
    return Picture(
        name="funnel",
        title=title,
        subtitle=subtitle,
        draw=lambda canvas: _draw_steps(canvas, names, steps, words),
        headings=(words("Steg"), *names),
        rows=tuple(
            (name, in_words(ours, words), in_words(others, words)) for name, ours, others in steps
        ),
        notes=notes,
        is_empty=not any(
            share.of and share.n is not None for _name, *pair in steps for share in pair
        ),
    )


def _draw_steps(
    canvas: Canvas,
    names: tuple[str, str],
    steps: Sequence[tuple[str, Share, Share]],
    words: Words,
) -> None:
    left, right = MARGIN + 190, WIDTH - MARGIN - 150
    room = right - left
    # What each look means stands beside its first bar's place, in words.
    canvas.box(left, canvas.y, 26, 14, fill=PETROL)
    canvas.text(left + 34, canvas.y + 12, names[0], bold=True, size=SMALL)
    half = left + room / 2 + 30
    canvas.box(half, canvas.y, 26, 14, fill=WHITE, stroke=INK)
    canvas.text(half + 34, canvas.y + 12, names[1], bold=True, size=SMALL)
    canvas.y += 26
    for name, ours, others in steps:
        for number, line in enumerate(wrapped(name, 178, bold=True)[:2]):
            canvas.text(MARGIN, canvas.y + 18 + 20 * number, line, bold=True)
        for row, share in enumerate((ours, others)):
            y = canvas.y + 4 + 22 * row
            told = share_row(share, "")
            if told["suppressed"]:
                if share.of != 0:
                    canvas.box(left, y, room * 0.22, 16, stroke=REST, dash="5 5")
                canvas.text(right + 12, y + 13, "–" if share.of == 0 else words(HIDDEN), size=SMALL,
                            fill=QUIET)  # fmt: skip
                continue
            fill, stroke = (PETROL, "none") if row == 0 else (WHITE, INK)
            canvas.box(left, y, room * told["percent"] / 100, 16, fill=fill, stroke=stroke)
            said = f"{told['percent']} % ({told['k']} {words('av')} {told['n']})"
            canvas.text(right + 12, y + 13, said, size=SMALL, bold=row == 0)
        canvas.y += 56
