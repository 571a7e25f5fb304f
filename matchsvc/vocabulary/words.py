"""Reading Swedish words: keys for look-up, and words without their endings.

``sydde``, ``sytt`` and ``syr`` are one word here, and so are ``kläder`` and ``kläderna``. The
dictionary is simplemma's; what it gets wrong and people often say stands in ``data/words.yaml``.
A process that needs the dictionary for the first time loads it in a second, into 15 MB.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from matchsvc.vocabulary import lexicon

NUMBER = "#"  # any number: "40 personer" is like "50 personer"
_WORD = re.compile(r"[^\W_]+")
_DASHES = re.compile(r"[\s\-\u2010-\u2015\u2212]+")

_FILE = (Path(__file__).parent / "data" / "words.yaml").read_bytes()
CHECKSUM = hashlib.sha256(_FILE).hexdigest()  # of how words are read
_LISTS: dict[str, Any] = yaml.safe_load(_FILE)
_SILENT: frozenset[str] = frozenset(_LISTS["silent"])
_ENGLISH_SILENT: frozenset[str] = frozenset(_LISTS["english silent"])
_TITLES: frozenset[str] = frozenset(_LISTS["titles"])
_NEGATIONS: frozenset[str] = frozenset(_LISTS["negations"])
_NO_NEGATIONS: Mapping[str, frozenset[str]] = {
    word: frozenset(following) for word, following in _LISTS["no negations"].items()
}
#: What follows these is denied, not what came before: "mat utan gluten".
WITHOUT: frozenset[str] = frozenset(_LISTS["without"])
_PARTS: frozenset[str] = frozenset(_LISTS["parts of a list"])
_TURNS: frozenset[str] = frozenset(_LISTS["turns"])
_SUBJECTS: frozenset[str] = frozenset(_LISTS["subjects"])
_SINCE: frozenset[str] = frozenset(_LISTS["since"])
_WISHES: frozenset[str] = frozenset(_LISTS["wishes"])
_UNITS: frozenset[str] = frozenset(_LISTS["units"])
_SPEAKERS: frozenset[str] = frozenset(_LISTS["speakers"])
_ENGLISH: Mapping[str, str] = _LISTS["english"]
_ENGLISH_SIGNS: frozenset[str] = frozenset(_LISTS["english signs"])
_ENGLISH_ENDINGS = ("ing", "ers", "er", "ed", "es", "s", "d", "r")
_LEAST_ENGLISH_SIGNS = 2
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
_SHORTEST_MISSPELT = 5
_LIKE = 90  # rapidfuzz ratio
_LONG_SILENT = sorted(word for word in _SILENT if len(word) >= _SHORTEST_MISSPELT)
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
        may_be_english: whether it may be meant as an English word.
    """

    place: int
    surface: str
    stem: str
    may_be_english: bool = False


def text_key(text: str) -> str:
    """What two spellings of one label have in common: case, spaces and dashes don't count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _DASHES.sub(" ", folded).strip()


def content_words(text: str) -> list[Word]:
    """The words of a text that say something about what somebody can do."""
    found = []
    for place, match in enumerate(_WORD.finditer(unicodedata.normalize("NFC", text))):
        spoken = unicodedata.normalize("NFKC", match.group()).casefold()
        found += read_word(match.group(), spoken, place)
    return found


def read_word(surface: str, spoken: str, place: int, *, is_english: bool = False) -> list[Word]:
    """What one word of a text says: itself, or nothing.

    Args:
        surface: as it was written.
        spoken: casefolded.
        place: which word of the text it is.
        is_english: whether the text is English; then "barn" is no child.
    """
    if spoken in _SILENT:
        return []
    if is_english and spoken in _ENGLISH_SILENT:
        return []
    stem = stem_of(spoken)
    if stem in _SILENT or _is_silent_misspelt(spoken):
        return []
    return [Word(place, surface, stem, is_english or not is_known(spoken))]


def is_english(spoken: Sequence[str]) -> bool:
    """Whether the casefolded words of a text are mostly English."""
    return sum(word in _ENGLISH_SIGNS for word in spoken) >= _LEAST_ENGLISH_SIGNS


def denies(word: str) -> bool:
    """Whether a word says that something is not so."""
    return word in _NEGATIONS or word in WITHOUT or word.endswith("n't")


def is_no_denial(word: str, following: str) -> bool:
    """Whether a word that denies does not with the next: "inte bara", "inga problem"."""
    return following in _NO_NEGATIONS.get(word, ())


def parts_clauses(word: str) -> bool:
    """Whether something else begins with this word: "och", "men"."""
    return word in _PARTS or word in _TURNS


def goes_on(word: str) -> bool:
    """Whether a denial goes on after this word: after "eller", but not after "men"."""
    return word in _PARTS


def is_subject(word: str) -> bool:
    """Whether the word begins a statement: "jag"."""
    return word in _SUBJECTS


def is_of_a_speaker(word: str) -> bool:
    """Whether such a word is said, rather than written as a name of something."""
    return word in _SPEAKERS


def is_to(word: str) -> bool:
    """Whether a deed follows: "att"."""
    return word == "att"


def is_wish(word: str) -> bool:
    """Whether what is told with this word may never have been done: "vill"."""
    return word in _WISHES


def is_number(word: str) -> bool:
    """Whether the word is a number, in digits or letters."""
    return word.isdecimal() or word in _NUMBERS


def is_since(word: str) -> bool:
    """Whether a year after this word is when something began: "sedan 2015"."""
    return word in _SINCE


def counts_nothing(word: str) -> bool:
    """Whether a number before this word does not count it: "50 och", but "50 gäster", "5 år"."""
    return word in _SILENT and word not in _UNITS


def stems_of(text: str) -> list[str]:
    """The stems of a text's content words, each once, in their order."""
    return list(dict.fromkeys(word.stem for word in content_words(text)))


@lru_cache(maxsize=50_000)
def stem_of(word: str) -> str:
    """The word without its ending.

    Args:
        word: one casefolded word.
    """
    if is_number(word):
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


def without_title(word: str) -> list[str]:
    """What a compound that ends like a title is about: "svets" of "svetskurs"."""
    rests = [word.removesuffix(title) for title in _TITLES if word.endswith(title)]
    return [rest.removesuffix("s") if len(rest) > _SHORTEST_STEM + 1 else rest for rest in rests]


@lru_cache(maxsize=50_000)
def is_known(word: str) -> bool:
    """Whether the dictionary knows the word; one that it does not know may be misspelt."""
    return lexicon.lemma(word) is not None


@lru_cache(maxsize=10_000)
def _is_silent_misspelt(word: str) -> bool:
    """Whether a word that nobody knows is a silent one with a wrong letter: "jobat"."""
    from rapidfuzz import fuzz, process

    if len(word) < _SHORTEST_MISSPELT or is_known(word):
        return False
    return process.extractOne(word, _LONG_SILENT, scorer=fuzz.ratio, score_cutoff=_LIKE) is not None


def in_swedish(word: str) -> list[str]:
    """The stems of what an English word that people use of work means; none if it is no such."""
    spoken = text_key(word)
    forms = [spoken]
    for ending in _ENGLISH_ENDINGS:
        stem = spoken.removesuffix(ending)
        if stem != spoken:
            forms += [stem, f"{stem}e"]
            if stem[-2:-1] == stem[-1:]:
                forms.append(stem[:-1])  # "cutting"
    meant = next((_ENGLISH[form] for form in forms if form in _ENGLISH), "")
    return [stem_of(one) for one in meant.split()]


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
