"""Two pictures of the way: how long each stretch takes, and how many stand where."""

from __future__ import annotations

from collections.abc import Sequence

from matchsvc.errors import N_
from matchsvc.reports.page import Finding
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
    ticks_to,
    wrapped,
)
from matchsvc.reports.pictures.picture import Picture, Words
from matchsvc.reports.words import HIDDEN

_ROW = 64
_LABELS = 236


def times_finding(
    stretches: Sequence[tuple[str, int | None, tuple[int, int, int] | None]],
) -> Finding:
    """What the last stretch that can be shown takes for half of them."""
    shown = [(name, quartiles) for name, _count, quartiles in stretches if quartiles]
    if not shown:
        return Finding(N_("Tid från inskrivning: för få personer för att visa"), {})
    name, quartiles = shown[-1]
    if quartiles[1] == 1:
        return Finding(
            N_("Hälften kom till ”%(step)s” inom en dag från inskrivningen"), {"step": name}
        )
    return Finding(
        N_("Hälften kom till ”%(step)s” inom %(days)s dagar från inskrivningen"),
        {"step": name, "days": quartiles[1]},
    )


def lead_times(
    stretches: Sequence[tuple[str, int | None, tuple[int, int, int] | None]],
    subtitle: str,
    words: Words,
    *,
    notes: tuple[tuple[str, str], ...] = (),
) -> Picture:
    """Quartiles of the days from enrolment to each step.

    Args:
        stretches: the step, how many reached it (None is hidden), and the three quartiles in days.
        subtitle: period.
        words: turns Swedish into the reader's language.
        notes: as in :class:`Picture`.
    """
    told = times_finding(stretches)
    return Picture(
        name="lead-times",
        title=words(told.text) % told.values if told.values else words(told.text),
        subtitle=subtitle,
        draw=lambda canvas: _draw_times(canvas, stretches, words),
        headings=(
            words("Steg"),
            words("Personer"),
            words(N_("En fjärdedel inom, dagar")),
            words(N_("Hälften inom, dagar")),
            words(N_("Tre fjärdedelar inom, dagar")),
        ),
        rows=tuple(
            (
                name,
                words(HIDDEN) if count is None else str(count),
                *(
                    [str(days) for days in quartiles]
                    if quartiles
                    else [words(HIDDEN) if count != 0 else "–"] * 3
                ),
            )
            for name, count, quartiles in stretches
        ),
        notes=notes,
        is_empty=not any(quartiles for _name, _count, quartiles in stretches),
    )


def _draw_times(
    canvas: Canvas,
    stretches: Sequence[tuple[str, int | None, tuple[int, int, int] | None]],
    words: Words,
) -> None:
    left, right = MARGIN + _LABELS, WIDTH - MARGIN - 24
    ticks = ticks_to(max((q[2] for _n, _c, q in stretches if q), default=30))
    for tick in ticks:
        x = left + (right - left) * tick / ticks[-1]
        canvas.line(x, canvas.y + 22, x, canvas.y + 26 + _ROW * len(stretches), stroke=FRAME)
        canvas.text(x, canvas.y + 14, str(tick), size=SMALL, fill=QUIET, anchor="middle")
    canvas.text(MARGIN, canvas.y + 14, words(N_("Dagar från inskrivning")), size=SMALL, fill=QUIET)
    canvas.y += 26
    for name, count, quartiles in stretches:
        middle = canvas.y + _ROW / 2
        for number, line in enumerate(wrapped(name, _LABELS - 16, bold=True)[:2]):
            canvas.text(MARGIN, middle - 2 + 20 * number, line, bold=True)
        if quartiles is None:
            if count != 0:
                canvas.box(left, middle - 12, 140, 24, stroke=REST, dash="5 5")
            said = "–" if count == 0 else words(HIDDEN)
            canvas.text(left + 12, middle + 5, said, bold=True, fill=QUIET)
        else:
            low, half, high = (left + (right - left) * q / ticks[-1] for q in quartiles)
            canvas.box(low, middle - 9, high - low, 18, fill="#dcd8cf", stroke=INK)
            canvas.box(half - 2.5, middle - 15, 5, 30, fill=PETROL)
            canvas.text(half, middle - 19, str(quartiles[1]), bold=True, anchor="middle")
            if high - low > 60:  # noqa: PLR2004 - else the two numbers would meet
                canvas.text(low, middle + 25, str(quartiles[0]), size=SMALL, anchor="middle")
                canvas.text(high, middle + 25, str(quartiles[2]), size=SMALL, anchor="middle")
            else:
                said = f"{quartiles[0]}–{quartiles[2]}"
                canvas.text(half, middle + 29, said, size=SMALL, anchor="middle")
        canvas.y += _ROW
    canvas.y += 6


