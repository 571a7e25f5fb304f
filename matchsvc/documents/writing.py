"""Beginning, writing and giving up a version; signatures fall when its words change."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.documents.content import (
    OWN,
    SECTIONS,
    SHOWN_AROUND,
    Line,
    as_text,
    from_text,
    is_watched,
    lines_of,
    mentions_social,
)
from matchsvc.documents.desk import (
    OPEN,
    S,
    move,
    open_version,
    record_act,
    section_of,
    versions_of,
    writable,
)
from matchsvc.documents.drafting import draft, gather
from matchsvc.documents.models import DocumentKind, DocumentSection, EndDocument, SeenCompetence
from matchsvc.errors import N_, Conflict, Invalid, RuleViolation
from matchsvc.placements.careful import mentions_health
from matchsvc.swedish import contains_identity_number

LONGEST = 4000


def begin(
    session: Session, actor: Actor, placement_id: UUID, kind: DocumentKind, *, today: date
) -> EndDocument:
    """Begin a version: what was signed last, or a draft from the follow-ups.

    A card may be begun by whoever sees the participant at work.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: one is worked on already, the placement has not begun, or was called off.
    """
    seen = writable(session, actor, placement_id, kind, today=today)
    placement = seen.placement
    if placement.start_date > today:
        raise RuleViolation("not_begun", N_("Placeringen har inte börjat än."))
    versions = versions_of(session, placement.id, kind)
    if any(each.state in OPEN for each in versions):
        raise RuleViolation(
            "document_open",
            N_("Ni arbetar redan med en version. Gör klart den, eller ta bort den."),
        )
    before = next((each for each in versions if each.state is S.SIGNED), None)
    row = EndDocument(
        placement_id=placement.id,
        kind=kind,
        number=1 + max((each.number for each in versions), default=0),
        begun_by_id=actor.user_id,
    )
    proposed = draft(gather(session, seen), SECTIONS[kind], today=today)
    row.sections = [
        _copied(before, code, position) if before else _new(code, position, proposed[code])
        for position, code in enumerate(SECTIONS[kind])
    ]
    row.seen = [_again(each) for each in before.seen] if before else []
    session.add(row)
    session.flush()
    record_act(session, actor, "create", row, seen)
    return row


def _new(code: str, position: int, proposed: list[Line]) -> DocumentSection:
    return DocumentSection(
        code=code,
        position=position,
        text="\n".join(line.text for line in proposed),
        drafted=as_text(proposed),
    )


def _copied(before: EndDocument, code: str, position: int) -> DocumentSection:
    kept = section_of(before, code)
    return DocumentSection(code=code, position=position, text=kept.text, drafted=kept.drafted)


def _again(each: SeenCompetence) -> SeenCompetence:
    return SeenCompetence(
        concept_id=each.concept_id,
        position=each.position,
        level=each.level,
        note=each.note,
        seen_on=each.seen_on,
        workplace=each.workplace,
        assessor_id=each.assessor_id,
        assessor_role=each.assessor_role,
    )


def save_section(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    code: str,
    *,
    text: str,
    version: int,
    today: date,
    keeps_health_words: bool = False,
) -> DocumentSection:
    """Save one part of the open version. Signatures on other words fall.

    Args:
        session: a writing transaction.
        actor: her case worker.
        placement_id: the placement.
        kind: which document.
        code: of the part.
        text: a sentence a line.
        version: of the part, as it was shown.
        today: decides the century of an identity number.
        keeps_health_words: the writer has seen the hint about health and means it. Asked for in
            all parts but the participant's own two.

    Raises:
        NotFound, Refused: as everywhere; NotFound too when nothing is worked on.
        Conflict: somebody else saved the part since; ``theirs`` holds what stands there.
        Invalid: an identity number, or words about health that nobody has said yes to.
    """
    seen, row = open_version(session, actor, placement_id, kind, today=today)
    section = section_of(row, code)
    words = "\n".join(lines_of(text))
    if section.version != version:
        raise Conflict({"text": section.text})
    problem = problem_with(kind, code, words, today=today, keeps_health_words=keeps_health_words)
    if problem:
        raise Invalid({"text": problem})
    if words == section.text:
        return section
    section.text = words
    unfix(row)
    session.flush()
    record_act(session, actor, "change", row, seen)
    return section


def problem_with(
    kind: DocumentKind, code: str, words: str, *, today: date, keeps_health_words: bool
) -> str | None:
    """What is wrong with a text, or None.

    On a card and a certificate, which are there to be shown, nothing about health or social
    matters can be kept even by somebody who means it.
    """
    if contains_identity_number(words, today=today):
        return N_("Texten innehåller ett personnummer. Ta bort det.")
    if kind in SHOWN_AROUND:
        if mentions_health(words) or mentions_social(words):
            return N_(
                "Det ser ut att handla om hälsa eller livet utanför arbetet. Det ska inte stå på "
                "ett papper som visas för andra. Skriv om det som görs på arbetsplatsen."
            )
    elif is_watched(kind, code) and not keeps_health_words and mentions_health(words):
        return N_(
            "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
            "i stället, eller kryssa i att texten ska stå kvar."
        )
    return None


def unfix(row: EndDocument) -> None:
    """Make a version whose words are fixed a draft again: whoever has signed has to read anew."""
    if row.state is not S.DRAFT:
        move(row, S.DRAFT)
        row.facts = row.content_hash = None


def renew(
    session: Session, actor: Actor, placement_id: UUID, kind: DocumentKind, *, today: date
) -> int:
    """Add what has been said since the draft was made; nothing that stands there is changed.

    What was proposed before and taken away stays away.

    Returns:
        How many sentences were added.

    Raises:
        NotFound, Refused: as everywhere; NotFound too when nothing is worked on.
    """
    seen, row = open_version(session, actor, placement_id, kind, today=today)
    proposed = draft(gather(session, seen), SECTIONS[kind], today=today)
    added = 0
    for section in row.sections:
        if section.code in OWN:
            continue
        known = from_text(section.drafted)
        texts = {line.text for line in known} | set(lines_of(section.text))
        new = [line for line in proposed[section.code] if line.text not in texts]
        if new:
            section.drafted = as_text([*known, *new])
            section.text = "\n".join([*lines_of(section.text), *(line.text for line in new)])
            added += len(new)
    if added:
        unfix(row)
        session.flush()
        record_act(session, actor, "change", row, seen)
    return added


def reopen(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    *,
    version: int,
    today: date,
) -> EndDocument:
    """Take a version back from signing to change it; signatures on it no longer count.

    Raises:
        NotFound, Refused, Conflict: as everywhere.
    """
    seen, row = open_version(session, actor, placement_id, kind, version=version, today=today)
    unfix(row)
    session.flush()
    record_act(session, actor, "change", row, seen)
    return row


def drop(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    *,
    reason: str,
    version: int,
    today: date,
) -> EndDocument:
    """Give up the open version, with a reason; what was signed before still holds.

    Raises:
        NotFound, Refused, Conflict: as everywhere.
        Invalid: no reason, or an identity number in it.
    """
    seen, row = open_version(session, actor, placement_id, kind, version=version, today=today)
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför.")})
    if contains_identity_number(reason, today=today):
        raise Invalid({"reason": N_("Skriv inga personnummer här.")})
    move(row, S.DROPPED)
    row.ended_reason = reason.strip()
    session.flush()
    record_act(session, actor, "change", row, seen)
    return row
