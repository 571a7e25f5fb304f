"""Lucide icons, drawn inline so that they take the colour of the text beside them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

ICON_FOLDER = Path(__file__).parent / "static" / "vendor" / "icons"
# These point along the line of reading, so they turn round in right-to-left text. Ticks, clocks
# and telephones do not.
MIRRORED = frozenset(
    {"arrow-left", "arrow-right", "chevron-left", "chevron-right", "log-in", "log-out",
     "undo-2", "send", "list", "list-checks", "list-ordered", "text-quote"}
)  # fmt: skip
_SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_NAME = re.compile(r"[a-z0-9-]+")


def icon(name: str, size: int = 20, label: str | None = None) -> Markup:
    """Draw one icon.

    Args:
        name: the Lucide name, one of ``scripts/icons.txt``.
        size: width and height in CSS pixels: 16 in tags, 20 in text, 24 in bars, 40 as a pictogram.
        label: what a screen reader says; without it the icon is decoration beside a word.

    Raises:
        ValueError: there is no such icon, a mistake of the page's author.
    """
    shapes = _shapes(name)
    css = "icon icon--mirror" if name in MIRRORED else "icon"
    told = (
        Markup(' role="img" aria-label="{}"').format(escape(label))
        if label
        else Markup(' aria-hidden="true"')
    )
    return Markup('<svg class="{}" width="{}" height="{}" viewBox="0 0 24 24"{}>{}</svg>').format(
        css, size, size, told, shapes
    )


@cache
def _shapes(name: str) -> Markup:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not an icon name: {name!r}")
    path = ICON_FOLDER / f"{name}.svg"
    if not path.is_file():
        raise ValueError(f"no icon called {name!r}; add it to scripts/icons.txt")
    found = _SHAPES.search(path.read_text("utf-8"))
    if found is None:
        raise ValueError(f"{path.name} is not an icon")
    return Markup(re.sub(r"\s*\n\s*", "", found[1]).replace(" />", "/>"))  # noqa: S704 - our own files
