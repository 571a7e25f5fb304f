"""Six digits for what is personal: sent to the registered address, ten minutes, five tries."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.errors import N_, RuleViolation
from matchsvc.messages.links import find_link_session, start_link_session
from matchsvc.support import letters
from matchsvc.support.links import Opened
from matchsvc.support.models import SupportCode, SupportLink

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
#: So many codes one link may send in an hour.
CODES_AN_HOUR = 3


def _hash(row: SupportLink, code: str) -> str:
    # Keyed: a million codes are soon tried against a plain hash.
    return secrecy.blind_index(f"{row.id}:{code}", "support_code")


def send_code(session: Session, opened: Opened, *, now: datetime) -> None:
    """Send a code to the contact's registered address; earlier ones stop.

    Raises:
        RuleViolation: there is no address, or too many were asked for.
    """
    if not opened.contact.email:
        raise RuleViolation(
            "no_address", N_("Vi har ingen e-postadress till dig. Ring er kontakt hos oss.")
        )
    sent = session.scalars(
        select(SupportCode).where(
            SupportCode.link_id == opened.row.id,
            SupportCode.created_at > now - timedelta(hours=1),
        )
    ).all()
    if len(sent) >= CODES_AN_HOUR:
        raise RuleViolation(
            "too_many_codes", N_("Vi har skickat flera koder. Vänta en timme, eller ring oss.")
        )
    session.execute(
        update(SupportCode)
        .where(SupportCode.link_id == opened.row.id, SupportCode.expires_at > now)
        .values(expires_at=now)
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        SupportCode(
            link_id=opened.row.id,
            code_hash=_hash(opened.row, code),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    letters.send_code(session, opened.row, opened.contact, opened.unit, code)
    audit.record(session, opened.actor, "create", "support_code", opened.row.id)


def try_code(session: Session, opened: Opened, code: str, *, now: datetime) -> str | None:
    """The token of a session of thirty minutes, or None for a wrong, old or worn-out code.

    A wrong one counts, so the caller keeps the transaction.
    """
    held = session.scalar(
        select(SupportCode)
        .where(
            SupportCode.link_id == opened.row.id,
            SupportCode.used_at.is_(None),
            SupportCode.expires_at > now,
            SupportCode.tries < MOST_TRIES,
        )
        .order_by(SupportCode.created_at.desc())
        .limit(1)
        .with_for_update()
    )
    if held is None:
        return None
    held.tries += 1
    session.flush()
    digits = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    if not hmac.compare_digest(held.code_hash, _hash(opened.row, digits)):
        audit.record(session, opened.actor, "refused", "support_code", opened.row.id)
        return None
    held.used_at = now
    audit.record(session, opened.actor, "login", "support_link", opened.row.id)
    return start_link_session(session, opened.signed, now)


def has_shown_code(session: Session, opened: Opened, token: str | None, *, now: datetime) -> bool:
    """Whether the holder has given a right code in the last thirty minutes, for this link."""
    found = find_link_session(session, token, now) if token else None
    return found is not None and found.link_id == opened.signed.id
