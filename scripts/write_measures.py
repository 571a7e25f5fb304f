"""Write docs/measures.md from the list of measures (matchsvc/reports/measures.py).

Usage: write_measures.py [--check]    with --check: exit 1 when the file is not up to date
"""

import sys
from pathlib import Path

from matchsvc.reports.measures import (
    COUNTED_WORDS,
    DEFINITIONS_VERSION,
    SECTIONS,
    SMALL_CELL_WORDS,
    TERMS,
)
from matchsvc.web.words import load_translations

FILE = Path(__file__).parent.parent / "docs" / "measures.md"


def page() -> str:
    """The whole document, in English with the Swedish titles."""
    english = load_translations("en").gettext
    lines = [
        "# Measures",
        "",
        f"Version {DEFINITIONS_VERSION}, written by `scripts/write_measures.py`.",
        "Changes are made in `matchsvc/reports/measures.py` and the lists beside it.",
        "",
        "## Words",
        *(
            f"- **{english(term.title)}** ({term.title}): {english(term.definition)}"
            for term in TERMS
        ),
    ]
    for section in SECTIONS:
        lines += ["", f"## {english(section.title)}"]
        for each in section.measures:
            lines += [
                "",
                f"### `{each.name}`",
                f"**{english(each.title)}** ({each.title}): {english(each.definition)}",
                "",
                f"- counted: {english(each.numerator)}",
                *([f"- of: {english(each.denominator)}"] if each.denominator else []),
                f"- among: {english(each.population)}",
                f"- days: {english(each.time_rule)}",
                f"- in: {english(COUNTED_WORDS[each.counted_in])}",
                f"- small figures: {english(SMALL_CELL_WORDS[each.small_cells])}",
                f"- source: {each.source}",
                *(
                    [f"- API: {', '.join(f'`{path}`' for path in each.given_as)}"]
                    if each.given_as
                    else []
                ),
            ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if FILE.read_text(encoding="utf-8") == page() else 1)
    FILE.write_text(page(), encoding="utf-8")
