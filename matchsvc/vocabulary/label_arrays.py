"""Makes the arrays that an index of official names consists of (``labels``).

This takes seconds, once for a version of the classification; afterwards they are only read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from scipy import sparse
from scipy.sparse import csr_matrix

from matchsvc.vocabulary import words
from matchsvc.vocabulary.arrays_on_disk import packed
from matchsvc.vocabulary.candidates import Candidate
from matchsvc.vocabulary.compounds import Compounds
from matchsvc.vocabulary.features import ROOTS, Reader, Space
from matchsvc.vocabulary.models import ConceptType

Arrays = dict[str, np.ndarray]

FORMAT = "1"  # rises when the arrays are made in another way
FIELD = "\x1f"  # between what is stored of a concept
DIMENSIONS = 64  # of meaning
_SEED = 7
_FEW = 5_000  # names: a small list is looked up fast as it is
#: Features less rare than this are left out, for skills and for occupations.
_COMMONEST = (4.2, 3.0)
#: How much each way of reading counts, for skills and for occupations: a root of an occupation's
#: name, such as "-are", is shared by too many.
_SHARES = (np.array([1, 1, 1]) / 3, np.array([1, 1, 0]) / 2)
_ENGLISH = 0.8  # of an English name that stands for a Swedish one that there is not
_OPTIONAL = 0.5  # weight of a skill that an occupation may need, beside one that it must
_NAMES_OF_OCCUPATION = 3  # how often an occupation's names count among the names of its skills
_TINY = 1e-9
_GROUP_DIGITS = 4  # of the groups that occupations are in; shorter codes are groups of groups


@dataclass(frozen=True, slots=True)
class Links:
    """How concepts hang together.

    Attributes:
        upward: a concept and one above it, concept or heading; a concept may have several.
        needs: an occupation, a skill, and whether the skill is essential.
    """

    upward: Sequence[tuple[str, str]] = ()
    needs: Sequence[tuple[str, str, bool]] = ()


def make_arrays(candidates: Sequence[Candidate], links: Links) -> Arrays:
    """What an index of these concepts consists of.

    Args:
        candidates: skills, occupations, groups of occupations.
        links: what they have to do with each other; ids that are no candidate's are headings.
    """
    plan = _Plan.of(candidates)
    counts = Counter(word for name in plan.names for word in set(words.title_words(name)))
    counted = sorted(counts)
    reader = Reader(Compounds(counts))
    read = [reader.read(name) for name in plan.names]
    space = Space.of(read)
    told = space.counts(read)
    arrays = space.arrays | _postings(space, space.vectors(told), plan)
    arrays |= _meaning(space, told, plan, links) | _needs(plan, links)
    for name, texts in {
        "concepts": [_stored(one) for one in plan.ordered],
        "names": plan.names,
        "words": counted,
    }.items():
        arrays[name], arrays[f"{name}_starts"] = packed(texts)
    return arrays | {
        "word_counts": np.array([counts[word] for word in counted], np.int32),
        "first_name": plan.first_name,
        **_keys(plan),
        "group_of": plan.group_of,
        "is_wide": plan.is_wide,
        "shape": np.array([plan.skills, plan.occupations], np.int32),
    }


def _stored(one: Candidate) -> str:
    """What is shown of a concept: it is read from here for each that is found."""
    flags = ("group" if one.is_group else "", "" if one.has_swedish_label else "en")
    return FIELD.join(
        (one.id, one.type.value, *flags, one.label, one.label_en, one.description, one.uri or "")
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who stands where: skills first, then occupations by group, then groups.

    Attributes:
        names: of all concepts, one after another; concept n's begin at ``first_name[n]``.
        group_of: for each occupation the place of its group among the groups, or -1.
        is_wide: for each group whether it is a group of groups.
    """

    ordered: list[Candidate]
    names: list[str]
    owners: np.ndarray
    first_name: np.ndarray
    skills: int
    occupations: int
    group_of: np.ndarray
    is_wide: np.ndarray

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> _Plan:
        groups = sorted((one for one in candidates if one.is_group), key=lambda one: one.id)
        place = {one.isco_code: number for number, one in enumerate(groups) if one.isco_code}
        skills = [one for one in candidates if one.type is ConceptType.SKILL and not one.is_group]
        occupations = [
            one for one in candidates if one.type is ConceptType.OCCUPATION and not one.is_group
        ]
        skills.sort(key=lambda one: one.id)
        occupations.sort(key=lambda one: (place.get(one.isco_code or "", -1), one.id))
        ordered = [*skills, *occupations, *groups]
        names = [tuple(dict.fromkeys((one.label, *one.phrases))) for one in ordered]
        owners = np.repeat(np.arange(len(ordered)), [len(each) for each in names])
        return cls(
            ordered=ordered,
            names=[name for each in names for name in each],
            owners=owners,
            first_name=np.searchsorted(owners, np.arange(len(ordered) + 1)).astype(np.int32),
            skills=len(skills),
            occupations=len(occupations),
            group_of=np.array(
                [place.get(one.isco_code or "", -1) for one in occupations], np.int32
            ),
            is_wide=np.array([len(one.isco_code or "") < _GROUP_DIGITS for one in groups], bool),
        )

    def by_owner(self) -> csr_matrix:
        """Which names are a concept's: one row a concept."""
        return _ones(self.owners, np.arange(len(self.names)), len(self.ordered), len(self.names))

    def members(self) -> csr_matrix:
        """Which occupations are in a group: one row a group."""
        inside = np.flatnonzero(self.group_of >= 0)
        return _ones(self.group_of[inside], inside, len(self.is_wide), self.occupations)

    def needs(self, links: Links) -> csr_matrix:
        """Which skills an occupation needs: one row an occupation."""
        place = {one.id: number for number, one in enumerate(self.ordered)}
        rows, columns, weights = [], [], []
        for occupation, skill, is_essential in links.needs:
            row, column = place.get(occupation, -1) - self.skills, place.get(skill, self.skills)
            if 0 <= row < self.occupations and column < self.skills:
                rows.append(row)
                columns.append(column)
                weights.append(1.0 if is_essential else _OPTIONAL)
        shape = (self.occupations, self.skills)
        return csr_matrix((np.array(weights), (rows, columns)), shape=shape, dtype=np.float32)

    def below(self, links: Links) -> csr_matrix:
        """Which skills are below something that is above more than one: one row for each."""
        place = {one.id: number for number, one in enumerate(self.ordered[: self.skills])}
        found = defaultdict(list)
        for one, above in links.upward:
            if one in place:
                found[above].append(place[one])
        lists = [each for _, each in sorted(found.items()) if len(each) > 1]
        rows = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
        return _ones(rows, [one for each in lists for one in each], len(lists), self.skills)


