"""Who opens unusually many people's files in a short time: counted, and asked who she is.

What was opened is counted in the log of what was read, which every process writes before an answer
leaves; so all of them count the same, and nothing more has to be kept. No HTTP, no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import String, cast, distinct, func, literal, select
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import AuditEvent, LoginSession, UnitSetting
from matchsvc.accounts.settings_list import REGISTRY

WINDOW = timedelta(minutes=10)
SETTING = "bulk_reading"
_READING = ("read", "list", "search", "export", "assist")
#: Signs of a list with one id in it, as JSON: what was opened of one person. Lists show several.
_OF_ONE = len('["01234567-0123-0123-0123-012345678901"]')

Follower = Callable[[Session, Actor, datetime], None]


def is_too_much(session: Session, actor: Actor, login: str | None, *, now: datetime) -> bool:
    """Whether a user has opened as many people's files lately as her unit allows. One query.

    Args:
        session: to read with.
        actor: a user.
        login: token of her log-in: what she opened before she last proved to be herself in it no
            longer counts; None for a program.
        now: the instant; ten minutes before it count.
    """
    since = literal(now - WINDOW, AuditEvent.at.type)
    proved = select(LoginSession.confirmed_at).where(
        LoginSession.token_hash == (secrecy.hash_token(login) if login else None)
    )
    about = cast(AuditEvent.subjects, String)
    opened = select(func.count(distinct(about))).where(
        AuditEvent.at > since,
        AuditEvent.at > func.coalesce(proved.scalar_subquery(), since),
        # Not by the index of who did it: that would walk through all that she ever did.
        func.coalesce(AuditEvent.actor, "") == actor.label,
        AuditEvent.action.in_(_READING),
        func.length(about) == _OF_ONE,
    )
    allowed = (
        select(UnitSetting.value)
        .where(UnitSetting.unit_id == actor.unit_id, UnitSetting.key == SETTING)
        .order_by(UnitSetting.number.desc())
        .limit(1)
    )
    count, most = session.execute(select(opened.scalar_subquery(), allowed.scalar_subquery())).one()
    return bool(count >= int(most or REGISTRY["bulk_reading"].default))


def tell(session: Session, actor: Actor, *, now: datetime) -> None:
    """Write in the log that a user was stopped, and let those who look after it know.

    Args:
        session: a writing transaction.
        actor: who was stopped.
        now: the instant.
    """
    audit.record(session, actor, "refused", "bulk_reading", actor.user_id, reason="many_people")
    for follow in _when_stopped:
        follow(session, actor, now)


_when_stopped: list[Follower] = []


def when_stopped(follow: Follower) -> None:
    """Let a package above follow in the same transaction."""
    _when_stopped.append(follow)
