"""Tens of thousands of short official names, found by what they look like and belong to.

How alike a concept and a text are:

- Its best name and the text (``features``: letters, parts of compounds, roots of words).
- A skill also counts by the occupations that need it, as far as they resemble the text, and by
  how near its words are in meaning to those of the text (``label_arrays``).
- An occupation also counts by all names of its group together. A group is nearly as alike as the
  best occupation in it.

Many texts are looked up by one sparse product over arrays that processes share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix
from threadpoolctl import ThreadpoolController

from matchsvc.vocabulary.arrays_on_disk import Texts
from matchsvc.vocabulary.candidates import Candidate
from matchsvc.vocabulary.compounds import Compounds
from matchsvc.vocabulary.features import Reader, Space
from matchsvc.vocabulary.label_arrays import FIELD
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.words import text_key

_NEEDED = 0.25  # weight of the occupations that need a skill
_SHARPNESS = 6  # power of how alike an occupation is beside the best
_DULL = 0.5
_MEANING = 0.3
_GROUP = 0.3  # weight of an occupation's group
_BEST_IN_GROUP = 0.9
_GROUP_UNSURE = 0.3  # a group counts more where no occupation in it is alike
_WIDE = 0.7  # of groups of groups: hardly ever meant
_MOST = 1.5  # about the highest likeness there is; scores are shares of it
_BATCH = 128
_THREADS = 2
_EXACT = 10  # a name said exactly comes before everything
_ALMOST = 0.99
_TINY = 1e-9
_BLOCK = 64
_FEW = 4  # texts at once


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that resembles a text: the name that does most, and how much.

    ``likeness`` is 0 to 1; 1 only for a name that is said exactly.
    """

    candidate: Candidate
    name: str
    likeness: float


