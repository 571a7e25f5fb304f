"""Notes about an employer: the unit reads them, and anybody may ask for them (TF 2)."""

from __future__ import annotations

from datetime import date

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employers.access import READERS, can_log
from matchsvc.employers.register_reads import get_employer
from matchsvc.workday.notes import Desk
from matchsvc.workday.views_notes import Place, note_pages


def find_employer_notes(session: Session, actor: Actor, key: str, today: date) -> Place:
    """The notes of an employer.

    Raises:
        NotFound: unknown or another unit's.
    """
    del today
    employer = get_employer(session, actor, key)
    return Place(
        Desk(
            about_type="employer",
            about_id=employer.id,
            unit_id=employer.unit_id,
            may_write=can_log(actor),
            sees_close=True,
            may_become_public=True,
        ),
        key=str(employer.id),
        title=employer.name,
        crumbs=[
            {"label": _("Arbetsgivare"), "href": "/employers"},
            {"label": employer.name, "href": url_for("employers.show_page", key=employer.id)},
        ],
    )


employer_notes = note_pages(find_employer_notes, READERS)
