"""Finding one employer by whatever it is called."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.employers.access import employers_of, is_called
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import NotFound


def get_employer(
    session: Session, actor: Actor, key: UUID | str, *, for_update: bool = False
) -> Employer:
    """One employer of the unit with sites, their conditions and contacts.

    What named a merged row leads to the one that stands.

    Raises:
        NotFound: unknown or another unit's.
    """
    gone = db.twin(Employer)
    merged = select(gone.merged_into_id).where(is_called(gone, key))
    found = employers_of(actor).options(
        selectinload(Employer.sites).selectinload(Site.conditions),
        selectinload(Employer.contacts),
    )
    if for_update:
        found = found.with_for_update(of=Employer)
    for is_meant in (is_called(Employer, key), Employer.id.in_(merged)):
        employer = session.scalars(found.where(is_meant)).first()
        if employer is not None:
            return employer
    raise NotFound("employer")
