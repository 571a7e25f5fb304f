"""The signed documents of one participant, for her own page and the copy of her data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.documents.desk import ABOUT, Desk, S, get_version
from matchsvc.documents.models import EndDocument
from matchsvc.employers.models import Site
from matchsvc.errors import NotFound
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A signed document, without its words, and which placement it is about."""

    row: EndDocument
    site: str


def papers_of(session: Session, participant: Participant) -> list[OwnPaper]:
    """Her signed documents, the latest first; no workplace is named when she is protected.

    One query. Asks no right: whoever asks has been let in to her own page.
    """
    rows = session.execute(
        select(EndDocument, Site.name)
        .join(Placement, Placement.id == EndDocument.placement_id)
        .join(Site, Site.id == Placement.site_id)
        .where(Placement.participant_id == participant.id, EndDocument.state == S.SIGNED)
        .order_by(EndDocument.signed_at.desc(), EndDocument.kind)
    )
    return [OwnPaper(row, "" if participant.protected else site) for row, site in rows]


def get_paper(
    session: Session, actor: Actor, participant: Participant, document_id: UUID, *, today: date
) -> tuple[Desk, EndDocument]:
    """One of her signed documents with its words. Logged.

    Raises:
        NotFound: it is not hers, or not signed.
    """
    own = {each.row.id: each.row for each in papers_of(session, participant)}
    found = own.get(document_id)
    if found is None:
        raise NotFound(ABOUT)
    return get_version(session, actor, found.placement_id, found.kind, found.number, today=today)
