"""Where a user is logged in, and ending that: at home, on a lost phone, on a borrowed computer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import LoginSession
from matchsvc.accounts.rules import ABSOLUTE, INACTIVITY, get_user, set_password
from matchsvc.errors import NotFound


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """A log-in that works; which machine it is on we do not know."""

    id: UUID
    began_at: datetime
    last_seen_at: datetime
    is_this: bool


def list_open(session: Session, actor: Actor, token: str, *, now: datetime) -> list[OpenLogin]:
    """The actor's log-ins that work, the one that asks first. One query.

    Args:
        session: reads.
        actor: a user.
        token: of the log-in that asks.
        now: what has rested for an hour or is older than twelve does not work.

    Raises:
        Refused: the actor is no user.
    """
    this = secrecy.hash_token(token)
    rows = session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == actor.require_user(),
            LoginSession.ended_at.is_(None),
            LoginSession.last_seen_at >= now - INACTIVITY,
            LoginSession.created_at >= now - ABSOLUTE,
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id)
    )
    found = [
        OpenLogin(row.id, row.created_at, row.last_seen_at, row.token_hash == this) for row in rows
    ]
    return sorted(found, key=lambda login: not login.is_this)


def end_others(session: Session, actor: Actor, token: str, *, now: datetime) -> None:
    """End all of the actor's log-ins but the one that asks.

    Raises:
        Refused: the actor is no user.
    """
    session.execute(
        update(LoginSession)
        .where(
            LoginSession.user_id == actor.require_user(),
            LoginSession.token_hash != secrecy.hash_token(token),
            LoginSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    audit.record(session, actor, "end", "login", actor.user_id)


def change_password(session: Session, actor: Actor, token: str, new: str, *, now: datetime) -> None:
    """Take a new password for the actor, who has just proved the old one; end her other log-ins.

    Raises:
        Invalid: too short, or easily guessed.
        Refused: the actor is no user.
    """
    set_password(get_user(session, actor.require_user()), new)
    end_others(session, actor, token, now=now)
    audit.record(session, actor, "change", "user", actor.user_id, fields=["password"])


def end_one(session: Session, actor: Actor, login_id: UUID, *, now: datetime) -> None:
    """End one of the actor's own log-ins; again changes nothing.

    Raises:
        NotFound: it is not hers.
        Refused: the actor is no user.
    """
    login = session.scalar(
        select(LoginSession).where(
            LoginSession.id == login_id, LoginSession.user_id == actor.require_user()
        )
    )
    if login is None:
        raise NotFound("login")
    if login.ended_at is None:
        login.ended_at = now
        audit.record(session, actor, "end", "login", login.id)
