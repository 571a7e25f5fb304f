"""The indexes that texts are linked by: built once per version of the vocabulary, then shared.

A change of the vocabulary adds a version (``loading``), and with it a new key here; so a process
that did not make the change sees it at its next look-up, which is one small query.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from matchsvc.vocabulary import lexicon, words
from matchsvc.vocabulary.arrays_on_disk import kept_or_made
from matchsvc.vocabulary.candidates import Candidate
from matchsvc.vocabulary.label_arrays import FORMAT, Links, make_arrays
from matchsvc.vocabulary.labels import LabelIndex
from matchsvc.vocabulary.models import (
    Concept,
    ConceptRelation,
    ConceptTerm,
    ConceptType,
    RelationKind,
    Scheme,
    VersionCause,
    VocabularyVersion,
)
from matchsvc.vocabulary.phrases import PhraseIndex

EVERYDAY = (Scheme.STARTER, Scheme.LOCAL)
OFFICIAL = (Scheme.ESCO,)
_NEEDS = (RelationKind.ESSENTIAL, RelationKind.OPTIONAL)
_MOST_KEPT = 6
_kept: dict[tuple[object, ...], Any] = {}
_building = RLock()  # the index of phrases asks for the candidates
_folder: Path | None = None


def keep_in(folder: Path | None) -> None:
    """Say where large indexes are kept between processes; None keeps none.

    Args:
        folder: it need not be there; one that can't be written is done without.
    """
    global _folder  # noqa: PLW0603 - one place for the process, like the database's address
    _folder = folder
    lexicon.keep_in(folder)


def phrase_index(session: Session) -> PhraseIndex:
    """The everyday words: starter vocabulary and the unit's own."""
    return _phrase_index(session, _versions(session).everyday)


def everyday_candidates(session: Session) -> list[Candidate]:
    """The everyday concepts that may be chosen, by id."""
    return _everyday_candidates(session, _versions(session).everyday)


def label_index(session: Session) -> LabelIndex | None:
    """ESCO's names of skills, occupations and groups of occupations; None when it isn't loaded.

    Made once for a version of ESCO, which takes half a minute, and kept in the folder.
    """
    return _label_index(session, _versions(session).official)


def open_indexes(
    session: Session, *, everyday: bool, official: bool
) -> tuple[PhraseIndex | None, LabelIndex | None]:
    """The indexes that are asked for, by one look at the versions."""
    versions = _versions(session)
    return (
        _phrase_index(session, versions.everyday) if everyday else None,
        _label_index(session, versions.official) if official else None,
    )


def _phrase_index(session: Session, versions: tuple[str, ...]) -> PhraseIndex:
    return _kept_or_made(  # type: ignore[no-any-return]
        ("phrases", *versions),
        lambda: PhraseIndex(
            [*_everyday_candidates(session, versions), *_with_words_of_units(session)]
        ),
    )


def _everyday_candidates(session: Session, versions: tuple[str, ...]) -> list[Candidate]:
    return _kept_or_made(  # type: ignore[no-any-return]
        ("candidates", *versions),
        lambda: [one for one in _load(session, EVERYDAY) if not one.is_group],
    )


def _label_index(session: Session, versions: tuple[str, ...]) -> LabelIndex | None:
    if not versions:
        return None
    made_of = "\0".join((FORMAT, words.CHECKSUM, *versions))
    version = hashlib.sha256(made_of.encode()).hexdigest()[:16]
    return _kept_or_made(  # type: ignore[no-any-return]
        ("labels", version),
        lambda: LabelIndex(kept_or_made(_folder, "labels", version, lambda: _make_labels(session))),
    )


def _with_words_of_units(session: Session) -> list[Candidate]:
    """Official concepts that a unit has words of its own for, by these words alone.

    So a word approved in a unit is there at once, and the large index need not be made anew.
    """
    return [
        one
        for one in _load(session, OFFICIAL, is_from_unit=True)
        if one.phrases and not one.is_group
    ]


def official_names(session: Session, kind: ConceptType | None) -> list[tuple[str, str]]:
    """ESCO's Swedish names, each with the address of what it names; groups of occupations too."""
    return [
        (name, candidate.uri or "")
        for candidate in _official_candidates(session)
        if candidate.has_swedish_label and kind in {None, candidate.type}
        for name in (candidate.label, *candidate.phrases)
    ]


def _official_candidates(session: Session) -> list[Candidate]:
    return [
        one
        for one in _load(session, OFFICIAL, is_from_unit=False)
        if one.type is ConceptType.OCCUPATION or not one.is_group
    ]


def _make_labels(session: Session) -> dict[str, Any]:
    return make_arrays(_official_candidates(session), _load_links(session, OFFICIAL))


def _load_links(session: Session, schemes: Iterable[Scheme]) -> Links:
    rows = session.execute(
        select(ConceptRelation.concept_id, ConceptRelation.related_id, ConceptRelation.kind)
        .join(Concept, Concept.id == ConceptRelation.concept_id)
        .where(
            Concept.scheme.in_(list(schemes)),
            or_(
                ConceptRelation.kind == RelationKind.BROADER,
                and_(ConceptRelation.kind.in_(_NEEDS), Concept.type == ConceptType.OCCUPATION),
            ),
        )
        .order_by(ConceptRelation.concept_id, ConceptRelation.related_id)
    ).all()
    return Links(
        upward=[(one, other) for one, other, kind in rows if kind is RelationKind.BROADER],
        needs=[
            (one, other, kind is RelationKind.ESSENTIAL)
            for one, other, kind in rows
            if kind is not RelationKind.BROADER
        ],
    )


class _Versions(NamedTuple):
    """What was loaded, in its order, decides what there is; so equal databases share an index."""

    everyday: tuple[str, ...]
    official: tuple[str, ...]


_ALL_VERSIONS = select(
    VocabularyVersion.scheme, VocabularyVersion.cause, VocabularyVersion.checksum
).order_by(VocabularyVersion.id)


def _versions(session: Session) -> _Versions:
    rows = session.execute(_ALL_VERSIONS).all()
    return _Versions(
        everyday=tuple(
            row.checksum for row in rows if row.scheme in EVERYDAY or row.cause is VersionCause.WORD
        ),
        official=tuple(
            row.checksum
            for row in rows
            if row.scheme in OFFICIAL and row.cause is VersionCause.LIST
        ),
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
    session: Session, schemes: Iterable[Scheme], *, is_from_unit: bool | None = None
) -> list[Candidate]:
    terms = [ConceptTerm.language == "sv"]
    if is_from_unit is not None:
        terms.append(ConceptTerm.is_from_unit.is_(is_from_unit))
    chosen = (Concept.scheme.in_(list(schemes)), Concept.is_deprecated.is_(False))
    phrases: dict[str, list[str]] = defaultdict(list)
    for concept_id, text in session.execute(
        select(ConceptTerm.concept_id, ConceptTerm.text)
        .join(Concept, Concept.id == ConceptTerm.concept_id)
        .where(*chosen, *terms)
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
            Concept.isco_code,
            Concept.has_swedish_label,
        )
        .where(*chosen)
        .order_by(Concept.id)
    )
    return [
        Candidate(
            row.id,
            row.type,
            row.is_group,
            row.label_sv,
            row.label_en,
            row.description,
            row.uri,
            tuple(phrases[row.id]),
            isco_code=row.isco_code,
            has_swedish_label=row.has_swedish_label,
        )
        for row in rows
    ]
