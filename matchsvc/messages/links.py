"""Signed links: an address with one purpose for somebody without an account (DESIGN section 6).

Only the hash of a token is stored. Opening a link changes nothing; its button starts a session of
thirty minutes, and the link can start new ones until it is answered, revoked or expired.
"""

from __future__ import annotations

import enum
import secrets
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session, joinedload

from matchsvc.errors import N_, RuleViolation
from matchsvc.messages.models import (
    LinkCode,
    LinkKind,
    LinkSession,
    MessageState,
    OutboxMessage,
    SignedLink,
)
from matchsvc.secrecy import hash_token

TOKEN_BYTES = 24  # 192 bits; at least 128 are asked for
SHORT_TOKEN_BYTES = 16  # 128 bits, for an address that is written in a text message
SESSION_MINUTES = 30


class LinkState(enum.StrEnum):
    """What the holder of a link may be told about it."""

    LIVE = "live"
    ANSWERED = "answered"
    REVOKED = "revoked"
    EXPIRED = "expired"


def create_link(
    session: Session,
    *,
    kind: LinkKind,
    purpose: str,
    subject_id: UUID,
    unit_id: UUID,
    expires_at: datetime,
    is_short: bool = False,
) -> tuple[str, SignedLink]:
    """Make a link and give back its token, which is never stored and cannot be read again.

    Args:
        session: the transaction of whatever needs the link.
        kind: an answer link ends with its answer, a standing link with its time.
        purpose: the one thing it is for, such as ``employer_survey``.
        subject_id: the survey, placement or presentation it is about.
        unit_id: whose it is.
        expires_at: from this instant on it is dead.
        is_short: it must fit a text message.
    """
    token = secrets.token_urlsafe(SHORT_TOKEN_BYTES if is_short else TOKEN_BYTES)
    link = SignedLink(
        token_hash=hash_token(token),
        kind=kind,
        purpose=purpose,
        subject_id=subject_id,
        unit_id=unit_id,
        expires_at=expires_at,
    )
    session.add(link)
    session.flush()
    return token, link


def find_link(session: Session, token: str) -> SignedLink | None:
    """The link with this token, live or not; see :func:`link_state`."""
    return session.scalar(select(SignedLink).where(SignedLink.token_hash == hash_token(token)))


def find_live_link(session: Session, token: str, now: datetime) -> SignedLink | None:
    """The link with this token, or None when it is unknown, answered, revoked or expired."""
    link = find_link(session, token)
    return link if link is not None and link_state(link, now) is LinkState.LIVE else None


def link_state(link: SignedLink, now: datetime) -> LinkState:
    """Whether a link still works, and if not, why."""
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if link.answered_at is not None and link.kind is LinkKind.ANSWER:
        return LinkState.ANSWERED
    return LinkState.EXPIRED if link.expires_at <= now else LinkState.LIVE


def revoke_link(session: Session, link: SignedLink, now: datetime) -> None:
    """Kill a link with its sessions, and take back messages that would have carried it."""
    if link.revoked_at is None:
        link.revoked_at = now
    session.execute(
        update(LinkSession)
        .where(LinkSession.link_id == link.id, LinkSession.expires_at > now)
        .values(expires_at=now)
    )
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.link_id == link.id, OutboxMessage.state == MessageState.QUEUED)
        .values(state=MessageState.CANCELLED, body=None, calendar=None)
    )
    session.flush()


def links_about(session: Session, *, purpose: str, subject_id: UUID) -> list[SignedLink]:
    """Every link of a purpose about one thing, the latest first, live or not."""
    found = select(SignedLink).where(
        SignedLink.purpose == purpose, SignedLink.subject_id == subject_id
    )
    return list(session.scalars(found.order_by(SignedLink.created_at.desc(), SignedLink.id)))


def forget_links(session: Session, subject_id: UUID) -> None:
    """Leave no standing link about one thing behind: its address is as one that never was.

    What would have carried one and has not left is taken back.
    """
    ids = select(SignedLink.id).where(
        SignedLink.subject_id == subject_id, SignedLink.kind == LinkKind.STANDING
    )
    session.execute(delete(LinkSession).where(LinkSession.link_id.in_(ids)))
    session.execute(delete(LinkCode).where(LinkCode.link_id.in_(ids)))
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.link_id.in_(ids), OutboxMessage.state == MessageState.QUEUED)
        .values(state=MessageState.CANCELLED, body=None, calendar=None)
    )
    session.execute(
        update(OutboxMessage).where(OutboxMessage.link_id.in_(ids)).values(link_id=None)
    )
    session.execute(
        delete(SignedLink).where(
            SignedLink.subject_id == subject_id, SignedLink.kind == LinkKind.STANDING
        )
    )


def start_link_session(
    session: Session, link: SignedLink, now: datetime, *, has_code: bool = False
) -> str:
    """Start thirty minutes of answering; give back the token for the holder's cookie.

    ``has_code``: the holder has given a right code, and may be shown what is personal.

    Raises:
        RuleViolation: the link is answered, revoked or expired.
    """
    if link_state(link, now) is not LinkState.LIVE:
        raise _dead()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ends_at = min(now + timedelta(minutes=SESSION_MINUTES), link.expires_at)
    session.add(
        LinkSession(
            link_id=link.id, token_hash=hash_token(token), expires_at=ends_at, has_code=has_code
        )
    )
    session.flush()
    return token


def find_link_session(session: Session, token: str, now: datetime) -> LinkSession | None:
    """The live session with this token, its ``link`` loaded; None when it or its link is dead."""
    found = session.scalar(
        select(LinkSession)
        .options(joinedload(LinkSession.link))
        .where(LinkSession.token_hash == hash_token(token))
    )
    if found is None or found.expires_at <= now:
        return None
    return found if link_state(found.link, now) is LinkState.LIVE else None


def mark_answered(session: Session, link: SignedLink, now: datetime) -> None:
    """Say that the answer is in. Of two answers sent at once, one is refused.

    Raises:
        RuleViolation: it was answered, revoked or expired already.
    """
    session.flush()
    done = session.execute(
        update(SignedLink)
        .where(
            SignedLink.id == link.id,
            SignedLink.answered_at.is_(None),
            SignedLink.revoked_at.is_(None),
            SignedLink.expires_at > now,
        )
        .values(answered_at=now)
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", done).rowcount:
        raise _dead()
    session.refresh(link)


def _dead() -> RuleViolation:
    return RuleViolation(
        "link_dead",
        N_("Länken gäller inte längre. Hör av dig till den som skickade den."),
    )
