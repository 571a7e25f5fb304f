"""The standing link of an employer's contact: made, sent, opened, renewed, stopped.

What a link opens names nobody. It lives to the placement's end and thirty days more, for as long as
its contact is active, and dies at once when the participant becomes protected. Opening it changes
nothing: scanners of mail open links too.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.accounts.models import AuditEvent, Unit
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.messages.links import LinkState, create_link, find_link, link_state, revoke_link
from matchsvc.messages.models import LinkKind, SignedLink
from matchsvc.placements.access import PREPARERS, READERS, Seen, get_placement
from matchsvc.placements.models import Part, Placement
from matchsvc.placements.package import mark_done
from matchsvc.support import letters
from matchsvc.support.models import SupportLink
from matchsvc.support.packs import share_latest
from matchsvc.support.plain_words import refuse_protected
from matchsvc.swedish import local_date

PURPOSE = "employer_support"
#: So long a link lives after the placement's last day.
AFTER_END = timedelta(days=30)
#: No link lives longer than this, whatever the placement does; its holder asks for a new one.
LONGEST = timedelta(days=400)
#: So many links a contact may be sent about one placement in a day.
RENEWALS_A_DAY = 3
#: What an address may be at most, from https to its end, to be sent as a text message.
ADDRESS_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that works now, with what its pages need.

    Attributes:
        row: the contact's link.
        signed: the signed link behind it.
        seen: the placement; its participant is named only behind a code.
        contact: whose link it is.
        unit: whose placement it is.
        last_day: the last day that the link works.
    """

    row: SupportLink
    signed: SignedLink
    seen: Seen
    contact: Contact
    unit: Unit
    last_day: date | None

    @property
    def placement(self) -> Placement:
        """The placement that the link is about."""
        return self.seen.placement

    @property
    def actor(self) -> Actor:
        """Who acts when something is sent by the link."""
        return link_actor(self.signed.id, self.row.unit_id)


