"""A consent taken back while a placement runs: what the employer sees shrinks, and people know it.

What is shown asks for the consent each time (``support/``), so nothing needs to be closed here. The
people who talk with the workplace have to know that they may say less from now on.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Site
from matchsvc.participants.consent_models import Party
from matchsvc.participants.consents import when_revoked
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement
from matchsvc.workday.rules import add_task

REVOKED_TASK = "consent_revoked"


def tell_who_talks_with_the_workplace(
    session: Session, actor: Actor, participant: Participant, parties: frozenset[Party], today: date
) -> None:
    """Give the case worker and the liaison of each placement that is not over a task, once."""
    if Party.EMPLOYER not in parties:
        return
    rows = session.execute(
        select(Placement, Site.name)
        .join(Site, Site.id == Placement.site_id)
        .where(
            Placement.participant_id == participant.id,
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
        )
    )
    for placement, site in rows:
        owners = [placement.case_worker_id]
        if not participant.protected:  # she does not exist for the liaison
            owners.append(placement.liaison_id)
        for owner_id in dict.fromkeys(owner for owner in owners if owner is not None):
            add_task(
                session,
                actor,
                owner_id=owner_id,
                unit_id=placement.unit_id,
                kind=REVOKED_TASK,
                about_type="placement",
                about_id=placement.id,
                due_on=today,
                words={"alias": participant.alias, "site": site},
                origin="CON-02",
            )


when_revoked(tell_who_talks_with_the_workplace)
