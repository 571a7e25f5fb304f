"""A list of concepts as it was read from files, before it reaches the database.

Readers (our own table, SKOS tables, ESCO's files, JobTech's) give a ConceptList; ``loading``
compares it with what is stored.
Everything that is wrong with a file is gathered, so that it can be mended in one go.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from matchsvc.errors import N_, RuleViolation
from matchsvc.vocabulary.models import LABEL_LENGTH, ConceptType, RelationKind, Scheme

_MOST_ERRORS = 50
#: Ids stand in import files beside the signs that part their cells, and in addresses.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


#: Told what is being done, and how much of it: bytes or concepts, 0 of 0 where nobody knows.
Progress = Callable[[str, int, int], None]


def no_progress(_what: str, _done: int, _of: int) -> None:
    """For callers whom nobody watches."""


class Sort(NamedTuple):
    """A sort of concept that a file can be complete for; None stands for any.

    Attributes:
        type: the concept's type.
        is_group: heading or not.
        digits: how long a heading's SSYK code is: the levels of SSYK are files of their own.
    """

    type: ConceptType
    is_group: bool | None = None
    digits: int | None = None

    def holds(self, concept_type: ConceptType, ssyk_code: str | None, *, is_group: bool) -> bool:
        """Whether a concept is of this sort."""
        return (
            concept_type is self.type
            and self.is_group in {None, is_group}
            and self.digits in {None, len(ssyk_code or "")}
        )


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """One concept of a list.

    Attributes:
        phrases: other ways to say it, in Swedish.
        names: what it is called in other languages than Swedish and English, and other English
            names where it has no Swedish one: (language, name).
        related: ids with the kind of relation.
    """

    id: str
    type: ConceptType
    label_sv: str
    label_en: str
    parent_id: str | None = None
    is_group: bool = False
    has_swedish_label: bool = True
    description: str = ""
    phrases: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    related: tuple[tuple[str, RelationKind], ...] = ()
    uri: str | None = None
    ssyk_code: str | None = None
    isco_code: str | None = None


@dataclass(frozen=True, slots=True)
class ConceptList:
    """What some files say.

    Attributes:
        scheme: whose list it is.
        version: its name, such as ``1.1.1``.
        checksum: SHA-256 of the files' content, 64 hex digits.
        concepts: by id, any order.
        covered: the sorts of concept that the files are complete for; stored concepts of these
            sorts that are missing in them are deprecated.
        ended: ids of concepts that the files say are no longer in use; they are deprecated where
            they are stored, and not stored anew.
        warnings: what was left out, in Swedish.
        decides: which relations the files are complete for, by the type of the concept that has
            them; BROADER stands for the line upward too. All others are kept as stored.
    """

    scheme: Scheme
    version: str
    checksum: str
    concepts: Mapping[str, ConceptRow]
    covered: frozenset[Sort]
    decides: frozenset[tuple[ConceptType, RelationKind]]
    warnings: tuple[str, ...] = ()
    ended: frozenset[str] = frozenset()


class BrokenList(RuleViolation):
    """Files that can't be read as a list of concepts; ``fields`` has a message by place."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(
            "broken_vocabulary_file",
            N_("Filen går inte att läsa in. Inget har sparats. Rätta och försök igen."),
            fields=problems,
        )


@dataclass(slots=True)
class Problems:
    """What is wrong, by place (``skills_en.csv rad 17``). Stops reading at fifty."""

    found: dict[str, str] = field(default_factory=dict)

    def add(self, place: str, message: str) -> None:
        """Note a problem; the first of each place is kept.

        Raises:
            BrokenList: there are so many that going on helps nobody.
        """
        self.found.setdefault(place, message)
        if len(self.found) >= _MOST_ERRORS:
            raise BrokenList(self.found)

    def refuse_if_any(self) -> None:
        """Raise BrokenList when something was noted."""
        if self.found:
            raise BrokenList(self.found)


