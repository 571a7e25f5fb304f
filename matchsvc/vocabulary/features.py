"""Official names as points in a space where names that mean alike lie near each other.

Three ways to read a name, each a vector of length one (term frequency, inverse document frequency):
the letters of its words (2 to 4 in a row), the letters of the parts of its compounds without
endings, and the roots of words and parts. Likeness is the mean of the three cosines.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix

from matchsvc.vocabulary import words
from matchsvc.vocabulary.compounds import Compounds

WAYS = 3
ROOTS = 2  # the number of the third way
_PART_WEIGHT = 0.8  # of a part beside the whole word
_GRAM_LENGTHS = (2, 3, 4)
#: Beginnings of the hashes, so that the same letters are another feature in each way of reading.
_IN_PARTS = crc32(b"in parts: ")
_AS_ROOT = crc32(b"as root: ")
_WORDS_REMEMBERED = 10_000

#: Features of a name and their weights, for each way of reading.
Read = tuple[Mapping[int, float], ...]


class _Word(NamedTuple):
    letters: list[int]
    letters_of_parts: list[int]
    roots: list[tuple[int, float]]


class Reader:
    """Reads names into counts of features; a feature is a 32-bit hash.

    Args:
        compounds: takes compounds apart.
    """

    def __init__(self, compounds: Compounds) -> None:
        self._compounds = compounds
        self._word: Callable[[str], _Word] = lru_cache(_WORDS_REMEMBERED)(self._read_word)

    def read(self, text: str) -> Read:
        """Features and weights of a name, one mapping for each way of reading."""
        read = [self._word(word) for word in self._content(text)]
        roots: dict[int, float] = {}
        for one in read:
            for root, weight in one.roots:
                roots[root] = max(weight, roots.get(root, 0.0))
        return (
            _counted(one.letters for one in read),
            _counted(one.letters_of_parts for one in read),
            roots,
        )

    def _content(self, text: str) -> list[str]:
        return [self._without_title(word) for word in words.title_words(text)]

    def _without_title(self, word: str) -> str:
        """What is left of "bokföringsvana" is "bokföring"."""
        parts = self._compounds.parts(word)
        if len(parts) > 1 and words.is_title(parts[-1]):
            return word[: -len(parts[-1])].removesuffix("s")
        return word

    def _read_word(self, word: str) -> _Word:
        parts = self._compounds.parts(word)
        stems = [words.stem_of(part) for part in parts]
        roots = [(words.root_of(words.stem_of(word)), 1.0)]
        if len(parts) > 1:
            roots += [(words.root_of(stem), _PART_WEIGHT) for stem in stems]
            for start in range(1, len(parts) - 1):
                end = words.stem_of("".join(parts[start:]))
                roots.append((words.root_of(end), _PART_WEIGHT))
        return _Word(
            [crc32(gram.encode()) for gram in _grams(word)],
            [crc32(gram.encode(), _IN_PARTS) for stem in stems for gram in _grams(stem)],
            [(crc32(root.encode(), _AS_ROOT), weight) for root, weight in roots],
        )


class Space:
    """Vectors of names over the features that a set of names has.

    Attributes:
        arrays: what the space is made of, to be kept: ``features`` (sorted hashes), ``way`` and
            ``rarity`` (inverse document frequency) of each.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.arrays = {name: arrays[name] for name in ("features", "way", "rarity")}
        self._features, self._way, self._rarity = self.arrays.values()

    @property
    def way(self) -> np.ndarray:
        """Which way of reading each feature belongs to."""
        return self._way  # type: ignore[no-any-return]

    @property
    def rarity(self) -> np.ndarray:
        """How much each feature tells names apart, from 1."""
        return self._rarity  # type: ignore[no-any-return]

    @classmethod
    def of(cls, read: Sequence[Read]) -> Space:
        """The space of names that were read."""
        seen: list[Counter[int]] = [Counter() for _ in range(WAYS)]
        for name in read:
            for way, found in enumerate(name):
                seen[way].update(found.keys())
        features = np.fromiter((one for way in seen for one in way), np.uint32)
        ways = np.repeat(np.arange(WAYS, dtype=np.uint8), [len(way) for way in seen])
        counts = np.fromiter((count for way in seen for count in way.values()), np.float64)
        if not len(features):  # an empty vocabulary: one feature that nothing has
            features, ways, counts = np.zeros(1, np.uint32), np.zeros(1, np.uint8), np.zeros(1)
        # Two features with one hash are very few, and do no harm.
        features, first = np.unique(features, return_index=True)
        rarity = 1 + np.log((1 + len(read)) / (1 + counts[first]))
        return cls({"features": features, "way": ways[first], "rarity": rarity.astype(np.float32)})

    def counts(self, read: Iterable[Read]) -> csr_matrix:
        """One row a name: the weights of its features as they were read."""
        starts = [0]
        hashes: list[int] = []
        weights: list[float] = []
        for name in read:
            for features in name:
                hashes += features.keys()
                weights += features.values()
            starts.append(len(hashes))
        wanted = np.array(hashes, np.uint32)
        place = np.searchsorted(self._features, wanted)
        place[place == len(self._features)] = 0  # beyond the last: not known, as compared below
        known = self._features[place] == wanted
        rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[known]
        return csr_matrix(
            (
                np.array(weights, np.float32)[known],
                place[known].astype(np.int32),
                np.searchsorted(rows, np.arange(len(starts))).astype(np.int32),
            ),
            shape=(len(starts) - 1, len(self._features)),
        )

    def vectors(self, counts: csr_matrix) -> csr_matrix:
        """Counts made into vectors: the rare weighs more, each way of reading has length one."""
        values = counts.data * self._rarity[counts.indices]
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        return self.of_length_one(
            csr_matrix((values, counts.indices, counts.indptr), counts.shape), rows
        )

    def of_length_one(self, matrix: csr_matrix, rows: np.ndarray | None = None) -> csr_matrix:
        """The rows with length one in each way of reading."""
        if rows is None:
            rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        slots = rows * WAYS + self._way[matrix.indices]
        length = np.sqrt(np.bincount(slots, matrix.data * matrix.data, WAYS * matrix.shape[0]))
        values = (matrix.data / length[slots]).astype(np.float32)
        return csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)


def _counted(grams: Iterable[list[int]]) -> dict[int, float]:
    counts = Counter(chain.from_iterable(grams))
    return {gram: 1 + math.log(n) if n > 1 else 1.0 for gram, n in counts.items()}


def _grams(word: str) -> list[str]:
    padded = f" {word} "
    found = []
    for length in _GRAM_LENGTHS:
        if len(padded) <= length:
            found.append(padded)
            break
        found += [padded[place : place + length] for place in range(len(padded) - length + 1)]
    return found
