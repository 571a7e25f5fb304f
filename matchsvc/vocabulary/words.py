"""Reading Swedish words: keys for look-up, and words without their endings.

``sydde``, ``sytt`` and ``syr`` are one word here, and so are ``kläder`` and ``kläderna``. The
dictionary is simplemma's; what it gets wrong and people often say stands in ``data/words.yaml``.
A process that needs the dictionary for the first time loads it in a second, into 15 MB.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from matchsvc.vocabulary import lexicon

NUMBER = "#"  # any number: "40 personer" is like "50 personer"
_WORD = re.compile(r"[^\W_]+")
_DASHES = re.compile(r"[\s\-\u2010-\u2015\u2212]+")

_LISTS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "data" / "words.yaml").read_text(encoding="utf-8")
)
_SILENT: frozenset[str] = frozenset(_LISTS["silent"])
_TITLES: frozenset[str] = frozenset(_LISTS["titles"])
_NEGATIONS: frozenset[str] = frozenset(_LISTS["negations"])
_NUMBERS: frozenset[str] = frozenset(_LISTS["numbers"])
_EXCEPTIONS: dict[str, str] = _LISTS["exceptions"]
#: Endings of a word that the dictionary does not know, longest first, and what to put instead.
_ENDINGS = (
    ("arna", "e"),
    ("erna", ""),
    ("orna", "a"),
    ("ade", "a"),
    ("ar", "a"),
    ("at", "a"),
    ("en", ""),
    ("et", ""),
    ("er", ""),
    ("or", "a"),
    ("na", ""),
)
_SHORTEST_STEM = 4
#: What makes a deed, a doer or a quality of a root: "målning", "målare" and "måla" share "mål".
_DERIVATIONS = (
    "arinna", "erska", "ande", "ende", "ning", "else", "tion", "are", "ing", "era", "isk", "iskt",
    "iker", "ik", "ör", "or", "at", "ad", "a", "e", "t", "n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text that says something.

    Attributes:
        place: which word of the text it is, from 0, silent words counted.
        surface: as it was written.
        stem: without its ending; ``#`` for a number.
    """

    place: int
    surface: str
    stem: str


def text_key(text: str) -> str:
    """What two spellings of one label have in common: case, spaces and dashes don't count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _DASHES.sub(" ", folded).strip()


def content_words(text: str) -> list[Word]:
    """The words of a text that say something about what somebody can do."""
    found = []
    for place, match in enumerate(_WORD.finditer(unicodedata.normalize("NFC", text))):
        spoken = unicodedata.normalize("NFKC", match.group()).casefold()
        if spoken in _SILENT:
            continue
        stem = stem_of(spoken)
        if stem not in _SILENT:
            found.append(Word(place, match.group(), stem))
    return found


def stems_of(text: str) -> list[str]:
    """The stems of a text's content words, each once, in their order."""
    return list(dict.fromkeys(word.stem for word in content_words(text)))


def has_negation(text: str) -> bool:
    """Whether the text says that something is *not* so: then nobody should be sure."""
    return any(word in _NEGATIONS for word in _WORD.findall(text.casefold()))


@lru_cache(maxsize=50_000)
def stem_of(word: str) -> str:
    """The word without its ending.

    Args:
        word: one casefolded word.
    """
    if word.isdigit() or word in _NUMBERS:
        return NUMBER
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    if len(word) == 1:
        return word  # the "d" of "D-körkort" is not short for "den"
    found = lexicon.lemma(word) or word
    found = _EXCEPTIONS.get(found, found)
    if found == f"{word}e" and is_known(word[:-1]):
        return word[:-1]  # "städar" is what somebody does, not "städare"
    if found.endswith("ad") and is_known(found[:-1]):
        return found[:-1]  # "städad", the form the dictionary prefers, is "städa"
    if found == word and not is_known(word):
        return _without_ending(word)
    return _deed(found)


def root_of(stem: str) -> str:
    """What a stem has in common with others made of it: "svetsa", "svetsare", "svetsning"."""
    for ending in _DERIVATIONS:
        if stem.endswith(ending) and len(stem) - len(ending) >= _SHORTEST_STEM:
            return stem[: -len(ending)]
    return stem


def title_words(text: str) -> list[str]:
    """The casefolded words of a name that tell it from others.

    "Erfarenhet", "kurs", "yrkesbevis" and the like say nothing about of what.
    """
    spoken = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    spoken = [word for word in spoken if word not in _SILENT]
    return [word for word in spoken if word not in _TITLES] or spoken


def is_title(word: str) -> bool:
    """Whether the word only says that a name is one: "vana" of "bokföringsvana"."""
    return word in _TITLES


@lru_cache(maxsize=50_000)
def is_known(word: str) -> bool:
    """Whether the dictionary knows the word; one that it does not know may be misspelt."""
    return lexicon.lemma(word) is not None


def _deed(word: str) -> str:
    """What is done, for the name of doing it: "städning" is "städa", "odling" is "odla"."""
    for ending in ("ning", "ing"):
        verb = word.removesuffix(ending) + "a"
        if word.endswith(ending) and len(verb) >= _SHORTEST_STEM and is_known(verb):
            return verb
    return word


def _without_ending(word: str) -> str:
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            return stem + instead
    return word
