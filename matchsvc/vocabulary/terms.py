"""The units' approved synonyms among the terms of the vocabulary, where linking finds them."""

from __future__ import annotations

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session, aliased

from matchsvc.vocabulary.models import Concept, ConceptTerm, SynonymState, UnitSynonym

_LANGUAGE = "sv"


def sync_unit_terms(session: Session, concept_id: str | None = None) -> None:
    """Let the terms say what the units have approved, and no more.

    A word that two units approved is one term; a word that the list itself has needs none. The
    vocabulary is one for the installation: a word approved in one unit is linked by in all.

    Args:
        session: a writing transaction.
        concept_id: the concept that may have changed; None looks at all.
    """
    session.flush()
    own = aliased(ConceptTerm)
    approved = (
        select(UnitSynonym.concept_id, UnitSynonym.key, UnitSynonym.text)
        .join(Concept, Concept.id == UnitSynonym.concept_id)
        .outerjoin(
            own,
            and_(
                own.concept_id == UnitSynonym.concept_id,
                own.language == _LANGUAGE,
                own.key == UnitSynonym.key,
                own.is_from_unit.is_(False),
            ),
        )
        .where(
            UnitSynonym.state == SynonymState.APPROVED,
            own.id.is_(None),
            Concept.label_key != UnitSynonym.key,
        )
    )
    held = select(ConceptTerm.concept_id, ConceptTerm.key).where(ConceptTerm.is_from_unit.is_(True))
    if concept_id is not None:
        approved = approved.where(UnitSynonym.concept_id == concept_id)
        held = held.where(ConceptTerm.concept_id == concept_id)
    wanted = {(row.concept_id, row.key): row.text for row in session.execute(approved)}
    stored = {(row.concept_id, row.key) for row in session.execute(held)}
    for owner, key in sorted(stored - wanted.keys()):
        session.execute(
            delete(ConceptTerm).where(
                ConceptTerm.concept_id == owner,
                ConceptTerm.key == key,
                ConceptTerm.is_from_unit.is_(True),
            )
        )
    added = [
        {
            "concept_id": owner,
            "language": _LANGUAGE,
            "key": key,
            "text": wanted[owner, key],
            "is_from_unit": True,
        }
        for owner, key in sorted(wanted.keys() - stored)
    ]
    if added:
        session.execute(insert(ConceptTerm), added)
