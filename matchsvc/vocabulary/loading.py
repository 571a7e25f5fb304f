"""Puts a list of concepts into the database: what is new, changed, back, or no longer there.

Nothing is ever deleted: competences and requirements point at concepts for as long as they are
kept (domain.md 2.4). A list that changes nothing leaves no version behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from matchsvc.swedish import sort_key
from matchsvc.vocabulary.lists import ConceptList, ConceptRow, parents_first
from matchsvc.vocabulary.models import (
    Concept,
    ConceptRelation,
    ConceptTerm,
    RelationKind,
    Scheme,
    VocabularyVersion,
)
from matchsvc.vocabulary.words import text_key

_CHUNK = 500  # rows of one DELETE ... IN
_SHORT_CHECKSUM = 12
#: The columns of Concept that a list decides.
_COLUMNS = (
    "type",
    "is_group",
    "label_sv",
    "label_en",
    "label_key",
    "sort_key",
    "has_swedish_label",
    "description",
    "parent_id",
    "uri",
    "ssyk_code",
    "isco_code",
    "is_deprecated",
)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What loading a list did.

    Attributes:
        version: name of the list's version.
        created: concepts that were not there.
        updated: concepts whose words, line upward or relations changed, or that came back.
        unchanged: concepts that were the same.
        deprecated: concepts that the list no longer has.
        warnings: what was left out, in Swedish.
    """

    version: str
    created: int
    updated: int
    unchanged: int
    deprecated: int
    warnings: tuple[str, ...] = ()

    @property
    def has_changed_anything(self) -> bool:
        """Whether a version was added."""
        return bool(self.created or self.updated or self.deprecated)


def latest_version(session: Session, scheme: Scheme) -> VocabularyVersion | None:
    """The version of a list that is in use, if any."""
    return session.scalars(
        select(VocabularyVersion)
        .where(VocabularyVersion.scheme == scheme)
        .order_by(VocabularyVersion.id.desc())
        .limit(1)
    ).first()


def load_list(session: Session, read: ConceptList, *, by: str, now: datetime | None) -> LoadResult:
    """Bring the stored concepts of one scheme to what the list says.

    Args:
        session: a writing transaction.
        read: the list, checked by its reader.
        by: who loads it, for the version.
        now: when; None for what comes with the program.
    """
    latest = latest_version(session, read.scheme)
    if latest is not None and latest.checksum == read.checksum:
        return LoadResult(read.version, 0, 0, len(read.concepts), 0, read.warnings)
    stored = _stored_concepts(session, read.scheme)
    wanted = _wanted_concepts(read, stored)
    new = [row for row in read.concepts.values() if row.id not in stored]
    changed = {key for key, values in wanted.items() if key in stored and stored[key] != values}
    gone = [
        key
        for key, values in stored.items()
        if key not in wanted and values["type"] in read.covered and not values["is_deprecated"]
    ]
    terms = _Difference(_stored_terms(session, read.scheme, wanted), _terms_of(read))
    relations = _Difference(_stored_relations(session, read), _relations_of(read))
    created = {row.id for row in new}
    updated = (changed | terms.owners() | relations.owners()) - created
    result = LoadResult(
        read.version,
        created=len(new),
        updated=len(updated),
        unchanged=len(wanted) - len(new) - len(updated),
        deprecated=len(gone),
        warnings=read.warnings,
    )
    if not result.has_changed_anything:
        return result
    version = VocabularyVersion(
        scheme=read.scheme,
        name=read.version or read.checksum[:_SHORT_CHECKSUM],
        checksum=read.checksum,
        concepts=len(wanted),
        imported_by=by,
        imported_at=now,
    )
    session.add(version)
    session.flush()
    _write_concepts(session, read, version.id, new, {key: wanted[key] for key in updated})
    _write_terms(session, terms)
    _write_relations(session, relations)
    for keys in _chunks(gone):
        session.execute(update(Concept).where(Concept.id.in_(keys)).values(is_deprecated=True))
    session.expire_all()
    return result


class _Difference:
    """Rows to remove and to add, as tuples whose first item is the concept's id."""

    def __init__(self, stored: set[tuple[Any, ...]], wanted: set[tuple[Any, ...]]) -> None:
        self.removed = sorted(stored - wanted)
        self.added = sorted(wanted - stored)

    def owners(self) -> set[str]:
        return {row[0] for row in (*self.removed, *self.added)}


