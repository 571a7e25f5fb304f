"""The shapes that pictures are made of, as SVG that stands alone.

Only attributes, no style and no class, so that a picture looks the same in a page under its content
security policy, in a file, and on paper. Everything must be told apart in greyscale: filled against
outlined, whole against dashed, round against square, and words beside each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

WIDTH = 760
MARGIN = 24
INK, QUIET, PETROL, REST, FRAME = "#22231f", "#55534b", "#0f4c5c", "#857f72", "#ddd8cc"
WHITE = "#ffffff"
#: Ours first: what a paper embeds. The others are for a file that is opened elsewhere.
FONTS = "Paper Sans, Source Sans 3, Segoe UI, Arial, sans-serif"
SIZE, SMALL, LARGE = 16, 14, 21
LINE = 1.35
#: An em of our font holds about two letters; bold ones are a little wider.
_EM_PER_LETTER = {False: 0.44, True: 0.47}
_DIGITS_AND_CAPITALS = 0.06


class Canvas:
    """A drawing that grows downwards; ``y`` is where the next thing goes."""

    def __init__(self) -> None:
        self.root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg")
        self.y = float(MARGIN)

    def add(self, tag: str, **attributes: object) -> ET.Element:
        """Put a shape down. ``_`` in names is ``-``; numbers are rounded to a tenth."""
        named = {name.rstrip("_").replace("_", "-"): _said(v) for name, v in attributes.items()}
        return ET.SubElement(self.root, tag, named)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = SIZE,
        bold: bool = False,
        fill: str = INK,
        anchor: str = "start",
    ) -> None:
        """One line of words; ``y`` is its foot."""
        weight: dict[str, object] = {"font_weight": 700} if bold else {}
        line = self.add(
            "text", x=x, y=y, font_family=FONTS, font_size=size, fill=fill, text_anchor=anchor,
            **weight,
        )  # fmt: skip
        line.text = words

    def paragraph(
        self,
        words: str,
        *,
        size: int = SIZE,
        bold: bool = False,
        fill: str = INK,
        x: float = MARGIN,
    ) -> None:
        """Words over as many lines as they need, from ``y`` down."""
        for line in wrapped(words, WIDTH - MARGIN - x, size=size, bold=bold):
            self.y += size * LINE
            self.text(x, self.y - size * 0.3, line, size=size, bold=bold, fill=fill)

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        stroke: str = INK,
        width: float = 1.0,
        dash: str | None = None,
    ) -> None:
        """A straight line, whole or dashed."""
        dashed: dict[str, object] = {"stroke_dasharray": dash} if dash else {}
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **dashed)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        dash: str | None = None,
        stroke_width: float = 1.5,
    ) -> None:
        """A rectangle."""
        dashed: dict[str, object] = {"stroke_dasharray": dash} if dash else {}
        self.add(
            "rect", x=x, y=y, width=max(width, 0), height=height, fill=fill, stroke=stroke,
            stroke_width=stroke_width, **dashed,
        )  # fmt: skip

    def mark(self, shape: str, x: float, y: float) -> None:
        """A point of a series: ``round`` is filled, ``square`` is hollow."""
        if shape == "round":
            self.add("circle", cx=x, cy=y, r=5, fill=PETROL)
        else:
            self.add(
                "rect", x=x - 4.5, y=y - 4.5, width=9, height=9, fill=WHITE, stroke=INK,
                stroke_width=2,
            )  # fmt: skip

    def whisker(self, x1: float, x2: float, y: float) -> None:
        """A level interval with an end at each side, readable on light and dark."""
        self.box(x1 - 1, y - 3, x2 - x1 + 2, 6, fill=WHITE)
        self.line(x1, y, x2, y, width=2)
        self.line(x1, y - 7, x1, y + 7, width=2)
        self.line(x2, y - 7, x2, y + 7, width=2)

    def finished(self, title: str, description: str) -> str:
        """The picture as text: what it shows first, for those who listen."""
        height = round(self.y + MARGIN)
        self.root.set("width", str(WIDTH))
        self.root.set("height", str(height))
        self.root.set("viewBox", f"0 0 {WIDTH} {height}")
        self.root.set("role", "img")
        told, about = ET.Element("title"), ET.Element("desc")
        told.text, about.text = title, description
        ground = ET.Element("rect", width="100%", height="100%", fill=WHITE)
        for place, element in enumerate((told, about, ground)):
            self.root.insert(place, element)
        return ET.tostring(self.root, encoding="unicode")


def _said(value: object) -> str:
    return f"{round(value, 1):g}" if isinstance(value, float) else str(value)


def width_of(words: str, *, size: int = SIZE, bold: bool = False) -> float:
    """About how wide words stand, in pixels: enough to break lines by."""
    wide = sum(letter.isupper() or letter.isdigit() for letter in words)
    return size * (len(words) * _EM_PER_LETTER[bold] + wide * _DIGITS_AND_CAPITALS)


def wrapped(words: str, room: float, *, size: int = SIZE, bold: bool = False) -> list[str]:
    """Words as lines that fit; one that is too long by itself stands alone."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size=size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def spread(places: Sequence[float], apart: float) -> list[float]:
    """The same heights, moved down where two would stand closer than a line of text."""
    moved = list(places)
    lowest = float("-inf")
    for k in sorted(range(len(places)), key=lambda each: places[each]):
        moved[k] = lowest = max(places[k], lowest + apart)
    return moved


def ticks_to(
    maximum: int, steps: Iterable[int] = (1, 2, 5, 10, 20, 50, 100, 200, 500)
) -> list[int]:
    """Even marks from 0 to the first one at or beyond a maximum, six at most."""
    step = next((each for each in steps if maximum <= 5 * each), 1000)
    return list(range(0, -(-max(maximum, 1) // step) * step + 1, step))
