"""Make the fonts of printed papers: ``paper_fonts.py SOURCE_SANS_FOLDER VAZIRMATN_FOLDER TARGET``.

Papers are set by typst, which reads neither woff2 nor variable fonts: each weight becomes a plain
TrueType file. Latin, Latin Extended and Cyrillic are joined, so that one name is one file. The
families get names of our own, because the licence keeps the name of the original for the
original. Run by scripts/vendor.sh with fonttools and brotli; nothing of it is needed at run time.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

WEIGHTS = {400: "Regular", 700: "Bold"}
FAMILY, SUBFAMILY, UNIQUE, FULL, POSTSCRIPT = 1, 2, 3, 4, 6
KEPT = {FAMILY, SUBFAMILY, UNIQUE, FULL, POSTSCRIPT, 0, 5, 13, 14}


def plain(source: Path, weight: int, wanted: range | None = None) -> TTFont:
    """One weight of a variable font, cut to what is wanted."""
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    font = instantiateVariableFont(font, {"wght": weight})
    options = Options(hinting=False, layout_features=["*"], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=set(font.getBestCmap()) & set(wanted or range(0x110000)))
    subsetter.subset(font)
    return font


def renamed(font: TTFont, family: str, weight: int) -> TTFont:
    """The same font under our name."""
    style = WEIGHTS[weight]
    names = {
        FAMILY: family,
        SUBFAMILY: style,
        UNIQUE: f"{family} {style}",
        FULL: f"{family} {style}",
        POSTSCRIPT: f"{family.replace(' ', '')}-{style}",
    }
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in KEPT]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
        table.setName(text, number, 1, 0, 0)
    font["OS/2"].usWeightClass = weight
    font["head"].macStyle = 1 if style == "Bold" else 0
    font["OS/2"].fsSelection = 0x20 if style == "Bold" else 0x40
    return font


def main(sans: Path, arabic: Path, target: Path) -> None:
    """Write four files into the target folder."""
    target.mkdir(parents=True, exist_ok=True)
    parts = {"latin": None, "latin-ext": range(0x100, 0x250), "cyrillic": range(0x400, 0x500)}
    with TemporaryDirectory() as folder:
        for weight, style in WEIGHTS.items():
            files = []
            for part, wanted in parts.items():
                path = Path(folder) / f"{part}.ttf"
                plain(sans / f"source-sans-3-{part}-wght-normal.woff2", weight, wanted).save(path)
                files.append(str(path))
            joined = Merger().merge(files)
            renamed(joined, "Paper Sans", weight).save(target / f"paper-sans-{style.lower()}.ttf")
            other = plain(arabic / "vazirmatn-arabic-wght-normal.woff2", weight)
            renamed(other, "Paper Arabic", weight).save(
                target / f"paper-arabic-{style.lower()}.ttf"
            )
    # What can be printed: a text with other signs would stop the whole paper.
    signs = sorted({*joined.getBestCmap(), *other.getBestCmap()})
    (target / "coverage.txt").write_text("\n".join(ranges(signs)) + "\n", "ascii")


def ranges(signs: list[int]) -> list[str]:
    """``20-7E`` for each run of signs."""
    runs: list[list[int]] = []
    for sign in signs:
        if runs and sign == runs[-1][1] + 1:
            runs[-1][1] = sign
        else:
            runs.append([sign, sign])
    return [f"{first:X}-{last:X}" for first, last in runs]


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:]))
