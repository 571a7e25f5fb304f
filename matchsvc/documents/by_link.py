"""A signed document that is read by a link of its own: given, opened behind a code, stopped.

The letter says only that there is a paper. What the link opens asks for six digits first, because a
paper always names somebody. The employer reads the copy that :mod:`matchsvc.documents.delivering`
makes, while the participant's consent stands. A link ends with its time, when a later version
replaces the paper, when the contact has left, and for good when the participant becomes protected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import shown_name
from matchsvc.documents.delivering import Giving, copy_of, deliver
from matchsvc.documents.desk import ABOUT, Desk, S, record_act, see
from matchsvc.documents.models import (
    DocumentDelivery,
    DocumentKind,
    EndDocument,
    GivenHow,
    GivenTo,
)
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.codes import Way, ways_to
from matchsvc.messages.links import LinkState, create_link, link_state, revoke_link
from matchsvc.messages.models import LinkKind, Reach, RecipientKind, SignedLink
from matchsvc.messages.outbox import queue_message
from matchsvc.messages.short import Receiver, queue_notice
from matchsvc.participants.consent_models import Category, Party
from matchsvc.participants.consents import standing_consent
from matchsvc.participants.messaging import text_number_of
from matchsvc.participants.own import NOT_YOURS, is_own
from matchsvc.placements.access import Seen, get_placement
from matchsvc.swedish import format_phone, is_mobile, local_date
from matchsvc.workday.signing import signatures_on

#: Of the signed link, and the kind of the message that carries it.
PURPOSE = "document_link"
#: So long a link can be opened; long enough for a holiday, too short to be found in a drawer.
LASTS = timedelta(days=30)
#: Who can be given a paper by a link. Arbetsförmedlingen has ways of its own.
BY_LINK = (GivenTo.PARTICIPANT, GivenTo.EMPLOYER)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that works now.

    Attributes:
        signed: the link.
        delivery: that the paper was given by it, and to whom.
        row: the version, with its words.
        seen: the placement.
        contact: of the employer, whose link it is; None for the participant's.
        unit: whose paper it is.
    """

    signed: SignedLink
    delivery: DocumentDelivery
    row: EndDocument
    seen: Seen
    contact: Contact | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """How the link of a delivery stands, for staff.

    Attributes:
        state: None when it is gone.
        last_day: that it can be opened.
    """

    state: LinkState | None
    last_day: date | None


def give(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    number: int,
    giving: Giving,
    *,
    base_url: str,
    today: date,
    now: datetime,
) -> DocumentDelivery:
    """As :func:`matchsvc.documents.delivering.deliver`; by a link it is sent too.

    A link that the same holder had to the same paper stops. The same form sent twice sends once.

    Raises:
        Invalid: Arbetsförmedlingen is given nothing by a link.
        RuleViolation: nobody with an address is chosen, or her identity is protected.
        NotFound, Refused, Conflict: as there.
    """
    where = (placement_id, kind, number, giving)
    if giving.how is not GivenHow.LINK:
        return deliver(session, actor, *where, today=today, now=now)
    if giving.given_to not in BY_LINK:
        raise Invalid({"how": N_("Arbetsförmedlingen får pappret på annat sätt än med en länk.")})
    seen = see(session, actor, placement_id, kind, today=today, for_update=True)
    known = session.scalar(
        select(DocumentDelivery.id).where(DocumentDelivery.request_id == giving.request_id)
    )
    if known is not None:
        return deliver(session, actor, *where, today=today, now=now)
    if seen.participant.stays_inside:
        raise RuleViolation(
            "protected", N_("Personen har skyddade personuppgifter. Då kan ingen länk göras.")
        )
    contact = _addressee(session, seen, giving)
    delivery = deliver(session, actor, *where, today=today, now=now)
    _stop_before(session, delivery, contact, now)
    token, link = create_link(
        session,
        kind=LinkKind.STANDING,
        purpose=PURPOSE,
        # The participant's: who becomes protected has her links forgotten, and these with them.
        subject_id=seen.participant.id,
        unit_id=seen.placement.unit_id,
        expires_at=now + LASTS,
        is_short=True,
    )
    delivery.link_id, delivery.contact_id = link.id, contact.id if contact else None
    session.flush()
    _send(session, seen, delivery, link, contact, f"{base_url}/l/{token}")
    audit.record(session, actor, "create", "document_link", link.id, subjects=[seen.participant.id])
    return delivery


