"""Papers as PDF: typst templates, our own fonts, tagged for those who listen (PDF/UA-1).

A template is a file; what it says comes as JSON beside it, never pasted into it, so no text can
become an instruction. Nothing is fetched and nothing is kept: a paper is made when it is asked for.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from matchsvc.web.words import json_default

ROOT = Path(__file__).parents[
    2
]  # the package; templates import each other from here: /web/papers/paper.typ
FONTS = Path(__file__).parent / "fonts"


def render_pdf(template: Path, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """Set a paper.

    Args:
        template: a ``.typ`` file of the package.
        data: what the template reads, able to become JSON; every text passed through
            :func:`printable`.
        made_at: stands in the file's properties.

    Raises:
        typst.TypstError: the template is at fault, or the paper would not be accessible.
    """
    import typst

    return typst.compile(
        template,
        root=ROOT,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(data, default=json_default)},
        timestamp=int(made_at.timestamp()),
    )


def printable(text: str) -> str | None:
    """A text as our fonts can print it: without pictures; None when letters are missing.

    A sign without a shape would make the whole paper fail, so it is decided here.
    """
    kept = []
    for sign in unicodedata.normalize("NFC", " ".join(text.split())):
        if _is_covered(ord(sign)):
            kept.append(sign)
        elif unicodedata.category(sign)[0] in {"L", "N", "M"} and not _is_variation(sign):
            return None
    return " ".join("".join(kept).split()) or None


def direction_of(text: str) -> str:
    """``rtl`` when the first letter is written from right to left, else ``ltr``."""
    for sign in text:
        way = unicodedata.bidirectional(sign)
        if way in {"R", "AL"}:
            return "rtl"
        if way == "L":
            return "ltr"
    return "ltr"


def _is_variation(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or sign == "\u20e3"  # what makes a sign a picture


def _is_covered(sign: int) -> bool:
    starts, ends = _coverage()
    place = bisect_right(starts, sign) - 1
    return place >= 0 and sign >= 0x20 and sign <= ends[place]  # noqa: PLR2004 - control signs


@cache
def _coverage() -> tuple[list[int], list[int]]:
    lines = (FONTS / "coverage.txt").read_text("ascii").split()
    runs = [tuple(int(part, 16) for part in line.split("-")) for line in lines]
    return [first for first, _last in runs], [last for _first, last in runs]
