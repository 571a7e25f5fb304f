"""The documents of a placement: who sees and changes which, and where a version can go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.documents.content import SIGNERS, hash_of_all
from matchsvc.documents.models import (
    DocumentDelivery,
    DocumentKind,
    DocumentSection,
    DocumentState,
    EndDocument,
    SeenCompetence,
)
from matchsvc.errors import N_, Conflict, NotFound, Refused, RuleViolation
from matchsvc.participants.access import Sight
from matchsvc.participants.own import CHANGING, NOT_YOURS, OBSERVING, is_own
from matchsvc.placements.access import READERS, Seen, get_placement
from matchsvc.workday.signature_models import Signature
from matchsvc.workday.signing import signatures_on

ABOUT = "end_document"
S = DocumentState
OPEN = (S.DRAFT, S.SIGNING)
STANDING = (S.SIGNED, S.REPLACED)
#: (from, to): what a version can do. Who and when: the function of each step.
TRANSITIONS = frozenset(
    {
        (S.DRAFT, S.SIGNING),
        (S.SIGNING, S.DRAFT),
        (S.SIGNING, S.SIGNED),
        (S.SIGNED, S.REPLACED),
        *((state, S.DROPPED) for state in OPEN),
    }
)
#: How much of the participant somebody has to see to read each. The final documentation may hold
#: what she wants to say of health and her situation: her case worker alone.
NEEDS_SIGHT: Mapping[DocumentKind, Sight] = {
    DocumentKind.FINAL: Sight.FULL,
    DocumentKind.ACCOUNT: Sight.FULL,
    DocumentKind.CARD: Sight.WORKPLACE,
    DocumentKind.CERTIFICATE: Sight.WORKPLACE,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One kind of document of a placement as its page shows it.

    Attributes:
        seen: the placement.
        kind: which document.
        versions: all, the newest first, with sections and what was seen.
        signatures: by version.
        deliveries: by version, the latest first.
        can_write: the reader may change it.
        is_case_worker: the reader may sign it last, and give it.
    """

    seen: Seen
    kind: DocumentKind
    versions: Sequence[EndDocument]
    signatures: Mapping[UUID, list[Signature]]
    deliveries: Mapping[UUID, list[DocumentDelivery]]
    can_write: bool
    is_case_worker: bool

    @property
    def open(self) -> EndDocument | None:
        """The version that is worked on."""
        return next((each for each in self.versions if each.state in OPEN), None)

    @property
    def signed(self) -> EndDocument | None:
        """The version that holds."""
        return next((each for each in self.versions if each.state is S.SIGNED), None)

    def signatures_of(self, row: EndDocument) -> dict[str, Signature]:
        """Who has signed the words of a version as they are, by capacity."""
        return signed_by(row, self.signatures.get(row.id, []))


def signed_by(row: EndDocument, signatures: Sequence[Signature]) -> dict[str, Signature]:
    """The signatures on the words of a version as they are, by capacity."""
    return {
        each.capacity: each
        for each in signatures
        if row.content_hash and each.content_hash == row.content_hash
    }


def open_desk(
    session: Session, actor: Actor, placement_id: UUID, kind: DocumentKind, *, today: date
) -> Desk:
    """One kind of document of a placement with all its versions. Logged.

    Raises:
        NotFound: the placement is unknown or hidden.
        Refused: the actor does not see enough of this participant.
    """
    seen = see(session, actor, placement_id, kind, today=today)
    versions = versions_of(session, seen.placement.id, kind)
    ids = [each.id for each in versions]
    audit.record(
        session,
        actor,
        "read",
        ABOUT,
        seen.placement.id,
        subjects=[seen.participant.id],
        fields=[kind.value],
    )
    return Desk(
        seen,
        kind,
        versions,
        signatures_on(session, ABOUT, ids),
        deliveries_of(session, ids),
        can_write=may_write(session, actor, seen, kind, today=today)
        and seen.placement.called_off_on is None,
        is_case_worker=is_own(session, actor, seen.participant.id, today=today),
    )


def may_write(
    session: Session, actor: Actor, seen: Seen, kind: DocumentKind, *, today: date
) -> bool:
    """Whether the actor may change a kind: a card also whoever sees the participant at work."""
    capacities = OBSERVING if kind is DocumentKind.CARD else CHANGING
    return is_own(session, actor, seen.participant.id, today=today, capacities=capacities)


def get_version(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    number: int,
    *,
    today: date,
) -> tuple[Desk, EndDocument]:
    """One version, whatever its state. Logged.

    Raises:
        NotFound, Refused: as :func:`open_desk`; NotFound too when there is no such version.
    """
    desk = open_desk(session, actor, placement_id, kind, today=today)
    row = next((each for each in desk.versions if each.number == number), None)
    if row is None:
        raise NotFound(ABOUT)
    return desk, row


def see(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    *,
    today: date,
    for_update: bool = False,
) -> Seen:
    """The placement, for those who see enough of the participant to read this kind.

    Raises:
        NotFound: unknown or hidden.
        Refused: the reader sees less of her.
    """
    actor.require_role(*READERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=for_update)
    if seen.sight < NEEDS_SIGHT[kind]:
        raise Refused("not_your_case")
    return seen


