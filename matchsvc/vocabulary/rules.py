"""Reading the vocabulary: names, lines upward, conditions, and what a text may mean.

Nothing here is about a person, so nothing is logged and every reader sees the same.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.vocabulary import indexes, linking
from matchsvc.vocabulary.linking import Linking
from matchsvc.vocabulary.models import (
    Concept,
    ConceptRelation,
    ConceptTerm,
    ConceptType,
    Condition,
    RelationKind,
    Scheme,
)
from matchsvc.vocabulary.words import text_key

LONGEST_TEXT = 500  # signs of a text that are read; more is not one competence
MOST_SUGGESTIONS = 100
_LEAST_NEARNESS = 60  # rapidfuzz score of "Menade du ...?"


class Source(enum.StrEnum):
    """Whose words a text is linked to."""

    STARTER = "starter"  # the starter vocabulary and the unit's own additions
    ESCO = "esco"
    ALL = "all"


#: Where a name stands in several lists, the everyday one is meant.
_SCHEME_ORDER = {Scheme.STARTER: 0, Scheme.LOCAL: 1, Scheme.JOBTECH: 2, Scheme.ESCO: 3}


class AmbiguousName(RuleViolation):
    """A text names several concepts; the message lists them."""

    def __init__(self, text: str, found: Sequence[Concept]) -> None:
        super().__init__(
            "ambiguous_name",
            N_("%(text)s kan vara %(names)s. Skriv namnet eller id på det som menas."),
            values={
                "text": text,
                "names": ", ".join(f"{concept.label_sv} ({concept.id})" for concept in found),
            },
        )


def suggest(
    session: Session,
    text: str,
    *,
    top: int = 5,
    source: Source = Source.STARTER,
    kind: ConceptType | None = None,
) -> Linking:
    """Propose concepts for a text in somebody's own words. Always for a person to confirm.

    Args:
        session: any transaction.
        text: what was said; read to 500 signs.
        top: how many at most, 1 to 100.
        source: whose words.
        kind: only concepts of this type. Headings are proposed in one case only: occupation
            groups, for occupations of ESCO.
    """
    return suggest_many(session, [text], top=top, source=source, kind=kind)[0]


def suggest_many(
    session: Session,
    texts: Sequence[str],
    *,
    top: int = 5,
    source: Source = Source.STARTER,
    kind: ConceptType | None = None,
) -> list[Linking]:
    """The same as :func:`suggest` for each of many texts, in a fraction of the time."""
    everyday, official = indexes.open_indexes(
        session, everyday=source is not Source.ESCO, official=source is not Source.STARTER
    )
    return linking.link(
        [(text, text[:LONGEST_TEXT]) for text in texts],
        linking.Wanted(
            top=max(1, min(top, MOST_SUGGESTIONS)),
            kind=kind,
            groups=kind is ConceptType.OCCUPATION and source is Source.ESCO,
        ),
        everyday=everyday,
        official=official,
    )


def get_concept(session: Session, concept_id: str) -> Concept:
    """The concept with this id.

    Raises:
        NotFound: there is none.
    """
    concept = session.get(Concept, concept_id)
    if concept is None:
        raise NotFound("concept")
    return concept


def find_concept_by_label_or_id(
    session: Session, text: str, *, types: Iterable[ConceptType] = tuple(ConceptType)
) -> Concept | None:
    """The concept that a cell of an import file names, or None.

    In this order: its id or address, its Swedish name, a synonym, its English name, its SSYK
    code. Case, spaces and dashes don't count in names. A name in several lists means the
    starter vocabulary's.

    Args:
        session: any transaction.
        text: the cell.
        types: which types of concept are meant.

    Raises:
        AmbiguousName: it names several concepts of the same list equally well.
    """
    told, key = text.strip(), text_key(text)
    if not key:
        return None
    by_term = select(ConceptTerm.concept_id).where(ConceptTerm.key == key)
    rows = session.scalars(
        select(Concept).where(
            or_(
                Concept.id == told,
                Concept.uri == told,
                Concept.label_key == key,
                Concept.id.in_(by_term),
                Concept.ssyk_code == told,
            ),
            Concept.type.in_(list(types)),
        )
    )
    ranked: dict[tuple[int, int], list[Concept]] = {}
    for concept in rows:
        rank = _rank_of_name(concept, told, key)
        if not concept.is_deprecated or rank == 0:
            ranked.setdefault((rank, _SCHEME_ORDER[concept.scheme]), []).append(concept)
    if not ranked:
        return None
    best = sorted(ranked[min(ranked)], key=lambda concept: concept.id)
    if len(best) > 1:
        raise AmbiguousName(told, best)
    return best[0]


def nearest_labels(
    session: Session,
    text: str,
    *,
    types: Iterable[ConceptType] = tuple(ConceptType),
    limit: int = 3,
) -> list[str]:
    """Swedish names that resemble a text that names nothing, for "Menade du ...?"."""
    wanted = frozenset(types)
    linked = [
        suggestion.label
        for suggestion in suggest(session, text, top=limit).suggestions
        if suggestion.kind in wanted
    ]
    names = [
        candidate.label
        for candidate in indexes.everyday_candidates(session)
        if candidate.type in wanted
    ]
    spelt = process.extract(
        text_key(text),
        {name: text_key(name) for name in names},
        scorer=fuzz.WRatio,
        score_cutoff=_LEAST_NEARNESS,
        limit=limit,
    )
    return list(dict.fromkeys([*linked, *(name for _, _, name in spelt)]))[:limit]


def list_concepts(
    session: Session,
    *,
    types: Iterable[ConceptType],
    schemes: Iterable[Scheme] = (Scheme.STARTER, Scheme.LOCAL),
) -> list[Concept]:
    """Concepts that may be chosen, by Swedish name: no headings, nothing deprecated."""
    return list(
        session.scalars(
            select(Concept)
            .where(
                Concept.type.in_(list(types)),
                Concept.scheme.in_(list(schemes)),
                Concept.is_deprecated.is_(False),
                Concept.is_group.is_(False),
            )
            .order_by(Concept.sort_key, Concept.id)
        )
    )


def search_concepts(
    session: Session,
    text: str,
    *,
    types: Iterable[ConceptType] = tuple(ConceptType),
    limit: int = 20,
) -> list[Concept]:
    """Concepts with a name or synonym that holds the text ("Sök i alla ord").

    Names that begin with it come first, everyday words before official ones.
    """
    key = text_key(text)
    if not key:
        return []
    holds = f"%{_escaped(key)}%"
    by_term = select(ConceptTerm.concept_id).where(ConceptTerm.key.like(holds, escape="\\"))
    found = session.scalars(
        select(Concept)
        .where(
            or_(Concept.label_key.like(holds, escape="\\"), Concept.id.in_(by_term)),
            Concept.type.in_(list(types)),
            Concept.is_deprecated.is_(False),
            Concept.is_group.is_(False),
        )
        .order_by(
            Concept.label_key.like(f"{_escaped(key)}%", escape="\\").desc(),
            Concept.scheme == Scheme.ESCO,
            Concept.sort_key,
            Concept.id,
        )
        .limit(limit)
    )
    return list(found)


def list_line_upward(session: Session, concept_id: str) -> list[Concept]:
    """The concept's line upward: parent, grandparent and so on, nearest first."""
    line: list[Concept] = []
    step = get_concept(session, concept_id)
    while step.parent_id is not None:
        step = get_concept(session, step.parent_id)
        line.append(step)
    return line


