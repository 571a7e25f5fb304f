"""Swedish compounds taken apart: "skogsmaskinförare" is skog + maskin + förare.

A word is split where both sides are words: of the vocabulary at hand, the commoner the better, or
of the dictionary. The last part is what it is ("förare"), the others say which.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from matchsvc.vocabulary import words

_SHORTEST = 7  # letters of a word that is looked at
_SHORTEST_PART = 3
_SHORTEST_FROM_DICTIONARY = 5  # shorter ones are in there for nearly any three letters
_IMPOSSIBLE = 99.0
_UNKNOWN = 3.0
_MOST_FOR_SPLIT = 2.9  # cost of parts that say more than a whole that is itself a word
_COMMON_SHORT = 3  # labels that have a word of three letters, for it to be a part
_REMEMBERED = 100_000
#: Endings that are spelt like words.
_NO_PARTS = frozenset({
    "are", "dons", "ering", "ing", "ings", "ner", "ning", "nings", "rare", "ringa", "sera",
    "vare", "vice", "visor",
})  # fmt: skip


class Compounds:
    """Splits compounds by the words of one vocabulary.

    Args:
        counts: each casefolded word of the vocabulary, and in how many labels it is.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._best: dict[str, tuple[float, tuple[str, ...]]] = {}

    def parts(self, word: str) -> tuple[str, ...]:
        """The parts of a casefolded word, first to last; the word alone if it is none.

        Letters that only join ("s", "o" for "a") are taken away: "skogs" is "skog".
        """
        if len(word) < _SHORTEST:
            return (word,)
        if len(self._best) > _REMEMBERED:
            self._best.clear()
        return self._split(word)[1]

    def _cost(self, part: str) -> float:
        if len(part) < _SHORTEST_PART or part in _NO_PARTS:
            return _IMPOSSIBLE
        count = self._counts.get(part, 0)
        if len(part) == _SHORTEST_PART:
            return 1.6 if count >= _COMMON_SHORT else _IMPOSSIBLE
        if count:
            return 1.0 - 0.1 * min(math.log(count), 3) + 0.3 * (len(part) == _SHORTEST_PART + 1)
        if len(part) >= _SHORTEST_FROM_DICTIONARY and words.is_known(part):
            return 1.25
        return _IMPOSSIBLE

    def _split(self, word: str) -> tuple[float, tuple[str, ...]]:
        known = self._best.get(word)
        if known is not None:
            return known
        best: tuple[float, tuple[str, ...]] = (min(self._cost(word), _UNKNOWN), (word,))
        for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            last = self._cost(word[place:])
            if last >= _IMPOSSIBLE:
                continue
            for bent, first in enumerate(_forms(word[:place])):
                cost, parts = self._split(first)
                if len(parts) == 1:
                    cost = self._cost(first)
                if cost >= _UNKNOWN:
                    continue
                cost += last + 0.1 * (bent > 1)
                if cost < best[0] or (len(best[1]) == 1 and cost < _MOST_FOR_SPLIT):
                    best = (cost, (*parts, word[place:]))
        self._best[word] = best
        return best


def _forms(part: str) -> list[str]:
    """What a part may be when it stands alone, likeliest first."""
    found = [part]
    if part.endswith("s"):
        found.append(part[:-1])
    found += [f"{part}a", f"{part}e"]
    if part[-1] in "oue":
        found.append(f"{part[:-1]}a")
    return [one for one in found if len(one) >= _SHORTEST_PART]
