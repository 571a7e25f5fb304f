"""Puts a list of concepts into the database: what is new, changed, back, or no longer there.

Nothing is ever deleted: competences and requirements point at concepts for as long as they are
kept (domain.md 2.4). A list that changes nothing leaves no version behind. What people decided by
hand stays: corrected lines upward (``lines``) and the units' synonyms (``synonyms``).

Comparing takes longer than writing, so it is done on a snapshot (:func:`plan_load`); the
transaction that writes (:func:`carry_out`) only makes sure that nothing has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.orm import Session

from matchsvc.db import Base
from matchsvc.errors import Conflict
from matchsvc.swedish import sort_key
from matchsvc.vocabulary import lines, terms
from matchsvc.vocabulary.lists import BrokenList, ConceptList, ConceptRow, parents_first
from matchsvc.vocabulary.models import (
    Concept,
    ConceptRelation,
    ConceptTerm,
    RelationKind,
    Scheme,
    VersionCause,
    VocabularyVersion,
)
from matchsvc.vocabulary.versions import latest_version, lock_vocabulary, newest_version_id
from matchsvc.vocabulary.words import text_key

MOST_LISTED = 50  # changes of labels, and deprecated concepts, that a result lists
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
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A concept that is called something else; ``after`` is None for one that is deprecated."""

    id: str
    before: str
    after: str | None


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
        changed_parts: how many of the updated have other ``labels``, ``lines``, ``words``,
            ``relations``, or are ``back``; one concept may be several of these.
        label_changes: the first fifty that are called something else, by id.
        deprecated_labels: the first fifty that the list no longer has, by id.
    """

    version: str
    created: int
    updated: int
    unchanged: int
    deprecated: int
    warnings: tuple[str, ...] = ()
    changed_parts: Mapping[str, int] = field(default_factory=dict)
    label_changes: tuple[LabelChange, ...] = ()
    deprecated_labels: tuple[LabelChange, ...] = ()

    @property
    def has_changed_anything(self) -> bool:
        """Whether a version was added."""
        return bool(self.created or self.updated or self.deprecated)


class _Difference:
    """Rows to remove and to add, as tuples whose first item is the concept's id."""

    def __init__(self, stored: set[tuple[Any, ...]], wanted: set[tuple[Any, ...]]) -> None:
        self.removed = sorted(stored - wanted)
        self.added = sorted(wanted - stored)

    def owners(self) -> set[str]:
        return {row[0] for row in (*self.removed, *self.added)}


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What loading a list would change, and what the vocabulary was when that was worked out."""

    read: ConceptList
    based_on: int
    result: LoadResult
    wanted: Mapping[str, Columns] = field(default_factory=dict)
    new: Sequence[ConceptRow] = ()
    updated: frozenset[str] = frozenset()
    gone: Sequence[str] = ()
    terms: _Difference | None = None
    relations: _Difference | None = None
    kept_lines: lines.KeptLines = field(default_factory=lines.KeptLines)


def load_list(session: Session, read: ConceptList, *, by: str, now: datetime | None) -> LoadResult:
    """Bring the stored concepts of one scheme to what the list says, in one transaction.

    Args:
        session: a writing transaction.
        read: the list, checked by its reader.
        by: who loads it, for the version.
        now: when; None for what comes with the program.
    """
    if read.scheme is Scheme.STARTER:
        _take_over(session, read)
    return carry_out(session, plan_load(session, read), by=by, now=now)


def plan_load(session: Session, read: ConceptList) -> LoadPlan:
    """Work out what loading a list would change. Writes nothing.

    Args:
        session: a snapshot, or the writing transaction itself.
        read: the list, checked by its reader.

    Raises:
        BrokenList: it has ids that another list has.
    """
    based_on = newest_version_id(session)
    latest = latest_version(session, read.scheme)
    if latest is not None and latest.checksum == read.checksum:
        same = LoadResult(read.version, 0, 0, len(read.concepts), 0, read.warnings)
        return LoadPlan(read, based_on, same)
    _refuse_taken_ids(session, read)
    stored = _stored_concepts(session, read.scheme)
    wanted = _wanted_concepts(read, stored)
    kept_lines = lines.keep_corrected(session, wanted, _with_decided_line(read))
    new = [row for row in read.concepts.values() if row.id not in stored]
    changed = {key for key, values in wanted.items() if key in stored and stored[key] != values}
    gone = sorted(key for key, values in stored.items() if _is_gone(read, key, values))
    said = _Difference(_stored_terms(session, read.scheme, wanted), _terms_of(read))
    relations = _Difference(_stored_relations(session, read), _relations_of(read))
    created = {row.id for row in new}
    updated = (changed | said.owners() | relations.owners()) - created
    renamed = sorted(key for key in changed if stored[key]["label_sv"] != wanted[key]["label_sv"])
    result = LoadResult(
        read.version,
        created=len(new),
        updated=len(updated),
        unchanged=len(wanted) - len(new) - len(updated),
        deprecated=len(gone),
        warnings=(*read.warnings, *kept_lines.warnings),
        changed_parts={
            "labels": len(renamed),
            "lines": sum(stored[key]["parent_id"] != wanted[key]["parent_id"] for key in changed),
            "words": len(said.owners() - created),
            "relations": len(relations.owners() - created),
            "back": sum(stored[key]["is_deprecated"] for key in changed),
        },
        label_changes=tuple(
            LabelChange(key, stored[key]["label_sv"], wanted[key]["label_sv"])
            for key in renamed[:MOST_LISTED]
        ),
        deprecated_labels=tuple(
            LabelChange(key, stored[key]["label_sv"], None) for key in gone[:MOST_LISTED]
        ),
    )
    return LoadPlan(
        read, based_on, result, wanted, new, frozenset(updated), gone, said, relations, kept_lines
    )


def carry_out(session: Session, plan: LoadPlan, *, by: str, now: datetime | None) -> LoadResult:
    """Write what a plan says.

    Args:
        session: a writing transaction.
        plan: from :func:`plan_load`.
        by: who loads the list, for the version.
        now: when; None for what comes with the program.

    Raises:
        Conflict: the vocabulary has changed since the plan was made. Make a new one.
    """
    if not plan.result.has_changed_anything or plan.terms is None or plan.relations is None:
        return plan.result
    lock_vocabulary(session)
    if newest_version_id(session) != plan.based_on:
        raise Conflict
    read = plan.read
    version = VocabularyVersion(
        scheme=read.scheme,
        name=read.version or read.checksum[:_SHORT_CHECKSUM],
        checksum=read.checksum,
        concepts=len(plan.wanted),
        imported_by=by,
        imported_at=now,
        cause=VersionCause.LIST,
    )
    session.add(version)
    session.flush()
    _write_concepts(session, plan, version.id)
    _write_terms(session, plan.terms)
    _write_relations(session, plan.relations)
    for keys in _chunks(plan.gone):
        session.execute(update(Concept).where(Concept.id.in_(keys)).values(is_deprecated=True))
    lines.write_kept(session, plan.kept_lines)
    terms.sync_unit_terms(session)
    session.expire_all()
    return plan.result


def _take_over(session: Session, read: ConceptList) -> None:
    """Words that a unit added and that now come with the program are the program's from now on."""
    for keys in _chunks(read.concepts):
        session.execute(
            update(Concept)
            .where(Concept.scheme == Scheme.LOCAL, Concept.id.in_(keys))
            .values(scheme=Scheme.STARTER)
        )


