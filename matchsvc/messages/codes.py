"""Six digits for what is personal: sent to the registered address, ten minutes, five tries.

The address is that of an e-mail or the number of a mobile telephone, whichever the holder of the
link chooses among those that are registered. Nobody can write another one on the page.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import shown_name
from matchsvc.errors import N_, RuleViolation
from matchsvc.messages.links import find_link_session, start_link_session
from matchsvc.messages.models import LinkCode, SignedLink, Via
from matchsvc.messages.outbox import queue_message, supersede
from matchsvc.messages.short import queue_code
from matchsvc.swedish import format_phone, is_mobile

KIND = "link_code"
LASTS = timedelta(minutes=10)
MOST_TRIES = 5
#: So many codes one link may send in an hour.
CODES_AN_HOUR = 3


@dataclass(frozen=True, slots=True)
class Way:
    """One way that a code can reach the holder of a link.

    Attributes:
        via: by e-mail, or as a text message.
        address: the registered one; E.164 for a text message.
    """

    via: Via
    address: str

    @property
    def masked(self) -> str:
        """So much of the address that its owner knows it: ``070-… 05``, ``p…@example.org``."""
        if self.via is Via.TEXT:
            shown = format_phone(self.address)
            first = shown.partition("-")[0] if "-" in shown else shown.partition(" ")[0]
            return f"{first}-… {shown[-2:]}" if "-" in shown else f"{first} … {shown[-2:]}"
        name, _at, domain = self.address.rpartition("@")
        return f"{name[:1]}…@{domain}"


def ways_to(
    email: str | None, phone: str | None, *, prefers_text: bool = False, has_texts: bool
) -> list[Way]:
    """How a code can reach somebody, the way that is offered first before the other.

    Args:
        email: the registered address.
        phone: the registered number, E.164; only a mobile telephone's can be used.
        prefers_text: whether she gets what the system sends as text messages.
        has_texts: whether this installation can send text messages at all.
    """
    ways = [Way(Via.EMAIL, email.strip())] if email and email.strip() else []
    if has_texts and phone and is_mobile(phone):
        ways.insert(0 if prefers_text else len(ways), Way(Via.TEXT, phone))
    return ways


def choose_way(ways: list[Way], via: Via | None) -> Way | None:
    """The way that was asked for, or else the first; None when there is no such way."""
    return next((each for each in ways if via is None or each.via is via), None)


def send_code(session: Session, link: SignedLink, way: Way | None, *, now: datetime) -> None:
    """Send six digits to the registered address of a link's holder; earlier ones stop.

    The limits and the ten minutes are the same whichever way, and counted together.

    Raises:
        RuleViolation: there is no way, or too many were asked for.
    """
    if way is None:
        raise RuleViolation(
            "no_address",
            N_("Vi kan inte skicka koden dit. Välj ett annat sätt, eller ring er kontakt hos oss."),
        )
    sent = session.scalars(
        select(LinkCode).where(
            LinkCode.link_id == link.id, LinkCode.created_at > now - timedelta(hours=1)
        )
    ).all()
    if len(sent) >= CODES_AN_HOUR:
        raise RuleViolation(
            "too_many_codes", N_("Vi har skickat flera koder. Vänta en timme, eller ring oss.")
        )
    session.execute(
        update(LinkCode)
        .where(LinkCode.link_id == link.id, LinkCode.expires_at > now)
        .values(expires_at=now)
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        LinkCode(
            link_id=link.id,
            code_hash=_hash(link, code),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    thread = f"{KIND}:{link.id}"
    supersede(session, thread)
    if way.via is Via.TEXT:
        queue_code(
            session,
            way.address,
            unit_id=link.unit_id,
            kind=KIND,
            code=code,
            not_after=now + LASTS,
            cause_id=link.id,
            link_id=link.id,
            thread=thread,
        )
    else:
        _write(session, link, way.address, code, thread)
    audit.record(session, link_actor(link.id, link.unit_id), "create", KIND, link.id)


def try_code(session: Session, link: SignedLink, code: str, *, now: datetime) -> str | None:
    """The token of a session of thirty minutes, or None for a wrong, old or worn-out code.

    A wrong one counts, so the caller keeps the transaction.
    """
    held = session.scalar(
        select(LinkCode)
        .where(
            LinkCode.link_id == link.id,
            LinkCode.used_at.is_(None),
            LinkCode.expires_at > now,
            LinkCode.tries < MOST_TRIES,
        )
        .order_by(LinkCode.created_at.desc())
        .limit(1)
        .with_for_update()
    )
    if held is None:
        return None
    held.tries += 1
    session.flush()
    actor = link_actor(link.id, link.unit_id)
    digits = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    if not hmac.compare_digest(held.code_hash, _hash(link, digits)):
        audit.record(session, actor, "refused", KIND, link.id)
        return None
    held.used_at = now
    audit.record(session, actor, "login", "signed_link", link.id)
    return start_link_session(session, link, now, has_code=True)


def has_shown_code(session: Session, link: SignedLink, token: str | None, *, now: datetime) -> bool:
    """Whether the holder has given a right code in the last thirty minutes, for this link."""
    found = find_link_session(session, token, now) if token else None
    return found is not None and found.has_code and found.link_id == link.id


def _hash(link: SignedLink, code: str) -> str:
    # Keyed: a million codes are soon tried against a plain hash.
    return secrecy.blind_index(f"{link.id}:{code}", KIND)


def _write(session: Session, link: SignedLink, address: str, code: str, thread: str) -> None:
    unit = session.get_one(Unit, link.unit_id)
    phone = format_phone(unit.phone) if unit.phone else None
    foot = ", ".join(filter(None, (shown_name(session, unit), unit.municipality, phone)))
    queue_message(
        session,
        unit_id=link.unit_id,
        kind=KIND,
        recipient=address,
        subject="Er kod",
        body=f"""Hej!

Koden är {code}. Den gäller i tio minuter.

Har du inte bett om en kod behöver du inte göra något.

{foot}

--
In English: the code is {code}. It works for ten minutes.
""",
        cause_id=link.id,
        link_id=link.id,
        thread=thread,
    )
