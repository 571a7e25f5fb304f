"""Build ``matchsvc/web/static/app.css``: our theme, the vendored components, our own parts.

One file, because a phone in a greenhouse should ask once. Run it after any change in
``matchsvc/web/static/css``; a test fails when app.css is not what this script would write.

Colours are written once, as ``light-dark(light, dark)`` in theme.css. Telephones that people
still use do not know that function, so each pair is written out here as two plain values.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

import brotli

STATIC = Path(__file__).resolve().parent.parent / "matchsvc" / "web" / "static"
VENDORED = ("base", "button", "error-summary", "field", "fieldset", "input", "label", "link",
            "skip-link", "validation-message")  # fmt: skip
OWN = ("base", "layout", "parts", "rows", "forms", "tables", "notes", "print")
#: Parts that one kind of page needs: files of their own, so that every other page is lighter. Each
#: ends with what is printed, which must come last.
EXTRA = {
    name: (name, "print")
    for name in ("diary", "figures", "follow-up", "map", "own", "seldom", "talk")
}
PAIR = re.compile(r"(--[\w-]+):\s*light-dark\(([^,()]+),\s*([^()]+)\)")


#: What is sent packed, when the browser takes it.
COMPRESSED = (
    *("app.css", "diary.css", "figures.css", "follow-up.css"),
    *("map.css", "own.css", "seldom.css", "talk.css"),
    *("app.js", "search.js", "autosave.js", "shortcuts.js", "follow-up.js", "passkey.js"),
    "vendor/htmx/htmx.min.js",
)


def build(static: Path = STATIC) -> str:
    """Give the text of app.css.

    Args:
        static: the folder that holds ``css`` and ``vendor``.
    """
    parts = ["@layer ds.base,ds.components;"]
    for name in VENDORED:
        layer = "ds.base" if name == "base" else "ds.components"
        text = (static / "vendor" / "designsystemet" / f"{name}.css").read_text("utf-8").strip()
        parts.append(f"@layer {layer}{{{text}}}")
    parts.append(_two_schemes((static / "css" / "theme.css").read_text("utf-8")))
    parts += [minify((static / "css" / f"{name}.css").read_text("utf-8")) for name in OWN]
    head = (
        "/* Built by scripts/build_css.py. Holds parts of @digdir/designsystemet-css (MIT), "
        "see vendor/designsystemet/LICENSE. */"
    )
    return "\n".join([head, *parts, ""])


def build_extra(name: str, static: Path = STATIC) -> str:
    """Give the text of a file of one kind of page."""
    parts = (static / "css" / f"{part}.css" for part in EXTRA[name])
    return "\n".join([*(minify(part.read_text("utf-8")) for part in parts), ""])


def minify(css: str) -> str:
    """Take away comments and needless spaces; strings keep theirs."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", css)
    for index in range(0, len(pieces), 2):
        piece = re.sub(r"\s+", " ", pieces[index])
        piece = re.sub(r" ?([{};,>]) ?", r"\1", piece)
        pieces[index] = re.sub(r"([\w-]): ", r"\1:", piece).replace(";}", "}")
    return "".join(pieces).strip()


def _two_schemes(theme: str) -> str:
    theme = minify(theme)
    dark = ";".join(f"{name}:{value.strip()}" for name, _, value in PAIR.findall(theme))
    light = PAIR.sub(lambda pair: f"{pair[1]}:{pair[2].strip()}", theme)
    dark = f"color-scheme:dark;{dark}"
    return (
        f"{light}\n@media screen and (prefers-color-scheme:dark)"
        f"{{:root:not([data-color-scheme=light]){{{dark}}}}}\n"
        f"@media screen{{:root[data-color-scheme=dark]{{{dark}}}}}"
    )


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` only say whether they are current."""
    texts = {STATIC / "app.css": build()}
    texts |= {STATIC / f"{name}.css": build_extra(name) for name in EXTRA}
    if "--check" in arguments:
        stale = any(not path.exists() or path.read_text("utf-8") != texts[path] for path in texts)
        for path in (STATIC / name for name in COMPRESSED):
            for ending, unpack in (("gz", gzip.decompress), ("br", brotli.decompress)):
                packed = path.with_name(f"{path.name}.{ending}")
                stale = stale or not packed.exists()
                stale = stale or unpack(packed.read_bytes()) != path.read_bytes()
        return int(stale)
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    compress()
    return 0


def compress() -> None:
    """Write .gz and .br beside what pages load; the server hands out what a browser takes."""
    for name in COMPRESSED:
        path = STATIC / name
        packed = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
        path.with_name(path.name + ".gz").write_bytes(packed)
        path.with_name(path.name + ".br").write_bytes(brotli.compress(path.read_bytes()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
