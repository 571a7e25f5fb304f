"""What a document consists of, who signs it, what is signed of it, and what an employer gets.

Plain data and arithmetic; nothing here reads a database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from matchsvc.documents.models import DocumentKind, GivenTo
from matchsvc.placements.careful import mentions_health
from matchsvc.workday.signing import hash_of

PARTICIPANT, EMPLOYER, ASSESSOR, CASE_WORKER = (
    "participant",
    "employer",
    "assessor",
    "case_worker",
)
_SOCIAL_WORDS = Path(__file__).parent / "data" / "social_words.yaml"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence that was proposed, and where it comes from.

    Attributes:
        text: the sentence.
        source: what kind of row it comes from: ``follow_up``, ``accommodation``, ``workplace``,
            ``placement``, ``employment``, ``card``, ``development``.
        days: of those rows; the same may have been said more than once.
        numbers: of the follow-ups.
        is_for_employer: whether the employer may read it at all; of adaptations only those that
            the participant lets the employer see.
    """

    text: str
    source: str
    days: tuple[date, ...] = ()
    numbers: tuple[int, ...] = ()
    is_for_employer: bool = True


#: Sections 1 and 2: only what the participant wants in her own document. Nothing proposes words
#: for them, and no copy that anybody else gets holds them.
OWN = ("background", "situation")
TRAINING = (
    *("workplace", "tasks", "accommodations", "attendance", "motivation", "cooperation"),
    *("supervision", "strengths", "development", "observations", "workplace_words", "own_words"),
)
#: The parts of each document in the order of the paper.
SECTIONS: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.FINAL: (*OWN, *TRAINING, "summary"),
    DocumentKind.CARD: ("tasks", "own_words"),
    DocumentKind.CERTIFICATE: ("tasks", "hours", "remarks"),
    DocumentKind.ACCOUNT: (
        *("question", "tasks", "attendance", "observations", "accommodations", "own_words"),
        "summary",
    ),
}
#: What has to be said before anybody signs.
NEEDED: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.FINAL: ("workplace", "tasks", "summary"),
    DocumentKind.CARD: ("tasks",),
    DocumentKind.CERTIFICATE: ("tasks", "hours"),
    DocumentKind.ACCOUNT: ("question", "observations"),
}
#: Who signs, in order: each after those before.
SIGNERS: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.FINAL: (PARTICIPANT, CASE_WORKER),
    DocumentKind.CARD: (ASSESSOR, CASE_WORKER),
    DocumentKind.CERTIFICATE: (EMPLOYER, CASE_WORKER),
    DocumentKind.ACCOUNT: (CASE_WORKER,),
}
#: Papers that are there to be shown to anybody: nothing about health or social matters, ever.
SHOWN_AROUND = frozenset({DocumentKind.CARD, DocumentKind.CERTIFICATE})
#: Who may be given what. A card and a certificate are the participant's own to show.
MAY_GET: Mapping[DocumentKind, tuple[GivenTo, ...]] = {
    DocumentKind.FINAL: tuple(GivenTo),
    DocumentKind.CARD: (GivenTo.PARTICIPANT,),
    DocumentKind.CERTIFICATE: (GivenTo.PARTICIPANT,),
    DocumentKind.ACCOUNT: (GivenTo.PARTICIPANT, GivenTo.EMPLOYMENT_SERVICE),
}


def is_watched(kind: DocumentKind, code: str) -> bool:
    """Whether words about health in a section are asked about: everywhere but in her own two."""
    return not (kind is DocumentKind.FINAL and code in OWN)


def lines_of(text: str) -> list[str]:
    """A section's sentences, one a line, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def as_text(lines: Iterable[Line]) -> str:
    """Proposed sentences as they are kept."""
    return json.dumps([asdict(line) for line in lines], default=str)


def from_text(kept: str) -> list[Line]:
    """Proposed sentences from :func:`as_text`."""
    return [
        Line(
            **each
            | {
                "days": tuple(map(date.fromisoformat, each["days"])),
                "numbers": tuple(each["numbers"]),
            }
        )
        for each in json.loads(kept)
    ]


def merged(lines: Iterable[Line]) -> list[Line]:
    """The same sentence from several rows of a kind as one that names them all."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        key = (line.text, line.source)
        if key in found:
            first = found[key]
            line = replace(  # noqa: PLW2901 - one line stands for both
                first,
                days=first.days + line.days,
                numbers=first.numbers + line.numbers,
                is_for_employer=first.is_for_employer and line.is_for_employer,
            )
        found[key] = line
    return list(found.values())


def with_sources(text: str, drafted: Collection[Line]) -> list[tuple[str, Line | None]]:
    """Each sentence with where it comes from; None for what a person has written or changed."""
    # What the employer may not read in one place it does not read because of another.
    known = {line.text: line for line in sorted(drafted, key=lambda each: not each.is_for_employer)}
    return [(sentence, known.get(sentence)) for sentence in lines_of(text)]


def hash_of_all(
    kind: DocumentKind,
    facts: Mapping[str, str],
    sections: Iterable[tuple[str, str]],
    seen: Iterable[tuple[str, ...]],
) -> str:
    """The hash of everything that is signed.

    Args:
        kind: which document.
        facts: names, dates and what was shown, as they stand on the paper.
        sections: code and text of each.
        seen: of the card: what was seen of each competence, all in words.
    """
    return hash_of(_parts(kind, facts, sections, seen))


def _parts(
    kind: DocumentKind,
    facts: Mapping[str, str],
    sections: Iterable[tuple[str, str]],
    seen: Iterable[tuple[str, ...]],
) -> Iterator[str]:
    yield kind.value
    for name in sorted(facts):
        yield from (name, facts[name])
    for code, text in sections:
        yield from ("section", code, text)
    for each in seen:
        yield from ("seen", *each)


def for_others(
    sections: Sequence[tuple[str, str, Collection[Line]]], *, to: GivenTo
) -> list[tuple[str, list[str]]]:
    """What somebody else than the participant gets: never sections 1 and 2.

    The employer gets nothing about health or social matters either, and of adaptations only those
    that the participant lets the employer see, word for word as they were proposed.

    Args:
        sections: code, text and what was proposed for each.
        to: who gets it.
    """
    keep = _KEEP.get(to, _keep_all)
    copied = [
        (code, [s for s, line in with_sources(text, drafted) if keep(code, s, line)])
        for code, text, drafted in sections
        if code not in OWN
    ]
    return [(code, sentences) for code, sentences in copied if sentences]


def _keep_all(_code: str, _sentence: str, _line: Line | None) -> bool:
    return True


def _keep_for_employer(code: str, sentence: str, line: Line | None) -> bool:
    if mentions_health(sentence) or mentions_social(sentence):
        return False
    if code == "accommodations":
        return line is not None and line.is_for_employer
    return line is None or line.is_for_employer


_KEEP: Mapping[GivenTo, Callable[[str, str, Line | None], bool]] = {
    GivenTo.EMPLOYER: _keep_for_employer
}


@cache
def _social() -> re.Pattern[str]:
    words = sorted(re.escape(word) for word in yaml.safe_load(_SOCIAL_WORDS.read_text("utf-8")))
    return re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


def mentions_social(text: str) -> bool:
    """Whether a text seems to be about debts, income support, family or crime."""
    return bool(_social().search(text))
