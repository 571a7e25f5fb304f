"""A workplace that closes: its last day, and who has to act on the placements there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers.access import EDITORS
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import Offer, OfferStatus, Site
from matchsvc.employers.sites import get_site
from matchsvc.errors import N_, Invalid
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.rules import add_task, withdraw_tasks

CLOSES_TASK = "site_closes"


def close_site(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    last_day: date,
    reason: str,
    version: int | None = None,
    today: date,
) -> Site:
    """Write down a workplace's last day. Nobody starts there later, and nothing ends by itself.

    Offers there hold no longer than that. The case worker and the liaison of every placement that
    is planned beyond it get a task each.

    Raises:
        NotFound: unknown or another unit's.
        Refused: the actor does not keep the register of employers.
        Invalid: no reason, or an identity number in it.
        Conflict: saved by somebody else since.
    """
    actor.require_role(*EDITORS)
    site = get_site(session, actor, key, for_update=True)
    check_version(site, version)
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför.")})
    if contains_identity_number(reason, today=today):
        raise Invalid({"reason": N_("Skriv inga personnummer här.")})
    _put(session, actor, site, last_day, reason=reason.strip())
    _end_offers(session, actor, site, last_day, today=today)
    for placement, participant in _placements_after(session, site, last_day):
        _tell(session, actor, site, placement, participant, last_day=last_day, today=today)
    return site


def reopen_site(
    session: Session, actor: Actor, key: UUID | str, *, version: int | None = None
) -> Site:
    """The workplace does not close after all; offers are opened again by hand.

    Raises:
        NotFound: unknown or another unit's.
        Refused: the actor does not keep the register of employers.
        Conflict: saved by somebody else since.
    """
    actor.require_role(*EDITORS)
    site = get_site(session, actor, key, for_update=True)
    check_version(site, version)
    if site.closed_on is None:
        return site
    for placement, _participant in _placements_after(session, site, site.closed_on):
        withdraw_tasks(session, actor, [CLOSES_TASK], placement.id)
    _put(session, actor, site, None, reason=None)
    return site


def _put(
    session: Session, actor: Actor, site: Site, last_day: date | None, *, reason: str | None
) -> None:
    before = {"closed_on": site.closed_on}
    site.closed_on = last_day
    note_changes(
        session, actor, site.employer_id, "site", site.name, before, {"closed_on": last_day}
    )
    session.flush()
    audit.record(session, actor, "change", "site", site.id, fields=["closed_on"], reason=reason)


def _end_offers(session: Session, actor: Actor, site: Site, last_day: date, *, today: date) -> None:
    offers = session.scalars(
        select(Offer)
        .where(Offer.site_id == site.id, Offer.status != OfferStatus.CLOSED)
        .with_for_update()
    )
    for offer in offers:
        before = {"valid_until": offer.valid_until, "status": offer.status}
        offer.valid_until = min(offer.valid_until or last_day, last_day)
        if last_day < today:
            offer.status = OfferStatus.CLOSED
        after = {"valid_until": offer.valid_until, "status": offer.status}
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            note_changes(
                session,
                actor,
                site.employer_id,
                "offer",
                offer.title,
                {name: before[name] for name in changed},
                {name: after[name] for name in changed},
            )
    session.flush()


def _placements_after(
    session: Session, site: Site, last_day: date
) -> Sequence[tuple[Placement, Participant]]:
    rows = session.execute(
        select(Placement, Participant)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            Placement.site_id == site.id,
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            or_(Placement.planned_end_date.is_(None), Placement.planned_end_date > last_day),
        )
        .order_by(Placement.id)
    )
    return [(row[0], row[1]) for row in rows]


def _tell(
    session: Session,
    actor: Actor,
    site: Site,
    placement: Placement,
    participant: Participant,
    *,
    last_day: date,
    today: date,
) -> None:
    owners = [placement.case_worker_id]
    if not participant.protected:  # she does not exist for the liaison
        owners.append(placement.liaison_id)
    for owner_id in dict.fromkeys(owner for owner in owners if owner is not None):
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=placement.unit_id,
            kind=CLOSES_TASK,
            about_type="placement",
            about_id=placement.id,
            due_on=max(today, min(last_day, placement.planned_end_date or last_day)),
            words={"alias": participant.alias, "site": site.name, "day": last_day.isoformat()},
            origin="close_site",
        )
