"""Everyday phrases, found in sentences.

The index asks how much of a phrase is in what was said (inflected, compounded, misspelt, without
the dots over its letters, or in English) and how much of what was said the phrase explains. Every
clause is looked at by itself, and all of them together. It shows which words it went by.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from rapidfuzz import fuzz, process

from matchsvc.vocabulary import sentences, words
from matchsvc.vocabulary.candidates import Candidate, Suggestion, order, suggestion
from matchsvc.vocabulary.sentences import Clause, Reading
from matchsvc.vocabulary.words import Word

_LEAST_COVER = 0.4  # share of a phrase that must be in the text to look at it at all
_LEAST_SCORE = 36  # below it is noise
_EXPLAINED = 0.6  # how much of the score depends on how much of the text is explained
_NUMBER_WEIGHT = 0.15  # "40" alone says little
_TITLE_WEIGHT = 0.3  # what is left of a text that says "kurs" is what the course was about
_SAME_ROOT = 0.85  # "svetsare" for "svetsa"
_NO_DOTS = 0.9  # "stada" for "städa"
_TRANSLATED = 0.95  # "cook" for "laga mat"
_COMPOUND = 0.75  # "frisörsalong" for "frisör", times the root of the lengths' ratio
_COMPOUND_CORE = 4  # letters at least of the shorter word
_COMPOUND_REST = 3  # letters at least that the longer has more
_MISSPELT = 0.85
_LEAST_LIKENESS = 84  # rapidfuzz ratio for a word that the dictionary does not know
_LEAST_LIKENESS_KNOWN = 90  # "skota" is a word, but here it is "skotta" misspelt
_LEAST_SPELT = 5  # letters of a word that may be misspelt
_MOST_DOTS = 4  # letters of a word that may lack their dots
_ONE_WORD = 0.75  # a clause of one word after a longer one is hardly a competence by itself
_EXACTNESS = 9  # decimals; what lies beyond depends on the order of adding
_REMEMBERED = 20_000  # words whose neighbours are kept

Wanted = Callable[[Candidate], bool]
Near = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class _Phrase:
    candidate: int
    text: str
    stems: tuple[str, ...]  # sorted, so that sums come out alike in every process
    denies: bool  # "mat utan gluten": what is denied belongs to it


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is looked at together: a clause, or the whole text."""

    clause: Clause
    share: float  # of the score that counts


