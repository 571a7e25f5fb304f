"""What goes by itself each night: nothing about a participant, and nothing that anybody reads."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import (
    ApiToken,
    Attempt,
    LoginSession,
    LoginStep,
    Passkey,
    PasskeyChallenge,
    PasswordToken,
    RecoveryCode,
    SecondFactor,
    SsoAnswer,
    SsoIdentity,
    User,
)
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.messages.models import LinkCode, LinkSession, MessageState, OutboxMessage, SignedLink
from matchsvc.swedish import add_months, local_date, sort_key

#: States in which nothing happens to a message any more.
_SETTLED = (
    MessageState.SENT,
    MessageState.FAILED,
    MessageState.CANCELLED,
    MessageState.BOUNCED,
)
#: What a colleague is called whose name is gone.
FORMER = "Tidigare medarbetare"
#: No mail can reach it (RFC 2606).
_AT = "@former.invalid"
_NOBODY = "–"
_DAYS = 90
#: What only opens the account, and goes with its name.
_OF_A_USER: tuple[Any, ...] = (
    SecondFactor,
    RecoveryCode,
    Passkey,
    SsoIdentity,
    ApiToken,
    LoginSession,
    PasswordToken,
)


def tidy(session: Session, actor: Actor, *, now: datetime) -> Counter[str]:
    """Delete what has only technical use and is old, and take names off accounts long closed.

    Returns:
        How many rows were deleted or emptied, by table.
    """
    limits = numbers_by_unit(session, "retention_technical_days", "retention_account_months")
    counted: Counter[str] = Counter()
    days = max((each["retention_technical_days"] for each in limits.values()), default=_DAYS)
    old = now - timedelta(days=days)
    for table, condition in _technical(old):
        gone = session.execute(delete(table).where(condition))
        counted[table.__tablename__] += gone.rowcount  # type: ignore[attr-defined]
    emptied = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.state.in_(_SETTLED),
            OutboxMessage.created_at < old,
            OutboxMessage.recipient_forgotten.is_(False),
        )
        .values(body=None, calendar=None, recipient=_NOBODY, recipient_forgotten=True)
    )
    counted["outbox_message"] += emptied.rowcount  # type: ignore[attr-defined]
    today = local_date(now)
    _note_closed(session, today)
    for unit_id, each in limits.items():
        before = add_months(today, -each["retention_account_months"])
        counted["user_account"] += _forget_users(session, unit_id, before)
    session.flush()
    for name, number in sorted((+counted).items()):
        audit.record(session, actor, "delete", name, reason=f"retention: {number}")
    return +counted


def _technical(old: datetime) -> list[tuple[Any, ColumnElement[bool]]]:
    """What goes, those first that hang on others."""
    dead = select(SignedLink.id).where(SignedLink.expires_at < old)
    return [
        (LoginStep, LoginStep.created_at < old),
        (LoginSession, LoginSession.last_seen_at < old),
        (PasswordToken, PasswordToken.expires_at < old),
        (ApiToken, ApiToken.expires_at < old),
        (Attempt, Attempt.window_started_at < old),
        (SsoAnswer, SsoAnswer.used_at < old),
        (PasskeyChallenge, PasskeyChallenge.used_at < old),
        (LinkCode, LinkCode.link_id.in_(dead)),
        (LinkSession, LinkSession.link_id.in_(dead)),
    ]


def _note_closed(session: Session, today: date) -> None:
    """When an account was first seen closed: what its clock starts from."""
    closed = User.is_active.is_(False)
    session.execute(update(User).where(closed, User.closed_on.is_(None)).values(closed_on=today))
    session.execute(update(User).where(~closed, User.closed_on.is_not(None)).values(closed_on=None))


def _forget_users(session: Session, unit_id: UUID, before: date) -> int:
    """Take the names off the accounts of a unit that were closed before a day; how many.

    That somebody wrote a note or signed stays, by an id that no name belongs to any more.
    """
    people = session.scalars(
        select(User).where(
            User.unit_id == unit_id, User.closed_on < before, User.email.not_like(f"%{_AT}")
        )
    ).all()
    for user in people:
        user.name, user.sort_key = FORMER, sort_key(FORMER)
        user.email, user.phone, user.password_hash = f"{user.id.hex}{_AT}", None, None
        for owned in _OF_A_USER:
            session.execute(delete(owned).where(owned.user_id == user.id))
    return len(people)
