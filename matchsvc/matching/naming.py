"""Named only after a specific yes (DESIGN 4.8): to this employer, in this proposal, behind a code.

Two things open the name: a consent that stands towards employers, and her own yes to just this one.
Either can be taken back, and counts from that instant.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.employers.models import Contact
from matchsvc.employers.offers import get_offer
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.proposal_link import presented_by
from matchsvc.matching.proposal_steps import LINK_PURPOSE
from matchsvc.matching.proposals import get_proposal
from matchsvc.messages.codes import Way, ways_to
from matchsvc.messages.models import Reach, SignedLink
from matchsvc.participants.access import get_visible
from matchsvc.participants.consent_models import Category, DisclosureRule, Party
from matchsvc.participants.consents import standing_consent
from matchsvc.participants.disclosures import Told, disclose
from matchsvc.participants.own import get_own

PURPOSE = "Arbetsgivaren läser ett förslag och ska veta vem det gäller."


def answer_naming(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    agreed: bool,
    today: date,
    now: datetime,
) -> Proposal:
    """Record whether she wants this employer to know her name. Said again, it changes nothing.

    A yes is noted among what was told, because the link shows the name from then on.

    Raises:
        NotFound: unknown or hidden.
        Refused: not the actor's own participant.
        RuleViolation: the employer does not have the proposal, or no consent stands.
    """
    proposal = get_proposal(session, actor, proposal_id, today=today, for_update=True)
    get_own(session, actor, proposal.participant_id, today=today)
    if agreed == (proposal.named_on is not None):
        return proposal
    if agreed:
        if proposal.state is not ProposalState.PRESENTED:
            raise RuleViolation(
                "not_presented", N_("Arbetsgivaren har inte fått förslaget än. Skicka det först.")
            )
        offer = get_offer(session, actor, proposal.offer_id)
        told = Told(
            Party.EMPLOYER,
            recipient=offer.site.name,
            category=Category.CONTACT,
            purpose=PURPOSE,
            rule=DisclosureRule.CONSENT,
            request_id=uuid4(),
        )
        disclose(session, actor, proposal.participant_id, told, today=today, now=now)
    proposal.named_on = today if agreed else None
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "proposal",
        proposal.id,
        subjects=[proposal.participant_id],
        fields=["named_on"],
    )
    return proposal


def may_be_named(session: Session, proposal: Proposal, *, today: date) -> bool:
    """Whether the name may be told to the employer today. Asks no right."""
    return (
        proposal.named_on is not None
        and standing_consent(
            session, proposal.participant_id, Party.EMPLOYER, Category.CONTACT, today=today
        )
        is not None
    )


def name_by_link(session: Session, link: SignedLink, *, today: date) -> str:
    """The name, for the holder of a link who has shown a code; logged.

    Raises:
        NotFound: the proposal has moved on, or she does not want it: nobody is told which.
    """
    proposal = _nameable(session, link, today=today)
    person = get_visible(session, job_actor(LINK_PURPOSE), proposal.participant_id, today=today)
    audit.record(
        session,
        link_actor(link.id, link.unit_id),
        "read",
        "proposal",
        proposal.id,
        subjects=[person.id],
        fields=["name"],
    )
    return f"{person.given_name} {person.family_name}"


def ways_to_holder(
    session: Session, link: SignedLink, *, has_texts: bool, today: date
) -> list[Way]:
    """How a code for the name can reach the contact; nothing when there is no way now.

    Raises:
        NotFound: as :func:`name_by_link`.
    """
    proposal = _nameable(session, link, today=today)
    contact = session.get(Contact, proposal.contact_id) if proposal.contact_id else None
    if contact is None or not contact.is_active:
        return []
    prefers_text = contact.reach is Reach.TEXT
    return ways_to(contact.email, contact.phone, prefers_text=prefers_text, has_texts=has_texts)


def _nameable(session: Session, link: SignedLink, *, today: date) -> Proposal:
    proposal = presented_by(session, link, today=today)
    if not may_be_named(session, proposal, today=today):
        raise NotFound("proposal")
    return proposal
