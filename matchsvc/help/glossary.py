"""The words of the service and what they mean. They are content, in ``data/glossary.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from matchsvc.swedish import sort_key

_FILE = Path(__file__).parent / "data" / "glossary.yaml"


@dataclass(frozen=True, slots=True)
class Term:
    """One word.

    Attributes:
        id: its anchor on the page, never changed.
        word: by language, ``sv`` and ``en``.
        text: what it means, by language.
        also: other forms and words that a reader may look for.
    """

    id: str
    word: Mapping[str, str]
    text: Mapping[str, str]
    also: tuple[str, ...]

    def holds(self, key: str) -> bool:
        """Whether the folded words stand in it, in either language."""
        said = (*self.word.values(), *self.also, *self.text.values())
        return any(key in sort_key(each) for each in said)

    def is_called(self, key: str) -> bool:
        """Whether one of its names begins with the folded words."""
        return any(sort_key(each).startswith(key) for each in (*self.word.values(), *self.also))


@cache
def all_terms() -> tuple[Term, ...]:
    """Every word, in the order of the file."""
    return tuple(
        Term(
            row["id"],
            {"sv": row["sv"], "en": row["en"]},
            {"sv": row["text_sv"], "en": row["text_en"]},
            tuple(row["also"]),
        )
        for row in yaml.safe_load(_FILE.read_bytes())
    )


def find_terms(words: str, language: str) -> list[Term]:
    """The words that hold what is looked for, in the reader's alphabet; all when nothing is.

    What is called so comes first, then what only mentions it.

    Args:
        words: what the reader wrote, in either language.
        language: ``sv`` or ``en``, whose alphabet orders them.
    """
    key = sort_key(words.strip())
    found = [term for term in all_terms() if term.holds(key)]
    return sorted(found, key=lambda term: (not term.is_called(key), sort_key(term.word[language])))
