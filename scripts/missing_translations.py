"""List Swedish texts without English, ready for a ``.po`` file; exit 1 when there are any.

Usage: missing_translations.py [folder ...]    default: the whole package
"""

import sys
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import escape

from matchsvc.web.words import load_catalogs

ROOT = Path(__file__).parent.parent / "matchsvc"
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
}


@cache
def texts(*folders: Path) -> dict[str | tuple[str, ...], str]:
    """Every marked text and the first place where it stands."""
    found: dict[str | tuple[str, ...], str] = {}
    for folder in folders:
        for path in sorted(
            [*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]
        ):
            method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
            options = {"encoding": "utf-8"} if method == "python" else {"silent": "false"}
            for line, message, _comments, _context in extract_from_file(
                method, str(path), keywords=KEYWORDS, options=options
            ):
                if message:
                    found.setdefault(message, f"{path.relative_to(ROOT)}:{line}")
    return found


def missing(folders: list[Path]) -> dict[str | tuple[str, ...], str]:
    """Texts that no English catalogue knows, with their places."""
    known = set()
    for catalog in load_catalogs("en").values():
        for message in catalog:
            words = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and all(words) and not message.fuzzy:
                known.add(message.id if isinstance(message.id, str) else tuple(message.id))
    return {text: place for text, place in texts(*folders).items() if text not in known}


if __name__ == "__main__":
    absent = missing([Path(name).absolute() for name in sys.argv[1:]] or [ROOT])
    for text, place in absent.items():
        print(f"#: {place}")
        if isinstance(text, tuple):
            print(f"msgid {escape(text[0])}\nmsgid_plural {escape(text[1])}")
            print('msgstr[0] ""\nmsgstr[1] ""\n')
        else:
            print(f'msgid {escape(text)}\nmsgstr ""\n')
    sys.exit(1 if absent else 0)
