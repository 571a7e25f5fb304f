"""The employer's support package in the town: what employers read, a link, a question."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.employers.models import Contact, Site
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement
from matchsvc.placements.workplace_models import AttendanceSaid, Going
from matchsvc.support import links, packs, qa, requests
from matchsvc.support.models import RequestKind

_ASKED = "Kan vi byta en dag i veckan när vi har inventering?"
_SAID = "Håller ordning vid disken och frågar när något är oklart."


def build_support(session: Session, *, base_url: str, today: date, now: datetime) -> None:
    """Publish the pack and the questions, and give one workplace its link."""
    row = session.execute(
        select(Placement, Contact)
        .join(Participant, Participant.id == Placement.participant_id)
        .join(Site, Site.id == Placement.site_id)
        .join(Contact, Contact.employer_id == Site.employer_id)
        .where(
            Participant.protected.is_(False),
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            Placement.liaison_id.is_not(None),
            Placement.start_date <= today,
            Placement.planned_end_date > today + timedelta(days=30),
            Contact.is_active,
            Contact.email.is_not(None),
        )
        .order_by(Participant.number, Contact.sort_key)
        .limit(1)
    ).first()
    if row is None:
        return
    placement, contact = row
    liaison_id = placement.liaison_id
    if liaison_id is None:
        return
    liaison = accounts.actor_of(session, liaison_id)
    packs.add_starter(session, liaison)
    qa.add_starter(session, liaison)
    packs.publish(session, liaison, today=today)
    token, _made = links.make_link(
        session, liaison, placement.id, contact.id, base_url=base_url, today=today, now=now
    )
    opened = links.open_link(session, token, now=now)
    if opened is None:
        return
    requests.send(
        session,
        opened,
        RequestKind.QUESTION,
        text=_ASKED,
        submission_id=uuid5(placement.id, "question"),
        now=now,
    )
    requests.say_how_it_goes(
        session,
        opened,
        attendance=AttendanceSaid.AS_AGREED,
        going=Going.GOOD,
        text=_SAID,
        submission_id=uuid5(placement.id, "word"),
        now=now,
    )
