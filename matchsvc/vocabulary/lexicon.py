"""The Swedish dictionary: which forms there are, and the word each is a form of.

It is simplemma's. As simplemma keeps it, it is a hundred megabytes in every process, or slow; so
the first process turns it into sorted arrays of twelve megabytes that all processes share
(``arrays_on_disk``).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from matchsvc.vocabulary.arrays_on_disk import Arrays, Texts, kept_or_made, packed

if TYPE_CHECKING:
    import numpy as np

_HASH = "<u8"
_folder: Path | None = None


def keep_in(folder: Path | None) -> None:
    """Say where the arrays are kept; before the first look-up."""
    global _folder  # noqa: PLW0603 - one place for the process, like the database's address
    if folder != _folder:
        _folder = folder
        _lexicon.cache_clear()


def lemma(form: str) -> str | None:
    """The word that a casefolded form belongs to ("trapporna": "trappa"), or None."""
    return _lexicon().lemma(form)


class Lexicon:
    """Forms by hash, and the lemma of each.

    Args:
        arrays: ``forms`` (sorted 64-bit hashes), ``lemma_of`` (for each form the number of its
            lemma), ``lemmas`` and ``lemma_starts`` (packed texts).
    """

    def __init__(self, arrays: Arrays) -> None:
        self._forms = arrays["forms"]
        self._hash = self._forms.dtype.type
        self._lemma_of = arrays["lemma_of"]
        self._lemmas = Texts(arrays["lemmas"], arrays["lemma_starts"])

    def lemma(self, form: str) -> str | None:
        """See :func:`lemma`."""
        wanted = int.from_bytes(_digest(form), "little")
        place = int(self._forms.searchsorted(self._hash(wanted)))
        if place == len(self._forms) or self._forms[place] != wanted:
            return None
        return self._lemmas[int(self._lemma_of[place])]


@cache
def _lexicon() -> Lexicon:
    return Lexicon(kept_or_made(_folder, "lexicon", f"1-{version('simplemma')}", _from_simplemma))


def _from_simplemma() -> dict[str, np.ndarray]:
    import numpy as np
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    read = DefaultDictionaryFactory(cache_max_size=0).get_dictionary("sv")
    numbers: dict[str, int] = {}
    folded, plain = _Forms(), _Forms()
    for form, lemma_of in read.items():
        key = form.casefold()
        forms = plain if key == form else folded
        forms.hashes += _digest(key)
        forms.lemmas.append(numbers.setdefault(lemma_of.casefold(), len(numbers)))
    # A form in small letters comes before a name that is spelt alike ("sten" before "Sten").
    hashes = np.frombuffer(plain.hashes + folded.hashes, _HASH)
    hashes, first = np.unique(hashes, return_index=True)
    lemmas, starts = packed(list(numbers))
    return {
        "forms": hashes,
        "lemma_of": np.array(plain.lemmas + folded.lemmas, np.int32)[first],
        "lemmas": lemmas,
        "lemma_starts": starts,
    }


@dataclass(slots=True)
class _Forms:
    hashes: bytearray = field(default_factory=bytearray)
    lemmas: array[int] = field(default_factory=lambda: array("i"))


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