def writable(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    *,
    today: date,
) -> Seen:
    """The placement, locked, for those who may change this kind of document.

    Raises:
        NotFound, Refused: as :func:`see`; Refused too for others than her own workers.
        RuleViolation: it was called off, so that there is nothing to write about.
    """
    seen = see(session, actor, placement_id, kind, today=today, for_update=True)
    if not may_write(session, actor, seen, kind, today=today):
        raise Refused("not_your_case", NOT_YOURS)
    if seen.placement.called_off_on is not None:
        raise RuleViolation(
            "placement_called_off", N_("Placeringen blev inte av. Då finns inget att skriva om.")
        )
    return seen


def open_version(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    *,
    today: date,
    version: int | None = None,
) -> tuple[Seen, EndDocument]:
    """The version that is worked on, locked, for those who may change it.

    Raises:
        NotFound: nothing is worked on.
        Conflict: it was saved since.
    """
    seen = writable(session, actor, placement_id, kind, today=today)
    row = session.scalar(
        select(EndDocument)
        .where(
            EndDocument.placement_id == seen.placement.id,
            EndDocument.kind == kind,
            EndDocument.state.in_(OPEN),
        )
        .options(selectinload(EndDocument.sections), selectinload(EndDocument.seen))
        .with_for_update()
    )
    if row is None:
        raise NotFound(ABOUT)
    check_version(row, version)
    return seen, row


def versions_of(
    session: Session, placement_id: UUID, kind: DocumentKind | None = None
) -> list[EndDocument]:
    """Versions with their sections, the newest first. Asks no right."""
    found = (
        select(EndDocument)
        .where(EndDocument.placement_id == placement_id)
        .options(selectinload(EndDocument.sections), selectinload(EndDocument.seen))
        .order_by(EndDocument.number.desc())
    )
    if kind is not None:
        found = found.where(EndDocument.kind == kind)
    return list(session.scalars(found))


def deliveries_of(
    session: Session, document_ids: Sequence[UUID]
) -> dict[UUID, list[DocumentDelivery]]:
    """Who was given what, by version, the latest first. One query; asks no right."""
    found: dict[UUID, list[DocumentDelivery]] = {each: [] for each in document_ids}
    rows = session.scalars(
        select(DocumentDelivery)
        .where(DocumentDelivery.document_id.in_(found))
        .order_by(DocumentDelivery.given_on.desc(), DocumentDelivery.created_at.desc())
    )
    for row in rows:
        found[row.document_id].append(row)
    return found


def states_of(session: Session, placement_id: UUID) -> dict[DocumentKind, EndDocument | None]:
    """The newest version of each kind that was not dropped, without its words. One query."""
    rows = session.scalars(
        select(EndDocument)
        .where(EndDocument.placement_id == placement_id, EndDocument.state != S.DROPPED)
        .order_by(EndDocument.number)
    )
    found: dict[DocumentKind, EndDocument | None] = dict.fromkeys(DocumentKind)
    found |= {row.kind: row for row in rows}
    return found


def section_of(row: EndDocument, code: str) -> DocumentSection:
    """One part of a document.

    Raises:
        NotFound: it has no such part.
    """
    found = next((each for each in row.sections if each.code == code), None)
    if found is None:
        raise NotFound("document_section")
    return found


def facts_as_kept(row: EndDocument) -> dict[str, str]:
    """Names and dates as they were when signing began; empty in a draft."""
    kept: dict[str, str] = json.loads(row.facts) if row.facts else {}
    return kept


def hash_with(row: EndDocument, facts: Mapping[str, str]) -> str:
    """The hash of a version's words with these facts."""
    return hash_of_all(
        row.kind,
        facts,
        [(each.code, each.text) for each in row.sections],
        [seen_parts(each) for each in row.seen],
    )


def seen_parts(each: SeenCompetence) -> tuple[str, ...]:
    """What is signed of one competence on the card."""
    level = "" if each.level is None else str(each.level)
    day = each.seen_on.isoformat()
    return (each.concept_id, level, each.note or "", day, each.workplace, each.assessor_role)


def signers_of(row: EndDocument) -> tuple[str, ...]:
    """Who signs a version, in order. A card that the case worker alone filled in needs no other."""
    parties = SIGNERS[row.kind]
    roles = {each.assessor_role for each in row.seen}
    if row.kind is DocumentKind.CARD and roles == {"case_worker"}:
        return parties[1:]
    return parties


def move(row: EndDocument, to: DocumentState) -> None:
    """Take a version to another state; Conflict when it cannot go there from where it is."""
    if (row.state, to) not in TRANSITIONS:
        raise Conflict({"state": (to.value, row.state.value)})
    row.state = to


def record_act(session: Session, actor: Actor, action: str, row: EndDocument, seen: Seen) -> None:
    """Log what was done to a version."""
    audit.record(
        session,
        actor,
        action,
        ABOUT,
        row.id,
        subjects=[seen.participant.id],
        fields=[row.kind.value],
    )