def _wanted_concepts(
    read: ConceptList, stored: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    wanted = {row.id: _columns_of(row) for row in read.concepts.values()}
    for key, values in wanted.items():
        if (values["type"], RelationKind.BROADER) not in read.decides and key in stored:
            values["parent_id"] = stored[key]["parent_id"]
    return wanted


def _columns_of(row: ConceptRow) -> dict[str, Any]:
    return {
        "type": row.type,
        "is_group": row.is_group,
        "label_sv": row.label_sv,
        "label_en": row.label_en,
        "label_key": text_key(row.label_sv),
        "sort_key": sort_key(row.label_sv),
        "has_swedish_label": row.has_swedish_label,
        "description": row.description,
        "parent_id": row.parent_id,
        "uri": row.uri,
        "ssyk_code": row.ssyk_code,
        "isco_code": row.isco_code,
        "is_deprecated": False,
    }


def _stored_concepts(session: Session, scheme: Scheme) -> dict[str, dict[str, Any]]:
    columns = [getattr(Concept, name) for name in _COLUMNS]
    rows = session.execute(select(Concept.id, *columns).where(Concept.scheme == scheme))
    return {row[0]: dict(zip(_COLUMNS, row[1:], strict=True)) for row in rows}


def _terms_of(read: ConceptList) -> set[tuple[Any, ...]]:
    found: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for row in read.concepts.values():
        # The English name stands here too, so that one index finds every name.
        said = [("sv", phrase) for phrase in row.phrases] + [("en", row.label_en)]
        for language, phrase in said:
            key = text_key(phrase)
            if key and key != text_key(row.label_sv):
                found.setdefault((row.id, language, key), (row.id, language, key, phrase))
    return set(found.values())


def _stored_terms(
    session: Session, scheme: Scheme, wanted: dict[str, dict[str, Any]]
) -> set[tuple[Any, ...]]:
    rows = session.execute(
        select(ConceptTerm.concept_id, ConceptTerm.language, ConceptTerm.key, ConceptTerm.text)
        .join(Concept, Concept.id == ConceptTerm.concept_id)
        .where(Concept.scheme == scheme)
    )
    return {tuple(row) for row in rows if row[0] in wanted}


def _relations_of(read: ConceptList) -> set[tuple[Any, ...]]:
    return {
        (row.id, related_id, kind)
        for row in read.concepts.values()
        for related_id, kind in row.related
    }


def _stored_relations(session: Session, read: ConceptList) -> set[tuple[Any, ...]]:
    relation = ConceptRelation
    rows = session.execute(
        select(relation.concept_id, relation.related_id, relation.kind, Concept.type)
        .join(Concept, Concept.id == relation.concept_id)
        .where(Concept.scheme == read.scheme)
    )
    return {
        (concept_id, related_id, kind)
        for concept_id, related_id, kind, concept_type in rows
        if concept_id in read.concepts and (concept_type, kind) in read.decides
    }


def _write_concepts(
    session: Session,
    read: ConceptList,
    version_id: int,
    new: Sequence[ConceptRow],
    updated: dict[str, dict[str, Any]],
) -> None:
    rows = [
        {"id": row.id, "scheme": read.scheme, "version_id": version_id} | _columns_of(row)
        for row in parents_first(new)
    ]
    if rows:
        session.execute(insert(Concept), rows)
    if updated:
        session.execute(
            update(Concept),
            [{"id": key, "version_id": version_id, **values} for key, values in updated.items()],
        )


def _write_terms(session: Session, terms: _Difference) -> None:
    for rows in _chunks(terms.removed):
        keys = [(concept_id, language, key) for concept_id, language, key, _ in rows]
        held = tuple_(ConceptTerm.concept_id, ConceptTerm.language, ConceptTerm.key)
        session.execute(delete(ConceptTerm).where(held.in_(keys)))
    if terms.added:
        names = ("concept_id", "language", "key", "text")
        session.execute(
            insert(ConceptTerm), [dict(zip(names, row, strict=True)) for row in terms.added]
        )


def _write_relations(session: Session, relations: _Difference) -> None:
    for rows in _chunks(relations.removed):
        held = tuple_(ConceptRelation.concept_id, ConceptRelation.related_id, ConceptRelation.kind)
        session.execute(delete(ConceptRelation).where(held.in_(rows)))
    if relations.added:
        names = ("concept_id", "related_id", "kind")
        session.execute(
            insert(ConceptRelation),
            [dict(zip(names, row, strict=True)) for row in relations.added],
        )


def _chunks(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