class Standing(enum.StrEnum):
    """How a contact's link stands, in the list for staff."""

    NONE = "none"
    LIVE = "live"
    REVOKED = "revoked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact at the workplace, and the latest link of hers.

    Attributes:
        contact: who.
        row: the latest link, or None.
        standing: whether it works.
        made_on: the day it was sent.
        last_opened: when its page was last opened, by whomever.
    """

    contact: Contact
    row: SupportLink | None
    standing: Standing
    made_on: date | None = None
    last_opened: datetime | None = None


def last_day_of(placement: Placement) -> date | None:
    """The last day that links of a placement work; None while it has no end."""
    end = placement.end_date or placement.planned_end_date
    return None if end is None else end + AFTER_END


def make_link(
    session: Session,
    actor: Actor,
    placement_id: UUID | str,
    contact_id: UUID,
    *,
    base_url: str,
    today: date,
    now: datetime,
) -> tuple[str, SupportLink]:
    """Give a contact a link, or a new one: the one before stops at once. Sent to her address.

    The token is given back only here, so that it can be sent as a text message too. With the first
    link the employer has the list of contacts, the questions and the plan of support.

    Raises:
        NotFound: the placement is hidden, or the contact is not of its employer.
        Refused: the actor does not look after employers.
        RuleViolation: protected personal data, or the placement is over.
    """
    actor.require_role(*PREPARERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=True)
    refuse_protected(seen)
    contact = session.get(Contact, contact_id)
    if contact is None or not _is_theirs(contact, seen):
        raise NotFound("contact")
    if not _is_current(seen.placement, today):
        raise RuleViolation("over", N_("Placeringen är slut. Då kan ingen länk göras."))
    token, row = _issue(session, seen, contact, base_url=base_url, now=now, by=actor.user_id)
    audit.record(session, actor, "create", "support_link", row.id, subjects=[seen.participant.id])
    for part in (Part.QUESTIONS, Part.KEY_CONTACTS, Part.FOLLOW_UP_SCHEDULE):
        words = "Finns på arbetsgivarens egen sida, som länken leder till."
        mark_done(session, actor, seen.placement.id, part, today=today, evidence=words)
    share_latest(session, actor, seen.placement, today=today)
    return token, row


def _is_theirs(contact: Contact, seen: Seen) -> bool:
    return contact.is_active and contact.employer_id == seen.employer.id


def _is_current(placement: Placement, today: date) -> bool:
    last = last_day_of(placement)
    return placement.called_off_on is None and (last is None or today <= last)


def _issue(
    session: Session,
    seen: Seen,
    contact: Contact,
    *,
    base_url: str,
    now: datetime,
    by: UUID | None,
) -> tuple[str, SupportLink]:
    _stop(session, seen.placement.id, contact.id, now)
    token, signed = create_link(
        session,
        kind=LinkKind.STANDING,
        purpose=PURPOSE,
        # The participant's: who becomes protected has her links forgotten, and these with them.
        subject_id=seen.participant.id,
        unit_id=seen.placement.unit_id,
        expires_at=now + LONGEST,
        is_short=True,
    )
    row = SupportLink(
        unit_id=seen.placement.unit_id,
        placement_id=seen.placement.id,
        contact_id=contact.id,
        signed_id=signed.id,
        made_by_id=by,
    )
    session.add(row)
    session.flush()
    if contact.email:
        unit = session.get_one(Unit, row.unit_id)
        letters.send_link(session, row, contact, unit, seen.site.name, f"{base_url}/l/{token}")
    return token, row


def _stop(session: Session, placement_id: UUID, contact_id: UUID, now: datetime) -> None:
    """Stop whatever signed links a contact has for a placement."""
    held = (
        select(SignedLink)
        .join(SupportLink, SupportLink.signed_id == SignedLink.id)
        .where(
            SupportLink.placement_id == placement_id,
            SupportLink.contact_id == contact_id,
            SignedLink.revoked_at.is_(None),
        )
    )
    for signed in session.scalars(held).all():
        revoke_link(session, signed, now)


def open_link(
    session: Session, token: str, *, now: datetime, writes: bool = False
) -> Opened | None:
    """What a token opens; None when it leads nowhere, whatever the reason.

    Args:
        session: to read with.
        token: of the address.
        now: the instant.
        writes: lock the link, because something sent by it is about to be kept.
    """
    signed = find_link(session, token)
    if signed is None or signed.purpose != PURPOSE:
        return None
    if link_state(signed, now) is not LinkState.LIVE:
        return None
    found = select(SupportLink).where(SupportLink.signed_id == signed.id)
    row = session.scalar(found.with_for_update() if writes else found)
    if row is None or row.revoked_at is not None:
        return None
    stands = _stands(session, row, today=local_date(now))
    if stands is None:
        return None
    seen, contact = stands
    unit = session.get_one(Unit, row.unit_id)
    return Opened(row, signed, seen, contact, unit, last_day_of(seen.placement))


def _stands(session: Session, row: SupportLink, *, today: date) -> tuple[Seen, Contact] | None:
    """The placement and the contact, while both still give a reason for a link."""
    try:
        # A job's eyes see nobody who is protected, archived or merged away.
        seen = get_placement(session, job_actor(PURPOSE), row.placement_id, today=today)
    except NotFound:
        return None
    contact = session.get(Contact, row.contact_id)
    if contact is None or not _is_theirs(contact, seen) or seen.participant.protected:
        return None
    return (seen, contact) if _is_current(seen.placement, today) else None


def note_opened(session: Session, opened: Opened, page: str) -> None:
    """Log that a page of the link was shown; ``package`` is the page itself."""
    audit.record(session, opened.actor, "read", "support_link", opened.row.id, fields=[page])


def revoke(
    session: Session,
    actor: Actor,
    placement_id: UUID | str,
    row_id: UUID,
    *,
    today: date,
    now: datetime,
) -> SupportLink:
    """Stop a contact's link for good: she cannot renew it herself. A second time changes nothing.

    Raises:
        NotFound: the placement is hidden, or has no such link.
        Refused: the actor does not look after employers.
    """
    actor.require_role(*PREPARERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=True)
    row = session.get(SupportLink, row_id)
    if row is None or row.placement_id != seen.placement.id:
        raise NotFound("support_link")
    _stop(session, row.placement_id, row.contact_id, now)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by_id = now, actor.user_id
        audit.record(
            session, actor, "revoke", "support_link", row.id, subjects=[seen.participant.id]
        )
    session.flush()
    return row


def renew(session: Session, token: str, *, base_url: str, now: datetime) -> bool:
    """Send a new link to the registered address of whoever was given this one; whether it was.

    The page says the same whatever this gives back. A link that works is left alone: whoever it
    was forwarded to shall not be able to take it from its owner.
    """
    signed = find_link(session, token)
    if signed is None or signed.purpose != PURPOSE:
        return False
    if link_state(signed, now) is LinkState.LIVE:
        return False
    row = session.scalar(select(SupportLink).where(SupportLink.signed_id == signed.id))
    return row is not None and _renew(session, row, base_url=base_url, now=now)


def renew_by_address(session: Session, address: str, *, base_url: str, now: datetime) -> int:
    """Send new links to a registered address, one for each placement that still has one; how many.

    The page says the same whatever this gives back.
    """
    contacts = session.scalars(
        select(Contact).where(
            func.lower(Contact.email) == address.strip().lower(), Contact.is_active
        )
    ).all()
    latest: dict[tuple[UUID, UUID], SupportLink] = {}
    for row in session.scalars(
        select(SupportLink)
        .where(SupportLink.contact_id.in_([each.id for each in contacts]))
        .order_by(SupportLink.created_at, SupportLink.id)
    ):
        latest[row.placement_id, row.contact_id] = row
    return sum(_renew(session, row, base_url=base_url, now=now) for row in latest.values())


def _renew(session: Session, row: SupportLink, *, base_url: str, now: datetime) -> bool:
    stands = _stands(session, row, today=local_date(now))
    if stands is None or not stands[1].email:
        return False
    same = (SupportLink.placement_id == row.placement_id, SupportLink.contact_id == row.contact_id)
    # Whoever asks twice at once waits here, so that only one link is left alive.
    rows = session.scalars(
        select(SupportLink)
        .where(*same)
        .order_by(SupportLink.created_at.desc(), SupportLink.id)
        .with_for_update()
    ).all()
    day_ago = now - timedelta(days=1)
    if rows[0].revoked_at is not None:  # the unit has stopped it
        return False
    if sum(each.created_at > day_ago for each in rows) >= RENEWALS_A_DAY:
        return False
    seen, contact = stands
    _token, made = _issue(session, seen, contact, base_url=base_url, now=now, by=None)
    audit.record(session, job_actor(PURPOSE), "create", "support_link", made.id)
    return True


def list_links(
    session: Session, actor: Actor, seen: Seen, *, today: date, now: datetime
) -> list[Listed]:
    """Every active contact of the workplace's employer with her latest link. Five queries.

    Raises:
        Refused: the role does not read placements.
    """
    actor.require_role(*READERS)
    contacts = session.scalars(
        select(Contact)
        .where(Contact.employer_id == seen.employer.id, Contact.is_active)
        .order_by(Contact.sort_key, Contact.id)
    ).all()
    here = [each for each in contacts if each.site_id in (None, seen.site.id)]
    held = session.execute(
        select(SupportLink, SignedLink)
        .outerjoin(SignedLink, SignedLink.id == SupportLink.signed_id)
        .where(SupportLink.placement_id == seen.placement.id)
        .order_by(SupportLink.created_at, SupportLink.id)
    ).all()
    latest = {row[0].contact_id: (row[0], row[1]) for row in held}
    opened = _last_opened(session, [row for row, _signed in latest.values()])
    is_current = _is_current(seen.placement, today) and not seen.participant.protected
    listed = []
    for contact in here:
        row, signed = latest.get(contact.id, (None, None))
        if row is None:
            listed.append(Listed(contact, None, Standing.NONE))
            continue
        standing = Standing.ENDED
        if row.revoked_at is not None:
            standing = Standing.REVOKED
        elif is_current and signed is not None and link_state(signed, now) is LinkState.LIVE:
            standing = Standing.LIVE
        listed.append(
            Listed(contact, row, standing, local_date(row.created_at), opened.get(row.id))
        )
    return listed


def _last_opened(session: Session, rows: Sequence[SupportLink]) -> dict[UUID, datetime]:
    """From the log: opening a link changes no row of its own."""
    found = session.execute(
        select(AuditEvent.object_id, func.max(AuditEvent.at))
        .where(
            AuditEvent.object_type == "support_link",
            AuditEvent.action == "read",
            AuditEvent.object_id.in_([str(row.id) for row in rows]),
        )
        .group_by(AuditEvent.object_id)
    )
    return {UUID(str(row[0])): row[1] for row in found}
