"""Whether a contact person may be written to, and at which address."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.access import EDITORS
from matchsvc.employers.models import Contact, Employer, EmployerStatus
from matchsvc.employers.sites import get_contact
from matchsvc.messages.addresses import mark_works
from matchsvc.messages.models import OutboxMessage, Reach, Via


def may_write_to_contact(session: Session, message: OutboxMessage) -> str | None:
    """Whether a contact person may be written to now: a gate of the outbox.

    The address is the one that stands there now: who corrected it need do no more.
    """
    contact = session.get(Contact, message.recipient_id, populate_existing=True)
    if contact is None or not contact.is_active:
        return "gone"
    employer = session.get_one(Employer, contact.employer_id)
    if contact.reach is Reach.NONE or employer.status is EmployerStatus.DO_NOT_CONTACT:
        return "no_messages"
    address = contact.email if message.channel is Via.EMAIL else contact.phone
    message.recipient = address or ""
    return None if address else "gone"


def say_address_works(session: Session, actor: Actor, contact_id: UUID) -> Contact:
    """Somebody has found out that messages do arrive at a contact's addresses.

    Raises:
        NotFound: unknown or another unit's.
    """
    actor.require_role(*EDITORS)
    contact = get_contact(session, actor, contact_id)
    for address in filter(None, (contact.email, contact.phone)):
        mark_works(session, contact.employer.unit_id, address)
    session.flush()
    audit.record(session, actor, "change", "contact", contact.id, fields=["address_works"])
    return contact