class PhraseIndex:
    """Everyday phrases of concepts.

    Args:
        candidates: the concepts, any order; of phrases that fit alike a concept's first counts.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._phrases = [
            phrase
            for number, candidate in enumerate(candidates)
            for text in dict.fromkeys((candidate.label, *candidate.phrases, candidate.label_en))
            for phrase in _read_phrase(number, text)
        ]
        self._weights = _stem_weights(self._phrases)
        ordered = sorted(self._weights.values())
        self._unknown_weight = ordered[len(ordered) // 2] if ordered else 1.0
        self._vocabulary = sorted(self._weights)
        number = {stem: place for place, stem in enumerate(self._vocabulary)}
        holders: list[list[int]] = [[] for _ in self._vocabulary]
        for place, phrase in enumerate(self._phrases):
            for stem in phrase.stems:
                holders[number[stem]].append(place)
        self._with = {stem: np.array(holders[place], np.int32) for stem, place in number.items()}
        self._weight = np.array(
            [sum(self._weights[stem] for stem in phrase.stems) for phrase in self._phrases]
        )
        self._denies = np.array([phrase.denies for phrase in self._phrases], bool)
        self._spelling = _Spelling(self._vocabulary)
        self._neighbours: dict[tuple[str, str, bool], dict[str, float]] = {}

    def suggest(self, text: str | Reading, wanted: Wanted) -> list[Suggestion]:
        """Concepts that the text resembles, best first; none when nothing does."""
        reading = sentences.read(text) if isinstance(text, str) else text
        best: dict[int, tuple[float, int, _Scope, Near]] = {}
        for scope in _scopes(reading):
            near = {
                word.stem: self._near(word) for word in (*scope.clause.words, *scope.clause.denied)
            }
            for place, score in self._scored(scope.clause, near):
                number = self._phrases[place].candidate
                found = best.get(number)
                counted = round(score * scope.share, _EXACTNESS)
                if (found is None or counted > found[0]) and wanted(self._candidates[number]):
                    best[number] = (counted, place, scope, near)
        return sorted(
            (
                self._suggestion(place, score, scope, near)
                for score, place, scope, near in best.values()
                if round(100 * score) >= _LEAST_SCORE
            ),
            key=order,
        )

    def _scored(self, clause: Clause, near: Near) -> Iterable[tuple[int, float]]:
        """Each phrase that is there to 40 % at least, and how well it fits the clause."""
        said = self._fitting(dict.fromkeys(word.stem for word in clause.words), near)
        if clause.denied:
            both = dict.fromkeys(word.stem for word in (*clause.words, *clause.denied))
            said = np.where(self._denies, self._fitting(both, near), said)
        # In the order of the file: of phrases that fit alike the first counts, the name before all.
        return ((int(place), float(said[place])) for place in np.flatnonzero(said))

    def _fitting(self, stems: Iterable[str], near: Near) -> np.ndarray:
        there = np.zeros(len(self._phrases))
        explained = np.zeros(len(self._phrases))
        likeness: dict[str, float] = {}
        total = 0.0
        for stem in stems:
            weight = self._weight_of(stem, near[stem])
            total += weight
            best = np.zeros(len(self._phrases)) if near[stem] else None
            # The likest last, so that it counts where a phrase has several.
            for other, value in sorted(near[stem].items(), key=lambda pair: (pair[1], pair[0])):
                best[self._with[other]] = value  # type: ignore[index]
                likeness[other] = max(value, likeness.get(other, 0.0))
            if best is not None:
                explained += weight * best
        if not likeness:
            return there
        for other in sorted(likeness):
            there[self._with[other]] += self._weights[other] * likeness[other]
        cover = there / self._weight
        score = cover * (1 - _EXPLAINED + _EXPLAINED * explained / total)
        return np.where(cover >= _LEAST_COVER, score, 0)

    def _weight_of(self, stem: str, near: dict[str, float]) -> float:
        if near:
            weight = self._weights[max(near, key=lambda other: (near[other], other))]
        else:
            weight = self._unknown_weight
        return weight * _TITLE_WEIGHT if words.is_title(stem) else weight

    def _near(self, word: Word) -> dict[str, float]:
        """Words of the vocabulary that a word of the text stands for: likeness 0 to 1."""
        key = (word.stem, word.surface, word.may_be_english)
        known = self._neighbours.get(key)
        if known is None:
            known = self._spelling.near(word)
            if len(self._neighbours) >= _REMEMBERED:
                self._neighbours.clear()
            self._neighbours[key] = known
        return known

    def _suggestion(self, place: int, score: float, scope: _Scope, near: Near) -> Suggestion:
        phrase = self._phrases[place]
        spoken = (*scope.clause.words, *(scope.clause.denied if phrase.denies else ()))
        matched = [word for word in spoken if not near[word.stem].keys().isdisjoint(phrase.stems)]
        candidate = self._candidates[phrase.candidate]
        return suggestion(
            candidate, phrase.text, round(100 * score), matched, scope.clause.evidence
        )


class _Spelling:
    """Finds the words of a vocabulary that a word may stand for."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._forward = list(vocabulary)
        self._known = frozenset(vocabulary)
        self._backward = sorted(stem[::-1] for stem in vocabulary)
        self._by_root: dict[str, list[str]] = defaultdict(list)
        self._by_core: dict[str, list[str]] = defaultdict(list)
        self._by_letter: dict[str, dict[str, str]] = defaultdict(dict)
        for stem in vocabulary:
            self._by_root[undotted(words.root_of(stem))].append(stem)
            if len(stem) >= _COMPOUND_CORE:
                self._by_core[_core(stem)].append(stem)
                plain = undotted(stem)
                self._by_letter[plain[0]][stem] = plain

    def near(self, word: Word) -> dict[str, float]:
        """Words of the vocabulary and how likely each is meant, 0 to 1."""
        stem = word.stem
        found = {stem: 1.0} if stem in self._known else self._misspelt(word)
        meant = words.in_swedish(word.surface) if word.may_be_english else ()
        for other, likeness in (
            *((other, _TRANSLATED) for other in meant if other in self._known),
            *self._related(stem),
            *self._with_dots(words.text_key(word.surface)),
            *self._compounds(stem),
        ):
            found[other] = max(likeness, found.get(other, 0.0))
        return found

    def _related(self, stem: str) -> Iterable[tuple[str, float]]:
        root = words.root_of(stem)
        for other in self._by_root.get(undotted(root), ()):
            is_dotted = words.root_of(other) == root
            if is_dotted or undotted(stem) == stem:
                yield other, _SAME_ROOT if is_dotted else _SAME_ROOT * _NO_DOTS

    def _with_dots(self, surface: str) -> Iterable[tuple[str, float]]:
        """Words that are typed where there is no å, ä or ö: "kor" for "kör"."""
        bare = [place for place, letter in enumerate(surface) if letter in _DOTTED]
        if undotted(surface) != surface or not 0 < len(bare) <= _MOST_DOTS:
            return
        for letters in product(*(_DOTTED[surface[place]] for place in bare)):
            spelt = list(surface)
            for place, letter in zip(bare, letters, strict=True):
                spelt[place] = letter
            form = "".join(spelt)
            if form != surface and (words.is_known(form) or form in self._known):
                stem = words.stem_of(form)
                if stem in self._known:
                    yield stem, _NO_DOTS

    def _misspelt(self, word: Word) -> dict[str, float]:
        found: dict[str, float] = {}
        # Also as it was written: what looked like an ending may be the word's own letters.
        for form in {word.stem, words.text_key(word.surface)}:
            if len(form) < _LEAST_SPELT:
                continue
            least = _LEAST_LIKENESS_KNOWN if words.is_known(form) else _LEAST_LIKENESS
            plain = undotted(form)
            for _, likeness, other in process.extract(
                plain, self._by_letter[plain[0]], scorer=fuzz.ratio, score_cutoff=least, limit=5
            ):
                found[other] = max(_MISSPELT * likeness / 100, found.get(other, 0.0))
        return found

    def _compounds(self, stem: str) -> Iterable[tuple[str, float]]:
        if len(stem) < _COMPOUND_CORE:
            return
        for rest in words.without_title(stem):  # "svetskurs" is about what "svetsa" is
            for other in self._by_core.get(rest, ()):
                yield other, _SAME_ROOT
        core = _core(stem)
        # The word begins or ends a longer one of the vocabulary ...
        longer = {*_beginning(self._forward, core)}
        longer |= {other[::-1] for other in _beginning(self._backward, stem[::-1])}
        for other in longer:
            if len(other) - len(stem) >= _COMPOUND_REST and len(core) >= _COMPOUND_CORE:
                yield other, _COMPOUND * math.sqrt(len(core) / len(other))
        # ... or a shorter one of the vocabulary begins or ends it.
        for length in range(_COMPOUND_CORE, len(stem)):
            for other in self._by_core.get(stem[:length], ()):
                if len(stem) - len(other) >= _COMPOUND_REST:
                    yield other, _COMPOUND * math.sqrt(length / len(stem))
            other = stem[-length:]
            if other in self._known and len(stem) - length >= _COMPOUND_REST:
                yield other, _COMPOUND * math.sqrt(len(_core(other)) / len(stem))


