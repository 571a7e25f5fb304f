"""What every picture has: a finding as its title, its table, and what stands under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from matchsvc.reports.pictures.canvas import FRAME, MARGIN, QUIET, SMALL, WIDTH, Canvas

Words = Callable[[str], str]
Draw = Callable[[Canvas], None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be drawn, in the reader's language.

    Attributes:
        name: in addresses and file names.
        title: what it shows, a finding built from the figures.
        subtitle: measure, unit and period.
        draw: puts the shapes down between subtitle and notes.
        headings, rows: the same figures as a table, every cell as it is read.
        notes: definition, source and what is hidden: a term and a sentence each.
        is_empty: nothing in it may be shown, so there is nothing to draw in a report.
    """

    name: str
    title: str
    subtitle: str
    draw: Draw
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[tuple[str, str], ...] = field(default=())
    is_empty: bool = False

    @property
    def description(self) -> str:
        """The figures in words, for those who do not see the picture."""
        told = (
            f"{row[0]}: "
            + ", ".join(
                f"{heading.lower()} {cell}"
                for heading, cell in zip(self.headings[1:], row[1:], strict=True)
            )
            for row in self.rows
        )
        return ". ".join([self.subtitle.rstrip("."), *told]) + "."


def to_svg(picture: Picture) -> str:
    """A picture as SVG that stands alone: title, drawing, and what it rests on."""
    canvas = Canvas()
    canvas.paragraph(picture.title, size=21, bold=True)
    canvas.y += 2
    canvas.paragraph(picture.subtitle, fill=QUIET)
    canvas.y += 12
    picture.draw(canvas)
    canvas.y += 12
    canvas.line(MARGIN, canvas.y, WIDTH - MARGIN, canvas.y, stroke=FRAME)
    canvas.y += 6
    for term, text in picture.notes:
        canvas.paragraph(f"{term}: {text}", size=SMALL, fill=QUIET)
    return canvas.finished(picture.title, picture.description)
