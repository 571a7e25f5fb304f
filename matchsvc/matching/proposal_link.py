"""The employer reads a proposal by a link and answers yes or no, without an account (LAW-13).

What the link shows is what was approved on the day it was sent, nothing more and nobody's name.
It shows nothing any more as soon as the proposal has moved on, or the participant no longer wants
to be shown or may not be seen by anybody outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import several
from matchsvc.employers.models import Contact, Offer
from matchsvc.employers.offers import get_offer
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.matching import proposals
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.proposal_steps import (
    EMPLOYER_SIDE,
    LINK_PURPOSE,
    latest_event,
    revoke_links,
)
from matchsvc.messages.links import create_link, link_state, links_about, mark_answered
from matchsvc.messages.models import LinkKind, Reach, RecipientKind, SignedLink
from matchsvc.messages.outbox import queue_message
from matchsvc.participants.access import get_visible
from matchsvc.participants.presentation_answers import require_presentable
from matchsvc.swedish import contains_identity_number, format_phone, local_date
from matchsvc.workday.rules import add_task

PURPOSE = LINK_PURPOSE
#: DESIGN section 6.
LASTS = timedelta(days=21)
TASK_KIND = "proposal_answered"
NOTE_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the employer sees of somebody.

    Attributes:
        proposal: only its id may stand on the page.
        offer: the employer's own words, its site loaded.
        alias: what she is called towards the employer.
        competences: concept ids that were approved.
        hours: hours a week at the start.
        start_from: ISO date, or None.
        sender: who of us sent it, or None when that person has left.
        phone: where to call, in words and as a telephone dials it.
    """

    proposal: Proposal
    offer: Offer
    alias: str
    competences: tuple[str, ...]
    hours: int | None
    start_from: date | None
    sender: str | None
    phone: tuple[str, str] | None


def present(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    by_link: bool,
    base_url: str,
    today: date,
    now: datetime,
    **said: Any,
) -> Proposal:
    """As :func:`matchsvc.matching.proposals.present`; ``by_link`` sends the contact a link too."""
    proposal = proposals.present(session, actor, proposal_id, **said, today=today, now=now)
    if by_link:
        send_link(session, actor, proposal_id, base_url=base_url, today=today, now=now)
    return proposal


def send_link(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    base_url: str,
    today: date,
    now: datetime,
    contact_id: UUID | None = None,
) -> SignedLink:
    """Send the contact of a presented proposal a link to it; one sent before stops at once.

    The letter names our unit and the employer's own offer, nothing of a person.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: the proposal is not with the employer (any longer), nobody with an address
            was chosen, or the participant no longer wants to be shown.
    """
    proposal = proposals.get_proposal(session, actor, proposal_id, today=today, for_update=True)
    actor.require_role(*EMPLOYER_SIDE)
    if proposal.state is not ProposalState.PRESENTED:
        raise RuleViolation(
            "not_presented", N_("Arbetsgivaren har inte fått förslaget än. Skicka det först.")
        )
    require_presentable(session, proposal.participant_id)
    offer = get_offer(session, actor, proposal.offer_id)
    proposal.contact_id = contact_id or proposal.contact_id
    contact = _addressee(session, proposal, offer)
    revoke_links(session, proposal, now=now)
    token, link = create_link(
        session,
        kind=LinkKind.ANSWER,
        purpose=PURPOSE,
        subject_id=proposal.id,
        unit_id=proposal.unit_id,
        expires_at=now + LASTS,
    )
    unit = session.get_one(Unit, proposal.unit_id)
    said = several(session, unit.id, "display_name", "letter_greeting", "letter_signature")
    queue_message(
        session,
        unit_id=unit.id,
        kind=PURPOSE,
        recipient=contact.email or "",
        subject="Ett förslag till er plats",
        body=_letter(unit, said, offer.title, f"{base_url}/l/{token}", _last_day(link)),
        cause_id=proposal.id,
        link_id=link.id,
        to=(RecipientKind.CONTACT, contact.id),
    )
    audit.record(
        session,
        actor,
        "disclose",
        "proposal",
        proposal.id,
        subjects=[proposal.participant_id],
        fields=["link"],
    )
    return link


def _addressee(session: Session, proposal: Proposal, offer: Offer) -> Contact:
    contact = session.get(Contact, proposal.contact_id) if proposal.contact_id else None
    usable = (
        contact is not None
        and contact.is_active
        and contact.email
        and contact.reach is not Reach.NONE
    )
    if contact is None or not usable or contact.employer_id != offer.site.employer_id:
        raise RuleViolation(
            "no_address",
            N_("Välj en kontaktperson som har en e-postadress."),
            fields={"contact_id": N_("Välj en kontaktperson som har en e-postadress.")},
        )
    return contact


def _letter(unit: Unit, said: dict[str, str], title: str, address: str, last_day: date) -> str:
    name = said["display_name"] or unit.name
    who = said["letter_signature"] or ", ".join(filter(None, (name, unit.municipality)))
    return f"""{said["letter_greeting"]}

Vi har ett förslag till er plats: {title}.
Öppna länken för att läsa det. Ni svarar ja eller nej med ett tryck, utan att logga in.

{address}

Länken gäller till och med {last_day.isoformat()}. Den är bara till er.

{who}

--
In English: we have a proposal for your place. Open the link above and choose English.
It works until {last_day.isoformat()}.
"""