def _addressee(session: Session, seen: Seen, giving: Giving) -> Contact | None:
    """The contact who is written to; None for the participant, who has an address then."""
    if giving.given_to is GivenTo.PARTICIPANT:
        if seen.participant.no_messages or not seen.participant.email:
            raise _no_address(
                "how",
                N_("Personen har ingen e-postadress som vi får skriva till. Välj ett annat sätt."),
            )
        return None
    contact_id = giving.contact_id or seen.placement.contact_id
    contact = session.get(Contact, contact_id) if contact_id else None
    if contact is None or contact.employer_id != seen.employer.id or not _is_reached(contact):
        raise _no_address(
            "contact_id",
            N_("Välj en kontaktperson som har en e-postadress eller ett mobilnummer."),
        )
    return contact


def contacts_for(session: Session, seen: Seen) -> list[Contact]:
    """The employer's contacts who can be sent a link, the placement's own first. One query."""
    found = session.scalars(
        select(Contact)
        .where(Contact.employer_id == seen.employer.id, Contact.is_active)
        .order_by(Contact.sort_key, Contact.id)
    )
    reached = [each for each in found if _is_reached(each)]
    return sorted(reached, key=lambda each: each.id != seen.placement.contact_id)


def _no_address(field: str, words: str) -> RuleViolation:
    return RuleViolation("no_address", words, fields={field: words})


def _is_reached(contact: Contact) -> bool:
    has_address = bool(contact.email) or _has_mobile(contact)
    return contact.is_active and contact.reach is not Reach.NONE and has_address


def _has_mobile(contact: Contact) -> bool:
    return bool(contact.phone) and is_mobile(contact.phone or "")


def _stop_before(
    session: Session, delivery: DocumentDelivery, contact: Contact | None, now: datetime
) -> None:
    held = (
        select(SignedLink)
        .join(DocumentDelivery, DocumentDelivery.link_id == SignedLink.id)
        .where(
            DocumentDelivery.document_id == delivery.document_id,
            DocumentDelivery.given_to == delivery.given_to,
            DocumentDelivery.contact_id == (contact.id if contact else None),
            SignedLink.revoked_at.is_(None),
        )
    )
    for link in session.scalars(held).all():
        revoke_link(session, link, now)


def _send(
    session: Session,
    seen: Seen,
    delivery: DocumentDelivery,
    link: SignedLink,
    contact: Contact | None,
    address: str,
) -> None:
    to = (
        (RecipientKind.CONTACT, contact.id)
        if contact
        else (RecipientKind.PARTICIPANT, seen.participant.id)
    )
    by_text = contact is not None and _has_mobile(contact)
    if contact is not None and by_text and (contact.reach is Reach.TEXT or not contact.email):
        queue_notice(
            session,
            Receiver(RecipientKind.CONTACT, contact.id, contact.phone or ""),
            unit_id=link.unit_id,
            kind=PURPOSE,
            address=address,
            cause_id=delivery.id,
            link_id=link.id,
        )
        return
    unit = session.get_one(Unit, link.unit_id)
    phone = format_phone(unit.phone) if unit.phone else None
    foot = ", ".join(filter(None, (shown_name(session, unit), unit.municipality, phone)))
    last_day = local_date(link.expires_at - timedelta(seconds=1)).isoformat()
    queue_message(
        session,
        unit_id=link.unit_id,
        kind=PURPOSE,
        recipient=(contact.email if contact else seen.participant.email) or "",
        subject="Ett papper från oss",
        body=f"""Hej!

Vi har ett papper till dig. Öppna länken för att läsa det. Först skickar vi en kod till dig.

{address}

Länken gäller till och med {last_day}. Den är bara till dig. Skicka den inte vidare.

{foot}

--
In English: we have a paper for you. Open the link above and choose English. We send you a code
first. The link works until {last_day}. It is for you alone.
""",
        cause_id=delivery.id,
        link_id=link.id,
        to=to,
    )


def open_link(session: Session, signed: SignedLink | None, *, now: datetime) -> Opened | None:
    """What a signed link opens now; None when it leads nowhere, whatever the reason."""
    if signed is None or signed.purpose != PURPOSE:
        return None
    if link_state(signed, now) is not LinkState.LIVE:
        return None
    found = session.execute(
        select(DocumentDelivery, EndDocument)
        .join(EndDocument, EndDocument.id == DocumentDelivery.document_id)
        .where(DocumentDelivery.link_id == signed.id, EndDocument.state == S.SIGNED)
        .options(selectinload(EndDocument.sections), selectinload(EndDocument.seen))
    ).first()
    if found is None:
        return None
    delivery, row = found
    today = local_date(now)
    try:
        # A job's eyes see nobody who is protected, restricted, archived or merged away.
        seen = get_placement(session, job_actor(PURPOSE), row.placement_id, today=today)
    except NotFound:
        return None
    contact = session.get(Contact, delivery.contact_id) if delivery.contact_id else None
    if seen.participant.stays_inside or not _may_read(session, seen, delivery, contact, today):
        return None
    return Opened(signed, delivery, row, seen, contact, session.get_one(Unit, signed.unit_id))