def _refuse_taken_ids(session: Session, read: ConceptList) -> None:
    others = session.scalars(select(Concept.id).where(Concept.scheme != read.scheme))
    taken = sorted(read.concepts.keys() & {*others})
    if taken:
        raise BrokenList(dict.fromkeys(taken[:MOST_LISTED], "Id finns redan i en annan lista."))


def _is_gone(read: ConceptList, key: str, values: Columns) -> bool:
    if values["is_deprecated"] or key in read.concepts:
        return False
    return key in read.ended or any(
        sort.holds(values["type"], values["ssyk_code"], is_group=values["is_group"])
        for sort in read.covered
    )


def _wanted_concepts(read: ConceptList, stored: Mapping[str, Columns]) -> dict[str, Columns]:
    wanted = {row.id: _columns_of(row) for row in read.concepts.values()}
    for key, values in wanted.items():
        if (values["type"], RelationKind.BROADER) not in read.decides and key in stored:
            values["parent_id"] = stored[key]["parent_id"]
    return wanted


def _with_decided_line(read: ConceptList) -> frozenset[str]:
    return frozenset(
        key
        for key, row in read.concepts.items()
        if (row.type, RelationKind.BROADER) in read.decides
    )


def _columns_of(row: ConceptRow) -> Columns:
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


