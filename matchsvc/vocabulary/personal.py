"""Which words may become everybody's: nothing that could point at a person.

A synonym outlives the conversation it was said in and is read by people who were not there. So
what looks personal is not kept, and in doubt it is personal: a synonym too few costs little.
docs/decisions/0006-synonyms-of-the-unit.md has the reasons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date

from matchsvc.errors import N_
from matchsvc.swedish import contains_identity_number, sort_key
from matchsvc.vocabulary.words import content_words

MOST_WORDS = 6
LONGEST = 60  # signs
_LEAST_LETTERS = 3
_MOST_DIGITS = 2  # "40 personer" says how many; three digits begin to be a number of something
_SHORTEST_NAME = 2
_WORD = re.compile(r"[^\W\d_]+")
#: What people write beside letters and spaces in the name of something they do.
_SIGNS = frozenset(" -'’,.&/+()0123456789")
#: Beginnings of words about health, faith and the like (GDPR article 9): never in shared words.
_SENSITIVE = (
    *("adhd", "angest", "asperger", "asyl", "autis", "bipolar", "cancer", "depress", "depri"),
    *("diagnos", "dyslex", "epilep", "fackligt", "flykting", "funktionsh", "funktionsn"),
    *("fangelse", "gravid", "hiv", "homosex", "judisk", "kriminal", "kristen", "missbruk"),
    *("muslim", "psyk", "ptsd", "schizo", "sjukpens", "sjukskriv", "skyddad", "stroke"),
    *("transperson", "trauma", "tvangs", "utbrand", "utmattning", "valdtag"),
)
#: Endings of the names of streets and places.
_PLACES = ("gatan", "vagen", "grand", "torget", "allen")  # folded


def normalised(text: str) -> str:
    """How a synonym is kept: lower case, single spaces, no signs at its ends."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return spaced.casefold().strip(" .,;:!?\"'”()-–")


def folded(text: str) -> str:
    """Letters without case and accents: Åsa, ÅSA and asa are one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def why_personal(text: str, *, names: Collection[str], today: date) -> str | None:
    """Why a text may not become a synonym, as a sentence for whoever typed it; None when it may.

    Args:
        text: as it was typed, in its own case.
        names: what :func:`names_in` found in it.
        today: for recognising identity numbers.
    """
    letters = sum(sign.isalpha() for sign in text)
    words = text.split()
    if contains_identity_number(text, today=today) or "@" in text or "www." in text.casefold():
        return N_("Skriv inga personnummer, adresser eller e-postadresser.")
    if sum(sign.isdigit() for sign in text) > _MOST_DIGITS:
        return N_("Skriv inga nummer: högst två siffror.")
    if letters < _LEAST_LETTERS:
        return N_("Skriv ett ord med minst tre bokstäver.")
    if len(words) > MOST_WORDS or len(text) > LONGEST:
        return N_("Skriv högst sex ord. Långa meningar kan handla om någon.")
    if not all(_is_usual(sign) for sign in text):
        return N_("Skriv bara bokstäver, som a till ö, och mellanrum.")
    if names or _looks_named(text):
        return N_("Det kan vara ett namn på någon eller på en plats. Skriv bara vad man gör.")
    if any(word.startswith(_SENSITIVE) for word in _WORD.findall(folded(text))):
        return N_("Skriv bara vad man gör, inget om hälsa, tro eller ursprung.")
    return None


def names_in(text: str, names: Iterable[str]) -> frozenset[str]:
    """The words of a text that are part of somebody's name, folded; "fatimas" is Fatima's.

    Args:
        text: any text.
        names: full or partial names, as they are stored.
    """
    parts = {part for name in names for part in _WORD.findall(folded(name))}
    return frozenset(word for word in _tokens(text) if word in parts or _owner(word) in parts)


def phrases_in(text: str, names: Iterable[str]) -> frozenset[str]:
    """The names, of companies for example, that stand whole in a text."""
    said = f" {' '.join(_WORD.findall(folded(text)))} "
    found = {" ".join(_WORD.findall(folded(name))) for name in names}
    return frozenset(
        name
        for name in found
        if len(name) > _SHORTEST_NAME and (f" {name} " in said or f" {name}s " in said)
    )


def search_patterns(text: str) -> list[str]:
    """LIKE patterns for sort keys of names that a text may hold; too wide, never too narrow.

    A vowel stands for any sign, since å, ä and ö are often left out.
    """
    found: dict[str, None] = {}
    for word in _tokens(text):
        for form in {word, _owner(word)} - {""}:
            found[f"%{re.sub('[aoe]', '_', sort_key(form))}%"] = None
    return list(found)


def _tokens(text: str) -> list[str]:
    """The words of a text that may be a name: function words are none, also where one is."""
    spoken = [word.surface for word in content_words(text)]
    parts = [part for word in spoken for part in _WORD.findall(folded(word))]
    return [part for part in parts if len(part) >= _SHORTEST_NAME]


def _owner(word: str) -> str:
    stem = word.removesuffix("s")
    return stem if stem != word and len(stem) >= _SHORTEST_NAME else ""


def _is_usual(sign: str) -> bool:
    # A name in another script can't be compared with those that are stored.
    if sign.isalpha():
        return unicodedata.name(sign, "").startswith("LATIN")
    return sign in _SIGNS


def _looks_named(text: str) -> bool:
    """Whether a capital stands inside it, or a word ends as streets do."""
    first, *rest = text.split()
    inside = first[1:] + " ".join(rest)
    if any(sign.isupper() for sign in inside):
        return True
    return any(
        word.endswith(place) and word != place
        for word in _WORD.findall(folded(text))
        for place in _PLACES
    )
