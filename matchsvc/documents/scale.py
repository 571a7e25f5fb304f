"""The card's competences, its four levels and what each looks like at work (PLA-10)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.vocabulary.models import Concept, ConceptType, Scheme

_DATA = Path(__file__).parent / "data" / "card.yaml"
LEVELS = (1, 2, 3, 4)


@cache
def _told() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(_DATA.read_text("utf-8"))
    return told


def core() -> tuple[str, ...]:
    """The competences that every card speaks of, in its order; others may be added."""
    return tuple(_told()["competences"])


def level_words(level: int, language: str = "sv") -> str:
    """What a level is called."""
    return str(_told()["levels"][level]["en" if language == "en" else "sv"])


def anchor(concept_id: str, level: int, language: str = "sv") -> str:
    """What a level of a competence looks like at work."""
    told = _told()["competences"].get(concept_id, _told()["anchors"])
    return str(told[level]["en" if language == "en" else "sv"])


def generic_concepts(session: Session) -> Sequence[Concept]:
    """The generic competences of the vocabulary: those of every card first. One query."""
    found = session.scalars(
        select(Concept)
        .where(
            Concept.type == ConceptType.GENERIC,
            Concept.scheme.in_((Scheme.STARTER, Scheme.LOCAL)),
            Concept.is_deprecated.is_(False),
            Concept.is_group.is_(False),
        )
        .order_by(Concept.sort_key)
    ).all()
    first = core()
    return sorted(found, key=lambda each: first.index(each.id) if each.id in first else len(first))
