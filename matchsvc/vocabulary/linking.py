"""From what somebody says to concepts of the vocabulary: proposals for a person to confirm.

Two indexes, one of everyday phrases (``phrases``) and one of official names (``labels``). Their
scores are whole numbers from 0 to 100 that mean about the same: how often a proposal with this
score was right in our trials. They order proposals and never reach matching.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from matchsvc.vocabulary import sentences
from matchsvc.vocabulary.candidates import Candidate, Suggestion, suggestion
from matchsvc.vocabulary.labels import Found, LabelIndex
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.phrases import PhraseIndex
from matchsvc.vocabulary.sentences import Clause, Reading
from matchsvc.vocabulary.words import NUMBER, Word, stems_of

CONFIDENT_SCORE = 70  # from here on the right concept was first in nearly all of our trials
_LEAST_OFFICIAL = 5  # below it nothing but a few letters is alike
_LEAST_BESIDE_EVERYDAY = 36  # beside everyday words what is hardly alike is only in the way
_BESIDE_EVERYDAY = 0.8  # of an official score: the same score is right less often
_NAMED = 100


@dataclass(frozen=True, slots=True)
class Linking:
    """What a text may mean.

    Attributes:
        text: as it was given.
        suggestions: best first; empty when nothing resembles it.
        confident: whether the first is very likely right. A person still confirms.
        evidence: how long and how many, as it was written: ``("10 år", "300 gäster")``.
    """

    text: str
    suggestions: tuple[Suggestion, ...]
    confident: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which concepts are asked for.

    Attributes:
        top: how many for each text, at most.
        kind: concepts of this type only.
        groups: whether groups of occupations are wanted too.
    """

    top: int = 5
    kind: ConceptType | None = None
    groups: bool = False

    def accepts(self, candidate: Candidate) -> bool:
        """Whether the concept is one that is asked for."""
        return (self.kind is None or candidate.type is self.kind) and (
            self.groups or not candidate.is_group
        )


def link(
    texts: Sequence[tuple[str, str]],
    wanted: Wanted,
    *,
    everyday: PhraseIndex | None,
    official: LabelIndex | None,
) -> list[Linking]:
    """Proposals for each text.

    Args:
        texts: each as it was given, and the part of it that is read.
        wanted: which concepts, and how many.
        everyday: the index of phrases, if those are asked.
        official: the index of official names, if those are asked.
    """
    readings = [sentences.read(text) for _, text in texts]
    by_phrase: list[list[Suggestion]] = [[] for _ in texts]
    by_name: list[list[Suggestion]] = [[] for _ in texts]
    if everyday is not None:
        by_phrase = [everyday.suggest(reading, wanted.accepts) for reading in readings]
    if official is not None:
        by_name = _official(readings, [text for _, text in texts], wanted, official)
    linked = []
    for (given, _), reading, phrases, names in zip(
        texts, readings, by_phrase, by_name, strict=True
    ):
        found = merge(phrases, names if everyday is None else _beside(names, phrases))
        first = found[: wanted.top]
        is_sure = bool(first) and first[0].score >= CONFIDENT_SCORE and not reading.is_wish
        linked.append(Linking(given, tuple(first), is_sure, reading.evidence))
    return linked


def merge(*found: Sequence[Suggestion]) -> list[Suggestion]:
    """Suggestions of several indexes in one list; earlier ones first where scores are equal."""
    numbered = [(place, one) for place, part in enumerate(found) for one in part]
    return [one for _, one in sorted(numbered, key=lambda pair: (-pair[1].score, pair[0]))]


@dataclass(frozen=True, slots=True)
class _Query:
    """What is looked up among the official names, for one text."""

    text: int
    told: str
    clause: Clause


def _official(
    readings: Sequence[Reading], texts: Sequence[str], wanted: Wanted, index: LabelIndex
) -> list[list[Suggestion]]:
    queries = [
        query
        for number, (reading, text) in enumerate(zip(readings, texts, strict=True))
        for query in _queries(number, reading, text)
    ]
    answers = index.search(
        [query.told for query in queries],
        top=wanted.top,
        kind=wanted.kind,
        groups=wanted.groups,
    )
    best: list[dict[str, Suggestion]] = [{} for _ in texts]
    for query, answer in zip(queries, answers, strict=True):
        for found in answer:
            one = _suggestion(found, query.clause)
            known = best[query.text].get(one.id)
            if one.score >= _LEAST_OFFICIAL and (known is None or one.score > known.score):
                best[query.text][one.id] = one
    # Sorting keeps the order of what scores alike: the index's own.
    return [sorted(found.values(), key=lambda one: -one.score)[: wanted.top] for found in best]


def _queries(number: int, reading: Reading, text: str) -> Iterable[_Query]:
    whole = reading.whole()
    if not any(word.stem != NUMBER for word in whole.words):
        return
    is_partly_denied = bool(whole.denied)
    if not reading.is_sentence and not is_partly_denied:
        yield _Query(number, text, whole)
        return
    yield _Query(number, _told(whole.words), whole)
    parts = [clause for clause in reading.clauses if clause.words]
    if len(parts) > 1:
        yield from (_Query(number, _told(part.words), part) for part in parts)


def _told(said: Sequence[Word]) -> str:
    return " ".join(word.surface for word in said)


def _suggestion(found: Found, clause: Clause) -> Suggestion:
    stems = _stems_of_name(found.name)
    matched = [word for word in clause.words if word.stem in stems]
    score = round(_NAMED * found.likeness)
    return suggestion(found.candidate, found.name, score, matched, clause.evidence)


@lru_cache(maxsize=10_000)
def _stems_of_name(name: str) -> frozenset[str]:
    return frozenset(stems_of(name))


def _beside(names: Sequence[Suggestion], phrases: Sequence[Suggestion]) -> list[Suggestion]:
    """Official concepts as they count beside everyday ones; what is the same stands there once."""
    told = {one.uri for one in phrases if one.uri}
    counted = [
        one if one.score == _NAMED else replace(one, score=round(_BESIDE_EVERYDAY * one.score))
        for one in names
        if one.uri not in told
    ]
    return [one for one in counted if one.score >= _LEAST_BESIDE_EVERYDAY]