def _stored_concepts(session: Session, scheme: Scheme) -> dict[str, Columns]:
    columns = [getattr(Concept, name) for name in _COLUMNS]
    rows = session.execute(select(Concept.id, *columns).where(Concept.scheme == scheme))
    return {row[0]: dict(zip(_COLUMNS, row[1:], strict=True)) for row in rows}


def _terms_of(read: ConceptList) -> set[tuple[Any, ...]]:
    found: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for row in read.concepts.values():
        own_key = text_key(row.label_sv)
        # The English name stands here too, so that one index finds every name.
        said = [("sv", phrase) for phrase in row.phrases] + [("en", row.label_en), *row.names]
        for language, phrase in said:
            key = text_key(phrase)
            if key and key != own_key:
                found.setdefault((row.id, language, key), (row.id, language, key, phrase))
    return set(found.values())


def _stored_terms(
    session: Session, scheme: Scheme, wanted: Mapping[str, Columns]
) -> set[tuple[Any, ...]]:
    rows = session.execute(
        select(ConceptTerm.concept_id, ConceptTerm.language, ConceptTerm.key, ConceptTerm.text)
        .join(Concept, Concept.id == ConceptTerm.concept_id)
        .where(Concept.scheme == scheme, ConceptTerm.is_from_unit.is_(False))
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


def _write_concepts(session: Session, plan: LoadPlan, version_id: int) -> None:
    rows = [
        {"id": row.id, "scheme": plan.read.scheme, "version_id": version_id} | plan.wanted[row.id]
        for row in parents_first(plan.new)
    ]
    if rows:
        _insert(session, Concept, rows)
    if plan.updated:
        session.execute(
            update(Concept),
            [
                {"id": key, "version_id": version_id, **plan.wanted[key]}
                for key in sorted(plan.updated)
            ],
        )


def _write_terms(session: Session, said: _Difference) -> None:
    # The list now says what a unit said before: its word takes the place.
    keys = [row[:3] for row in said.added] + [row[:3] for row in said.removed]
    held = tuple_(ConceptTerm.concept_id, ConceptTerm.language, ConceptTerm.key)
    if said.removed or _has_unit_terms(session):
        for some in _chunks(keys):
            session.execute(delete(ConceptTerm).where(held.in_(some)))
    if said.added:
        names = ("concept_id", "language", "key", "text")
        _insert(session, ConceptTerm, [dict(zip(names, row, strict=True)) for row in said.added])


def _has_unit_terms(session: Session) -> bool:
    found = select(ConceptTerm.id).where(ConceptTerm.is_from_unit.is_(True)).limit(1)
    return session.scalar(found) is not None


def _write_relations(session: Session, relations: _Difference) -> None:
    for removed in _chunks(relations.removed):
        held = tuple_(ConceptRelation.concept_id, ConceptRelation.related_id, ConceptRelation.kind)
        session.execute(delete(ConceptRelation).where(held.in_(removed)))
    if relations.added:
        names = ("concept_id", "related_id", "kind")
        rows = [dict(zip(names, row, strict=True)) for row in relations.added]
        _insert(session, ConceptRelation, rows)


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    # Into the table itself: the mapper would take as long again for each of 200,000 rows.
    table: Table = model.__table__  # type: ignore[assignment]
    session.connection().execute(table.insert(), rows)


def _chunks(rows: Sequence[Any] | Iterable[Any]) -> Iterator[Sequence[Any]]:
    listed = list(rows)
    return (listed[start : start + _CHUNK] for start in range(0, len(listed), _CHUNK))
