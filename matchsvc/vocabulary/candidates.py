"""Concepts as the indexes know them, and as they are proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.words import Word

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
    """A concept as the indexes know it; the first label names it, the rest are other ways.

    Attributes:
        phrases: other ways to say it, in any language.
        isco_code: for an occupation its group's code, for a group its own.
        has_swedish_label: False where ``label`` is English for want of a Swedish one.
    """

    id: str
    type: ConceptType
    is_group: bool
    label: str
    label_en: str
    description: str
    uri: str | None
    phrases: tuple[str, ...] = ()
    isco_code: str | None = None
    has_swedish_label: bool = True


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
        evidence: how long or how many, from the part of the text it went by (``("10 år",)``).
        label_language: ``sv``, or ``en`` where the source has no Swedish name.
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
    evidence: tuple[str, ...] = ()
    label_language: str = "sv"


def suggestion(
    candidate: Candidate,
    label: str,
    score: int,
    matched: Sequence[Word],
    evidence: tuple[str, ...] = (),
) -> Suggestion:
    """A proposal of a candidate, for the label and words it went by."""
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
        evidence=evidence,
        label_language="sv" if candidate.has_swedish_label else "en",
    )


def order(one: Suggestion) -> tuple[int, int, int, bool, int, str]:
    """Best first: by score, then what people do before what they are, then who explains more.

    Then a concept by its own name before one by a phrase, and the shorter name: it says no more.
    """
    told = sum(len(run) for run in one.matched_words)
    by_phrase = one.matched_label != one.label
    return (-one.score, _TYPE_ORDER[one.kind], -told, by_phrase, len(one.label), one.id)


def _runs(matched: Sequence[Word]) -> tuple[str, ...]:
    """Words side by side in the text are read together."""
    runs: list[str] = []
    last = -2
    for word in sorted(matched, key=lambda one: one.place):
        if word.place == last + 1:
            runs[-1] += f" {word.surface}"
        else:
            runs.append(word.surface)
        last = word.place
    return tuple(runs)