class LabelIndex:
    """Official names of skills, occupations and groups of occupations.

    Args:
        arrays: from :func:`matchsvc.vocabulary.label_arrays.make_arrays`.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self._space = Space(arrays)
        spelt = Texts(arrays["words"], arrays["words_starts"])
        counts = arrays["word_counts"].tolist()
        self._reader = Reader(Compounds({spelt[at]: count for at, count in enumerate(counts)}))
        self._stored = Texts(arrays["concepts"], arrays["concepts_starts"])
        self._names = Texts(arrays["names"], arrays["names_starts"])
        self._skills, self._occupations = arrays["shape"].tolist()
        self._first_name = np.asarray(arrays["first_name"])
        # Then a skill's one name need not be looked for; and there are jobs to look at.
        self._are_single = int(self._first_name[self._skills]) == self._skills < len(self._stored)
        self._group_of = np.asarray(arrays["group_of"])
        self._inside = np.flatnonzero(self._group_of >= 0)
        groups, self._first_inside = np.unique(self._group_of[self._inside], return_index=True)
        self._groups = groups
        self._postings = self._turned("posting", len(self._names))
        self._group_postings = self._turned("group_posting", len(arrays["is_wide"]))
        self._needs = csr_matrix(
            (arrays["need_weights"], arrays["need_skills"], arrays["need_starts"]),
            shape=(self._occupations, self._skills),
            copy=False,
        )

    def search(
        self, texts: Sequence[str], *, top: int, kind: ConceptType | None = None, groups: bool
    ) -> list[list[Found]]:
        """For each text the concepts that resemble it, best first.

        Args:
            texts: what was said, any number.
            top: how many for each text, at most.
            kind: skills or occupations only.
            groups: whether groups of occupations are wanted too.
        """
        first, last = self._range(kind, groups=groups)
        if first == last or not texts:
            return [[] for _ in texts]
        parts = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]

        def look_up(part: Sequence[str]) -> list[list[Found]]:
            return self._search(part, top, first, last)

        # Products let our other threads run; threads of their own would be in each other's way, and
        # for few texts take longer to start than the work does.
        with _libraries().limit(limits=1):
            if len(parts) == 1:
                return look_up(parts[0])
            with ThreadPoolExecutor(_THREADS) as threads:
                return [found for part in threads.map(look_up, parts) for found in part]

    def _turned(self, name: str, width: int) -> csr_matrix:
        return csr_matrix(
            tuple(self._arrays[f"{name}_{part}"] for part in ("values", "rows", "starts")),
            shape=(len(self._space.rarity), width),
            copy=False,
        )

    def _range(self, kind: ConceptType | None, *, groups: bool) -> tuple[int, int]:
        if kind is ConceptType.SKILL:
            return 0, self._skills
        end = len(self._stored) if groups else self._skills + self._occupations
        if kind is ConceptType.OCCUPATION:
            return self._skills, end
        return (0, end) if kind is None else (0, 0)

    def _search(self, texts: Sequence[str], top: int, first: int, last: int) -> list[list[Found]]:
        counts = self._space.counts(self._reader.read(text) for text in texts)
        vectors = self._space.vectors(counts)
        by_name = _product(vectors, self._postings)
        alike = self._by_best_name(by_name)
        alike = self._with_company(alike, counts, vectors, first, last)
        exact = [self._said_exactly(text, first, last) for text in texts]
        for row, numbers in enumerate(exact):
            alike[row, [number - first for number in numbers]] += _EXACT
        found = []
        for row, names in enumerate(by_name):
            places = _highest(alike[row], top)
            found.append(
                [
                    self._found(first + at, names, value, exact[row])
                    for at, value in zip(places.tolist(), alike[row, places].tolist(), strict=True)
                    if value > 0
                ]
            )
        return found

    def _by_best_name(self, by_name: np.ndarray) -> np.ndarray:
        first = self._first_name[:-1]
        if self._are_single:
            jobs = np.maximum.reduceat(by_name, first[self._skills :], axis=1)
            return np.concatenate([by_name[:, : self._skills], jobs], axis=1)
        return np.asarray(np.maximum.reduceat(by_name, first, axis=1))

    def _said_exactly(self, text: str, first: int, last: int) -> dict[int, int]:
        """The concepts that have the text as a name, and which name of all it is."""
        key = text_key(text)
        keys = self._arrays["keys"]
        wanted = keys.dtype.type(crc32(key.encode()))
        start, end = (int(keys.searchsorted(wanted, side)) for side in ("left", "right"))
        found: dict[int, int] = {}
        for name in self._arrays["key_names"][start:end].tolist():
            number = int(self._first_name.searchsorted(name, "right")) - 1
            if first <= number < last and text_key(self._names[name]) == key:
                found.setdefault(number, name)
        return found

    def _with_company(
        self, alike: np.ndarray, counts: csr_matrix, vectors: csr_matrix, first: int, last: int
    ) -> np.ndarray:
        """How alike texts and concepts are, their company counted: columns from first to last."""
        end = self._skills + self._occupations
        jobs = alike[:, self._skills : end]
        columns = []
        if first < self._skills:
            skills = alike[:, : self._skills]
            columns.append(skills + self._by_need(jobs) + self._by_meaning(counts))
        if last > self._skills:
            together = _product(vectors, self._group_postings)
            of_groups = self._of_groups(jobs, alike[:, end:], together) + _GROUP * together
            more = np.zeros_like(jobs)
            more[:, self._inside] = _GROUP * together[:, self._group_of[self._inside]]
            columns += [jobs + more, of_groups][: 1 + (last > end)]
        return np.concatenate(columns, axis=1) if len(columns) > 1 else columns[0]

    def _by_need(self, jobs: np.ndarray) -> np.ndarray:
        if not self._needs.nnz:
            return np.zeros((len(jobs), self._skills), np.float32)
        strength = jobs.max(axis=1, keepdims=True)
        sharp = jobs / np.maximum(strength, _TINY)
        needed = np.empty((len(jobs), self._skills), np.float32)
        for row, alike in enumerate(sharp):
            near = np.flatnonzero(alike >= _DULL)  # what is left out would count for nothing
            needed[row] = _sum_of_rows(self._needs, near, alike[near] ** _SHARPNESS)
        most = np.maximum(needed.max(axis=1, keepdims=True), _TINY)
        needed *= _NEEDED * strength / most
        return needed

    def _by_meaning(self, counts: csr_matrix) -> np.ndarray:
        number = self._arrays["root_number"][counts.indices]
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        known = number >= 0
        of_roots = self._arrays["root_vectors"]
        vectors = np.zeros((counts.shape[0], of_roots.shape[1]), np.float32)
        np.add.at(vectors, rows[known], counts.data[known][:, None] * of_roots[number[known]])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
        skills = self._arrays["skill_vectors"]
        near = vectors @ skills.T
        return np.asarray(np.clip(near, 0, None, out=near) * np.float32(_MEANING))

    def _of_groups(self, jobs: np.ndarray, own: np.ndarray, together: np.ndarray) -> np.ndarray:
        own = own.copy()
        if len(self._groups):
            best = np.maximum.reduceat(jobs[:, self._inside], self._first_inside, axis=1)
            unsure = _GROUP_UNSURE * together[:, self._groups] * np.clip(1 - best, 0, 1)
            own[:, self._groups] = np.maximum(own[:, self._groups], _BEST_IN_GROUP * best + unsure)
        own[:, self._arrays["is_wide"]] *= _WIDE
        return own

    def _found(
        self, number: int, by_name: np.ndarray, alike: float, exact: Mapping[int, int]
    ) -> Found:
        if number in exact:
            return Found(self._candidate(number), self._names[exact[number]], 1.0)
        start, end = self._first_name[number : number + 2].tolist()
        best = start + int(by_name[start:end].argmax()) if end - start > 1 else start
        return Found(self._candidate(number), self._names[best], min(alike / _MOST, _ALMOST))

    def _candidate(self, number: int) -> Candidate:
        key, kind, group, english, label, label_en, description, uri = self._stored[number].split(
            FIELD
        )
        return Candidate(
            id=key,
            type=ConceptType(kind),
            is_group=bool(group),
            label=label,
            label_en=label_en,
            description=description,
            uri=uri or None,
            has_swedish_label=not english,
        )


def _product(vectors: csr_matrix, postings: csr_matrix) -> np.ndarray:
    """The product as a dense array; for few rows without what scipy does for many."""
    if vectors.shape[0] > _FEW:
        return (vectors @ postings).toarray()  # type: ignore[no-any-return]
    found = np.empty((vectors.shape[0], postings.shape[1]), np.float32)
    for row in range(vectors.shape[0]):
        part = slice(*vectors.indptr[row : row + 2].tolist())
        found[row] = _sum_of_rows(postings, vectors.indices[part], vectors.data[part])
    return found


def _sum_of_rows(matrix: csr_matrix, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum of some rows of a matrix, each with its weight."""
    starts = matrix.indptr[rows]
    lengths = matrix.indptr[rows + 1] - starts
    before = np.cumsum(lengths) - lengths
    entries = np.repeat(starts - before, lengths) + np.arange(lengths.sum())
    values = matrix.data[entries] * np.repeat(weights, lengths)
    return np.bincount(matrix.indices[entries], values, matrix.shape[1])


@cache
def _libraries() -> ThreadpoolController:
    """The libraries of linear algebra that have threads; finding them takes milliseconds."""
    return ThreadpoolController()


def _highest(values: np.ndarray, count: int) -> np.ndarray:
    """Places of the highest values, highest first, equal ones in their order.

    No value of the highest is below the lowest of the highest maxima of as many blocks; so few
    are left to be sorted.
    """
    blocks = len(values) // _BLOCK
    if blocks > count:
        most = values[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        places = np.flatnonzero(values >= np.partition(most, blocks - count)[blocks - count])
    else:
        places = np.arange(len(values))
    return places[np.lexsort((places, -values[places]))][:count]