_DOTTED = {"a": "aåä", "o": "oö", "e": "eé"}


def undotted(text: str) -> str:
    """The text as on a keyboard without å, ä and ö."""
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def _scopes(reading: Reading) -> Iterable[_Scope]:
    """The whole, then each clause of several; later ones count only if they fit better."""
    if not any(clause.words or clause.denied for clause in reading.clauses):
        return
    yield _Scope(reading.whole(), 1.0)
    if len(reading.clauses) == 1:
        return
    before: Clause | None = None
    for clause in reading.clauses:
        if not clause.words and not clause.denied:
            continue
        is_rest = len(clause.words) == 1 and before is not None and len(before.words) > 1
        yield _Scope(clause, _ONE_WORD if is_rest else 1.0)
        if is_rest and before is not None:
            # "Kör ut pizza och paket": the second is "kör ut paket".
            shared = (*before.words[:-1], *clause.words)
            yield _Scope(Clause(shared, (), clause.evidence or before.evidence), 1.0)
        else:
            before = clause


def _read_phrase(number: int, text: str) -> list[_Phrase]:
    reading = sentences.read(text)
    stems = tuple(sorted({word.stem for word in (*reading.words, *reading.denied)}))
    return [_Phrase(number, text, stems, denies=bool(reading.denied))] if stems else []


def _stem_weights(phrases: Iterable[_Phrase]) -> dict[str, float]:
    """How much each stem tells the concepts apart: the fewer concepts say it, the more."""
    said_by: dict[str, set[int]] = defaultdict(set)
    concepts = set()
    for phrase in phrases:
        concepts.add(phrase.candidate)
        for stem in phrase.stems:
            said_by[stem].add(phrase.candidate)
    weights = {stem: math.log(1 + len(concepts) / len(by)) for stem, by in said_by.items()}
    if words.NUMBER in weights:
        weights[words.NUMBER] *= _NUMBER_WEIGHT
    return weights


def _core(word: str) -> str:
    """A word as it begins a compound: "trappa" as in "trapphus"."""
    return word[:-1] if word[-1] in "ae" else word


def _beginning(ordered: Sequence[str], start: str) -> Iterable[str]:
    """The words of a sorted list that begin so."""
    for place in range(bisect_left(ordered, start), len(ordered)):
        if not ordered[place].startswith(start):
            return
        yield ordered[place]
