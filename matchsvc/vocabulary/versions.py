"""Versions of the vocabulary: which list is in use, and a new one for what people change."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from matchsvc.vocabulary.models import Concept, Scheme, VersionCause, VocabularyVersion


def latest_version(session: Session, scheme: Scheme) -> VocabularyVersion | None:
    """The version of a list that is in use, if any; what people changed by hand is none."""
    return session.scalars(
        select(VocabularyVersion)
        .where(VocabularyVersion.scheme == scheme, VocabularyVersion.cause == VersionCause.LIST)
        .order_by(VocabularyVersion.id.desc())
        .limit(1)
    ).first()


def latest_versions(session: Session) -> list[VocabularyVersion]:
    """The version in use of each list that is loaded, in the order of the schemes."""
    newest = (
        select(func.max(VocabularyVersion.id))
        .where(VocabularyVersion.cause == VersionCause.LIST)
        .group_by(VocabularyVersion.scheme)
    )
    found = session.scalars(select(VocabularyVersion).where(VocabularyVersion.id.in_(newest)))
    order = list(Scheme)
    return sorted(found, key=lambda version: order.index(version.scheme))


def newest_version_id(session: Session) -> int:
    """The number of the newest version of anything; it rises with every change."""
    return session.scalar(select(func.max(VocabularyVersion.id))) or 0


def lock_vocabulary(session: Session) -> None:
    """Let one transaction at a time change the vocabulary; readers go on.

    On SQLite a writing transaction is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE vocabulary_version IN SHARE ROW EXCLUSIVE MODE"))


def add_version(
    session: Session, concept: Concept, cause: VersionCause, what: str, *, by: str, now: datetime
) -> None:
    """Note a change that a person made, so that indexes of the concept's list are made anew.

    Args:
        session: a writing transaction that holds :func:`lock_vocabulary`.
        concept: what was changed.
        cause: how.
        what: what it is now; equal changes have equal checksums.
        by: the actor's label.
        now: when.
    """
    said = f"{cause.value}\0{concept.id}\0{what}"
    session.add(
        VocabularyVersion(
            scheme=concept.scheme,
            name=cause.value,
            checksum=hashlib.sha256(said.encode()).hexdigest(),
            concepts=1,
            imported_by=by,
            imported_at=now,
            cause=cause,
        )
    )
    session.flush()
