"""From what somebody says to concepts of the vocabulary: proposals for a person to confirm.

Two indexes, built once per version of the vocabulary:

- PhraseIndex, for the everyday phrases of the starter vocabulary. It asks how much of a phrase
  is in the text (inflected, compounded or misspelt, found with rapidfuzz) and how much of the
  text the phrase explains. It shows which words it went by.
- LabelIndex, for tens of thousands of short official labels: character n-grams (scikit-learn,
  imported when the first one is built: it takes seconds).

A score is a whole number from 0 to 100. It orders proposals; it never reaches matching.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from matchsvc.vocabulary import words
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.words import Word

CONFIDENT_SCORE = 70  # from here on the right concept was first in nearly all of our trials
_LEAST_COVER = 0.4  # share of a phrase that must be in the text to look at it at all
_LEAST_SCORE = 36  # below it is noise
_EXPLAINED = 0.6  # how much of the score depends on how much of the text is explained
_NUMBER_WEIGHT = 0.15  # "40" alone says little
_COMPOUND = 0.75  # "frisörsalong" for "frisör", times the root of the lengths' ratio
_COMPOUND_CORE = 4  # letters at least of the shorter word
_COMPOUND_REST = 3  # letters at least that the longer has more
_MISSPELT = 0.85
_LEAST_LIKENESS = 84  # rapidfuzz ratio for a word that the dictionary does not know
_LEAST_LIKENESS_KNOWN = 90  # "skota" is a word, but here it is "skotta" misspelt
_LEAST_SPELT = 5  # letters of a word that may be misspelt
_EXACTNESS = 9  # decimals; what lies beyond depends on the order of adding
_REMEMBERED = 20_000  # words whose neighbours are kept
_LEAST_LABEL_SCORE = 25
_MORE_THAN_ASKED = 10
_CONFIDENT_LABEL_SCORE = 80

#: Which comes first when scores are equal: what people tell us is mostly something they do.
_TYPE_ORDER = {
    ConceptType.SKILL: 0,
    ConceptType.LICENCE: 1,
    ConceptType.LANGUAGE: 2,
    ConceptType.GENERIC: 3,
    ConceptType.OCCUPATION: 4,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept as the indexes know it; the first label names it, the rest are other ways."""

    id: str
    type: ConceptType
    is_group: bool
    label: str
    label_en: str
    description: str
    uri: str | None
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A concept proposed for a text, for a person to confirm.

    Attributes:
        id: of the concept.
        label: its Swedish name; label_en the English.
        matched_label: the label or phrase that the text resembles.
        kind: the concept's type.
        uri: the concept's address in its source, where it has one.
        score: 0 to 100; orders, says nothing about anybody.
        matched_words: the words of the text it went by, neighbours together
            (``("lagat mat", "40 personer")``).
        description: one line about the concept.
    """

    id: str
    label: str
    label_en: str
    matched_label: str
    kind: ConceptType
    uri: str | None
    score: int
    matched_words: tuple[str, ...]
    description: str


Wanted = Callable[[Candidate], bool]


@dataclass(frozen=True, slots=True)
class _Phrase:
    candidate: int
    text: str
    stems: tuple[str, ...]  # sorted, so that sums come out alike in every process
    weight: float


class PhraseIndex:
    """Everyday phrases, found in sentences."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        read = [
            (number, phrase, tuple(sorted(words.stems_of(phrase))))
            for number, candidate in enumerate(candidates)
            for phrase in (candidate.label, *candidate.phrases)
        ]
        self._weights = _stem_weights((number, stems) for number, _, stems in read)
        ordered = sorted(self._weights.values())
        self._unknown_weight = ordered[len(ordered) // 2] if ordered else 1.0
        self._phrases = [
            _Phrase(number, text, stems, sum(self._weights[stem] for stem in stems))
            for number, text, stems in read
            if stems
        ]
        self._phrases_with: dict[str, list[int]] = defaultdict(list)
        for place, phrase in enumerate(self._phrases):
            for stem in phrase.stems:
                self._phrases_with[stem].append(place)
        self._vocabulary = sorted(self._weights)
        self._neighbours: dict[str, dict[str, float]] = {}

    def suggest(self, text: str, wanted: Wanted) -> list[Suggestion]:
        """Concepts that the text resembles, best first; none when nothing does."""
        spoken = words.content_words(text)
        near = {word.stem: self._near(word.stem) for word in spoken}
        if not any(near.values()):
            return []
        best: dict[int, tuple[float, _Phrase]] = {}
        for phrase, score in self._scored(near):
            candidate = self._candidates[phrase.candidate]
            found = best.get(phrase.candidate)
            if (found is None or score > found[0]) and wanted(candidate):
                best[phrase.candidate] = (score, phrase)
        return sorted(
            (
                self._suggestion(phrase, score, spoken, near)
                for score, phrase in best.values()
                if round(100 * score) >= _LEAST_SCORE
            ),
            key=_order,
        )

    def _scored(self, near: dict[str, dict[str, float]]) -> Iterable[tuple[_Phrase, float]]:
        """Each phrase that is there to 40 % at least, and how well it fits the text."""
        likeness: dict[str, float] = {}
        for found in near.values():
            for stem, value in found.items():
                likeness[stem] = max(value, likeness.get(stem, 0.0))
        said = {stem: self._weight_of(stem, found) for stem, found in near.items()}
        total = sum(said.values())
        # In the order of the file: of phrases that fit alike the first counts, the name before all.
        for place in sorted({one for stem in likeness for one in self._phrases_with[stem]}):
            phrase = self._phrases[place]
            there = sum(self._weights[stem] * likeness.get(stem, 0.0) for stem in phrase.stems)
            cover = there / phrase.weight
            if cover < _LEAST_COVER:
                continue
            explained = sum(
                weight * max((near[stem].get(other, 0.0) for other in phrase.stems), default=0.0)
                for stem, weight in said.items()
            )
            score = cover * (1 - _EXPLAINED + _EXPLAINED * explained / total)
            yield phrase, round(score, _EXACTNESS)

    def _weight_of(self, stem: str, near: dict[str, float]) -> float:
        if near:
            return self._weights[max(near, key=lambda other: (near[other], other))]
        return self._weights.get(stem, self._unknown_weight)

    def _near(self, stem: str) -> dict[str, float]:
        """Words of the vocabulary that a word of the text stands for: likeness 0 to 1."""
        known = self._neighbours.get(stem)
        if known is None:
            known = {stem: 1.0} if stem in self._weights else self._misspelt(stem)
            known |= self._compounds(stem)
            if len(self._neighbours) >= _REMEMBERED:
                self._neighbours.clear()
            self._neighbours[stem] = known
        return known

    def _misspelt(self, stem: str) -> dict[str, float]:
        if len(stem) < _LEAST_SPELT:
            return {}
        least = _LEAST_LIKENESS_KNOWN if words.is_known(stem) else _LEAST_LIKENESS
        found = process.extract(
            stem, self._vocabulary, scorer=fuzz.ratio, score_cutoff=least, limit=5
        )
        return {
            other: _MISSPELT * likeness / 100
            for other, likeness, _ in found
            if other[0] == stem[0] and len(other) >= _COMPOUND_CORE
        }

    def _compounds(self, stem: str) -> dict[str, float]:
        if len(stem) < _COMPOUND_CORE:
            return {}
        found = {}
        for other in self._vocabulary:
            short, long = (other, stem) if len(other) < len(stem) else (stem, other)
            core = _core(short)
            if len(core) < _COMPOUND_CORE or len(long) - len(short) < _COMPOUND_REST:
                continue
            if long.startswith(core) or long.endswith(short):
                found[other] = _COMPOUND * math.sqrt(len(core) / len(long))
        return found

    def _suggestion(
        self, phrase: _Phrase, score: float, spoken: list[Word], near: dict[str, dict[str, float]]
    ) -> Suggestion:
        matched = [word for word in spoken if not near[word.stem].keys().isdisjoint(phrase.stems)]
        candidate = self._candidates[phrase.candidate]
        return _suggest(candidate, phrase.text, round(100 * score), matched)


@dataclass(frozen=True, slots=True)
class _Label:
    candidate: int
    text: str
    key: str
    stems: tuple[str, ...]


class LabelIndex:
    """Short official labels, found by their character n-grams."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        from numpy import float32
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._candidates = candidates
        self._labels = [
            _Label(number, label, words.text_key(label), tuple(words.stems_of(label)))
            for number, candidate in enumerate(candidates)
            for label in (candidate.label, *candidate.phrases)
        ]
        self._vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=float32
        )
        self._matrix: Any = None
        if self._labels:
            plain = (" ".join(label.stems) or label.key for label in self._labels)
            self._matrix = self._vectorizer.fit_transform(plain).T.tocsr()

    def suggest(self, text: str, wanted: Wanted, *, top: int) -> list[Suggestion]:
        """Concepts whose labels the text resembles, best first."""
        spoken = words.content_words(text)
        stems = list(dict.fromkeys(word.stem for word in spoken))
        if self._matrix is None or not any(stem != words.NUMBER for stem in stems):
            return []
        likeness = (self._vectorizer.transform([" ".join(stems)]) @ self._matrix).toarray()[0]
        key = words.text_key(text)
        found: dict[int, Suggestion] = {}
        for place in likeness.argsort(kind="stable")[::-1]:
            label = self._labels[place]
            score = round(100 * float(likeness[place]))
            # Some more than asked for: an exact label may stand behind its equals.
            if score < _LEAST_LABEL_SCORE or len(found) >= top + _MORE_THAN_ASKED:
                break
            candidate = self._candidates[label.candidate]
            if label.candidate in found or not wanted(candidate):
                continue
            found[label.candidate] = _suggest(
                candidate,
                label.text,
                100 if label.key == key else min(99, score),
                [word for word in spoken if word.stem in label.stems],
            )
        return sorted(found.values(), key=_order)[:top]


def is_confident(text: str, suggestions: Sequence[Suggestion], *, official: bool) -> bool:
    """Whether the first suggestion is very likely what was meant. A person still confirms.

    Args:
        text: what was said; one that denies something ("jag har inte körkort") is never sure.
        suggestions: best first.
        official: whether they come from a LabelIndex, whose scores run higher.
    """
    needed = _CONFIDENT_LABEL_SCORE if official else CONFIDENT_SCORE
    return bool(suggestions) and suggestions[0].score >= needed and not words.has_negation(text)


def merge(*found: Sequence[Suggestion]) -> list[Suggestion]:
    """Suggestions of several indexes in one list; earlier ones first where scores are equal."""
    numbered = [(place, one) for place, part in enumerate(found) for one in part]
    return [one for _, one in sorted(numbered, key=lambda pair: (-pair[1].score, pair[0]))]


def _order(suggestion: Suggestion) -> tuple[int, int, int, str]:
    told = sum(len(run) for run in suggestion.matched_words)
    return (-suggestion.score, _TYPE_ORDER[suggestion.kind], -told, suggestion.id)


def _stem_weights(phrases: Iterable[tuple[int, tuple[str, ...]]]) -> dict[str, float]:
    """How much each stem tells the concepts apart: the fewer concepts say it, the more."""
    said_by: dict[str, set[int]] = defaultdict(set)
    concepts = set()
    for number, stems in phrases:
        concepts.add(number)
        for stem in stems:
            said_by[stem].add(number)
    weights = {stem: math.log(1 + len(concepts) / len(by)) for stem, by in said_by.items()}
    if words.NUMBER in weights:
        weights[words.NUMBER] *= _NUMBER_WEIGHT
    return weights


def _core(word: str) -> str:
    """A word as it begins a compound: "trappa" as in "trapphus"."""
    return word[:-1] if word[-1] in "ae" else word


def _suggest(candidate: Candidate, label: str, score: int, matched: list[Word]) -> Suggestion:
    return Suggestion(
        id=candidate.id,
        label=candidate.label,
        label_en=candidate.label_en,
        matched_label=label,
        kind=candidate.type,
        uri=candidate.uri,
        score=score,
        matched_words=_runs(matched),
        description=candidate.description,
    )


def _runs(matched: list[Word]) -> tuple[str, ...]:
    """Words side by side in the text are read together."""
    runs: list[str] = []
    last = -2
    for word in matched:
        if word.place == last + 1:
            runs[-1] += f" {word.surface}"
        else:
            runs.append(word.surface)
        last = word.place
    return tuple(runs)
