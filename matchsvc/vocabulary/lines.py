"""The one line upward of each concept: where it comes from, what else it could be, correcting it.

Points are given along it (DESIGN section 4.4). A list gives it; where the list gives several, the
parent with the fewest concepts beneath it is chosen, then the smallest id. A person may decide
otherwise, and new versions of the list leave that alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, aliased

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import N_, Conflict, Invalid
from matchsvc.swedish import contains_identity_number
from matchsvc.vocabulary.models import (
    REASON_LENGTH,
    Concept,
    ConceptRelation,
    CorrectedLine,
    RelationKind,
    VersionCause,
)
from matchsvc.vocabulary.rules import get_concept
from matchsvc.vocabulary.versions import add_version, lock_vocabulary

KEEPERS = (Role.UNIT_MANAGER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A concept that a line may lead to.

    Attributes:
        concept: the parent.
        beneath: how many concepts of its list lie under it, at any depth, in any way.
        is_given: whether it is the one that the list, or the rule, chose.
        is_chosen: whether the line leads there now.
    """

    concept: Concept
    beneath: int
    is_given: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class KeptLines:
    """What a new list means for the lines that people corrected.

    Attributes:
        rows: new values of CorrectedLine, by concept.
        given_back: concepts of other lists whose correction no longer works, and the parent that
            their own list gives.
        warnings: for whoever loads the list, in Swedish.
    """

    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    given_back: Mapping[str, str | None] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def find_correction(session: Session, concept_id: str) -> CorrectedLine | None:
    """What a person decided of the concept's line, also when it is no longer in force."""
    return session.get(CorrectedLine, concept_id)


def list_alternatives(session: Session, concept: Concept) -> list[Alternative]:
    """Every parent that the list gives, and the one that is chosen, fewest beneath first."""
    correction = find_correction(session, concept.id)
    given = correction.given_parent_id if correction else concept.parent_id
    broader = select(ConceptRelation.related_id).where(
        ConceptRelation.concept_id == concept.id, ConceptRelation.kind == RelationKind.BROADER
    )
    ids = {*session.scalars(broader)} | ({concept.parent_id, given} - {None})
    parents = session.scalars(select(Concept).where(Concept.id.in_(ids)))
    found = [
        Alternative(
            parent,
            count_beneath(session, parent.id),
            is_given=parent.id == given,
            is_chosen=parent.id == concept.parent_id,
        )
        for parent in parents
    ]
    return sorted(found, key=lambda each: (each.beneath, each.concept.id))


def count_beneath(session: Session, concept_id: str) -> int:
    """How many concepts lie under a concept: by every line its list gives, or by those in use."""
    by_list = (
        select(ConceptRelation.concept_id.label("id"))
        .where(
            ConceptRelation.related_id == concept_id,
            ConceptRelation.kind == RelationKind.BROADER,
        )
        .cte("by_list", recursive=True)
    )
    lower = aliased(ConceptRelation)
    by_list = by_list.union(
        select(lower.concept_id).where(
            lower.related_id == by_list.c.id, lower.kind == RelationKind.BROADER
        )
    )
    in_use = (
        select(Concept.id.label("id"))
        .where(Concept.parent_id == concept_id)
        .cte("in_use", recursive=True)
    )
    child = aliased(Concept)
    in_use = in_use.union(select(child.id).where(child.parent_id == in_use.c.id))
    return (
        session.scalar(
            select(func.count())
            .select_from(Concept)
            .where(
                Concept.is_deprecated.is_(False),
                or_(Concept.id.in_(select(by_list.c.id)), Concept.id.in_(select(in_use.c.id))),
            )
        )
        or 0
    )


def list_children(session: Session, concept_id: str, *, limit: int) -> list[Concept]:
    """What lies one step under a concept by the lines in use, by Swedish name."""
    return list(
        session.scalars(
            select(Concept)
            .where(Concept.parent_id == concept_id, Concept.is_deprecated.is_(False))
            .order_by(Concept.sort_key, Concept.id)
            .limit(limit)
        )
    )


def correct_line(
    session: Session,
    actor: Actor,
    concept_id: str,
    parent_id: str | None,
    *,
    reason: str,
    version: int,
    today: date,
    now: datetime,
) -> CorrectedLine:
    """Let a concept's line lead to another parent, or to none. New versions of its list keep it.

    Choosing what the list itself gives ends the correction.

    Args:
        session: a writing transaction.
        actor: a unit manager or an administrator.
        concept_id: the concept.
        parent_id: the new parent; None makes it a top.
        reason: why, for those who come after.
        version: of the correction as shown in the form; 0 when there was none.
        today: for recognising identity numbers in the reason.
        now: when.

    Raises:
        Refused: another role.
        NotFound: there is no such concept.
        Invalid: no reason, an unknown parent or one of another kind, or a line in a ring.
        Conflict: somebody corrected it since the form was shown.
    """
    actor.require_role(*KEEPERS)
    lock_vocabulary(session)
    concept = get_concept(session, concept_id)
    held = find_correction(session, concept_id)
    if (held.version if held else 0) != version:
        raise Conflict
    words = _checked_reason(reason, today=today)
    _check_parent(session, concept, parent_id)
    if held is None:
        held = CorrectedLine(concept_id=concept_id, given_parent_id=concept.parent_id)
        session.add(held)
    held.parent_id, held.reason, held.corrected_at = parent_id, words, now
    held.is_in_force = parent_id != held.given_parent_id
    concept.parent_id = parent_id
    session.flush()
    add_version(session, concept, VersionCause.LINE, parent_id or "", by=actor.label, now=now)
    audit.record(
        session, actor, "change", "concept", concept_id, fields=["parent_id"], reason=words
    )
    return held