def clean(text: str) -> str:
    """A label without odd spaces and control signs; composed signs, as they are typed."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    # Cs: half a surrogate pair, as JSON may bring; no database holds it.
    return "".join(sign for sign in spaced if unicodedata.category(sign) not in {"Cc", "Cs"})


def problem_with_label(text: str) -> str | None:
    """Why a text can't be a label or a phrase, or None."""
    if not text:
        return "Texten saknas. Skriv ett namn."
    if len(text) > LABEL_LENGTH:
        return f"Texten är {len(text)} tecken. Korta den till högst {LABEL_LENGTH}."
    return None


def problem_with_id(text: str) -> str | None:
    """Why a text can't be a concept's id, or None."""
    if _ID.fullmatch(text):
        return None
    return "Id får bara ha bokstäverna a till z, siffror, punkt, bindestreck och understreck."


def check_lines(
    concepts: Iterable[ConceptRow],
    places: Mapping[str, str],
    problems: Problems,
    *,
    known: frozenset[str] = frozenset(),
) -> None:
    """Check that every line upward leads to a concept and ends.

    Args:
        concepts: with the ids their lines lead to.
        places: id -> where it stands, for the message.
        problems: gets what is wrong.
        known: ids of concepts elsewhere that a line may lead to.
    """
    parents = {concept.id: concept.parent_id for concept in concepts}
    for concept_id, parent_id in parents.items():
        if parent_id is not None and parent_id not in parents and parent_id not in known:
            problems.add(places[concept_id], f"Det finns inget ord med id {parent_id}.")
    for concept_id in _in_circles(parents):
        problems.add(places[concept_id], "Raden uppåt leder tillbaka till ordet självt.")


def _in_circles(parents: Mapping[str, str | None]) -> Iterator[str]:
    ends: set[str] = set()
    for start in parents:
        seen: dict[str, None] = {}
        step: str | None = start
        while step is not None and step in parents and step not in ends:
            if step in seen:
                yield step
                break
            seen[step] = None
            step = parents[step]
        ends.update(seen)


def nearest_parents(
    broader: Mapping[str, Iterable[str]], *, in_circles: Callable[[str], None] | None = None
) -> dict[str, str]:
    """Choose the one line upward of each concept (DESIGN section 4).

    The parent is the broader concept with the fewest concepts beneath it, then the smallest id.

    Args:
        broader: concept -> the concepts above it.
        in_circles: told each concept whose lines lead back to itself; such get no parent.
    """
    below: dict[str, set[str]] = {}
    waiting = {concept: set(above) for concept, above in broader.items()}
    children: dict[str, list[str]] = {}
    for concept, above in broader.items():
        for one in above:
            children.setdefault(one, []).append(concept)
            waiting.setdefault(one, set())
    left = {concept: len(children.get(concept, ())) for concept in waiting}
    ready = [concept for concept, count in left.items() if count == 0]
    while ready:
        concept = ready.pop()
        below[concept] = {
            lower for child in children.get(concept, ()) for lower in (child, *below[child])
        }
        for one in waiting[concept]:
            left[one] -= 1
            if left[one] == 0:
                ready.append(one)
    if in_circles is not None:
        for concept in sorted(waiting.keys() - below.keys()):
            in_circles(concept)
    return {
        concept: min(above, key=lambda one: (len(below[one]), one))
        for concept, above in waiting.items()
        if above and all(one in below for one in above)
    }


def parents_first(concepts: Sequence[ConceptRow]) -> list[ConceptRow]:
    """The concepts in an order in which each comes after the one its line leads to."""
    by_id = {concept.id: concept for concept in concepts}
    placed: dict[str, ConceptRow] = {}
    for concept in concepts:
        line: list[ConceptRow] = []
        step: ConceptRow | None = concept
        while step is not None and step.id not in placed:
            line.append(step)
            step = by_id.get(step.parent_id) if step.parent_id else None
        placed.update((one.id, one) for one in reversed(line))
    return list(placed.values())
