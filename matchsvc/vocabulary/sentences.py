"""Reading what somebody says: which words count, what is denied, how long and how many.

"Jag har inte körkort men lagar mat åt 40 personer" has two clauses; what the first is about is
denied, and "40 personer" is kept as evidence of the second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from matchsvc.vocabulary import words
from matchsvc.vocabulary.words import Word

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s]|\n")
_STOPS = frozenset(".;!?:\n•*|")
_LIST_SIGNS = frozenset(",/+&")  # a dash is none: "B-körkort"
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing of several that are said.

    Attributes:
        words: what it says that may be a competence.
        denied: what it says is not so.
        evidence: how long or how many, as it was written: ``("10 år", "300 gäster")``.
    """

    words: tuple[Word, ...]
    denied: tuple[Word, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it was read.

    Attributes:
        clauses: what is said, in its order; those that say nothing are left out.
        is_sentence: whether somebody speaks, rather than names a thing ("Lokalvårdare, sjukhus").
        is_wish: whether something in it is wished rather than done.
    """

    clauses: tuple[Clause, ...]
    is_sentence: bool
    is_wish: bool

    @property
    def words(self) -> tuple[Word, ...]:
        """All words that may be a competence."""
        return tuple(word for clause in self.clauses for word in clause.words)

    @property
    def denied(self) -> tuple[Word, ...]:
        """All words that are denied."""
        return tuple(word for clause in self.clauses for word in clause.denied)

    @property
    def evidence(self) -> tuple[str, ...]:
        """How long and how many, each once."""
        return tuple(dict.fromkeys(one for clause in self.clauses for one in clause.evidence))

    def whole(self) -> Clause:
        """Everything that is said, as one clause."""
        return Clause(self.words, self.denied, self.evidence)


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str  # casefolded

    @property
    def is_word(self) -> bool:
        return self.word[0].isalnum()


def read(text: str) -> Reading:
    """Read a text of any length in any script."""
    composed = unicodedata.normalize("NFC", text)
    tokens = [
        _Token(*match.span(), unicodedata.normalize("NFKC", match.group()).casefold() or " ")
        for match in _TOKEN.finditer(composed)
    ]
    spoken = [token.word for token in tokens if token.is_word]
    is_english = words.is_english(spoken)
    return Reading(
        tuple(_Clauses(composed, tokens, is_english=is_english).read()),
        is_sentence=is_english or any(words.is_of_a_speaker(word) for word in spoken),
        is_wish=any(words.is_wish(word) for word in spoken),
    )


class _Clauses:
    """Goes through a text once, from the first word to the last."""

    def __init__(self, text: str, tokens: Sequence[_Token], *, is_english: bool) -> None:
        self._text = text
        self._tokens = tokens
        self._is_english = is_english
        self._done: list[Clause] = []
        self._begin(is_denied=False)

    def read(self) -> list[Clause]:
        place = -1
        for number, token in enumerate(self._tokens):
            if not token.is_word:
                if token.word in _STOPS or token.word in _LIST_SIGNS:
                    self._close(goes_on=token.word in _LIST_SIGNS)
                continue
            place += 1
            if words.parts_clauses(token.word) or (
                token.word in words.WITHOUT and self._turns_at_without()
            ):
                self._close(goes_on=words.goes_on(token.word))
            elif words.denies(token.word):
                self._deny(token.word, number)
            else:
                self._say(token, place, number)
        self._close(goes_on=False)
        return self._done

    def _begin(self, *, is_denied: bool) -> None:
        self._is_denied = is_denied
        self._is_without = False  # from "utan" on, but not before it
        self._is_without_doing = False  # "utan att": to the end of the clause
        self._is_only = False  # after "inte bara"
        self._words: list[Word] = []
        self._denied: list[Word] = []
        self._evidence: list[str] = []
        self._numbers: list[int] = []  # numbers of tokens, one after the other

    def _deny(self, word: str, number: int) -> None:
        following = self._tokens[number + 1].word if number + 1 < len(self._tokens) else ""
        if words.is_no_denial(word, following):  # "inte bara", "inga problem"
            self._is_only = True
            return
        if word in words.WITHOUT:
            self._is_without = True
            self._is_without_doing = words.is_to(following)
        else:
            self._is_denied = True

    def _turns_at_without(self) -> bool:
        """Whether "utan" here is "but": "inte buss utan lastbil", "inte bara städat utan"."""
        return (self._is_denied or self._is_only) and bool(self._words)

    def _say(self, token: _Token, place: int, number: int) -> None:
        if self._is_denied and not self._words and words.is_subject(token.word):
            self._is_denied = False  # "jag kan inte köra bil, jag lagar mat"
        surface = self._text[token.start : token.end]
        found = words.read_word(surface, token.word, place, is_english=self._is_english)
        if self._denied and not self._is_without_doing and words.counts_nothing(token.word):
            self._is_without = False  # "mat utan gluten till barn": the children are there
        (self._denied if self._is_without else self._words).extend(found)
        if words.is_number(token.word):
            self._numbers.append(number)
        elif self._numbers:
            if not words.counts_nothing(token.word):
                self._numbers.append(number)
            self._keep_number()

    def _keep_number(self) -> None:
        if not self._numbers:
            return
        first, last = self._numbers[0], self._numbers[-1]
        before = self._tokens[first - 1].word if first else ""
        if words.is_since(before) and _YEAR.fullmatch(self._tokens[first].word):
            first -= 1
        self._evidence.append(self._text[self._tokens[first].start : self._tokens[last].end])
        self._numbers = []

    def _close(self, *, goes_on: bool) -> None:
        """End the clause; a denial goes on through a list: "kan inte köra bil eller truck"."""
        self._keep_number()
        said, denied = self._words, self._denied
        if self._is_denied:
            said, denied = [], [*said, *denied]
        if said or denied or self._evidence:
            self._done.append(Clause(tuple(said), tuple(denied), tuple(self._evidence)))
        self._begin(is_denied=self._is_denied and goes_on)
