"""The words of the page, one file a language under ``texts/``: a language more is a file more.

Each text has a state: draft, or reviewed by somebody on a day; Swedish is the source. A file says
it once for all its texts, and a text may say it for itself. What a file lacks is said in Swedish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date

FOLDER = Path(__file__).parent / "texts"
FIRST = "sv"
_DAY = "EEEE d MMMM y"
_PLACES = re.compile(r"\{(\w+)\}")
#: How the choices of language begin; others follow by code.
_ORDER = ("sv", "sv-easy", "en", "ar")


@dataclass(frozen=True, slots=True)
class Text:
    """Some words in a language.

    Attributes:
        text: the words.
        lang, dir: for the element that holds them.
        is_draft: nobody who has the language as their own has read it.
        reviewed_by, reviewed_on: who has, and when.
    """

    text: str
    lang: str
    dir: str
    is_draft: bool
    reviewed_by: str | None = None
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the page.

    Attributes:
        code: the file's name; ``sv-easy`` is Swedish in easy words.
        name: what it calls itself.
        lang: for the browser and the screen reader.
        dir: ``ltr`` or ``rtl``.
        locale: whose months and weekdays are written.
        texts: by key.
    """

    code: str
    name: str
    lang: str
    dir: str
    locale: Locale
    texts: Mapping[str, Text]


def load_language(path: Path) -> Language:
    """Read a file.

    Raises:
        ValueError: it says no direction, or a text neither ``draft`` nor by whom it was reviewed.
    """
    told = yaml.safe_load(path.read_text("utf-8"))
    if told["dir"] not in {"ltr", "rtl"}:
        raise ValueError(f"{path.name}: dir is ltr or rtl")
    lang = told["lang"]
    return Language(
        path.stem,
        told["name"],
        lang,
        told["dir"],
        Locale.parse(told.get("locale", lang)),
        {key: _text(path.name, key, said, told) for key, said in told["texts"].items()},
    )


def _text(name: str, key: str, said: Any, told: Mapping[str, Any]) -> Text:
    own = said if isinstance(said, dict) else {"text": said}
    state = own if "state" in own else told
    if state["state"] not in {"source", "draft", "reviewed"}:
        raise ValueError(f"{name}: {key} is neither draft nor reviewed")
    is_draft = state["state"] == "draft"
    is_reviewed = state["state"] == "reviewed"
    if is_reviewed and not (state.get("reviewed_by") and isinstance(state.get("on"), date)):
        raise ValueError(f"{name}: {key} is reviewed, but not by whom and on which day")
    return Text(
        own["text"],
        told["lang"],
        told["dir"],
        is_draft,
        state["reviewed_by"] if is_reviewed else None,
        state["on"] if is_reviewed else None,
    )


@cache
def languages() -> dict[str, Language]:
    """Every language that there is a file of, in the order in which they are offered."""
    found = {path.stem: load_language(path) for path in sorted(FOLDER.glob("*.yaml"))}
    first = [code for code in _ORDER if code in found]
    return {code: found[code] for code in (*first, *(c for c in found if c not in first))}


def faults(found: Mapping[str, Language]) -> list[str]:
    """What the files lack, one sentence each: keys, or places for values, that Swedish has."""
    first = found[FIRST].texts
    said = []
    for code, language in found.items():
        said += [f"{code} lacks {key}" for key in first if key not in language.texts]
        said += [f"{code} has {key}, which Swedish lacks" for key in language.texts.keys() - first]
        said += [
            f"{code}: {key} has other places for values than Swedish"
            for key, text in language.texts.items()
            if key in first and _places(text.text) != _places(first[key].text)
        ]
    return said


def _places(text: str) -> set[str]:
    return set(_PLACES.findall(text))


def say(code: str, key: str, **values: object) -> Text:
    """What a key reads as in a language; in Swedish where it has no such language or text.

    Args:
        code: of the language.
        key: of the text.
        values: what to put into its places; days are written as the language writes them.
    """
    known = languages()
    first = known[FIRST]
    language = known.get(code, first)
    if key not in language.texts:
        language = first
    found = language.texts[key]
    if not values:
        return found
    shown = {name: _shown(value, language) for name, value in values.items()}
    return replace(found, text=found.text.format(**shown))


def _shown(value: object, language: Language) -> str:
    words = day_in(value, language) if isinstance(value, date) else str(value)
    # Names and numbers keep their own direction within words that run the other way.
    return f"\u2068{words}\u2069" if language.dir == "rtl" else words


def day_in(day: date, language: Language) -> str:
    """``torsdag 26 november 2026``, as the language writes it, with Western digits."""
    return str(format_date(day, _DAY, locale=language.locale))


def language_for(contact_language: str) -> str:
    """The code to begin with for somebody who is met in a language; Swedish without a file."""
    return contact_language if contact_language in languages() else FIRST
