"""The indexes that texts are linked by: built once per version of the vocabulary, then shared.

A change of the vocabulary adds a version (``loading``), and with it a new key here; so a process
that did not make the change sees it at its next look-up, which is one small query.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.vocabulary.linking import Candidate, LabelIndex, PhraseIndex
from matchsvc.vocabulary.models import (
    Concept,
    ConceptTerm,
    ConceptType,
    Scheme,
    VocabularyVersion,
)

EVERYDAY = (Scheme.STARTER, Scheme.LOCAL)
OFFICIAL = (Scheme.ESCO,)
_OFFICIAL_TYPES = (ConceptType.SKILL, ConceptType.OCCUPATION)
_MOST_KEPT = 6
_kept: dict[tuple[object, ...], Any] = {}
_building = RLock()  # the index of phrases asks for the candidates


def phrase_index(session: Session) -> PhraseIndex:
    """The everyday words: starter vocabulary and the unit's own."""
    return _kept_or_made(  # type: ignore[no-any-return]
        ("phrases", *_versions(session, EVERYDAY)),
        lambda: PhraseIndex(everyday_candidates(session)),
    )


def everyday_candidates(session: Session) -> list[Candidate]:
    """The everyday concepts that may be chosen, by id."""
    return _kept_or_made(  # type: ignore[no-any-return]
        ("candidates", *_versions(session, EVERYDAY)),
        lambda: [one for one in _load(session, EVERYDAY, ConceptType) if not one.is_group],
    )


def label_indexes(session: Session, kind: ConceptType | None) -> list[LabelIndex]:
    """ESCO's Swedish labels: of skills, of occupations with their groups, or both."""
    versions = _versions(session, OFFICIAL)
    if not versions:
        return []
    return [
        _kept_or_made(
            (one, *versions),
            lambda one=one: LabelIndex(_load(session, OFFICIAL, [one])),  # type: ignore[misc]
        )
        for one in _OFFICIAL_TYPES
        if kind in {None, one}
    ]


def _versions(session: Session, schemes: Iterable[Scheme]) -> tuple[str, ...]:
    # What was loaded, in its order, decides what there is; so equal databases share an index.
    return tuple(
        session.scalars(
            select(VocabularyVersion.checksum)
            .where(VocabularyVersion.scheme.in_(list(schemes)))
            .order_by(VocabularyVersion.id)
        )
    )


def _kept_or_made(key: tuple[object, ...], make: Callable[[], Any]) -> Any:
    kept = _kept.get(key)
    if kept is None:
        with _building:  # one thread builds, the others wait for it instead of building too
            kept = _kept.get(key)
            if kept is None:
                kept = make()
                while len(_kept) >= _MOST_KEPT:
                    del _kept[next(iter(_kept))]
                _kept[key] = kept
    return kept


def _load(
    session: Session, schemes: Iterable[Scheme], types: Iterable[ConceptType]
) -> list[Candidate]:
    chosen = (
        Concept.scheme.in_(list(schemes)),
        Concept.type.in_(list(types)),
        Concept.is_deprecated.is_(False),
        Concept.has_swedish_label.is_(True),
    )
    phrases: dict[str, list[str]] = defaultdict(list)
    for concept_id, text in session.execute(
        select(ConceptTerm.concept_id, ConceptTerm.text)
        .join(Concept, Concept.id == ConceptTerm.concept_id)
        .where(*chosen, ConceptTerm.language == "sv")
        .order_by(ConceptTerm.id)
    ):
        phrases[concept_id].append(text)
    rows = session.execute(
        select(
            Concept.id,
            Concept.type,
            Concept.is_group,
            Concept.label_sv,
            Concept.label_en,
            Concept.description,
            Concept.uri,
        )
        .where(*chosen)
        .order_by(Concept.id)
    )
    return [Candidate(*row, phrases=tuple(phrases[row.id])) for row in rows]