def _may_read(
    session: Session, seen: Seen, delivery: DocumentDelivery, contact: Contact | None, today: date
) -> bool:
    if delivery.given_to is GivenTo.PARTICIPANT:
        return True
    if contact is None or not contact.is_active or contact.employer_id != seen.employer.id:
        return False
    consent = standing_consent(
        session, seen.participant.id, Party.EMPLOYER, Category.COMPETENCE, today=today
    )
    return consent is not None


def ways_to_holder(opened: Opened, *, has_texts: bool) -> list[Way]:
    """How the code can reach whoever the link was made for; nothing when there is no way now."""
    if opened.contact is not None:
        return ways_to(
            opened.contact.email,
            opened.contact.phone,
            prefers_text=opened.contact.reach is Reach.TEXT,
            has_texts=has_texts,
        )
    person = opened.seen.participant
    email = None if person.no_messages else person.email
    return ways_to(email, text_number_of(person), has_texts=has_texts)


def read_paper(
    session: Session, opened: Opened, action: str = "read"
) -> tuple[Desk, list[tuple[str, list[str]]] | None]:
    """The paper for who has shown a code: the version, and the copy when it is not all of it.

    Logged, as ``read`` or as ``export`` of the file. Asks no right: the code was asked for before.
    """
    row, to = opened.row, opened.delivery.given_to
    actor = link_actor(opened.signed.id, opened.signed.unit_id)
    record_act(session, actor, action, row, opened.seen)
    desk = Desk(
        opened.seen,
        row.kind,
        [row],
        signatures_on(session, ABOUT, [row.id]),
        {},
        can_write=False,
        is_case_worker=False,
    )
    return desk, None if to is GivenTo.PARTICIPANT else copy_of(row, to)


def revoke(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    number: int,
    delivery_id: UUID,
    *,
    today: date,
    now: datetime,
) -> DocumentDelivery:
    """Stop the link of a delivery for good. A second time changes nothing.

    Raises:
        NotFound: hidden, or no link was given by that delivery of this version.
        Refused: the actor is not her case worker.
    """
    seen = see(session, actor, placement_id, kind, today=today, for_update=True)
    if not is_own(session, actor, seen.participant.id, today=today):
        raise Refused("not_your_case", NOT_YOURS)
    delivery = session.scalar(
        select(DocumentDelivery)
        .join(EndDocument, EndDocument.id == DocumentDelivery.document_id)
        .where(
            DocumentDelivery.id == delivery_id,
            DocumentDelivery.how == GivenHow.LINK,
            EndDocument.placement_id == seen.placement.id,
            EndDocument.kind == kind,
            EndDocument.number == number,
        )
    )
    if delivery is None:
        raise NotFound("document_link")
    link = session.get(SignedLink, delivery.link_id) if delivery.link_id else None
    if link is not None and link.revoked_at is None:
        revoke_link(session, link, now)
        audit.record(
            session, actor, "revoke", "document_link", link.id, subjects=[seen.participant.id]
        )
    return delivery


def stop_all(session: Session, document_id: UUID, now: datetime) -> None:
    """Stop every link to a version, because a later one holds. Asks no right."""
    held = (
        select(SignedLink)
        .join(DocumentDelivery, DocumentDelivery.link_id == SignedLink.id)
        .where(DocumentDelivery.document_id == document_id, SignedLink.revoked_at.is_(None))
    )
    for link in session.scalars(held).all():
        revoke_link(session, link, now)


def standings(
    session: Session, deliveries: Iterable[DocumentDelivery], *, now: datetime
) -> Mapping[UUID, Standing]:
    """How the links of those deliveries that went by one stand. One query; asks no right."""
    by_link = [each for each in deliveries if each.how is GivenHow.LINK]
    ids = [each.link_id for each in by_link if each.link_id]
    found = (
        {
            each.id: each
            for each in session.scalars(select(SignedLink).where(SignedLink.id.in_(ids)))
        }
        if ids
        else {}
    )
    stand = {}
    for each in by_link:
        link = found.get(each.link_id) if each.link_id else None
        if link is None:
            stand[each.id] = Standing(None, None)
        else:
            last_day = local_date(link.expires_at - timedelta(seconds=1))
            stand[each.id] = Standing(link_state(link, now), last_day)
    return stand
