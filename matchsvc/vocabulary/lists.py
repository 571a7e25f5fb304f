"""A list of concepts as it was read from files, before it reaches the database.

Readers (our own format, ESCO's) give a ConceptList; ``loading`` compares it with what is stored.
Everything that is wrong with a file is gathered, so that it can be mended in one go.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matchsvc.errors import N_, RuleViolation
from matchsvc.vocabulary.models import LABEL_LENGTH, ConceptType, RelationKind, Scheme

_MOST_ERRORS = 50
#: Ids stand in import files beside the signs that part their cells, and in addresses.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """One concept of a list; ``phrases`` are Swedish, ``related`` ids with the kind of relation."""

    id: str
    type: ConceptType
    label_sv: str
    label_en: str
    parent_id: str | None = None
    is_group: bool = False
    has_swedish_label: bool = True
    description: str = ""
    phrases: tuple[str, ...] = ()
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
        covered: the types of concept that the files are complete for; stored concepts of these
            types that are missing in them are deprecated.
        warnings: what was left out, in Swedish.
        decides: which relations the files are complete for, by the type of the concept that has
            them; BROADER stands for the line upward too. All others are kept as stored.
    """

    scheme: Scheme
    version: str
    checksum: str
    concepts: Mapping[str, ConceptRow]
    covered: frozenset[ConceptType]
    decides: frozenset[tuple[ConceptType, RelationKind]]
    warnings: tuple[str, ...] = ()


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
    return "".join(sign for sign in spaced if unicodedata.category(sign) != "Cc")


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