def _checked_reason(reason: str, *, today: date) -> str:
    words = " ".join(reason.split())
    if not words:
        raise Invalid({"reason": N_("Skriv varför raden ska ändras.")})
    if len(words) > REASON_LENGTH:
        raise Invalid({"reason": N_("Texten är för lång. Korta den.")})
    if contains_identity_number(words, today=today):
        raise Invalid({"reason": N_("Ta bort personnumret ur texten.")})
    return words


def _check_parent(session: Session, concept: Concept, parent_id: str | None) -> None:
    if parent_id is None:
        return
    parent = session.get(Concept, parent_id)
    if parent is None or parent.is_deprecated:
        raise Invalid({"parent": N_("Ordet finns inte i listan, eller används inte längre.")})
    if parent.type is not concept.type:
        raise Invalid({"parent": N_("Raden uppåt ska leda till ett ord av samma sort.")})
    step: Concept | None = parent
    while step is not None:
        if step.id == concept.id:
            raise Invalid(
                {"parent": N_("Det går runt i en ring: ordet ligger redan över det du valde.")}
            )
        step = session.get(Concept, step.parent_id) if step.parent_id else None


def keep_corrected(
    session: Session, wanted: Mapping[str, dict[str, Any]], decided: frozenset[str]
) -> KeptLines:
    """Put corrected lines in the place of those that a new list gives.

    Args:
        session: any transaction.
        wanted: the list's concepts by id, columns by name; ``parent_id`` is changed where a
            correction is in force.
        decided: the concepts whose line the list decides.

    Returns:
        What :func:`write_kept` must write: the list's own parents, and corrections that would now
        lead round in a ring. Such a one is no longer in force, and is told.
    """
    corrections = {row.concept_id: row for row in session.scalars(select(CorrectedLine))}
    given = {key: row.given_parent_id for key, row in corrections.items()}
    for key in corrections.keys() & decided & wanted.keys():
        given[key] = wanted[key]["parent_id"]
    in_force = {key: row.parent_id for key, row in corrections.items() if row.is_in_force}
    for key in in_force.keys() & wanted.keys():
        wanted[key]["parent_id"] = in_force[key]
    broken = _in_rings(session, wanted, in_force, given) if in_force else []
    for key in broken:
        if key in wanted:
            wanted[key]["parent_id"] = given[key]
    return KeptLines(
        rows={
            key: {
                "given_parent_id": given[key],
                "is_in_force": row.is_in_force
                and key not in broken
                and row.parent_id != given[key],
            }
            for key, row in corrections.items()
            if given[key] != row.given_parent_id or key in broken
        },
        given_back={key: given[key] for key in broken if key not in wanted},
        warnings=tuple(
            f"Den rättade raden uppåt för {key} gäller inte längre: med den nya listan skulle "
            "den leda runt i en ring."
            for key in broken
        ),
    )


def _in_rings(
    session: Session,
    wanted: Mapping[str, Mapping[str, Any]],
    in_force: Mapping[str, str | None],
    given: Mapping[str, str | None],
) -> list[str]:
    """Corrections that lead back to themselves, one after the other by id until none does."""
    rows = session.execute(select(Concept.id, Concept.parent_id))
    parents: dict[str, str | None] = {row.id: row.parent_id for row in rows}
    parents |= {key: values["parent_id"] for key, values in wanted.items()}
    broken: list[str] = []
    while bad := [key for key in sorted(in_force.keys() - {*broken}) if _leads_back(key, parents)]:
        broken.append(bad[0])
        parents[bad[0]] = given[bad[0]]
    return broken


def _leads_back(start: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    step = parents.get(start)
    while step is not None and step not in seen:
        if step == start:
            return True
        seen.add(step)
        step = parents.get(step)
    return False


def write_kept(session: Session, kept: KeptLines) -> None:
    """Write what a new list means for corrected lines; the list itself is written already."""
    for key, values in kept.rows.items():
        session.execute(
            update(CorrectedLine)
            .where(CorrectedLine.concept_id == key)
            .values(version=CorrectedLine.version + 1, **values)
        )
    for key, parent_id in kept.given_back.items():
        session.execute(update(Concept).where(Concept.id == key).values(parent_id=parent_id))


def forget_corrections(session: Session) -> None:
    """Let the lists' own lines be in force again, for a demo town that is taken away."""
    for row in session.scalars(select(CorrectedLine).where(CorrectedLine.is_in_force)):
        session.execute(
            update(Concept)
            .where(Concept.id == row.concept_id)
            .values(parent_id=row.given_parent_id)
        )
