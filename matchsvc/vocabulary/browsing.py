"""Looking around in the vocabulary: the list of concepts, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.vocabulary.lines import (
    Alternative,
    find_correction,
    list_alternatives,
    list_children,
)
from matchsvc.vocabulary.models import (
    Concept,
    ConceptRelation,
    ConceptTerm,
    ConceptType,
    CorrectedLine,
    RelationKind,
    Scheme,
    VocabularyVersion,
)
from matchsvc.vocabulary.rules import get_concept, list_line_upward, list_related
from matchsvc.vocabulary.versions import latest_version
from matchsvc.vocabulary.words import text_key

PAGE_SIZE = 50
MOST_SHOWN = 20  # of each kind of relation, and of what lies beneath
MOST_PARENTS = 10  # found by a search for another line upward


@dataclass(frozen=True, slots=True)
class Found:
    """A page of concepts."""

    concepts: list[Concept]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Some:
    """The first of many."""

    concepts: list[Concept]
    total: int

    @property
    def rest(self) -> int:
        """How many are not shown."""
        return self.total - len(self.concepts)


@dataclass(frozen=True, slots=True)
class ConceptDetail:
    """All that is known of a concept.

    Attributes:
        concept: itself.
        version: of its list; None for the program's own before the first loading.
        line: its line upward, nearest first.
        alternatives: what the line could lead to.
        correction: what a person decided of the line; also when it is no longer in force.
        terms: other names, by language and letters; those of units say so.
        beneath: what lies one step under it.
        related: what is said to be close to it.
        essential: what an occupation cannot do without; optional: what is good to have.
        used_in: occupations and skills that it is essential or good for.
    """

    concept: Concept
    version: VocabularyVersion | None
    line: list[Concept]
    alternatives: list[Alternative]
    correction: CorrectedLine | None
    terms: Sequence[ConceptTerm]
    beneath: Some
    related: list[Concept]
    essential: Some
    optional: Some
    used_in: Some


def browse(
    session: Session,
    *,
    text: str | None = None,
    kind: ConceptType | None = None,
    scheme: Scheme | None = None,
    page: int = 1,
) -> Found:
    """Concepts with a name or synonym that holds the text, headings and deprecated ones too.

    Names that begin with it come first, everyday words before official ones, then by name.
    """
    chosen = []
    order = [Concept.scheme.in_((Scheme.STARTER, Scheme.LOCAL)).desc()]
    key = text_key(text or "")
    if key:
        holds = Concept.label_key.contains(key, autoescape=True)
        by_term = select(ConceptTerm.concept_id).where(
            ConceptTerm.key.contains(key, autoescape=True)
        )
        chosen.append(or_(holds, Concept.id == (text or "").strip(), Concept.id.in_(by_term)))
        order.insert(0, Concept.label_key.startswith(key, autoescape=True).desc())
    if kind is not None:
        chosen.append(Concept.type == kind)
    if scheme is not None:
        chosen.append(Concept.scheme == scheme)
    total = session.scalar(select(func.count()).select_from(Concept).where(*chosen)) or 0
    found = session.scalars(
        select(Concept)
        .where(*chosen)
        .order_by(*order, Concept.sort_key, Concept.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return Found(list(found), total, page)


def get_detail(session: Session, concept_id: str) -> ConceptDetail:
    """All that is known of a concept.

    Raises:
        NotFound: there is none.
    """
    concept = get_concept(session, concept_id)
    terms = session.scalars(
        select(ConceptTerm)
        .where(ConceptTerm.concept_id == concept_id)
        .order_by(ConceptTerm.language.desc(), ConceptTerm.key)
    )
    below = select(func.count()).where(
        Concept.parent_id == concept_id, Concept.is_deprecated.is_(False)
    )
    return ConceptDetail(
        concept,
        version=latest_version(session, concept.scheme),
        line=list_line_upward(session, concept_id),
        alternatives=list_alternatives(session, concept),
        correction=find_correction(session, concept_id),
        terms=terms.all(),
        beneath=Some(
            list_children(session, concept_id, limit=MOST_SHOWN), session.scalar(below) or 0
        ),
        related=list_related(session, concept_id),
        essential=_to(session, concept_id, RelationKind.ESSENTIAL),
        optional=_to(session, concept_id, RelationKind.OPTIONAL),
        used_in=_from(session, concept_id, RelationKind.ESSENTIAL, RelationKind.OPTIONAL),
    )


def list_possible_parents(session: Session, concept: Concept, text: str) -> list[Concept]:
    """Concepts of the same kind with a name that holds the text, for another line upward."""
    found = browse(session, text=text, kind=concept.type).concepts
    return [one for one in found if one.id != concept.id and not one.is_deprecated][:MOST_PARENTS]


def _to(session: Session, concept_id: str, kind: RelationKind) -> Some:
    ids = select(ConceptRelation.related_id).where(
        ConceptRelation.concept_id == concept_id, ConceptRelation.kind == kind
    )
    return _some(session, Concept.id.in_(ids))


def _from(session: Session, concept_id: str, *kinds: RelationKind) -> Some:
    ids = select(ConceptRelation.concept_id).where(
        ConceptRelation.related_id == concept_id, ConceptRelation.kind.in_(kinds)
    )
    return _some(session, Concept.id.in_(ids))


def _some(session: Session, condition: ColumnElement[bool]) -> Some:
    chosen = (condition, Concept.is_deprecated.is_(False))
    total = session.scalar(select(func.count()).select_from(Concept).where(*chosen)) or 0
    found = select(Concept).where(*chosen).order_by(Concept.sort_key, Concept.id)
    return Some(list(session.scalars(found.limit(MOST_SHOWN))), total)
