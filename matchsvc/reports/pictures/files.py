"""A picture as a file to take away: SVG with its letters inside, or PNG."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

from matchsvc.web.papers import FONTS, ROOT

#: The letters of the pages, every weight in one file of 21 kB.
LETTERS = ROOT / "web" / "static" / "fonts" / "source-sans-3.woff2"
TEMPLATE = Path(__file__).parent / "painting.typ"
#: Dots per inch: two for each that a screen has, sharp in a slide and on paper.
SHARPNESS = 192.0


def with_letters(svg: str) -> str:
    """The picture with our font inside, so that it reads the same where there is no net."""
    head, rest = svg.split("<title>", 1)
    return f"{head}<style>{_faces()}</style><title>{rest}"


@cache
def _faces() -> str:
    letters = b64encode(LETTERS.read_bytes()).decode()
    return (
        "@font-face{font-family:'Paper Sans';font-weight:400 700;"
        f"src:url(data:font/woff2;base64,{letters})}}"
    )


def to_png(svg: str) -> bytes:
    """The picture in dots, set with our own font; nothing of the machine's is used.

    Args:
        svg: as :func:`matchsvc.reports.pictures.picture.to_svg` gives it.
    """
    import typst

    made = typst.compile(
        TEMPLATE,
        root=ROOT,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="png",
        ppi=SHARPNESS,
        sys_inputs={"svg": svg},
    )
    return bytes(made)