def way_finding(stands: Sequence[tuple[str, int | None, int | None]]) -> Finding:
    """At which step most people stand."""
    shown = [(count, name) for name, count, _on in stands if count]
    if not shown:
        return Finding(N_("Var på vägen alla står: för få personer för att visa"), {})
    most = max(count for count, _name in shown)
    names = [name for count, name in shown if count == most]
    if len(names) > 1:
        return Finding(N_("Var på vägen alla står: inget steg har flest"), {})
    return Finding(
        N_("Flest står vid ”%(step)s”: minst %(count)s personer"), {"step": names[0], "count": most}
    )


def way(
    stands: Sequence[tuple[str, int | None, int | None]],
    subtitle: str,
    words: Words,
    *,
    notes: tuple[tuple[str, str], ...] = (),
) -> Picture:
    """How many stand at each step of the way, and how many went past it in the period.

    Args:
        stands: the step, how many stand there, and how many went on from it; None is hidden. Of
            the last step nobody goes on.
        subtitle: day and period.
        words: turns Swedish into the reader's language.
        notes: as in :class:`Picture`.
    """
    told = way_finding(stands)
    return Picture(
        name="way",
        title=words(told.text) % told.values if told.values else words(told.text),
        subtitle=subtitle,
        draw=lambda canvas: _draw_way(canvas, stands, words),
        headings=(words("Steg"), words(N_("Står här")), words(N_("Gick vidare i perioden"))),
        rows=tuple(
            (
                name,
                words(HIDDEN) if count is None else str(count),
                "–" if place == len(stands) - 1 else words(HIDDEN) if on is None else str(on),
            )
            for place, (name, count, on) in enumerate(stands)
        ),
        notes=notes,
        is_empty=not any(count or on for _name, count, on in stands),
    )


def _draw_way(
    canvas: Canvas, stands: Sequence[tuple[str, int | None, int | None]], words: Words
) -> None:
    left, right = MARGIN + _LABELS, WIDTH - MARGIN - 60
    most = max((count for _n, count, _o in stands if count), default=1)
    for place, (name, count, on) in enumerate(stands):
        y = canvas.y
        canvas.box(MARGIN, y, _LABELS - 20, 38, fill=WHITE, stroke=INK)
        canvas.text(MARGIN + 12, y + 25, name, bold=True)
        if count is None:
            canvas.box(left, y + 7, 110, 24, stroke=REST, dash="5 5")
            canvas.text(left + 12, y + 24, words(HIDDEN), bold=True, fill=QUIET)
        else:
            end = left + (right - left) * count / most
            canvas.box(left, y + 7, end - left, 24, fill=PETROL)
            canvas.text(max(end, left) + 10, y + 25, str(count), bold=True, size=18)
        if place < len(stands) - 1:
            middle = MARGIN + 30
            canvas.line(middle, y + 38, middle, y + 64, width=2)
            points = f"{middle - 6},{y + 60} {middle + 6},{y + 60} {middle},{y + 70}"
            canvas.add("polygon", points=points, fill=INK)
            said = words(HIDDEN) if on is None else str(on)
            canvas.text(middle + 16, y + 59, words(N_("%(count)s gick vidare")) % {"count": said},
                        size=SMALL, fill=QUIET)  # fmt: skip
        canvas.y += 72
    canvas.y -= 24