def list_related(session: Session, concept_id: str) -> list[Concept]:
    """Concepts said to be close to this one, in either direction, by Swedish name."""
    other = aliased(ConceptRelation)
    ids = (
        select(other.related_id)
        .where(other.concept_id == concept_id, other.kind == RelationKind.RELATED)
        .union(
            select(other.concept_id).where(
                other.related_id == concept_id, other.kind == RelationKind.RELATED
            )
        )
    )
    return list(
        session.scalars(
            select(Concept)
            .where(Concept.id.in_(ids), Concept.is_deprecated.is_(False))
            .order_by(Concept.sort_key, Concept.id)
        )
    )


def list_conditions(session: Session) -> list[Condition]:
    """The working conditions in use, in their order."""
    return list(
        session.scalars(
            select(Condition)
            .where(Condition.is_deprecated.is_(False))
            .order_by(Condition.position, Condition.id)
        )
    )


def find_condition(session: Session, text: str) -> Condition | None:
    """The condition with this id, or with this wording from either side, or None."""
    key = text_key(text)
    for condition in session.scalars(select(Condition).order_by(Condition.position)):
        wordings = (condition.need_sv, condition.offer_sv, condition.exclude_sv, condition.need_en)
        if condition.id == text.strip() or key in map(text_key, wordings):
            return condition
    return None


def nearest_conditions(session: Session, text: str, *, limit: int = 3) -> list[str]:
    """Wordings of needs that resemble a text that names none, for "Menade du ...?"."""
    names = {one.need_sv: text_key(one.need_sv) for one in list_conditions(session)}
    found = process.extract(
        text_key(text), names, scorer=fuzz.WRatio, score_cutoff=_LEAST_NEARNESS, limit=limit
    )
    return [name for _, _, name in found]


def _rank_of_name(concept: Concept, told: str, key: str) -> int:
    if told in (concept.id, concept.uri):
        return 0
    if concept.label_key == key:
        return 1
    if text_key(concept.label_en) == key:
        return 3
    return 4 if concept.ssyk_code == told else 2


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