def _postings(space: Space, rows: csr_matrix, plan: _Plan) -> Arrays:
    """For each feature the names that have it, then the groups that names of which have it.

    A group counts as all names of its occupations and its own, put together.
    """
    names = plan.by_owner() @ rows
    end = plan.skills + plan.occupations
    together = (plan.members() @ names[plan.skills : end] + names[end:]).tocsr()
    # Cut what is common: it takes much time and says little.
    is_large = len(plan.names) > _FEW
    of_skills, of_jobs = (
        sparse.diags(shares[space.way] * (space.rarity >= commonest * is_large))
        for shares, commonest in zip(_SHARES, _COMMONEST, strict=True)
    )
    first_job = plan.first_name[plan.skills]
    by_name = sparse.vstack([rows[:first_job] @ of_skills, rows[first_job:] @ of_jobs])
    has_swedish = np.array([one.has_swedish_label for one in plan.ordered])[plan.owners]
    by_name = sparse.diags(np.where(has_swedish, 1, _ENGLISH)) @ by_name
    by_group = space.of_length_one(together) @ of_jobs
    return _turned("posting", by_name) | _turned("group_posting", by_group)


def _turned(name: str, matrix: csr_matrix) -> Arrays:
    """For each feature the rows that have it."""
    turned = matrix.T.tocsr()
    turned.eliminate_zeros()
    return {
        f"{name}_starts": turned.indptr.astype(np.int32),
        f"{name}_rows": turned.indices.astype(np.int32),
        f"{name}_values": turned.data.astype(np.float32),
    }


def _meaning(space: Space, counts: csr_matrix, plan: _Plan, links: Links) -> Arrays:
    """Vectors of the roots of words, and of each skill, by the company they keep.

    Latent semantic analysis. What counts as a text: an occupation with its skills, a group of
    occupations with theirs, and what is above skills with these.
    """
    of_roots = np.flatnonzero(space.way == ROOTS)
    roots = counts[:, of_roots]
    said = (plan.by_owner() @ roots).tocsr()
    of_skills = said[: plan.skills]
    jobs = said[plan.skills : plan.skills + plan.occupations] * _NAMES_OF_OCCUPATION
    jobs = jobs + plan.needs(links) @ of_skills
    texts = sparse.vstack([jobs, plan.members() @ jobs, plan.below(links) @ of_skills]).tocsr()
    number = np.full(len(space.rarity), -1, np.int32)
    number[of_roots] = np.arange(len(of_roots))
    rarity = np.log(
        (1 + len(plan.names)) / (1 + np.bincount(roots.indices, minlength=len(of_roots)))
    )
    vectors = _vectors_of_words(texts) * rarity[:, None]
    return {
        "root_number": number,
        "root_vectors": vectors.astype(np.float32),
        "skill_vectors": _of_length_one(of_skills @ vectors).astype(np.float32),
    }


def _vectors_of_words(texts: csr_matrix) -> np.ndarray:
    from sklearn.utils.extmath import randomized_svd

    seen = np.bincount(texts.indices, minlength=texts.shape[1])
    weighted = texts.copy()
    weighted.data = np.log1p(texts.data)
    weighted = (weighted @ sparse.diags(np.log((1 + texts.shape[0]) / (1 + seen)))).tocsr()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted = sparse.diags(1 / np.maximum(length, _TINY)) @ weighted
    size = min(DIMENSIONS, *weighted.shape)
    if size == 0 or weighted.nnz == 0:
        return np.zeros((texts.shape[1], 1))
    _, strengths, found = randomized_svd(weighted, size, random_state=_SEED)
    return _of_length_one(found.T * np.sqrt(strengths))


def _needs(plan: _Plan, links: Links) -> Arrays:
    """For each occupation the skills it needs; a skill that many need tells less."""
    found = plan.needs(links)
    many = np.bincount(found.indices, minlength=plan.skills)
    found = (found @ sparse.diags(1 / np.sqrt(np.maximum(many, 1)))).tocsr()
    return {
        "need_starts": found.indptr.astype(np.int32),
        "need_skills": found.indices.astype(np.int32),
        "need_weights": found.data.astype(np.float32),
    }


def _keys(plan: _Plan) -> Arrays:
    """The names' keys by hash, so that a name said exactly is found as such."""
    hashes = np.array([crc32(words.text_key(name).encode()) for name in plan.names], np.uint32)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    return {"keys": hashes[order], "key_names": order}


def _ones(rows: Any, columns: Any, height: int, width: int) -> csr_matrix:
    values = np.ones(len(rows), np.float32)
    return csr_matrix((values, (rows, columns)), shape=(height, width))


def _of_length_one(vectors: np.ndarray) -> np.ndarray:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
    return np.asarray(vectors / lengths)
