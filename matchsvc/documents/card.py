"""The competence card: what was seen of each competence, by whom, where (PLA-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.rules import names_of
from matchsvc.documents.desk import OPEN, open_version, record_act, versions_of
from matchsvc.documents.drafting import shown_note
from matchsvc.documents.models import DocumentKind, EndDocument, SeenCompetence
from matchsvc.documents.scale import LEVELS, generic_concepts
from matchsvc.documents.writing import begin, problem_with, unfix
from matchsvc.errors import N_, Invalid
from matchsvc.participants.competences import height, raise_rung
from matchsvc.participants.models import Competence, Evidence, Rung
from matchsvc.participants.overview import concepts_by_id
from matchsvc.participants.own import is_own
from matchsvc.placements.access import Seen, get_placement
from matchsvc.vocabulary.models import ConceptType

NOTE_LONGEST = 120
KIND = DocumentKind.CARD


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody has seen of one competence.

    Attributes:
        concept_id: a generic competence of the vocabulary.
        level: 1 to 4; None when it did not come up at the workplace.
        note: what was seen, in a few words, instead of the level's own sentence.
    """

    concept_id: str
    level: int | None
    note: str | None = None


def assess(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    judged: Sequence[Judged],
    *,
    version: int | None,
    today: date,
) -> EndDocument:
    """Keep what was seen; the first time begins the card. What is left out stays as it is.

    A row that is saved as it stood keeps its day and whoever saw it.

    Raises:
        NotFound, Refused: as everywhere.
        Conflict: somebody else saved the card since it was shown; ``theirs`` holds the levels.
        Invalid: an unknown competence or level; words about health; by ``level-ID``, ``note-ID``.
    """
    known = [each.id for each in generic_concepts(session)]
    _check(judged, known, today=today)
    if version is None and not _is_open(session, actor, placement_id, today=today):
        begin(session, actor, placement_id, KIND, today=today)
    seen, row = open_version(session, actor, placement_id, KIND, version=version, today=today)
    by_concept = {each.concept_id: each for each in row.seen}
    is_changed = False
    role = "case_worker" if is_own(session, actor, seen.participant.id, today=today) else None
    for each in judged:
        held = by_concept.get(each.concept_id)
        note = (each.note or "").strip() or None if each.level else None
        if held is not None and (held.level, held.note) == (each.level, note):
            continue
        if held is None:
            position = known.index(each.concept_id)
            held = SeenCompetence(concept_id=each.concept_id, position=position)
            row.seen.append(held)
        held.level, held.note, held.seen_on = each.level, note, today
        held.workplace = seen.site.name
        held.assessor_id, held.assessor_role = actor.require_user(), role or "supervisor"
        is_changed = True
    if is_changed:
        row.seen.sort(key=lambda one: one.position)
        unfix(row)
        row.begun_by_id = row.begun_by_id or actor.user_id
        touch(row)
        session.flush()
        record_act(session, actor, "change", row, seen)
    return row


def touch(row: EndDocument) -> None:
    """Count the card's version up though only what hangs on it was changed."""
    flag_modified(row, "created_at")


def _is_open(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> bool:
    seen = get_placement(session, actor, placement_id, today=today)
    return any(each.state in OPEN for each in versions_of(session, seen.placement.id, KIND))


def _check(judged: Sequence[Judged], known: Sequence[str], *, today: date) -> None:
    wrong: dict[str, str] = {}
    for each in judged:
        if each.concept_id not in known or each.level not in {*LEVELS, None}:
            wrong[f"level-{each.concept_id}"] = N_("Välj ett av alternativen.")
        note = each.note or ""
        if len(note) > NOTE_LONGEST:
            wrong[f"note-{each.concept_id}"] = N_("Texten är för lång. Korta den.")
        problem = problem_with(KIND, "note", note, today=today, keeps_health_words=False)
        if problem:
            wrong[f"note-{each.concept_id}"] = problem
    if wrong:
        raise Invalid(wrong)


def raise_evidence(
    session: Session, actor: Actor, seen: Seen, row: EndDocument, *, everybody: bool, today: date
) -> int:
    """Let what was seen raise the competences that the participant holds, by participants' rule.

    Args:
        session: a writing transaction.
        actor: who signs.
        seen: the placement.
        row: the card.
        everybody: what others saw too; else only what the actor has seen.
        today: the day of the signature.

    Returns:
        How many pieces of evidence were added. What is known better, or already, adds none.
    """
    last = seen.placement.end_date or today  # seen on it at the latest, whenever it was written
    observed = {
        each.concept_id: each
        for each in row.seen
        if each.level is not None and (everybody or each.assessor_id == actor.user_id)
    }
    held = session.scalars(
        select(Competence)
        .where(
            Competence.participant_id == seen.participant.id,
            Competence.concept_id.in_(observed),
            Competence.archived_at.is_(None),
        )
        .options(selectinload(Competence.evidence))
    ).all()
    added = 0
    for competence in held:
        saw = observed[competence.concept_id or ""]
        there = (Rung.OBSERVED, min(saw.seen_on, last), saw.workplace)
        if height(competence.rung) > height(Rung.OBSERVED) or there in {
            (piece.rung, piece.happened_on, piece.workplace) for piece in competence.evidence
        }:
            continue
        raise_rung(
            session,
            actor,
            competence.id,
            Rung.OBSERVED,
            happened_on=min(saw.seen_on, last),
            today=today,
            workplace=saw.workplace,
            note=shown_note(saw),
        )
        added += 1
    return added


def skills_from(session: Session, seen: Seen) -> list[dict[str, str]]:
    """What she has shown at this workplace, by the evidence from there, in Swedish order.

    Only competences of the vocabulary are named: free text could say anything.
    """
    placement = seen.placement
    found = session.scalars(
        select(Competence)
        .where(
            Competence.participant_id == seen.participant.id,
            Competence.concept_id.is_not(None),
            Competence.archived_at.is_(None),
            Competence.rung.in_((Rung.OBSERVED, Rung.CONFIRMED)),
        )
        .options(selectinload(Competence.evidence))
    ).all()
    places = {seen.site.name.casefold(), seen.employer.name.casefold()}
    from_here: list[tuple[Competence, Evidence]] = []
    for competence in found:
        pieces = [
            piece
            for piece in competence.evidence
            if piece.rung in {Rung.OBSERVED, Rung.CONFIRMED}
            and placement.start_date <= piece.happened_on <= (placement.end_date or date.max)
            and (piece.workplace or "").casefold() in places
        ]
        if pieces:
            from_here.append(
                (competence, max(pieces, key=lambda p: (height(p.rung), p.happened_on)))
            )
    concepts = concepts_by_id(session, {each.concept_id or "" for each, _piece in from_here})
    staff = names_of(session, {piece.by_id for _each, piece in from_here})
    rows = [
        (concepts[each.concept_id or ""], piece)
        for each, piece in from_here
        if concepts[each.concept_id or ""].type is not ConceptType.GENERIC
    ]
    return [
        {
            "name": concept.label_sv,
            "rung": piece.rung.value,
            "on": piece.happened_on.isoformat(),
            "by": staff.get(piece.by_id, ""),
        }
        for concept, piece in sorted(rows, key=lambda row: row[0].sort_key)
    ]