def _last_day(link: SignedLink) -> date:
    return local_date(link.expires_at - timedelta(seconds=1))


def read_by_link(session: Session, link: SignedLink, *, today: date) -> Shown:
    """What a live link shows. Logged as a disclosure to the link's holder.

    Raises:
        NotFound: the link is for something else, the proposal has moved on, or the participant
            may not or does not want to be shown any more: nobody is told which.
    """
    proposal = presented_by(session, link, today=today)
    offer = get_offer(session, job_actor(PURPOSE), proposal.offer_id)
    unit = session.get_one(Unit, proposal.unit_id)
    sender = _sender(session, proposal)
    phone = (sender.phone if sender else None) or unit.phone
    shown = proposal.presentation or {}
    start_from = shown.get("start_from")
    audit.record(
        session,
        link_actor(link.id, link.unit_id),
        "read",
        "proposal",
        proposal.id,
        subjects=[proposal.participant_id],
    )
    return Shown(
        proposal=proposal,
        offer=offer,
        alias=shown.get("alias", ""),
        competences=tuple(shown.get("competences", ())),
        hours=shown.get("hours"),
        start_from=date.fromisoformat(start_from) if start_from else None,
        sender=sender.name if sender else None,
        phone=(format_phone(phone), phone) if phone else None,
    )


def answer_by_link(
    session: Session,
    link: SignedLink,
    *,
    accepted: bool,
    note: str | None,
    today: date,
    now: datetime,
) -> Proposal:
    """Record the employer's answer and tell whoever sent the proposal. The link is used up.

    Raises:
        NotFound: as :func:`read_by_link`.
        Invalid: a no without a reason, or an identity number.
        RuleViolation: it was answered already, or every place is taken.
    """
    proposal = presented_by(session, link, today=today, for_update=True)
    words = (note or "").strip()
    if not accepted and not words:
        raise Invalid({"note": N_("Skriv kort varför det inte passar. Det gäller arbetet.")})
    if contains_identity_number(words, today=today):
        raise Invalid({"note": N_("Skriv inga personnummer här.")})
    actor = link_actor(link.id, link.unit_id)
    mark_answered(session, link, now)
    proposals.record_employer_answer(
        session, actor, proposal, accepted=accepted, note=words or None, today=today, now=now
    )
    sender = _sender(session, proposal)
    offer = get_offer(session, job_actor(PURPOSE), proposal.offer_id)
    add_task(
        session,
        actor,
        owner_id=sender.id if sender else proposal.proposed_by_id,
        unit_id=proposal.unit_id,
        kind=TASK_KIND,
        about_type="proposal",
        about_id=proposal.id,
        due_on=today,
        words={"site": offer.site.name},
        origin=TASK_KIND,
    )
    return proposal


def presented_by(
    session: Session, link: SignedLink, *, today: date, for_update: bool = False
) -> Proposal:
    """The proposal that a link opens, while the employer has it and she wants to be shown.

    Raises:
        NotFound: the link is for something else, or the proposal or she says otherwise.
    """
    if link.purpose != PURPOSE:
        raise NotFound("proposal")
    found = select(Proposal).where(
        Proposal.id == link.subject_id, Proposal.state == ProposalState.PRESENTED
    )
    if for_update:
        found = found.with_for_update()
    proposal = session.scalar(found)
    if proposal is None:
        raise NotFound("proposal")
    # A job's eyes see nobody who is protected, archived or merged away.
    get_visible(session, job_actor(PURPOSE), proposal.participant_id, today=today)
    try:
        require_presentable(session, proposal.participant_id)
    except RuleViolation as error:
        raise NotFound("proposal") from error
    return proposal


def _sender(session: Session, proposal: Proposal) -> User | None:
    """Who put it to the employer, else who proposed; None when both have left."""
    event = latest_event(session, proposal, ProposalState.PRESENTED)
    label = event.actor if event else ""
    ids = [UUID(label[5:])] if label.startswith("user:") else []
    for user_id in (*ids, proposal.proposed_by_id):
        user = session.get(User, user_id)
        if user is not None and user.is_active:
            return user
    return None


@dataclass(frozen=True, slots=True)
class Sent:
    """The link that was sent last, for our own page.

    Attributes:
        to: the contact's name.
        on: the day it was sent.
        state: as :class:`matchsvc.messages.links.LinkState`.
        last_day: on which it works.
    """

    to: str
    on: date
    state: str
    last_day: date


def last_sent(session: Session, proposal: Proposal, *, now: datetime) -> Sent | None:
    """The link that was sent last; None when none was. Asks no right."""
    links = links_about(session, purpose=PURPOSE, subject_id=proposal.id)
    if not links:
        return None
    contact = session.get(Contact, proposal.contact_id) if proposal.contact_id else None
    return Sent(
        to=contact.name if contact else "",
        on=local_date(links[0].created_at),
        state=link_state(links[0], now).value,
        last_day=_last_day(links[0]),
    )


def stop_link(
    session: Session, actor: Actor, proposal_id: UUID, *, today: date, now: datetime
) -> None:
    """Take the link back; the proposal stays with the employer.

    Raises:
        NotFound, Refused: as everywhere.
    """
    proposal = proposals.get_proposal(session, actor, proposal_id, today=today, for_update=True)
    actor.require_role(*EMPLOYER_SIDE)
    if revoke_links(session, proposal, now=now):
        audit.record(session, actor, "revoke", "proposal", proposal.id, fields=["link"])
