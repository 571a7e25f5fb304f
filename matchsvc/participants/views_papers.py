"""Papers of a case and of one consent: read by those who see all of her, put up by her workers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.errors import NotFound
from matchsvc.participants.consent_models import Consent
from matchsvc.participants.frame import CHANGERS
from matchsvc.participants.views_notes import find_case_notes
from matchsvc.workday.notes import Desk
from matchsvc.workday.paper_models import PaperKind
from matchsvc.workday.views_notes import Place
from matchsvc.workday.views_papers import paper_pages

#: As secret as notes about her: who reads those reads these.
find_case_papers = find_case_notes
case_papers = paper_pages(find_case_papers, CHANGERS)


def find_consent_papers(session: Session, actor: Actor, key: str, today: date) -> Place:
    """The papers of one answer about consent, by the id of the answer.

    Raises:
        NotFound: unknown, or hers who is unknown, hidden or protected.
        Refused: the actor does not see all of her.
    """
    try:
        consent_id = UUID(key)
    except ValueError:
        raise NotFound("consent") from None
    whose = select(Consent.participant_id).where(Consent.id == consent_id)
    participant_id = session.scalar(whose)
    if participant_id is None:
        raise NotFound("consent")
    hers = find_case_papers(session, actor, str(participant_id), today)
    consents = {
        "label": _("Samtycken"),
        "href": url_for("participants.consents.show_consents", key=hers.key),
    }
    return Place(
        Desk(
            about_type="consent",
            about_id=consent_id,
            unit_id=hers.desk.unit_id,
            may_write=hers.desk.may_write,
            sees_close=hers.desk.sees_close,
        ),
        key=key,
        title=hers.title,
        crumbs=[*hers.crumbs, consents],
    )


consent_papers = paper_pages(
    find_consent_papers, CHANGERS, usual=PaperKind.CONSENT, name="consent_papers"
)
