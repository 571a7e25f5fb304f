"""How far the documents of a placement have come, for its own page and the placement's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, object_session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.rules import names_of
from matchsvc.documents.content import ASSESSOR, CASE_WORKER, EMPLOYER, PARTICIPANT
from matchsvc.documents.desk import ABOUT, NEEDS_SIGHT, Desk, signers_of, states_of
from matchsvc.documents.models import DocumentKind, EndDocument
from matchsvc.errors import Refused
from matchsvc.placements.access import READERS, Seen, get_placement
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import Outcome


@dataclass(frozen=True, slots=True)
class Stand:
    """How far one kind of document has come.

    Attributes:
        kind: which document.
        row: the newest version that was not dropped; None when nothing is begun.
        is_due: whether it is to be written when the placement ends.
    """

    kind: DocumentKind
    row: EndDocument | None
    is_due: bool


def read_stands(
    session: Session, actor: Actor, placement_id: UUID, *, today: date
) -> tuple[Seen, list[Stand]]:
    """The documents of a placement that the actor may read, and how far each has come. Logged.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor does not work with this participant.
    """
    actor.require_role(*READERS)
    seen = get_placement(session, actor, placement_id, today=today)
    if not seen.is_own:
        raise Refused("not_your_case")
    audit.record(session, actor, "list", ABOUT, seen.placement.id, subjects=[seen.participant.id])
    return seen, stands_for(session, seen)


def stands_for(session: Session, seen: Seen) -> list[Stand]:
    """How far the documents have come that this reader may know of. Asks no further right."""
    placement = seen.placement
    form = get_form(session, placement.form)
    needs_certificate = form.certificate_required and placement.outcome is not Outcome.BECAME_JOB
    due = {
        DocumentKind.FINAL: True,
        DocumentKind.CARD: True,
        DocumentKind.CERTIFICATE: needs_certificate,
        DocumentKind.ACCOUNT: False,
    }
    rows = states_of(session, placement.id)
    return [
        Stand(kind, rows[kind], due[kind])
        for kind in DocumentKind
        if seen.sight >= NEEDS_SIGHT[kind]
    ]


def stands_on_page(seen: Seen) -> Sequence[Stand]:
    """For the placement's own page, which reads with the session that it was read with."""
    session = object_session(seen.placement)
    return stands_for(session, seen) if session is not None and seen.is_own else []


def signature_rows(
    session: Session, desk: Desk, row: EndDocument, facts: dict[str, str]
) -> list[dict[str, Any]]:
    """Who signs a version, in order, with the name to stand there and when it was signed."""
    found = desk.signatures_of(row)
    staff = names_of(session, {each.signer_id for each in found.values()})
    names = {
        PARTICIPANT: facts["participant"],
        EMPLOYER: facts["workplace_supervisor"],
        ASSESSOR: facts["assessor"],
        CASE_WORKER: facts["case_worker"],
    }
    return [
        {
            "capacity": capacity,
            "signature": (one := found.get(capacity)),
            "name": (one.signer_name or staff.get(one.signer_id) if one else None)
            or names[capacity],
            "at": one.signed_at if one else None,
        }
        for capacity in signers_of(row)
    ]
